"""``kepu merge``: inbox → archive → ledger → consolidated workbook."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from kepu_xls import __version__, checks, engine, intake, periods, workspace
from kepu_xls.commands import returns
from kepu_xls.commands.consolidation import consolidate, count, settle
from kepu_xls.commands.report import write
from kepu_xls.commands.results import FileLine, MergeResult, UnitLists, lines
from kepu_xls.commands.session import Session, period_meant, unit_names
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
    inbox = intake.collect(session.workspace.inbox, session.config.limits)
    present = (*inbox.files, *(record.file for record in inbox.refused))
    new = _unread(session, inbox.files)
    _take_in(session, opened, inbox, new, engine_name, track)
    _settle(session)
    consolidated = consolidate(session, opened)
    path = write(session, consolidated)
    records = returns.renew(session, opened, consolidated.files, consolidated.findings, track)
    return MergeResult(
        period=opened.period,
        report=str(path),
        units=unit_lists(consolidated.units),
        files=tuple(map(_line, _shown(session, opened, records, present))),
        entries=sum(len(row.entries) for row in consolidated.rows),
        new_files=len(new),
        findings=lines(consolidated.findings),
        statuses=consolidated.units,
        strict=strict,
    )


def _bases(opened: Iterable[OpenPeriod]) -> tuple[str, dict[str, str]]:
    """Say what files are read against: all open periods together, and each by itself.

    A file tied to a period depends on that period alone; any other could mean something else once more are
    open.
    """
    each = {one.period: f"{__version__} {one.period}:{one.version}" for one in opened}
    digest = hashlib.sha256("\n".join(each.values()).encode()).hexdigest()
    return digest, each


def _unread(session: Session, present: Iterable[InboxFile]) -> tuple[InboxFile, ...]:
    """Keep the files that were never read, or were read against something that has changed since."""
    everything, each = _bases(session.ledger.periods().values())
    current = {everything, *each.values()}
    known = session.ledger.known_files()
    return tuple(file for file in present if known.get((file.path, file.sha256), ("", ""))[0] not in current)


def _take_in(
    session: Session,
    opened: OpenPeriod,
    inbox: intake.Inbox,
    files: tuple[InboxFile, ...],
    engine_name: str,
    track: Track,
) -> None:
    """Archive, read and check files, and keep what was learnt, also of what could not be opened, at once."""
    everything, each = _bases(session.ledger.periods().values())
    context = intake.ReadingContext(
        periods=session.ledger.periods(),
        secret=session.ledger.secret,
        current=opened.period,
        limits=session.config.limits,
    )

    def read(file: InboxFile) -> FileRecord:
        return _read(session, context, file, inbox.sources[file.path])

    unopened = [_checked(record, context) for record in inbox.refused]
    with context.child:
        records = [*unopened, *track(engine.run(read, files, engine_name), "读取", len(files))]
    session.ledger.keep(
        (record, each[record.period] if record.submission else everything) for record in records
    )


def _read(session: Session, context: intake.ReadingContext, file: InboxFile, source: Path) -> FileRecord:
    """Keep the original, then read and check it."""
    try:
        with intake.content(source, context.limits) as data:
            # it may have been replaced since it was listed: what is archived and read is what is kept
            file = msgspec.structs.replace(file, sha256=hashlib.sha256(data).hexdigest(), size=len(data))
            kept = session.workspace.archived(file.sha256, source.suffix)
            if not kept.exists():
                workspace.write_bytes(kept, data)
            return _checked(intake.read_file(file, data, context), context)
    except intake.RefusedError as why:
        return _checked(intake.refused(msgspec.structs.replace(file, sha256=""), why), context)


def _checked(record: FileRecord, context: intake.ReadingContext) -> FileRecord:
    """Add what the checks find; a file of no known period is filed under the one being merged."""
    if record.submission is None:
        return msgspec.structs.replace(record, period=record.period or context.current)
    opened = context.periods[record.period]
    found = (*record.findings, *checks.check_submission(record.submission, opened, record.file.path))
    return msgspec.structs.replace(record, status=intake.status_of(found), findings=found)


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
    known = session.ledger.known_files()
    here = {(file.path, file.sha256) for file in present}
    others = {known[key][1] for key in here if key in known} - {opened.period}
    strangers = (
        record
        for name in sorted(others)
        for record in _renewed(session, name)
        if (record.file.path, record.file.sha256) in here
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
