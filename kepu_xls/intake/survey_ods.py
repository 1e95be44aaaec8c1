"""The same cheap look at an OpenDocument sheet, whose cells and rows are written once and repeated."""

from __future__ import annotations

from kepu_xls.intake.package import Attributes, Package, local
from kepu_xls.intake.survey import Spot, Survey, refuse_dense
from kepu_xls.limits import Limits

_CALC_TYPE = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"


def survey_ods(data: bytes, limits: Limits) -> Survey:
    """Look at every part of an .ods.

    Raises RefusedError past a limit, ForbiddenXmlError, and what zipfile and expat raise for a broken one.
    """
    look = _ContentLook(limits)
    with Package(data, limits) as package:
        for part in package.parts:
            if part == "content.xml":
                package.parse(part, look.start, look.end, look.text)
            elif part == "META-INF/manifest.xml":
                package.parse(part)
            elif part.endswith((".xml", ".rdf")):
                package.glance(part)
            else:
                package.skip(part)
    return Survey(
        errors=look.errors,
        percents={name: frozenset(spots) for name, spots in look.percents.items()},
        spans=look.spans,
    )


class _ContentLook:
    """State of one pass over content.xml."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.percents: dict[str, set[Spot]] = {}
        self.spans: dict[str, dict[Spot, Spot]] = {}
        self.boxes: dict[str, tuple[int, int]] = {}  # sheet → rows and columns that hold something
        self._sheet = ""
        self._row = self._column = 1
        self._row_repeats = 1
        self.errors: dict[str, dict[Spot, str]] = {}
        self._error_at: Spot | None = None

    def start(self, tag: str, attributes: Attributes) -> None:
        named = {name.rpartition("}")[2]: value for name, value in attributes.items()}
        if attributes.get(_CALC_TYPE) == "error":
            self._error_at = (self._row, self._column)
        match local(tag):
            case "table" if "name" in named:
                self._sheet, self._row, self._column = named["name"], 1, 1
            case "table-row":
                self._column, self._row_repeats = 1, int(named.get("number-rows-repeated", 1))
            case "table-cell" | "covered-table-cell":
                self._cell(named)

    def end(self, tag: str) -> None:
        if local(tag) == "table-row":
            self._row += self._row_repeats
        elif tag.endswith("table-cell"):
            self._error_at = None

    def text(self, text: str) -> None:
        if self._error_at is not None:
            found = self.errors.setdefault(self._sheet, {})
            found[self._error_at] = found.get(self._error_at, "") + text

    def _cell(self, named: dict[str, str]) -> None:
        repeats = int(named.get("number-columns-repeated", 1))
        spot = (self._row, self._column)
        if "value-type" in named:
            rows, columns = self.boxes.get(self._sheet, (0, 0))
            bottom, right = self._row + self._row_repeats - 1, self._column + repeats - 1
            self.boxes[self._sheet] = (max(rows, bottom), max(columns, right))
            refuse_dense(self._sheet, max(rows, bottom) * max(columns, right), self._limits)
        if named.get("value-type") == "percentage":
            self.percents.setdefault(self._sheet, set()).update(
                (self._row + down, self._column + across)
                for down in range(self._row_repeats)
                for across in range(repeats)
            )
        if "number-columns-spanned" in named or "number-rows-spanned" in named:
            bottom = self._row + int(named.get("number-rows-spanned", 1)) - 1
            right = self._column + int(named.get("number-columns-spanned", 1)) - 1
            self.spans.setdefault(self._sheet, {})[spot] = (bottom, right)
        self._column += repeats
