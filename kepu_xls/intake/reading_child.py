"""Files that may kill their reader are read in a child process, which then costs that file alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Self, cast

from kepu_xls.errors import SurroundingsError
from kepu_xls.intake import frames
from kepu_xls.intake.loading import Loaded
from kepu_xls.intake.sniff import Kind
from kepu_xls.intake.unpacking import Reason
from kepu_xls.limits import Limits

_START_SECONDS = 120
_PACKAGES = Path(__file__).resolve().parents[2]
_OUT_OF_MEMORY = b"memory allocation of"  # what Rust says before it aborts


class ReadingChild:
    """A child process, started when first needed, that stays for the next file and is replaced if it falls.

    One file is read at a time, whichever thread asks, so that one memory limit holds for all.  As a context
    it is stopped at the end, whatever it is at; else when the program ends.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._running: _Running | None = None
        self._closed = False

    def load(self, data: bytes, kind: Kind, limits: Limits) -> Loaded | Reason:
        """Read a workbook as ``loading.load`` does; a reason also where its reader fell or took too long.

        Raises SurroundingsError where no child can be started, or after ``close``.
        """
        with self._turn:
            if self._closed:
                raise SurroundingsError("reader-not-started", detail="closed")
            try:
                answer, fit = self._ready().ask(data, kind, limits)
            except BaseException:
                self._stop()
                raise
            if not fit:
                self._stop()
            return answer

    def _ready(self) -> _Running:
        """Give the child, started if there is none."""
        if self._running is not None:
            return self._running
        with _uninterrupted():  # one that is started is known, or nobody could end it
            self._running = _Running()
        if self._closed:  # meanwhile
            raise SurroundingsError("reader-not-started", detail="closed")
        self._running.greet()
        return self._running

    def close(self) -> None:
        """Stop the child at once; who waits for it is told that it fell."""
        self._closed = True
        if (running := self._running) is not None:
            running.kill()
        with self._turn:
            self._stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _stop(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            running.stop()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Put Ctrl-C off, which would come at any moment, till this is done; it reaches the main thread alone."""
    usual = signal.getsignal(signal.SIGINT)
    if usual is not signal.default_int_handler or threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: pressed.set())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
        if pressed.is_set():
            signal.raise_signal(signal.SIGINT)


class _Running:
    """One process, from its start to its end."""

    def __init__(self) -> None:
        """Raise SurroundingsError where it cannot be started."""
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        paths = [str(_PACKAGES), *filter(None, [os.environ.get("PYTHONPATH")])]
        try:
            self._process = subprocess.Popen(
                # -P: what lies in the working folder is no module of ours
                [sys.executable, "-P", "-m", "kepu_xls.intake.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            )
        except OSError as error:
            self._said.close()
            raise SurroundingsError("reader-not-started", detail=error.strerror or error) from error
        self.stop = weakref.finalize(self, _end, self._process, self._said)

    def greet(self) -> None:
        """Wait until it is up.  Raises SurroundingsError where it does not come up."""
        try:
            with _Deadline(self._process, _START_SECONDS):
                frames.receive(self._out)
        except EOFError as error:
            self._process.wait()
            self._said.seek(0)
            detail = self._said.read().decode(errors="replace").strip().rpartition("\n")[2]
            raise SurroundingsError("reader-not-started", detail=detail) from error

    def ask(self, data: bytes, kind: Kind, limits: Limits) -> tuple[Loaded | Reason, bool]:
        """Have a workbook read; also tell whether the process is fit for the next."""
        with _Deadline(self._process, limits.seconds) as deadline:
            try:
                frames.send(self._into, frames.encode(frames.Request(kind, limits)))
                frames.send(self._into, data)
                reply = frames.REPLY.decode(frames.receive(self._out))
                content = b"" if reply.refused else frames.receive(self._out)
            except (OSError, EOFError):
                return self._fallen(deadline, limits), False
        if reply.spent:
            self.stop()  # before its answer takes memory here too
        return reply.refused or frames.unpacked(content), not reply.spent

    def kill(self) -> None:
        """Kill the process, whatever it is at; ``stop`` has still to be called."""
        self._process.kill()

    def _fallen(self, deadline: _Deadline, limits: Limits) -> Reason:
        if deadline.passed:
            return Reason("file-takes-too-long", {"limit": limits.seconds})
        self._process.wait()
        self._said.seek(0)
        if _OUT_OF_MEMORY in self._said.read():
            return Reason("file-takes-too-much-memory", {"limit": limits.memory_mb})
        return Reason("file-kills-reader")

    @property
    def _into(self) -> BinaryIO:
        return cast("BinaryIO", self._process.stdin)

    @property
    def _out(self) -> BinaryIO:
        return cast("BinaryIO", self._process.stdout)


class _Deadline:
    """Kills a process that has not done its part in time: what waits for it then sees its pipes end."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self.passed = False
        self._process = process
        self._timer = threading.Timer(seconds, self._kill)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _kill(self) -> None:
        self.passed = True
        self._process.kill()


def _end(process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
    """Stop a process, wait for its end, and let go of everything."""
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            try:
                stream.close()
            except OSError:  # what was not yet written goes nowhere
                continue
    said.close()
