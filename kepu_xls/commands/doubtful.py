"""Letters of which nobody knows whether they went out: what the clerk is told of them."""

from __future__ import annotations

from kepu_xls import messages
from kepu_xls.commands.session import Session
from kepu_xls.ledger import LetterState
from kepu_xls.model import Finding, OpenPeriod

_VERBS = {"form": "send"}
_REMIND = "remind"


def command(kind: str, period: str, unit: str, option: str) -> str:
    """Give the command line that deals with one unit's letter of a kind."""
    return f"kepu {_VERBS.get(kind, _REMIND)} --period {period} {option} {unit}"


def unknown(kind: str, period: str, unit: str, when: str = "") -> Finding:
    """Say that nobody knows whether a letter went out, and how to go on either way."""
    return messages.finding(
        "mail-unknown",
        unit=unit,
        when=when,
        again=command(kind, period, unit, "--again"),
        arrived=command(kind, period, unit, "--arrived"),
    )


def still_doubtful(session: Session, opened: OpenPeriod) -> tuple[Finding, ...]:
    """Tell whose last letter of a kind is in doubt."""
    last = {
        (row.unit, row.kind): row
        for row in session.ledger.letters(opened.period)
        if row.state is LetterState.SENT or row.state.doubtful
    }
    return tuple(
        unknown(row.kind, row.period, row.unit, f"（{row.begun:%m月%d日 %H:%M}）")
        for row in last.values()
        if row.state.doubtful
    )
