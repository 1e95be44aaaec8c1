"""A period cut down to some of its units: what is worked out of these does not grow with the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

import msgspec

from kepu_xls.model import Entry, OpenPeriod, Role, Task

T = TypeVar("T")

_BATCH = 100
"""Units worked out at a time: memory does not grow with how many there are."""
_LINKS = 5000
"""So many units of tasks are worked out at a time, or one task."""


def batches(things: Iterable[T]) -> Iterator[tuple[T, ...]]:
    """Give units, or things of theirs, a few at a time."""
    left = iter(things)
    while some := tuple(islice(left, _BATCH)):
        yield some


def portion(opened: OpenPeriod, units: Sequence[str], entries: Iterable[Entry] = ()) -> OpenPeriod:
    """Cut a period's plan down to some units, and to the tasks of theirs and of some entries."""
    plan = opened.plan
    roles: dict[str, dict[str, Role]] = {entry.task: {} for entry in entries}
    for unit in units:
        for task, role in plan.duties_of(unit):
            roles.setdefault(task.number, {})[unit] = role

    def named(number: str, wanted: Role) -> tuple[str, ...]:
        return tuple(unit for unit, role in roles[number].items() if role is wanted)

    tasks = (
        msgspec.structs.replace(
            task,
            leads=named(task.number, Role.LEAD),
            participants=named(task.number, Role.PARTICIPANT),
        )
        for task in plan.tasks
        if task.number in roles
    )
    known = (plan.unit(name) for name in units)
    own = (unit for unit, name in zip(known, units, strict=True) if unit is not None and unit.name == name)
    return msgspec.structs.replace(
        opened, plan=msgspec.structs.replace(plan, tasks=tuple(tasks), units=tuple(own))
    )


def tasks_at_a_time(opened: OpenPeriod) -> Iterator[tuple[Task, ...]]:
    """Give the tasks of a plan a few at a time, by how many units they have."""
    some: list[Task] = []
    links = 0
    for task in opened.plan.tasks:
        links += len(task.leads) + len(task.participants)
        if some and links > _LINKS:
            yield tuple(some)
            some, links = [], len(task.leads) + len(task.participants)
        some.append(task)
    if some:
        yield tuple(some)


def with_tasks(opened: OpenPeriod, tasks: Sequence[Task]) -> OpenPeriod:
    """Cut a period's plan down to some tasks, with all units."""
    return msgspec.structs.replace(opened, plan=msgspec.structs.replace(opened.plan, tasks=tuple(tasks)))
