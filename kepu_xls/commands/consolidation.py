"""From what the ledger holds of a period to everything its consolidated workbook shows."""

from __future__ import annotations

from collections.abc import Sequence

from kepu_xls import checks, merge, messages, periods
from kepu_xls.commands.past import Past, names_then, renamed
from kepu_xls.commands.portions import tasks_at_a_time, with_tasks
from kepu_xls.commands.senders import explaining_silence
from kepu_xls.commands.session import Session, period_before
from kepu_xls.commands.settling import settle
from kepu_xls.commands.wholes import has_many
from kepu_xls.model import Finding, OpenPeriod
from kepu_xls.outcome import Consolidated, TaskRow, TrendPoint, UnitStatus

_TREND_PERIODS = 12


def past(session: Session, opened: OpenPeriod, units: Sequence[str] | None = None) -> Past:
    """Give the entries that counted in the period before, of some units or of all; nothing without one."""
    before = period_before(session, opened)
    if before is None:
        return Past((), {})
    settle(session, before)
    then = None
    if units is not None:
        names = names_then(before, opened)
        then = [name for unit in units for name in names.get(unit, ())]
    return renamed(session.ledger.accepted(before.period, then), opened)


def consolidate(session: Session, opened: OpenPeriod) -> Consolidated:
    """Gather everything that the consolidated workbook of a period shows, from the ledger alone.

    The entries of tasks with many units are left out: ``LedgerDetail`` gives them.
    """
    settle(session, opened)
    ledger, span = session.ledger, session.config.plan
    before, rows = period_before(session, opened), _rows(session, opened)
    standings = unit_standings(session, opened)
    return Consolidated(
        opened=opened,
        made=session.now,
        plan_start=span.start,
        plan_end=span.end,
        units=standings,
        rows=rows,
        lights=checks.lights_of(session.config.lights, opened, rows, span.start, span.end),
        indicator_values=ledger.indicator_values(opened.period),
        files=ledger.judged(opened.period),
        findings=(
            *ledger.remarks(opened.period),
            *calendar_findings(opened),
            *explaining_silence(session, opened, standings),
        ),
        previous=_rows(session, before) if before else None,
        previous_period=before.period if before else "",
        sources=ledger.sources(opened.period),
        trend=_trend(session, opened),
    )


def unit_standings(session: Session, opened: OpenPeriod) -> tuple[UnitStatus, ...]:
    """Give where each expected unit stands in a period that is settled, in the plan's order."""
    known = session.ledger.standings(opened.period)
    return tuple(known[unit] for unit in opened.expected)


def _rows(session: Session, opened: OpenPeriod) -> tuple[TaskRow, ...]:
    """Give a row a task: merged here, or where many units have part in it, as it was merged."""
    many = session.ledger.merged(opened.period)
    rows = {
        task.number: TaskRow(task, many[task.number][1]) for task in opened.plan.tasks if task.number in many
    }
    for tasks in tasks_at_a_time(opened):
        few = [task for task in tasks if not has_many(task)]
        entries = session.ledger.accepted(opened.period, tasks=[task.number for task in few]) if few else ()
        rows |= {row.task.number: row for row in merge.merge_tasks(with_tasks(opened, few), entries)}
    return tuple(rows[task.number] for task in opened.plan.tasks)


def _trend(session: Session, opened: OpenPeriod) -> tuple[TrendPoint, ...]:
    """Give the course of things over the last periods, this one the last."""
    end = periods.parse(opened.period).last_day
    by_time = sorted(
        (periods.parse(one).last_day, one)
        for one in session.ledger.periods()
        if periods.parse(one).last_day <= end
    )
    points = (session.ledger.point(one) for _, one in by_time[-_TREND_PERIODS:])
    return tuple(one for one in points if one is not None)


def calendar_findings(opened: OpenPeriod) -> tuple[Finding, ...]:
    """Warn where the deadline was reckoned without knowing the holidays."""
    years = {periods.parse(opened.period).last_day.year, opened.deadline.year}
    return tuple(
        messages.finding("calendar-unknown-year", year=year)
        for year in sorted(years)
        if not periods.calendar_knows(year)
    )
