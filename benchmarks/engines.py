"""Engines: what two workers gain over one, reading our forms, beside a bare pool of the same kind.

python benchmarks/engines.py [FILES…]
"""

from __future__ import annotations

import gc
import resource
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from types import ModuleType

import peers
import workload

from kepu_xls import config, engine, intake
from kepu_xls.commands.reading import Item, Reading
from kepu_xls.ledger import Ledger
from kepu_xls.workspace import Workspace

SIZES = {"quick": (100,), "default": (500, 2000), "full": (500, 2000)}
TARGET = 0.9
WORKERS, ROUNDS = 2, 5
FEWEST = (20, 50, 100, 200, 400, 800)
"""Where each engine begins to pay is looked for at these numbers of files."""


Spent = tuple[float, float]
"""Wall time, and what the busiest processor had to do: the time that two of our own would take."""


def measure(sizes: Sequence[int] = SIZES["default"], rounds: int = ROUNDS) -> list[dict[str, object]]:
    """Read so many files in each way, in turns; then the next number of them.

    ``ratio`` of a line of ours: its gain over one worker by the gain of the bare pool, in the same round; the
    median of the rounds.  ``cpu`` and ``cpu_ratio`` are the same by the busiest processor, which other
    programs on the machine do not lengthen; of threads it says nothing, as they wait for one another.
    """
    return [line for files in sizes for line in _measured(files, rounds)]


def _measured(files: int, rounds: int) -> list[dict[str, object]]:
    with TemporaryDirectory(dir=_made(files)) as temporary:
        job, items = _job(Workspace(Path(temporary) / "home"), files)
        ways = _ways(job, items)
        spent = [{name: _timed(way) for name, way in ways.items()} for _ in range(rounds)]
    return [_line(name, files, spent) for name in ways]


def _timed(way: Callable[[], None]) -> Spent:
    gc.collect()
    start, own, others = time.perf_counter(), time.process_time(), _children()
    way()
    busiest = max(time.process_time() - own, (_children() - others) / WORKERS)
    return time.perf_counter() - start, busiest


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


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
        "calamine serial": lambda: _all(map(peers.read_bare_at, paths)),
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
    # who starts processes is run again in them: it would load all of kepu_xls into the bare ones
    main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
    try:
        with pool:
            _all(pool.map(peers.read_bare_at, paths, chunksize=8))
    finally:
        sys.modules["__main__"] = main


def _all(results: object) -> None:
    for _ in results:  # type: ignore[attr-defined] - whatever gives results
        pass


def _line(name: str, files: int, spent: Sequence[dict[str, Spent]]) -> dict[str, object]:
    whose, way = name.split()
    ours = whose == "kepu" and way != "serial"

    def gains(which: int, program: str) -> list[float]:
        return [each[f"{program} serial"][which] / each[f"{program} {way}"][which] for each in spent]

    def ratio(which: int) -> float:
        pairs = zip(gains(which, "kepu"), gains(which, "calamine"), strict=True)
        return median(own / bare for own, bare in pairs)

    return {
        "suite": "engines",
        "case": way,
        "size": files,
        "name": whose,
        "wall": median(each[name][0] for each in spent),
        "cpu": median(each[name][1] for each in spent),
        "gain": median(gains(0, whose)),
        "busiest_gain": None if way == "threads" else median(gains(1, whose)),
        "ratio": ratio(0) if ours else None,
        "cpu_ratio": ratio(1) if ours and way != "threads" else None,
        "target": TARGET if ours else None,
        "at_least": True,
    }


def paying() -> str:
    """Show, by the number of files, what each engine takes of the time of one worker."""
    with TemporaryDirectory(dir=_made(max(FEWEST))) as temporary:
        job, items = _job(Workspace(Path(temporary) / "home"), max(FEWEST))
        told = [f"{'files':>6} {'serial s':>9} {'threads':>9} {'processes':>9} {'busiest s':>9} {'':>9}\n"]
        for files in FEWEST:
            some = items[:files]
            rounds = [
                [_timed(partial(_do, job, some, name)) for name in ("serial", "threads", "processes")]
                for _ in range(3)
            ]
            one, *others = (median(each[place][0] for each in rounds) for place in range(3))
            alone, _, pool = (median(each[place][1] for each in rounds) for place in range(3))
            shares = " ".join(f"{other / one:9.2f}" for other in others)
            told.append(f"{files:6} {one:9.2f} {shares} {alone:9.2f} {pool / alone:9.2f}\n")
    return "".join(told)


def main() -> None:
    """Measure, and show the table."""
    from run import shown  # noqa: PLC0415 - it imports suites itself

    lines = measure(tuple(map(int, sys.argv[1:])) or SIZES["default"])
    sys.stdout.write(shown(lines))
    for line in lines:
        busiest = line["busiest_gain"]
        by_busiest = f", by the busiest processor {busiest:.2f}" if busiest else ""
        sys.stdout.write(
            f"{line['name']} {line['case']}, {line['size']:,}: gain {line['gain']:.2f}{by_busiest}\n"
        )
    sys.stdout.write(paying())


if __name__ == "__main__":
    main()
