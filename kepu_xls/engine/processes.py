"""Processes of this machine: each works with a core of its own; one that dies costs the item it was at."""

from __future__ import annotations

import pickle
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection
from queue import Empty, SimpleQueue
from threading import Thread
from types import ModuleType
from typing import Any, TypeVar, cast

from kepu_xls.engine.job import Job
from kepu_xls.errors import SurroundingsError
from kepu_xls.model import Record

T = TypeVar("T")
R = TypeVar("R")

_FEWEST, _MOST = 2, 48
"""Items that a worker has been given and not yet answered: it never waits for the next, also while who asks
keeps a batch of results; towards the end there are fewer, so that all end together."""
_AHEAD = 64
"""Results a worker that may wait for an earlier one: memory stays flat, however slow that one is."""

_PATIENCE = 1.0
_GLANCE = 0.5
"""Seconds: Ctrl-C can go unnoticed by a wait without end."""
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

    def __init__(self, heard: Heard) -> None:
        # spawned everywhere: a fork would inherit threads and locks at whatever they were just doing
        context = get_context("spawn")
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        with _no_main_module():
            self._process.start()
        theirs.close()
        self.places: deque[int] = deque()
        self.ready = False
        # heard at any time: with nobody to hear, it waits to be rid of its answer, and its items wait with it
        Thread(target=self._listen, args=(heard,), daemon=True).start()

    def begin(self, number: bytes, job: bytes) -> None:
        """Tell it the job to get ready for; it says when it is, by the job's number."""
        self.ready = False
        self._send(_JOB + number + job)

    def give(self, place: int, item: object) -> None:
        """Give it an item."""
        self.places.append(place)
        self._send(_ITEM + pickle.dumps(item, pickle.HIGHEST_PROTOCOL))

    def lives(self) -> bool:
        """Tell whether it is still there."""
        return self._process.is_alive()

    def rest(self) -> None:
        """Have it let go of the job."""
        self._send(_REST)

    def stop(self) -> None:
        """End it at once, whatever it is at; it ends what it has started itself, if it can."""
        if not self.places:
            self._send(_END)
            self._process.join(_PATIENCE)
        self._process.terminate()
        self._process.join(_PATIENCE)
        self._process.kill()
        self._process.join()
        self._line.close()

    def _send(self, message: bytes) -> None:
        """Send it a message; one that has died meanwhile is found out when it should answer."""
        try:
            self._line.send_bytes(message)
        except OSError:
            return

    def _listen(self, heard: Heard) -> None:
        """Pass on what it says, and None when it is gone."""
        try:
            while True:
                heard.put((self, self._line.recv_bytes()))
        except (EOFError, OSError):
            heard.put((self, None))


Heard = SimpleQueue[tuple[_Worker, bytes | None]]


class Pool:
    """Processes that do one job after the other; those that die are replaced."""

    def __init__(self) -> None:
        self._workers = list[_Worker]()
        self._heard = Heard()

    def stop(self) -> None:
        """End all processes at once."""
        while self._workers:
            self._workers.pop().stop()
        self._heard = Heard()  # what they still said is nobody's

    def run(self, job: Job[T, R], items: Sequence[T], workers: int) -> Iterator[R]:
        """Do a job, as ``engine.map`` says; when it is left undone, the processes end with it."""
        task = _Task(job, items, self._workers, self._heard)
        self._workers[:] = [worker for worker in self._workers if worker.lives()]
        try:
            while len(self._workers) < min(workers, len(items)):
                self._workers.append(_Worker(self._heard))
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

    def __init__(
        self, job: Job[Any, Any], items: Sequence[Any], workers: list[_Worker], heard: Heard
    ) -> None:
        self._job, self._items, self._workers, self._heard = job, items, workers, heard
        self._pickled = pickle.dumps(job, pickle.HIGHEST_PROTOCOL)
        self._number = next(_numbers).to_bytes(_DIGITS, "big")
        self._waiting: deque[int] = deque(range(len(items)))
        self._results: dict[int, Any] = {}
        self._begun = 0

    def results(self) -> Iterator[Any]:
        """Yield the results in order."""
        for worker in self._workers:
            worker.begin(self._number, self._pickled)
        while not all(worker.ready for worker in self._workers):
            self._collect()
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
            worker = min(self._workers, key=lambda one: (not one.ready, len(one.places)))
            if len(worker.places) >= handful or not worker.ready:
                return
            if full and waiting[0] >= self._begun:  # what a dead worker left is what the others wait for
                return
            place = waiting.popleft()
            self._begun = max(self._begun, place + 1)
            worker.give(place, self._items[place])

    def _collect(self) -> None:
        """Wait until some worker is ready, has answered or died, and take what it said."""
        worker, answer = self._next()
        if worker not in self._workers:  # it died before this job began
            return
        if answer is None:
            self._replace(worker)
        elif not worker.ready:
            worker.ready = answer == _READY + self._number  # else: of a job that ended without it
        else:
            self._results[worker.places.popleft()] = self._result(answer)

    def _next(self) -> tuple[_Worker, bytes | None]:
        """Wait for what is said next.  Raises SurroundingsError where one who is started says nothing."""
        began = time.monotonic()
        while True:
            try:
                return self._heard.get(timeout=_GLANCE)
            except Empty:
                starting = any(not worker.ready for worker in self._workers)
                if starting and time.monotonic() - began > _START_SECONDS:
                    raise SurroundingsError("reader-not-started", detail="worker") from None

    def _result(self, answer: bytes) -> Any:  # noqa: ANN401 - whatever the job gives
        if answer[:1] == _RAISED:
            return _Raised(pickle.loads(answer[1:]))  # noqa: S301 - from our own process
        return self._job.unpacked(answer[1:])

    def _replace(self, worker: _Worker) -> None:
        """Put another in the place of a worker that died: over the first of what it had not answered.

        Raises SurroundingsError for one that never was ready: no item is to blame.
        """
        if not worker.ready:
            raise SurroundingsError("reader-not-started", detail="worker")
        if worker.places:
            guilty, *others = worker.places
            self._results[guilty] = self._job.lost(self._items[guilty])
            self._waiting.extendleft(reversed(others))
        worker.stop()
        fresh = _Worker(self._heard)
        self._workers[self._workers.index(worker)] = fresh
        fresh.begin(self._number, self._pickled)


_numbers = count()
_DIGITS = 8
_JOB, _ITEM, _REST, _END = b"j", b"i", b"r", b"e"
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
                return
            if asked[:1] == _END:
                return
            if asked[:1] == _ITEM and job is not None and work is not None:
                _say(line, _answer(job, work, asked[1:]))
                continue
            ready.close()
            job = work = None
            if asked[:1] == _JOB:
                number, pickled = asked[1 : 1 + _DIGITS], asked[1 + _DIGITS :]
                job = cast("Job[Any, Any]", pickle.loads(pickled))  # noqa: S301 - from our own process
                work = ready.enter_context(job.started())
                _say(line, _READY + number)


def _say(line: Connection, message: bytes) -> None:
    try:
        line.send_bytes(message)
    except OSError:  # nobody is left to hear it
        sys.exit()


def _answer(job: Job[Any, Any], work: Callable[[Any], Any], asked: bytes) -> bytes:
    try:
        return _DONE + job.packed(work(pickle.loads(asked)))  # noqa: S301 - as above
    except Exception as error:  # noqa: BLE001 - raised again where the job was asked for
        return _RAISED + pickle.dumps(error)
