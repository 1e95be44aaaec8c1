"""Tasks of which no lead has said anything new for some periods.  Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kepu_xls.checks.stages import stage_field
from kepu_xls.config import CheckSettings
from kepu_xls.messages import finding
from kepu_xls.model import Entry, Finding, OpenPeriod, Place, Role, Scalar, Task

Said = dict[str, Scalar]
"""What a row says itself, by field key."""


def silent_tasks(
    opened: OpenPeriod,
    entries: Sequence[Entry],
    history: Sequence[tuple[OpenPeriod, Sequence[Entry]]],
    files: Mapping[str, str],
    settings: CheckSettings,
) -> tuple[Finding, ...]:
    """Find tasks whose leads told nothing new in this and the last periods, ``silent_periods`` in all.

    Nothing new is: no row, 本期无变化, an empty row, or the same answers as in the period before.  A task
    that was done, or was not in the plan of one of these periods, is not silent.  History: newest first.
    """
    count = settings.silent_periods
    if not 0 < count <= len(history) + 1:
        return ()
    periods = [(opened, entries), *history][: count + 1]
    said = [_leads_said(rows) for _, rows in periods]
    asked = [{task.number for task in one.plan.tasks} for one, _ in periods[:count]]
    done = _done(opened, periods, settings)
    rows = {(one.task, one.unit): one for one in entries}
    return tuple(
        _finding(task, rows, files, [one.period for one, _ in periods[:count]])
        for task in opened.plan.tasks
        if task.leads
        and task.number not in done
        and all(task.number in numbers for numbers in asked)
        and not any(_news(task, said, index) for index in range(count))
    )


def _leads_said(entries: Sequence[Entry]) -> dict[tuple[str, str], Said]:
    """Gather what leads' rows say themselves: (task, unit) → answers, for rows that do not say 无变化."""
    return {
        (one.task, one.unit): {
            key: answer.value
            for key, answer in one.answers.items()
            if answer.value is not None and not answer.carried
        }
        for one in entries
        if one.role is Role.LEAD and not one.unchanged
    }


def _news(task: Task, said: Sequence[dict[tuple[str, str], Said]], index: int) -> bool:
    """Tell whether a lead said something in a period that it had not said in the one before."""
    before = said[index + 1] if index + 1 < len(said) else {}
    return any(
        (now := said[index].get((task.number, unit))) and now != before.get((task.number, unit))
        for unit in task.leads
    )


def _done(
    opened: OpenPeriod, periods: Sequence[tuple[OpenPeriod, Sequence[Entry]]], settings: CheckSettings
) -> set[str]:
    """Give the tasks that a lead called done in one of these periods."""
    stage = stage_field(opened, settings)
    if stage is None:
        return set()
    final = settings.stages[-1]
    leads = (one for _, rows in periods for one in rows if one.role is Role.LEAD)
    return {one.task for one in leads if one.value(stage.key) == final}


def _finding(
    task: Task, rows: Mapping[tuple[str, str], Entry], files: Mapping[str, str], periods: Sequence[str]
) -> Finding:
    """Tell of a silent task at the first lead's row, where there is one."""
    unit = next((unit for unit in task.leads if (task.number, unit) in rows), task.leads[0])
    entry = rows.get((task.number, unit))
    cell = next((answer.cell for answer in entry.answers.values() if answer.cell), "") if entry else ""
    place = Place(files.get(unit, ""), entry.sheet, cell) if entry else Place()
    return finding(
        "task-silent",
        place,
        unit=unit,
        task=task.number,
        count=len(periods),
        first=periods[-1],
        last=periods[0],
        leads="、".join(task.leads),
    )
