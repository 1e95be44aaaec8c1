"""``kepu report``: the consolidated workbook, from the ledger alone."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from kepu_xls import libreoffice, report, workspace
from kepu_xls.commands.consolidation import consolidate
from kepu_xls.commands.results import ReportResult
from kepu_xls.commands.session import Session, period_meant
from kepu_xls.outcome import Consolidated


def write(session: Session, consolidated: Consolidated) -> Path:
    """Write a period's consolidated workbook to its place in the outbox and give its path."""
    path = session.workspace.report(consolidated.opened.period)
    report.write_report(consolidated, session.config.report, path, session.workspace.root)
    return path


def rewrite(session: Session, period: str | None = None, *, pdf: bool = False) -> ReportResult:
    """Write a period's consolidated workbook again, and print it to a PDF if wanted.

    Raises InputError for a period that is not open, SurroundingsError where it cannot be written or printed.
    """
    opened = period_meant(session, period)
    path = write(session, consolidate(session, opened))
    return ReportResult(opened.period, str(path), str(_printed(path)) if pdf else None)


def _printed(path: Path) -> Path:
    """Print a workbook through LibreOffice to a PDF beside it."""
    target = path.with_suffix(".pdf")
    with tempfile.TemporaryDirectory(prefix="kepu-pdf-") as folder:
        made = libreoffice.convert(path, "pdf", Path(folder))
        with workspace.replacing(target) as temporary:
            shutil.copyfile(made, temporary)
    return target
