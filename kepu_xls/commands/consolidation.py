"""From what the ledger holds of a period to everything its consolidated workbook shows."""

from __future__ import annotations

from kepu_xls import checks, merge, messages, periods
from kepu_xls.commands.checking import attributed, check_period
from kepu_xls.commands.past import joined_findings, past
from kepu_xls.commands.session import Session, period_before
from kepu_xls.model import Entry, FileRecord, Finding, OpenPeriod, Record
from kepu_xls.outcome import Consolidated, Source, TrendPoint


class Settled(Record, frozen=True):
    """A period's files with their final status, the entries that count, and what was found on the way."""

    records: tuple[FileRecord, ...]
    entries: tuple[Entry, ...]
    findings: tuple[Finding, ...]


def settle(session: Session, opened: OpenPeriod) -> Settled:
    """Decide which files count in a period, fill in rows without change, and check what counts."""
    counted = count(session, opened)
    counting = merge.counting(counted.records)
    found = check_period(session, opened, counted.entries, counting)
    records, rest = attributed(counted.records, (*counted.findings, *found))
    return Settled(records, counted.entries, rest)


def count(session: Session, opened: OpenPeriod) -> Settled:
    """Decide which files count in a period, and fill in rows without change from the period before."""
    ledger = session.ledger
    records = merge.choose(
        opened, ledger.files(opened.period), ledger.let_in(opened.period), ledger.voided(opened.period)
    )
    previous = past(session, opened)
    counting = merge.counting(records)
    entries, findings = merge.carry_over(counting, previous.entries)
    return Settled(records, entries, (*findings, *joined_findings(counting, previous)))


def consolidate(session: Session, opened: OpenPeriod) -> Consolidated:
    """Gather everything that the consolidated workbook of a period shows, from the ledger alone."""
    settled = settle(session, opened)
    counting = merge.counting(settled.records)
    before = period_before(session, opened)
    rows = merge.merge_tasks(opened, settled.entries)
    span = session.config.plan
    return Consolidated(
        opened=opened,
        made=session.now,
        plan_start=span.start,
        plan_end=span.end,
        units=merge.unit_statuses(opened, settled.records),
        rows=rows,
        lights=checks.lights_of(session.config.lights, opened, rows, span.start, span.end),
        indicator_values=tuple(
            value
            for record in counting
            for value in (record.submission.indicator_values if record.submission else ())
        ),
        files=settled.records,
        findings=(*settled.findings, *calendar_findings(opened)),
        previous=merge.merge_tasks(before, session.ledger.accepted(before.period)) if before else None,
        previous_period=before.period if before else "",
        sources=tuple(Source(one.unit, one.file.path, one.file.received) for one in counting),
        trend=_trend(session, opened),
    )


_TREND_PERIODS = 12


def _trend(session: Session, opened: OpenPeriod) -> tuple[TrendPoint, ...]:
    """Give the course of things over the last periods, this one the last."""
    end = periods.parse(opened.period).last_day
    by_time = sorted(
        (one for one in session.ledger.periods().values() if periods.parse(one.period).last_day <= end),
        key=lambda one: periods.parse(one.period).last_day,
    )
    return tuple(_point(session, one) for one in by_time[-_TREND_PERIODS:])


def _point(session: Session, opened: OpenPeriod) -> TrendPoint:
    entries = session.ledger.accepted(opened.period)
    reached = [row.values.get("percent") for row in merge.merge_tasks(opened, entries)]
    numbers = [float(value) for value in reached if isinstance(value, int | float)]
    return TrendPoint(
        period=opened.period,
        percent=round(sum(numbers) / len(numbers), 1) if numbers else None,
        reported=len({entry.unit for entry in entries}),
        expected=len(opened.expected),
    )


def calendar_findings(opened: OpenPeriod) -> tuple[Finding, ...]:
    """Warn where the deadline was reckoned without knowing the holidays."""
    years = {periods.parse(opened.period).last_day.year, opened.deadline.year}
    return tuple(
        messages.finding("calendar-unknown-year", year=year)
        for year in sorted(years)
        if not periods.calendar_knows(year)
    )
