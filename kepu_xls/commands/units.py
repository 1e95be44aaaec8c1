"""What the files of single units come to: which counts, what it says, what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, ClassVar

import msgspec

from kepu_xls import checks, intake, merge
from kepu_xls.commands.checking import attributed, of_units
from kepu_xls.commands.past import Past, joined_findings, names_then, renamed
from kepu_xls.commands.portions import batches, portion
from kepu_xls.commands.senders import ByMail, told_by_mail
from kepu_xls.commands.session import Session
from kepu_xls.config import Config
from kepu_xls.engine import Packing
from kepu_xls.ledger import Accepted, Judgement, Ledger, UnitOutcome
from kepu_xls.model import Entry, FieldType, FileRecord, FileStatus, OpenPeriod, Record
from kepu_xls.outcome import Outline, UnitStatus
from kepu_xls.shown_names import SEPARATOR
from kepu_xls.workspace import Workspace


def strays(session: Session, opened: OpenPeriod, told: ByMail) -> dict[str, list[FileRecord]]:
    """Give by unit the files of a period that do not say whose they are: its mail or its name tells."""
    found: dict[str, list[FileRecord]] = {}
    for record in told(session.ledger.files(opened.period, ("",))):
        if unit := record.unit or _unit_named(record, opened):
            found.setdefault(unit, []).append(msgspec.structs.replace(record, unit=unit))
    return found


def _unit_named(record: FileRecord, opened: OpenPeriod) -> str:
    """Tell by its name whose a file is that cannot be read; of what can be read, nobody else is to tell."""
    readable = any(not one.code.startswith("file-") for one in record.findings)
    if record.status is not FileStatus.REJECTED or readable:
        return ""
    name = re.split(f"/|{SEPARATOR}", record.file.path)[-1]
    units = intake.named_units(name, opened.plan)
    told = len(units) == 1 and not intake.contradicting_period(name, opened.period)
    return next(iter(units)) if told else ""


class Settling(Record, Packing[tuple[UnitOutcome, ...]], frozen=True):
    """The job of working out some units of a period, for whoever sees the workspace; an ``engine.Job``."""

    kind: ClassVar[Any] = tuple[UnitOutcome, ...]
    workspace: Workspace
    config: Config
    now: datetime
    opened: OpenPeriod
    earlier: tuple[OpenPeriod, ...]

    @contextmanager
    def started(self) -> Iterator[Callable[[Sequence[str]], tuple[UnitOutcome, ...]]]:
        """Get ready: with the ledger, which is only read."""
        with Ledger(self.workspace.ledger, writing=False) as ledger:
            desk = Desk(Session(self.workspace, self.config, ledger, self.now), self.opened, self.earlier)
            yield lambda units: tuple(desk.outcomes(units))

    def lost(self, item: Sequence[str]) -> tuple[UnitOutcome, ...]:
        """Work out here what somebody died over: it was not what these units said."""
        with self.started() as work:
            return work(item)


class Desk:
    """Where units of one period are worked out."""

    def __init__(self, session: Session, opened: OpenPeriod, earlier: Sequence[OpenPeriod]) -> None:
        self._session, self._opened, self._earlier = session, opened, earlier
        self._let_in = session.ledger.let_in(opened.period)
        self._voided = session.ledger.voided(opened.period)
        self._outdone = session.ledger.outdone()
        self._names = [names_then(one, opened) for one in earlier]
        self._expected = frozenset(opened.expected)
        self._marks = checks.TextMarks(opened, session.config.checks)
        self._texts = frozenset(one.key for one in opened.fields if one.type is FieldType.TEXT)
        self._told = told_by_mail(session, opened)
        self._strays = strays(session, opened, self._told)

    def outcomes(self, units: Iterable[str]) -> Iterator[UnitOutcome]:
        """Tell which files of units count, what they say and what is wrong with it."""
        for some in batches(units):
            yield from self._of(some)

    def _of(self, units: Sequence[str]) -> Iterator[UnitOutcome]:
        opened, config = self._opened, self._session.config
        read = self._session.ledger.files(opened.period, units)
        told = self._told(read)
        adopted = [record for unit in units for record in self._strays.get(unit, ())]
        own = [one for one in zip(read, told, strict=True) if one[1].unit == one[0].unit]
        read = (*(one for one, _ in own), *adopted)
        records = (*(one for _, one in own), *adopted)
        chosen = merge.choose(opened, records, self._let_in, self._voided, self._outdone)
        history = self._history(units)
        previous = history[0][1] if history else Past((), {})
        counting = merge.counting(chosen)
        entries, found = merge.carry_over(counting, previous.entries)
        files = {record.unit: record.file.path for record in counting}
        part = portion(opened, units, entries)
        found = (
            *found,
            *joined_findings(counting, previous),
            *of_units(config, part, entries, [(one, past.entries) for one, past in history], files),
        )
        judged, _ = attributed(chosen, found)
        expected = [unit for unit in units if unit in self._expected]
        standings = {one.unit: one for one in merge.unit_statuses(opened, judged, expected)}
        yield from self._put_together(units, read, judged, entries, standings)

    def _history(self, units: Sequence[str]) -> list[tuple[OpenPeriod, Past]]:
        """Give what some units reported in the periods before, newest first, under their present names."""
        found = []
        for one, names in zip(self._earlier, self._names, strict=True):
            then = [name for unit in units for name in names.get(unit, ())]
            accepted = self._session.ledger.accepted(one.period, then) if then else ()
            found.append((one, renamed(accepted, self._opened)))
        return found

    def _put_together(
        self,
        units: Sequence[str],
        read: Sequence[FileRecord],
        judged: Sequence[FileRecord],
        entries: Iterable[Entry],
        standings: dict[str, UnitStatus],
    ) -> Iterator[UnitOutcome]:
        """Put together what was worked out, by unit."""
        judgements: dict[str, list[Judgement]] = {unit: [] for unit in units}
        for before, after in zip(read, judged, strict=True):
            added = after.findings[len(before.findings) :]
            judgements[after.unit].append(Judgement(after.file, after.unit, after.status, added))
        counting = {record.unit: record for record in merge.counting(judged)}
        counted: dict[str, list[Entry]] = {}
        for entry in entries:
            counted.setdefault(entry.unit, []).append(entry)
        for unit in units:
            own = counting.get(unit)
            said = {one.task: one for one in own.submission.entries} if own and own.submission else {}
            yield UnitOutcome(
                unit=unit,
                judgements=tuple(judgements[unit]),
                counting=own.file if own else None,
                accepted=tuple(self._accepted(one, said.get(one.task)) for one in counted.get(unit, ())),
                standing=standings.get(unit),
            )

    def _accepted(self, entry: Entry, said: Entry | None) -> Accepted:
        filled = None if entry is said else entry
        outline = Outline.of(entry, self._texts)
        return Accepted.of(outline, filled, self._marks.of(entry), self._marks.texts(entry))
