"""Texts and days as workbooks hold them: what is left out, how much fits, how it stands in XML."""

from __future__ import annotations

import re
from datetime import date
from html import escape

LONGEST = 32_767
"""So much text fits into a cell, as Excel counts: a character beyond the basic plane twice."""

_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def storable(text: str) -> str:
    """Leave out what no workbook can hold: control characters, lone surrogates, what is past a cell's end."""
    clean = _UNSTORABLE.sub("", text).encode("utf-8", "ignore").decode("utf-8")
    return clean.encode("utf-16-le")[: 2 * LONGEST].decode("utf-16-le", "ignore")


def fits(text: str) -> bool:
    """Tell whether a cell can hold the whole text."""
    return len(text.encode("utf-16-le", "ignore")) <= 2 * LONGEST


def in_xml(text: str) -> str:
    """Give a storable text as XML."""
    return escape(text, quote=False).replace("\r", "&#13;")  # a bare one would be read as a line feed


def escaped(text: str) -> str:
    """Give a text as XML, without what no workbook can hold."""
    return in_xml(storable(text))


_FIRST_DAYS = {False: date(1899, 12, 30), True: date(1904, 1, 1)}
_NO_29_FEBRUARY = 60


def serial(day: date, *, since_1904: bool = False) -> int:
    """Give a day as the number that workbooks keep it as; they know a 29 February 1900."""
    days = (day - _FIRST_DAYS[since_1904]).days
    return days - 1 if 0 < days <= _NO_29_FEBRUARY and not since_1904 else days
