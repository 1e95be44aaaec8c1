"""Entries merged to one row a task, each field by its rule; rows without change filled in first.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from kepu_xls import messages
from kepu_xls.digits import in_digits
from kepu_xls.model import (
    Answer,
    Entry,
    Field,
    FieldType,
    FileRecord,
    Finding,
    MergeRule,
    OpenPeriod,
    Place,
    Role,
    Scalar,
    Task,
)
from kepu_xls.outcome import TaskRow

T = TypeVar("T")

UNCHANGED = "unchanged"
"""Key of the field 本期无变化."""


def carry_over(
    records: Iterable[FileRecord], previous: Iterable[Entry]
) -> tuple[tuple[Entry, ...], tuple[Finding, ...]]:
    """Fill rows marked 本期无变化 with the same unit's answers of the period before.

    What the row says itself stays.  Gives all entries of the files, and a finding for each marked row that
    has nothing to take over.
    """
    before = {(entry.unit, entry.task): entry for entry in previous}
    entries: list[Entry] = []
    findings: list[Finding] = []
    for record in records:
        for entry in record.submission.entries if record.submission else ():
            earlier = before.get((entry.unit, entry.task))
            if entry.unchanged and earlier is None:
                place = Place(record.file.path, entry.sheet, entry.answers[UNCHANGED].cell)
                findings.append(
                    messages.finding("unchanged-from-nothing", place, unit=entry.unit, task=entry.task)
                )
            entries.append(_filled(entry, earlier) if entry.unchanged and earlier else entry)
    return tuple(entries), tuple(findings)


def _filled(entry: Entry, earlier: Entry) -> Entry:
    taken = {
        key: Answer(
            value=old.value, cell=entry.answers[key].cell if key in entry.answers else "", carried=True
        )
        for key, old in earlier.answers.items()
        if key != UNCHANGED and old.value is not None and entry.value(key) is None
    }
    return msgspec.structs.replace(entry, answers={**entry.answers, **taken})


def merge_tasks(opened: OpenPeriod, entries: Iterable[Entry]) -> tuple[TaskRow, ...]:
    """Merge entries to one row a task of the plan, each field by its rule; leads before participants.

    Every task of the plan has its row, also where nobody reported; a field that nobody filled is None.
    """
    order = {unit.name: number for number, unit in enumerate(opened.plan.units)}
    by_task: dict[str, list[Entry]] = {task.number: [] for task in opened.plan.tasks}
    for entry in entries:
        if entry.task in by_task:
            by_task[entry.task].append(entry)
    return tuple(_row(opened, task, by_task[task.number], order) for task in opened.plan.tasks)


def _row(opened: OpenPeriod, task: Task, entries: Iterable[Entry], order: Mapping[str, int]) -> TaskRow:
    places = _places(task)
    ranked = sorted(
        entries,
        key=lambda one: (
            one.role is not Role.LEAD,
            places.get(one.unit, len(places) + order.get(one.unit, len(order))),
        ),
    )
    return TaskRow(
        task=task,
        values={field.key: merged(field, ranked) for field in opened.fields},
        entries=tuple(ranked),
    )


def _places(task: Task) -> dict[str, int]:
    """Give each unit's place among the task's leads and participants; one named twice has its first."""
    return {unit: place for place, unit in enumerate(dict.fromkeys((*task.leads, *task.participants)))}


def merged(field: Field, entries: Sequence[Entry]) -> Scalar:
    """Merge what the entries of one task say under one field; leads before participants."""
    key, rule = field.key, field.merge
    told = [
        (entry, answer)
        for entry in entries
        if (answer := entry.answers.get(key)) is not None and answer.value is not None
    ]
    if not told:
        return None
    if rule is MergeRule.LEAD:
        told = leads_or_all(told, lambda one: one[0].role)
        rule = _rule_of_leads(field)
    if rule is MergeRule.JOIN:
        return "\n".join(_spoken(field, entry.unit, answer) for entry, answer in told)
    return _plain(_reduction(rule, field)([answer.value for _, answer in told]))


def leads_or_all(told: list[T], role: Callable[[T], Role]) -> list[T]:
    """Give what leads said, else what all did: whose word counts by the rule ``lead``."""
    return [one for one in told if role(one) is Role.LEAD] or told


def _rule_of_leads(field: Field) -> MergeRule:
    """How several leads of one task agree: numbers by their mean, choices by the worst, dates by the last."""
    if field.type is FieldType.CHOICE:
        return MergeRule.WORST
    if field.type is FieldType.TEXT:
        return MergeRule.JOIN
    return MergeRule.LATEST if field.type is FieldType.DATE else MergeRule.MEAN


def _spoken(field: Field, unit: str, answer: Answer) -> str:
    """Say a unit's value under its name: ``区教育局：……``."""
    value = answer.value
    is_number = field.type is not FieldType.TEXT
    text = in_digits(value) if is_number and isinstance(value, int | float) else str(value)
    return f"{unit}：{text}{'（本期无变化）' if answer.carried else ''}"


def _reduction(rule: MergeRule, field: Field) -> Callable[[Sequence[Any]], Any]:
    match rule:
        case MergeRule.SUM:
            return lambda values: round(sum(values), 6)
        case MergeRule.MEAN:
            return lambda values: round(sum(values) / len(values), 1)
        case MergeRule.WORST:
            order = field.worst_first or field.choices
            return lambda values: min(values, key=order.index)
        case _:
            return max


def _plain(value: Scalar) -> Scalar:
    """Give whole numbers as int."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
