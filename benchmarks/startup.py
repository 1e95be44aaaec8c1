"""Starting: ``kepu --help`` and the commands that only look, beside an interpreter that imports click.

python benchmarks/startup.py [--rounds N] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
SIZES = {"quick": 5, "default": 11, "full": 21}
PEER = "import click"
KEPU = ("-c", "from kepu_xls.cli import main; main()")  # what the installed `kepu` does
TARGETS = {"kepu --help": 2.0, "kepu status": 4.0}

Line = dict[str, object]


def measure(rounds: int) -> list[Line]:
    """Run the commands in turns, in the demo's workspace; a line each: medians, and times the peer."""
    with tempfile.TemporaryDirectory(prefix="kepu-startup-") as temporary:
        folder = Path(temporary)
        _spent([*KEPU, "demo", "demo"], folder)
        commands = {
            PEER: ["-c", PEER],
            "kepu --help": [*KEPU, "--help"],
            "kepu status": [*KEPU, "-C", "demo", "status"],
            "kepu findings": [*KEPU, "-C", "demo", "findings"],
            "kepu merge, nothing new": [*KEPU, "-C", "demo", "merge"],
        }
        for (
            command
        ) in commands.values():  # what is compiled once, as when a wheel is installed, is not measured
            _spent(command, folder)
        spent = [{name: _spent(command, folder) for name, command in commands.items()} for _ in range(rounds)]
    wall, cpu = ({name: median(one[name][kind] for one in spent) for name in commands} for kind in (0, 1))
    return [
        {
            "suite": "startup",
            "case": "whole process",
            "size": rounds,
            "name": name,
            "wall": wall[name],
            "cpu": cpu[name],
            "ratio": wall[name] / wall[PEER],
            "cpu_ratio": cpu[name] / cpu[PEER],
            "target": TARGETS.get(name),
        }
        for name in commands
    ]


def _spent(arguments: Sequence[str], folder: Path) -> tuple[float, float]:
    """Give the seconds that an interpreter with these arguments takes: by the clock, of the processor."""
    own = {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(folder / "pyc")}
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(  # noqa: S603 - our own command lines
        [sys.executable, *arguments], cwd=folder, env=inherited | own, capture_output=True, check=False
    )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    # 1: units of the demo have to act; so ends an interpreter, too, that finds no program
    if done.returncode not in (0, 1) or b"Traceback" in done.stderr:
        raise RuntimeError(done.stderr.decode())
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print a table, or JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=SIZES["default"])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    lines = measure(options.rounds)
    if options.json:
        sys.stdout.write(json.dumps(lines, indent=2) + "\n")
        return
    sys.stdout.write(f"{'':26}  wall s  times   cpu s  times\n")
    for one in lines:
        seconds = f"{one['wall']:7.3f} {one['ratio']:6.2f} {one['cpu']:7.3f} {one['cpu_ratio']:6.2f}"
        sys.stdout.write(f"{one['name']:26} {seconds}\n")


if __name__ == "__main__":
    main()
