"""One file of the inbox → its record: whatever its bytes hold, never an exception."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from kepu_xls.intake.context import ReadingContext
from kepu_xls.intake.formats import ShowsPercent, percent_look
from kepu_xls.intake.grid import Grid
from kepu_xls.intake.loading import load_if_harmless
from kepu_xls.intake.sniff import WORKBOOKS, Kind, named_as_workbook, sniff
from kepu_xls.intake.submission import Reader, RejectedError
from kepu_xls.intake.unpacking import Reason
from kepu_xls.messages import finding
from kepu_xls.model import FileRecord, FileStatus, Finding, InboxFile, Place, status_of

_REFUSED = {
    Kind.ENCRYPTED: "file-encrypted",
    Kind.ARCHIVE: "file-archive",
    Kind.HTML: "file-html",
    Kind.EMPTY: "file-empty",
    Kind.BROKEN: "file-broken",
}
_IGNORED = {Kind.SYSTEM: "file-left-by-program", Kind.PICTURE: "file-picture", Kind.DOCUMENT: "file-document"}


def read_file(file: InboxFile, data: bytes, context: ReadingContext, filed: str = "") -> FileRecord:
    """Read one file: its record says accepted, accepted with errors, rejected or ignored, and why.

    ``data`` is the file's content; ``filed``: the period that it was filed in when it was read before, where
    it stays unless it says another itself.  Never raises for anything that the bytes may hold;
    KeyboardInterrupt and SystemExit pass through.
    """
    kind = sniff(file.path, data)
    if kind not in WORKBOOKS and not (kind is Kind.TEXT and named_as_workbook(file.path)):
        return _no_workbook(file, kind)
    loaded = load_if_harmless(data, kind, context.limits) or context.child.load(data, kind, context.limits)
    if isinstance(loaded, Reason):
        return _rejected(file, loaded.code, **loaded.details)
    return _understand(file, loaded.grids, context, percent_look(loaded.percents), filed)


def _understand(
    file: InboxFile,
    grids: tuple[Grid, ...],
    context: ReadingContext,
    shows_percent: ShowsPercent,
    filed: str = "",
) -> FileRecord:
    reader = Reader(file, grids, context, shows_percent, filed)
    try:
        submission = reader.read()
    except RejectedError as error:
        return FileRecord(file, FileStatus.REJECTED, None, error.unit, error.period, error.findings)
    except Exception as error:  # noqa: BLE001 - a fault of ours must cost this file alone; the code says whose it is
        return _rejected(file, "file-not-understood", detail=f"{type(error).__name__}: {error}")
    findings = tuple(reader.findings)
    return FileRecord(file, status_of(findings), submission, submission.unit, submission.period, findings)


def _no_workbook(file: InboxFile, kind: Kind) -> FileRecord:
    """Refuse what was meant as a workbook and is none; ignore, but list, what never was one."""
    if kind in _REFUSED:
        return _rejected(file, _REFUSED[kind])
    if kind in _IGNORED and (kind is Kind.SYSTEM or not named_as_workbook(file.path)):
        return FileRecord(file, FileStatus.IGNORED, findings=(_why(file, _IGNORED[kind]),))
    if named_as_workbook(file.path):
        return _rejected(file, "file-no-workbook")
    return FileRecord(file, FileStatus.IGNORED, findings=(_why(file, "file-other"),))


def _rejected(file: InboxFile, code: str, **details: str | int) -> FileRecord:
    return FileRecord(file, FileStatus.REJECTED, findings=(_why(file, code, **details),))


def _why(file: InboxFile, code: str, **details: str | int) -> Finding:
    filled: dict[str, Any] = {"name": PurePosixPath(file.path).name, **details}
    return finding(code, Place(file.path), **filled)
