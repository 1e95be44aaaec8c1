"""The child process that reads what may kill its reader: ``python -m kepu_xls.intake.child``.

It reads one file after the other, under a memory limit where the system has one, and ends when nobody asks
any more.  Started by ``reading_child``.
"""

from __future__ import annotations

import faulthandler
import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from kepu_xls.intake import frames, loading
from kepu_xls.intake.unpacking import Reason

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]  # the place of a module that the system lacks

_MEGABYTE = 1 << 20
_STATUS = Path("/proc/self/status")  # Linux
_REPLY_MB = 8
"""What a reply may hold takes some ten times that in the parent, which reads several files at once."""
_GRACE = 5
"""Seconds past the limit after which the child ends by itself: its parent, who would have, is gone."""
_TIRED_MB = 300
"""After having taken so much memory, which may never be given back, the child wants to be replaced."""


def main() -> None:
    """Answer requests until there are no more."""
    asked, answers = _pipes()
    frames.send(answers, b"")  # ready
    while True:
        try:
            request = frames.REQUEST.decode(frames.receive(asked))
            data = frames.receive(asked)
        except frames.EndedError:
            return
        # works in a thread of C: also while a library runs in a circle and holds the interpreter
        faulthandler.dump_traceback_later(request.limits.seconds + _GRACE, exit=True)
        _limit_memory(request.limits.memory_mb)
        _answer(answers, request, data)
        faulthandler.cancel_dump_traceback_later()
        del data


def _pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take the two pipes for ourselves: what a library prints must not get between the answers."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return sys.stdin.buffer, answers


def _answer(answers: BinaryIO, request: frames.Request, data: bytes) -> None:
    try:
        outcome = loading.load(data, request.kind, request.limits)
        content = b"" if isinstance(outcome, Reason) else frames.packed(outcome)
    except MemoryError:
        outcome, content = Reason("file-takes-too-much-memory", {"limit": request.limits.memory_mb}), b""
    if len(content) > _REPLY_MB * _MEGABYTE:
        outcome = Reason("file-holds-too-much", {"value": len(content) // _MEGABYTE, "limit": _REPLY_MB})
    refused = outcome if isinstance(outcome, Reason) else None
    starved = refused is not None and refused.code == "file-takes-too-much-memory"
    spent = starved or _most_memory() > _TIRED_MB
    frames.send(answers, frames.encode(frames.Reply(refused, spent)))
    if refused is None:
        frames.send(answers, content)


def _limit_memory(megabytes: int) -> None:
    if resource is not None:
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        with suppress(ValueError, OSError):  # macOS has the name, but not the limit; or a lower one is set
            resource.setrlimit(resource.RLIMIT_AS, (megabytes * _MEGABYTE, hard))


def _most_memory() -> int:
    """Give the most that we ever took, in MiB; 0 where the system does not tell.

    Not ``getrusage``: its figure is inherited from the process that started us.
    """
    try:
        status = _STATUS.read_text(encoding="ascii")
    except OSError:
        return 0
    found = re.search(r"^VmHWM:\s*(\d+) kB", status, re.MULTILINE)
    return int(found[1]) >> 10 if found else 0


if __name__ == "__main__":
    main()
