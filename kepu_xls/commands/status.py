"""``kepu status``: who has reported, who has not, what is wrong; from the ledger alone."""

from __future__ import annotations

from kepu_xls import merge
from kepu_xls.commands.consolidation import settle
from kepu_xls.commands.merge import unit_lists
from kepu_xls.commands.results import StatusResult
from kepu_xls.commands.session import Session, period_meant


def status(session: Session, period: str | None = None) -> StatusResult:
    """Tell where every unit of a period stands.  Raises InputError for a period that is not open."""
    opened = period_meant(session, period)
    statuses = merge.unit_statuses(opened, settle(session, opened).records)
    return StatusResult(opened.period, opened.deadline, unit_lists(statuses), statuses)
