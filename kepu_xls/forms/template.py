"""The form template: a workbook that the clerk may restyle; read once, checked, kept to make forms from."""

from __future__ import annotations

import pickle
import re
import warnings
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import cast
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.dimensions import ColumnDimension, RowDimension
from openpyxl.worksheet.worksheet import Worksheet

from kepu_xls import identity
from kepu_xls.errors import InputError
from kepu_xls.forms.fitting import fit_columns, fit_inputs
from kepu_xls.forms.layout import Layout, Reader, check_words
from kepu_xls.forms.losses import losses
from kepu_xls.forms.misfits import Misfit
from kepu_xls.forms.table import prepare
from kepu_xls.forms.template_file import read_template
from kepu_xls.messages import finding
from kepu_xls.model import Field, Finding, Place, Record

_OURS = (
    identity.INDICATOR_SHEET,
    identity.GUIDE_SHEET,
    identity.RETURN_SHEET,
    identity.IDENTITY_SHEET,
)


_UNREAD = re.compile("image|rawing|chart")
"""Words in the warnings of openpyxl that tell of a picture, drawing or chart that it could not read."""


class Template(Record, frozen=True):
    """A template that was found good: its bytes, and where things stand in it.

    ``data`` is the clerk's file; ``prepared`` what forms are made from: the same as openpyxl holds it,
    pickled, without columns and inputs that the configuration no longer asks for, with those that only it
    has, and its table prepared.  ``findings``: what was left out.
    """

    data: bytes
    prepared: bytes
    layout: Layout
    findings: tuple[Finding, ...]

    def open(self) -> Workbook:
        """Open a fresh copy to write a form into: in a twentieth of the time that reading the file takes."""
        book = cast(Workbook, pickle.loads(self.prepared))  # noqa: S301 - this process has pickled it
        for sheet in book.worksheets:  # a pickle of openpyxl's has forgotten how to make what is not there
            sheet.row_dimensions.default_factory = partial(RowDimension, sheet)
            sheet.column_dimensions.default_factory = partial(ColumnDimension, sheet)
        return book


def load_template(path: Path, fields: tuple[Field, ...], form_fields: tuple[Field, ...]) -> Template:
    """Read the template and check that forms with these fields can be made from it.

    Raises InputError, with the cell and the remedy, where it is missing, cannot be read or lacks what forms
    need.
    """
    return template_of(read_template(path), path, fields, form_fields)


def template_of(
    data: bytes, path: Path, fields: tuple[Field, ...], form_fields: tuple[Field, ...]
) -> Template:
    """Do the same with a template's bytes that were read from that path."""
    file = f"{path.parent.name}/{path.name}"
    book = _open(data, file)
    sheet = _form_sheet(book, file)
    reader = Reader(sheet, file, fields, form_fields)
    layout = reader.read()
    _check_other_sheets(book, file, reader.alone)
    if reader.misfit.any:
        fit_inputs(sheet, layout, reader.misfit)
        fit_columns(sheet, Reader(sheet, file, fields, form_fields).read(), reader.misfit)
        layout = Reader(sheet, file, fields, form_fields).read()
        book = _read_anew(book)
    prepare(book[identity.FORM_SHEET], layout, fields)
    return Template(data, pickle.dumps(book), layout, _left_out(reader.misfit, file))


def _read_anew(book: Workbook) -> Workbook:
    with BytesIO() as buffer:
        book.save(buffer)
        return load_workbook(buffer, rich_text=True)


def _left_out(misfit: Misfit, file: str) -> tuple[Finding, ...]:
    """Tell the clerk of the columns and inputs of the template that forms will not have."""
    words = [(cell, word, "fields") for cell, word in misfit.columns.items()]
    words += [(cell, word, "form_fields") for cell, word in misfit.inputs.items()]
    return tuple(
        finding(
            "template-field-unasked",
            Place(file, identity.FORM_SHEET, f"{get_column_letter(column)}{row}"),
            word=word,
            table=table,
        )
        for (row, column), word, table in words
    )


def _check_other_sheets(book: Workbook, file: str, alone: set[str]) -> None:
    for sheet in book.worksheets:
        if sheet.title in _OURS:
            raise InputError("template-reserved-sheet", Place(file, sheet.title), sheet=sheet.title)
        if sheet.title != identity.FORM_SHEET:
            check_words(sheet, file, alone)


def _open(data: bytes, file: str) -> Workbook:
    """Open the workbook; what openpyxl would leave out of a copy is refused here, not lost later."""
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            book = load_workbook(BytesIO(data), rich_text=True)
    except (BadZipFile, KeyError, ValueError, TypeError, AttributeError, OSError, SyntaxError) as error:
        raise InputError("template-unreadable", Place(file), detail=error) from error
    for loss in losses(data):
        raise InputError("template-picture", Place(file, loss.sheet, loss.cell), detail=loss.what)
    lost = [str(one.message) for one in caught if _UNREAD.search(str(one.message))]
    if lost:
        raise InputError("template-picture", Place(file), detail=lost[0])
    return book


def _form_sheet(book: Workbook, file: str) -> Worksheet:
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    if identity.FORM_SHEET not in sheets:
        found = "、".join(sheets) or "没有工作表"
        raise InputError("template-no-sheet", Place(file), sheet=identity.FORM_SHEET, found=found)
    return sheets[identity.FORM_SHEET]
