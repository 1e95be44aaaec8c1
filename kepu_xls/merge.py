"""Which submissions count, and their entries merged to one row a task by each field's rule.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import pandas as pd

from kepu_xls import messages, rating
from kepu_xls.model import (
    Answer,
    Entry,
    Field,
    FieldType,
    FileRecord,
    FileStatus,
    Finding,
    MergeRule,
    OpenPeriod,
    Place,
    Role,
    Scalar,
    Severity,
    Submission,
)
from kepu_xls.outcome import TaskRow, UnitState, UnitStatus

UNCHANGED = "unchanged"
"""Key of the field 本期无变化."""


def choose(
    opened: OpenPeriod,
    records: Sequence[FileRecord],
    let_in: Collection[str] = (),
    voided: Mapping[str, str] | None = None,
) -> tuple[FileRecord, ...]:
    """Tell which file of each unit counts: the last by (填报日期, arrival, name), whole.

    In and out: all files of the period, in the same order.  What the clerk ``voided`` (content hash → why)
    and what arrived after the cut-off is refused, but for units that were ``let_in``; of the rest one a unit
    counts and the others become superseded, with a finding that names it and says what differs.
    """
    standing = [_refused_if_void(record, voided or {}) for record in records]
    in_time = [_refused_if_after_cutoff(opened, record, let_in) for record in standing]
    best: dict[str, FileRecord] = {}
    for record in counting(in_time):
        rival = best.get(record.unit)
        if rival is None or _rank(record) > _rank(rival):
            best[record.unit] = record
    return tuple(_judged(opened, record, best.get(record.unit)) for record in in_time)


def _refused_if_void(record: FileRecord, voided: Mapping[str, str]) -> FileRecord:
    why = voided.get(record.file.sha256)
    if record.submission is None or why is None:
        return record
    finding = messages.finding("file-void", Place(file=record.file.path), unit=record.unit, why=why)
    return msgspec.structs.replace(record, status=FileStatus.REJECTED, findings=(*record.findings, finding))


def _refused_if_after_cutoff(opened: OpenPeriod, record: FileRecord, let_in: Collection[str]) -> FileRecord:
    if record.status is FileStatus.REJECTED or record.submission is None or record.unit in let_in:
        return record
    if record.file.received <= opened.cutoff:
        return record
    finding = messages.finding(
        "file-after-cutoff",
        Place(file=record.file.path),
        unit=record.unit,
        received=f"{record.file.received:%Y-%m-%d %H:%M}",
        cutoff=f"{opened.cutoff:%Y-%m-%d %H:%M}",
    )
    return msgspec.structs.replace(record, status=FileStatus.REJECTED, findings=(*record.findings, finding))


def _rank(record: FileRecord) -> tuple[str, Any, str]:
    answers = record.submission.form_answers if record.submission else {}
    filled_on = answers.get("report_date")
    return (str(filled_on.value or "") if filled_on else "", record.file.received, record.file.path)


def _judged(opened: OpenPeriod, record: FileRecord, winner: FileRecord | None) -> FileRecord:
    if winner is None or record is winner or record.status is FileStatus.REJECTED or not record.submission:
        return record
    place = Place(file=record.file.path)
    if record.file.sha256 == winner.file.sha256:
        finding = messages.finding("file-duplicate", place, unit=record.unit, other=winner.file.path)
    else:
        differs = _differences(opened, record.submission, winner.submission)
        finding = messages.finding(
            "file-superseded", place, unit=record.unit, other=winner.file.path, differs=differs
        )
    return msgspec.structs.replace(record, status=FileStatus.SUPERSEDED, findings=(*record.findings, finding))


_SHOWN_DIFFERENCES = 3


def _differences(opened: OpenPeriod, old: Submission, new: Submission | None) -> str:
    """Say in a few words where two submissions of a unit differ: ``任务 1.1.1 完成率(%)：60→65``."""
    after = {entry.task: entry for entry in new.entries} if new else {}
    told = [
        f"任务 {entry.task} {field.label}：{_brief(entry, field)}→{_brief(after.get(entry.task), field)}"
        for entry in old.entries
        for field in opened.fields
        if entry.value(field.key) != (after[entry.task].value(field.key) if entry.task in after else None)
    ]
    if not told:
        return "各栏内容相同"
    more = f"等 {len(told)} 处" if len(told) > _SHOWN_DIFFERENCES else ""
    return f"不同之处：{'；'.join(told[:_SHOWN_DIFFERENCES])}{more}"


_BRIEF = 12


def _brief(entry: Entry | None, field: Field) -> str:
    value = entry.value(field.key) if entry else None
    if value is None:
        return "空"
    text = f"{value:g}" if isinstance(value, int | float) else value
    return text if len(text) <= _BRIEF else f"{text[:_BRIEF]}…"


def counting(records: Iterable[FileRecord]) -> tuple[FileRecord, ...]:
    """Keep the files that count: after ``choose``, at most one a unit."""
    good = (FileStatus.ACCEPTED, FileStatus.ACCEPTED_WITH_ERRORS)
    return tuple(record for record in records if record.status in good and record.submission is not None)


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
    ranked = sorted(entries, key=lambda one: (one.role is not Role.LEAD, _place_in(opened, one, order)))
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


def _place_in(opened: OpenPeriod, entry: Entry, order: Mapping[str, int]) -> int:
    """Give the unit's place in the task's own list of leads or participants, else in the plan's."""
    task = opened.plan.task(entry.task)
    named = (*task.leads, *task.participants) if task else ()
    return named.index(entry.unit) if entry.unit in named else len(named) + order.get(entry.unit, len(order))


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


