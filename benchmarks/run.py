"""``make bench``: every suite in one run, side by side with its peers; a table, and JSON for comparison.

    python benchmarks/run.py [--size quick|default|full] [--json FILE] [SUITE…]

A suite is a module of this folder with ``SIZES`` (what ``measure`` is given for each size: one argument, or a
dict of them by name) and ``measure(…)``, which gives a line a measurement: suite, case, size, name (ours or a
peer's), wall and cpu in seconds, peak_mb, ratio (to the peer that the target names), cpu_ratio, and target
(at most, or with at_least at least).  Ratios come from alternating runs on one machine; seconds are only good
for comparing within a run.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SUITES = ("startup", "reading", "forms", "merging", "report", "growth", "engines", "rollup")
RESULT = ROOT / "build" / "bench" / "result.json"
_PACKAGES = ("openpyxl", "pandas", "python-calamine", "xlsxwriter", "xltpl", "msgspec", "click")
_HEADS = (
    "suite",
    "case",
    "size",
    "program",
    "wall s",
    "cpu s",
    "peak MiB",
    "ratio",
    "cpu ratio",
    "target",
    "",
)

Line = dict[str, Any]


def shown(lines: Iterable[Line]) -> str:
    """Write measurements as a table."""
    rows = [_HEADS, *(_row(line) for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADS))]
    words = (0, 1, 3)
    return "".join(
        "  ".join(
            cell.ljust(width) if place in words else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        + "\n"
        for row in rows
    )


def _row(line: Line) -> tuple[str, ...]:
    missed = _missed(line)
    return (
        str(line["suite"]),
        str(line["case"]),
        f"{line['size']:,}" if isinstance(line["size"], int) else str(line["size"]),
        str(line["name"]),
        _number(line.get("wall"), 4),
        _number(line.get("cpu"), 4),
        _number(line.get("peak_mb"), 0),
        _number(line.get("ratio"), 2),
        _number(line.get("cpu_ratio"), 2),
        _number(line.get("target"), 2),
        "" if missed is None else "MISSED" if missed else "ok",
    )


def _number(value: object, digits: int) -> str:
    return f"{value:.{digits}f}" if isinstance(value, int | float) else ""


def _missed(line: Line) -> bool | None:
    """Tell whether a line misses its target: a ratio at most, or at least where the suite says so."""
    target, ratio = line.get("target"), line.get("ratio")
    if target is None or ratio is None:
        return None
    return bool(ratio < target if line.get("at_least") else ratio > target)


def machine() -> dict[str, str]:
    """Say where and with what this was measured."""
    found = {"python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}"}
    found |= {"processor": _processor(), "processors": str(os.cpu_count())}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def measured(suite: str, size: str) -> list[Line]:
    """Measure a suite in a process of its own, so that none finds the memory or the caches of another."""
    command = [sys.executable, __file__, "--size", size, "--raw", suite]
    result = subprocess.run(command, stdout=subprocess.PIPE, check=False)  # noqa: S603 - ourselves
    if result.returncode:
        sys.stderr.write(f"{suite}: failed with {result.returncode}\n")
        return []
    lines: list[Line] = json.loads(result.stdout)
    return lines


def _raw(suite: str, size: str) -> None:
    """Be the process that measures a suite; what it prints besides goes to stderr."""
    out, sys.stdout = sys.stdout, sys.stderr
    module = importlib.import_module(suite)
    given = module.SIZES[size]
    lines = module.measure(**given) if isinstance(given, dict) else module.measure(given)
    json.dump(lines, out)


def main() -> int:
    """Run the suites named, or all; 1 where one failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suites", nargs="*", default=SUITES)
    parser.add_argument("--size", choices=("quick", "default", "full"), default="default")
    parser.add_argument("--json", type=Path, default=RESULT)
    parser.add_argument("--raw", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.raw:
        _raw(given.suites[0], given.size)
        return 0
    lines: list[Line] = []
    failed = []
    for suite in given.suites:
        if not (ROOT / "benchmarks" / f"{suite}.py").exists():
            failed.append(suite)
            continue
        found = measured(suite, given.size)
        failed += [] if found else [suite]
        lines += found
    sys.stdout.write(shown(lines))
    moment = datetime.now().astimezone().isoformat(timespec="seconds")
    result = {"made": moment, "size": given.size, "machine": machine(), "lines": lines}
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps(result, ensure_ascii=False, indent=1), encoding="utf-8")
    if failed:
        sys.stderr.write(f"failed: {', '.join(failed)}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
