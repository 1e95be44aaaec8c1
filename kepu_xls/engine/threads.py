"""Threads of this process: what is read holds the interpreter only for a part of the time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

from kepu_xls.engine.job import Job

T = TypeVar("T")
R = TypeVar("R")

_GLANCE = 0.5
"""Seconds: Ctrl-C can go unnoticed by a wait without end, if it comes while another thread has its turn."""
_MOST_THREADS = 4
"""Each holds a file in memory, and most of the work holds the interpreter."""
_AHEAD = 8
"""So many items a thread are begun before the results of the first are taken."""


def run_threads(job: Job[T, R], items: Sequence[T], workers: int) -> Iterator[R]:
    """Do a job on threads, as ``engine.map`` says."""
    workers = min(workers, _MOST_THREADS)
    pool = ThreadPoolExecutor(max_workers=workers)
    with job.started() as work:
        try:
            yield from _in_order(pool, work, iter(items), workers * _AHEAD)
        finally:  # when interrupted, nothing more is begun, and what is under way is not waited for
            pool.shutdown(wait=False, cancel_futures=True)


def _in_order(
    pool: ThreadPoolExecutor, work: Callable[[T], R], items: Iterator[T], ahead: int
) -> Iterator[R]:
    begun: deque[Future[R]] = deque(pool.submit(work, item) for item in islice(items, ahead))
    while begun:
        future = begun.popleft()
        while not wait((future,), _GLANCE).done:
            pass
        begun.extend(pool.submit(work, item) for item in islice(items, 1))
        yield future.result()
