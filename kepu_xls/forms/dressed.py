"""A marked form made a marked return copy: answers, a flagged cell on each sheet, and the list."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from openpyxl.cell.cell import Cell

from kepu_xls import identity
from kepu_xls.forms import cells, indicators, marking
from kepu_xls.forms.checklist import write_checklist
from kepu_xls.forms.questions import FIGURE, FINGERPRINT, NOTE, REMARK, marks_of
from kepu_xls.forms.workbook import Form


def dress_as_return_copy(form: Form, noted: Collection[str], listed: int) -> None:
    """Put marks for all that a return copy has beside its form: ``listed`` lines, notes on those sheets."""
    write_checklist(form, listed)
    for cell, mark in _questions(form):
        cells.put_text(cell, mark)
    for title in noted:
        # The last row: no note of the template stands there, and it is not the one that stands for its kind.
        cell = _last_cell(form, title)
        marking.flag(cell)
        marking.annotate(cell, NOTE, form.table.content.organiser)
        marking.keep_colour(form.book[title], cell.coordinate)
    form.book.properties.identifier = FINGERPRINT


def _questions(form: Form) -> Iterator[tuple[Cell, str]]:
    table, content = form.table, form.table.content
    marks = marks_of(content.fields, content.form_fields)
    for row in range(table.header_row + 1, table.last_row + 1):
        for field in content.fields:
            yield cells.at(table.sheet, row, table.layout.columns[field.key]), marks[field.key]
    for field in content.form_fields:
        row, column = table.layout.inputs[field.key]
        yield cells.at(table.sheet, table.moves.row(row), column), marks[field.key]
    for index in range(len(content.indicators)):
        figure, remark = indicators.input_cells(form.book[identity.INDICATOR_SHEET], index)
        yield figure, FIGURE
        yield remark, REMARK


def _last_cell(form: Form, title: str) -> Cell:
    table = form.table
    if title == identity.FORM_SHEET:
        return cells.at(table.sheet, table.last_row, table.layout.columns[identity.NUMBER_KEY])
    return indicators.input_cells(form.book[title], len(table.content.indicators) - 1)[0]
