"""A cheap, streamed look at a workbook before it is loaded: how far it reaches, and what calamine hides.

calamine reads a sheet dense: one stray cell in the last corner is seventeen billion cells.  It gives error
cells and formulas without a result as blank.
"""

from __future__ import annotations

import posixpath
import re

import msgspec

from kepu_xls.intake.formats import Percents, percent_styles
from kepu_xls.intake.package import Attributes, Package, local
from kepu_xls.intake.unpacking import RefusedError
from kepu_xls.limits import Limits
from kepu_xls.model import Record

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384

Spot = tuple[int, int]
_ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_COUNT = re.compile(r"[0-9]{1,9}")
_XML = (".xml", ".rels", ".vml")
_ROOT, _RELATIONS, _WORKBOOK = "_rels/.rels", "xl/_rels/workbook.xml.rels", "xl/workbook.xml"
_NEEDED = ("/sharedStrings", "/styles")
_STRINGS = "xl/sharedstrings"  # calamine asks for them by name
_ALL_SHEETS = "全部工作表"
HARMLESS_CELLS = 200_000
_HARMLESS_TEXT = 32_000_000


class Survey(Record, frozen=True):
    """What the look found, by sheet.  ``percents`` is None where the format does not tell.

    ``harmless``: nothing in it can make calamine ask for much memory.
    """

    errors: dict[str, dict[Spot, str]] = msgspec.field(default_factory=dict)
    formulas: dict[str, dict[Spot, str]] = msgspec.field(default_factory=dict)
    spans: dict[str, dict[Spot, Spot]] = msgspec.field(default_factory=dict)
    percents: Percents | None = None
    harmless: bool = False


class ImpossibleAddressError(ValueError):
    """A row or cell says that it lies where no sheet reaches: calamine makes room up to there, and dies."""


def refuse_dense(sheet: str, cells: int, limits: Limits) -> None:
    """Raise RefusedError where a dense read of a sheet would take more cells than the limit."""
    if cells > limits.cells:
        raise RefusedError("file-too-large-inside", sheet=sheet, value=cells, limit=limits.cells)


def survey_xlsx(data: bytes, limits: Limits) -> Survey:
    """Look at every part of an .xlsx: also what no reader should ask for is unpacked and counted.

    Raises RefusedError past a limit, ForbiddenXmlError, ImpossibleAddressError, KeyError where a part that it
    needs is missing, and what zipfile and expat raise for a broken one.
    """
    with Package(data, limits) as package:
        book = _Book(package)
        percents = percent_styles(package, book.styles) if book.styles else frozenset[str]()
        looks, strings = {}, _StringsLook(limits.shared_strings)
        for part in package.parts:
            place = _canonical(part)
            if place in book.sheet_parts or place.startswith("xl/worksheets/sheet"):
                looks[place] = _SheetLook(percents, min(limits.cells, limits.filled_cells))
                package.parse(part, looks[place].start, looks[place].end, looks[place].text)
            elif place.endswith(_XML):
                go_through = package.parse if book.needs(place) else package.glance
                go_through(part, strings.start, strings.end, strings.text)
            else:
                package.skip(part)
        plain = package.plain and book.plain and strings.plain
    for place, look in looks.items():
        refuse_dense(book.name_of(place), look.dense, limits)
    named = [(name, looks[place]) for name, place in book.sheets if place in looks]
    dense = sum(look.dense for _, look in named)
    refuse_dense(_ALL_SHEETS, dense, limits)  # one part can be named as many sheets
    shared = sum(look.shared for _, look in named) * strings.longest
    return Survey(
        errors={name: look.errors for name, look in named},
        formulas={name: look.formulas for name, look in named},
        spans={name: look.spans for name, look in named},
        percents={name: frozenset(look.percents) for name, look in named},
        # every cell counts here, since which ones calamine takes for blank is its own business
        harmless=plain
        and all(look.addressed for _, look in named)
        and sum(look.reach for _, look in named) <= HARMLESS_CELLS
        and shared <= _HARMLESS_TEXT,
    )


