"""A Dask cluster that is there, or one of this machine's own: results in order, a few handfuls under way."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from threading import Lock
from typing import Any, TypeVar

from kepu_xls.engine.job import Job
from kepu_xls.errors import InputError, SurroundingsError

T = TypeVar("T")
R = TypeVar("R")

_HANDFUL = 16
"""Items in one task: the scheduler takes about a millisecond for each."""
_AHEAD = 4
"""Tasks a worker that are begun before the results of the first are taken."""
_PATIENCE = 30

_started: dict[str, Callable[[Any], Any]] = {}
"""On a worker: the job that it has got ready for, by its name."""
_open = ExitStack()
_turn = Lock()


def run_cluster(job: Job[T, R], items: Sequence[T], address: str) -> Iterator[R]:
    """Do a job on the cluster at an address, or on one started here, as ``engine.map`` says.

    Raises InputError without the extra ``cluster``, SurroundingsError where nobody answers.
    """
    try:
        from distributed import Client, LocalCluster  # noqa: PLC0415 - an extra, and slow to load
    except ImportError as error:
        raise InputError("engine-needs-dask") from error
    with ExitStack() as stack:
        try:
            cluster: Any = LocalCluster  # dask has no types
            place = address or stack.enter_context(cluster(processes=True, dashboard_address=None))
            connect: Any = Client
            client = stack.enter_context(connect(place, timeout=_PATIENCE, set_as_default=False))
        except OSError as error:
            raise SurroundingsError("engine-cluster-away", address=address or "dask") from error
        yield from _in_order(client, job, items)


def _in_order(client: Any, job: Job[T, R], items: Sequence[T]) -> Iterator[R]:  # noqa: ANN401 - dask has no types
    from distributed import KilledWorker  # noqa: PLC0415 - as above

    name = uuid.uuid4().hex
    everywhere = client.scatter(job, broadcast=True, hash=False)
    workers = max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
    left = iter([items[start : start + _HANDFUL] for start in range(0, len(items), _HANDFUL)])

    def begun(some: Sequence[T]) -> tuple[Sequence[T], Any]:
        return some, client.submit(_work, name, everywhere, some, pure=False)

    under_way = deque(begun(some) for some in islice(left, workers * _AHEAD))
    while under_way:
        some, future = under_way.popleft()
        under_way.extend(begun(more) for more in islice(left, 1))
        try:
            answers = future.result()
        except KilledWorker:
            if len(some) == 1:
                yield job.lost(some[0])
            else:  # one of them kills: each by itself
                under_way.extendleft(begun([one]) for one in reversed(some))
            continue
        yield from map(job.unpacked, answers)


def _work(name: str, job: Job[Any, Any], items: Sequence[Any]) -> list[bytes]:
    """On a worker: work on some items; the job is got ready once."""
    with _turn:
        if name not in _started:
            _open.close()
            _started.clear()
            _started[name] = _open.enter_context(job.started())
        work = _started[name]
    return [job.packed(work(item)) for item in items]
