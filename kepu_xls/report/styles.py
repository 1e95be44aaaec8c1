"""The formats of the consolidated workbook by name: fonts from the configuration, the rest from here."""

from __future__ import annotations

from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from kepu_xls.config import ReportSettings

TITLE_SIZE, SUBTITLE_SIZE, HEAD_SIZE, BODY_SIZE, PROSE_SIZE = 22.0, 12.0, 11.0, 10.5, 12.0

DEFAULT_FONT = {"font_name": "Courier New", "font_size": 10}
"""The width of its digits is the unit of column widths.

Of the fonts on every Windows it is the one whose stand-ins elsewhere are as wide: 8 pixels in Excel, 6.02
points with DejaVu Sans Mono.  (Calibri's stand-in is a third wider.)
"""

_CHINESE = 134  # the character set GB 2312: where the font is missing, a Chinese one is taken in its place
_WRAP = {"text_wrap": True, "valign": "vcenter"}
_LEFT, _CENTER = {"align": "left", **_WRAP}, {"align": "center", **_WRAP}
_GRID = {"border": 1, "border_color": "#404040"}
_CELL = {"font": "body", "font_size": BODY_SIZE, **_GRID}
_HEAD = {"font": "heading", "font_size": HEAD_SIZE, **_GRID}

# name → properties; "font" names the setting that holds the font
_STYLES: dict[str, dict[str, Any]] = {
    "title": {"font": "title", "font_size": TITLE_SIZE, **_CENTER},
    "subtitle": {"font": "body", "font_size": SUBTITLE_SIZE, **_CENTER},
    "note": {"font": "body", "font_size": BODY_SIZE, **_LEFT},
    "prose": {"font": "body", "font_size": PROSE_SIZE, **_LEFT},
    "heading": {"font": "heading", "font_size": PROSE_SIZE, **_LEFT},
    "head": {**_HEAD, **_CENTER, "bg_color": "#D9D9D9"},
    "band": {**_HEAD, **_LEFT, "bg_color": "#EFEFEF"},
    "strong": {**_CELL, **_CENTER, "font": "heading"},
    "text": {**_CELL, **_LEFT},
    "center": {**_CELL, **_CENTER},
    "decimal": {**_CELL, **_CENTER, "num_format": "0.0"},
    "date": {**_CELL, **_CENTER, "num_format": "yyyy-mm-dd"},
    "moment": {**_CELL, **_CENTER, "num_format": "mm-dd hh:mm"},
}

SIZES = {name: float(properties["font_size"]) for name, properties in _STYLES.items()}
"""Size of the type in each style, for measuring."""

# What a word is shaded with; the word itself stands there too, for black and white.
_BAD = {"bg_color": "#F4B0A8", "font_color": "#000000", "bold": True}
_DOUBTFUL = {"bg_color": "#FFF2CC", "font_color": "#000000"}
_GOOD = {"bg_color": "#E2EFDA", "font_color": "#000000"}
_PLAIN = {"bg_color": "#EDEDED", "font_color": "#000000"}
_SHADES = {
    "滞后": _BAD, "未报": _BAD, "错误": _BAD, "退回": _BAD, "未采用": _BAD,
    "未启动": _DOUBTFUL, "迟报": _DOUBTFUL, "提醒": _DOUBTFUL, "待确认": _DOUBTFUL,
    "已完成": _GOOD, "已达标": _GOOD,
    "零报告": _PLAIN,
}  # fmt: skip


class Styles:
    """The formats of one workbook, each made once: ``styles["text"]``, and the shades of words."""

    def __init__(self, book: Workbook, settings: ReportSettings) -> None:
        fonts = {"title": settings.title_font, "heading": settings.heading_font, "body": settings.body_font}
        self.body_font = settings.body_font
        self.heading_font = settings.heading_font
        self._formats: dict[str, Format] = {}
        for name, properties in _STYLES.items():
            rest = {key: value for key, value in properties.items() if key != "font"}
            font = {"font_name": fonts[properties["font"]], "font_charset": _CHINESE}
            self._formats[name] = book.add_format({**font, **rest})
        self.shades = [(word, book.add_format(shade)) for word, shade in _SHADES.items()]

    def __getitem__(self, name: str) -> Format:
        """Give the format of that name."""
        return self._formats[name]
