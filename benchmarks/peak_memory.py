"""Runs a command and tells how much memory it and its children take together at most (Linux).

    python benchmarks/peak_memory.py kepu -C DEMO merge

Looks fifty times a second at the memory of every process below; what several of them share counts once.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

_EVERY = 0.02


def together(process: int) -> int:
    """Add up the memory of a process and all below it, in bytes: each page by how many have it (PSS)."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        size = sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:"))
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
