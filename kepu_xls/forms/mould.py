"""A mould: a form laid out once, from which the form of any unit is cast by writing only what differs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

from kepu_xls.forms.marks import Words
from kepu_xls.forms.notes import Sample
from kepu_xls.forms.package import Package, Packed, pack
from kepu_xls.forms.places import Where
from kepu_xls.forms.questions import SHEETS
from kepu_xls.forms.shape import KINDS, Shape
from kepu_xls.forms.sizes import Sizes, Styles
from kepu_xls.forms.slots import SlotRow
from kepu_xls.forms.texts import escaped
from kepu_xls.model import Record

STYLES = "xl/styles.xml"


class Number(Record, frozen=True):
    """A number in a form's XML: so much without rows, and one more for each row of the kinds counted."""

    without: int
    counted: tuple[int, ...]

    def value(self, counts: tuple[int, ...]) -> int:
        """Give the number in a form with so many rows."""
        return self.without + sum(own * count for own, count in zip(self.counted, counts, strict=True))


class Rows(Record, frozen=True):
    """Rows that are filled: the number of the first, and their pattern."""

    first: Number
    pattern: SlotRow


class Part(Record, frozen=True):
    """A part as a ``%`` pattern of numbers, words, rows and other holes."""

    pattern: str
    rows: dict[str, Rows]


class Row(Record, frozen=True):
    """What is filled into one row: its pattern by name, its words, and the marks of its flagged cells."""

    pattern: str
    words: Words
    flagged: Collection[str] = frozenset()


class Filling(Record, frozen=True):
    """What is filled into a mould.

    ``counts``: how many rows there are of each kind; ``form``: words and flags of rows of no kind;
    ``rows``: those of a kind; ``holes``: XML for other holes.
    """

    counts: tuple[int, ...]
    form: Row
    rows: Mapping[str, Sequence[Row]]
    holes: Mapping[str, str]


class Pattern(Record, frozen=True):
    """All of a mould, as it can be kept in a file.

    ``numbers``: by their keys in patterns; ``own``: the parts that differ from form to form; ``same``: those
    that do not; ``styles``: those of a form without texts too long for any row; ``sheets``: parts by the
    titles of sheets; ``notes``: samples by the titles of sheets; ``since_1904``: how days are counted.
    """

    numbers: dict[str, Number]
    own: dict[str, Part]
    same: tuple[Packed, ...]
    styles: str
    plain_styles: Packed
    sheets: dict[str, str]
    notes: dict[str, Sample]
    since_1904: bool


class Mould:
    """Casts the forms that have a shape in common."""

    def __init__(self, shape: Shape, pattern: Pattern) -> None:
        self.shape, self.pattern = shape, pattern
        self._styles = Styles(pattern.styles)
        self.package = Package(pattern.same)

    def texts(self, filling: Filling) -> tuple[dict[str, str], Packed]:
        """Give the parts of one form that differ from form to form, and its styles."""
        pattern, sizes = self.pattern, Sizes(self._styles)
        values = {key: str(number.value(filling.counts)) for key, number in pattern.numbers.items()}
        values |= {mark: escaped(str(word)) for mark, word in filling.form.words.items()}
        values |= filling.holes
        texts = {}
        for name, part in pattern.own.items():
            rows = {hole: self._rows(part, hole, filling, sizes) for hole in part.rows}
            texts[name] = part.pattern % (values | rows)
        styles = sizes.xml()
        return texts, pattern.plain_styles if styles is None else pack(STYLES, styles.encode())

    def cast(self, filling: Filling) -> bytes:
        """Give a workbook.  The same filling gives the same bytes."""
        texts, styles = self.texts(filling)
        return self.package.with_parts([*(pack(name, text.encode()) for name, text in texts.items()), styles])

    def _rows(self, part: Part, hole: str, filling: Filling, sizes: Sizes) -> str:
        """Give the XML of all rows in a hole."""
        rows, form = filling.rows.get(hole), filling.form
        first = part.rows[hole].first.value(filling.counts)
        if rows is None:
            return part.rows[hole].pattern.filled(first, form.words, sizes, form.flagged)
        return "".join(
            part.rows[row.pattern].pattern.filled(number, row.words, sizes, row.flagged)
            for number, row in enumerate(rows, first)
        )

    def place(self, spot: Where, counts: tuple[int, ...]) -> tuple[int, str]:
        """Give the row and the column of a question in a form with so many rows."""
        hole, column = self._holes[spot.sheet, spot.kind, spot.mark]
        first = self.pattern.own[self.pattern.sheets[spot.sheet]].rows[hole].first
        return first.value(counts) + spot.index, column

    @cached_property
    def _holes(self) -> dict[tuple[str, str, str], tuple[str, str]]:
        """Find hole and column of what can be flagged, by sheet, kind of row (if of any) and mark."""
        return {
            (sheet, hole if hole in KINDS else "", slot.facts.text): (hole, slot.column)
            for sheet in SHEETS
            if sheet in self.pattern.sheets
            for hole, rows in self.pattern.own[self.pattern.sheets[sheet]].rows.items()
            for slot in rows.pattern.slots
            if slot.facts.flagged is not None
        }
