"""The bytes of a workbook → its sheets, within limits: the part of reading that a child process can do.

Imports little, for the child starts often.
"""

from __future__ import annotations

import msgspec
import python_calamine

from kepu_xls.intake import grid
from kepu_xls.intake.formats import Percents
from kepu_xls.intake.grid import Grid
from kepu_xls.intake.package import ForbiddenXmlError
from kepu_xls.intake.plain_book import read_plain
from kepu_xls.intake.plain_zip import well_formed
from kepu_xls.intake.sniff import Kind
from kepu_xls.intake.survey import (
    HARMLESS_CELLS,
    ImpossibleAddressError,
    Survey,
    survey_xlsx,
)
from kepu_xls.intake.survey_ods import survey_ods
from kepu_xls.intake.survey_xlsb import survey_xlsb
from kepu_xls.intake.text_table import UnreadableTextError, read_text
from kepu_xls.intake.unpacking import BrokenWorkbookError, LockedWorkbookError, Reason, RefusedError
from kepu_xls.limits import Limits
from kepu_xls.model import Record

_FAILURES: dict[type[BaseException], str] = {
    python_calamine.PasswordError: "file-encrypted",
    LockedWorkbookError: "file-encrypted",
    BrokenWorkbookError: "file-broken",
    ForbiddenXmlError: "file-forbidden-xml",
    ImpossibleAddressError: "file-broken",
    KeyError: "file-broken",  # a part is missing
    UnreadableTextError: "file-no-workbook",
    MemoryError: "file-takes-too-much-memory",
}
_HARMLESS_SIZE = 4 << 20
_HARMLESS_UNPACKED_MB = 12


class Loaded(Record, frozen=True):
    """The sheets of a workbook, and which cells show percentages (None: the format does not tell)."""

    grids: tuple[Grid, ...]
    percents: Percents | None


def load(data: bytes, kind: Kind, limits: Limits) -> Loaded | Reason:
    """Read a workbook of a kind, or say why it cannot be: whatever its bytes hold, if it does not kill us."""
    try:
        survey = _survey(data, kind, limits)
        grids = read_text(data) if kind is Kind.TEXT else grid.read(data, survey)
        return Loaded(grids, survey.percents)
    except BaseException as error:  # noqa: BLE001 - a Rust panic is no Exception; what is not the file's is raised
        return _told(error, limits)


def load_if_harmless(data: bytes, kind: Kind, limits: Limits) -> Loaded | Reason | None:
    """Read a workbook if it is proven that it cannot kill its reader; None if not.

    Proven are small texts, and an .xlsx that is small, written the way that every reader understands alike,
    and holds nothing that makes calamine ask for much memory (docs/reliability.md says how that was tried).
    """
    if len(data) > _HARMLESS_SIZE:
        return None
    if kind is Kind.TEXT:
        return load(data, kind, limits)
    return _load_xlsx(data, limits) if kind is Kind.XLSX and well_formed(data) else None


def harm(data: bytes, limits: Limits) -> Reason | None:
    """Say why an .xlsx is not to be given to calamine; None where it may, in a process that can be lost."""
    if not well_formed(data):
        return Reason("file-broken")
    try:
        survey_xlsx(data, limits)
    except BaseException as error:  # noqa: BLE001 - as above
        return _told(error, limits)
    return None


def _load_xlsx(data: bytes, limits: Limits) -> Loaded | Reason | None:
    """Read it without calamine where it is written plainly; with calamine where that can do no harm."""
    try:
        if (plain := read_plain(data)) is not None:
            return Loaded(*plain)
        # past these it is not broken, only not harmless: the limits proper are the child's to apply
        survey = survey_xlsx(data, _tightened(limits))
        return Loaded(grid.read(data, survey), survey.percents) if survey.harmless else None
    except RefusedError:
        return None
    except BaseException as error:  # noqa: BLE001 - as above
        return _told(error, limits)


def _tightened(limits: Limits) -> Limits:
    return msgspec.structs.replace(
        limits,
        unpacked_mb=min(limits.unpacked_mb, _HARMLESS_UNPACKED_MB),
        cells=min(limits.cells, HARMLESS_CELLS),
    )


def _told(error: BaseException, limits: Limits) -> Reason:
    """Say why a workbook could not be read.  Raises again what is not for the file to answer."""
    if isinstance(error, RefusedError):
        return error.reason
    # a Rust panic in calamine: pyo3's class cannot be imported, and is no Exception
    if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
        raise error
    details: dict[str, str | int] = {"detail": type(error).__name__, "limit": limits.memory_mb}
    return Reason(_FAILURES.get(type(error), "file-broken-inside"), details)


def _survey(data: bytes, kind: Kind, limits: Limits) -> Survey:
    match kind:
        case Kind.XLSX:
            return survey_xlsx(data, limits)
        case Kind.XLSB:
            return survey_xlsb(data, limits)
        case Kind.ODS:
            return survey_ods(data, limits)
        case Kind.XLS:
            from kepu_xls.intake.survey_xls import survey_xls  # noqa: PLC0415 - xlrd, for .xls alone

            return survey_xls(data, limits)
        case _:
            return Survey()
