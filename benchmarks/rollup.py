"""``kepu rollup`` as a whole process, against a script that only puts the districts' 明细数据 together.

    python benchmarks/rollup.py [DISTRICTS…]

The districts' workbooks are the demo's report with other percentages.
"""

from __future__ import annotations

import random
import re
import sys
import zipfile
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import processes
import workload

SIZES = {"quick": (20,), "default": (100,), "full": (100,)}
ROUNDS = 3
PEER = "pandas+calamine"
_PERCENT = re.compile(r'(<c r="I\d+" s="\d+"><v>)([\d.]+)</v>')


def measure(sizes: tuple[int, ...] = (100,)) -> list[dict[str, object]]:
    """Roll up that many districts, and have the script read them, in turns: a line a program and size."""
    lines: list[dict[str, object]] = []
    for size in sizes:
        runs: dict[str, list[dict[str, float]]] = {"kepu rollup": [], PEER: []}
        for _ in range(ROUNDS):
            for name, run in _once(size).items():
                runs[name].append(run)
        middle = {
            name: {what: median(run[what] for run in each) for what in ("wall", "cpu", "peak_mb")}
            for name, each in runs.items()
        }
        lines += [
            {
                "suite": "rollup",
                "case": "districts",
                "size": size,
                "name": name,
                **values,
                "ratio": values["wall"] / middle[PEER]["wall"],
                "cpu_ratio": values["cpu"] / middle[PEER]["cpu"],
            }
            for name, values in middle.items()
        ]
    return lines


def _once(size: int) -> dict[str, dict[str, float]]:
    districts = _districts(size)
    with TemporaryDirectory(dir=workload.folder()) as temporary:
        home, result = Path(temporary) / "city", Path(temporary) / "result.xlsx"
        processes.run(processes.kepu("init", str(home)))
        rolling = processes.kepu("-C", str(home), "rollup", str(districts), "--output", str(result))
        return {
            "kepu rollup": processes.run(rolling),
            PEER: processes.run(processes.script("peers.py", "rollup", str(districts), str(result))),
        }


def _districts(size: int) -> Path:
    """Make so many districts' workbooks, once."""
    folder = workload.folder() / f"districts-{size}"
    if folder.exists():
        return folder
    folder.mkdir(parents=True)
    with TemporaryDirectory(dir=workload.folder()) as temporary:
        demo = Path(temporary) / "demo"
        processes.run(processes.kepu("demo", str(demo)), allowed=(0, 1))
        (report,) = (demo / "outbox" / "2019-W12").glob("汇总_*.xlsx")
        with zipfile.ZipFile(report) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    detail = max(parts, key=lambda name: len(_PERCENT.findall(parts[name].decode("utf-8", "replace"))))
    chance = random.Random(size)  # noqa: S311 - figures to compare, no secrets
    for number in range(1, size + 1):
        shift = chance.randint(-40, 30)
        changed = _PERCENT.sub(
            lambda found, by=shift: f"{found[1]}{min(100.0, max(0.0, float(found[2]) + by)):g}</v>",
            parts[detail].decode(),
        )
        with zipfile.ZipFile(folder / f"第{number:03}区.xlsx", "w", zipfile.ZIP_DEFLATED) as made:
            for name, content in parts.items():
                made.writestr(name, changed if name == detail else content)
    return folder


if __name__ == "__main__":
    from run import shown

    sys.stdout.write(shown(measure(tuple(map(int, sys.argv[1:])) or SIZES["default"])))
