"""What the files of every period come to, worked out unit by unit, and only where something changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from kepu_xls import __version__, checks, merge, periods
from kepu_xls.commands import wholes
from kepu_xls.commands.checking import attributed, of_units
from kepu_xls.commands.past import Past, joined_findings, names_then, renamed
from kepu_xls.commands.portions import batches, portion
from kepu_xls.commands.senders import with_senders
from kepu_xls.commands.session import Session, periods_before
from kepu_xls.ledger import Judgement, UnitOutcome
from kepu_xls.model import Entry, FileRecord, OpenPeriod
from kepu_xls.outcome import UnitStatus


def settle(session: Session, opened: OpenPeriod | None = None) -> None:
    """Bring what is kept of every period up to date, the earliest first: the next may take over from it.

    ``opened``: only this one and those before it.  Where the ledger is only read, what is worked out lasts as
    long as it is open.
    """
    until = periods.parse(opened.period).first_day if opened else None
    by_time = sorted(
        ((periods.parse(one.period).first_day, one) for one in session.ledger.periods().values()),
        key=lambda pair: pair[0],
    )
    for day, one in by_time:
        if until is None or day <= until:
            _settle_period(session, one)


def _settle_period(session: Session, opened: OpenPeriod) -> None:
    ledger, period = session.ledger, opened.period
    earlier = periods_before(session, opened)[: max(1, session.config.checks.silent_periods)]
    basis, state, stale = _basis(session, opened, earlier), ledger.state(period), ledger.stale(period)
    if state is not None and state.basis == basis and state.whole and not stale:
        return
    ledger.set_aside()
    if state is None or state.basis != basis:
        ledger.begin(period, basis, opened.expected)
        stale = ledger.stale(period)
    desk = _Desk(session, opened, earlier)
    if "" in stale:  # whose these are may be known, or no longer, by who sent them
        stale = tuple(dict.fromkeys((*stale, *ledger.adopted(period), *desk.strays)))
    for units in batches(stale):
        ledger.settle(period, desk.outcomes(units))
    state = ledger.state(period)
    if state is not None and not state.whole:
        wholes.hold_together(session, opened, earlier)


def _basis(session: Session, opened: OpenPeriod, earlier: Iterable[OpenPeriod]) -> str:
    """Say what a period is worked out with, besides its files and exceptions."""
    states = ((one.period, one.version, session.ledger.state(one.period)) for one in earlier)
    stamps = [(name, version, state.stamp if state else 0) for name, version, state in states]
    config = session.config
    addresses = session.ledger.addresses()
    asked = (wholes.MANY, opened.period, opened.version, config.checks, config.rules)
    known = (__version__, asked, addresses, stamps)
    return hashlib.sha256(repr(known).encode()).hexdigest()


class _Desk:
    """Where units of one period are worked out."""

    def __init__(self, session: Session, opened: OpenPeriod, earlier: Sequence[OpenPeriod]) -> None:
        self._session, self._opened, self._earlier = session, opened, earlier
        self._let_in = session.ledger.let_in(opened.period)
        self._voided = session.ledger.voided(opened.period)
        self._names = [names_then(one, opened) for one in earlier]
        self._expected = frozenset(opened.expected)
        self._marks = checks.TextMarks(opened, session.config.checks)
        self.strays: dict[str, list[FileRecord]] = {}
        nobodys = with_senders(session, opened, session.ledger.files(opened.period, ("",)))
        for record in nobodys:
            if record.unit:
                self.strays.setdefault(record.unit, []).append(record)

    def outcomes(self, units: Sequence[str]) -> Iterator[UnitOutcome]:
        """Tell which files of some units count, what they say and what is wrong with it."""
        opened, config = self._opened, self._session.config
        read = self._session.ledger.files(opened.period, units)
        told = with_senders(self._session, opened, read)
        adopted = [record for unit in units for record in self.strays.get(unit, ())]
        own = [one for one in zip(read, told, strict=True) if one[1].unit == one[0].unit]
        read = (*(one for one, _ in own), *adopted)
        chosen = merge.choose(opened, (*(one for _, one in own), *adopted), self._let_in, self._voided)
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
        yield from _outcomes(units, read, judged, entries, standings, self._marks)

    def _history(self, units: Sequence[str]) -> list[tuple[OpenPeriod, Past]]:
        """Give what some units reported in the periods before, newest first, under their present names."""
        found = []
        for one, names in zip(self._earlier, self._names, strict=True):
            then = [name for unit in units for name in names.get(unit, ())]
            accepted = self._session.ledger.accepted(one.period, then) if then else ()
            found.append((one, renamed(accepted, self._opened)))
        return found


def _outcomes(
    units: Sequence[str],
    read: Sequence[FileRecord],
    judged: Sequence[FileRecord],
    entries: Iterable[Entry],
    standings: dict[str, UnitStatus],
    marks: checks.TextMarks,
) -> Iterator[UnitOutcome]:
    """Put together what was worked out, by unit."""
    judgements: dict[str, list[Judgement]] = {unit: [] for unit in units}
    counting: dict[str, FileRecord] = {}
    for before, after in zip(read, judged, strict=True):
        added = after.findings[len(before.findings) :]
        judgements[after.unit].append(Judgement(after.file, after.unit, after.status, added))
    for record in merge.counting(judged):
        counting[record.unit] = record
    counted: dict[str, list[Entry]] = {}
    for entry in entries:
        counted.setdefault(entry.unit, []).append(entry)
    for unit in units:
        own = counting.get(unit)
        said = {one.task: one for one in own.submission.entries} if own and own.submission else {}
        mine = tuple(counted.get(unit, ()))
        yield UnitOutcome(
            unit=unit,
            judgements=tuple(judgements[unit]),
            counting=own.file if own else None,
            entries=mine,
            filled=frozenset(one.task for one in mine if one is not said.get(one.task)),
            standing=standings.get(unit),
            marks={one.task: marks.of(one) for one in mine},
        )
