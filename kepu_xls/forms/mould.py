"""A mould: a form laid out once, from which the form of any unit is cast by writing only what differs.

Two blanks of different sizes are laid out, and saved by openpyxl.  Where they agree, all forms do; a number
in which they differ is the number of a row, and by how much it differs tells which rows it counts.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping

from kepu_xls.forms import marks
from kepu_xls.forms.blank import INDICATOR, lay_out
from kepu_xls.forms.content import FormContent
from kepu_xls.forms.cutting import HOLE, Cut, cut
from kepu_xls.forms.package import Package, Packed, pack, pack_shared
from kepu_xls.forms.sizes import Sizes, Styles
from kepu_xls.forms.slots import SlotRow, escaped
from kepu_xls.forms.template import Template
from kepu_xls.model import Record

_SMALL, _LARGE = (2, 2, 2), (3, 4, 6)
"""Rows of the blanks by kind.  They differ by 1, 2 and 4: the sum of any of these tells which they are."""

_STYLES = "xl/styles.xml"
_FIRST_PARTS = ("[Content_Types].xml", "_rels/.rels")
_DIGITS = re.compile(r"(\d+)")
_TIME = re.compile(r"(<dcterms:(?:created|modified)\b[^>]*>)[^<]*")


class _Number(Record, frozen=True):
    """A number in a form's XML: so much without rows, and one more for each row of the kinds counted."""

    without: int
    counted: tuple[int, ...]

    @classmethod
    def of(cls, small: int, large: int) -> _Number:
        """Tell what a number counts that differs from blank to blank."""
        difference = large - small
        if not 0 <= difference < 2 ** len(_SMALL):
            raise ValueError(small, large)
        counted = tuple(difference >> kind & 1 for kind in range(len(_SMALL)))
        return cls(small - sum(map(operator.mul, counted, _SMALL)), counted)

    def value(self, counts: tuple[int, ...]) -> int:
        """Give the number in a form with so many rows."""
        return self.without + sum(own * count for own, count in zip(self.counted, counts, strict=True))


class _Rows(Record, frozen=True):
    """Rows that are filled: the number of the first, and their pattern."""

    first: _Number
    pattern: SlotRow


class _Part(Record, frozen=True):
    """A part as a ``%`` pattern of numbers, words and rows."""

    pattern: str
    rows: dict[str, _Rows]

    @property
    def is_same(self) -> bool:
        """Tell whether it is the same in all forms."""
        return "%(" not in self.pattern


class Mould:
    """Casts the forms that ask for the same in the same period and have the same kinds of rows."""

    def __init__(self, template: Template, content: FormContent) -> None:
        self._common, self._kinds = marks.common(content), marks.Size.of(content).kinds
        sizes = [marks.Size(*map(operator.mul, each, self._kinds)) for each in (_SMALL, _LARGE)]
        small, large = (cut(lay_out(template, self._common, size)) for size in sizes)
        self._numbers: dict[str, _Number] = {}
        self._styles = Styles(small.texts[_STYLES])
        self._plain_styles = pack_shared(_STYLES, self._styles.xml.encode())
        parts = {name: self._part(name, small, large) for name in small.texts if name != _STYLES}
        self._own = {name: part for name, part in parts.items() if not part.is_same}
        same = {name: (part.pattern % ()).encode() for name, part in parts.items() if part.is_same}
        same = {name: same.pop(name) for name in _FIRST_PARTS} | same | small.others
        self._package = Package(pack_shared(*part) for part in same.items())

    def fits(self, content: FormContent) -> bool:
        """Tell whether the form of this content can be cast from this mould."""
        return marks.Size.of(content).kinds == self._kinds and marks.common(content) == self._common

    def cast(self, content: FormContent) -> bytes:
        """Give the form's workbook.  The same content gives the same bytes."""
        counts, words, sizes = marks.Size.of(content).counts, marks.form_words(content), Sizes(self._styles)
        values = {key: str(number.value(counts)) for key, number in self._numbers.items()}
        values |= {mark: escaped(word) for mark, word in words.items()}
        of_kind = _words_of_rows(content)
        own: list[Packed] = []
        for name, part in self._own.items():
            rows = {
                hole: "".join(
                    each.pattern.filled(number, row_words, sizes)
                    for number, row_words in enumerate(of_kind.get(hole, (words,)), each.first.value(counts))
                )
                for hole, each in part.rows.items()
            }
            own.append(pack(name, (part.pattern % (values | rows)).encode()))
        styles = sizes.xml()
        own.append(self._plain_styles if styles is None else pack(_STYLES, styles.encode()))
        return self._package.with_parts(own)

    def _part(self, name: str, small: Cut, large: Cut) -> _Part:
        numbers = zip(small.rows.get(name, {}).items(), large.rows.get(name, {}).values(), strict=True)
        rows = {hole: _Rows(_Number.of(a, b), pattern) for (hole, (a, pattern)), (b, _) in numbers}
        first_day = f"{self._common.first_day:%Y-%m-%d}T00:00:00Z"
        texts = (_TIME.sub(rf"\g<1>{first_day}", one.texts[name]) for one in (small, large))
        return _Part(self._pattern(*texts), rows)

    def _pattern(self, small: str, large: str) -> str:
        """Make one pattern of two texts that differ in numbers."""
        pairs = zip(_DIGITS.split(small), _DIGITS.split(large), strict=True)
        pattern = "".join(
            a.replace("%", "%%") if a == b else f"%({self._key(_Number.of(int(a), int(b)))})s"
            for a, b in pairs
        )
        return marks.keyed(HOLE.sub(r"%(\1)s", pattern))

    def _key(self, number: _Number) -> str:
        key = " ".join(map(str, (number.without, *number.counted)))
        self._numbers[key] = number
        return key


def _words_of_rows(content: FormContent) -> Mapping[str, list[marks.Words]]:
    """Give what the marks of each row stand for, by the kind of row."""
    words: dict[str, list[marks.Words]] = {}
    for task, role in content.duties:
        words.setdefault(str(role), []).append(marks.task_words(task, role, content.previous))
    for one in content.indicators:
        words.setdefault(INDICATOR, []).append(marks.indicator_words(one))
    return words
