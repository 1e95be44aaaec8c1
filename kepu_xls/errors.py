"""Failures: what stops a command.  Raised with a code of the catalogue, caught once, in ``cli.main``."""

from __future__ import annotations

from typing import ClassVar

from kepu_xls import messages
from kepu_xls.model import Finding, Place


class KepuError(Exception):
    """A failure with its place and remedy.  ``finding`` holds the words; never composed at the raise."""

    exit_code: ClassVar[int] = 3

    def __init__(self, code: str, place: Place | None = None, **details: object) -> None:
        self.finding: Finding = messages.finding(code, place, **details)  # type: ignore[arg-type]
        super().__init__(f"{code}: {self.finding.message}")

    def __reduce__(self) -> tuple[object, ...]:
        """Let it be raised again in another process than the one that it happened in."""
        return _again, (type(self), self.finding)


def _again(kind: type[KepuError], found: Finding) -> KepuError:
    error = kind.__new__(kind, f"{found.code}: {found.message}")
    error.finding = found
    return error


class InputError(KepuError):
    """Wrong usage, configuration, template, master or plan document: exit code 2."""

    exit_code: ClassVar[int] = 2


class SurroundingsError(KepuError):
    """The surroundings failed (disk, rights, lock, a file open elsewhere, a missing program): exit code 3."""

    exit_code: ClassVar[int] = 3
