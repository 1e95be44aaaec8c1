"""The mailbox's folder → files in the inbox: each message once, whatever breaks off on the way."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from kepu_xls import messages, workspace
from kepu_xls.commands.fetch_results import FetchedFile, SkippedMail
from kepu_xls.commands.mail_window import window
from kepu_xls.commands.senders import Addresses, unit_addresses, units_of, unknown_sender
from kepu_xls.commands.session import Session
from kepu_xls.errors import SurroundingsError
from kepu_xls.ledger import Account, KnownMail, MailState
from kepu_xls.mail.attachments import Attached, attachments, safe
from kepu_xls.mail.bounces import bounce
from kepu_xls.mail.imap import Described, Folder, MessageRefusedError
from kepu_xls.mail.incoming import Incoming, Kind, incoming, unread
from kepu_xls.model import Finding, OpenPeriod, Place
from kepu_xls.progress import Track

_MEGABYTE = 1 << 20
_MANY = 3
_THIS_FILE = ("surroundings-failed", "file-open-elsewhere")
"""What concerns one file: a path too long, perhaps; a disk that is full or gone stops everything."""
_LINES_A_PART = 4  # that begin with --: each part begins with one, and so do signatures
_FILED_AT_ONCE = 200
"""So many messages are named in one command: servers need not take a line of more than 8,192 bytes."""
_AT_ONCE = 50
"""So many messages that brought nothing are kept in the ledger at once."""
_REASONS = {
    Kind.OWN: "本程序发出的邮件",
    Kind.AUTOMATIC: "自动回复",
    Kind.RECEIPT: "已读回执",
    Kind.WORDS: "没有附件，或附件不是表格",
}
_LATE = "还在投递的通知"
_KNOWN = "以前收过的邮件"


class Receiving:
    """One look into the folder; what it came to grows as it goes, and stays where it is broken off."""

    def __init__(self, session: Session, opened: OpenPeriod) -> None:
        self._session = session
        self._window = window(session.config.mail.imap, opened)
        self._addresses: Addresses = unit_addresses(session, opened)
        self._nothing: list[KnownMail] = []
        self._account = Account("", "", 0)
        self.seen = 0
        self.files: list[FetchedFile] = []
        self.skipped: list[SkippedMail] = []
        self.findings: list[Finding] = []

    def go_through(self, folder: Folder, track: Track) -> None:
        """Take what is new, then mark or move what was taken, as configured.

        Raises SurroundingsError where the connection, the disk or the ledger fails; what was taken is kept.
        """
        settings = self._session.config.mail
        login = f"{settings.login}@{settings.imap.host}".lower()
        self._account = Account(login, settings.imap.folder, folder.validity)
        known = self._session.ledger.mails(self._account)
        here = folder.between(self._window.first, self._window.last)
        self._session.ledger.forget_failures(self._account, here)
        done = {uid for uid, (state, _) in known.items() if state in (MailState.TAKEN, MailState.PASSED)}
        new = tuple(uid for uid in here if uid not in done)
        try:
            for described in track(folder.described(new), "收信", len(new)):
                one = self._understood(described)
                if self._window.holds(one.arrived):
                    self.seen += 1
                    self._one(folder, one, known.get(one.uid, (None, ""))[1])
        finally:
            self._keep_nothing()
        self._file(folder, here)

    # ── one message ──

    def _understood(self, described: Described) -> Incoming:
        try:
            return incoming(described, self._session.config.mail.address, self._session.now)
        except Exception:  # noqa: BLE001 - the email package fails on broken headers in every way there is
            return unread(described, self._session.now)

    def _one(self, folder: Folder, one: Incoming, place: str) -> None:
        ledger = self._session.ledger
        if one.mark and ledger.knows_mail(self._account, mark=one.mark):
            self._skip(one, _KNOWN)
        elif one.kind in (Kind.REPLY, Kind.BOUNCE):
            self._whole(folder, one, place)
        else:
            self._without_files(one)

    def _whole(self, folder: Folder, one: Incoming, place: str) -> None:
        """Fetch a message and do with it what it is; what is wrong with it costs itself only."""
        data = self._given(folder, one)
        if data is None:
            return
        digest = hashlib.sha256(data).hexdigest()
        if self._session.ledger.knows_mail(self._account, digest=digest):
            self._skip(one, _KNOWN)
            return
        try:
            if one.kind is Kind.BOUNCE:
                self._bounced(one, data)
                return
            found = self._attached(data)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - the email package fails on broken messages in every way there is
            self._broken(one, data)
            return
        self._reply(one, digest, found, place)

    def _given(self, folder: Folder, one: Incoming) -> bytes | None:
        """Fetch a message; None where it cannot be had, which is told, and where it is gone."""
        limit = self._session.config.mail.imap.message_mb
        if one.size > limit * _MEGABYTE:
            unit = self._whose(one)
            self._fail(one, self._finding("mail-too-large", one, unit=unit, limit=f"{limit:g}"))
            return None
        try:
            return folder.message(one.uid, one.size)
        except MessageRefusedError as error:
            self._fail(one, self._finding("mail-not-given", one, unit=self._whose(one), said=str(error)))
            return None

    def _attached(self, data: bytes) -> tuple[Attached, ...]:
        """Take a message apart.  Raises ValueError where it has more parts than anybody attaches."""
        if data.count(b"\n--") + data.count(b"\r--") > self._session.config.limits.members * _LINES_A_PART:
            raise ValueError
        return attachments(data)

    def _reply(self, one: Incoming, digest: str, found: tuple[Attached, ...], place: str) -> None:
        forms = tuple(each for each in found if each.form)
        others = "、".join(each.name for each in found if not each.form)
        if not forms:
            self._without_files(one, others)
            return
        units = self._units(one)
        told = (self._finding("mail-others-left", one, names=others),) if others and units else ()
        place = place or self._place(one, units)
        kept = _known(one, MailState.TAKING, digest=digest, place=place, findings=told)
        self._session.ledger.keep_mails(self._account, (kept,))
        files = [(f"{place}/{each.name}", each.data) for each in forms]
        try:
            for path, data in files:
                _write(self._session.workspace.inbox / path, data, one.arrived)
        except SurroundingsError as failure:
            if failure.finding.code not in _THIS_FILE:
                raise
            self._fail(one, failure.finding, place)
            return
        self._session.ledger.deliver(
            self._account,
            msgspec.structs.replace(kept, state=MailState.TAKEN),
            [(path, hashlib.sha256(data).hexdigest()) for path, data in files],
        )
        self.findings += told
        for path, _ in files:
            self.files.append(FetchedFile(path, one.sender, units, one.subject, one.arrived))
            if not units:
                self.findings.append(unknown_sender(path, one.sender))

    def _without_files(self, one: Incoming, others: str = "") -> None:
        """Pass on what brought no form; where a unit wrote it, somebody has to read it."""
        units = self._units(one)
        told: tuple[Finding, ...] = ()
        if units and one.kind in (Kind.WORDS, Kind.REPLY):
            what = f"，附件是 {others}" if others else ""
            told = (self._finding("mail-without-form", one, unit="、".join(units), what=what),)
        self._skip(one, _REASONS.get(one.kind, _REASONS[Kind.WORDS]), told)

    def _bounced(self, one: Incoming, data: bytes) -> None:
        came_back = bounce(data, self._addresses)
        if not came_back.final:
            self._skip(one, _LATE)
            return
        units = "、".join(units_of(self._addresses, came_back.addresses, ()))
        found = self._finding(
            "mail-bounced",
            one,
            unit=units,
            whom=units or "收件人不在“单位”页",
            address="、".join(came_back.addresses) or "（没有写明）",
            reason=f"：{came_back.reason}" if came_back.reason else "",
        )
        self._skip(one, "退信", (found,))

    def _broken(self, one: Incoming, data: bytes) -> None:
        """Keep a message that cannot be taken apart whole, where a person can open it."""
        kept = self._session.workspace.archived(hashlib.sha256(data).hexdigest(), ".eml")
        workspace.write_bytes(kept, data)
        shown = self._session.workspace.shown(kept)
        found = self._finding("mail-broken", one, unit=self._whose(one), path=shown)
        self._skip(one, "读不出来", (found,))

    # ── what is kept ──

    def _skip(self, one: Incoming, reason: str, findings: tuple[Finding, ...] = ()) -> None:
        """Be done with a message that brings no files."""
        self._nothing.append(_known(one, MailState.PASSED, findings=findings))
        self.skipped.append(SkippedMail(one.sender, one.subject, one.arrived, reason))
        self.findings += findings
        if len(self._nothing) >= _AT_ONCE or findings:
            self._keep_nothing()

    def _fail(self, one: Incoming, found: Finding, place: str = "") -> None:
        """Remember a message that could not be had; the next look tries again."""
        kept = _known(one, MailState.FAILED, place=place, findings=(found,))
        self._session.ledger.keep_mails(self._account, (kept,))
        self.skipped.append(SkippedMail(one.sender, one.subject, one.arrived, found.message))
        self.findings.append(found)

    def _keep_nothing(self) -> None:
        if self._nothing:
            self._session.ledger.keep_mails(self._account, self._nothing)
            self._nothing.clear()

    def _file(self, folder: Folder, here: tuple[int, ...]) -> None:
        """Mark or move what was taken, now that it is safe; what this missed before is caught up."""
        settings = self._session.config.mail.imap
        if not settings.mark_read and not settings.move_to:
            return
        waiting = sorted(self._session.ledger.unfiled(self._account) & set(here))
        copied = 0
        for start in range(0, len(waiting), _FILED_AT_ONCE):
            batch = waiting[start : start + _FILED_AT_ONCE]
            if settings.mark_read:
                folder.mark_read(batch)
            if settings.move_to and not folder.move(batch, settings.move_to):
                copied += len(batch)
            self._session.ledger.filed(self._account, batch)
        if copied:
            self.findings.append(messages.finding("mail-copied-only", folder=settings.move_to, count=copied))

    # ── words ──

    def _units(self, one: Incoming) -> tuple[str, ...]:
        return units_of(self._addresses, one.senders, one.answers_to)

    def _whose(self, one: Incoming) -> str:
        return "、".join(self._units(one))

    def _place(self, one: Incoming, units: tuple[str, ...]) -> str:
        """Choose a folder that no other message has: when it came, and from whom."""
        session = self._session
        who = "、".join(units) if len(units) in range(1, _MANY) else one.sender
        top = session.workspace.mailed.name
        wanted = f"{top}/{one.arrived:%Y-%m-%d %H%M} {safe(who or '发件人不明')}"
        taken = session.ledger.places()
        for name in _numbered(wanted):
            if name not in taken and not (session.workspace.inbox / name).exists():
                return name
        raise AssertionError(wanted)

    def _finding(self, code: str, one: Incoming, *, unit: str = "", **details: str) -> Finding:
        """Make a finding that a clerk can find the message by."""
        return messages.finding(
            code,
            Place(f"邮件 {one.arrived:%m-%d %H:%M}"),
            unit=unit,
            sender=one.sender or "发件人不明",
            subject=one.subject or "（无主题）",
            **details,
        )


def _known(
    one: Incoming,
    state: MailState,
    *,
    digest: str = "",
    place: str = "",
    findings: tuple[Finding, ...] = (),
) -> KnownMail:
    """Say what the ledger is to keep; of mail that brings nothing no more than is needed to know it again."""
    kept = KnownMail(one.uid, state, one.arrived, one.mark, digest, place, findings=findings)
    if not place:
        return kept
    return msgspec.structs.replace(
        kept,
        sender=one.sender,
        reply_to=" ".join(one.answers_to),
        subject=one.subject,
        sent=one.sent,
        message_id=one.message_id,
    )


def _numbered(name: str) -> Iterator[str]:
    yield name
    for number in range(2, 10_000):
        yield f"{name}({number})"


def _write(path: Path, data: bytes, arrived: datetime) -> None:
    """Write a file that bears the time at which its mail arrived."""
    with workspace.replacing(path) as temporary:
        temporary.write_bytes(data)
        os.utime(temporary, (arrived.timestamp(), arrived.timestamp()))
