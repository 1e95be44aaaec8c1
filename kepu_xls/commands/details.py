"""The entries of 明细数据 from the ledger: in outline first, whole and a few at a time to be written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from kepu_xls import report
from kepu_xls.commands.portions import batches
from kepu_xls.commands.session import Session
from kepu_xls.engine import Packing, Team
from kepu_xls.ledger import Ledger
from kepu_xls.model import Entry, OpenPeriod, Task
from kepu_xls.outcome import Outline
from kepu_xls.report import Piece, Portion, Writer

_WORTH_PROCESSES = 100
"""Below this many portions, others are not asked to help (docs/performance.md)."""


class LedgerDetail(report.Detail):
    """The entries that count in a period that is settled; ``team``: who may help to write them."""

    def __init__(self, session: Session, opened: OpenPeriod, team: Team) -> None:
        self._path, self._ledger = session.workspace.ledger, session.ledger
        self._opened, self._team = opened, team

    def outlines(self) -> Iterator[tuple[Task, Outline]]:
        """Give all of them by task number, leads first, read a few at a time."""
        period = self._opened.period
        for task in sorted(self._opened.plan.tasks, key=lambda one: one.sort_key):
            counted = set(self._ledger.accepted_units(period, task.number))
            asked = [one for one in dict.fromkeys((*task.leads, *task.participants)) if one in counted]
            others = sorted(counted.difference(asked))
            for units in batches((*asked, *others)):
                outlines = self._ledger.outlines(period, (task.number,), units)
                by_unit = {one.entry.unit: one for one in outlines}
                yield from ((task, by_unit[unit]) for unit in units)

    def entries(self, task: str, units: Sequence[str]) -> Iterator[Entry]:
        """Give those of some units of a task, in the order of the units."""
        return _entries(self._ledger, self._opened.period, task, units)

    def written(self, writer: Writer, portions: Sequence[Portion]) -> Iterator[Piece]:
        """Have them written, in their order, by whoever helps."""
        chosen = self._team.choose_here(len(portions), _WORTH_PROCESSES)
        job = _Writing(self._path, self._opened.period, writer)
        for pieces in self._team.map(job, portions, chosen):
            yield from pieces
        self._team.dismiss()  # what comes needs the memory, and no help


def _entries(ledger: Ledger, period: str, task: str, units: Sequence[str]) -> Iterator[Entry]:
    by_unit = {entry.unit: entry for entry in ledger.accepted(period, units, (task,))}
    return (by_unit[unit] for unit in units)


class _Writing(Packing[tuple[Piece, ...]]):
    """The job of writing entries as rows, for whoever sees the workspace; an ``engine.Job``."""

    kind: ClassVar[Any] = tuple[Piece, ...]

    def __init__(self, path: Path, period: str, writer: Writer) -> None:
        self._path, self._period, self._writer = path, period, writer

    @contextmanager
    def started(self) -> Iterator[Callable[[Portion], tuple[Piece, ...]]]:
        """Get ready: with the ledger, which is only read."""
        with Ledger(self._path, writing=False) as ledger:
            yield lambda portion: self._writer.written(
                portion, _entries(ledger, self._period, portion.task, portion.units)
            )

    def lost(self, item: Portion) -> tuple[Piece, ...]:
        """Write here what somebody died over: it was not what these entries say."""
        with self.started() as work:
            return work(item)
