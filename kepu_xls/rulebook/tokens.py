"""The text of an expression → its tokens.  Full-width signs count like their plain ones.

Words need no spaces around them (``存在问题为空且完成率<50``): what is written without a break is cut into
words of the vocabulary, the longest first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

from kepu_xls.model import Record
from kepu_xls.rulebook.tree import Fault, Op

WORDS = {
    "且": Op.AND,
    "and": Op.AND,
    "或": Op.OR,
    "or": Op.OR,
    "非": Op.NOT,
    "not": Op.NOT,
    "不为空": Op.FILLED,
    "为空": Op.EMPTY,
    "字数": Op.LENGTH,
    "包含": Op.CONTAINS,
}
"""The words of the language; no name of the vocabulary may be one of them."""

_SIGNS = {one.value: one for one in Op if not one.value.isalpha()} | {
    "≥": Op.AT_LEAST,
    "≤": Op.AT_MOST,
    "≠": Op.UNEQUAL,
}
_SIGN = re.compile("|".join(re.escape(sign) for sign in sorted(_SIGNS, key=len, reverse=True)))
_NUMBER = re.compile(r"(?>\d+(?:\.\d+)?)")  # atomic: a run of digits is never tried in pieces
_CLOSING = {'"': '"', "'": "'", "“": "“”", "”": "“”", "‘": "‘’", "’": "‘’"}
_LONGEST = 400  # tokens; keeps a tree shallow enough to be walked


class TokenKind(StrEnum):
    """What sort of token it is."""

    NUMBER = "number"
    TEXT = "text"
    NAME = "name"
    OPERATOR = "operator"
    MARK = "mark"
    END = "end"


# after words of the vocabulary: what else may begin at a place, tried in this order; a name then is unknown
_PATTERNS = (
    (_NUMBER, TokenKind.NUMBER),
    (_SIGN, TokenKind.OPERATOR),
    (re.compile(r"[(),]"), TokenKind.MARK),
    (re.compile(r"[\w.]+"), TokenKind.NAME),
)


class Token(Record, frozen=True):
    """A token: what it stands for, its text, and where it begins (characters from 0)."""

    kind: TokenKind
    text: str
    at: int

    @property
    def op(self) -> Op | None:
        """The operation, where it is an operator."""
        return Op(self.text) if self.kind is TokenKind.OPERATOR else None


def folded(text: str) -> str:
    """Fold full-width signs into plain ones, character by character, so that every place stays the same."""
    return "".join(map(_plain, text))


def _plain(char: str) -> str:
    """Fold one character; quotation marks stay, and what would not stay one character."""
    plain = unicodedata.normalize("NFKC", char)
    return plain if len(plain) == 1 else char


def tokens_of(text: str, names: Iterable[str]) -> list[Token]:
    """Cut an expression into tokens, the last of them END.  Raises Fault at what is no word or sign.

    ``names`` are folded, and so is the text of a NAME.
    """
    plain = folded(text)
    word = _word_pattern(tuple(names))
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        if plain[at].isspace():
            at += 1
            continue
        token, at = _next(text, plain, at, word)
        tokens.append(token)
        if len(tokens) > _LONGEST:
            raise Fault("rule-too-long", token.at)
    return [*tokens, Token(TokenKind.END, "", len(text))]


@lru_cache(maxsize=8)  # expressions of one table share their names
def _word_pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """Match one word, the longest such that all that follows without a break is words or numbers too."""
    words = sorted((*names, *WORDS), key=len, reverse=True)
    one = "|".join(map(re.escape, words))
    return re.compile(rf"(?:{one})(?=(?:{one}|{_NUMBER.pattern})*(?![\w.]))")


def _next(text: str, plain: str, at: int, word: re.Pattern[str]) -> tuple[Token, int]:
    """Read the token that begins at ``at``; gives it and where the next may begin."""
    if plain[at] in _CLOSING:
        return _quoted(text, plain, at)
    for pattern, kind in ((word, TokenKind.NAME), *_PATTERNS):
        if found := pattern.match(plain, at):
            return _token(kind, found[0], at), found.end()
    if plain[at] == "=":
        raise Fault("rule-single-equals", at)
    raise Fault("rule-sign-unknown", at, word=text[at])


def _token(kind: TokenKind, text: str, at: int) -> Token:
    """Make a token; words of the language turn from names into operators."""
    op = WORDS.get(text) or _SIGNS.get(text)
    return Token(TokenKind.OPERATOR, op.value, at) if op else Token(kind, text, at)


def _quoted(text: str, plain: str, at: int) -> tuple[Token, int]:
    end = next((n for n in range(at + 1, len(text)) if plain[n] in _CLOSING[plain[at]]), None)
    if end is None:
        raise Fault("rule-quote-open", at)
    return Token(TokenKind.TEXT, text[at + 1 : end], at), end + 1
