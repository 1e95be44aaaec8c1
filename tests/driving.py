"""Driving the program as users do: its own process, its own arguments, its exit code and output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]

_BOUND = ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner", "--inh-caps=-all"]
"""util-linux's way of taking from root the right to write where permissions forbid it."""


@dataclass
class Run:
    """What a run of `kepu` came to."""

    code: int
    out: str
    err: str

    @cached_property
    def json(self) -> Any:  # noqa: ANN401 - whatever the command answers
        """The one object on stdout."""
        return json.loads(self.out)


def kepu(
    *arguments: str,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    without_rights: bool = False,
) -> Run:
    """Run `kepu` with arguments in a process of its own; no workspace from the environment is inherited.

    ``without_rights``: file permissions hold for it even where the tests run as root.
    """
    clean = {key: value for key, value in os.environ.items() if key != "KEPU_WORKSPACE"}
    bound = _BOUND if without_rights and os.geteuid() == 0 else []
    result = subprocess.run(
        [*bound, sys.executable, "-m", "kepu_xls", *arguments],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        cwd=cwd,
        env={**clean, "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT), **(env or {})},
        check=False,
    )
    out, err = result.stdout.decode(), result.stderr.decode()
    assert "Traceback" not in err, err
    return Run(result.returncode, out, err)


def watched(*arguments: str) -> str:
    """Run `kepu` on a terminal (POSIX); give what is seen there."""
    screen, theirs = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "kepu_xls", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT), "COLUMNS": "120", "TERM": "xterm"},
    ):
        os.close(theirs)
        seen = b""
        while some := _read(screen):
            seen += some
    os.close(screen)
    return seen.decode()


def _read(screen: int) -> bytes:
    try:
        return os.read(screen, 1 << 16)
    except OSError:  # so Linux says that nobody writes any more
        return b""
