"""What the commands that mail give back: where each letter stands."""

from __future__ import annotations

from enum import StrEnum

from kepu_xls.commands.results import FindingLine, Result
from kepu_xls.model import Record, Severity


class Fate(StrEnum):
    """What became of a letter, or would."""

    PLANNED = "planned"
    DRAFT = "draft"
    SENT = "sent"
    SENT_BEFORE = "sent_before"
    CONFIRMED = "confirmed"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    DEFERRED = "deferred"
    HELD = "held"

    @property
    def label(self) -> str:
        """The word that a clerk sees."""
        return {
            "planned": "将发送",
            "draft": "草稿",
            "sent": "已发送",
            "sent_before": "以前已发",
            "confirmed": "记为已发",
            "unknown": "结果不明",
            "refused": "被拒收",
            "deferred": "尚未发出",
            "held": "没有发",
        }[self.value]


class LetterLine(Record, frozen=True):
    """One letter: to whom, what about, what goes with it, how large it is (bytes), and what became of it.

    ``answer``: what the server said; ``draft``: the path of the .eml, where one was written.
    """

    unit: str
    fate: Fate
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    subject: str = ""
    attachments: tuple[str, ...] = ()
    size: int = 0
    answer: str = ""
    draft: str = ""


class MailResult(Result, frozen=True):
    """``kepu send`` and ``kepu remind``.

    ``server``: empty where drafts are written; ``dry_run``: nothing was touched; ``stopped``: what ended the
    sending before its time; ``folder``: where the drafts lie.
    """

    period: str
    server: str
    dry_run: bool
    letters: tuple[LetterLine, ...]
    findings: tuple[FindingLine, ...]
    stopped: FindingLine | None = None
    folder: str = ""

    @property
    def needs_person(self) -> bool:
        """A letter that did not go, or of which nobody knows."""
        wanting = (Fate.UNKNOWN, Fate.REFUSED, Fate.DEFERRED, Fate.HELD)
        wrong = any(one.severity is Severity.ERROR for one in self.findings)
        return wrong or any(one.fate in wanting for one in self.letters)

    @property
    def exit_code(self) -> int:
        """Where the surroundings stopped it: 3."""
        return 3 if self.stopped else super().exit_code


class LoginResult(Result, frozen=True):
    """``kepu mail login``: for whom a password was stored."""

    login: str


class TestResult(Result, frozen=True):
    """``kepu mail test``: the server that took a letter to oneself, and its answer."""

    __test__ = False  # pytest takes every Test… for its own

    server: str
    address: str
    answer: str
