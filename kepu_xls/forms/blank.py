"""A form laid out with marks in place of what differs, saved by openpyxl: what moulds are made from."""

from __future__ import annotations

from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.worksheet.worksheet import Worksheet

from kepu_xls import identity
from kepu_xls.forms import cells, indicators, marks
from kepu_xls.forms.content import FormContent
from kepu_xls.forms.saving import saved
from kepu_xls.forms.slots import RowFacts
from kepu_xls.forms.template import Template
from kepu_xls.forms.workbook import FITTED, Form, make_form, open_on
from kepu_xls.model import Record, Role

INDICATOR = "indicator"
"""Kind of a row of the indicator table; those of the task table are called by their role."""


class Blank(Record, frozen=True):
    """A blank form of a certain size.

    ``parts``: what it was saved as, by name; ``rows``: of each sheet's part, the rows with marks by number;
    ``kinds``: of each sheet's part, what kind the rows are of which there are as many as a form needs.
    """

    size: marks.Size
    parts: dict[str, bytes]
    rows: dict[str, dict[int, RowFacts]]
    kinds: dict[str, dict[int, str]]


def lay_out(template: Template, content: FormContent, size: marks.Size) -> Blank:
    """Lay out a form of that size, with marks for everything in which a unit's content differs."""
    filled = marks.marked(content, size)
    form = make_form(template, filled, marks.marked_texts(filled))
    rows = {sheet.title: _rows(sheet) for sheet in form.book.worksheets}
    open_on(form.book, identity.FORM_SHEET)
    parts = saved(form.book)
    part_of = {sheet.title: sheet.path.lstrip("/") for sheet in form.book.worksheets}
    return Blank(
        size=size,
        parts=parts,
        rows={part_of[title]: found for title, found in rows.items()},
        kinds={part_of[title]: found for title, found in _kinds(form).items()},
    )


def _kinds(form: Form) -> dict[str, dict[int, str]]:
    tasks = {row: str(role) for role in Role for row in form.table.rows_of(role)}
    figures = dict.fromkeys(indicators.rows_of(form.table.content.indicators), INDICATOR)
    return {identity.FORM_SHEET: tasks} | ({identity.INDICATOR_SHEET: figures} if figures else {})


def _rows(sheet: Worksheet) -> dict[int, RowFacts]:
    """Fit the rows without marks, and find those with some."""
    found, areas = {}, cells.areas_of(sheet)
    for row in range(1, sheet.max_row + 1):
        marked = [cell for cell in sheet[row] if marks.is_marked(cell.value)]
        if marked:
            found[row] = _facts(sheet, row, marked, areas)
        elif sheet.title in FITTED:
            cells.fit_rows(sheet, row, row)
    return found


def _facts(sheet: Worksheet, row: int, marked: list[Cell | MergedCell], areas: cells.Areas) -> RowFacts:
    is_fitted = sheet.title in FITTED and not sheet.row_dimensions[row].hidden
    rest = [cell for cell in sheet[row] if cell not in marked] if is_fitted else []
    return RowFacts(
        least=sheet.row_dimensions[row].height,
        needed=max((cells.fit(cell, areas) for cell in rest), default=0.0),
        slots={
            cell.coordinate.rstrip("0123456789"): (
                str(cell.value),
                cells.room_of(cell, areas) if is_fitted else None,
            )
            for cell in marked
        },
    )
