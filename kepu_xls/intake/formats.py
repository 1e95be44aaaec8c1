"""Number formats: whether a cell shows its number as a percentage, which calamine does not tell."""

from __future__ import annotations

import re
from collections.abc import Callable

from kepu_xls.intake.package import Attributes, Package, local

ShowsPercent = Callable[[str, int, int], bool | None]
"""(sheet, row, column) → whether the cell shows a percentage; None where that cannot be told."""

Percents = dict[str, frozenset[tuple[int, int]]]
"""By sheet, the (row, column) of cells whose number is shown as a percentage."""

_BUILT_IN = {"9", "10"}
_LITERAL = re.compile(r'"[^"]*"|\\.')


def percent_look(percents: Percents | None) -> ShowsPercent:
    """Give the look into what a survey found; None: the format of the file does not tell."""
    if percents is None:
        return lambda *_: None
    return lambda sheet, row, column: (row, column) in percents.get(sheet, frozenset())


def is_percent(code: str) -> bool:
    """Tell whether a number format multiplies by a hundred: ``0%`` does, ``0"%"`` only shows the sign."""
    return "%" in _LITERAL.sub("", code)


def percent_styles(package: Package, part: str) -> frozenset[str]:
    """Give the numbers of an .xlsx's cell styles that show a percentage.  Raises as Package does."""
    styles = Styles()
    package.parse(part, styles.start, styles.end)
    return styles.percents()


class Styles:
    """State of one pass over styles.xml: formats of the workbook's own, and the format of each cell style."""

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}
        self.used: list[str] = []
        self._inside = False

    def start(self, tag: str, attributes: Attributes) -> None:
        """Take in the beginning of an element."""
        match local(tag):
            case "numFmt":
                self.codes.setdefault(attributes.get("numFmtId", ""), attributes.get("formatCode", ""))
            case "cellXfs":
                self._inside = True
            case "xf" if self._inside:
                self.used.append(attributes.get("numFmtId", "0"))

    def end(self, tag: str) -> None:
        """Take in the end of an element."""
        if local(tag) == "cellXfs":
            self._inside = False

    def percents(self) -> frozenset[str]:
        """Give the numbers of the cell styles that show a percentage."""
        shown = {number for number, code in self.codes.items() if is_percent(code)}
        # a format of one's own may take a built-in number
        shown |= _BUILT_IN - self.codes.keys()
        return frozenset(str(index) for index, number in enumerate(self.used) if number in shown)
