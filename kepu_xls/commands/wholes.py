"""What all units of a period come to together: held against each other, and merged task by task."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec

from kepu_xls import checks, merge
from kepu_xls.commands.checking import of_period
from kepu_xls.commands.past import names_then, renamed
from kepu_xls.commands.portions import batches, tasks_at_a_time, with_tasks
from kepu_xls.commands.session import Session
from kepu_xls.ledger import Judgement
from kepu_xls.model import (
    Entry,
    Field,
    FieldType,
    FileRecord,
    Finding,
    MergeRule,
    OpenPeriod,
    Scalar,
    Task,
    status_of,
)
from kepu_xls.outcome import MANY as MANY  # noqa: PLC0414 - `settling` reckons with it here
from kepu_xls.outcome import TaskRow, TrendPoint, UnitStatus
from kepu_xls.succession import heirs

_JOINED = 2000
"""Characters kept of what so many units wrote; the whole stands in 明细数据."""

Across = Mapping[tuple[str, str], Sequence[Finding]]
"""What was found across units, by unit and file."""


def hold_together(session: Session, opened: OpenPeriod, earlier: Sequence[OpenPeriod]) -> None:
    """Hold the units of a period against each other, merge what they say, and keep what comes of it."""
    ledger, period = session.ledger, opened.period
    files = {one.unit: one.file for one in ledger.sources(period)}
    whole = _Whole(session, opened, files)
    found = (*of_period(session.config, opened), *_silent(session, opened, earlier, files), *whole.found())
    across: dict[tuple[str, str], list[Finding]] = {}
    remarks: list[Finding] = []
    for one in found:
        if one.unit and files.get(one.unit) == one.place.file:
            across.setdefault((one.unit, one.place.file), []).append(one)
        else:
            remarks.append(one)
    judged = tuple(_judged(session, opened, across))
    ledger.finish(period, judged, remarks, whole.merged, whole.point())


def _judged(
    session: Session, opened: OpenPeriod, across: Across
) -> Iterator[tuple[Judgement, UnitStatus | None]]:
    """Judge anew the files of units of which something was found across units, now or before."""
    ledger, period = session.ledger, opened.period
    before = ledger.across(period)
    units = {unit for unit, _ in across} | ledger.units_of(before)
    expected = frozenset(opened.expected)
    for some in batches(sorted(units)):
        kept = ledger.judgements(period, some)
        records = [
            _with(one, kept[one.file.path, one.file.sha256], across) for one in ledger.files(period, some)
        ]
        standings = {
            one.unit: one for one in merge.unit_statuses(opened, records, expected.intersection(some))
        }
        for record in merge.counting(records):
            found = tuple(across.get((record.unit, record.file.path), ()))
            yield Judgement(record.file, record.unit, record.status, found), standings.get(record.unit)


def _with(record: FileRecord, kept: Judgement, across: Across) -> FileRecord:
    """Give a file all that was found, and the status that follows."""
    judged = msgspec.structs.replace(record, status=kept.status, findings=(*record.findings, *kept.findings))
    if not merge.counting((judged,)):
        return judged
    found = (*judged.findings, *across.get((record.unit, record.file.path), ()))
    return msgspec.structs.replace(judged, status=status_of(found), findings=found)


# ── checks ───────────────────────────────────────────────────────────────────────────────────────────


def _silent(
    session: Session, opened: OpenPeriod, earlier: Sequence[OpenPeriod], files: Mapping[str, str]
) -> Iterator[Finding]:
    """Find tasks of which no lead has said anything new for some periods, a few tasks at a time."""
    settings, ledger = session.config.checks, session.ledger
    if not 0 < settings.silent_periods <= len(earlier) + 1:
        return
    bearers = [names_then(one, opened) for one in earlier]
    for tasks in tasks_at_a_time(opened):
        numbers = [task.number for task in tasks]
        leads = _leads(opened, earlier, frozenset(numbers))
        history = []
        for one, names in zip(earlier, bearers, strict=True):
            units = [name for lead in leads for name in names.get(lead, ())]
            history.append((one, renamed(ledger.accepted(one.period, units, numbers), opened).entries))
        entries = tuple(ledger.accepted(opened.period, leads, numbers))
        yield from checks.silent_tasks(with_tasks(opened, tasks), entries, history, files, settings)


def _leads(opened: OpenPeriod, earlier: Sequence[OpenPeriod], numbers: Collection[str]) -> tuple[str, ...]:
    """Give who leads one of some tasks or led it then, by the names of now: nobody else breaks a silence."""
    units = dict[str, None]()
    for one in (opened, *earlier):
        for task in one.plan.tasks:
            if task.number in numbers:
                units |= dict.fromkeys(
                    name for lead in task.leads for name in (lead, *heirs(lead, opened.plan))
                )
    return tuple(units)


# ── tasks ────────────────────────────────────────────────────────────────────────────────────────────


class _Whole:
    """Goes over all entries of a period, a few tasks at a time; ``merged``: of tasks that have many units."""

    def __init__(self, session: Session, opened: OpenPeriod, files: Mapping[str, str]) -> None:
        self.merged: dict[str, tuple[int, dict[str, Scalar]]] = {}
        self._session, self._opened, self._files = session, opened, files
        self._reached: list[float] = []

    def found(self) -> tuple[Finding, ...]:
        """Merge task by task, and give what was found in units that are held against each other."""
        opened, settings = self._opened, self._session.config.checks
        # of each task so much is read that nothing of it may be left when texts are compared
        told = [one for tasks in tasks_at_a_time(opened) for one in self._found_in(tasks)]
        return (*checks.check_texts(opened, self._suspects(), self._files, settings, told), *told)

    def _found_in(self, tasks: Sequence[Task]) -> tuple[Finding, ...]:
        """Merge some tasks, and give where units contradict each other in them."""
        opened, settings = self._opened, self._session.config.checks
        outlines = tuple(self._session.ledger.outlines(opened.period, [task.number for task in tasks]))
        entries = [one.entry for one in outlines]
        lengths: dict[str, dict[str, Mapping[str, int]]] = {task.number: {} for task in tasks}
        for one in outlines:
            lengths[one.entry.task][one.entry.unit] = one.texts
        for row in merge.merge_tasks(with_tasks(opened, tasks), entries):
            self._keep(row, lengths[row.task.number])
        return checks.check_tasks(opened, entries, self._files, settings)

    def _suspects(self) -> Iterator[Entry]:
        """Give the rows whose texts may be another's: of tasks with many units, those that look it."""
        ledger, period, settings = self._session.ledger, self._opened.period, self._session.config.checks
        few = [task.number for task in self._opened.plan.tasks if not has_many(task)]
        marks = checks.TextMarks(self._opened, settings)
        if few:
            yield from map(marks.bare, ledger.accepted(period, tasks=few))
        if len(few) == len(self._opened.plan.tasks):
            return
        sieve = checks.TextSieve(ledger.accepted_count(period))
        for _, _, seen, _ in ledger.marks(period):
            sieve.see(seen)
        lookalikes = checks.Lookalikes(settings.alike)
        for unit, task, seen, texts in ledger.marks(period):
            if shared := sieve.shared(seen):
                lookalikes.add(unit, task, shared, texts)
        held = frozenset(few)
        for some in batches(one for one in lookalikes.rows() if one[1] not in held):
            yield from map(marks.bare, ledger.accepted_at(period, some))

    def point(self) -> TrendPoint:
        """Give what the period came to, in short."""
        reached = self._reached
        return TrendPoint(
            period=self._opened.period,
            percent=round(sum(reached) / len(reached), 1) if reached else None,
            reported=self._session.ledger.told(self._opened.period),
            expected=len(self._opened.expected),
        )

    def _keep(self, row: TaskRow, lengths: Mapping[str, Mapping[str, int]]) -> None:
        percent = row.values.get("percent")
        if isinstance(percent, int | float):
            self._reached.append(float(percent))
        if has_many(row.task):
            texts = (one for one in self._opened.fields if one.type is FieldType.TEXT)
            words = self._words(tuple(texts), row, lengths)
            self.merged[row.task.number] = len(row.entries), {**row.values, **words}

    def _words(
        self, fields: Sequence[Field], row: TaskRow, lengths: Mapping[str, Mapping[str, int]]
    ) -> dict[str, Scalar]:
        """Merge what units wrote of a task by the keys of fields, read only as far as it is kept."""
        told = {field.key: _telling(field, row, lengths) for field in fields}
        places = dict.fromkeys((one.unit, one.task) for each in told.values() for one in each)
        whole = {
            one.unit: one for one in self._session.ledger.accepted_at(self._opened.period, tuple(places))
        }
        values = {
            field.key: merge.merged(field, [whole[one.unit] for one in told[field.key]]) for field in fields
        }
        return {
            key: f"{value[:_JOINED]}…" if isinstance(value, str) and len(value) > _JOINED else value
            for key, value in values.items()
        }


def _telling(field: Field, row: TaskRow, lengths: Mapping[str, Mapping[str, int]]) -> Sequence[Entry]:
    """Give the entries of which a merged text is made, as far as it is kept; ``lengths``: by unit and key."""
    told: Iterable[Entry] = (one for one in row.entries if field.key in lengths[one.unit])
    if field.merge is MergeRule.LEAD:
        told = merge.leads_or_all(list(told), lambda one: one.role)
    if field.merge not in {MergeRule.LEAD, MergeRule.JOIN}:
        return tuple(told)
    kept, length = list[Entry](), 0
    for one in told:
        kept.append(one)
        length += len(one.unit) + lengths[one.unit][field.key]
        if length > _JOINED:
            break
    return kept


def has_many(task: Task) -> bool:
    """Tell whether a task has so many units that its entries are not held."""
    return len(task.leads) + len(task.participants) > MANY
