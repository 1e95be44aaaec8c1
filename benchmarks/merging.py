"""Merging as a whole process: ``kepu merge``, reading through report, against scripts that only concatenate.

python benchmarks/merging.py [SIZE…]
"""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import processes
import workload

SIZES = {"quick": (20, 100), "default": (20, 500), "full": (20, 500, 2000)}
TARGETS = {20: 0.8, 500: 0.35, 2000: 0.25}
MEMORY_TARGETS = {2000: 0.5}
ROUNDS = {20: 7, 100: 3, 500: 3}
NAIVE, FASTER = "pandas+openpyxl", "pandas+calamine"

Run = dict[str, float]


def measure(sizes: tuple[int, ...] = (20, 500)) -> list[dict[str, object]]:
    """Merge that many forms, and have the scripts read them, in turns: a line a program and size."""
    lines: list[dict[str, object]] = []
    for size in sizes:
        runs: dict[str, list[Run]] = {"kepu merge": [], NAIVE: [], FASTER: []}
        for _ in range(ROUNDS.get(size, 1)):
            for name, run in _once(size).items():
                runs[name].append(run)
        lines += _lines(size, runs)
    return lines


def _once(size: int) -> dict[str, Run]:
    workload.filled(size)
    folder = workload.folder()  # on the same disk as the forms, which are linked
    with TemporaryDirectory(dir=folder) as temporary:
        home = workload.fresh(size, Path(temporary) / "home")
        inbox, result = str(home.inbox / workload.PERIOD), str(Path(temporary) / "result.xlsx")
        merging = processes.kepu("-C", str(home.root), "merge", "--period", workload.PERIOD)
        return {
            "kepu merge": processes.run(merging, allowed=(0, 1)),
            NAIVE: processes.run(processes.script("peers.py", "pandas-openpyxl", inbox, result)),
            FASTER: processes.run(processes.script("peers.py", "pandas-calamine", inbox, result)),
        }


def _lines(size: int, runs: dict[str, list[Run]]) -> list[dict[str, object]]:
    middle = {
        name: {what: median(run[what] for run in each) for what in ("wall", "cpu", "peak_mb")}
        for name, each in runs.items()
    }
    lines: list[dict[str, object]] = []
    for name, values in middle.items():
        ours = name == "kepu merge"
        lines.append(
            {
                "suite": "merging",
                "case": "whole process",
                "size": size,
                "name": name,
                **values,
                "ratio": values["wall"] / middle[NAIVE]["wall"],
                "cpu_ratio": values["cpu"] / middle[NAIVE]["cpu"],
                "target": TARGETS.get(size) if ours else None,
                "memory_ratio": values["peak_mb"] / middle[NAIVE]["peak_mb"],
                "memory_target": MEMORY_TARGETS.get(size) if ours else None,
            }
        )
    return lines


if __name__ == "__main__":
    from run import shown

    sys.stdout.write(shown(measure(tuple(map(int, sys.argv[1:])) or SIZES["default"])))
