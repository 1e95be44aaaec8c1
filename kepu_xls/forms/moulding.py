"""Making a mould from two blanks of different sizes, laid out and saved by openpyxl.

Where they agree, all forms do; a number in which they differ is the number of a row, and by how much it
differs tells which rows it counts.
"""

from __future__ import annotations

import operator
import re

from kepu_xls.forms import marks
from kepu_xls.forms.blank import lay_out
from kepu_xls.forms.cutting import HOLE, Cut, cut
from kepu_xls.forms.mould import STYLES, Number, Part, Pattern, Rows
from kepu_xls.forms.package import pack_shared
from kepu_xls.forms.shape import Shape
from kepu_xls.forms.template import Template

_SMALL, _LARGE = (2, 2, 2, 3), (3, 4, 6, 11)
"""Rows of the blanks by kind.  They differ by 1, 2, 4 and 8: the sum of any of these tells which they are."""

_FIRST_PARTS = ("[Content_Types].xml", "_rels/.rels")
_DIGITS = re.compile(r"(\d+)")


def make_pattern(template: Template, shape: Shape) -> Pattern:
    """Lay out two blanks of that shape, and find out in what they differ."""
    has = (*shape.kinds, shape.noted is not None)
    blanks = [
        lay_out(template, shape, marks.Size(*map(operator.mul, each, has))) for each in (_SMALL, _LARGE)
    ]
    small, large = (cut(blank, shape.noted) for blank in blanks)
    numbers: dict[str, Number] = {}
    parts = {name: _part(name, small, large, numbers) for name in small.texts if name != STYLES}
    noted = {name for sample in small.notes.values() for name in (sample.comments, sample.shapes)}
    own = {name: part for name, part in parts.items() if "%(" in part.pattern or name in noted}
    same = {name: (part.pattern % ()).encode() for name, part in parts.items() if name not in own}
    same = {name: same.pop(name) for name in _FIRST_PARTS} | same | small.others
    styles = small.texts[STYLES]
    return Pattern(
        numbers=numbers,
        own=own,
        same=tuple(pack_shared(*part) for part in same.items()),
        styles=styles,
        plain_styles=pack_shared(STYLES, styles.encode()),
        sheets=blanks[0].sheets,
        notes=small.notes,
        since_1904=blanks[0].since_1904,
    )


def _part(name: str, small: Cut, large: Cut, known: dict[str, Number]) -> Part:
    numbers = zip(small.rows.get(name, {}).items(), large.rows.get(name, {}).values(), strict=True)
    rows = {hole: Rows(_number(a, b), pattern) for (hole, (a, pattern)), (b, _) in numbers}
    return Part(_pattern(small.texts[name], large.texts[name], known), rows)


def _pattern(small: str, large: str, known: dict[str, Number]) -> str:
    """Make one pattern of two texts that differ in numbers."""

    def key(number: Number) -> str:
        name = " ".join(map(str, (number.without, *number.counted)))
        known[name] = number
        return f"%({name})s"

    pairs = zip(_DIGITS.split(small), _DIGITS.split(large), strict=True)
    pattern = "".join(a.replace("%", "%%") if a == b else key(_number(int(a), int(b))) for a, b in pairs)
    return marks.keyed(HOLE.sub(r"%(\1)s", pattern))


def _number(small: int, large: int) -> Number:
    """Tell what a number counts that differs from blank to blank."""
    difference = large - small
    if not 0 <= difference < 2 ** len(_SMALL):
        raise ValueError(small, large)
    counted = tuple(difference >> kind & 1 for kind in range(len(_SMALL)))
    return Number(small - sum(map(operator.mul, counted, _SMALL)), counted)
