"""Letters go out: shown, as drafts, or by a server; each is noted in the ledger before and after."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import datetime

from kepu_xls import messages
from kepu_xls.commands.doubtful import command, unknown
from kepu_xls.commands.forms import own_paths
from kepu_xls.commands.letters import Prepared, sender
from kepu_xls.commands.mail import connector
from kepu_xls.commands.mail_results import Fate, LetterLine, MailResult
from kepu_xls.commands.results import lines
from kepu_xls.commands.session import Session
from kepu_xls.errors import InputError, SurroundingsError
from kepu_xls.ledger import LetterRow, LetterState
from kepu_xls.mail import passwords
from kepu_xls.mail.answers import refusal
from kepu_xls.mail.compose import compose
from kepu_xls.mail.dispatch import DeferredError, Dispatcher
from kepu_xls.mail.drafts import clear, write_draft
from kepu_xls.mail.letter import Letter, LetterKind, Sender
from kepu_xls.mail.smtp import Accepted, RefusedError, UnknownError
from kepu_xls.model import Finding, OpenPeriod, Record
from kepu_xls.progress import Track, untracked


def _silent(_: str) -> None:
    """Tell nobody."""


class Manner(Record, frozen=True):
    """How letters go out.  ``again``: to these units whatever went before; ``part``: not to all units."""

    dry_run: bool = False
    drafts: bool = False
    again: tuple[str, ...] = ()
    part: bool = False


class Around(Record, frozen=True):
    """What sending needs of the world: a clock, a way to wait, and somebody to tell."""

    clock: Callable[[], datetime]
    sleep: Callable[[float], None] = time.sleep
    track: Track = untracked
    tell: Callable[[str], None] = _silent


class Told(Record, frozen=True):
    """A letter's line, and what was found beside it."""

    line: LetterLine
    findings: tuple[Finding, ...] = ()


def post(
    session: Session,
    opened: OpenPeriod,
    kind: LetterKind,
    prepared: tuple[Prepared, ...],
    manner: Manner,
    around: Around,
) -> MailResult:
    """Let letters go out as asked: by the server of the configuration, else as drafts.

    Raises InputError where there is a server and no address of one's own.
    """
    by_server = bool(session.config.mail.smtp.host) and not manner.drafts
    if by_server and not session.config.mail.address:
        raise InputError("mail-no-address")
    stopped = None
    if by_server:
        told, stopped = _Post(session, opened, kind, manner, around).deliver(prepared)
    else:
        told = _as_drafts(session, opened, kind, prepared, manner)
    found = (finding for one in prepared for finding in one.findings)
    return MailResult(
        period=opened.period,
        server=session.config.mail.smtp.host if by_server else "",
        dry_run=manner.dry_run,
        letters=tuple(one.line for one in told),
        findings=lines((*found, *(finding for one in told for finding in one.findings))),
        stopped=None if stopped is None else lines([stopped])[0],
        folder="" if by_server else str(session.workspace.drafts(opened.period)),
    )


def _line(letter: Letter, fate: Fate, size: int, answer: str = "", draft: str = "") -> LetterLine:
    names = tuple(one.name for one in letter.attachments)
    return LetterLine(letter.unit, fate, letter.to, letter.cc, letter.subject, names, size, answer, draft)


# ── drafts ───────────────────────────────────────────────────────────────────────────────────────────

_SUFFIXES = {LetterKind.FORM: "", LetterKind.REMIND: "_催报"}


def _as_drafts(
    session: Session, opened: OpenPeriod, kind: LetterKind, prepared: tuple[Prepared, ...], manner: Manner
) -> list[Told]:
    folder, me = session.workspace.drafts(opened.period), sender(session)
    units = dict.fromkeys((*opened.expected, *(one.unit for one in prepared)))
    books = own_paths(folder, f"{{unit}}{_SUFFIXES[kind]}.xlsx", units, opened.period)
    told, made = [], set()
    for one in prepared:
        if one.letter is None:
            told.append(Told(LetterLine(one.unit, Fate.HELD)))
            continue
        path = books[one.unit].with_suffix(".eml")
        if not manner.dry_run:
            write_draft(one.letter, me, path)
        made.add(path)
        missing = () if one.letter.to else (messages.finding("mail-draft-without-address", unit=one.unit),)
        size = len(compose(one.letter, me, unsent=True))
        told.append(Told(_line(one.letter, Fate.DRAFT, size, draft=str(path)), missing))
    if not (manner.dry_run or manner.part):
        clear(folder, kind, made)
    return told


