"""What a clerk pastes into WeChat: to the group, and to each unit that has to act; and whom to ring up."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from kepu_xls import messages, periods, plan
from kepu_xls.commands.results import Chase, ChaseText, Contact
from kepu_xls.commands.session import Session
from kepu_xls.identity import FORM_SHEET
from kepu_xls.model import Finding, OpenPeriod, Plan, Severity, Unit
from kepu_xls.outcome import UnitState, UnitStatus
from kepu_xls.succession import heirs, settled

_TO_ACT = (UnitState.MISSING, UnitState.RETURNED)
_SHOWN = 5
"""So many faults are written out to a unit; the rest are counted."""


def chase(
    session: Session, opened: OpenPeriod, statuses: Iterable[UnitStatus], found: Iterable[Finding]
) -> Chase:
    """Write the texts for a period, and list whom to reach.

    ``found`` is all that was found in it.  Raises InputError where there is a master that cannot be read.
    """
    errors = [one for one in found if one.severity is Severity.ERROR]
    wrong = {one.unit for one in errors}
    to_act = [one for one in statuses if has_to_act(one, wrong)]
    words = _Words(session, opened)
    known = contacts(session, opened)
    return Chase(
        group=words.to_group([one.unit for one in to_act if one.state is UnitState.MISSING]),
        units=tuple(ChaseText(one.unit, words.to_unit(one, errors_of(one, errors))) for one in to_act),
        contacts=tuple(contact(one.unit, known) for one in to_act),
    )


def has_to_act(status: UnitStatus, wrong: Collection[str]) -> bool:
    """Tell whether a unit has still to report or to mend; ``wrong``: units of which an error was found."""
    return status.state in _TO_ACT or status.unit in wrong


def errors_of(status: UnitStatus, errors: Iterable[Finding]) -> list[Finding]:
    """Give the errors that are a unit's: those that say so, and those of its file that was refused."""
    return [
        one
        for one in errors
        if one.unit == status.unit or (not one.unit and status.file and one.place.file == status.file)
    ]


class _Words:
    """Says things of one period at one time."""

    def __init__(self, session: Session, opened: OpenPeriod) -> None:
        self._period = periods.parse(opened.period).label
        when = {
            "deadline": moment(opened.deadline),
            "cutoff": moment(opened.cutoff),
            "organiser": session.config.forms.organiser,
        }
        due, again = "chase-due", "chase-unit-again"
        if session.now > opened.cutoff:
            due, again = "chase-closed", "chase-unit-closed"
        elif session.now > opened.deadline:
            due = "chase-overdue"
        self._due, self._again = messages.sentence(due, **when), messages.sentence(again, **when)

    def to_group(self, missing: list[str]) -> str:
        if not missing:
            return messages.sentence("chase-group-complete", period=self._period)
        who = messages.sentence(
            "chase-group", period=self._period, count=len(missing), units="、".join(missing)
        )
        return f"{who}\n{self._due}"

    def to_unit(self, status: UnitStatus, errors: list[Finding]) -> str:
        if status.state is UnitState.MISSING or not (status.reported or errors):
            return messages.sentence("chase-unit-missing", unit=status.unit, period=self._period) + self._due
        code = "chase-unit-errors" if status.reported else "chase-unit-refused"
        name = status.file.rpartition("/")[2]
        head = messages.sentence(code, unit=status.unit, period=self._period, file=name, count=len(errors))
        return "\n".join((head, *faults(errors), self._again))


def faults(errors: list[Finding]) -> list[str]:
    """List the faults by number, the same in several cells once; each says what to do."""
    cells: dict[tuple[str, str], list[str]] = {}
    for one in errors:
        sheet = "" if one.place.sheet in ("", FORM_SHEET) else f"{one.place.sheet} "
        cells.setdefault((one.message, one.remedy), []).append(sheet + one.place.cell)
    told = [
        f"{number}. {'、'.join(filter(None, where))}{'：' if any(where) else ''}{what}。{todo}。"
        for number, ((what, todo), where) in enumerate(cells.items(), start=1)
    ]
    more = len(errors) - sum(len(where) for where in list(cells.values())[:_SHOWN])
    return [*told[:_SHOWN], *([f"……另有 {more} 处。"] if more else [])]


_WEEKDAYS = "一二三四五六日"


def moment(when: datetime) -> str:
    """Say a moment as letters do: ``3月22日（星期五）17:00``."""
    return f"{when.month}月{when.day}日（星期{_WEEKDAYS[when.weekday()]}）{when:%H:%M}"


def contacts(session: Session, opened: OpenPeriod) -> Plan:
    """Give the plan with the contacts of today: the master's, else those frozen with the period."""
    if not session.workspace.master.is_file():
        return opened.plan
    master = plan.read_master(session.workspace.master, session.config.plan.title).plan
    return settled(master, session.now.date())[0]


def contact(name: str, known: Plan) -> Contact:
    """Give whom to reach; of a unit that was divided since, nobody is known for sure."""
    meant = heirs(name, known)
    unit = known.unit(meant[0]) if len(meant) == 1 else None
    unit = unit or Unit(name)
    return Contact(name, unit.contact, unit.phone, unit.emails)
