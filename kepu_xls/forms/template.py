"""The form template: a workbook that the clerk may restyle; read once, checked, kept to make forms from."""

from __future__ import annotations

import warnings
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from kepu_xls import identity
from kepu_xls.errors import InputError
from kepu_xls.forms.layout import Layout, Reader, check_words
from kepu_xls.model import Field, Place, Record

_OURS = (
    identity.INDICATOR_SHEET,
    identity.GUIDE_SHEET,
    identity.RETURN_SHEET,
    identity.IDENTITY_SHEET,
)


class Template(Record, frozen=True):
    """A template that was found good: its bytes, and where things stand in it."""

    data: bytes
    layout: Layout

    def open(self) -> Workbook:
        """Open a fresh copy to write a form into."""
        return load_workbook(BytesIO(self.data), rich_text=True)


def load_template(path: Path, fields: tuple[Field, ...], form_fields: tuple[Field, ...]) -> Template:
    """Read the template and check that forms with these fields can be made from it.

    Raises InputError, with the cell and the remedy, where it is missing, cannot be read or lacks what forms
    need.
    """
    file = f"{path.parent.name}/{path.name}"
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError("template-missing", path=path) from error
    except OSError as error:
        raise InputError("file-unreadable", path=path, detail=error.strerror or error) from error
    book = _open(data, file)
    reader = Reader(_form_sheet(book, file), file, fields, form_fields)
    layout = reader.read()
    for sheet in book.worksheets:
        if sheet.title in _OURS:
            raise InputError("template-reserved-sheet", Place(file, sheet.title), sheet=sheet.title)
        if sheet.title != identity.FORM_SHEET:
            check_words(sheet, file, reader.alone)
    return Template(data, layout)


def _open(data: bytes, file: str) -> Workbook:
    """Open the workbook; what openpyxl would leave out of a copy is refused here, not lost later."""
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            book = load_workbook(BytesIO(data), rich_text=True)
    except (BadZipFile, KeyError, ValueError, TypeError, AttributeError, OSError, SyntaxError) as error:
        raise InputError("template-unreadable", Place(file), detail=error) from error
    lost = [str(one.message) for one in caught if "image" in str(one.message) or "rawing" in str(one.message)]
    if lost:
        raise InputError("template-picture", Place(file), detail=lost[0])
    return book


def _form_sheet(book: Workbook, file: str) -> Worksheet:
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    if identity.FORM_SHEET not in sheets:
        found = "、".join(sheets) or "没有工作表"
        raise InputError("template-no-sheet", Place(file), sheet=identity.FORM_SHEET, found=found)
    return sheets[identity.FORM_SHEET]
