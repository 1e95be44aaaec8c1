"""``kepu merge``: inbox → archive → ledger → consolidated workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kepu_xls import messages, periods
from kepu_xls.commands.consolidation import consolidate
from kepu_xls.commands.report import write_if_new
from kepu_xls.commands.results import FileLine, MergeResult, lines, unit_lists
from kepu_xls.commands.session import Session, period_meant, unit_names
from kepu_xls.commands.settling import settle
from kepu_xls.commands.taking_in import take_in
from kepu_xls.engine import Team
from kepu_xls.model import FileRecord, FileStatus, Finding, OpenPeriod, Place
from kepu_xls.progress import Track, untracked
from kepu_xls.workspace import failures_explained


def merge(
    session: Session,
    period: str | None = None,
    *,
    strict: bool = False,
    engine_name: str = "auto",
    accept_late: tuple[str, ...] = (),
    track: Track = untracked,
    tell: Callable[[str], None] | None = None,
) -> MergeResult:
    """Take in what is new in the inbox, settle what counts, and write the consolidated workbook.

    Running it again with nothing new gives the same.  Raises InputError for an unknown period or unit, and
    SurroundingsError where something cannot be written; what was taken in until then is kept.
    """
    opened = period_meant(session, period)
    missing = _inbox_made(session)
    session.ledger.let_in_late(opened.period, unit_names(opened.plan, accept_late))
    with Team(engine_name) as team:
        new = take_in(session, opened, team, track, tell or (lambda _: None))
        settle(session, team=team)
        consolidated = consolidate(session, opened)
        _outdate_later(session)
        write_if_new(session, consolidated, team)
        records = _with_copies(session, opened, consolidated.files, consolidated.findings, track)
        others = tuple(  # a report of theirs that lies there would no longer be true
            name
            for name in session.ledger.due()
            if name != opened.period
            and write_if_new(session, consolidate(session, period_meant(session, name)), team)
        )
    return MergeResult(
        period=opened.period,
        report=str(session.workspace.report(opened.period)),
        units=unit_lists(consolidated.units),
        files=tuple(map(_line, _shown(session, opened, records))),
        entries=session.ledger.accepted_count(opened.period),
        new_files=new,
        findings=lines((*missing, *consolidated.findings)),
        statuses=consolidated.units,
        strict=strict,
        other_periods=others,
    )


def _inbox_made(session: Session) -> tuple[Finding, ...]:
    """See to it that there is an inbox; where it is gone somebody moved it, maybe with forms in it."""
    if session.config.inbox.url or session.workspace.has_inbox():
        return ()
    inbox = session.workspace.inbox
    with failures_explained(inbox):
        inbox.mkdir()
    return (messages.finding("inbox-missing", Place(inbox.name)),)


def _outdate_later(session: Session) -> None:
    """Have the reports of later periods looked at too: they take over from those that changed, or compare."""
    days = {name: periods.parse(name).last_day for name in session.ledger.periods()}
    changed = [days[name] for name in session.ledger.due()]
    if changed:
        session.ledger.outdate(name for name, day in days.items() if day > min(changed))


def _shown(session: Session, opened: OpenPeriod, records: tuple[FileRecord, ...]) -> Iterator[FileRecord]:
    """Give the period's own files, and those of other periods that lie in the inbox."""
    yield from records
    for name, keys in session.ledger.here().items():
        if name != opened.period:
            yield from (one for one in _renewed(session, name) if (one.file.path, one.file.sha256) in keys)


def _renewed(session: Session, period: str) -> tuple[FileRecord, ...]:
    """Give the files of another period, which may have been corrected or found wrong just now."""
    opened = session.ledger.periods().get(period)
    records = session.ledger.judged(period)
    if opened is None:  # what claims a period that was never opened was refused, and is filed under it
        return records
    return _with_copies(session, opened, records, session.ledger.remarks(period))


def _with_copies(
    session: Session,
    opened: OpenPeriod,
    records: tuple[FileRecord, ...],
    findings: tuple[Finding, ...],
    track: Track = untracked,
) -> tuple[FileRecord, ...]:
    """Renew the return copies where there is one to write or to take away; see ``returns.renew``."""
    wrong = any(one.status is FileStatus.ACCEPTED_WITH_ERRORS for one in records)
    if not wrong and not any(session.workspace.returns(opened.period).glob("*.xlsx")):
        return records
    from kepu_xls.commands import returns  # noqa: PLC0415 - makes forms, by openpyxl

    return returns.renew(session, opened, records, findings, track)


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
