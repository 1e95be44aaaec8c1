"""Rules held against rows mean what a second, plain reading of the same expression means."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from builders import entry, open_period
from hypothesis import given, settings
from hypothesis import strategies as st

from kepu_xls.checks import check_rules
from kepu_xls.checks.wording import normalised
from kepu_xls.model import Scalar
from kepu_xls.rulebook import Rule

OPENED = open_period()
Row = dict[str, Scalar]


class Said(NamedTuple):
    """An expression and what it comes to for a row, reckoned exactly; None is nothing."""

    text: str
    of: Callable[[Row], object]


def _field(label: str, key: str) -> Said:
    def value(row: Row) -> object:
        said = row[key]
        return Fraction(str(said)) if isinstance(said, int | float) else said

    return Said(label, value)


def _both(sign: str, left: Said, right: Said, reckon: Callable[..., object]) -> Said:
    def value(row: Row) -> object:
        one, other = left.of(row), right.of(row)
        return None if one is None or other is None else reckon(one, other)

    return Said(f"({left.text} {sign} {right.text})", value)


_SUMS: dict[str, Callable[..., object]] = {"+": lambda a, b: a + b, "-": lambda a, b: a - b}
_ORDERS: dict[str, Callable[..., object]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
FIGURES = {"完成率": "percent", "参与人次": "attendance", "投入经费": "funds"}
TEXTS = {"备注": "remarks", "存在问题": "problems"}
texts = st.sampled_from([*(_field(*one) for one in TEXTS.items()), Said('"甲"', lambda _: "甲")])
numbers = st.recursive(
    st.one_of(
        st.sampled_from([_field(*one) for one in FIGURES.items()]),
        st.integers(0, 9).map(lambda n: Said(f"0.{n}", lambda _: Fraction(n, 10))),
        st.sampled_from(sorted(TEXTS)).map(
            lambda label: Said(f"字数({label})", lambda row: Fraction(len(str(row[TEXTS[label]] or ""))))
        ),
    ),
    lambda inner: st.builds(
        lambda sign, left, right: _both(sign, left, right, _SUMS[sign]),
        st.sampled_from([*_SUMS]),
        inner,
        inner,
    ),
    max_leaves=3,
)


def _empty(one: Said, sign: str) -> Said:
    return Said(f"({one.text} {sign})", lambda row: (one.of(row) is None) == (sign == "为空"))


def _contains(one: Said, part: Said) -> Said:
    def value(row: Row) -> bool:
        text, sought = one.of(row), part.of(row)
        return sought is not None and str(sought) in str(text or "")

    return Said(f"包含({one.text}, {part.text})", value)


simple = st.one_of(
    st.builds(lambda s, a, b: _both(s, a, b, _ORDERS[s]), st.sampled_from([*_ORDERS]), numbers, numbers),
    st.builds(lambda s, a, b: _both(s, a, b, _ORDERS[s]), st.sampled_from(["==", "!="]), texts, texts),
    st.builds(_empty, st.one_of(numbers, texts), st.sampled_from(["为空", "不为空"])),
    st.builds(_contains, texts, texts),
)
conditions = st.recursive(
    simple,
    lambda inner: st.one_of(
        inner.map(lambda one: Said(f"(非 {one.text})", lambda row: not one.of(row))),
        st.builds(
            lambda a, b: Said(f"({a.text} 且 {b.text})", lambda row: bool(a.of(row)) and bool(b.of(row))),
            inner,
            inner,
        ),
        st.builds(
            lambda a, b: Said(f"({a.text} 或 {b.text})", lambda row: bool(a.of(row)) or bool(b.of(row))),
            inner,
            inner,
        ),
    ),
    max_leaves=4,
)
rows = st.lists(
    st.fixed_dictionaries(
        {
            "percent": st.none() | st.integers(0, 3),
            "attendance": st.none() | st.integers(0, 3),
            "funds": st.none() | st.integers(0, 9).map(lambda n: n / 10),
            "remarks": st.none() | st.sampled_from(["甲", "甲乙", "乙"]),
            "problems": st.none() | st.sampled_from(["甲", "甲乙", "乙"]),
        }
    ),
    min_size=3,
    max_size=8,
)


@settings(max_examples=400)
@given(st.none() | conditions, simple | conditions, rows)
def test_a_rule_is_broken_where_its_condition_holds_and_what_it_expects_does_not(
    when: Said | None, expect: Said, said: list[Row]
) -> None:
    entries = [entry("区教育局", "1.1.1", row=number, **row) for number, row in enumerate(said, 1)]
    rule = Rule("x", expect.text, "…", when=when.text if when else "", cell="完成率")
    found = [one.place.cell for one in check_rules([rule], OPENED, entries, (), {})]
    wrong = [
        number for number, row in enumerate(said, 1) if (not when or when.of(row)) and not expect.of(row)
    ]
    assert found == [f"H{number}" for number in wrong]


@given(st.text(st.sampled_from("aB1 中文，。：％（Ａ１①㎡ﾊﾞéＺ_·…—\u0301\u3000\n")))
def test_the_quick_way_to_a_normal_form_gives_what_the_long_way_gives(text: str) -> None:
    long = "".join(char for char in unicodedata.normalize("NFKC", text) if char.isalnum()).casefold()
    assert normalised(text) == long
