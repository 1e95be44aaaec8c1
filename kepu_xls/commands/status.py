"""``kepu status``: who has reported, who has not, what is wrong; from the ledger alone."""

from __future__ import annotations

from kepu_xls.commands.consolidation import calendar_findings, unit_standings
from kepu_xls.commands.doubtful import still_doubtful
from kepu_xls.commands.findings import found_in
from kepu_xls.commands.results import StatusResult, lines, unit_lists
from kepu_xls.commands.senders import by_mail
from kepu_xls.commands.session import Session, period_meant
from kepu_xls.commands.settling import settle


def status(session: Session, period: str | None = None, *, chasing: bool = False) -> StatusResult:
    """Tell where every unit of a period stands; ``chasing``: with texts to those that have to act.

    Raises InputError for a period that is not open.
    """
    opened = period_meant(session, period)
    settle(session, opened)
    units = unit_standings(session, opened)
    calendar = calendar_findings(opened)
    told = lines((*calendar, *still_doubtful(session, opened), *by_mail(session, opened)))
    chase = None
    if chasing:
        from kepu_xls.commands import chase as texts  # noqa: PLC0415 - reads the master, by openpyxl

        everything = found_in(session, opened)
        chase = texts.chase(session, opened, units, everything)
    return StatusResult(opened.period, opened.deadline, unit_lists(units), units, told, chase)
