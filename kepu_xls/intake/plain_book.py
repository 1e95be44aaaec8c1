"""A small .xlsx written plainly → its sheets, without calamine: nothing in it can kill a reader.

It gives what the survey and calamine give of the same file, or None, and then they read it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from functools import lru_cache
from xml.parsers import expat

import python_calamine

from kepu_xls.intake.cell_styles import Looks, looks_of
from kepu_xls.intake.formats import Percents
from kepu_xls.intake.grid import Grid
from kepu_xls.intake.package import Attributes, parse_xml
from kepu_xls.intake.plain_sheet import plain_sheet
from kepu_xls.intake.plain_strings import plain_strings
from kepu_xls.intake.plain_xml import NotPlainError, refuse_unless_plain
from kepu_xls.intake.plain_zip import unpacked
from kepu_xls.model import Record

_ROOT, _RELATIONS, _WORKBOOK = "_rels/.rels", "xl/_rels/workbook.xml.rels", "xl/workbook.xml"
_STYLES, _STRINGS = "xl/styles.xml", "xl/sharedStrings.xml"  # calamine asks for them by name
_BY_NAME = {"/styles": _STYLES, "/sharedStrings": _STRINGS}
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_RELATION = "http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_IDENTIFIER = f"{_OFFICE[:-1]}}}id"
_STATES = ("visible", "hidden", "veryHidden")
_WORKBOOK_KIND = re.compile(rb"sheet(?:\.macroEnabled)?\.main\+xml")
_XML = (".xml", ".rels", ".vml")
_MOST_UNPACKED = 12 << 20
_MOST_CELLS = 200_000
_KEPT, _MOST_KEPT = 64, 1 << 16
_STRINGS_OR_CELLS = re.compile(rb"[<:](?:si[\s/>]|sheetData)")
_ODD_PATH = re.compile(r"\\|\.\.|//|%|\./|[A-Z]:")


class _Sheet(Record, frozen=True):
    """A sheet of the workbook, and the part that it lies in."""

    name: str
    part: str
    hidden: bool


class _Outline(Record, frozen=True):
    """What a workbook is made of."""

    sheets: tuple[_Sheet, ...]


def read_plain(data: bytes) -> tuple[tuple[Grid, ...], Percents] | None:
    """Read the sheets of a well-formed zip: what they hold, and which cells show a percentage.

    None where it is no workbook, or not written plainly.
    """
    parts = unpacked(data, _MOST_UNPACKED)
    if parts is None or len({part.lower() for part in parts}) < len(parts):
        return None
    try:
        return _sheets(parts, _outline(parts))
    except (ValueError, LookupError, expat.ExpatError, python_calamine.CalamineError):
        return None  # whatever it is, the close look tells of it


def _sheets(parts: Mapping[str, bytes], outline: _Outline) -> tuple[tuple[Grid, ...], Percents]:
    looks = looks_of(parts[_STYLES]) if _STYLES in parts else Looks()
    strings = plain_strings(parts[_STRINGS]) if _STRINGS in parts else []
    named = {_STRINGS, *(sheet.part for sheet in outline.sheets)}
    for part, content in parts.items():
        if part not in named and part.endswith(_XML):
            _refuse_strings_and_cells(content)
    grids, percents, reach = list[Grid](), Percents(), 0
    for sheet in outline.sheets:
        found = plain_sheet(parts[sheet.part], strings, looks)
        reach += found.reach
        if reach > _MOST_CELLS or not looks.plain:
            raise NotPlainError
        grids.append(Grid(sheet.name, found.cells, sheet.hidden, found.spans))
        percents[sheet.name] = found.percents
    return tuple(grids), percents


def _refuse_strings_and_cells(content: bytes) -> None:
    """See to it that a part is XML in which no sheet hides.  Raises NotPlainError."""
    check = _checked if len(content) <= _MOST_KEPT else _checked.__wrapped__
    check(content)


@lru_cache(_KEPT)  # theme, styles and relations are the same in most forms
def _checked(content: bytes) -> None:
    if _STRINGS_OR_CELLS.search(content):
        raise NotPlainError
    refuse_unless_plain(content)


def _outline(parts: Mapping[str, bytes]) -> _Outline:
    """Say what the workbook is made of.  Raises NotPlainError, KeyError for a part that is missing."""
    lower = {part.lower(): part for part in parts}
    if any(place.startswith("xl/sharedstrings") and part != _STRINGS for place, part in lower.items()):
        raise NotPlainError
    if lower.get(_STYLES, _STYLES) != _STYLES or not _WORKBOOK_KIND.search(parts["[Content_Types].xml"]):
        raise NotPlainError
    names, read = tuple(sorted(parts)), (parts[_ROOT], parts[_RELATIONS], parts[_WORKBOOK])
    outline = _outline_of if sum(map(len, (*names, *read))) <= _MOST_KEPT else _outline_of.__wrapped__
    return outline(names, *read)


@lru_cache(_KEPT)  # as above
def _outline_of(parts: tuple[str, ...], root: bytes, relations: bytes, workbook: bytes) -> _Outline:
    reader = _OutlineReader(frozenset(parts))
    if not all((parse_xml([root], reader.root), parse_xml([relations], reader.relation))):
        raise NotPlainError
    if not parse_xml([workbook], reader.element) or not reader.rooted:
        raise NotPlainError
    names = {sheet.name for sheet in reader.sheets}
    places = {sheet.part for sheet in reader.sheets}
    if not len(names) == len(places) == len(reader.sheets):
        raise NotPlainError
    return _Outline(tuple(reader.sheets))


class _OutlineReader:
    """State of going through a workbook's relations and its list of sheets."""

    def __init__(self, parts: frozenset[str]) -> None:
        self.sheets: list[_Sheet] = []
        self.rooted = False  # the workbook lies where everybody looks for it
        self._parts = parts
        self._worksheets: dict[str, str] = {}
        if any(map(_ODD_PATH.search, parts)):
            raise NotPlainError

    def root(self, tag: str, attributes: Attributes) -> None:
        if attributes.get("Type", "").endswith("/officeDocument"):
            place = attributes.get("Target", "").lstrip("/")
            if (tag, attributes["Type"], place) != (_RELATION, f"{_OFFICE}officeDocument", _WORKBOOK):
                raise NotPlainError
            self.rooted = True

    def relation(self, tag: str, attributes: Attributes) -> None:
        if "Target" not in attributes or tag != _RELATION:
            return
        target, kind = attributes["Target"], attributes.get("Type", "")
        place = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
        if _ODD_PATH.search(target) or not target.endswith(_XML):
            raise NotPlainError
        if any(kind.endswith(end) and place != part for end, part in _BY_NAME.items()):
            raise NotPlainError
        if kind == f"{_OFFICE}worksheet" and place.startswith("xl/worksheets/"):
            self._worksheets[attributes.get("Id", "")] = place

    def element(self, tag: str, attributes: Attributes) -> None:
        if tag.endswith("}workbookPr") and attributes.get("date1904", "0") not in ("0", "false"):
            raise NotPlainError
        if not tag.endswith("}sheet"):
            return
        state = attributes.get("state", "visible")
        place = self._worksheets.get(attributes.get(_IDENTIFIER, ""), "")
        if tag != f"{_MAIN}}}sheet" or state not in _STATES or place not in self._parts:
            raise NotPlainError
        self.sheets.append(_Sheet(attributes.get("name", ""), place, state != "visible"))