# ── by a server ──────────────────────────────────────────────────────────────────────────────────────


class _Noted:
    """A letter's row in the ledger, written before it is handed over and settled when its end is known."""

    def __init__(
        self, session: Session, letter: Letter, message_id: str, clock: Callable[[], datetime]
    ) -> None:
        self._ledger, self._letter, self._id, self._clock = session.ledger, letter, message_id, clock
        self._number: int | None = None
        self.doubtful = False

    def handing_over(self) -> None:
        """Keep that from now on it may have been sent."""
        self._note(LetterState.BEGUN, "")
        self.doubtful = True

    def not_taken(self) -> None:
        """Keep that it was not sent after all."""
        if self._number is not None:
            self._note(LetterState.DEFERRED, "")

    def ended(self, state: LetterState, answer: str) -> None:
        """Keep how it ended."""
        self._note(state, answer)

    def _note(self, state: LetterState, answer: str) -> None:
        one, now = self._letter, self._clock()
        if self._number is not None:
            self._ledger.settle_letter(self._number, state, now, answer)
            self.doubtful = state.doubtful
            return
        row = LetterRow(
            period=one.period,
            unit=one.unit,
            kind=one.kind.value,
            digest=one.digest,
            message_id=self._id,
            recipients=(*one.to, *one.cc),
            state=state,
            begun=now,
            answer=answer,
        )
        self._number = self._ledger.keep_letter(row)


