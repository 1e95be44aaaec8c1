"""What the checks find in a period's reports, added to the files that it concerns."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from kepu_xls import checks, intake, merge
from kepu_xls.commands.past import renamed
from kepu_xls.commands.session import Session, periods_before
from kepu_xls.model import Entry, FileRecord, Finding, OpenPeriod

_SAID_BETTER = {"progress-too-short": "text-says-nothing"}
"""A finding that goes without saying where the other one is made of the same cell."""


def check_period(
    session: Session, opened: OpenPeriod, entries: tuple[Entry, ...], counting: Iterable[FileRecord]
) -> tuple[Finding, ...]:
    """Run every check over the entries that count: the rules, across periods, across units, empty phrases."""
    files = {record.unit: record.file.path for record in counting}
    settings = session.config.checks
    history = _history(session, opened, settings.silent_periods)
    previous = history[0][1] if history else ()
    found = (
        *checks.check_rules(session.config.rules, opened, entries, previous, files),
        *checks.check_across_periods(opened, entries, history, files, settings),
        *checks.check_across_units(opened, entries, files, settings),
        *checks.check_phrases(opened, entries, files, settings),
    )
    places = {(one.code, one.place) for one in found}
    return tuple(one for one in found if (_SAID_BETTER.get(one.code), one.place) not in places)


def _history(
    session: Session, opened: OpenPeriod, depth: int
) -> tuple[tuple[OpenPeriod, tuple[Entry, ...]], ...]:
    """Give what counted in the periods before, newest first, under the names that units bear now."""
    return tuple(
        (one, renamed(session.ledger.accepted(one.period), opened).entries)
        for one in periods_before(session, opened)[:depth]
    )


def attributed(
    records: tuple[FileRecord, ...], findings: Iterable[Finding]
) -> tuple[tuple[FileRecord, ...], tuple[Finding, ...]]:
    """Give each file that counts the findings at its cells, and its status anew; the rest is the period's."""
    by_place: dict[tuple[str, str], list[Finding]] = {}
    for one in findings:
        by_place.setdefault((one.unit, one.place.file), []).append(one)
    counting = {id(record) for record in merge.counting(records)}
    judged = tuple(
        _with(record, by_place.pop((record.unit, record.file.path), [])) if id(record) in counting else record
        for record in records
    )
    return judged, tuple(one for group in by_place.values() for one in group)


def _with(record: FileRecord, more: list[Finding]) -> FileRecord:
    if not more:
        return record
    found = (*record.findings, *more)
    return msgspec.structs.replace(record, findings=found, status=intake.status_of(found))
