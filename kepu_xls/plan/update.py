"""An import onto a master that is there: the document's tasks, the clerk's work kept; and what changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

import msgspec

from kepu_xls.digits import in_digits
from kepu_xls.model import Finding, Indicator, Plan, Record, Task, Unit
from kepu_xls.plan import columns as c
from kepu_xls.plan.assemble import PlanReading
from kepu_xls.plan.matching import match, with_numbers_given


class ChangeKind(StrEnum):
    """What happens to a thing."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"

    @property
    def label(self) -> str:
        """The word that a clerk sees."""
        return {"added": "新增", "removed": "删去", "changed": "改动"}[self.value]


class Change(Record, frozen=True):
    """One difference between two plans.

    ``subject`` is the sheet; ``name`` the task's number, the unit's name or the indicator; ``field`` the
    column, with what stands in it before and after; of a task added or removed it is its text.
    """

    kind: ChangeKind
    subject: str
    name: str
    field: str = ""
    before: str = ""
    after: str = ""


class Updated(Record, frozen=True):
    """A plan brought up to date.

    ``origins``: for each task the index of the one that it was, None if new; the same for indicators.
    """

    plan: Plan
    origins: tuple[int | None, ...]
    indicator_origins: tuple[int | None, ...] = ()
    findings: tuple[Finding, ...] = ()


def update(existing: Plan, reading: PlanReading, taken: Collection[str] = ()) -> Updated:
    """Bring a plan up to date with a document, keeping what the clerk did.

    Tasks are the document's, with the numbers they had (see ``matching``); a deadline the clerk gave stays
    where the document has none.  Units keep all the clerk wrote, and their order; indicators confirmed,
    rejected or edited stay with their task.  ``taken`` are numbers that periods have used.  The findings are
    the reading's, and what the matching has to tell.
    """
    found = reading.plan
    matched = match(existing, found, taken)
    before = [None if one is None else existing.tasks[one] for one in matched.origins]
    tasks = tuple(_task(task, old, existing) for task, old in zip(matched.tasks, before, strict=True))
    named = dict.fromkeys(_known(unit.name, existing) for unit in found.units)
    mine = {unit.name for unit in existing.units}
    units = (*existing.units, *(Unit(name) for name in named if name not in mine))
    numbers = {old.number: task.number for task, old in zip(tasks, before, strict=True) if old is not None}
    indicators = _indicators(existing, found, numbers, matched.renumbered, tasks)
    plan = Plan(found.title, tasks, units, tuple(one for _, one in indicators))
    told = (*with_numbers_given(reading.findings, matched.renumbered), *matched.findings)
    return Updated(plan, matched.origins, tuple(origin for origin, _ in indicators), told)


def _known(name: str, existing: Plan) -> str:
    """Give the clerk's name for a unit that the document calls by an alias."""
    unit = existing.unit(name)
    return unit.name if unit else name


def _task(task: Task, old: Task | None, existing: Plan) -> Task:
    return msgspec.structs.replace(
        task,
        leads=tuple(dict.fromkeys(_known(name, existing) for name in task.leads)),
        participants=tuple(dict.fromkeys(_known(name, existing) for name in task.participants)),
        deadline=task.deadline or (old.deadline if old else None),
    )


def _indicators(
    existing: Plan, found: Plan, kept: dict[str, str], renumbered: dict[str, str], tasks: tuple[Task, ...]
) -> list[tuple[int | None, Indicator]]:
    """Put the clerk's indicators first in each task; one found again is not added a second time.

    One decided upon outlives its task, unless its number is another task's now.
    """
    order = {task.number: index for index, task in enumerate(tasks)}
    mine = {
        index: msgspec.structs.replace(one, task=kept.get(one.task, one.task))
        for index, one in enumerate(existing.indicators)
        if one.task in kept or (one.confirmed is not None and one.task not in order)
    }
    theirs = [msgspec.structs.replace(one, task=renumbered[one.task]) for one in found.indicators]
    again = {(one.task, one.name) for one in theirs}
    renamed = [one for one in mine.values() if (one.task, one.name) not in again]
    there = {(one.task, one.name) for one in mine.values()}
    new = [one for one in theirs if (one.task, one.name) not in there and not _taken(one, renamed)]
    every: list[tuple[int | None, Indicator]] = [*mine.items(), *((None, one) for one in new)]
    return sorted(every, key=lambda pair: order.get(pair[1].task, len(order)))


def _taken(found: Indicator, renamed: list[Indicator]) -> bool:
    """Tell whether the clerk has this one under another name: same task, target and measure; each once."""
    target = found.task, found.target, found.measure
    match = next((one for one in renamed if (one.task, one.target, one.measure) == target), None)
    if match is not None:
        renamed.remove(match)
    return match is not None


Row = Mapping[str, str]


def compare(old: Plan, new: Plan) -> tuple[Change, ...]:
    """List what would change from one plan to another: tasks, units, then indicators."""
    return (
        *_changes(
            c.TASK_SHEET, *({task.number: c.of_task(task) for task in plan.tasks} for plan in (old, new))
        ),
        *_changes(
            c.UNIT_SHEET, *({unit.name: c.of_unit(unit) for unit in plan.units} for plan in (old, new))
        ),
        *_changes(c.INDICATOR_SHEET, _indicator_rows(old), _indicator_rows(new)),
    )


def _changes(subject: str, old: Mapping[str, Row], new: Mapping[str, Row]) -> list[Change]:
    shown = c.TEXT if subject == c.TASK_SHEET else ""
    changes = [
        Change(ChangeKind.REMOVED, subject, name, shown, row.get(shown, ""))
        for name, row in old.items()
        if name not in new
    ]
    for name, row in new.items():
        if name not in old:
            changes.append(Change(ChangeKind.ADDED, subject, name, shown, "", row.get(shown, "")))
            continue
        before = old[name]
        changes += [
            Change(ChangeKind.CHANGED, subject, name, field, before[field], after)
            for field, after in row.items()
            if before[field] != after
        ]
    return changes


def _indicator_rows(plan: Plan) -> dict[str, Row]:
    return {
        f"{one.task} {one.name}": {field: str(value) for field, value in c.of_indicator(one).items()}
        | {c.TARGET: in_digits(one.target)}
        for one in plan.indicators
    }
