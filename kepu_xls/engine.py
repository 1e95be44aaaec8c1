"""The one seam for scale: how many files are worked on at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from kepu_xls.errors import InputError

T = TypeVar("T")
R = TypeVar("R")

ENGINES = ("auto", "serial", "threads")
_WORTH_THREADS = 8
"""Below this many files, starting threads costs more than it gains."""
_GLANCE = 0.5
"""Seconds: Ctrl-C can go unnoticed by a wait without end, if it comes while another thread has its turn."""
_MOST_THREADS = 4
"""Each holds a file in memory, and most of the work holds the interpreter."""


def run(function: Callable[[T], R], items: Sequence[T], engine: str = "auto") -> Iterator[R]:
    """Apply the function to every item and yield the results in order.

    ``engine``: ``serial``, ``threads`` (calamine reads without the interpreter's lock), or ``auto``, which
    chooses by the amount of work.  Raises InputError for another name; whatever the function raises comes
    out here.
    """
    if engine not in ENGINES:
        raise InputError("engine-unknown", name=engine, known="、".join(ENGINES))
    if engine == "serial" or (engine == "auto" and len(items) < _WORTH_THREADS):
        yield from map(function, items)
        return
    pool = ThreadPoolExecutor(max_workers=min(os.cpu_count() or 1, _MOST_THREADS))
    try:
        for future in [pool.submit(function, item) for item in items]:
            while not wait((future,), _GLANCE).done:
                pass
            yield future.result()
    finally:  # when interrupted, nothing more is begun, and what is under way is not waited for
        pool.shutdown(wait=False, cancel_futures=True)
