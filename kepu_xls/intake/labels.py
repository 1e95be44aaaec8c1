"""Wordings folded to what counts, and the table that says which column head means which field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from kepu_xls.identity import CONTEXT_COLUMNS, NUMBER_KEY, PREVIOUS_KEY, PROJECT_KEY, ROLE_KEY, TEXT_KEY
from kepu_xls.model import Field

GIVEN = {
    NUMBER_KEY: ("编号", "任务号"),
    PROJECT_KEY: ("项目名称",),
    TEXT_KEY: ("任务内容", "主要任务内容", "工作任务", "重点任务", "任务"),
    ROLE_KEY: ("角色", "承担方式"),
    PREVIOUS_KEY: ("上期进展情况", "上周进展", "上月进展", "上季度进展"),
}
"""The columns that are given, not asked: key → other heads for them."""

LABEL, BARE, SYNONYM = 0, 1, 2
"""How closely a wording fits: the label itself, the label without its measure, a synonym."""

Meanings = dict[str, tuple[str, int]]
"""Folded wording → (key of field or given column, how closely it fits)."""

_REMEMBERED, _WORDING = 8192, 40
_IGNORED = re.compile("[\\s:*()\\[\\]{}【】〔〕「」“”\"'、,。._\\-—/\\\\★☆\\u200b\\ufeff]+")
_BRACKETED = re.compile(r"[(\[{【〔][^()\[\]{}【】〔〕]*[)\]}】〕]")


def fold(text: str) -> str:
    """Reduce a wording to what counts: width, case, white space, brackets and punctuation are dropped."""
    return _folded(text) if len(text) <= _WORDING else _folded.__wrapped__(text)


@lru_cache(_REMEMBERED)  # forms say the same words again and again
def _folded(text: str) -> str:
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text).casefold())


def without_brackets(text: str) -> str:
    """Drop what stands in brackets: ``完成率(%)`` → ``完成率``."""
    return _BRACKETED.sub("", unicodedata.normalize("NFKC", text))


def meanings(fields: Iterable[Field]) -> Meanings:
    """Make the table of wordings for these fields and the given columns; a label beats a synonym."""
    fields = tuple(fields)
    found: Meanings = {}
    for rank, wordings in (
        (LABEL, [(field.key, field.label) for field in fields] + list(CONTEXT_COLUMNS.items())),
        (BARE, [(field.key, without_brackets(field.label)) for field in fields]),
        (SYNONYM, [(field.key, word) for field in fields for word in field.synonyms]),
        (SYNONYM, [(key, word) for key, names in GIVEN.items() for word in names]),
    ):
        for key, wording in wordings:
            if folded := fold(wording):
                found.setdefault(folded, (key, rank))
    return found


class Words:
    """The wordings of some fields and of the given columns.  ``keys``: all that a wording can mean.

    ``meaning`` tells what a column head means, with or without what stands in brackets; None where it means
    nothing.  It is remembered: the forms of one period say the same words.
    """

    def __init__(self, fields: Iterable[Field]) -> None:
        self._meanings = meanings(fields)
        self.keys = frozenset(key for key, _ in self._meanings.values())
        self.meaning = lru_cache(_REMEMBERED)(self._meaning)

    def _meaning(self, text: str) -> tuple[str, int] | None:
        return self._meanings.get(fold(text)) or self._meanings.get(fold(without_brackets(text)))
