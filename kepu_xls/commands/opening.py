"""Opening a period: what is asked of whom in it is frozen, and what has changed since is told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time

import msgspec

from kepu_xls import messages, periods, plan, succession
from kepu_xls.commands.session import Session
from kepu_xls.errors import InputError
from kepu_xls.model import Finding, OpenPeriod, Plan, Record, Severity
from kepu_xls.periods import Period

_GRACE_DAYS = 5
"""A period opened after its own deadline is due this many working days later."""

_MINUTE = "%Y-%m-%d %H:%M"

_STOPS = frozenset(
    (
        "master-number-malformed",
        "master-number-twice",
        "master-text-missing",
        "master-unit-unknown",
        "master-unit-nameless",
        "master-unit-twice",
        "master-alias-shared",
    )
)
"""Faults of a master by which somebody would not be asked, or two could not be told apart."""


class Opening(Record, frozen=True):
    """A period to issue forms of.

    ``before``: as it was open until now; ``fresh``: has still to be kept in the ledger; ``findings``: what
    the clerk should know of the master.
    """

    opened: OpenPeriod
    before: OpenPeriod | None
    fresh: bool
    findings: tuple[Finding, ...]

    @property
    def again(self) -> bool:
        """Tell whether the same forms are issued again."""
        return self.before is not None and not self.fresh


def opening(session: Session, named: str | None, *, reissue: bool) -> Opening:
    """Give the period as it is open, as it would be opened, or with ``reissue`` as it would be anew.

    Keeps nothing yet.  Raises InputError for a master with faults, or changed since without ``reissue``.
    """
    wanted = _wanted(session, named)
    planned, findings = _planned(session, wanted)
    before = session.ledger.periods().get(str(wanted))
    if before is None:
        opened, extended = _opened(session, wanted, planned)
        return Opening(opened, None, fresh=True, findings=(*findings, *extended))
    changes = _changes(session, before, planned)
    if not changes:
        return Opening(before, before, fresh=False, findings=findings)
    if not reissue:
        raise InputError("period-changed", period=before.period, changes="；".join(changes))
    anew = msgspec.structs.replace(
        before,
        version=before.version + 1,
        opened=session.now,
        plan=planned,
        fields=session.config.fields,
        form_fields=session.config.form_fields,
    )
    return Opening(anew, before, fresh=True, findings=findings)


def _wanted(session: Session, named: str | None) -> Period:
    if named is not None:
        return periods.parse(named)
    opened = list(session.ledger.periods())
    if opened:
        return periods.parse(opened[-1])
    return periods.period_of(session.config.period.kind, session.now.date())


def _planned(session: Session, wanted: Period) -> tuple[Plan, tuple[Finding, ...]]:
    """Read the master as it holds in a period; what is wrong with it stops, or is told."""
    path = session.workspace.master
    if not path.is_file():
        raise InputError("master-missing", path=session.workspace.shown(path))
    master = plan.read_master(path, session.config.plan.title)
    if not master.plan.tasks:
        raise InputError("master-empty", path=session.workspace.shown(path))
    found = [one for one in plan.check(master, wanted.last_day) if one.severity is not Severity.INFO]
    stops = [one for one in found if one.code in _STOPS]
    if stops:
        first = stops[0]
        raise InputError("master-faulty", first.place, count=len(stops), what=first.message)
    planned, changed_units = succession.settled(master.plan, wanted.last_day)
    told = {one.unit for one in changed_units}
    left = (one for one in found if not _told_better(one, told, planned))
    return planned, (*left, *changed_units)


def _told_better(one: Finding, told: Collection[str], planned: Plan) -> bool:
    """Tell whether a fault of the master is told otherwise: units that changed are told once, not by task."""
    if one.code == "master-unit-retired":
        return one.unit in told
    return one.code == "master-unit-idle" and bool(planned.duties_of(one.unit))


def _opened(session: Session, wanted: Period, planned: Plan) -> tuple[OpenPeriod, tuple[Finding, ...]]:
    """Open a period; one whose own deadline has passed is due later, which is told."""
    settings = session.config.period
    due = periods.deadline(wanted, settings.deadline_days, settings.deadline_time)
    extended: tuple[Finding, ...] = ()
    if due <= session.now:
        passed, due = due, _extended(session.now, settings.deadline_time)
        extended = (
            messages.finding("deadline-extended", passed=f"{passed:{_MINUTE}}", due=f"{due:{_MINUTE}}"),
        )
    opened = OpenPeriod(
        period=str(wanted),
        version=1,
        opened=session.now,
        deadline=due,
        cutoff=periods.cutoff(due, settings.cutoff_days),
        plan=planned,
        fields=session.config.fields,
        form_fields=session.config.form_fields,
    )
    return opened, extended


def _extended(now: datetime, hour: time) -> datetime:
    """Give a deadline for forms that go out after the period's own: one that has passed helps nobody."""
    return datetime.combine(periods.add_working_days(now.date(), _GRACE_DAYS), hour)


_SHOWN_CHANGES = 5


def _changes(session: Session, before: OpenPeriod, planned: Plan) -> tuple[str, ...]:
    """Say what changed since the period was opened, contacts and mail addresses apart."""
    changed = [
        f"{one.subject}{one.name} {one.field}".strip()
        for one in plan.compare(_without_contacts(before.plan), _without_contacts(planned))
    ]
    asked = {field.key: field for field in (*before.fields, *before.form_fields)}
    asks = {field.key: field for field in (*session.config.fields, *session.config.form_fields)}
    changed += [
        f"栏目{(asks.get(key) or asked[key]).label}"
        for key in dict.fromkeys((*asked, *asks))
        if asked.get(key) != asks.get(key)
    ]
    if not changed and (list(asked) != list(asks)):
        changed.append("栏目次序")
    more = len(changed) - _SHOWN_CHANGES
    return (*changed[:_SHOWN_CHANGES], *((f"等共 {len(changed)} 处",) if more > 0 else ()))


def _without_contacts(one: Plan) -> Plan:
    units = tuple(msgspec.structs.replace(unit, contact="", phone="", emails=()) for unit in one.units)
    return msgspec.structs.replace(one, units=units)
