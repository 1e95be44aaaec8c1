"""Runs a command and tells how much memory it and its children take together at most (Linux).

    python benchmarks/peak_memory.py kepu -C DEMO merge

Looks fifty times a second at the resident memory of every process below; what is shared counts once for each.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

_EVERY = 0.02
_PAGE = os.sysconf("SC_PAGE_SIZE")


def together(process: int) -> int:
    """Add up the resident memory of a process and all below it, in bytes."""
    try:
        size = int(Path(f"/proc/{process}/statm").read_text().split()[1]) * _PAGE
        threads = list(Path(f"/proc/{process}/task").iterdir())
        children = [child for thread in threads for child in (thread / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return size + sum(together(int(child)) for child in children)


def main() -> int:
    """Run the command line given; its exit code is ours."""
    begin, most = time.monotonic(), 0
    running = subprocess.Popen(sys.argv[1:])  # noqa: S603 - what the user asks for
    while running.poll() is None:
        most = max(most, together(running.pid))
        time.sleep(_EVERY)
    print(f"{most >> 20} MiB at most, {time.monotonic() - begin:.1f} s", file=sys.stderr)  # noqa: T201
    return running.returncode


if __name__ == "__main__":
    sys.exit(main())