class _Post:
    """Sends the letters of one run that have not been sent."""

    def __init__(
        self, session: Session, opened: OpenPeriod, kind: LetterKind, manner: Manner, around: Around
    ) -> None:
        self._session, self._manner, self._around = session, manner, around
        self._me: Sender = sender(session)
        self._rows = tuple(one for one in session.ledger.letters(opened.period) if one.kind == kind.value)

    def deliver(self, prepared: Iterable[Prepared]) -> tuple[list[Told], Finding | None]:
        """Send what has to be sent; gives where each letter stands, and what stopped the rest."""
        told: dict[str, Told] = {}
        waiting: list[Letter] = []
        for one in prepared:
            settled = self._settled(one)
            told[one.unit] = settled or Told(LetterLine(one.unit, Fate.DEFERRED))
            if settled is None and one.letter is not None:
                waiting.append(one.letter)
        if self._manner.dry_run:
            told |= {one.unit: Told(_line(one, Fate.PLANNED, len(self._message(one)))) for one in waiting}
            return list(told.values()), None
        told |= {one.unit: Told(_line(one, Fate.DEFERRED, 0)) for one in waiting}
        return self._send(waiting, told)

    def _send(self, waiting: list[Letter], told: dict[str, Told]) -> tuple[list[Told], Finding | None]:
        if not waiting:
            return list(told.values()), None
        mail, around = self._session.config.mail, self._around
        connect = connector(self._session.workspace, mail, passwords.at_hand(mail.login))
        with Dispatcher(connect, mail.smtp, around.sleep, around.tell) as dispatcher:
            for one in around.track(waiting, "发送", len(waiting)):
                note = _Noted(self._session, one, self._message_id(one), around.clock)
                try:
                    told[one.unit] = self._sent(dispatcher, one, note)
                except SurroundingsError as error:
                    if note.doubtful:  # the ledger failed once the letter was out
                        told[one.unit] = self._unknown(one)
                    return list(told.values()), error.finding
        return list(told.values()), None

    def _settled(self, one: Prepared) -> Told | None:
        """Say where a letter stands that is not to be sent now; None for one that is."""
        letter = one.letter
        if letter is None:
            return Told(LetterLine(one.unit, Fate.HELD))
        if not letter.to:
            missing = messages.finding("mail-unit-without-address", unit=one.unit)
            return Told(_line(letter, Fate.HELD, 0), (missing,))
        if one.unit in self._manner.again:
            return None
        rows = [row for row in self._rows if row.unit == one.unit and _same(row, letter)]
        if sent := next((row for row in rows if row.state is LetterState.SENT), None):
            return self._before(letter, sent)
        if doubtful := next((row for row in rows if row.state.doubtful), None):
            return self._unknown(letter, doubtful.answer, f"（{doubtful.begun:%m月%d日 %H:%M}）")
        return None

    def _unknown(self, letter: Letter, answer: str = "", when: str = "") -> Told:
        """Say that nobody knows whether a letter went out."""
        found = unknown(letter.kind.value, letter.period, letter.unit, when)
        return Told(_line(letter, Fate.UNKNOWN, 0, answer), (found,))

    def _before(self, letter: Letter, sent: LetterRow) -> Told:
        """Say that a letter went out before, and whether its addresses have changed since."""
        now = {one.casefold() for one in letter.to}
        if now <= {one.casefold() for one in sent.recipients}:
            return Told(_line(letter, Fate.SENT_BEFORE, 0, sent.answer))
        changed = messages.finding(
            "mail-address-changed",
            unit=letter.unit,
            before="、".join(sent.recipients),
            now="、".join(letter.to),
            again=self._again(letter),
        )
        return Told(_line(letter, Fate.SENT_BEFORE, 0, sent.answer), (changed,))

    def _again(self, letter: Letter) -> str:
        return command(letter.kind.value, letter.period, letter.unit, "--again")

    def _copy(self, letter: Letter) -> int:
        """Count which copy of a letter this is: those sent on purpose once more bear another Message-ID."""
        return 1 + sum(row.state is LetterState.SENT and row.digest == letter.digest for row in self._rows)

    def _message_id(self, letter: Letter) -> str:
        return letter.message_id(self._me, self._copy(letter))

    def _message(self, letter: Letter) -> bytes:
        return compose(letter, self._me, sent=self._around.clock(), copy=self._copy(letter))

    def _sent(self, dispatcher: Dispatcher, letter: Letter, note: _Noted) -> Told:
        """Send one letter and note how it ended."""
        message = self._message(letter)
        size = len(message)
        try:
            accepted = dispatcher.send(letter, self._me.address, message, note)
        except RefusedError as error:
            note.ended(LetterState.REFUSED, str(error.answer))
            return Told(_line(letter, Fate.REFUSED, size, refusal(error.answer)))
        except DeferredError as error:
            note.ended(LetterState.DEFERRED, str(error))
            later = messages.finding("mail-deferred", unit=letter.unit, why=error)
            return Told(_line(letter, Fate.DEFERRED, size, str(error)), (later,))
        except UnknownError as error:
            note.ended(LetterState.UNKNOWN, str(error))
            return self._unknown(letter, str(error))
        note.ended(LetterState.SENT, str(accepted.answer))
        return Told(_line(letter, Fate.SENT, size, str(accepted.answer)), self._left_out(letter, accepted))

    def _left_out(self, letter: Letter, accepted: Accepted) -> tuple[Finding, ...]:
        """Name the addresses that a letter did not go to."""
        return tuple(
            messages.finding(
                "mail-recipient-refused",
                unit=letter.unit,
                address=address,
                why=refusal(answer).rstrip("。"),
                again=self._again(letter),
            )
            for address, answer in accepted.refused
        )


def _same(row: LetterRow, letter: Letter) -> bool:
    """Tell whether a row is of this letter: of the same content; of a reminder, of the same day."""
    if letter.day:
        return f"{row.begun:%Y-%m-%d}" == letter.day
    return row.digest == letter.digest
