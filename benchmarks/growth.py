"""Growth: what ten times as many forms cost, a merge with nothing new, and one new file among many.

python benchmarks/growth.py [SIZE…] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import processes
import workload

from kepu_xls.workspace import Workspace

SIZES = {"quick": (20, 200), "default": (200, 2000), "full": (200, 2000, 20000)}
TARGET_GROWTH, TARGET_AGAIN, MOST_MEMORY = 10.5, 0.1, 400

Run = dict[str, float]


def measure(sizes: tuple[int, ...] = SIZES["default"]) -> list[dict[str, object]]:
    """Merge that many forms; again with nothing new; with one new file; and write the report alone.

    A line each.  ``ratio``: of a first merge to that of the size before, scaled to ten times as many; of the
    others to the first merge.  Processor time is what is compared: it does not count others at work.
    """
    lines: list[dict[str, object]] = []
    before: tuple[int, Run] | None = None
    for size in sizes:
        runs = _once(size)
        first = runs["first merge"]
        grown = None
        if before is not None:
            grown = first["cpu"] / before[1]["cpu"] * 10 * before[0] / size
        for name, run in runs.items():
            ours = name == "first merge"
            lines.append(
                {
                    "suite": "growth",
                    "case": name,
                    "size": size,
                    "name": "kepu",
                    **run,
                    "ratio": grown if ours else run["cpu"] / first["cpu"],
                    "target": TARGET_GROWTH if ours else TARGET_AGAIN if name == "nothing new" else None,
                    "memory_target": MOST_MEMORY if ours else None,
                }
            )
        before = size, first
    return lines


def _once(size: int) -> dict[str, Run]:
    workload.filled(size)
    with TemporaryDirectory(dir=workload.folder()) as temporary:
        home = workload.fresh(size, Path(temporary) / "home")
        merging = processes.kepu("-C", str(home.root), "merge", "--period", workload.PERIOD)
        report = processes.kepu("-C", str(home.root), "report", "--period", workload.PERIOD)
        found = {
            "first merge": processes.run(merging, allowed=(0, 1)),
            "nothing new": processes.run(merging, allowed=(0, 1)),
        }
        _another(home)
        found["one new file"] = processes.run(merging, allowed=(0, 1))
        found["report alone"] = processes.run(report, allowed=(0, 1))
        return found


def _another(home: Workspace) -> None:
    """Have a unit send its form again: the same to people, other bytes."""
    inbox = home.inbox / workload.PERIOD
    first = min(inbox.iterdir())
    again = inbox / f"again_{first.name}"
    again.write_bytes(first.read_bytes())
    with zipfile.ZipFile(again, "a") as archive:
        archive.comment = b"again"
    arrived = first.stat().st_mtime + 60
    os.utime(again, (arrived, arrived))


def main() -> None:
    """Measure the sizes that are named, and show the table."""
    from run import shown  # noqa: PLC0415 - it imports suites itself

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    lines = measure(tuple(given.sizes) or SIZES["default"])
    sys.stdout.write(shown(lines))
    if given.json:
        given.json.write_text(json.dumps(lines, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
