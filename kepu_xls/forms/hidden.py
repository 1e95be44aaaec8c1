"""The hidden sheet of a form: whose it is, signed, and the lists behind its dropdowns."""

from __future__ import annotations

from openpyxl import Workbook
from openpyxl.utils import absolute_coordinate, get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet

from kepu_xls import identity
from kepu_xls.forms import cells, inputs
from kepu_xls.forms.content import FormContent
from kepu_xls.model import Field

_FIRST_LIST_COLUMN = 4


def write_hidden(book: Workbook, content: FormContent) -> None:
    """Add the sheet with the form's identity and, for each choice field, a list with a defined name."""
    sheet = book.create_sheet(identity.IDENTITY_SHEET)
    sheet.sheet_state = "veryHidden"
    sheet.protection.enable()
    pairs = (
        (identity.UNIT_KEY, content.identity.unit),
        (identity.PERIOD_KEY, content.identity.period),
        (identity.VERSION_KEY, str(content.identity.version)),
        (identity.SIGNATURE_KEY, content.signature),
    )
    for row, pair in enumerate(pairs, 1):
        for column, text in enumerate(pair, 1):
            _put(sheet, row, column, text)
    choices = [field for field in (*content.fields, *content.form_fields) if field.choices]
    for column, field in enumerate(choices, _FIRST_LIST_COLUMN):
        _write_list(book, sheet, column, field)


def _write_list(book: Workbook, sheet: Worksheet, column: int, field: Field) -> None:
    for row, choice in enumerate(field.choices, 1):
        _put(sheet, row, column, choice)
    letter = get_column_letter(column)
    area = absolute_coordinate(f"{letter}1:{letter}{len(field.choices)}")
    name = inputs.list_name(field)
    book.defined_names[name] = DefinedName(name, attr_text=f"'{sheet.title}'!{area}")


def _put(sheet: Worksheet, row: int, column: int, text: str) -> None:
    cell = cells.at(sheet, row, column)
    cell.number_format = "@"
    cells.put_text(cell, text)
