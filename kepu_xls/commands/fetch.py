"""``kepu fetch``: replies from the mailbox into the inbox."""

from __future__ import annotations

from kepu_xls.commands.fetch_results import FetchResult
from kepu_xls.commands.receiving import Receiving
from kepu_xls.commands.results import lines
from kepu_xls.commands.session import Session, period_meant
from kepu_xls.errors import InputError, SurroundingsError
from kepu_xls.mail import connecting, imap, passwords
from kepu_xls.progress import Track, untracked


def fetch(session: Session, period: str | None = None, *, track: Track = untracked) -> FetchResult:
    """Put what came by mail for a period into the inbox, each message once; nothing is ever deleted.

    What breaks it off stands in the result, beside what was taken until then; the next run goes on there.
    Raises InputError for a period that is not open, and where login or password are not known;
    SurroundingsError where the keyring that may know it does not answer.
    """
    inbox = str(session.workspace.inbox)
    settings = session.config.mail
    if not settings.imap.host:
        return FetchResult(period or "", configured=False, inbox=inbox)
    opened = period_meant(session, period)
    password = _password(session)
    trusted = connecting.trusting(session.workspace.root, settings.certificates)
    receiving, stopped = Receiving(session, opened), None
    try:
        with imap.opened(settings.imap, settings.login, password, trusted) as folder:
            receiving.go_through(folder, track)
    except SurroundingsError as failure:
        stopped = failure.finding
    return FetchResult(
        period=opened.period,
        configured=True,
        inbox=inbox,
        seen=receiving.seen,
        files=tuple(receiving.files),
        skipped=tuple(receiving.skipped),
        findings=lines(receiving.findings),
        stopped=lines([stopped])[0] if stopped else None,
    )


def _password(session: Session) -> str:
    login = session.config.mail.login
    if not login:
        raise InputError("mail-no-address")
    password = passwords.known(login)
    if password is None:
        raise InputError("imap-password-missing", login=login, variable=passwords.VARIABLE)
    return password
