"""The tokens of an expression → its tree.

From loose to tight: 或, 且, 非, one comparison or 为空, + and -, then numbers, texts, names,
functions and parentheses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kepu_xls.rulebook.tokens import Token, TokenKind, tokens_of
from kepu_xls.rulebook.tree import Fault, Literal, Name, Node, Op, Operation

_COMPARISONS = (Op.EQUAL, Op.UNEQUAL, Op.LESS, Op.AT_MOST, Op.MORE, Op.AT_LEAST)
_POSTFIX = (Op.EMPTY, Op.FILLED)
_FUNCTIONS = {Op.LENGTH: 1, Op.CONTAINS: 2, Op.EMPTY: 1, Op.FILLED: 1}
_DEEPEST = 20


def parse(text: str, names: Iterable[str]) -> Node:
    """Read an expression.  ``names`` tell where a word ends; whether one is known is not asked here.

    Raises Fault at the place where it cannot be read.
    """
    reader = _Reader(tokens_of(text, names))
    tree = reader.alternatives()
    reader.end()
    return tree


class _Reader:
    """Reads the tokens from left to right; ``_at`` is the next one."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _taken(self, *ops: Op) -> Token | None:
        """Take the next token where it is one of the operators."""
        token = self._next
        if token.op not in ops:
            return None
        self._at += 1
        return token

    def _mark(self, mark: str) -> None:
        """Take a parenthesis or comma that has to stand here."""
        if self._next.kind is not TokenKind.MARK or self._next.text != mark:
            raise self._unexpected(f"“{mark}”")
        self._at += 1

    def _unexpected(self, wanted: str) -> Fault:
        if self._next.kind is TokenKind.END:
            return Fault("rule-unfinished", self._next.at, wanted=wanted)
        return Fault("rule-unexpected", self._next.at, word=self._next.text, wanted=wanted)

    def end(self) -> None:
        """See to it that nothing is left."""
        if self._next.kind is not TokenKind.END:
            raise self._unexpected("“且”“或”或者到此为止")

    def alternatives(self) -> Node:
        """Read conditions with 或 between them: the whole of an expression."""
        return self._chain(self._conditions, Op.OR)

    def _conditions(self) -> Node:
        return self._chain(self._condition, Op.AND)

    def _chain(self, part: Callable[[], Node], *ops: Op) -> Node:
        """Read parts with operators between them, grouped from the left."""
        node = part()
        while token := self._taken(*ops):
            node = Operation(Op(token.text), (node, part()), token.at)
        return node

    def _condition(self) -> Node:
        token = self._taken(Op.NOT)
        if token is None:
            return self._comparison()
        self._deeper(token)
        node = Operation(Op.NOT, (self._condition(),), token.at)
        self._depth -= 1
        return node

    def _deeper(self, token: Token) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Fault("rule-too-long", token.at)

    def _comparison(self) -> Node:
        left = self._sum()
        if token := self._taken(*_POSTFIX):
            return Operation(Op(token.text), (left,), token.at)
        if token := self._taken(*_COMPARISONS):
            return Operation(Op(token.text), (left, self._sum()), token.at)
        return left

    def _sum(self) -> Node:
        return self._chain(self._operand, Op.PLUS, Op.MINUS)

    def _operand(self) -> Node:
        token = self._next
        if token.op in _FUNCTIONS:
            return self._function()
        if token.kind is TokenKind.MARK and token.text == "(":
            return self._inside()
        self._at += 1
        match token.kind:
            case TokenKind.NUMBER:
                return Literal(float(token.text), token.at)
            case TokenKind.TEXT:
                return Literal(token.text, token.at)
            case TokenKind.NAME:
                return self._name(token)
        if token.op is Op.MINUS:
            return self._negative(token)
        self._at -= 1
        raise self._unexpected("栏目名称、数或加引号的文字")

    def _name(self, token: Token) -> Node:
        if self._next.kind is TokenKind.MARK and self._next.text == "(":
            raise Fault("rule-function-unknown", token.at, word=token.text)
        return Name(token.text, token.at)

    def _negative(self, token: Token) -> Node:
        self._deeper(token)
        node = Operation(Op.MINUS, (Literal(0.0, token.at), self._operand()), token.at)
        self._depth -= 1
        return node

    def _inside(self) -> Node:
        self._deeper(self._next)
        self._mark("(")
        node = self.alternatives()
        self._mark(")")
        self._depth -= 1
        return node

    def _function(self) -> Node:
        token = self._next
        op = Op(token.text)
        self._deeper(token)
        self._at += 1
        self._mark("(")
        operands = [self._sum()]
        while len(operands) < _FUNCTIONS[op]:
            self._mark(",")
            operands.append(self._sum())
        self._mark(")")
        self._depth -= 1
        return Operation(op, tuple(operands), token.at)
