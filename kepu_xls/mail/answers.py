"""What a mail server's refusal means: whether to come back and when, and in words why a letter was refused.

Codes of NetEase (163, 126, yeah.net) as its help lists them; the rest by RFC 5321 and RFC 3463.  Pure.
"""

from __future__ import annotations

from kepu_xls import messages
from kepu_xls.model import Record

_TEMPORARY, _PERMANENT = 400, 500
_LONGEST = 200


class Answer(Record, frozen=True):
    """A reply of the server."""

    code: int
    text: str

    def __str__(self) -> str:
        """Give it as the server wrote it, in one line."""
        return f"{self.code} {' '.join(self.text.split())}"[:_LONGEST]

    @property
    def temporary(self) -> bool:
        """Tell whether it says to come back later."""
        return _TEMPORARY <= self.code < _PERMANENT


class Wait(Record, frozen=True):
    """How long to wait before trying again, in words why, and whether that holds for all letters."""

    seconds: float
    code: str
    whole: bool = True


_LATER = (
    (("MI:DMC", "MI:CCL", "RP:DRC"), Wait(5, "mail-later-connection-full")),
    (("MI:SFQ", "RP:QRC"), Wait(300, "mail-later-quota")),
    (("DT:SPM",), Wait(120, "mail-later-suspected")),
    (("HL:IFC", "HL:ICC", "HL:REP", "HL:MEP", "MI:CEL", "RP:CEL"), Wait(60, "mail-later-too-many")),
)
"""NetEase's words in a temporary refusal → what they ask for."""
_LATER_UNKNOWN = Wait(30, "mail-later", whole=False)


def wait(answer: Answer) -> Wait:
    """Say what a temporary refusal asks for."""
    return next((one for words, one in _LATER if any(word in answer.text for word in words)), _LATER_UNKNOWN)


_DAILY = ("MI:STC", "MI:SFQ", "RP:TRC")
"""NetEase's words in a permanent refusal by which it takes nothing more today."""

_WHY = (
    (("DT:SPM", "DT:SUM", "5.7.1", "SPAM", "SPM"), "mail-refused-suspected"),
    (("5.2.2", "5.2.3", "QUOTA", "MAILBOX FULL", "MAILBOX IS FULL"), "mail-refused-full"),
    (("5.3.4", "MAILSIZE", "SIZE EXCEED", "TOO LARGE", "TOO BIG"), "mail-refused-size"),
    (
        (
            *("5.1.1", "5.1.2", "5.1.10", "USER NOT FOUND", "INVALID USER", "NO SUCH", "USER UNKNOWN"),
            *("NOT EXIST", "MAILBOX NOT FOUND", "UNKNOWN USER", "USER SUSPENDED", "MAILBOX UNAVAILABLE"),
        ),
        "mail-refused-no-mailbox",
    ),
)
"""What a permanent refusal contains, in capitals → what it means."""


def daily_limit(answer: Answer) -> bool:
    """Tell whether a permanent refusal means that the mailbox may send nothing more today."""
    return any(word in answer.text for word in _DAILY)


def refusal(answer: Answer) -> str:
    """Say in words, and in the server's own, why a letter or a recipient was refused."""
    text = answer.text.upper()
    code = next((code for words, code in _WHY if any(word in text for word in words)), "mail-refused")
    return told(code, answer)


def told(code: str, answer: Answer) -> str:
    """Say a text of the catalogue with what the server answered."""
    return messages.sentence(code, answer=answer)
