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
_OWN = {"allowed_failures": 1}
"""On this machine a worker dies of its item, not of its surroundings: it need not be tried four times."""

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
            own = {"processes": True, "dashboard_address": None, "scheduler_kwargs": _OWN}
            place = address or stack.enter_context(cluster(**own))
            connect: Any = Client
            client = stack.enter_context(connect(place, timeout=_PATIENCE, set_as_default=False))
        except OSError as error:
            raise SurroundingsError("engine-cluster-away", address=address or "dask") from error
        yield from _in_order(client, job, items)


def _in_order(client: Any, job: Job[T, R], items: Sequence[T]) -> Iterator[R]:  # noqa: ANN401 - dask has no types
    name = uuid.uuid4().hex
    # made by a task, not scattered: what was scattered is gone with the workers that held it
    everywhere = client.submit(_itself, job, pure=False)
    workers = max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
    left = iter([items[start : start + _HANDFUL] for start in range(0, len(items), _HANDFUL)])

    def begun(some: Sequence[T]) -> tuple[Sequence[T], Any]:
        return some, client.submit(_work, name, everywhere, some, pure=False)

    under_way = deque(begun(some) for some in islice(left, workers * _AHEAD))
    while under_way:
        some, future = under_way.popleft()
        under_way.extend(begun(more) for more in islice(left, 1))
        answers = _answers(future)
        if answers is None and len(some) > 1:  # one of them kills: each by itself, one after the other
            for one in some:
                answers = _answers(begun([one])[1])
                yield job.lost(one) if answers is None else job.unpacked(answers[0])
        elif answers is None:
            yield job.lost(some[0])
        else:
            yield from map(job.unpacked, answers)


def _answers(future: Any) -> list[bytes] | None:  # noqa: ANN401 - as above
    """Wait for a task; None where it killed every worker that tried."""
    from distributed import KilledWorker  # noqa: PLC0415 - as above

    try:
        answers: list[bytes] = future.result()
    except KilledWorker:
        return None
    return answers


def _itself(job: Job[Any, Any]) -> Job[Any, Any]:
    """On a worker: take the job; the others have it from there."""
    return job


def _work(name: str, job: Job[Any, Any], items: Sequence[Any]) -> list[bytes]:
    """On a worker: work on some items; the job is got ready once."""
    with _turn:
        if name not in _started:
            _open.close()
            _started.clear()
            _started[name] = _open.enter_context(job.started())
        work = _started[name]
    return [job.packed(work(item)) for item in items]
