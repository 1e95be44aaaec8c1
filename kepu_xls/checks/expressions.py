"""Expressions of the rulebook, made into functions that give their value for a row of a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from kepu_xls.rulebook import Kind, Literal, Name, Node, Op, Wording

Columns = Mapping[str, Sequence[float | str]]
"""Name → its value in each row: numbers and ordinals of dates, NaN for nothing; texts, ``""`` for nothing."""
OfRow = Callable[[int], Any]
"""Gives a value for the row of that number, counted from 0."""

_NOTHING = "（未填）"
_DIGITS = 6  # to which sums are kept, so that 0.1 + 0.2 is 0.3


def compiled(node: Node, columns: Columns) -> OfRow:
    """Make a function of an expression: conditions give a bool, the rest what columns hold.

    A comparison with nothing does not hold.
    """
    match node:
        case Literal():
            value = node.value if isinstance(node.value, str) else float(node.value)
            return lambda _: value
        case Name():
            return columns[node.name].__getitem__
    return _OPERATIONS[node.op](*(compiled(operand, columns) for operand in node.operands))


def filled(value: float | str) -> bool:
    """Tell whether a value is something: no NaN, no empty text."""
    return value == value and value != ""  # noqa: PLR0124 - NaN is not equal to itself


def _unequal(left: OfRow, right: OfRow) -> OfRow:
    return lambda row: (one := left(row)) != (other := right(row)) and filled(one) and filled(other)


def _length(text: str) -> float:
    """Count characters; spaces and line breaks are none."""
    return float(len("".join(text.split())))


# NaN, which is nothing, is never equal to, before or after anything; texts are compared for equality alone
_OPERATIONS: dict[Op, Callable[..., OfRow]] = {
    Op.EQUAL: lambda left, right: lambda row: (one := left(row)) == right(row) and one != "",
    Op.UNEQUAL: _unequal,
    Op.LESS: lambda left, right: lambda row: left(row) < right(row),
    Op.AT_MOST: lambda left, right: lambda row: left(row) <= right(row),
    Op.MORE: lambda left, right: lambda row: left(row) > right(row),
    Op.AT_LEAST: lambda left, right: lambda row: left(row) >= right(row),
    Op.AND: lambda left, right: lambda row: left(row) and right(row),
    Op.OR: lambda left, right: lambda row: left(row) or right(row),
    Op.NOT: lambda one: lambda row: not one(row),
    Op.EMPTY: lambda one: lambda row: not filled(one(row)),
    Op.FILLED: lambda one: lambda row: filled(one(row)),
    Op.PLUS: lambda left, right: lambda row: round(left(row) + right(row), _DIGITS),
    Op.MINUS: lambda left, right: lambda row: round(left(row) - right(row), _DIGITS),
    Op.LENGTH: lambda one: lambda row: _length(one(row)),
    Op.CONTAINS: lambda text, part: lambda row: (sought := part(row)) != "" and sought in text(row),
}


def written(wording: Wording, columns: Columns) -> Callable[[int], str]:
    """Make a function that writes a wording for a row."""
    parts = [part if isinstance(part, str) else _said_of(part.kind, part.node, columns) for part in wording]
    return lambda row: "".join(part if isinstance(part, str) else part(row) for part in parts)


def _said_of(kind: Kind, node: Node, columns: Columns) -> Callable[[int], str]:
    value = compiled(node, columns)
    return lambda row: _said(kind, value(row))


def _said(kind: Kind, value: Any) -> str:  # noqa: ANN401 - a cell of whatever column
    """Write a value as a clerk would: no more than two decimals, dates as they are kept."""
    if not filled(value):
        return _NOTHING
    match kind:
        case Kind.DATE:
            known = 1 <= value <= date.max.toordinal()  # a sum may lead past the calendar
            return date.fromordinal(int(value)).isoformat() if known else _NOTHING
        case Kind.NUMBER:
            text = f"{round(value, 2) + 0.0:.2f}"  # adding 0.0 takes the sign off -0.0
            return text.rstrip("0").rstrip(".")
        case _:
            return str(value)