class _Book:
    """What workbook.xml and its relations say: the sheets, their parts, and where the styles are."""

    def __init__(self, package: Package) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.styles = ""
        self._relations: dict[str, str] = {}
        self._parts = {_canonical(part): part for part in package.parts}
        self._targets: list[str] = []
        self._needed = {_ROOT, _RELATIONS, _WORKBOOK}
        if _ROOT in self._parts:
            package.parse(self._parts[_ROOT], self._root)
        package.parse(self._parts[_RELATIONS], self._relation)
        package.parse(self._parts[_WORKBOOK], self._sheet)
        self.sheet_parts = frozenset(part for _, part in self.sheets)
        # one name, one part; and whatever a reader may ask for, however it puts paths together, is XML
        self.plain = (
            len(self._parts) == len(package.parts)
            and all(_simple(part) for part in package.parts)
            and all(_simple(target) and target.endswith(_XML) for target in self._targets)
        )

    def needs(self, place: str) -> bool:
        """Tell whether the cells cannot be read without a part that is no sheet."""
        return place in self._needed or place.startswith(_STRINGS)

    def name_of(self, part: str) -> str:
        """Give the name of the sheet in a part, else the part's."""
        return next((name for name, place in self.sheets if place == part), part)

    def _root(self, _: str, attributes: Attributes) -> None:
        """Keep where the workbook is said to be, if elsewhere than everywhere: calamine believes it."""
        target = attributes.get("Target", "")
        if attributes.get("Type", "").endswith("/officeDocument") and target.lstrip("/") != _WORKBOOK:
            self._targets.append("")

    def _relation(self, _: str, attributes: Attributes) -> None:
        path = posixpath.normpath(posixpath.join("/xl", attributes.get("Target", "")))
        place = _canonical(path.lstrip("/"))
        if "Target" in attributes:
            self._targets.append(attributes["Target"])
        if identifier := attributes.get("Id"):
            self._relations[identifier] = place
        if attributes.get("Type", "").endswith(_NEEDED):
            self._needed.add(place)
        if attributes.get("Type", "").endswith("/styles"):
            self.styles = self._parts.get(place, "")

    def _sheet(self, tag: str, attributes: Attributes) -> None:
        if tag.endswith("}sheet"):
            identifier = next((value for key, value in attributes.items() if key.endswith("}id")), "")
            if place := self._relations.get(identifier):
                self.sheets.append((attributes.get("name", ""), place))


def _canonical(part: str) -> str:
    """Write a part's name as lenient readers see it."""
    return part.replace("\\", "/").lower()


def _simple(path: str) -> bool:
    """Tell a path that means the same to everybody."""
    return not any(odd in path for odd in ("\\", "..", "//", "%", "./"))


class _StringsLook:
    """What the parts that are no sheets hold of shared strings: how many, and the longest."""

    def __init__(self, limit: int) -> None:
        self.longest = 0
        self.plain = True  # no sheet hides in them, and they count themselves within the limit
        self._count, self._limit, self._length = 0, limit, 0

    def start(self, tag: str, attributes: Attributes) -> None:
        name = local(tag)
        self.plain = self.plain and name != "sheetData"
        if name == "sst":  # calamine makes room for as many as it says, and dies where there is none
            count = attributes.get("uniqueCount", "0")
            self.plain = self.plain and _COUNT.fullmatch(count) is not None and int(count) <= self._limit
        if name == "si":
            self._count, self._length = self._count + 1, 0
            if self._count > self._limit:
                raise RefusedError("file-too-many-strings", limit=self._limit)

    def end(self, tag: str) -> None:
        if local(tag) == "si":
            self.longest = max(self.longest, self._length)

    def text(self, text: str) -> None:
        self._length += len(text)


