"""Units that change: whom a name means after renames, mergers and divisions; a plan as it stands on a day.

A unit is in use up to and including its 停用日期.  After it, its name means the units it went into (并入):
one, and that is certain; several, and nobody but the clerk can say which.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import msgspec

from kepu_xls.messages import finding
from kepu_xls.model import Finding, Plan, Task, Unit


def meant(name: str, plan: Plan, on: date) -> tuple[str, ...]:
    """Give the units that a name means on a day: one; none, where nobody bears it; or several to ask about.

    An exact name goes before an alias; likeness never counts.  A retired unit means its successors, however
    many steps away.
    """
    found = (heir for unit in plan.bearers(name) for heir in _heirs(unit, plan, on, frozenset()))
    return tuple(dict.fromkeys(found))


def _heirs(unit: Unit, plan: Plan, on: date, passed: frozenset[str]) -> Iterator[str]:
    """Follow a unit to those in use; ``passed`` guards against units that went into each other."""
    if not retired(unit, on):
        yield unit.name
    elif unit.name not in passed:
        for follower in _followers(unit, plan):
            yield from _heirs(follower, plan, on, passed | {unit.name})


def _followers(unit: Unit, plan: Plan) -> Iterator[Unit]:
    """Give the units that one went into: those of 并入, else those that bear its name as an alias."""
    for name in unit.merged_into:
        yield from plan.bearers(name)
    if not unit.merged_into:
        yield from (one for one in plan.units if unit.name in one.aliases)


def retired(unit: Unit, on: date) -> bool:
    """Tell whether a unit is no longer in use on a day."""
    return unit.until is not None and unit.until < on


def heirs(name: str, settled_plan: Plan) -> tuple[str, ...]:
    """Give the units that a name means in a plan that was settled: one, none, or candidates to ask about."""
    found = (heir for unit in settled_plan.bearers(name) for heir in unit.merged_into or (unit.name,))
    return tuple(dict.fromkeys(found))


def settled(plan: Plan, on: date) -> tuple[Plan, tuple[Finding, ...]]:
    """Give the plan as it stands on a day, and what the clerk has to know of it.

    A retired unit with one successor is that successor everywhere: in its tasks, and by its names, which
    become aliases.  One that was divided, or has no successor, is asked nothing any more; the divided one
    stays in the list of units, its successors in ``merged_into``, so that its name is still understood.
    """
    changed = {
        unit.name: meant(unit.name, plan, on) for unit in plan.units if unit.name and retired(unit, on)
    }
    now = msgspec.structs.replace(
        plan,
        units=tuple(_units(plan, changed)),
        tasks=tuple(_task(task, changed) for task in plan.tasks),
    )
    return now, tuple(_findings(plan, changed))


def _units(plan: Plan, changed: dict[str, tuple[str, ...]]) -> Iterator[Unit]:
    joining: dict[str, list[Unit]] = {}
    for unit in plan.units:
        successors = changed.get(unit.name, ())
        if len(successors) == 1:
            joining.setdefault(successors[0], []).append(unit)
    for unit in plan.units:
        into = changed.get(unit.name)
        if into is None:
            names = (name for one in joining.get(unit.name, ()) for name in (one.name, *one.aliases))
            aliases = tuple(dict.fromkeys((*unit.aliases, *names)))
            yield msgspec.structs.replace(unit, aliases=aliases, merged_into=())
        elif len(into) > 1:
            yield msgspec.structs.replace(unit, merged_into=into)


def _task(task: Task, changed: dict[str, tuple[str, ...]]) -> Task:
    leads, participants = (
        tuple(dict.fromkeys(_present(names, changed))) for names in (task.leads, task.participants)
    )
    return msgspec.structs.replace(task, leads=leads, participants=participants)


def _present(names: Iterable[str], changed: dict[str, tuple[str, ...]]) -> Iterator[str]:
    for name in names:
        into = changed.get(name, (name,))
        if len(into) == 1:
            yield into[0]


def _findings(plan: Plan, changed: dict[str, tuple[str, ...]]) -> Iterator[Finding]:
    for unit in plan.units:
        into = changed.get(unit.name)
        if into is None and unit.merged_into and unit.until is None:
            yield finding("unit-merged-undated", unit=unit.name, into="、".join(unit.merged_into))
        tasks = "" if into is None else "、".join(one.number for one in plan.tasks if one.role_of(unit.name))
        if into is None or not tasks:
            continue
        code = {0: "unit-without-successor", 1: "unit-succeeded"}.get(len(into), "unit-divided")
        names = "、".join(into)
        yield finding(code, unit=unit.name, into=names, tasks=tasks, until=f"{unit.until:%Y-%m-%d}")
