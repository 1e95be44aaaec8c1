"""An import onto a master that is there: the document's tasks, the clerk's work kept; and what changes."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from kepu_xls.model import Indicator, Plan, Record, Task, Unit
from kepu_xls.plan import columns as c


class ChangeKind(StrEnum):
    """What happens to a thing."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"

    @property
    def label(self) -> str:
        """The word that a clerk sees."""
        return {"added": "新增", "removed": "删除", "changed": "修改"}[self.value]


class Change(Record, frozen=True):
    """One difference between two plans.

    ``subject`` is the sheet; ``name`` the task's number, the unit's name or the indicator; ``field`` the
    column, with what stands in it before and after (all empty for what is added or removed).
    """

    kind: ChangeKind
    subject: str
    name: str
    field: str = ""
    before: str = ""
    after: str = ""


def update(existing: Plan, found: Plan) -> Plan:
    """Bring a plan up to date with a document, keeping what the clerk did.

    Tasks are the document's (a deadline the clerk gave stays where the document has none); units keep all the
    clerk wrote, and those added stay; indicators confirmed, rejected or edited stay as they are.
    """
    tasks = tuple(_task(task, existing) for task in found.tasks)
    named = dict.fromkeys(_known(unit.name, existing) for unit in found.units)
    mine = {unit.name: unit for unit in existing.units}
    units = (
        *(mine.get(name, Unit(name)) for name in named),
        *(one for one in existing.units if one.name not in named),
    )
    return Plan(title=found.title, tasks=tasks, units=units, indicators=_indicators(existing, found))


def _known(name: str, existing: Plan) -> str:
    """Give the clerk's name for a unit that the document calls by an alias."""
    unit = existing.unit(name)
    return unit.name if unit else name


def _task(task: Task, existing: Plan) -> Task:
    old = existing.task(task.number)
    return msgspec.structs.replace(
        task,
        leads=tuple(dict.fromkeys(_known(name, existing) for name in task.leads)),
        participants=tuple(dict.fromkeys(_known(name, existing) for name in task.participants)),
        deadline=task.deadline or (old.deadline if old else None),
    )


def _indicators(existing: Plan, found: Plan) -> tuple[Indicator, ...]:
    """Put the clerk's indicators first in each task; one found again is not added a second time."""
    order = {task.number: index for index, task in enumerate(found.tasks)}
    kept = [one for one in existing.indicators if one.confirmed is not None or one.task in order]
    again = {(one.task, one.name) for one in found.indicators}
    renamed = [one for one in kept if (one.task, one.name) not in again]
    mine = {(one.task, one.name) for one in kept}
    new = [one for one in found.indicators if (one.task, one.name) not in mine and not _taken(one, renamed)]
    return tuple(sorted((*kept, *new), key=lambda one: order.get(one.task, len(order))))


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
    changes = [Change(ChangeKind.REMOVED, subject, name) for name in old if name not in new]
    for name, row in new.items():
        if name not in old:
            changes.append(Change(ChangeKind.ADDED, subject, name))
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
        | {c.TARGET: f"{one.target:g}"}
        for one in plan.indicators
    }
