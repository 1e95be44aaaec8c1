"""What ``kepu fetch`` and ``kepu run`` give back."""

from __future__ import annotations

from datetime import datetime

from kepu_xls.commands.results import FindingLine, Result
from kepu_xls.model import Record, Severity

_FAILED = 3


class FetchedFile(Record, frozen=True):
    """A file that a mail brought: ``path`` in the inbox; ``units`` whose address its sender has."""

    path: str
    sender: str
    units: tuple[str, ...]
    subject: str
    arrived: datetime


class SkippedMail(Record, frozen=True):
    """A mail that brought nothing, and why."""

    sender: str
    subject: str
    arrived: datetime
    reason: str


class FetchResult(Result, frozen=True):
    """``kepu fetch``.  ``configured`` is False where no server is: nothing was looked for.

    ``seen``: mails looked at now, those known from before not counted; ``stopped``: what broke it off.
    """

    period: str
    configured: bool
    inbox: str
    seen: int = 0
    files: tuple[FetchedFile, ...] = ()
    skipped: tuple[SkippedMail, ...] = ()
    findings: tuple[FindingLine, ...] = ()
    stopped: FindingLine | None = None

    @property
    def needs_person(self) -> bool:
        """A mail that could not be taken, or one of ours that did not arrive."""
        return any(one.severity is Severity.ERROR for one in self.findings)

    @property
    def exit_code(self) -> int:
        """Broken off: the surroundings failed, though what was taken until then is kept."""
        return _FAILED if self.stopped else super().exit_code


class RunStep(Record, frozen=True):
    """A step of ``kepu run``: its exit code, and what came of it in one line."""

    name: str
    exit_code: int
    text: str


class RunResult(Result, frozen=True):
    """``kepu run``: what each step came to; ``log`` is where that is written too."""

    period: str
    steps: tuple[RunStep, ...]
    log: str

    @property
    def exit_code(self) -> int:
        """The gravest of all steps."""
        return max((one.exit_code for one in self.steps), default=0)
