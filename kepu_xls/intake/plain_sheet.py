"""A sheet as every program writes it → its cells, by expressions that run over the bytes.

What is taken is one way of writing rows and cells, without formulas or errors; its texts go through expat, so
that what is no XML is not taken for it.  Anything else is not plain, and calamine reads it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from itertools import product
from string import ascii_uppercase
from xml.parsers import expat

from kepu_xls.intake.cell_styles import Looks
from kepu_xls.intake.grid import Raw
from kepu_xls.model import Record

Spot = tuple[int, int]
_Row = tuple[bytes, bytes, list[tuple[bytes, ...]]]
"""Its tags as written, its number, its cells."""

# an attribute in single quotes could hold what looks like another one
_ROW = re.compile(rb'(?:<row r="[1-9][0-9]{0,5}"[^<>\']*/>)*<row r="([1-9][0-9]{0,5})"[^<>\']*(?<!/)>')
_CELL = re.compile(
    rb'(<c r="([A-Z]{1,2})([1-9][0-9]{0,5})"(?: s="([0-9]{1,5})")?(?: t="(n|s|inlineStr)")?'
    rb'(?:/>|>(?:<v>([0-9.eE+-]+)</v>|<is><t( xml:space="preserve")?>([^<]+)</t></is>)?</c>))'
)
_BEGIN, _END, _EMPTY, _ROW_END = b"<sheetData>", b"</sheetData>", b"<sheetData/>", b"</row>"
_CELLS_ELSEWHERE = re.compile(rb"[<:](?:c|row|sheetData)[\s/>]")
_MERGED = re.compile(rb'<mergeCell ref="([A-Z]{1,2})([1-9][0-9]{0,5}):([A-Z]{1,2})[1-9][0-9]{0,5}"')
_NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,17})?(?:[eE][+-]?[0-9]{1,2})?")
_STRING = re.compile(rb'(<si><t( xml:space="preserve")?>([^<]*)</t></si>)')
_STRINGS = re.compile(rb"(?:<\?xml [^<>]*\?>\s*)?<sst(?: [^<>']*)?>")
_FONT = re.compile(rb"(?:<[A-Za-z]+(?: [^<>']*)?/>)*")
_SPACED = b'<t xml:space="preserve">'
_STRINGS_END = b"</sst>"
_SEPARATOR, _SEPARATOR_WRITTEN = "\ue000", b"&#57344;"  # of those that Unicode leaves to everybody
_DAY_0, _FIRST_DAY, _LAST_DAY = (
    693_594,
    61,
    2_958_465,
)  # Excel's day 0; as it counts after its own 29 February
_TEXT, _SHARED = 7, b"s"
_COLUMNS = {
    "".join(letters).encode(): number
    for number, letters in enumerate(
        (*product(ascii_uppercase), *product(ascii_uppercase, ascii_uppercase)), start=1
    )
}


class PlainSheet(Record, frozen=True):
    """A sheet's cells as ``Grid`` has them.  ``reach``: what they would take if blank ones were read too."""

    cells: dict[int, dict[int, Raw]]
    spans: dict[Spot, int]
    percents: frozenset[Spot]
    reach: int


class NotPlainError(ValueError):
    """Something is written otherwise."""


def plain_sheet(content: bytes, strings: Sequence[str], looks: Looks) -> PlainSheet:
    """Read a sheet's XML; ``strings`` are the shared ones.

    Raises NotPlainError, also where it is not well formed; IndexError for a shared string that is not there.
    """
    head, data, tail = _parted(content)
    if _CELLS_ELSEWHERE.search(head) or _CELLS_ELSEWHERE.search(tail):
        raise NotPlainError
    rows = _rows(data)
    # all but the cells, of which nothing is left open
    refuse_unless_plain(b"".join((head, _BEGIN, *(tag + _ROW_END for tag, *_ in rows), _END, tail)))
    return _Sheet(strings, looks).read(rows, _spans(tail))


def _parted(content: bytes) -> tuple[bytes, bytes, bytes]:
    """Give what comes before the cells, the cells, and what comes after."""
    head, empty, tail = content.partition(_EMPTY)
    if empty:
        return head, b"", tail
    head, begun, rest = content.partition(_BEGIN)
    data, ended, tail = rest.partition(_END)
    if not (begun and ended):
        raise NotPlainError
    return head, data, tail


def _rows(data: bytes) -> list[_Row]:
    """Split the rows into cells, each as ``_CELL`` has it; there must be nothing else."""
    *pieces, rest = data.split(_ROW_END)
    rows = []
    for piece in pieces:
        row = _ROW.match(piece)
        if row is None:
            raise NotPlainError
        cells = _CELL.findall(piece, row.end())
        if row.end() + sum([len(cell[0]) for cell in cells]) != len(piece):
            raise NotPlainError
        rows.append((row[0], row[1], cells))
    if rest:
        raise NotPlainError
    return rows


