"""``kepu report``: the consolidated workbook, from the ledger alone."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path

import msgspec

from kepu_xls import __version__, libreoffice, periods, report, workspace
from kepu_xls.commands.consolidation import consolidate
from kepu_xls.commands.details import LedgerDetail
from kepu_xls.commands.results import ReportResult
from kepu_xls.commands.session import Session, period_meant
from kepu_xls.engine import Team
from kepu_xls.outcome import Consolidated


def write(session: Session, consolidated: Consolidated, team: Team) -> Path:
    """Write a period's consolidated workbook to its place in the outbox, with the team; give its path."""
    opened = consolidated.opened
    path = session.workspace.report(opened.period)
    report.write_report(
        consolidated,
        session.config.report,
        path,
        session.workspace.root,
        detail=LedgerDetail(session, opened, team),
    )
    session.ledger.wrote(opened.period, _made_of(session, consolidated), _digest(path))
    return path


def write_if_new(session: Session, consolidated: Consolidated, team: Team) -> bool:
    """Write a period's consolidated workbook unless it lies there as it was written of the same; tell it."""
    opened = consolidated.opened
    path = session.workspace.report(opened.period)
    there = path.is_file() and workspace.open_elsewhere(path) is None
    if there and session.ledger.made_of(opened.period) == (_made_of(session, consolidated), _digest(path)):
        if opened.period in session.ledger.due():
            session.ledger.wrote(opened.period, *session.ledger.made_of(opened.period))
        return False
    write(session, consolidated, team)
    return True


def _made_of(session: Session, consolidated: Consolidated) -> str:
    """Say what a report is made of: this and earlier periods as they are settled, mail, configuration."""
    end = periods.parse(consolidated.opened.period).last_day
    states = [
        (one.period, one.version, session.ledger.state(one.period))
        for one in session.ledger.periods().values()
        if periods.parse(one.period).last_day <= end
    ]
    logo = session.workspace.root / session.config.report.logo
    seen = logo.read_bytes() if session.config.report.logo and logo.is_file() else b""
    known = repr((__version__, session.config, states, consolidated.findings)).encode()
    digest = hashlib.sha256(known + seen)
    # a file that was refused or set aside is told of, though nothing that counts has changed with it
    for one in (*consolidated.files, *consolidated.units):
        digest.update(msgspec.json.encode(one))
    return digest.hexdigest()


def _digest(path: Path) -> str:
    """Give the digest of a file, which may be large."""
    with workspace.failures_explained(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def rewrite(session: Session, period: str | None = None, *, pdf: bool = False) -> ReportResult:
    """Write a period's consolidated workbook again, and print it to a PDF if wanted.

    Raises InputError for a period that is not open, SurroundingsError where it cannot be written or printed.
    """
    opened = period_meant(session, period)
    with Team() as team:
        path = write(session, consolidate(session, opened), team)
    return ReportResult(opened.period, str(path), str(_printed(path)) if pdf else None)


def _printed(path: Path) -> Path:
    """Print a workbook through LibreOffice to a PDF beside it."""
    target = path.with_suffix(".pdf")
    with tempfile.TemporaryDirectory(prefix="kepu-pdf-") as folder:
        made = libreoffice.convert(path, "pdf", Path(folder))
        with workspace.replacing(target) as temporary:
            shutil.copyfile(made, temporary)
    return target
