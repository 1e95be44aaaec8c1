"""Inbox → archive → records: what is new is kept, opened, read and checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from kepu_xls import __version__, checks, engine, intake, workspace
from kepu_xls.commands.session import Session
from kepu_xls.model import FileRecord, InboxFile, OpenPeriod, Record
from kepu_xls.progress import Track


class TakenIn(Record, frozen=True):
    """``present``: all that lies in the inbox; ``new``: how many of these were read now.

    ``periods``: those that what was read now belongs to.
    """

    present: tuple[InboxFile, ...]
    new: int
    periods: tuple[str, ...]


def take_in(session: Session, opened: OpenPeriod, engine_name: str, track: Track) -> TakenIn:
    """Take in what was never read, or was read against something that has changed since.

    Raises SurroundingsError where an original cannot be kept; then nothing of this run is in the ledger.
    """
    inbox = intake.collect(session.workspace.inbox, session.config.limits)
    new = _unread(session, inbox.files)
    filed = _keep(session, opened, inbox, _in_order(session, new), engine_name, track)
    return TakenIn((*inbox.files, *(record.file for record in inbox.refused)), len(new), filed)


def _bases(session: Session) -> tuple[str, dict[str, str]]:
    """Say what files are read against: everything together, and each period by itself.

    A file tied to a period depends on that period alone; any other could mean something else once more
    periods are open, limits are wider, or another password is known.
    """
    opened = session.ledger.periods().values()
    each = {one.period: f"{__version__} {one.period}:{one.version}" for one in opened}
    everything = (*each.values(), repr(session.config.limits), *session.config.inbox.passwords)
    return hashlib.sha256("\n".join(everything).encode()).hexdigest(), each


def _unread(session: Session, present: Iterable[InboxFile]) -> tuple[InboxFile, ...]:
    """Keep the files that were never read, or were read against something that has changed since."""
    everything, each = _bases(session)
    current = {everything, *each.values()}
    known = session.ledger.known_files()
    return tuple(file for file in present if known.get((file.path, file.sha256), ("", ""))[0] not in current)


def _keep(
    session: Session,
    opened: OpenPeriod,
    inbox: intake.Inbox,
    files: tuple[InboxFile, ...],
    engine_name: str,
    track: Track,
) -> tuple[str, ...]:
    """Archive, read and check files, and keep what was learnt, also of what could not be opened, at once.

    Gives the periods of what was read.
    """
    everything, each = _bases(session)
    context = intake.ReadingContext(
        periods=session.ledger.periods(),
        secret=session.ledger.secret,
        current=opened.period,
        limits=session.config.limits,
    )

    def read(file: InboxFile) -> tuple[FileRecord, ...]:
        return _read(session, context, file, inbox.sources[file.path])

    records = [_checked(record, context) for record in inbox.refused]
    with context.child:
        for found in track(engine.run(read, files, engine_name), "读取", len(files)):
            records += found
    session.ledger.keep(
        (record, each[record.period] if record.submission else everything) for record in records
    )
    return tuple(sorted({record.period for record in records if record.submission}))


def _in_order(session: Session, files: tuple[InboxFile, ...]) -> tuple[InboxFile, ...]:
    """See to it that what replaced a file under its name came after it, whatever time it bears."""
    before = session.ledger.last_arrivals()
    known = session.ledger.known_files()

    def replaced(file: InboxFile) -> bool:
        earlier = before.get(file.path)
        return (file.path, file.sha256) not in known and earlier is not None and file.received <= earlier

    return tuple(
        msgspec.structs.replace(file, received=session.now) if replaced(file) else file for file in files
    )


def _read(
    session: Session, context: intake.ReadingContext, file: InboxFile, source: Path
) -> tuple[FileRecord, ...]:
    """Keep the original, then open, read and check it: a record each for what lies inside, and for itself."""
    try:
        with intake.content(source, context.limits) as data:
            # it may have been replaced since it was listed: what is archived and read is what is kept
            file = msgspec.structs.replace(file, sha256=hashlib.sha256(data).hexdigest(), size=len(data))
            kept = session.workspace.archived(file.sha256, source.suffix)
            if not kept.exists():
                workspace.write_bytes(kept, data)
            found = _records(file, data, context, session.config.inbox.passwords)
            return tuple(_checked(record, context) for record in found)
    except intake.RefusedError as why:
        refused = intake.refused(msgspec.structs.replace(file, sha256=""), why)
        return (_checked(refused, context),)


def _records(
    file: InboxFile, data: bytes, context: intake.ReadingContext, passwords: tuple[str, ...]
) -> Iterator[FileRecord]:
    """Read a file, or each of those that lie in it."""
    for member in intake.open_containers(file, data, context.limits, passwords):
        if member.data is None:
            yield FileRecord(member.file, member.status, findings=member.findings)
            continue
        record = intake.read_file(member.file, member.data, context)
        yield msgspec.structs.replace(record, findings=(*member.findings, *record.findings))


def _checked(record: FileRecord, context: intake.ReadingContext) -> FileRecord:
    """Add what the checks find; a file of no known period is filed under the one being merged."""
    if record.submission is None:
        return msgspec.structs.replace(record, period=record.period or context.current)
    opened = context.periods[record.period]
    found = (*record.findings, *checks.check_submission(record.submission, opened, record.file.path))
    return msgspec.structs.replace(record, status=intake.status_of(found), findings=found)
