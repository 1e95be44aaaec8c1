"""One file of the inbox → its record: whatever its bytes hold, never an exception."""

from __future__ import annotations

from pathlib import PurePosixPath

import python_calamine

from kepu_xls.intake import grid
from kepu_xls.intake.context import ReadingContext
from kepu_xls.intake.formats import ShowsPercent, percent_look
from kepu_xls.intake.grid import Grid
from kepu_xls.intake.sniff import WORKBOOKS, Kind, named_as_workbook, sniff
from kepu_xls.intake.submission import Reader, RejectedError
from kepu_xls.intake.survey import ForbiddenXmlError, ImpossibleAddressError, Survey, survey_xlsx
from kepu_xls.intake.survey_ods import survey_ods
from kepu_xls.intake.survey_xls import BrokenWorkbookError, LockedWorkbookError, survey_xls
from kepu_xls.intake.text_table import UnreadableTextError, read_text
from kepu_xls.messages import finding
from kepu_xls.model import FileRecord, FileStatus, Finding, InboxFile, Place, Severity

_REFUSED = {
    Kind.ENCRYPTED: "file-encrypted",
    Kind.ARCHIVE: "file-archive",
    Kind.HTML: "file-html",
    Kind.EMPTY: "file-empty",
    Kind.BROKEN: "file-broken",
}
_IGNORED = {Kind.SYSTEM: "file-left-by-program", Kind.PICTURE: "file-picture", Kind.DOCUMENT: "file-document"}
_FAILURES: dict[type[Exception], str] = {
    python_calamine.PasswordError: "file-encrypted",
    LockedWorkbookError: "file-encrypted",
    BrokenWorkbookError: "file-broken",
    ForbiddenXmlError: "file-forbidden-xml",
    ImpossibleAddressError: "file-broken",
    UnreadableTextError: "file-no-workbook",
}


def read_file(file: InboxFile, data: bytes, context: ReadingContext) -> FileRecord:
    """Read one file: its record says accepted, accepted with errors, rejected or ignored, and why.

    ``data`` is the file's content.  Never raises for anything that the bytes may hold; KeyboardInterrupt and
    SystemExit pass through.
    """
    kind = sniff(file.path, data)
    if kind not in WORKBOOKS and not (kind is Kind.TEXT and named_as_workbook(file.path)):
        return _no_workbook(file, kind)
    try:
        survey = _survey(data, kind)
        if survey.too_large:
            return _rejected(file, "file-too-large-inside", sheet=survey.too_large)
        grids = read_text(data) if kind is Kind.TEXT else grid.read(data, survey)
    except Exception as error:  # noqa: BLE001 - libraries fail on broken files in every way there is; it is told
        return _rejected(file, _FAILURES.get(type(error), "file-broken-inside"), detail=type(error).__name__)
    except BaseException as error:
        # a Rust panic in calamine: pyo3's class cannot be imported, and is no Exception
        if type(error).__name__ != "PanicException":
            raise
        return _rejected(file, "file-broken-inside", detail="PanicException")
    return _understand(file, grids, context, percent_look(data, kind, survey))


def _understand(
    file: InboxFile, grids: tuple[Grid, ...], context: ReadingContext, shows_percent: ShowsPercent
) -> FileRecord:
    reader = Reader(file.path, grids, context, shows_percent)
    try:
        submission = reader.read()
    except RejectedError as error:
        return FileRecord(file, FileStatus.REJECTED, None, error.unit, error.period, error.findings)
    except Exception as error:  # noqa: BLE001 - a fault of ours must cost this file alone; the code says whose it is
        return _rejected(file, "file-not-understood", detail=f"{type(error).__name__}: {error}")
    findings = tuple(reader.findings)
    return FileRecord(file, status_of(findings), submission, submission.unit, submission.period, findings)


def status_of(findings: tuple[Finding, ...]) -> FileStatus:
    """Give the status of a file that is taken: with errors where any finding is one."""
    wrong = any(one.severity is Severity.ERROR for one in findings)
    return FileStatus.ACCEPTED_WITH_ERRORS if wrong else FileStatus.ACCEPTED


def _survey(data: bytes, kind: Kind) -> Survey:
    match kind:
        case Kind.XLSX:
            return survey_xlsx(data)
        case Kind.ODS:
            return survey_ods(data)
        case Kind.XLS:
            return survey_xls(data)
        case _:
            return Survey()


def _no_workbook(file: InboxFile, kind: Kind) -> FileRecord:
    """Refuse what was meant as a workbook and is none; ignore, but list, what never was one."""
    if kind in _REFUSED:
        return _rejected(file, _REFUSED[kind])
    if kind in _IGNORED and (kind is Kind.SYSTEM or not named_as_workbook(file.path)):
        return FileRecord(file, FileStatus.IGNORED, findings=(_why(file, _IGNORED[kind]),))
    if named_as_workbook(file.path):
        return _rejected(file, "file-no-workbook")
    return FileRecord(file, FileStatus.IGNORED, findings=(_why(file, "file-other"),))


def _rejected(file: InboxFile, code: str, **details: str) -> FileRecord:
    return FileRecord(file, FileStatus.REJECTED, findings=(_why(file, code, **details),))


def _why(file: InboxFile, code: str, **details: str) -> Finding:
    name = PurePosixPath(file.path).name
    return finding(code, Place(file.path), name=name, **details)
