"""What the files of every period come to, worked out unit by unit, and only where something changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from kepu_xls import __version__, periods
from kepu_xls.commands import wholes
from kepu_xls.commands.portions import batches
from kepu_xls.commands.senders import told_by_mail
from kepu_xls.commands.session import Session, periods_before
from kepu_xls.commands.units import Desk, Settling, strays
from kepu_xls.engine import Team
from kepu_xls.ledger import UnitOutcome
from kepu_xls.model import OpenPeriod

_WORTH_PROCESSES = 200
"""Below this many units, others are not asked to help (docs/performance.md)."""
_PORTION = 20
"""So many units are worked out at a time by one who helps."""
_NOBODY = Team("serial")


def settle(session: Session, opened: OpenPeriod | None = None, team: Team = _NOBODY) -> None:
    """Bring what is kept of every period up to date, the earliest first: the next may take over from it.

    ``opened``: only this one and those before it; ``team``: who may help.  Where the ledger is only read,
    what is worked out lasts as long as it is open.
    """
    until = periods.parse(opened.period).first_day if opened else None
    by_time = sorted(
        ((periods.parse(one.period).first_day, one) for one in session.ledger.periods().values()),
        key=lambda pair: pair[0],
    )
    for day, one in by_time:
        if until is None or day <= until:
            _settle_period(session, one, team)


def _settle_period(session: Session, opened: OpenPeriod, team: Team) -> None:
    ledger, period = session.ledger, opened.period
    earlier = periods_before(session, opened)[: max(1, session.config.checks.silent_periods)]
    basis, state, stale = _basis(session, opened, earlier), ledger.state(period), ledger.stale(period)
    if state is not None and state.basis == basis and state.whole and not stale:
        return
    ledger.set_aside()
    if state is None or state.basis != basis:
        ledger.begin(period, basis, opened.expected)
        stale = ledger.stale(period)
    if "" in stale:  # whose these are may be known, or no longer, by who sent them
        stale = tuple(
            dict.fromkeys(
                (*stale, *ledger.adopted(period), *strays(session, opened, told_by_mail(session, opened)))
            )
        )
    outcomes = _outcomes(session, opened, earlier, stale, team)
    for some in batches(outcomes):  # worked out before the ledger is locked: who works them out reads it
        ledger.settle(period, some)
    state = ledger.state(period)
    if state is not None and not state.whole:
        wholes.hold_together(session, opened, earlier)


def _outcomes(
    session: Session,
    opened: OpenPeriod,
    earlier: Sequence[OpenPeriod],
    units: Sequence[str],
    team: Team,
) -> Iterator[UnitOutcome]:
    """Work out what units' files come to, here or by the team."""
    chosen = team.choose_here(len(units), _WORTH_PROCESSES)
    if chosen.name == "serial":  # also where what is worked out is put aside: nobody else sees it
        yield from Desk(session, opened, earlier).outcomes(units)
        return
    job = Settling(session.workspace, session.config, session.now, opened, tuple(earlier))
    portions = [units[start : start + _PORTION] for start in range(0, len(units), _PORTION)]
    for some in team.map(job, portions, chosen):
        yield from some


def _basis(session: Session, opened: OpenPeriod, earlier: Iterable[OpenPeriod]) -> str:
    """Say what a period is worked out with, besides its files and exceptions."""
    states = ((one.period, one.version, session.ledger.state(one.period)) for one in earlier)
    stamps = [(name, version, state.stamp if state else 0) for name, version, state in states]
    config = session.config
    addresses = session.ledger.addresses()
    asked = (wholes.MANY, opened.period, opened.version, config.checks, config.rules)
    known = (__version__, asked, addresses, stamps)
    return hashlib.sha256(repr(known).encode()).hexdigest()
