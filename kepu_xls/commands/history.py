"""``kepu history``: a task's or a unit's values over all periods, followed through renames and mergers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from kepu_xls import merge, periods
from kepu_xls.commands.results import TaskHistory, TaskPeriod, UnitHistory, UnitPeriod
from kepu_xls.commands.session import Session, unit_names
from kepu_xls.commands.settling import settle
from kepu_xls.errors import InputError
from kepu_xls.model import FieldType, MergeRule, OpenPeriod, Plan, Task
from kepu_xls.succession import heirs

_NUMBER = re.compile(r"\d+(\.\d+)*")
_MEASURED = (FieldType.PERCENT, FieldType.INTEGER, FieldType.DECIMAL)
_PERCENT = "percent"


def history(session: Session, name: str) -> TaskHistory | UnitHistory:
    """Give the past of a task, named by its number, or of a unit, by any name that it ever had.

    Raises InputError where no period was opened, or none knows the name.
    """
    opened = sorted(
        session.ledger.periods().values(), key=lambda one: (periods.parse(one.period).last_day, one.period)
    )
    if not opened:
        raise InputError("no-period-open")
    name = unicodedata.normalize("NFKC", name).strip()
    if _NUMBER.fullmatch(name):
        return _of_task(session, opened, name)
    return _of_unit(session, opened, name)


# ── tasks ────────────────────────────────────────────────────────────────────────────────────────────


def _of_task(session: Session, opened: Sequence[OpenPeriod], number: str) -> TaskHistory:
    known = [(one, task) for one in opened if (task := one.plan.task(number)) is not None]
    if not known:
        raise _unknown_task(opened[-1].plan, number)
    latest = known[-1][1]
    return TaskHistory(
        task=number,
        project=latest.project,
        text=latest.text,
        labels={key: label for one, _ in known for key, label in _shown(one).items()},
        periods=tuple(_task_period(session, one, task) for one, task in known),
    )


def _shown(opened: OpenPeriod) -> dict[str, str]:
    """Give the fields that show a course: states that run from worst to best, and numbers."""
    return {
        field.key: field.label
        for field in opened.fields
        if field.worst_first or field.merge is MergeRule.SUM or field.type in _MEASURED
    }


def _task_period(session: Session, opened: OpenPeriod, task: Task) -> TaskPeriod:
    settle(session, opened)
    entries = tuple(session.ledger.accepted(opened.period, tasks=(task.number,)))
    rows = merge.merge_tasks(opened, entries)
    row = next(row for row in rows if row.task.number == task.number)
    return TaskPeriod(
        period=opened.period,
        reported=len({one.unit for one in entries if not one.blank}),
        expected=len({*task.leads, *task.participants}),
        values={key: row.values.get(key) for key in _shown(opened)},
    )


def _unknown_task(plan: Plan, number: str) -> InputError:
    from rapidfuzz import process  # noqa: PLC0415 - only where a number is misspelt

    near = process.extractOne(number, [task.number for task in plan.tasks], score_cutoff=50)
    return InputError(
        "history-unknown-task", name=number, suggestion=f"，是不是“{near[0]}”？" if near else ""
    )


# ── units ────────────────────────────────────────────────────────────────────────────────────────────


class _Lineage:
    """Tells what became of units: plans that follow each other, those with the same units counted once."""

    def __init__(self, opened: Sequence[OpenPeriod]) -> None:
        self._plans: list[Plan] = []
        self._stage: dict[str, int] = {}
        for one in opened:
            if not self._plans or self._plans[-1].units != one.plan.units:
                self._plans.append(one.plan)
            self._stage[one.period] = len(self._plans) - 1
        self._fates: dict[tuple[str, int], tuple[str, ...]] = {}

    def fate(self, name: str, period: str = "") -> tuple[str, ...]:
        """Give what a unit named so, in a period or ever, is today: itself, its successor, or several."""
        key = name, self._stage.get(period, 0)
        if key not in self._fates:
            self._fates[key] = self._follow(*key)
        return self._fates[key]

    def _follow(self, name: str, stage: int) -> tuple[str, ...]:
        meant: tuple[str, ...] = ()
        for plan in self._plans[stage:]:
            meant = heirs(meant[0] if meant else name, plan) or meant
            if len(meant) > 1:
                break
        return meant


def _of_unit(session: Session, opened: Sequence[OpenPeriod], name: str) -> UnitHistory:
    lineage = _Lineage(opened)
    today = lineage.fate(name) or unit_names(opened[-1].plan, (name,))
    fates = {unit: lineage.fate(unit, one.period) for one in opened for unit in one.expected}
    return UnitHistory(
        unit=today[0] if len(today) == 1 else name,
        divided_into=today if len(today) > 1 else (),
        parts_of=tuple(
            unit for unit, fate in fates.items() if len(fate) > 1 and len(today) == 1 and today[0] in fate
        ),
        periods=tuple(
            line
            for one in opened
            for line in _unit_periods(
                session, one, {unit for unit in one.expected if lineage.fate(unit, one.period) == today}
            )
        ),
    )


def _unit_periods(session: Session, opened: OpenPeriod, units: set[str]) -> Iterator[UnitPeriod]:
    if not units:
        return
    settle(session, opened)
    known = session.ledger.standings(opened.period)
    for unit in opened.expected:
        if unit in units:
            values = [
                value
                for entry in session.ledger.accepted(opened.period, (unit,))
                if isinstance(value := entry.value(_PERCENT), int | float)
            ]
            yield UnitPeriod(opened.period, known[unit], sum(values) / len(values) if values else None)
