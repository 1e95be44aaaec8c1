"""What the units of a period reported in the one before, under the names that they bear now."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from kepu_xls import merge, messages
from kepu_xls.model import Answer, Entry, FileRecord, Finding, OpenPeriod, Place, Plan, Record
from kepu_xls.succession import heirs


class Past(Record, frozen=True):
    """``entries`` of the period before, one a unit and task, by their present names.

    ``joined`` names, by unit and task, the predecessors whose entries were put together to one.  What a unit
    reported that has since been divided stays under its old name.
    """

    entries: tuple[Entry, ...]
    joined: dict[tuple[str, str], tuple[str, ...]]


def names_then(before: OpenPeriod, opened: OpenPeriod) -> dict[str, list[str]]:
    """Give by the names of now those that units bore in an earlier period."""
    names: dict[str, list[str]] = {}
    for unit in before.plan.units:
        into = heirs(unit.name, opened.plan)
        names.setdefault(into[0] if len(into) == 1 else unit.name, []).append(unit.name)
    return names


def renamed(entries: Iterable[Entry], opened: OpenPeriod) -> Past:
    """Put earlier entries under the names of a period's units; those of units that became one are merged."""
    by_heir: dict[tuple[str, str], list[Entry]] = {}
    names: dict[str, str] = {}
    for entry in entries:
        if entry.unit not in names:
            names[entry.unit] = _present_name(entry.unit, opened.plan)
        by_heir.setdefault((names[entry.unit], entry.task), []).append(entry)
    return Past(
        tuple(_one(opened, unit, group) for (unit, _), group in by_heir.items()),
        {key: tuple(one.unit for one in group) for key, group in by_heir.items() if len(group) > 1},
    )


def _present_name(name: str, plan: Plan) -> str:
    """Give the name that a unit bears now; one that was divided keeps its own."""
    unit = plan.unit(name)
    if unit is not None and unit.name == name and not unit.merged_into:
        return name
    into = heirs(name, plan)
    return into[0] if len(into) == 1 else name


def _one(opened: OpenPeriod, unit: str, group: list[Entry]) -> Entry:
    """Make one entry of what a unit's predecessors said of a task, each field by its rule of merging."""
    first = group[0]
    if len(group) > 1:
        row = next((row for row in merge.merge_tasks(opened, group) if row.task.number == first.task), None)
        values = row.values if row else {}
        first = msgspec.structs.replace(
            row.entries[0] if row else first,
            answers={key: Answer(value) for key, value in values.items() if value is not None},
        )
    return first if first.unit == unit else msgspec.structs.replace(first, unit=unit)


def joined_findings(records: Iterable[FileRecord], one: Past) -> tuple[Finding, ...]:
    """Tell of each row without change that takes over what several predecessors had reported."""
    return tuple(
        messages.finding(
            "unchanged-from-several",
            Place(record.file.path, entry.sheet, entry.answers[merge.UNCHANGED].cell),
            unit=entry.unit,
            task=entry.task,
            names="、".join(one.joined[entry.unit, entry.task]),
        )
        for record in records
        for entry in (record.submission.entries if record.submission else ())
        if entry.unchanged and (entry.unit, entry.task) in one.joined
    )
