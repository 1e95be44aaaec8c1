"""What the checks find in a period's reports, added to the files that it concerns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from kepu_xls import checks, merge
from kepu_xls.config import Config
from kepu_xls.model import Entry, FileRecord, Finding, OpenPeriod, status_of

_SAID_BETTER = {"progress-too-short": "text-says-nothing"}
"""A finding that goes without saying where the other one is made of the same cell."""


_OF_ALL_LEADS = "task-silent"


def of_units(
    config: Config,
    opened: OpenPeriod,
    entries: tuple[Entry, ...],
    history: Sequence[tuple[OpenPeriod, tuple[Entry, ...]]],
    files: Mapping[str, str],
) -> tuple[Finding, ...]:
    """Run every check that looks at one unit by itself: the rules, across periods, empty phrases.

    ``history``: what the same units reported before, newest first, under their present names.
    """
    previous = history[0][1] if history else ()
    found = (
        *checks.check_rules(config.rules, opened, entries, previous, files),
        *checks.check_across_periods(opened, entries, history, files, config.checks),
        *checks.check_phrases(opened, entries, files, config.checks),
    )
    places = {(one.code, one.place) for one in found}
    return tuple(
        one
        for one in found
        # what is no unit's is told once, and whether all leads of a task are silent cannot be told by some
        if one.unit and one.code != _OF_ALL_LEADS and (_SAID_BETTER.get(one.code), one.place) not in places
    )


def of_period(config: Config, opened: OpenPeriod) -> tuple[Finding, ...]:
    """Tell what is no unit's: rules that the fields of the period cannot answer."""
    return checks.check_rules(config.rules, opened, (), (), {})


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
    return msgspec.structs.replace(record, findings=found, status=status_of(found))
