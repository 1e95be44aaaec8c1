"""Intake: what units sent back → typed entries, with the cell that each came from."""

from __future__ import annotations

from kepu_xls.intake.collect import collect
from kepu_xls.intake.context import ReadingContext
from kepu_xls.intake.reading import read_file, status_of

__all__ = ["ReadingContext", "collect", "read_file", "status_of"]
