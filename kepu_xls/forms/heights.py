"""How high a row has to be for its text: no program works that out again when a form is opened.

A column's width counts characters of the workbook's standard font, taken as 7 pixels wide (5.25 pt).
"""

from __future__ import annotations

import re
from functools import lru_cache

HIGHEST = 409.0
"""No row can be higher, in points."""

_UNIT = 5.25
_SMALLEST = 7.0
_PADDING = 4.5
_LINE = 1.36  # line height of the common Chinese fonts, in sizes; 宋体 1.3, 仿宋 1.35
_MARGIN = 5.0
_NARROW = 0.56
# What moves to the next line as one: Latin words and figures whole, closing marks with what they close.
_TOKEN = re.compile(r"[（《“‘【〔(]*(?:[!-'*-~]+|.)[，。、；：？！）》”’】〕…%％)]*")


def height(text: str, width: float, size: float) -> float:
    """Give the height in points that shows a text in a column of that width, in a font of that size."""
    return min(line_count(text, width, size) * size * _LINE + _MARGIN, HIGHEST)


def row_height(least: float | None, needed: float) -> float | None:
    """Give the height of a row that is ``least`` high already and has to hold what needs so much."""
    return round(needed, 1) if needed > (least or 0) else least


def fitting_size(text: str, width: float, size: float) -> float:
    """Give the largest font size, from ``size`` down to 7, in which the text fits into the highest row."""
    while size > _SMALLEST and line_count(text, width, size) * size * _LINE + _MARGIN > HIGHEST:
        size -= 0.5
    return size


@lru_cache(maxsize=8192)
def line_count(text: str, width: float, size: float) -> int:
    """Count the lines of a text wrapped in a column of that width, in a font of that size."""
    room = max((width * _UNIT - _PADDING) / size, 1.0)
    return sum(_wrapped(paragraph, room) for paragraph in text.split("\n"))


def _wrapped(paragraph: str, room: float) -> int:
    """Count the lines of one paragraph; ``room`` is the line's length in full-width characters."""
    lines, used = 1, 0.0
    for token in _TOKEN.findall(paragraph):
        length = sum(_NARROW if char < "\u0250" else 1.0 for char in token)
        if used and used + length > room:
            lines, used = lines + 1, 0.0
        overflow = int(length // room) if length > room else 0
        lines, used = lines + overflow, used + length - overflow * room
    return lines
