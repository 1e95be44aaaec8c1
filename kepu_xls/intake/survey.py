"""A cheap, streamed look at a workbook before it is loaded: how far it reaches, and what calamine hides.

calamine reads a sheet dense: one stray cell in the last corner is seventeen billion cells.  It gives error
cells and formulas without a result as blank.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from typing import Any
from xml.etree import ElementTree as ET
from xml.parsers import expat

import msgspec

from kepu_xls.model import Record

MAX_DENSE_CELLS = 5_000_000
MAX_PART_BYTES = 300_000_000
MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384

Spot = tuple[int, int]
_ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")


class Survey(Record, frozen=True):
    """What the look found, by sheet.  ``too_large``: the sheet (or part) that cannot be loaded, if any.

    ``percents`` are known for .ods and .xls only; in an .xlsx they stand in its styles.
    """

    errors: dict[str, dict[Spot, str]] = msgspec.field(default_factory=dict)
    formulas: dict[str, dict[Spot, str]] = msgspec.field(default_factory=dict)
    spans: dict[str, dict[Spot, int]] = msgspec.field(default_factory=dict)
    percents: dict[str, frozenset[Spot]] = msgspec.field(default_factory=dict)
    too_large: str = ""


class ForbiddenXmlError(ValueError):
    """The XML declares a document type: no spreadsheet program writes one, entity bombs need one."""


def survey_xlsx(data: bytes) -> Survey:
    """Look at every worksheet of an .xlsx.  Raises what zipfile and expat raise for a broken one."""
    errors, formulas, spans = {}, {}, {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        large = next((part.filename for part in archive.infolist() if part.file_size > MAX_PART_BYTES), "")
        if large:
            return Survey(too_large=large)
        names = _sheet_names(archive)
        for part in archive.namelist():
            if part not in names and not part.lower().startswith("xl/worksheets/sheet"):
                continue
            look = _SheetLook()
            with archive.open(part) as stream:
                look.run(stream)
            sheet = names.get(part, part)
            if look.dense > MAX_DENSE_CELLS:
                return Survey(too_large=sheet)
            errors[sheet], formulas[sheet], spans[sheet] = look.errors, look.formulas, look.spans
    return Survey(errors, formulas, spans)


def _sheet_names(archive: zipfile.ZipFile) -> dict[str, str]:
    """Map a worksheet's part to the sheet's name, by workbook.xml and its relations."""
    relations = {
        one.get("Id"): posixpath.normpath(posixpath.join("/xl", one.get("Target", ""))).lstrip("/")
        for one in _tree(archive, "xl/_rels/workbook.xml.rels").iter()
        if one.get("Id")
    }
    names = {}
    for one in _tree(archive, "xl/workbook.xml").iter():
        if one.tag.endswith("}sheet"):
            identifier = next((value for key, value in one.items() if key.endswith("}id")), "")
            if part := relations.get(identifier):
                names[part] = one.get("name", "")
    return names


def _tree(archive: zipfile.ZipFile, part: str) -> ET.Element:
    """Parse a small part; a document type is refused before its entities could grow."""
    text = archive.read(part)
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise ForbiddenXmlError(part)
    return ET.fromstring(text)  # noqa: S314 - without a document type there are no entities to expand


class ImpossibleAddressError(ValueError):
    """A row or cell says that it lies where no sheet reaches: calamine makes room up to there, and dies."""


class _SheetLook:
    """State of one pass over a sheet's XML, cell by cell."""

    def __init__(self) -> None:
        self.errors: dict[Spot, str] = {}
        self.formulas: dict[Spot, str] = {}
        self.spans: dict[Spot, int] = {}
        self._box: list[int] = []  # top, left, bottom, right of the cells that hold something
        self._row = self._column = 0
        self._type = self._inside = self._value = self._formula = ""
        self._has_formula = False

    @property
    def dense(self) -> int:
        """How many cells a dense read would take."""
        if not self._box:
            return 0
        top, left, bottom, right = self._box
        return (bottom - top + 1) * (right - left + 1)

    def run(self, stream: Any) -> None:  # noqa: ANN401 - any binary stream
        parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = _refuse
        parser.ParseFile(stream)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        match tag.rpartition("}")[2]:
            case "row":
                self._row = _inside(int(attributes.get("r", self._row + 1)), MAX_ROWS)
                self._column = 0
            case "c":
                self._row, self._column = self._where(attributes.get("r"))
                self._type = attributes.get("t", "")
                self._value = self._formula = ""
                self._has_formula = False
            case "v" | "f" | "t" as name:
                self._inside = name
                self._has_formula = self._has_formula or name == "f"
            case "mergeCell":
                self._span(attributes.get("ref", ""))

    def _where(self, address: str | None) -> Spot:
        """Give the place of a cell: as it says, or else right of the one before."""
        spot = (self._row, self._column + 1) if address is None else _spot(address)
        if spot is None:
            raise ImpossibleAddressError(address)
        return _inside(spot[0], MAX_ROWS), _inside(spot[1], MAX_COLUMNS)

    def _text(self, text: str) -> None:
        if self._inside == "f":
            self._formula += text
        elif self._inside:
            self._value += text

    def _end(self, tag: str) -> None:
        name = tag.rpartition("}")[2]
        if name in ("v", "f", "t"):
            self._inside = ""
        elif name == "c":
            self._cell()

    def _cell(self) -> None:
        spot = (self._row, self._column)
        if self._has_formula and not self._value and self._type != "str":
            self.formulas[spot] = self._formula
        elif self._type == "e" and self._value:
            self.errors[spot] = self._value
        if self._value or self._has_formula:
            top, left, bottom, right = self._box or (*spot, *spot)
            self._box = [min(top, spot[0]), min(left, spot[1]), max(bottom, spot[0]), max(right, spot[1])]

    def _span(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        start, end = _spot(first), _spot(last)
        if start and end:
            self.spans[start] = end[1]


def _spot(address: str) -> Spot | None:
    match = _ADDRESS.fullmatch(address)
    if match is None:
        return None
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]), column


def _inside(number: int, most: int) -> int:
    if not 0 <= number <= most:
        raise ImpossibleAddressError(number)
    return number


def _refuse(*_: object) -> None:
    raise ForbiddenXmlError
