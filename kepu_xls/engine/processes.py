"""Processes of this machine: each works with a core of its own; one that dies costs the item it was at."""

from __future__ import annotations

import pickle
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from multiprocessing import connection, get_context
from multiprocessing.connection import Connection
from types import ModuleType
from typing import Any, TypeVar, cast

from kepu_xls.engine.job import Job
from kepu_xls.errors import SurroundingsError
from kepu_xls.model import Record

T = TypeVar("T")
R = TypeVar("R")

_FEWEST, _MOST = 2, 32
"""Items that a worker has been given and not yet answered: it never waits for the next, also while who asks
keeps a batch of results; towards the end there are fewer, so that all end together."""
_AHEAD = 64
"""Results a worker that may wait for an earlier one: memory stays flat, however slow that one is."""

_ON_THE_WAY = 4 << 10 if sys.platform == "win32" else 48 << 10
"""So many bytes of items fit into the line to a worker that is not listening (8 KiB on Windows)."""
_PATIENCE = 1.0
_START_SECONDS = 120


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

    def __init__(self) -> None:
        # spawned everywhere: a fork would inherit threads and locks at whatever they were just doing
        context = get_context("spawn")
        self.line, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,), daemon=True)
        with _no_main_module():
            self.process.start()
        theirs.close()
        self.places: deque[int] = deque()
        self._sizes: deque[int] = deque()

    def begin(self, job: bytes) -> None:
        """Tell it the job to get ready for."""
        self._send(_JOB + job)

    def greet(self) -> None:
        """Wait until it is ready.  Raises SurroundingsError where it does not come up."""
        try:
            ready = self.line.poll(_START_SECONDS) and self.line.recv_bytes() == _READY
        except (EOFError, OSError):
            ready = False
        if not ready:
            raise SurroundingsError("reader-not-started", detail="worker")

    def give(self, place: int, item: object) -> bool:
        """Give it an item, unless those that it has been given might then not all have room on the way.

        It may be waiting to be rid of an answer: if we waited for it too, that would be for good.
        """
        message = _ITEM + pickle.dumps(item, pickle.HIGHEST_PROTOCOL)
        if self.places and sum(self._sizes) + len(message) > _ON_THE_WAY:
            return False
        self.places.append(place)
        self._sizes.append(len(message))
        self._send(message)
        return True

    def answered(self) -> int:
        """Give the place of the first item that it had been given; that is done."""
        self._sizes.popleft()
        return self.places.popleft()

    def rest(self) -> None:
        """Have it let go of the job."""
        self._send(_REST)

    def stop(self) -> None:
        """End it at once, whatever it is at; it ends what it has started itself, if it can."""
        self.line.close()
        self.process.terminate()
        self.process.join(_PATIENCE)
        self.process.kill()
        self.process.join()

    def _send(self, message: bytes) -> None:
        """Send it a message; one that has died meanwhile is found out when it should answer."""
        try:
            self.line.send_bytes(message)
        except OSError:
            return


class Pool:
    """Processes that do one job after the other; those that die are replaced."""

    def __init__(self) -> None:
        self._workers = list[_Worker]()

    def stop(self) -> None:
        """End all processes at once."""
        while self._workers:
            self._workers.pop().stop()

    def run(self, job: Job[T, R], items: Sequence[T], workers: int) -> Iterator[R]:
        """Do a job, as ``engine.map`` says; when it is left undone, the processes end with it."""
        task = _Task(job, items, self._workers)
        try:
            while len(self._workers) < min(workers, len(items)):
                self._workers.append(_Worker())
            yield from task.results()
        except BaseException:
            self.stop()
            raise
        for worker in self._workers:
            worker.rest()


class _Raised(Record, frozen=True):
    """In place of a result: what the job raised over an item, to be raised again when its turn comes."""

    error: Exception


