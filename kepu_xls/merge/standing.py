"""Where each unit stands in a period: reported, late, nil, missing, or something to mend.  Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from kepu_xls import rating
from kepu_xls.merge.choosing import counting
from kepu_xls.model import FileRecord, FileStatus, Finding, OpenPeriod, Severity, Submission
from kepu_xls.outcome import UnitState, UnitStatus


def unit_statuses(
    opened: OpenPeriod, records: Iterable[FileRecord], units: Collection[str] | None = None
) -> tuple[UnitStatus, ...]:
    """Tell where each expected unit stands, in the plan's order, or each of some ``units`` in theirs.

    ``records`` are the period's files after ``choose``.
    """
    by_unit: dict[str, list[FileRecord]] = {}
    for record in records:
        by_unit.setdefault(record.unit, []).append(record)
    return tuple(
        _status(opened, unit, by_unit.get(unit, [])) for unit in (opened.expected if units is None else units)
    )


def _status(opened: OpenPeriod, unit: str, records: Sequence[FileRecord]) -> UnitStatus:
    for record in counting(records):
        if record.submission is not None:
            return _reported(opened, record, record.submission)
    return _not_reported(opened, unit, records)


def _reported(opened: OpenPeriod, record: FileRecord, submission: Submission) -> UnitStatus:
    late, errors = record.file.received > opened.deadline, _count(record.findings, Severity.ERROR)
    return UnitStatus(
        unit=record.unit,
        state=_state(errors=errors, late=late, nil=submission.nil),
        reported=True,
        late=late,
        nil=submission.nil,
        rows=sum(not entry.blank for entry in submission.entries),
        duties=len(opened.plan.duties_of(record.unit)),
        errors=errors,
        warnings=_count(record.findings, Severity.WARNING),
        file=record.file.path,
        received=record.file.received,
        completeness=rating.completeness(submission, opened),
        days_late=rating.days_late(record.file.received, opened.deadline),
    )


def _not_reported(opened: OpenPeriod, unit: str, records: Sequence[FileRecord]) -> UnitStatus:
    refused = [one for one in records if one.status is FileStatus.REJECTED and not _void(one)]
    last = max(refused, key=lambda one: one.file.received, default=None)
    return UnitStatus(
        unit=unit,
        state=UnitState.RETURNED if last else UnitState.MISSING,
        duties=len(opened.plan.duties_of(unit)),
        errors=_count(last.findings, Severity.ERROR) if last else 0,
        file=last.file.path if last else "",
        received=last.file.received if last else None,
    )


def _state(*, errors: int, late: bool, nil: bool) -> UnitState:
    """One word for a report that came: what the clerk has to act on comes first."""
    if errors:
        return UnitState.RETURNED
    if late:
        return UnitState.LATE
    return UnitState.NIL if nil else UnitState.REPORTED


def _void(record: FileRecord) -> bool:
    """Tell whether a file was refused by the clerk: its unit has nothing to mend, it has still to report."""
    return any(one.code == "file-void" for one in record.findings)


def _count(findings: Iterable[Finding], severity: Severity) -> int:
    return sum(one.severity is severity for one in findings)
