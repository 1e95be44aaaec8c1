"""What an expression is once it is read: a tree of small frozen nodes, each knowing where it stands."""

from __future__ import annotations

from enum import StrEnum

from kepu_xls.model import Record


class Kind(StrEnum):
    """What sort of thing an expression gives."""

    TRUTH = "truth"
    NUMBER = "number"
    DATE = "date"
    TEXT = "text"

    @property
    def label(self) -> str:
        """The word that a clerk sees."""
        return {"truth": "条件", "number": "数", "date": "日期", "text": "文字"}[self.value]


class Op(StrEnum):
    """What an operation does, by the sign or word it is written with."""

    EQUAL = "=="
    UNEQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    AND = "且"
    OR = "或"
    NOT = "非"
    EMPTY = "为空"
    FILLED = "不为空"
    PLUS = "+"
    MINUS = "-"
    LENGTH = "字数"
    CONTAINS = "包含"


class Literal(Record, frozen=True):
    """A number or text that stands in the expression itself; ``at`` counts characters from 0."""

    value: float | str
    at: int


class Name(Record, frozen=True):
    """The value of a name of the vocabulary."""

    name: str
    at: int


class Operation(Record, frozen=True):
    """An operation on one or two nodes."""

    op: Op
    operands: tuple[Node, ...]
    at: int


Node = Literal | Name | Operation


class Fault(Exception):  # noqa: N818 - the house's word for what is wrong with a text that somebody wrote
    """What is wrong with an expression: a code of the catalogue, the position, what fills the text."""

    def __init__(self, code: str, at: int, **details: object) -> None:
        super().__init__(code)
        self.code, self.at, self.details = code, at, details


def names_in(node: Node) -> tuple[str, ...]:
    """List the names that an expression speaks of, each once, from left to right."""
    match node:
        case Name():
            return (node.name,)
        case Operation():
            return tuple(dict.fromkeys(name for one in node.operands for name in names_in(one)))
        case _:
            return ()