class _Sheet:
    """State of reading one sheet."""

    def __init__(self, strings: Sequence[str], looks: Looks) -> None:
        self._strings, self._looks = strings, looks
        self._percents: list[Spot] = []
        self._texts: Iterator[str] = iter(())

    def read(self, rows: list[_Row], spans: dict[Spot, int]) -> PlainSheet:
        typed = [cell for *_, cells in rows for cell in cells if cell[_TEXT]]
        self._texts = iter(decoded([cell[_TEXT] for cell in typed], [bool(cell[6]) for cell in typed]))
        grid: dict[int, dict[int, Raw]] = {}
        last_row = 0
        columns: set[bytes] = set()
        for _, number, cells in rows:
            row = int(number)
            if row <= last_row or any(cell[2] != number for cell in cells):
                raise NotPlainError
            last_row = row
            columns.update([cell[1] for cell in cells])
            if kept := self._row(row, cells):
                grid[row] = kept
        spots = [_COLUMNS[letters] for letters in columns]
        reach = (last_row - int(rows[0][1]) + 1) * (max(spots) - min(spots) + 1) if spots else 0
        return PlainSheet(grid, spans, frozenset(self._percents), reach)

    def _row(self, row: int, cells: list[tuple[bytes, ...]]) -> dict[int, Raw]:
        kept: dict[int, Raw] = {}
        last = 0
        for _, letters, _, style, kind, figure, _, text in cells:
            if not (figure or text):
                continue
            column = _COLUMNS[letters]
            if column <= last or (text and kind != b"inlineStr"):
                raise NotPlainError
            last = column
            if text or kind == _SHARED:
                said = next(self._texts) if text else self._strings[_index(figure)]
                if said and not said.isspace():
                    kept[column] = said
            else:
                kept[column] = self._number(figure, style, kind, (row, column))
        return kept

    def _number(self, figure: bytes, style: bytes, kind: bytes, spot: Spot) -> Raw:
        if kind == b"inlineStr" or _NUMBER.fullmatch(figure) is None:
            raise NotPlainError
        number = float(figure)
        if not style:
            style = b"0"
        if style in self._looks.percents:
            self._percents.append(spot)
        if style in self._looks.days:
            if not (number.is_integer() and _FIRST_DAY <= number <= _LAST_DAY):
                raise NotPlainError
            return date.fromordinal(_DAY_0 + int(number))
        if style in self._looks.odd:
            raise NotPlainError
        return number


def _index(figure: bytes) -> int:
    if not figure.isdigit():
        raise NotPlainError
    return int(figure)


def _spans(tail: bytes) -> dict[Spot, int]:
    """Give the merged ranges: first cell → last column."""
    found = _MERGED.findall(tail)
    if len(found) != tail.count(b"mergeCell "):
        raise NotPlainError
    return {(int(row), _COLUMNS[left]): _COLUMNS[right] for left, row, right in found}


def plain_strings(content: bytes) -> list[str]:
    """Read the part of shared strings.  Raises NotPlainError, also where it is not well formed."""
    if b"<r>" in content:
        content = _without_fonts(content)
    begin, end = _STRINGS.match(content), len(content) - len(_STRINGS_END)
    if begin is None or not content.endswith(_STRINGS_END):
        raise NotPlainError
    items = _STRING.findall(content, begin.end(), end)
    if begin.end() + sum([len(item[0]) for item in items]) != end:
        raise NotPlainError
    refuse_unless_plain(content[: begin.end()] + content[end:])
    return decoded([text for *_, text in items], [bool(kept) for _, kept, _ in items])


def _without_fonts(content: bytes) -> bytes:
    """Join texts that change their font halfway, as LibreOffice does between Chinese and Latin."""
    refuse_unless_plain(content)  # before something is taken out that may be amiss
    first, *pieces = content.split(b"<rPr>")
    parted = [piece.partition(b"</rPr>") for piece in pieces]
    if not all(map(_FONT.fullmatch, {font for font, *_ in parted})):
        raise NotPlainError
    return (
        b"".join([first, *(rest for *_, rest in parted)])
        .replace(b"</t></r><r>" + _SPACED, b"")
        .replace(b"<si><r>" + _SPACED, b"<si>" + _SPACED)
        .replace(b"</t></r></si>", b"</t></si>")
    )


def decoded(texts: list[bytes], spaced: Collection[bool]) -> list[str]:
    """Decode texts of XML; ``spaced`` tells which of them keep the spaces around them.

    Those that do not lose them, which ones is each reader's own business: such texts are not plain.
    """
    joined = _SEPARATOR_WRITTEN.join(texts)
    if b"\r" in joined or b"_x" in joined:  # line ends and signs written otherwise
        raise NotPlainError
    pieces: list[str] = []
    refuse_unless_plain(b"<r>" + joined + b"</r>", pieces)
    found = "".join(pieces).split(_SEPARATOR) if texts else []
    if len(found) != len(texts):
        raise NotPlainError
    for text, keeps in zip(found, spaced, strict=True):
        if not keeps and text.strip() != text:
            raise NotPlainError
    return found


def refuse_unless_plain(content: bytes, texts: list[str] | None = None) -> None:
    """Go through XML, and gather its texts.  Raises NotPlainError unless it is well formed and in UTF-8."""
    if b"<!" in content or b"\0" in content[:4]:
        raise NotPlainError
    encodings: list[str | None] = []
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text, parser.buffer_size = True, 1 << 16
    parser.XmlDeclHandler = lambda _version, encoding, _standalone: encodings.append(encoding)
    if texts is not None:
        parser.CharacterDataHandler = texts.append
    try:
        parser.Parse(content, True)  # noqa: FBT003 - expat takes it by position
    except (expat.ExpatError, ValueError, LookupError) as error:  # the last two: an encoding unknown to expat
        raise NotPlainError from error
    if any((encoding or "utf-8").lower() != "utf-8" for encoding in encodings):
        raise NotPlainError