class _Task:
    """A job being done with some items by some processes."""

    def __init__(self, job: Job[Any, Any], items: Sequence[Any], workers: list[_Worker]) -> None:
        self._job, self._items, self._workers = job, items, workers
        self._pickled = pickle.dumps(job, pickle.HIGHEST_PROTOCOL)
        self._waiting: deque[int] = deque(range(len(items)))
        self._results: dict[int, Any] = {}
        self._begun = 0

    def results(self) -> Iterator[Any]:
        """Yield the results in order."""
        for worker in self._workers:
            worker.begin(self._pickled)
        for worker in self._workers:
            worker.greet()
        for place in range(len(self._items)):
            while place not in self._results:
                self._deal()
                self._collect()
            result = self._results.pop(place)
            if isinstance(result, _Raised):
                raise result.error
            yield result

    def _deal(self) -> None:
        """See to it that every worker has something to do, unless too many results are held already."""
        waiting = self._waiting
        handful = max(_FEWEST, min(_MOST, len(waiting) // (2 * len(self._workers))))
        full = len(self._results) > _AHEAD * len(self._workers)
        while waiting:
            # in turns: whoever is given a row of them makes the results of all others wait
            worker = min(self._workers, key=lambda one: len(one.places))
            if len(worker.places) >= handful:
                return
            if full and waiting[0] >= self._begun:  # what a dead worker left is what the others wait for
                return
            if not worker.give(waiting[0], self._items[waiting[0]]):
                return
            self._begun = max(self._begun, waiting.popleft() + 1)

    def _collect(self) -> None:
        """Wait until some worker has answered or died, and take what there is."""
        busy = {worker.line: worker for worker in self._workers if worker.places}
        for line in connection.wait(list(busy)):
            worker = busy[cast("Connection[Any, Any]", line)]
            try:
                answer = worker.line.recv_bytes()
            except (EOFError, OSError):
                self._replace(worker)
            else:
                self._results[worker.answered()] = self._result(answer)

    def _result(self, answer: bytes) -> Any:  # noqa: ANN401 - whatever the job gives
        if answer[:1] == _RAISED:
            return _Raised(pickle.loads(answer[1:]))  # noqa: S301 - from our own process
        return self._job.unpacked(answer[1:])

    def _replace(self, worker: _Worker) -> None:
        """Put another in the place of a worker that died: over the first of what it had not answered."""
        guilty, *others = worker.places
        self._results[guilty] = self._job.lost(self._items[guilty])
        self._waiting.extendleft(reversed(others))
        worker.stop()
        fresh = _Worker()
        self._workers[self._workers.index(worker)] = fresh
        fresh.begin(self._pickled)
        fresh.greet()


_JOB, _ITEM, _REST = b"j", b"i", b"r"
_READY, _DONE, _RAISED = b"!", b"+", b"-"


def _serve(line: Connection) -> None:
    """Be a worker: get ready for a job, answer item by item, until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started us decides what Ctrl-C means
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # what it has started is ended on the way out
    job: Job[Any, Any] | None = None
    work: Callable[[Any], Any] | None = None
    with ExitStack() as ready:
        while True:
            try:
                asked = line.recv_bytes()
            except (EOFError, OSError):
                signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it is on its way out already
                return
            if asked[:1] == _ITEM and job is not None and work is not None:
                line.send_bytes(_answer(job, work, asked[1:]))
                continue
            ready.close()
            job = work = None
            if asked[:1] == _JOB:
                job = cast("Job[Any, Any]", pickle.loads(asked[1:]))  # noqa: S301 - from our own process
                work = ready.enter_context(job.started())
                line.send_bytes(_READY)


def _answer(job: Job[Any, Any], work: Callable[[Any], Any], asked: bytes) -> bytes:
    try:
        return _DONE + job.packed(work(pickle.loads(asked)))  # noqa: S301 - as above
    except Exception as error:  # noqa: BLE001 - raised again where the job was asked for
        return _RAISED + pickle.dumps(error)
