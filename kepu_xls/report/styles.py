"""The formats of the consolidated workbook by name: fonts, sizes and colours from the configuration."""

from __future__ import annotations

from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from kepu_xls.appearance import ReportSettings
from kepu_xls.report import fonts

DEFAULT_FONT = {"font_name": "Courier New", "font_size": 10, "font_scheme": "none"}
"""The width of its digits is the unit of column widths.

Of the fonts on every Windows it is the one whose stand-ins elsewhere are as wide: 8 pixels in Excel, 6.02
points with DejaVu Sans Mono.  (Calibri's stand-in is a third wider.)
"""

_CHINESE = 134  # the character set GB 2312: where the font is missing, a Chinese one is taken in its place
_WRAP = {"text_wrap": True, "valign": "vcenter"}
_LEFT, _CENTER = {"align": "left", **_WRAP}, {"align": "center", **_WRAP}
_GRID = {"border": 1, "border_color": "grid"}
_CELL = {"font": "body", "size": "body", **_GRID}
_HEAD = {"font": "heading", "size": "heading", **_GRID}

# name → properties; "font", "size" and colours name the settings that hold them
_STYLES: dict[str, dict[str, Any]] = {
    "title": {"font": "title", "size": "title", **_CENTER},
    "red head": {"font": "title", "size": "title", "font_color": "official", **_CENTER, "bottom": 5,
                 "bottom_color": "official"},
    "subtitle": {"font": "body", "size": "subtitle", **_CENTER},
    "note": {"font": "body", "size": "body", **_LEFT},
    "prose": {"font": "body", "size": "prose", **_LEFT},
    "heading": {"font": "heading", "size": "prose", **_LEFT},
    "head": {**_HEAD, **_CENTER, "bg_color": "heading"},
    "band": {**_HEAD, **_LEFT, "bg_color": "band"},
    "strong": {**_CELL, **_CENTER, "font": "heading"},
    "text": {**_CELL, **_LEFT},
    "center": {**_CELL, **_CENTER},
    "decimal": {**_CELL, **_CENTER, "num_format": "0.0"},
    "date": {**_CELL, **_CENTER, "num_format": "yyyy-mm-dd"},
    "moment": {**_CELL, **_CENTER, "num_format": "mm-dd hh:mm"},
}  # fmt: skip
_COLOURED = ("border_color", "font_color", "bottom_color", "bg_color")

# What a word is shaded with; the word itself stands there too, for black and white.
_SHADES = {
    "滞后": "bad", "未报": "bad", "错误": "bad", "退回": "bad", "未采用": "bad", "红灯": "bad", "退步": "bad",
    "未启动": "doubtful", "迟报": "doubtful", "提醒": "doubtful", "待确认": "doubtful", "黄灯": "doubtful",
    "停滞": "doubtful",
    "已完成": "good", "已达标": "good", "绿灯": "good", "有进展": "good",
    "零报告": "plain", "蓝灯": "blue",
}  # fmt: skip


class Styles:
    """The formats of one workbook, each made once: ``styles["text"]``; their sizes; the shades of words."""

    def __init__(self, book: Workbook, settings: ReportSettings) -> None:
        names = {
            "title": fonts.chosen(settings.title_fonts),
            "heading": fonts.chosen(settings.heading_fonts),
            "body": fonts.chosen(settings.body_fonts),
        }
        self.body_font, self.heading_font = names["body"], names["heading"]
        self.sizes: dict[str, float] = {
            name: getattr(settings.sizes, properties["size"]) for name, properties in _STYLES.items()
        }
        """Size of the type in each style, for measuring."""
        self._formats: dict[str, Format] = {}
        for name, properties in _STYLES.items():
            rest = {key: value for key, value in properties.items() if key not in ("font", "size")}
            rest |= {key: getattr(settings.colours, rest[key]) for key in _COLOURED if key in rest}
            look = {"font_name": names[properties["font"]], "font_charset": _CHINESE}
            self._formats[name] = book.add_format({**look, "font_size": self.sizes[name], **rest})
        grounds = {colour: getattr(settings.colours, colour) for colour in _SHADES.values()}
        shades = {
            colour: book.add_format({"bg_color": ground, "font_color": "#000000", "bold": colour == "bad"})
            for colour, ground in grounds.items()
        }
        self.shades = [(word, shades[colour]) for word, colour in _SHADES.items()]

    def __getitem__(self, name: str) -> Format:
        """Give the format of that name."""
        return self._formats[name]
