"""Entries merged to one row a task, each field by its rule; rows without change filled in first.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import pandas as pd

from kepu_xls import messages
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
    planned = {task.number: task for task in opened.plan.tasks}
    ranked = sorted(
        entries,
        key=lambda one: (one.role is not Role.LEAD, _place_in(planned.get(one.task), one.unit, order)),
    )
    values = {field.key: _merged(field, ranked) for field in opened.fields}
    by_task: dict[str, list[Entry]] = {}
    for entry in ranked:
        by_task.setdefault(entry.task, []).append(entry)
    return tuple(
        TaskRow(
            task=task,
            values={key: column.get(task.number) for key, column in values.items()},
            entries=tuple(by_task.get(task.number, ())),
        )
        for task in opened.plan.tasks
    )


def _place_in(task: Task | None, unit: str, order: Mapping[str, int]) -> int:
    """Give the unit's place in the task's own list of leads or participants, else in the plan's."""
    named = (*task.leads, *task.participants) if task else ()
    return named.index(unit) if unit in named else len(named) + order.get(unit, len(order))


def _merged(field: Field, entries: Sequence[Entry]) -> dict[str, Scalar]:
    """Merge one field over all entries: task number → value."""
    frame = pd.DataFrame(
        [
            (entry.task, entry.role is Role.LEAD, entry.unit, answer.value, answer.carried)
            for entry in entries
            if (answer := entry.answers.get(field.key)) is not None and answer.value is not None
        ],
        columns=["task", "lead", "unit", "value", "carried"],
    )
    if frame.empty:
        return {}
    rule = field.merge
    if rule is MergeRule.LEAD:
        led = frame.groupby("task")["lead"].transform("any")
        frame = frame[frame["lead"] | ~led]
        rule = _rule_of_leads(field)
    if rule is MergeRule.JOIN:
        frame["value"] = [
            _spoken(field, unit, value, carried)
            for unit, value, carried in zip(frame["unit"], frame["value"], frame["carried"], strict=True)
        ]
    merged = frame.groupby("task", sort=False)["value"].agg(_reduction(rule, field))
    return {str(task): _plain(value) for task, value in merged.items()}


def _rule_of_leads(field: Field) -> MergeRule:
    """How several leads of one task agree: numbers by their mean, choices by the worst, dates by the last."""
    if field.type is FieldType.CHOICE:
        return MergeRule.WORST
    if field.type is FieldType.TEXT:
        return MergeRule.JOIN
    return MergeRule.LATEST if field.type is FieldType.DATE else MergeRule.MEAN


def _spoken(field: Field, unit: str, value: Scalar, carried: bool) -> str:  # noqa: FBT001 - a column of the table
    """Say a unit's value under its name: ``区教育局：……``."""
    text = f"{value:g}" if isinstance(value, int | float) and field.type is not FieldType.TEXT else str(value)
    return f"{unit}：{text}{'（本期无变化）' if carried else ''}"


def _reduction(rule: MergeRule, field: Field) -> Callable[[Any], Any]:
    match rule:
        case MergeRule.SUM:
            return lambda column: round(sum(column), 6)
        case MergeRule.MEAN:
            return lambda column: round(sum(column) / len(column), 1)
        case MergeRule.WORST:
            order = field.worst_first or field.choices
            return lambda column: min(column, key=order.index)
        case MergeRule.JOIN:
            return "\n".join
        case _:
            return max


def _plain(value: Any) -> Scalar:  # noqa: ANN401 - whatever pandas made of a Scalar
    """Give a value as Python's own type; whole numbers as int."""
    if isinstance(value, str):
        return value
    number = float(value)
    return int(number) if number.is_integer() else number
