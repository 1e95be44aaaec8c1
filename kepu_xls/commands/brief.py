"""``kepu brief``: the brief of a period as a Word document, from the ledger alone."""

from __future__ import annotations

from kepu_xls.commands.consolidation import consolidate
from kepu_xls.commands.results import BriefResult
from kepu_xls.commands.session import Session, period_meant
from kepu_xls.report.brief import write_brief


def brief(session: Session, period: str | None = None) -> BriefResult:
    """Write a period's brief to its place in the outbox.

    Raises InputError for a period that is not open, SurroundingsError where it cannot be written.
    """
    opened, settings = period_meant(session, period), session.config
    path = session.workspace.brief(opened.period)
    data = consolidate(session, opened)
    write_brief(data, settings.report, settings.brief, settings.forms.organiser, path)
    return BriefResult(opened.period, str(path))
