"""``kepu remind``: whoever has still to report or to mend is reminded, on the days that are configured."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from kepu_xls import messages, periods
from kepu_xls.commands.chase import errors_of, faults, has_to_act, moment
from kepu_xls.commands.consolidation import unit_standings
from kepu_xls.commands.findings import found_in
from kepu_xls.commands.letters import Prepared, Writer
from kepu_xls.commands.mail_results import MailResult
from kepu_xls.commands.mailing import Around, Manner, post
from kepu_xls.commands.results import lines
from kepu_xls.commands.returns import paths_of_copies
from kepu_xls.commands.send import addressed, attachment
from kepu_xls.commands.session import Session, period_meant
from kepu_xls.mail.letter import Attachment, LetterKind
from kepu_xls.mail.wording import Template, Wording, load
from kepu_xls.model import Finding, OpenPeriod, Severity
from kepu_xls.outcome import UnitState, UnitStatus

_KIND = LetterKind.REMIND


def remind(
    session: Session,
    period: str | None,
    units: tuple[str, ...],
    manner: Manner,
    around: Around,
) -> MailResult:
    """Remind the units that have not reported, or whose form has errors; its return copy goes with that.

    On a day that is none of ``[remind]``, and after the cut-off, nobody is; the result says so.  Raises as
    ``send`` does.
    """
    opened = period_meant(session, period)
    chosen, manner = addressed(opened, units, manner)
    silent = _silent(session, opened)
    if silent is not None:
        return _nobody(opened, manner, silent)
    errors = [one for one in found_in(session, opened) if one.severity is Severity.ERROR]
    wrong = {one.unit for one in errors}
    to_act = [one for one in unit_standings(session, opened) if one.unit in chosen and has_to_act(one, wrong)]
    if not to_act:
        return _nobody(opened, manner, messages.finding("remind-nobody", period=opened.period))
    letters = _Reminders(session, opened)
    prepared = tuple(letters.of(one, errors_of(one, errors)) for one in to_act)
    return post(session, opened, _KIND, prepared, manner, around)


def _nobody(opened: OpenPeriod, manner: Manner, why: Finding) -> MailResult:
    return MailResult(opened.period, "", manner.dry_run, (), lines([why]))


def reminding_days(opened: OpenPeriod, days: Iterable[int]) -> tuple[date, ...]:
    """Give the days on which is reminded of a period: working days counted from its deadline."""
    due, last = opened.deadline.date(), opened.cutoff.date()
    return tuple(sorted({day for one in days if (day := periods.add_working_days(due, one)) <= last}))


def _silent(session: Session, opened: OpenPeriod) -> Finding | None:
    """Say why nobody is reminded now; None on a day for it."""
    if session.now > opened.cutoff:
        return messages.finding("remind-closed", period=opened.period, cutoff=moment(opened.cutoff))
    days, today = reminding_days(opened, session.config.remind.days), session.now.date()
    if today in days:
        return None
    due = moment(opened.deadline)
    later = next((day for day in days if day > today), None)
    if later is None:
        return messages.finding("remind-no-more-days", deadline=due)
    return messages.finding("remind-not-today", deadline=due, next=f"{later:%Y-%m-%d}")


class _Reminders:
    """Writes reminders of one period at one time."""

    def __init__(self, session: Session, opened: OpenPeriod) -> None:
        self._session, self._opened = session, opened
        folder = session.workspace.mail_templates
        overdue = session.now > opened.deadline
        self._missing: Template = load(folder, Wording.OVERDUE if overdue else Wording.REMIND)
        self._mend: Template = load(folder, Wording.MEND)
        self._writer = Writer(session, opened)
        self._copies = paths_of_copies(session, opened)
        now, due = session.now.date(), opened.deadline.date()
        self._days = periods.working_days(due, now) if overdue else periods.working_days(now, due)

    def of(self, status: UnitStatus, errors: list[Finding]) -> Prepared:
        """Write to a unit: that its form is missing, or what has to be mended in it."""
        left = status.duties - status.rows
        words = {
            "missing": messages.sentence("chase-unfilled", count=left).rstrip("。") if left > 0 else "",
            "days": str(self._days),
            "errors": str(len(errors) or ""),
            "faults": "\n".join(f"　　{line}" for line in faults(errors)),
        }
        if status.state is UnitState.MISSING or not (status.reported or errors):
            return self._writer.write(status.unit, _KIND, self._missing, (), words)
        copy: Attachment | Finding | None = self._copy(status) if status.reported else None
        if isinstance(copy, Finding):
            return Prepared(status.unit, None, (copy,))
        return self._writer.write(status.unit, _KIND, self._mend, (copy,) if copy else (), words)

    def _copy(self, status: UnitStatus) -> Attachment | Finding:
        path = self._copies[status.unit]
        if not path.is_file():
            return messages.finding(
                "mail-return-missing", unit=status.unit, name=path.name, period=self._opened.period
            )
        return attachment(self._session, self._opened, status.unit, path)
