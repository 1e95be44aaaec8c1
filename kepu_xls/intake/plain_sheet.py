"""A sheet as every program writes it → its cells, by expressions that run over the bytes.

What is taken is one way of writing rows and cells, without formulas or errors; its texts go through expat, so
that what is no XML is not taken for it.  Anything else is not plain, and calamine reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from itertools import product
from string import ascii_uppercase
from xml.parsers import expat

from kepu_xls.intake.cell_styles import Looks
from kepu_xls.intake.grid import Raw
from kepu_xls.model import Record

Spot = tuple[int, int]
_Row = tuple[bytes, bytes, list[tuple[bytes, ...]]]
"""Its tag, and those of blank rows above it; its number; its cells."""

# an attribute in single quotes could hold what looks like another one
_ROW = re.compile(rb'((?:<row r="[1-9][0-9]{0,5}"[^<>\']*/>)*)<row r="([1-9][0-9]{0,5})"([^<>\']*(?<!/)>)')
_CELL = re.compile(  # or all the rest, as a cell without a place
    rb'<c r="([A-Z]{1,2})([1-9][0-9]{0,5})"(?: s="([0-9]{1,5})")?(?: t="(n|s|inlineStr)")?'
    rb'(?:/>|>(?:<v>([0-9.eE+-]+)</v>|<is><t( xml:space="preserve")?>([^<]+)</t></is>)?</c>)|(?s:.+)'
)
_ROOT = re.compile(rb'(?:<\?xml [^<>]*\?>\s*)?<worksheet(?:\s+[A-Za-z0-9:]+="[^"<>]*")*\s*>')
_ROOT_END = b"</worksheet>"
_BEGIN, _END, _EMPTY, _ROW_END = b"<sheetData>", b"</sheetData>", b"<sheetData/>", b"</row>"
_CELLS_ELSEWHERE = re.compile(rb"[<:](?:c|row|sheetData)[\s/>]")
_MERGED = re.compile(rb'<mergeCell ref="([A-Z]{1,2})([1-9][0-9]{0,5}):([A-Z]{1,2})[1-9][0-9]{0,5}"')
_NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,17})?(?:[eE][+-]?[0-9]{1,2})?")
_STRING = re.compile(rb'(<si><t( xml:space="preserve")?>([^<]*)</t></si>)')
_STRINGS = re.compile(rb"(?:<\?xml [^<>]*\?>\s*)?<sst(?: [^<>']*)?>")
_FONT = re.compile(rb"(?:<[A-Za-z]+(?: [^<>']*)?/>)*")
_SPACED = b'<t xml:space="preserve">'
_RUN_FONT, _FONT_TEXT, _RUN_TEXT = b"<r><rPr>", b"</rPr><t", b"<r><t"
_RUNS = re.compile(rb"<si>(?:<r>%b[^<]*</t></r>)+</si>" % _SPACED)
_RUNS_BEGIN, _RUNS_END = len(b"<si><r>" + _SPACED), -len(b"</t></r></si>")
_NEXT_RUN = b"</t></r><r>" + _SPACED
_STRINGS_END = b"</sst>"
_SEPARATOR, _SEPARATOR_WRITTEN = "\ue000", b"&#57344;"  # of those that Unicode leaves to everybody
_DAY_0, _FIRST_DAY, _LAST_DAY = (
    693_594,
    61,
    2_958_465,
)  # Excel's day 0; as it counts after its own 29 February
_TEXT, _SHARED, _INLINE, _SHARED_TYPE = 6, b"s", b"inlineStr", b' t="s"'
_NO_STYLE = b"0"
_KEPT, _MOST_KEPT = 128, 1 << 14
_REMEMBERED, _LONGEST_REMEMBERED = 4096, 1 << 10
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
    if len(content) <= _MOST_KEPT and _SHARED_TYPE not in content:
        return _plain_alone(content, looks)
    return _plain(content, strings, looks)


@lru_cache(_KEPT)  # the guide is the same in the forms of a unit, the lists of choices in all
def _plain_alone(content: bytes, looks: Looks) -> PlainSheet:
    return _plain(content, (), looks)


def _plain(content: bytes, strings: Sequence[str], looks: Looks) -> PlainSheet:
    head, data, tail = _parted(content)
    root = _ROOT.match(head)
    if root is None or _CELLS_ELSEWHERE.search(head) or _CELLS_ELSEWHERE.search(tail):
        raise NotPlainError
    rows = _rows(data)
    # all but the cells, of which nothing is left open: piece by piece, as most are the same in other forms
    tags = sorted({tag for tag, *_ in rows})
    for within in (head[root.end() :] + _ROOT_END, b"".join((*tags, _ROOT_END)), tail):
        refuse_unless_plain_before(root[0] + within)
    return _Sheet(strings, looks).read(rows, _spans(tail))


def _parted(content: bytes) -> tuple[bytes, bytes, bytes]:
    """Give what comes before the cells, the cells, and what comes after."""
    begin, end = content.find(_BEGIN), content.rfind(_END)
    if begin >= 0 and end >= 0:
        return content[:begin], content[begin + len(_BEGIN) : end], content[end + len(_END) :]
    head, empty, tail = content.partition(_EMPTY)
    if not empty:
        raise NotPlainError
    return head, b"", tail


def _rows(data: bytes) -> list[_Row]:
    """Split the rows into cells, each as ``_CELL`` has it; there must be nothing else."""
    *pieces, rest = data.split(_ROW_END)
    rows = []
    for piece in pieces:
        row = _ROW.match(piece)
        if row is None:
            raise NotPlainError
        tag = b"".join((row[1], b'<row r="1"', row[3], _ROW_END))
        rows.append((tag, row[2], _CELL.findall(piece, row.end())))
    if rest:
        raise NotPlainError
    return rows


class _Sheet:
    """State of reading one sheet."""

    def __init__(self, strings: Sequence[str], looks: Looks) -> None:
        self._strings, self._looks = strings, looks
        self._percents: list[Spot] = []
        self._texts: dict[bytes, str] = {}

    def read(self, rows: list[_Row], spans: dict[Spot, int]) -> PlainSheet:
        self._texts = _texts_of([cell[5:] for *_, cells in rows for cell in cells if cell[_TEXT]])
        grid: dict[int, dict[int, Raw]] = {}
        last_row = 0
        columns: set[bytes] = set()
        for _, number, cells in rows:
            row = int(number)
            if row <= last_row:
                raise NotPlainError
            last_row = row
            columns.update([cell[0] for cell in cells])
            if kept := self._row(row, number, cells):
                grid[row] = kept
        spots = [_COLUMNS[letters] for letters in columns]
        reach = (last_row - int(rows[0][1]) + 1) * (max(spots) - min(spots) + 1) if spots else 0
        return PlainSheet(grid, spans, frozenset(self._percents), reach)

    def _row(self, row: int, number: bytes, cells: list[tuple[bytes, ...]]) -> dict[int, Raw]:
        kept: dict[int, Raw] = {}
        last = 0
        for letters, own, style, kind, figure, _, text in cells:
            if own != number:  # a cell of another row, or something that is no cell
                raise NotPlainError
            if not (figure or text):
                continue
            column = _COLUMNS[letters]
            if column <= last:
                raise NotPlainError
            last = column
            if text or kind == _SHARED:
                if text and kind != _INLINE:
                    raise NotPlainError
                said = self._texts[text] if text else self._shared(figure)
                if said and not said.isspace():
                    kept[column] = said
            else:
                kept[column] = self._number(figure, style or _NO_STYLE, kind, (row, column))
        return kept

    def _shared(self, figure: bytes) -> str:
        if not figure.isdigit():
            raise NotPlainError
        return self._strings[int(figure)]

    def _number(self, figure: bytes, style: bytes, kind: bytes, spot: Spot) -> Raw:
        if kind == _INLINE or _NUMBER.fullmatch(figure) is None:
            raise NotPlainError
        number = float(figure)
        if style in self._looks.percents:
            self._percents.append(spot)
        if style in self._looks.days:
            if not (number.is_integer() and _FIRST_DAY <= number <= _LAST_DAY):
                raise NotPlainError
            return date.fromordinal(_DAY_0 + int(number))
        if style in self._looks.odd:
            raise NotPlainError
        return number


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
    texts = _texts_of([item[1:] for item in items])
    return [texts[text] for *_, text in items]


def _without_fonts(content: bytes) -> bytes:
    """Join texts that change their font halfway, as LibreOffice does between Chinese and Latin."""
    first, *pieces = content.split(_RUN_FONT)
    parted = [piece.partition(_FONT_TEXT) for piece in pieces]
    fonts = sorted({font for font, *_ in parted})
    if not all(map(_FONT.fullmatch, fonts)) or not all(begun for _, begun, _ in parted):
        raise NotPlainError
    refuse_unless_plain_before(b"".join((b"<r>", *fonts, b"</r>")))
    return _RUNS.sub(_joined, _RUN_TEXT.join([first, *(rest for *_, rest in parted)]))


def _joined(runs: re.Match[bytes]) -> bytes:
    return b"<si>" + _SPACED + runs[0][_RUNS_BEGIN:_RUNS_END].replace(_NEXT_RUN, b"") + b"</t></si>"


_known: dict[bytes, str] = {}
"""Texts as they are written, and as they are: what was asked stands in every form."""


def _texts_of(written: Iterable[tuple[bytes, ...]]) -> dict[bytes, str]:
    """Decode texts of XML, each after what says that it keeps the spaces around it (or empty).

    Those that do not lose them, which ones is each reader's own business: such texts are not plain.
    """
    found: dict[bytes, str] = {}
    unknown = []
    for one in written:
        text = _known.get(one[1])
        if text is None:
            unknown.append(one)
        else:
            found[one[1]] = text
    for (keeps, raw), text in zip(unknown, _decoded([raw for _, raw in unknown]), strict=True):
        if text.strip() != text:
            if not keeps:
                raise NotPlainError
        elif len(raw) <= _LONGEST_REMEMBERED:
            if len(_known) >= _REMEMBERED:
                _known.clear()
            _known[raw] = text
        found[raw] = text
    return found


def _decoded(texts: list[bytes]) -> list[str]:
    joined = _SEPARATOR_WRITTEN.join(texts)
    if b"\r" in joined or b"_x" in joined:  # line ends and signs written otherwise
        raise NotPlainError
    pieces: list[str] = []
    refuse_unless_plain(b"<r>" + joined + b"</r>", pieces)
    found = "".join(pieces).split(_SEPARATOR) if texts else []
    if len(found) != len(texts):
        raise NotPlainError
    return found


def refuse_unless_plain_before(content: bytes) -> None:
    """Do as ``refuse_unless_plain``, which is remembered of short content."""
    if len(content) <= _MOST_KEPT:
        _refuse_kept(content)
    else:
        refuse_unless_plain(content)


@lru_cache(_KEPT)
def _refuse_kept(content: bytes) -> None:
    refuse_unless_plain(content)


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
