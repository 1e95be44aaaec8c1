"""Deadlines as people write them → the last day that is meant."""

from __future__ import annotations

import calendar
import re
import unicodedata
from datetime import date

_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)")
_MONTH = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)(\d{4})(\d\d)(\d\d)(?!\d)")
_PARTS = re.compile(r"(\d{4})\s*年?\s*(上半年|(?:第)?([一二三1-3])季度|[Hh]1|[Qq]([1-3]))")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*(?:年|$)")


def last_day_meant(text: str) -> date | None:
    """Read ``2020-12-31``, ``2020年12月``, ``2020年底`` or ``2016—2020年``: the last day meant.

    None where there is no date in it, or one that no calendar has.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    try:
        return _read(text)
    except ValueError:
        return None


def _read(text: str) -> date | None:
    if found := _DAY.findall(text) or _COMPACT.findall(text):
        year, month, day = (int(part) for part in found[-1])
        return date(year, month, day)
    if parts := _PARTS.findall(text):
        year, _, quarter, letter = parts[-1]
        which = "一二三".find(quarter) + 1 or int(quarter or letter or 0)
        return month_end(int(year), which * 3 if quarter or letter else 6)
    if months := _MONTH.findall(text):
        year, month = (int(part) for part in months[-1])
        return month_end(year, month)
    if years := _YEAR.findall(text):
        return date(int(years[-1]), 12, 31)
    return None


def month_end(year: int, month: int) -> date:
    """Give the last day of a month.  Raises ValueError for a month that there is not."""
    if not 1 <= month <= 12:  # noqa: PLR2004 - months of a year
        raise ValueError(month)
    return date(year, month, calendar.monthrange(year, month)[1])
