"""Putting what a unit said into a fresh form: as it was understood, or word for word where it was not."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from kepu_xls import identity
from kepu_xls.forms import cells, indicators
from kepu_xls.forms.faults import Spot
from kepu_xls.forms.workbook import Form, fit
from kepu_xls.model import Answer, FieldType, Submission


class Places:
    """Where the questions of a form stand in its workbook."""

    def __init__(self, form: Form) -> None:
        self._table, content = form.table, form.table.content
        self._indicators: Worksheet | None = (
            form.book[identity.INDICATOR_SHEET] if content.indicators else None
        )
        self._rows = {task.number: row for row, (task, _) in enumerate(content.duties, self._first_row)}
        self._indices = {(one.task, one.name): index for index, one in enumerate(content.indicators)}

    @property
    def _first_row(self) -> int:
        return self._table.header_row + 1

    def cell(self, spot: Spot) -> Cell | None:
        """Give the cell of a question; None where the form does not ask it.  A row is known by its number."""
        if spot.indicator:
            pair = self.indicator(spot.task, spot.indicator)
            return pair[0] if pair else None
        sheet, layout = self._table.sheet, self._table.layout
        if spot.task:
            row, column = self._rows.get(spot.task), layout.columns.get(spot.key or identity.NUMBER_KEY)
            return cells.at(sheet, row, column) if row and column else None
        if spot.key not in layout.inputs:
            return None
        row, column = layout.inputs[spot.key]
        return cells.at(sheet, self._table.moves.row(row), column)

    def indicator(self, task: str, name: str) -> tuple[Cell, Cell] | None:
        """Give the cells of an indicator's figure and note."""
        index = self._indices.get((task, name))
        if index is None or self._indicators is None:
            return None
        return indicators.input_cells(self._indicators, index)


def put_answers(places: Places, form: Form, submission: Submission, doubted: Collection[Spot]) -> None:
    """Put a submission into its form.  What was said at ``doubted`` spots is shown as it was typed."""
    content = form.table.content
    types = {field.key: field.type for field in (*content.fields, *content.form_fields)}
    said = {Spot(key=key): answer for key, answer in submission.form_answers.items()}
    for entry in submission.entries:
        said |= {Spot(entry.task, key): answer for key, answer in entry.answers.items()}
    for spot, answer in said.items():
        if (cell := places.cell(spot)) is not None:
            _put(cell, types[spot.key], answer, doubted=spot in doubted)
    for one in submission.indicator_values:
        if pair := places.indicator(one.task, one.indicator):
            spot = Spot(one.task, indicator=one.indicator)
            _put(pair[0], FieldType.DECIMAL, one.answer, doubted=spot in doubted)
            cells.put_text(pair[1], one.note)
    fit(form)


def _put(cell: Cell, kind: FieldType, answer: Answer, *, doubted: bool) -> None:
    """Put one answer into its cell, typed where it was understood without doubt; text is never a formula."""
    value = answer.value
    in_words = answer.raw and kind is not FieldType.TEXT and (doubted or answer.approximate)
    if value is None or in_words:
        cells.put_text(cell, answer.raw)
    elif kind is FieldType.DATE:
        cell.value = date.fromisoformat(str(value))
    elif isinstance(value, str):
        cells.put_text(cell, value)
    elif kind is FieldType.PERCENT:
        cells.put_text(cell, f"{value:.15g}%")
    else:
        cell.value = value