def unit_statuses(opened: OpenPeriod, records: Iterable[FileRecord]) -> tuple[UnitStatus, ...]:
    """Tell where each expected unit stands, in the plan's order.

    ``records`` are the period's files after ``choose``.
    """
    by_unit: dict[str, list[FileRecord]] = {}
    for record in records:
        by_unit.setdefault(record.unit, []).append(record)
    return tuple(_status(opened, unit, by_unit.get(unit, [])) for unit in opened.expected)


def _status(opened: OpenPeriod, unit: str, records: Sequence[FileRecord]) -> UnitStatus:
    duties = len(opened.plan.duties_of(unit))
    mine = counting(records)
    if not mine:
        refused = [record for record in records if record.status is FileStatus.REJECTED and not _void(record)]
        state = UnitState.RETURNED if refused else UnitState.MISSING
        last = max(refused, key=lambda record: record.file.received, default=None)
        return UnitStatus(
            unit=unit,
            state=state,
            duties=duties,
            errors=_count(last.findings, Severity.ERROR) if last else 0,
            file=last.file.path if last else "",
            received=last.file.received if last else None,
        )
    record = mine[0]
    submission = record.submission
    entries = submission.entries if submission else ()
    late, nil = record.file.received > opened.deadline, bool(submission and submission.nil)
    errors = _count(record.findings, Severity.ERROR)
    return UnitStatus(
        unit=unit,
        state=_state(errors=errors, late=late, nil=nil),
        reported=True,
        late=late,
        nil=nil,
        rows=sum(not entry.blank for entry in entries),
        duties=duties,
        errors=errors,
        warnings=_count(record.findings, Severity.WARNING),
        file=record.file.path,
        received=record.file.received,
        completeness=rating.completeness(submission, opened) if submission else 0.0,
        days_late=rating.days_late(record.file.received, opened.deadline),
    )


def _state(*, errors: int, late: bool, nil: bool) -> UnitState:
    """One word for a report that came: what the clerk has to act on comes first."""
    if errors:
        return UnitState.RETURNED
    if late:
        return UnitState.LATE
    return UnitState.NIL if nil else UnitState.REPORTED


def _void(record: FileRecord) -> bool:
    """Tell whether a file was refused by the clerk: its unit has nothing to mend, it has still to report."""
    return any(one.code == "file-void" for one in record.findings)


def _count(findings: Iterable[Finding], severity: Severity) -> int:
    return sum(one.severity is severity for one in findings)
