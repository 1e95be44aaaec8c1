"""What is wrong with a master, each with its sheet and cell; nothing is changed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date

from rapidfuzz import fuzz, process

from kepu_xls.mail_settings import is_address
from kepu_xls.messages import finding
from kepu_xls.model import Finding, Task, Unit
from kepu_xls.plan import columns as c
from kepu_xls.plan.master import Master, MasterRow

_NUMBER = re.compile(r"[1-9]\d*\.[1-9]\d*\.[1-9]\d*")
_LIKE = 60  # rapidfuzz's score from which a name is worth suggesting; it is never put in


def check(master: Master, today: date) -> tuple[Finding, ...]:
    """List all that is wrong with a master, with what was noticed when reading it; nothing on a clean one.

    ``today`` tells which units are no longer in use.
    """
    found = (
        *master.findings,
        *_task_findings(master, today),
        *_unit_findings(master),
        *_indicator_findings(master),
    )
    return tuple(dict.fromkeys(found))


def _task_findings(master: Master, today: date) -> Iterator[Finding]:
    counted = Counter(task.number for task in master.plan.tasks)
    first: set[str] = set()
    for task, row in zip(master.plan.tasks, master.task_rows, strict=True):
        if not _NUMBER.fullmatch(task.number):
            yield finding("master-number-malformed", row.place(c.NUMBER), text=task.number)
        elif counted[task.number] > 1 and task.number in first:
            yield finding("master-number-twice", row.place(c.NUMBER), task=task.number)
        first.add(task.number)
        if not task.text:
            yield finding("master-text-missing", row.place(c.TEXT), task=task.number)
        if not task.leads:
            yield finding("master-lead-missing", row.place(c.LEADS), task=task.number)
        for unit in task.participants:
            if unit in task.leads:
                place = row.place(c.PARTICIPANTS)
                yield finding("master-unit-both-roles", place, unit=unit, task=task.number)
        yield from _named_units(master, task, row, today)


def _named_units(master: Master, task: Task, row: MasterRow, today: date) -> Iterator[Finding]:
    for column, names in ((c.LEADS, task.leads), (c.PARTICIPANTS, task.participants)):
        for name in names:
            unit = master.plan.unit(name)
            if unit is None or unit.name != name:
                meant = _suggestion(name, master)
                place = row.place(column)
                yield finding("master-unit-unknown", place, unit=name, task=task.number, suggestion=meant)
            elif unit.until is not None and unit.until < today:
                verb = "职能分到" if len(unit.merged_into) > 1 else "已并入"
                into = f"，{verb}{'、'.join(unit.merged_into)}" if unit.merged_into else ""
                place, last = row.place(column), unit.until.isoformat()
                yield finding(
                    "master-unit-retired", place, unit=name, task=task.number, until=last, into=into
                )


def _suggestion(name: str, master: Master) -> str:
    """Name the unit most like an unknown one, for the clerk to decide."""
    best = process.extractOne(name, [unit.name for unit in master.plan.units if unit.name], scorer=fuzz.ratio)
    return f"，是不是“{best[0]}”？" if best and best[1] >= _LIKE else ""


def _unit_findings(master: Master) -> Iterator[Finding]:
    named = {name for task in master.plan.tasks for name in (*task.leads, *task.participants)}
    names = {unit.name for unit in master.plan.units}
    owners = Counter(alias for unit in master.plan.units for alias in set(unit.aliases))
    seen: set[str] = set()
    for unit, row in zip(master.plan.units, master.unit_rows, strict=True):
        if not unit.name:
            yield finding("master-unit-nameless", row.place(c.NAME))
        elif unit.name in seen:
            yield finding("master-unit-twice", row.place(c.NAME), unit=unit.name)
        elif unit.name not in named and unit.until is None:
            yield finding("master-unit-idle", row.place(c.NAME), unit=unit.name)
        seen.add(unit.name)
        for alias in unit.aliases:
            if owners[alias] > 1 or alias in names:
                yield finding("master-alias-shared", row.place(c.ALIASES), unit=unit.name, alias=alias)
        yield from _unit_details(unit, row, names)


def _unit_details(unit: Unit, row: MasterRow, names: set[str]) -> Iterator[Finding]:
    for address in unit.emails:
        if not (is_address(address) and "." in address.rpartition("@")[2]):
            yield finding("master-mail-malformed", row.place(c.EMAILS), unit=unit.name, address=address)
    for name in unit.merged_into:
        if name not in names or name == unit.name:
            yield finding("master-merged-unknown", row.place(c.MERGED_INTO), unit=unit.name, name=name)
    if unit.since is not None and unit.until is not None and unit.until < unit.since:
        yield finding("master-unit-dates", row.place(c.UNTIL), unit=unit.name)


def _indicator_findings(master: Master) -> Iterator[Finding]:
    for one, row in zip(master.plan.indicators, master.indicator_rows, strict=True):
        if master.plan.task(one.task) is None:
            yield finding("master-indicator-task", row.place(c.TASK_NUMBER), task=one.task, name=one.name)
        if not one.name:
            yield finding("master-indicator-nameless", row.place(c.INDICATOR), task=one.task)
        if one.confirmed is None:
            yield finding(
                "master-indicator-unconfirmed", row.place(c.CONFIRMED), task=one.task, name=one.name
            )