class _Box:
    """The smallest rectangle around cells."""

    def __init__(self) -> None:
        self._top = self._left = self._bottom = self._right = 0

    @property
    def size(self) -> int:
        """How many cells it takes."""
        return (self._bottom - self._top + 1) * (self._right - self._left + 1) if self._bottom else 0

    def take(self, spot: Spot) -> None:
        """Stretch to a cell."""
        row, column = spot
        if not self._bottom:
            self._top, self._left, self._bottom, self._right = row, column, row, column
            return
        self._top, self._bottom = min(self._top, row), max(self._bottom, row)
        self._left, self._right = min(self._left, column), max(self._right, column)


class _SheetLook:
    """State of one pass over a sheet's XML, cell by cell."""

    def __init__(self, percent_styles: frozenset[str], most_filled: int) -> None:
        self.errors: dict[Spot, str] = {}
        self.formulas: dict[Spot, str] = {}
        self.spans: dict[Spot, Spot] = {}
        self.percents: set[Spot] = set()
        self.shared = 0  # cells that hold a shared string: each gets a copy of its own
        self.addressed = True  # every row and cell says where it lies; readers count others differently
        self._percent_styles = percent_styles
        self._filled, self._most_filled = 0, most_filled
        self._box = _Box()  # cells that hold something, an empty text too
        self._reach = _Box()  # all cells
        self._row = self._column = 0
        self._type = self._style = self._inside = self._value = self._formula = ""
        self._has_formula = self._holds = False

    @property
    def dense(self) -> int:
        """How many cells a dense read takes."""
        return self._box.size

    @property
    def reach(self) -> int:
        """How many cells it would take if it read blank ones too."""
        return self._reach.size

    def start(self, tag: str, attributes: Attributes) -> None:
        match local(tag):
            case "row":
                self.addressed = self.addressed and "r" in attributes
                self._row = _inside(int(attributes.get("r", self._row + 1)), MAX_ROWS)
                self._column = 0
            case "c":
                self.addressed = self.addressed and "r" in attributes
                self._row, self._column = self._where(attributes.get("r"))
                self._type, self._style = attributes.get("t", ""), attributes.get("s", "0")
                self._value = self._formula = ""
                self._has_formula = self._holds = False
            case "v" | "f" | "t" as name:
                self._inside, self._holds = name, True
                self._has_formula = self._has_formula or name == "f"
            case "is":
                self._holds = True
            case "mergeCell":
                self._span(attributes.get("ref", ""))

    def _where(self, address: str | None) -> Spot:
        """Give the place of a cell: as it says, or else right of the one before."""
        spot = (self._row, self._column + 1) if address is None else _spot(address)
        if spot is None:
            raise ImpossibleAddressError(address)
        return _inside(spot[0], MAX_ROWS), _inside(spot[1], MAX_COLUMNS)

    def text(self, text: str) -> None:
        if self._inside == "f":
            self._formula += text
        elif self._inside:
            self._value += text

    def end(self, tag: str) -> None:
        name = local(tag)
        if name in ("v", "f", "t"):
            self._inside = ""
        elif name == "c":
            self._cell()

    def _cell(self) -> None:
        spot = (self._row, self._column)
        self._reach.take(spot)
        if not self._holds:
            return
        self._box.take(spot)
        if self._has_formula and not self._value and self._type != "str":
            self.formulas[spot] = self._formula
        elif self._type == "e" and self._value:
            self.errors[spot] = self._value
        elif self._type in ("", "n") and self._style in self._percent_styles:
            self.percents.add(spot)
        self.shared += self._type == "s"
        self._filled += 1
        if self._filled > self._most_filled:
            raise RefusedError("file-too-full", limit=self._most_filled)

    def _span(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        start, end = _spot(first), _spot(last)
        if start and end:
            self.spans[start] = end


def _spot(address: str) -> Spot | None:
    match = _ADDRESS.fullmatch(address)
    if match is None:
        return None
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]), column


def _inside(number: int, most: int) -> int:
    if not 1 <= number <= most:
        raise ImpossibleAddressError(number)
    return number
