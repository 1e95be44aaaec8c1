"""``kepu send --arrived``: the clerk has found out that a letter in doubt did arrive."""

from __future__ import annotations

from datetime import datetime

from kepu_xls import messages
from kepu_xls.commands.doubtful import command
from kepu_xls.commands.mail_results import Fate, LetterLine, MailResult
from kepu_xls.commands.mailing import Manner
from kepu_xls.commands.results import lines
from kepu_xls.commands.send import addressed
from kepu_xls.commands.session import Session, period_meant
from kepu_xls.ledger import LetterRow, LetterState
from kepu_xls.mail.letter import LetterKind


def arrived(
    session: Session, period: str | None, kind: LetterKind, units: tuple[str, ...], *, dry_run: bool
) -> MailResult:
    """Keep that the letters in doubt of some units did arrive; nothing is sent.

    Raises InputError for a period that is not open and for an unknown unit.
    """
    opened = period_meant(session, period)
    chosen, _ = addressed(opened, units, Manner())
    rows = [one for one in session.ledger.letters(opened.period) if one.kind == kind.value]
    told = [_line(unit, [one for one in rows if one.unit == unit], session.now) for unit in chosen]
    if not dry_run:
        for one in told:
            if one.fate is Fate.CONFIRMED:
                session.ledger.confirm_letters(opened.period, one.unit, kind.value, session.now, one.answer)
    without = (
        messages.finding(
            "mail-nothing-doubtful",
            unit=one.unit,
            period=opened.period,
            command=command(kind.value, opened.period, one.unit, "--unit"),
        )
        for one in told
        if one.fate is Fate.HELD
    )
    return MailResult(opened.period, "", dry_run, tuple(told), lines(without))


def _line(unit: str, own: list[LetterRow], now: datetime) -> LetterLine:
    """Say what becomes of a unit's letters."""
    if doubtful := [one for one in own if one.state.doubtful]:
        said = messages.sentence("mail-confirmed", when=f"{now:%m月%d日}").rstrip("。")
        return LetterLine(unit, Fate.CONFIRMED, doubtful[-1].recipients, answer=said)
    if sent := [one for one in own if one.state is LetterState.SENT]:
        return LetterLine(unit, Fate.SENT_BEFORE, sent[-1].recipients, answer=sent[-1].answer)
    return LetterLine(unit, Fate.HELD)
