"""Engines: what two workers gain over one, reading our forms, beside a bare pool of the same kind.

python benchmarks/engines.py [FILES]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import peers
import workload

from kepu_xls import config, engine, intake
from kepu_xls.commands.reading import Item, Reading
from kepu_xls.ledger import Ledger
from kepu_xls.workspace import Workspace

SIZES = {"quick": 100, "default": 600, "full": 2000}
TARGET = 0.9
WORKERS, ROUNDS = 2, 5
FEWEST = (20, 50, 100, 200, 400, 800)
"""Where each engine begins to pay is looked for at these numbers of files."""


def measure(files: int = SIZES["default"]) -> list[dict[str, object]]:
    """Read that many files in each way, in turns.

    ``ratio`` of a line of ours: its gain over one worker by the gain of the bare pool.
    """
    with TemporaryDirectory(dir=_made(files)) as temporary:
        job, items = _job(Workspace(Path(temporary) / "home"), files)
        ways = _ways(job, items)
        spent: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, way in ways.items():
                start = time.perf_counter()
                way()
                spent[name].append(time.perf_counter() - start)
    wall = {name: median(each) for name, each in spent.items()}
    return [_line(name, files, wall) for name in wall]


def _made(files: int) -> Path:
    workload.filled(files)
    return workload.folder()


def _job(home: Workspace, files: int) -> tuple[Reading, tuple[Item, ...]]:
    """Give the job of reading, and what is to be read; the originals are archived in the first round."""
    home = workload.fresh(files, home.root)
    settings = config.load(home.config)
    found = intake.collect(home.inbox, settings.limits)
    with Ledger(home.ledger, writing=True) as ledger:
        job = Reading(
            workspace=home,
            periods=ledger.periods(),
            secret=ledger.secret,
            current=workload.PERIOD,
            limits=settings.limits,
            passwords=(),
            senders={},
        )
    items = tuple(Item(one, str(found.sources[one.path])) for one in found.files)
    _do(job, items, "serial")
    return job, items


def _ways(job: Reading, items: Sequence[Item]) -> dict[str, Callable[[], None]]:
    paths = [item.source for item in items]
    spawned = get_context("spawn")
    return {
        "calamine serial": lambda: _all(map(read_bare, paths)),
        "kepu serial": lambda: _do(job, items, "serial"),
        "calamine threads": lambda: _bare(ThreadPoolExecutor(WORKERS), paths),
        "kepu threads": lambda: _do(job, items, "threads"),
        "calamine processes": lambda: _bare(ProcessPoolExecutor(WORKERS, mp_context=spawned), paths),
        "kepu processes": lambda: _do(job, items, "processes"),
    }


def _do(job: Reading, items: Sequence[Item], name: str) -> None:
    workers = 1 if name == "serial" else WORKERS
    _all(engine.map(job, items, engine.Chosen(name, workers, "")))


def _bare(pool: Executor, paths: Sequence[str]) -> None:
    with pool:
        _all(pool.map(read_bare, paths, chunksize=8))


def read_bare(path: str) -> int:
    """Read a file with calamine alone."""
    return peers.read_bare(Path(path).read_bytes())


def _all(results: object) -> None:
    for _ in results:  # type: ignore[attr-defined] - whatever gives results
        pass


def _line(name: str, files: int, wall: dict[str, float]) -> dict[str, object]:
    whose, way = name.split()
    gain = wall[f"{whose} serial"] / wall[name]
    bare = wall["calamine serial"] / wall[f"calamine {way}"]
    ours = whose == "kepu" and way != "serial"
    return {
        "suite": "engines",
        "case": way,
        "size": files,
        "name": whose,
        "wall": wall[name],
        "gain": gain,
        "ratio": gain / bare if ours else None,
        "target": TARGET if ours else None,
        "at_least": True,
    }


def paying() -> str:
    """Show, by the number of files, what each engine takes of the time of one worker."""
    with TemporaryDirectory(dir=_made(max(FEWEST))) as temporary:
        job, items = _job(Workspace(Path(temporary) / "home"), max(FEWEST))
        told = [f"{'files':>6} {'serial s':>9} {'threads':>9} {'processes':>9}\n"]
        for files in FEWEST:
            spent: dict[str, list[float]] = {"serial": [], "threads": [], "processes": []}
            for _ in range(3):
                for name, each in spent.items():
                    start = time.perf_counter()
                    _do(job, items[:files], name)
                    each.append(time.perf_counter() - start)
            one, *others = (median(each) for each in spent.values())
            told.append(f"{files:6} {one:9.2f} " + " ".join(f"{other / one:9.2f}" for other in others) + "\n")
    return "".join(told)


def main() -> None:
    """Measure, and show the table."""
    from run import shown  # noqa: PLC0415 - it imports suites itself

    lines = measure(*map(int, sys.argv[1:2]))
    sys.stdout.write(shown(lines))
    for line in lines:
        sys.stdout.write(f"{line['name']} {line['case']}: gain {line['gain']:.2f}\n")
    sys.stdout.write(paying())


if __name__ == "__main__":
    main()
