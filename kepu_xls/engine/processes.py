"""Processes of this machine: each works with a core of its own; one that dies costs the item it was at."""

from __future__ import annotations

import pickle
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import connection, get_context
from multiprocessing.connection import Connection
from types import ModuleType
from typing import Any, TypeVar, cast

from kepu_xls.engine.job import Job
from kepu_xls.errors import SurroundingsError

T = TypeVar("T")
R = TypeVar("R")

_FEWEST, _MOST = 2, 32
"""Items that a worker has been given and not yet answered: it never waits for the next, also while who asks
keeps a batch of results; towards the end there are fewer, so that all end together."""
_AHEAD = 64
"""Results a worker that may wait for an earlier one: memory stays flat, however slow that one is."""

_PATIENCE = 1.0
_START_SECONDS = 120


def run_processes(job: Job[T, R], items: Sequence[T], workers: int) -> Iterator[R]:
    """Do a job in processes, as ``engine.map`` says."""
    pool = _Pool(job, min(workers, len(items)))
    try:
        yield from pool.run(items)
    finally:
        pool.stop()


@contextmanager
def _no_main_module() -> Iterator[None]:
    """Hide the program from a process that is being started: it would run it again, to find things there."""
    main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


class _Worker:
    """One process, and the places of the items that it has been given."""

    def __init__(self, job: bytes) -> None:
        # spawned everywhere: a fork would inherit threads and locks at whatever they were just doing
        context = get_context("spawn")
        self.line, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, job), daemon=True)
        with _no_main_module():
            self.process.start()
        theirs.close()
        self.places: deque[int] = deque()
        self.ready = False

    def greet(self) -> None:
        """Wait until it is up.  Raises SurroundingsError where it does not come up."""
        try:
            self.ready = self.line.poll(_START_SECONDS) and self.line.recv_bytes() == _READY
        except (EOFError, OSError):
            self.ready = False
        if not self.ready:
            raise SurroundingsError("reader-not-started", detail="worker")

    def give(self, place: int, item: object) -> None:
        """Give it an item; one that has died meanwhile is found out when it should answer."""
        self.places.append(place)
        try:
            self.line.send_bytes(pickle.dumps(item, pickle.HIGHEST_PROTOCOL))
        except OSError:
            return

    def stop(self) -> None:
        """End it at once, whatever it is at; it ends what it has started itself, if it can."""
        self.line.close()
        self.process.terminate()
        self.process.join(_PATIENCE)
        self.process.kill()
        self.process.join()


class _Pool:
    """The processes that do a job, those that died replaced."""

    def __init__(self, job: Job[Any, Any], workers: int) -> None:
        self._job = job
        self._pickled = pickle.dumps(job, pickle.HIGHEST_PROTOCOL)
        self._workers = list[_Worker]()
        self._begun = 0
        try:
            for _ in range(workers):
                self._workers.append(_Worker(self._pickled))
            for worker in self._workers:
                worker.greet()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End all processes at once."""
        for worker in self._workers:
            worker.stop()

    def run(self, items: Sequence[Any]) -> Iterator[Any]:
        """Yield the results in order."""
        waiting: deque[int] = deque(range(len(items)))
        results: dict[int, Any] = {}
        for place in range(len(items)):
            while place not in results:
                self._deal(items, waiting, len(results))
                self._collect(items, waiting, results)
            yield results.pop(place)

    def _deal(self, items: Sequence[Any], waiting: deque[int], held: int) -> None:
        """See to it that every worker has something to do, unless too many results are held already."""
        handful = max(_FEWEST, min(_MOST, len(waiting) // (2 * len(self._workers))))
        full = held > _AHEAD * len(self._workers)
        for worker in self._workers:
            while waiting and len(worker.places) < handful:
                if full and waiting[0] >= self._begun:  # what a dead worker left is what the others wait for
                    return
                place = waiting.popleft()
                self._begun = max(self._begun, place + 1)
                worker.give(place, items[place])

    def _collect(self, items: Sequence[Any], waiting: deque[int], results: dict[int, Any]) -> None:
        """Wait until some worker has answered or died, and take what there is."""
        busy = {worker.line: worker for worker in self._workers if worker.places}
        for line in connection.wait(list(busy)):
            worker = busy[cast("Connection[Any, Any]", line)]
            try:
                answer = worker.line.recv_bytes()
            except (EOFError, OSError):
                self._replace(worker, items, waiting, results)
            else:
                results[worker.places.popleft()] = self._result(answer)

    def _result(self, answer: bytes) -> Any:  # noqa: ANN401 - whatever the job gives
        if answer[:1] == _RAISED:
            raise pickle.loads(answer[1:])  # noqa: S301 - from our own process
        return self._job.unpacked(answer[1:])

    def _replace(
        self, worker: _Worker, items: Sequence[Any], waiting: deque[int], results: dict[int, Any]
    ) -> None:
        """Put another in the place of a worker that died: over the first of what it had not answered."""
        guilty, *others = worker.places
        results[guilty] = self._job.lost(items[guilty])
        waiting.extendleft(reversed(others))
        worker.stop()
        fresh = _Worker(self._pickled)
        self._workers[self._workers.index(worker)] = fresh
        fresh.greet()


_READY, _DONE, _RAISED = b"!", b"+", b"-"


def _serve(line: Connection, pickled: bytes) -> None:
    """Be a worker: answer item by item until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started us decides what Ctrl-C means
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # what it has started is ended on the way out
    job: Job[Any, Any] = pickle.loads(pickled)  # noqa: S301 - from our own process
    with job.started() as work:
        line.send_bytes(_READY)
        while True:
            try:
                asked = line.recv_bytes()
            except (EOFError, OSError):
                return
            line.send_bytes(_answer(job, work, asked))


def _answer(job: Job[Any, Any], work: Callable[[Any], Any], asked: bytes) -> bytes:
    try:
        return _DONE + job.packed(work(pickle.loads(asked)))  # noqa: S301 - as above
    except Exception as error:  # noqa: BLE001 - raised again where the job was asked for
        return _RAISED + pickle.dumps(error)
