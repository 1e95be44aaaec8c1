"""A workspace at work: its configuration and ledger, opened together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime

from kepu_xls import config, periods
from kepu_xls.errors import InputError
from kepu_xls.ledger import Ledger
from kepu_xls.model import OpenPeriod, Plan, Record
from kepu_xls.succession import heirs
from kepu_xls.workspace import Workspace, sweep


class Session(Record, frozen=True):
    """What a command works with.  ``now`` is the one reading of the clock, in local time without a zone."""

    workspace: Workspace
    config: config.Config
    ledger: Ledger
    now: datetime


@contextmanager
def opened(workspace: Workspace, now: datetime, *, writing: bool) -> Iterator[Session]:
    """Open a workspace; ``writing`` takes its lock.  Raises as config, lock and ledger do."""
    settings = config.load(workspace.config)
    with _lock(workspace, writing=writing), Ledger(workspace.ledger, writing=writing) as ledger:
        if writing:
            sweep(workspace)
        yield Session(workspace, settings, ledger, now)


def _lock(workspace: Workspace, *, writing: bool) -> AbstractContextManager[None]:
    if not writing:
        return nullcontext()
    from kepu_xls import lock  # noqa: PLC0415 - commands that only look need none, nor the network's names

    return lock.held(workspace.lock)


def period_meant(session: Session, named: str | None) -> OpenPeriod:
    """Give the period named, else the one opened last.  Raises InputError where it is not open."""
    opened_periods = session.ledger.periods()
    if named is not None:
        name = str(periods.parse(named))
        if name not in opened_periods:
            raise InputError("period-not-open", period=name)
        return opened_periods[name]
    if not opened_periods:
        raise InputError("no-period-open")
    return list(opened_periods.values())[-1]


def periods_before(session: Session, opened_period: OpenPeriod) -> tuple[OpenPeriod, ...]:
    """Give the opened periods that end before this one begins, newest first."""
    start = periods.parse(opened_period.period).first_day
    ended = [(periods.parse(one.period).last_day, one) for one in session.ledger.periods().values()]
    earlier = [pair for pair in ended if pair[0] < start]
    return tuple(one for _, one in sorted(earlier, key=lambda pair: pair[0], reverse=True))


def period_before(session: Session, opened_period: OpenPeriod) -> OpenPeriod | None:
    """Give the latest opened period that ends before this one begins."""
    return next(iter(periods_before(session, opened_period)), None)


def unit_names(plan: Plan, named: tuple[str, ...]) -> tuple[str, ...]:
    """Give the plan's names of units named by name, alias or former name.

    Raises InputError for an unknown one, and for one that was divided.
    """
    return tuple(_unit_name(plan, name) for name in named)


def _unit_name(plan: Plan, name: str) -> str:
    meant = heirs(name, plan)
    if len(meant) > 1:
        raise InputError("unit-divided-named", name=name, names="、".join(meant))
    if meant:
        return meant[0]
    from rapidfuzz import process  # noqa: PLC0415 - only where a name is misspelt

    near = process.extractOne(name, [one.name for one in plan.units], score_cutoff=50)
    raise InputError("unit-unknown", name=name, suggestion=f"，是不是“{near[0]}”？" if near else "")
