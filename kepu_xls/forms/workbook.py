"""Laying out one form as a workbook."""

from __future__ import annotations

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from kepu_xls import identity
from kepu_xls.forms import cells, dressing, placeholders
from kepu_xls.forms.asking import ask
from kepu_xls.forms.content import FormContent
from kepu_xls.forms.guide import write_guide
from kepu_xls.forms.hidden import write_hidden
from kepu_xls.forms.indicators import write_indicators
from kepu_xls.forms.table import TaskTable, write_table
from kepu_xls.forms.template import Template
from kepu_xls.forms.texts import storable
from kepu_xls.model import Record

FITTED = (identity.RETURN_SHEET, identity.FORM_SHEET, identity.INDICATOR_SHEET, identity.GUIDE_SHEET)
"""Sheets whose rows are made as high as their texts."""


class Form(Record, frozen=True):
    """A form that was made: the workbook, and its task table."""

    book: Workbook
    table: TaskTable


def make_form(template: Template, content: FormContent, texts: dict[str, str] | None = None) -> Form:
    """Lay out the form, to be filled and fitted.  ``texts`` are the content's own where none are given."""
    book = template.open()
    texts = content.texts if texts is None else texts
    _fill_texts(book, texts)
    table = TaskTable.of(book[identity.FORM_SHEET], template.layout, content, texts)
    write_table(table)
    ask(table)
    _finish(table)
    if content.indicators:
        write_indicators(book, table)
    write_guide(book, table)
    write_hidden(book, content)
    whose = content.identity
    book.properties.title = storable(f"{whose.unit} {whose.period} {identity.FORM_SHEET}")
    return Form(book, table)


def _fill_texts(book: Workbook, texts: dict[str, str]) -> None:
    """Put the form's own words in place of the placeholders, on every sheet of the template."""
    known = texts | placeholders.LEGEND
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, placeholders.Text) and cell.data_type != "f":
                    cells.put_text(cell, placeholders.fill(cell.value, known))


def _finish(table: TaskTable) -> None:
    """Panes, filter, page and protection of the form sheet."""
    sheet, layout = table.sheet, table.layout
    sheet.sheet_state = "visible"
    sheet.sheet_view.topLeftCell = None  # a template saved scrolled down would freeze the wrong rows
    below, last = table.header_row + 1, get_column_letter(layout.last_column)
    sheet.freeze_panes = f"{get_column_letter(layout.columns[identity.TEXT_KEY] + 1)}{below}"
    sheet.auto_filter.ref = f"B{table.header_row}:{last}{table.last_row}"
    right = get_column_letter(max(layout.last_column, sheet.max_column))
    dressing.set_up_page(sheet, table.header_row, f"B1:{right}{sheet.max_row}")
    dressing.protect(sheet)


def open_on(book: Workbook, name: str) -> None:
    """Have the workbook open on that sheet."""
    book.active = book.worksheets.index(book[name])
    for sheet in book.worksheets:
        sheet.sheet_view.tabSelected = sheet.title == name
