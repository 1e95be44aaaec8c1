"""``kepu status``: who has reported, who has not, what is wrong; from the ledger alone."""

from __future__ import annotations

from kepu_xls.commands.chase import chase
from kepu_xls.commands.consolidation import calendar_findings, consolidate
from kepu_xls.commands.findings import found
from kepu_xls.commands.merge import unit_lists
from kepu_xls.commands.results import StatusResult, lines
from kepu_xls.commands.session import Session, period_meant


def status(session: Session, period: str | None = None, *, chasing: bool = False) -> StatusResult:
    """Tell where every unit of a period stands; ``chasing``: with texts to those that have to act.

    Raises InputError for a period that is not open.
    """
    opened = period_meant(session, period)
    data = consolidate(session, opened)
    return StatusResult(
        opened.period,
        opened.deadline,
        unit_lists(data.units),
        data.units,
        findings=lines(calendar_findings(opened)),
        chase=chase(session, opened, data.units, found(data)) if chasing else None,
    )
