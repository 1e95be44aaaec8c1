"""The names that expressions may use: the labels of fields without their measure, and a few of our own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from kepu_xls.model import Field, FieldType, MergeRule, Record, Role
from kepu_xls.rulebook.tokens import folded
from kepu_xls.rulebook.tree import Kind


class Known(StrEnum):
    """What is known of a row or task without asking for it, by the name that expressions give it."""

    UNIT = "单位"
    ROLE = "角色"
    TASK = "任务编号"
    PERIOD = "期次"
    FIRST_DAY = "期初"
    LAST_DAY = "期末"
    DEADLINE = "完成时限"
    ELAPSED = "序时进度"
    DAYS_LEFT = "剩余天数"


class Term(Record, frozen=True):
    """What a name stands for: a field by its ``key``, of the period before where ``before``, or ``known``.

    ``choices`` are all that the value can be, where it is one of few.
    """

    kind: Kind
    choices: tuple[str, ...] = ()
    key: str = ""
    before: bool = False
    known: Known | None = None


Vocabulary = dict[str, Term]

BEFORE = "上期."
_MEASURE = re.compile(r"\([^()]*\)\s*$")
_KINDS = {
    FieldType.CHOICE: Kind.TEXT,
    FieldType.TEXT: Kind.TEXT,
    FieldType.INTEGER: Kind.NUMBER,
    FieldType.DECIMAL: Kind.NUMBER,
    FieldType.PERCENT: Kind.NUMBER,
    FieldType.DATE: Kind.DATE,
}
_ROLE = Term(Kind.TEXT, choices=tuple(role.label for role in Role), known=Known.ROLE)
_OF_BOTH = {
    Known.TASK: Kind.TEXT,
    Known.PERIOD: Kind.TEXT,
    Known.FIRST_DAY: Kind.DATE,
    Known.LAST_DAY: Kind.DATE,
    Known.DEADLINE: Kind.DATE,
}


def of_entries(fields: Iterable[Field]) -> Vocabulary:
    """Give the names that ``[[rules]]`` may use: one row is what one unit says of one task."""
    named = _named(fields)
    now = {name: _term(field) for name, field in named.items()}
    before = {f"{BEFORE}{name}": _term(field, before=True) for name, field in named.items()}
    own = {Known.UNIT.value: Term(Kind.TEXT, known=Known.UNIT), Known.ROLE.value: _ROLE}
    return {**before, **now, **own, **_known(_OF_BOTH)}


def of_tasks(fields: Iterable[Field]) -> Vocabulary:
    """Give the names that ``[[lights]]`` may use: one row is a task after merging."""
    now = {name: _merged_term(field) for name, field in _named(fields).items()}
    reckoned = {Known.ELAPSED: Kind.NUMBER, Known.DAYS_LEFT: Kind.NUMBER}
    return {**now, **_known({**_OF_BOTH, **reckoned})}


def _known(kinds: dict[Known, Kind]) -> Vocabulary:
    return {known.value: Term(kind, known=known) for known, kind in kinds.items()}


def _named(fields: Iterable[Field]) -> dict[str, Field]:
    """Name the fields: labels without their measure, unless two would then be the same."""
    all_fields = tuple(fields)
    short = {field.key: _MEASURE.sub("", folded(field.label)).strip() for field in all_fields}
    uses = Counter(short.values())
    return {
        short[field.key] if uses[short[field.key]] == 1 else folded(field.label): field
        for field in all_fields
    }


def _term(field: Field, *, before: bool = False) -> Term:
    return Term(_KINDS[field.type], choices=field.choices, key=field.key, before=before)


def _merged_term(field: Field) -> Term:
    """Give the term of a merged field: what ``join`` makes is text, whatever it was."""
    return Term(Kind.TEXT, key=field.key) if field.merge is MergeRule.JOIN else _term(field)
