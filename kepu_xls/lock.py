"""One writer a workspace: a lock file that names its holder and does not outlive it."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from kepu_xls.errors import SurroundingsError
from kepu_xls.model import Record
from kepu_xls.workspace import failures_explained

_WRITING = 60.0
"""Seconds after which a lock without a readable holder was left by a process that died writing it."""


class Holder(Record, frozen=True):
    """Who holds a lock: the machine, the process there, and since when (local time)."""

    host: str
    pid: int
    since: datetime

    def __str__(self) -> str:
        """Say it for a clerk."""
        return f"电脑 {self.host}，进程 {self.pid}，{self.since:%m-%d %H:%M} 起"


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock while inside.  A lock left by a process of this machine that is no more is taken over.

    Made by an exclusive create, which also network drives honour.  Raises SurroundingsError naming the
    holder.
    """
    me = Holder(socket.gethostname(), os.getpid(), datetime.now().replace(microsecond=0))  # noqa: DTZ005 - local time
    with failures_explained(path):
        _take(path, me)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _take(path: Path, me: Holder) -> None:
    while True:
        try:
            _create(path, me)
        except FileExistsError:
            holder = _holder(path)
            if not _left_behind(path, holder, me):
                raise SurroundingsError("workspace-locked", holder=holder or "另一个进程") from None
            _clear(path, holder)
        else:
            return


def _create(path: Path, me: Holder) -> None:
    with path.open("xb") as file:
        try:
            file.write(msgspec.json.encode(me))
            file.flush()
        except OSError:  # a full disk: a lock without a holder would stand in everybody's way
            path.unlink()
            raise


def _holder(path: Path) -> Holder | None:
    """Read who holds it; None where the file is still being written, or its writer died over it."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Holder)
    except (OSError, msgspec.DecodeError):
        return None


def _left_behind(path: Path, holder: Holder | None, me: Holder) -> bool:
    """Tell whether nobody holds the lock any more: only this machine's own processes can be asked."""
    if holder is not None:
        return holder.host == me.host and not _alive(holder.pid)
    try:
        return time.time() - path.stat().st_mtime > _WRITING
    except FileNotFoundError:
        return True


def _clear(path: Path, holder: Holder | None) -> None:
    """Put a dead lock away, unless another process has just done so and holds it now."""
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.rename(aside)
    except FileNotFoundError:
        return
    if _holder(aside) == holder:
        aside.unlink()
    else:
        aside.rename(path)


def _alive(pid: int) -> bool:
    """Tell whether a process of this machine exists."""
    if os.name == "nt":
        import ctypes  # noqa: PLC0415 - only there

        query_limited_information = 0x1000
        handle = ctypes.windll.kernel32.OpenProcess(query_limited_information, 0, pid)  # type: ignore[attr-defined,unused-ignore]
        if handle:
            ctypes.windll.kernel32.CloseHandle(handle)  # type: ignore[attr-defined,unused-ignore]
        return bool(handle)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
