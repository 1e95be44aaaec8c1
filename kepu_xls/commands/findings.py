"""``kepu findings``: what was found in a period's files and across them, errors first, with its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from kepu_xls import merge
from kepu_xls.commands.consolidation import calendar_findings, unit_standings
from kepu_xls.commands.results import FindingsResult, lines
from kepu_xls.commands.senders import explaining_silence
from kepu_xls.commands.session import Session, period_meant, unit_names
from kepu_xls.commands.settling import settle
from kepu_xls.model import FileRecord, Finding, OpenPeriod, Severity, number_key


def findings(
    session: Session,
    period: str | None = None,
    units: tuple[str, ...] = (),
    severities: tuple[str, ...] = (),
) -> FindingsResult:
    """List what was found in a period; ``units`` and ``severities`` keep only theirs.

    Raises InputError for a period that is not open or an unknown unit.
    """
    opened = period_meant(session, period)
    wanted = unit_names(opened.plan, units)
    kept = tuple(
        one
        for one in found_in(session, opened)
        if (not wanted or one.unit in wanted) and (not severities or one.severity.value in severities)
    )
    return FindingsResult(opened.period, lines(kept))


def found_in(session: Session, opened: OpenPeriod) -> tuple[Finding, ...]:
    """Give all that was found in a period, as ``found`` does, from the ledger alone."""
    settle(session, opened)
    beside = (
        *session.ledger.remarks(opened.period),
        *calendar_findings(opened),
        *explaining_silence(session, opened, unit_standings(session, opened)),
    )
    return found(opened, session.ledger.judged(opened.period), beside)


def found(
    opened: OpenPeriod, records: Iterable[FileRecord], findings: Iterable[Finding]
) -> tuple[Finding, ...]:
    """Give all that was found in a period, once: errors first, then by unit, task and place.

    ``records`` are its files as they were settled, ``findings`` what was found beside them.
    """
    order = {unit.name: number for number, unit in enumerate(opened.plan.units)}
    severities = list(Severity)
    said = (one for record in records for one in _of_file(record))
    return tuple(
        sorted(
            dict.fromkeys((*said, *findings)),
            key=lambda one: (
                severities.index(one.severity),
                order.get(one.unit, len(order)),
                number_key(one.task),
                one.place.file,
                one.place.sheet,
                _natural(one.place.cell),
            ),
        )
    )


def _of_file(record: FileRecord) -> Iterator[Finding]:
    """Give what was found in a file; of one that was read and then set aside, only why it was."""
    set_aside = record.submission is not None and not merge.counting((record,))
    for one in record.findings[-1:] if set_aside else record.findings:
        yield one if one.unit else msgspec.structs.replace(one, unit=record.unit)


def _natural(cell: str) -> tuple[int, str]:
    """Order cells by row, then by column: C9 before B10."""
    row = re.search(r"\d+", cell)
    return int(row[0]) if row else 0, cell
