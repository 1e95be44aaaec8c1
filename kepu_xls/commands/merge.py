"""``kepu merge``: inbox → archive → ledger → consolidated workbook."""

from __future__ import annotations

from collections.abc import Iterable

from kepu_xls import intake, periods
from kepu_xls.commands import returns
from kepu_xls.commands.consolidation import consolidate, count, settle
from kepu_xls.commands.report import write
from kepu_xls.commands.results import FileLine, MergeResult, UnitLists, lines
from kepu_xls.commands.session import Session, period_meant, unit_names
from kepu_xls.commands.taking_in import take_in
from kepu_xls.model import FileRecord, InboxFile, OpenPeriod
from kepu_xls.outcome import UnitStatus
from kepu_xls.progress import Track, untracked


def merge(
    session: Session,
    period: str | None = None,
    *,
    strict: bool = False,
    engine_name: str = "auto",
    accept_late: tuple[str, ...] = (),
    track: Track = untracked,
) -> MergeResult:
    """Take in what is new in the inbox, settle what counts, and write the consolidated workbook.

    Running it again with nothing new gives the same.  Raises InputError for an unknown period or unit, and
    SurroundingsError where something cannot be written; what was taken in until then is kept.
    """
    opened = period_meant(session, period)
    session.ledger.let_in_late(opened.period, unit_names(opened.plan, accept_late))
    taken = take_in(session, opened, engine_name, track)
    _settle(session)
    consolidated = consolidate(session, opened)
    path = write(session, consolidated)
    records = returns.renew(session, opened, consolidated.files, consolidated.findings, track)
    others = tuple(name for name in taken.periods if name != opened.period)
    for name in others:  # a report of theirs that lies there would no longer be true
        write(session, consolidate(session, period_meant(session, name)))
    return MergeResult(
        period=opened.period,
        report=str(path),
        units=unit_lists(consolidated.units),
        files=tuple(map(_line, _shown(session, opened, records, taken.present))),
        entries=sum(len(row.entries) for row in consolidated.rows),
        new_files=taken.new,
        findings=lines(consolidated.findings),
        statuses=consolidated.units,
        strict=strict,
        other_periods=others,
    )


def _settle(session: Session) -> None:
    """Keep the entries that count, period by period: what changed in one may be taken over by the next."""
    by_time = sorted(session.ledger.periods().values(), key=lambda one: periods.parse(one.period).first_day)
    for one in by_time:
        entries = count(session, one).entries
        if entries != session.ledger.accepted(one.period):
            session.ledger.accept(one.period, entries)


def _shown(
    session: Session,
    opened: OpenPeriod,
    records: tuple[FileRecord, ...],
    present: Iterable[InboxFile],
) -> tuple[FileRecord, ...]:
    """Give the period's own files, and those of other periods that lie in the inbox."""
    here = {(file.path, file.sha256) for file in present}
    paths = {file.path for file in present}

    def lies_here(path: str, sha256: str) -> bool:
        outer, inside, _ = path.partition(intake.SEPARATOR)
        return outer in paths if inside else (path, sha256) in here

    known = session.ledger.known_files()
    others = {period for key, (_, period) in known.items() if lies_here(*key)} - {opened.period}
    strangers = (
        record
        for name in sorted(others)
        for record in _renewed(session, name)
        if lies_here(record.file.path, record.file.sha256)
    )
    return (*records, *strangers)


def _renewed(session: Session, period: str) -> tuple[FileRecord, ...]:
    """Give the files of another period, which may have been corrected or found wrong just now."""
    opened = session.ledger.periods().get(period)
    if opened is None:  # what claims a period that was never opened was refused, and is filed under it
        return session.ledger.files(period)
    settled = settle(session, opened)
    return returns.renew(session, opened, settled.records, settled.findings)


def _line(record: FileRecord) -> FileLine:
    return FileLine(
        path=record.file.path,
        unit=record.unit,
        period=record.period,
        sha256=record.file.sha256,
        status=record.status,
        return_copy=record.return_copy or None,
        findings=lines(record.findings),
    )


def unit_lists(statuses: Iterable[UnitStatus]) -> UnitLists:
    """Sort units into the contract's lists."""
    all_units = tuple(statuses)
    return UnitLists(
        expected=tuple(one.unit for one in all_units),
        reported=tuple(one.unit for one in all_units if one.reported),
        late=tuple(one.unit for one in all_units if one.late),
        nil=tuple(one.unit for one in all_units if one.nil),
        missing=tuple(one.unit for one in all_units if not one.reported),
    )
