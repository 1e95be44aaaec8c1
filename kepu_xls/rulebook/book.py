"""``[[rules]]`` and ``[[lights]]`` as they are written, and as they are understood."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, TypeVar

from kepu_xls.model import Field, Record
from kepu_xls.rulebook.tokens import folded
from kepu_xls.rulebook.tree import Fault, Node, names_in
from kepu_xls.rulebook.understanding import Wording, condition, wording
from kepu_xls.rulebook.vocabulary import Term, Vocabulary, of_entries, of_tasks

T = TypeVar("T")


class Rule(Record, frozen=True):
    """A ``[[rules]]`` table: where ``when`` holds for a row, ``expect`` has to hold too.

    ``when`` left out holds always.  ``cell`` is the field at whose cell the finding stands; left out, the
    first field that ``expect`` names.  ``message`` and ``remedy`` may have expressions in braces.
    """

    code: str
    expect: str
    message: str
    when: str = ""
    severity: Literal["error", "warning"] = "error"
    remedy: str = ""
    applies_to: Literal["lead", "participant", "all"] = "all"
    cell: str = ""


class LightRule(Record, frozen=True):
    """A ``[[lights]]`` table: the first whose ``when`` holds for a task gives its colour and ``reason``."""

    colour: Literal["红", "黄", "绿", "蓝"]
    reason: str
    when: str = ""


class ReadRule(Record, frozen=True):
    """A rule that was understood.  ``key`` of the field to point at; empty where none is named."""

    rule: Rule
    when: Node | None
    expect: Node
    message: Wording
    remedy: Wording
    key: str
    terms: dict[str, Term]

    @property
    def names(self) -> tuple[str, ...]:
        """The names that decide whether the rule is broken."""
        return tuple(dict.fromkeys((*(names_in(self.when) if self.when else ()), *names_in(self.expect))))


class ReadLight(Record, frozen=True):
    """A rule for lights that was understood."""

    colour: str
    when: Node | None
    reason: Wording
    terms: dict[str, Term]


class RuleFault(Exception):  # noqa: N818 - see Fault
    """What is wrong with a rule: the ``key`` in its table, the text there, and the fault in it."""

    def __init__(self, key: str, text: str, fault: Fault) -> None:
        super().__init__(fault.code)
        self.key, self.text, self.fault = key, text, fault


def read_rule(rule: Rule, fields: Iterable[Field]) -> ReadRule:
    """Understand a rule in the words of these fields.  Raises RuleFault at the first thing that is wrong."""
    terms = of_entries(fields)
    when = _read("when", rule.when, condition, terms) if rule.when else None
    expect = _read("expect", rule.expect, condition, terms)
    return ReadRule(
        rule=rule,
        when=when,
        expect=expect,
        message=_read("message", rule.message, wording, terms),
        remedy=_read("remedy", rule.remedy, wording, terms),
        key=_read("cell", rule.cell, _field_named, terms) if rule.cell else _first_field(expect, when, terms),
        terms=terms,
    )


def read_light(light: LightRule, fields: Iterable[Field]) -> ReadLight:
    """Understand a rule for lights in the words of these fields.  Raises RuleFault."""
    terms = of_tasks(fields)
    return ReadLight(
        colour=light.colour,
        when=_read("when", light.when, condition, terms) if light.when else None,
        reason=_read("reason", light.reason, wording, terms),
        terms=terms,
    )


def _read(key: str, text: str, how: Callable[[str, Vocabulary], T], terms: Vocabulary) -> T:
    try:
        return how(text, terms)
    except Fault as fault:
        raise RuleFault(key, text, fault) from fault


def _field_named(label: str, terms: Vocabulary) -> str:
    """Give the key of the field of this period that has the name."""
    term = terms.get(folded(label))
    if term is None or not term.key or term.before:
        known = "、".join(name for name, one in terms.items() if one.key and not one.before)
        raise Fault("rule-name-unknown", 0, word=label, suggestion="", known=known)
    return term.key


def _first_field(expect: Node, when: Node | None, terms: Vocabulary) -> str:
    """Choose where to point: the first field of this period in ``expect``, else in ``when``."""
    named = (*names_in(expect), *(names_in(when) if when else ()))
    return next((terms[name].key for name in named if terms[name].key and not terms[name].before), "")
