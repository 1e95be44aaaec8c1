"""The same cheap look at an OpenDocument sheet, whose cells and rows are written once and repeated."""

from __future__ import annotations

import io
import zipfile
from typing import IO
from xml.parsers import expat

from kepu_xls.intake.survey import MAX_DENSE_CELLS, MAX_PART_BYTES, ForbiddenXmlError, Spot, Survey

_CALC_TYPE = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"


def survey_ods(data: bytes) -> Survey:
    """Look at every sheet of an .ods.  Raises what zipfile and expat raise for a broken one."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if archive.getinfo("content.xml").file_size > MAX_PART_BYTES:
            return Survey(too_large="content.xml")
        look = _ContentLook()
        with archive.open("content.xml") as stream:
            look.run(stream)
    large = next((name for name, box in look.boxes.items() if box[0] * box[1] > MAX_DENSE_CELLS), "")
    return Survey(
        errors=look.errors,
        percents={name: frozenset(spots) for name, spots in look.percents.items()},
        spans=look.spans,
        too_large=large,
    )


class _ContentLook:
    """State of one pass over content.xml."""

    def __init__(self) -> None:
        self.percents: dict[str, set[Spot]] = {}
        self.spans: dict[str, dict[Spot, int]] = {}
        self.boxes: dict[str, tuple[int, int]] = {}  # sheet → rows and columns that hold something
        self._sheet = ""
        self._row = self._column = 1
        self._row_repeats = 1
        self.errors: dict[str, dict[Spot, str]] = {}
        self._error_at: Spot | None = None

    def run(self, stream: IO[bytes]) -> None:
        parser = expat.ParserCreate(namespace_separator="}")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = _refuse
        parser.ParseFile(stream)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        named = {name.rpartition("}")[2]: value for name, value in attributes.items()}
        if attributes.get(_CALC_TYPE) == "error":
            self._error_at = (self._row, self._column)
        match tag.rpartition("}")[2]:
            case "table" if "name" in named:
                self._sheet, self._row, self._column = named["name"], 1, 1
            case "table-row":
                self._column, self._row_repeats = 1, int(named.get("number-rows-repeated", 1))
            case "table-cell" | "covered-table-cell":
                self._cell(named)

    def _end(self, tag: str) -> None:
        if tag.rpartition("}")[2] == "table-row":
            self._row += self._row_repeats
        elif tag.endswith("table-cell"):
            self._error_at = None

    def _text(self, text: str) -> None:
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
        if named.get("value-type") == "percentage" and repeats * self._row_repeats <= MAX_DENSE_CELLS:
            self.percents.setdefault(self._sheet, set()).update(
                (self._row + down, self._column + across)
                for down in range(self._row_repeats)
                for across in range(repeats)
            )
        if "number-columns-spanned" in named:
            last = self._column + int(named["number-columns-spanned"]) - 1
            self.spans.setdefault(self._sheet, {})[spot] = last
        self._column += repeats


def _refuse(*_: object) -> None:
    raise ForbiddenXmlError
