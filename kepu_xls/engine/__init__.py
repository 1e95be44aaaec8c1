"""The one seam for scale: how many files are worked on at once, and where.

A job is the same whichever engine does it, and so are its results and their order.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from kepu_xls.engine.job import Calls, Job, Packing
from kepu_xls.errors import InputError
from kepu_xls.model import Record

if TYPE_CHECKING:
    from kepu_xls.engine.processes import Pool

T = TypeVar("T")
R = TypeVar("R")

ENGINES = ("auto", "serial", "threads", "processes", "dask")
"""What can be asked for; ``dask://HOST:PORT`` besides, for a cluster that is there."""
_WORTH_PROCESSES = 300
"""Below this many files, processes do not earn what their start costs (docs/performance.md)."""


class Chosen(Record, frozen=True):
    """An engine: its name, how many workers it has here (0: the cluster knows), and why it was chosen."""

    name: str
    workers: int
    why: str
    address: str = ""

    def __str__(self) -> str:
        """Say it for a clerk."""
        how_many = f"（{self.workers} 个）" if self.workers > 1 else ""
        return f"{self.name}{how_many}：{self.why}"


def choose(engine: str, items: int, worth: int = _WORTH_PROCESSES) -> Chosen:
    """Tell which engine does so many items, of which ``worth`` are worth processes.

    Raises InputError for a name that is none.
    """
    cores = os.cpu_count() or 1
    if engine.startswith("dask://"):
        return Chosen("dask", 0, "按指定", f"tcp://{engine.removeprefix('dask://')}")
    if engine not in ENGINES:
        raise InputError("engine-unknown", name=engine, known="、".join((*ENGINES, "dask://HOST:PORT")))
    if engine != "auto":
        return Chosen(engine, 1 if engine == "serial" else cores, "按指定")
    if cores == 1:
        return Chosen("serial", 1, "只有一个处理器核")
    if items < worth:  # nor threads: most of a form is read by what holds the interpreter
        return Chosen("serial", 1, f"不到 {worth} 个文件，另起进程不划算")
    return Chosen("processes", cores, f"{worth} 个文件以上，另起进程更快")


class Team:
    """The workers of one command: processes are started when first needed, and stay for what comes after.

    ``engine``: what was asked for, a name of ``ENGINES`` or an address.  Use it as a context manager.
    """

    def __init__(self, engine: str = "auto") -> None:
        self._engine = engine
        self._pool: Pool | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.dismiss()

    def dismiss(self) -> None:
        """End all processes; for another job there would be new ones."""
        if self._pool is not None:
            self._pool.stop()

    def choose(self, items: int) -> Chosen:
        """Tell who does so many items that may be done anywhere.  Raises InputError for an unknown name."""
        return choose(self._engine, items)

    def choose_here(self, items: int, worth: int) -> Chosen:
        """Tell who does so many items that need the workspace, which a cluster does not see.

        Threads gain nothing by it.
        """
        asked = "auto" if self._engine.startswith("dask") else self._engine
        return choose("serial" if asked == "threads" else asked, items, worth)

    def map(self, job: Job[T, R], items: Sequence[T], chosen: Chosen) -> Generator[R, None, None]:
        """Do a job with every item and yield the results in order; never many more than were asked for.

        Whatever the job raises comes out here; where a worker dies over an item, ``job.lost`` gives its
        result.  When the iterator is closed, or interrupted, nothing more is begun and nothing is waited for.
        """
        if not items:
            return
        if chosen.name == "serial":
            with job.started() as work:
                for item in items:
                    yield work(item)
        elif chosen.name == "threads":
            from kepu_xls.engine.threads import run_threads  # noqa: PLC0415 - only what is used is loaded

            yield from run_threads(job, items, chosen.workers)
        elif chosen.name == "processes":
            yield from self._processes().run(job, items, chosen.workers)
        else:
            from kepu_xls.engine.cluster import run_cluster  # noqa: PLC0415 - as above

            yield from run_cluster(job, items, chosen.address)

    def _processes(self) -> Pool:
        from kepu_xls.engine.processes import Pool  # noqa: PLC0415 - as above

        self._pool = self._pool or Pool()
        return self._pool


def map(job: Job[T, R], items: Sequence[T], chosen: Chosen) -> Generator[R, None, None]:  # noqa: A001 - said as engine.map
    """Do a job with every item, as ``Team.map`` does, by workers that are gone afterwards."""
    with Team() as team:
        yield from team.map(job, items, chosen)


__all__ = ["ENGINES", "Calls", "Chosen", "Job", "Packing", "Team", "choose", "map"]
