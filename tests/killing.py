"""Run `kepu` and kill it, truly, before its N-th change to the disk: killing.py N arguments…

A change is a file opened for writing, a rename, a removal, a new folder, or an SQL statement.  With N = 0
nothing is killed and the number of changes goes to stderr.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys

WANTED = int(sys.argv[1])
changes = 0


def change() -> None:
    global changes  # noqa: PLW0603 - an audit hook has nowhere else to count
    changes += 1
    if changes == WANTED:
        os.kill(os.getpid(), signal.SIGKILL)


def hook(event: str, arguments: tuple[object, ...]) -> None:
    writing = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wxa+")
    if writing or event in ("os.rename", "os.remove", "os.mkdir"):
        change()


class Connection(sqlite3.Connection):
    """Counts each statement before it runs."""

    def execute(self, *arguments: object) -> sqlite3.Cursor:
        change()
        return super().execute(*arguments)


plain_connect = sqlite3.connect
sqlite3.connect = lambda *given, **named: plain_connect(*given, factory=Connection, **named)
sys.addaudithook(hook)

from kepu_xls.cli import main  # noqa: E402 - only after the hook is in place

try:
    main(sys.argv[2:])
finally:
    sys.stderr.write(f"changes={changes}\n")
