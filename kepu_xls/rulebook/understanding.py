"""A tree and a vocabulary → a tree whose every name is known and whose every part is of the right kind."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from kepu_xls.model import Record
from kepu_xls.rulebook.grammar import parse
from kepu_xls.rulebook.tree import Fault, Kind, Literal, Name, Node, Op, Operation
from kepu_xls.rulebook.vocabulary import Vocabulary

_ORDERS = (Op.LESS, Op.AT_MOST, Op.MORE, Op.AT_LEAST)
_LIKE = 50  # rapidfuzz's score from which a name is worth suggesting
_BRACES = re.compile(r"\{(?P<inner>[^{}]*)\}")


class Value(Record, frozen=True):
    """An expression that was understood, and what kind of thing it gives."""

    node: Node
    kind: Kind


Wording = tuple[str | Value, ...]
"""A text for people, with values to be filled in."""


def condition(text: str, vocabulary: Vocabulary) -> Node:
    """Understand an expression that has to be a condition.  Raises Fault where it is none."""
    return _as(Kind.TRUTH, parse(text, vocabulary), vocabulary)


def wording(text: str, vocabulary: Vocabulary) -> Wording:
    """Understand a text with expressions in braces: ``低{序时进度 - 完成率}个百分点``.  Raises Fault."""
    parts: list[str | Value] = []
    end = 0
    for match in _BRACES.finditer(text):
        parts += [_literally(text, end, match.start()), _filled_in(match, vocabulary)]
        end = match.end()
    parts.append(_literally(text, end, len(text)))
    return tuple(part for part in parts if part != "")


def _literally(text: str, start: int, end: int) -> str:
    lone = next((n for n in range(start, end) if text[n] in "{}"), None)
    if lone is not None:
        raise Fault("rule-brace-lone", lone)
    return text[start:end]


def _filled_in(match: re.Match[str], vocabulary: Vocabulary) -> Value:
    begins = match.start("inner")
    try:
        value = _understood(parse(match["inner"], vocabulary), vocabulary)
    except Fault as fault:
        raise Fault(fault.code, begins + fault.at, **fault.details) from fault
    if value.kind is Kind.TRUTH:
        raise Fault("rule-no-value", begins)
    return value


def _understood(node: Node, vocabulary: Vocabulary) -> Value:
    match node:
        case Literal():
            return Value(node, Kind.TEXT if isinstance(node.value, str) else Kind.NUMBER)
        case Name():
            return Value(node, _kind_of(node, vocabulary))
        case _:
            return _operation(node, vocabulary)


def _operation(node: Operation, vocabulary: Vocabulary) -> Value:
    match node.op:
        case Op.AND | Op.OR | Op.NOT:
            return Value(_all(Kind.TRUTH, node, vocabulary), Kind.TRUTH)
        case Op.LENGTH:
            return Value(_all(Kind.TEXT, node, vocabulary), Kind.NUMBER)
        case Op.CONTAINS:
            return Value(_all(Kind.TEXT, node, vocabulary), Kind.TRUTH)
        case Op.EMPTY | Op.FILLED:
            return _emptiness(node.op, _understood(node.operands[0], vocabulary), node.at)
        case Op.PLUS | Op.MINUS:
            return _sum(node, vocabulary)
        case _:
            return _comparison(node, vocabulary)


def _kind_of(node: Name, vocabulary: Vocabulary) -> Kind:
    if node.name not in vocabulary:
        raise Fault(
            "rule-name-unknown",
            node.at,
            word=node.name,
            suggestion=_suggestion(node.name, vocabulary),
            known="、".join(name for name, term in vocabulary.items() if not term.before),
        )
    return vocabulary[node.name].kind


def _suggestion(word: str, known: Iterable[str]) -> str:
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - only where a name is misspelt

    found = process.extractOne(word, tuple(known), scorer=fuzz.ratio, score_cutoff=_LIKE)
    return f"，是不是“{found[0]}”？" if found else ""


def _as(wanted: Kind, node: Node, vocabulary: Vocabulary) -> Node:
    """Understand a node that has to be of some kind."""
    value = _understood(node, vocabulary)
    if value.kind is not wanted:
        code = "rule-not-condition" if wanted is Kind.TRUTH else "rule-wrong-kind"
        raise Fault(code, node.at, wanted=wanted.label, kind=value.kind.label)
    return value.node


def _all(wanted: Kind, node: Operation, vocabulary: Vocabulary) -> Operation:
    operands = tuple(_as(wanted, operand, vocabulary) for operand in node.operands)
    return Operation(node.op, operands, node.at)


def _emptiness(op: Op, value: Value, at: int) -> Value:
    if value.kind is Kind.TRUTH:
        raise Fault("rule-no-value", at)
    return Value(Operation(op, (value.node,), at), Kind.TRUTH)


def _sum(node: Operation, vocabulary: Vocabulary) -> Value:
    """Numbers with numbers; days to and from a date; a date less a date is days."""
    left, right = (_understood(operand, vocabulary) for operand in node.operands)
    added = Operation(node.op, (left.node, right.node), node.at)
    match (left.kind, node.op, right.kind):
        case (Kind.NUMBER, _, Kind.NUMBER) | (Kind.DATE, Op.MINUS, Kind.DATE):
            return Value(added, Kind.NUMBER)
        case (Kind.DATE, _, Kind.NUMBER):
            return Value(added, Kind.DATE)
    raise Fault("rule-no-sum", node.at, left=left.kind.label, right=right.kind.label)


def _comparison(node: Operation, vocabulary: Vocabulary) -> Value:
    left, right = (_understood(operand, vocabulary) for operand in node.operands)
    if node.op in (Op.EQUAL, Op.UNEQUAL):
        for one, other in ((left, right), (right, left)):
            if isinstance(one.node, Literal) and one.node.value == "":
                return _emptiness(Op.EMPTY if node.op is Op.EQUAL else Op.FILLED, other, node.at)
    left, right = _dated(left, right.kind), _dated(right, left.kind)
    if left.kind is not right.kind or left.kind is Kind.TRUTH:
        raise Fault("rule-not-comparable", node.at, left=left.kind.label, right=right.kind.label)
    if left.kind is Kind.TEXT and node.op in _ORDERS:
        raise Fault("rule-no-order", node.at, op=node.op.value)
    _check_choice(left.node, right.node, vocabulary)
    _check_choice(right.node, left.node, vocabulary)
    return Value(Operation(node.op, (left.node, right.node), node.at), Kind.TRUTH)


def _dated(value: Value, other: Kind) -> Value:
    """Read a text as the date that it is compared with."""
    node = value.node
    if other is not Kind.DATE or not isinstance(node, Literal) or not isinstance(node.value, str):
        return value
    try:
        day = date.fromisoformat(node.value)
    except ValueError as error:
        raise Fault("rule-no-date", node.at, value=node.value) from error
    return Value(Literal(float(day.toordinal()), node.at), Kind.DATE)


def _check_choice(name: Node, value: Node, vocabulary: Vocabulary) -> None:
    """Refuse a value that the name can never have."""
    if not isinstance(name, Name) or not isinstance(value, Literal):
        return
    choices = vocabulary[name.name].choices
    if choices and value.value not in choices:
        raise Fault("rule-no-choice", value.at, value=value.value, name=name.name, choices="、".join(choices))
