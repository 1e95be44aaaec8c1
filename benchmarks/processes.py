"""Whole processes, measured: wall time, processor time, and the most memory that they take together."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from peak_memory import together

_EVERY = 0.05
_MEGABYTE = 1 << 20
ROOT = Path(__file__).resolve().parents[1]


def run(command: Sequence[str], allowed: Sequence[int] = (0,)) -> dict[str, float]:
    """Run a command: ``wall`` and ``cpu`` in seconds, ``peak_mb``.  Raises RuntimeError where it fails.

    Processor time is that of the process and of those it waited for; memory is that of all of them together,
    looked at twenty times a second.
    """
    begin, most = time.perf_counter(), 0
    said = tempfile.TemporaryFile()  # noqa: SIM115 - closed when nobody holds it
    running = subprocess.Popen(  # noqa: S603 - our own benchmarks
        command,
        stdout=subprocess.DEVNULL,
        stderr=said,
        env={"PYTHONPATH": str(ROOT), **os.environ},
    )
    while True:
        pid, status, usage = os.wait4(running.pid, os.WNOHANG)
        if pid:
            break
        most = max(most, together(running.pid))
        time.sleep(_EVERY if time.perf_counter() - begin > 1 else _EVERY / 10)
    wall = time.perf_counter() - begin
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode not in allowed:
        said.seek(0)
        raise RuntimeError(f"{command} ended with {running.returncode}: {said.read().decode()[-500:]}")
    # not ru_maxrss: its figure begins with that of the process that started it
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "peak_mb": most / _MEGABYTE}


def kepu(*arguments: str) -> list[str]:
    """Give the command line that runs this checkout's ``kepu``."""
    return [sys.executable, "-m", "kepu_xls", *arguments]


def script(name: str, *arguments: str) -> list[str]:
    """Give the command line that runs a script of this folder."""
    return [sys.executable, str(ROOT / "benchmarks" / name), *arguments]
