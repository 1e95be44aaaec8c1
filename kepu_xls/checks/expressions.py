"""What an expression of the rulebook gives for every row of a table at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd

from kepu_xls.rulebook import Kind, Literal, Name, Node, Op, Wording

_COMPARISONS: dict[Op, Callable[[Any, Any], Any]] = {
    Op.EQUAL: lambda left, right: left == right,
    Op.UNEQUAL: lambda left, right: left != right,
    Op.LESS: lambda left, right: left < right,
    Op.AT_MOST: lambda left, right: left <= right,
    Op.MORE: lambda left, right: left > right,
    Op.AT_LEAST: lambda left, right: left >= right,
}
_NOTHING = "（未填）"
_DIGITS = 6  # to which sums are kept, so that 0.1 + 0.2 is 0.3


def evaluate(node: Node, table: pd.DataFrame) -> pd.Series:
    """Give the value of an expression for each row: conditions as booleans, the rest as columns of the table.

    A comparison with nothing does not hold.
    """
    match node:
        case Literal(value=str() as text):
            return pd.Series(text, index=table.index, dtype=object)
        case Literal(value=number):
            return pd.Series(number, index=table.index, dtype=float)
        case Name():
            return table[node.name]
    operands = [evaluate(operand, table) for operand in node.operands]
    if node.op in _COMPARISONS:
        left, right = operands
        holds: pd.Series = _COMPARISONS[node.op](left, right)
        return holds & _filled(left) & _filled(right)
    return _OPERATIONS[node.op](*operands)


def _filled(column: pd.Series) -> pd.Series:
    return column.ne("") if column.dtype == object else column.notna()


def _length(texts: pd.Series) -> pd.Series:
    """Count characters; spaces and line breaks are none."""
    return pd.Series([len("".join(text.split())) for text in texts], index=texts.index, dtype=float)


def _contains(texts: pd.Series, parts: pd.Series) -> pd.Series:
    found = [part != "" and part in text for text, part in zip(texts, parts, strict=True)]
    return pd.Series(found, index=texts.index, dtype=bool)


_OPERATIONS: dict[Op, Callable[..., pd.Series]] = {
    Op.AND: lambda left, right: left & right,
    Op.OR: lambda left, right: left | right,
    Op.NOT: lambda one: ~one,
    Op.EMPTY: lambda one: ~_filled(one),
    Op.FILLED: _filled,
    Op.PLUS: lambda left, right: (left + right).round(_DIGITS),
    Op.MINUS: lambda left, right: (left - right).round(_DIGITS),
    Op.LENGTH: _length,
    Op.CONTAINS: _contains,
}


def fill_in(wording: Wording, table: pd.DataFrame) -> list[str]:
    """Write a wording for each row of a table."""
    parts = [
        [part] * len(table)
        if isinstance(part, str)
        else [_said(part.kind, value) for value in evaluate(part.node, table)]
        for part in wording
    ]
    return ["".join(row) for row in zip(*parts, strict=True)] if parts else [""] * len(table)


def _said(kind: Kind, value: Any) -> str:  # noqa: ANN401 - a cell of whatever column
    """Write a value as a clerk would: no more than two decimals, dates as they are kept."""
    if value == "" or value != value:  # noqa: PLR0124 - NaN, which is nothing
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
