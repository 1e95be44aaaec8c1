"""A sheet as every program writes it → its cells, by expressions that run over the bytes.

What is taken is one way of writing rows and cells, without formulas or errors; its texts go through expat, so
that what is no XML is not taken for it.  Anything else is not plain, and calamine reads it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from itertools import product
from string import ascii_uppercase

from kepu_xls.intake.cell_styles import Looks
from kepu_xls.intake.grid import Raw
from kepu_xls.intake.plain_xml import (
    NotPlainError,
    decoded,
    refuse_unless_plain_before,
)
from kepu_xls.model import Record

Spot = tuple[int, int]


def _compiled(pattern: bytes) -> re.Pattern[bytes]:
    """Compile a pattern; before Python 3.11.5, where possessive groups go wrong (gh-106052), greedy."""
    if sys.version_info < (3, 11, 5):
        pattern = pattern.replace(b")?+", b")?").replace(b"){0,702}+", b"){0,702}")
    return re.compile(pattern)


# an attribute in single quotes could hold what looks like another one
_NUMBER = rb"-?+(?:0|[1-9][0-9]{0,14}+)(?:\.[0-9]{1,17}+)?+(?:[eE][+-]?+[0-9]{1,2}+)?+"
# no repetition without a bound: hundreds of megabytes would be noted for a million blank cells or rows
_PIECE = _compiled(  # blank cells, and then a cell that holds something, the next row, or all the rest
    rb'(?:<c r="[A-Z]{1,2}+[1-9][0-9]{0,5}+"(?: s="[0-9]{1,5}+")?+(?: t="(?:n|s|inlineStr)")?+'
    rb"(?:/>|></c>)){0,702}+"
    rb"(?:"
    rb'<c r="([A-Z]{1,2}+)([1-9][0-9]{0,5}+)"(?: s="([0-9]{1,5}+)")?+'
    rb'(?: t="s"><v>([0-9]{1,9}+)</v>|(?: t="n")?+><v>(%b)</v>'
    rb'| t="inlineStr"><is><t((?: xml:space="preserve")?+>[^<]++)</t></is>)</c>'
    rb'|</row>((?:<row r="[1-9][0-9]{0,5}+"[^<>\']*/>){0,4000})<row r="([1-9][0-9]{0,5}+)"([^<>\']*+)(?<!/)>'
    rb"|\Z|((?s:.+)))" % _NUMBER
)
_PLACED = re.compile(rb'<c r="([A-Z]{1,2})')
_ROOT = re.compile(rb'(?:<\?xml [^<>]*\?>\s*)?<worksheet(?:\s+[A-Za-z0-9:]+="[^"<>]*")*\s*>')
_ROOT_END = b"</worksheet>"
_BEGIN, _END, _EMPTY, _ROW_END = b"<sheetData>", b"</sheetData>", b"<sheetData/>", b"</row>"
_ROW_BEGIN, _ROW_WHOLE = b'<row r="1"', b"></row>"
_CELLS_ELSEWHERE = re.compile(rb"[<:](?:c|row|sheetData)[\s/>]")
_MERGED = re.compile(rb'<mergeCell ref="([A-Z]{1,2})([1-9][0-9]{0,5}):([A-Z]{1,2})([1-9][0-9]{0,5})"')
_DAY_0 = 693_594  # Excel's
_FIRST_DAY, _LAST_DAY = 61, 2_958_465  # as it counts after its own 29 February
_SHARED_TYPE = b' t="s"'
_NO_STYLE = b"0"
_KEPT, _MOST_KEPT = 128, 1 << 14
_REMEMBERED, _LONGEST_REMEMBERED = 4096, 1 << 10
_COLUMNS = {
    "".join(letters).encode(): number
    for number, letters in enumerate(
        (*product(ascii_uppercase), *product(ascii_uppercase, ascii_uppercase)), start=1
    )
}
_SHORT = 100
"""So many rows are not too many, however wide."""


class PlainSheet(Record, frozen=True):
    """A sheet's cells as ``Grid`` has them.

    ``reach``: what they would take, or more, if blank ones were read too.
    """

    cells: dict[int, dict[int, Raw]]
    spans: dict[Spot, Spot]
    percents: frozenset[Spot]
    reach: int


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
    root = _kept_root(head) if len(head) <= _MOST_KEPT else _kept_root.__wrapped__(head)
    short = len(root) + len(tail) <= _MOST_KEPT
    spans = _kept_spans(root, tail) if short else _kept_spans.__wrapped__(root, tail)
    return _Sheet(strings, looks).read(root, data, spans)


def _parted(content: bytes) -> tuple[bytes, bytes, bytes]:
    """Give what comes before the cells, the cells, and what comes after."""
    begin, end = content.find(_BEGIN), content.rfind(_END)
    if begin >= 0 and end >= 0:
        return content[:begin], content[begin + len(_BEGIN) : end], content[end + len(_END) :]
    head, empty, tail = content.partition(_EMPTY)
    if not empty:
        raise NotPlainError
    return head, b"", tail


@lru_cache(_KEPT)  # before and after the cells, most sheets are the same as in other forms
def _kept_root(head: bytes) -> bytes:
    """Give the tag that the sheet begins with, when what comes before the cells is XML, and without cells."""
    root = _ROOT.match(head)
    if root is None or _CELLS_ELSEWHERE.search(head):
        raise NotPlainError
    refuse_unless_plain_before(head + _ROOT_END)
    return root[0]


@lru_cache(_KEPT)
def _kept_spans(root: bytes, tail: bytes) -> dict[Spot, Spot]:
    """Give the merged ranges, first cell → last cell, when what comes after the cells is XML likewise."""
    found = _MERGED.findall(tail)
    if len(found) != tail.count(b"mergeCell ") or _CELLS_ELSEWHERE.search(tail):
        raise NotPlainError
    refuse_unless_plain_before(root + tail)
    return {(int(top), _COLUMNS[left]): (int(bottom), _COLUMNS[right]) for left, top, right, bottom in found}


_known: dict[bytes, str] = {}
"""Texts as they are written after ``<t``, and as they are: what was asked stands in every form."""


class _Sheet:
    """State of reading one sheet."""

    def __init__(self, strings: Sequence[str], looks: Looks) -> None:
        self._strings, self._looks = strings, looks
        self._percents: list[Spot] = []
        self._unknown: list[tuple[dict[int, Raw], int, bytes]] = []

    def read(self, root: bytes, data: bytes, spans: dict[Spot, Spot]) -> PlainSheet:
        """Read the rows."""
        if data and not data.endswith(_ROW_END):
            raise NotPlainError
        tags, rows = set[bytes](), dict[int, dict[int, Raw]]()
        self._pieces(_PIECE.findall(_ROW_END + data[: -len(_ROW_END)]) if data else [], rows, tags)
        refuse_unless_plain_before(root + b"".join(sorted(tags)) + _ROOT_END)
        self._tell_unknown()
        grid = {row: kept for row, kept in rows.items() if kept}
        height = max(rows) - min(rows) + 1 if rows else 0
        reach = height * (len(_COLUMNS) if height < _SHORT else _width(data))
        return PlainSheet(grid, spans, frozenset(self._percents), reach)

    def _pieces(  # noqa: C901 - goes over each cell: calls would take half of its time
        self, pieces: list[tuple[bytes, ...]], rows: dict[int, dict[int, Raw]], tags: set[bytes]
    ) -> None:
        """Go through rows and cells: the cells come into ``rows``, the rows' tags into ``tags``."""
        looked_at, strings, columns = self._looks.marked, self._strings, _COLUMNS
        kept: dict[int, Raw] = {}
        row = last = 0
        number = b""
        for letters, own, style, shared, figure, text, above, opened, attributes, other in pieces:
            if opened:
                if int(opened) <= row:
                    raise NotPlainError
                number, row, last = opened, int(opened), 0
                rows[row] = kept = {}
                tags.add(above + _ROW_BEGIN + attributes + _ROW_WHOLE)
                continue
            if own != number:  # a cell of another row, or something that is no cell
                if own or other:
                    raise NotPlainError
                continue
            column = columns[letters]
            if column <= last:
                raise NotPlainError
            last = column
            if shared:
                if said := strings[int(shared)]:
                    kept[column] = said
            elif text:
                kept[column] = known = _known.get(text)
                if known is None:  # till it is decoded with others, it keeps its place
                    self._unknown.append((kept, column, text))
            elif style in looked_at:
                kept[column] = self._looked_at(figure, style or _NO_STYLE, (row, column))
            else:
                kept[column] = float(figure)

    def _looked_at(self, figure: bytes, style: bytes, spot: Spot) -> Raw:
        """Read a number of a style that shows it as something else."""
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

    def _tell_unknown(self) -> None:
        """Decode the texts that were not seen before, and leave out those of nothing but spaces."""
        written = [text.partition(b">") for *_, text in self._unknown]
        texts = decoded([raw for _, _, raw in written]) if written else []
        for (kept, column, key), (keeps, _, raw), text in zip(self._unknown, written, texts, strict=True):
            if text.strip() != text:
                if not keeps:  # which spaces are lost is each reader's own business
                    raise NotPlainError
            elif len(raw) <= _LONGEST_REMEMBERED:
                if len(_known) >= _REMEMBERED:
                    _known.clear()
                _known[key] = text
            if text.isspace():
                del kept[column]
            else:
                kept[column] = text


def _width(data: bytes) -> int:
    """Tell over how many columns the cells spread, the blank ones too."""
    spots = [_COLUMNS[letters] for letters in set(_PLACED.findall(data))]
    return max(spots) - min(spots) + 1 if spots else 0
