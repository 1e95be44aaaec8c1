"""The demo's units: they fill the forms that were sent out and reply, well or less well."""

from __future__ import annotations

from kepu_xls import without_numpy  # noqa: F401 - before openpyxl, which some of the following load
from kepu_xls.demo.filling import fill_forms
from kepu_xls.demo.story import CALM, EVENTFUL, Inventory, Oddity, Part, Played, Story

__all__ = ["CALM", "EVENTFUL", "Inventory", "Oddity", "Part", "Played", "Story", "fill_forms"]
