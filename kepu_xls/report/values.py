"""A merged or reported value as a cell's content: numbers as numbers, dates as dates, all else as text."""

from __future__ import annotations

import math
from datetime import date

from kepu_xls.model import FieldType, Scalar
from kepu_xls.report import figures
from kepu_xls.report.sheet import Content

EXACT = 6
"""Decimals of a number that is written as it was read: no more are kept."""


def content_of(value: Scalar, kind: FieldType, digits: int = 2) -> Content:
    """Give the content for a value of a field of that type; what does not fit the type is shown as text."""
    if value is None or value == "":
        return None
    if isinstance(value, int | float) and figures.is_numeric(kind) and math.isfinite(value):
        return as_number(value, digits)
    if isinstance(value, str) and kind is FieldType.DATE:
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return str(value)


def as_number(value: float | None, digits: int = 1) -> float | None:
    """Give a number as it is shown: whole where it is whole, else with so many decimals."""
    if value is None:
        return None
    return int(value) if float(value).is_integer() else round(value, digits)
