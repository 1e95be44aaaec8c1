"""A form laid out with marks in place of what differs, saved by openpyxl: what moulds are made from."""

from __future__ import annotations

from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.worksheet.worksheet import Worksheet

from kepu_xls import identity
from kepu_xls.forms import cells, indicators, marks
from kepu_xls.forms.checklist import lines_of, linked_style
from kepu_xls.forms.dressed import dress_as_return_copy
from kepu_xls.forms.marking import flagged_style
from kepu_xls.forms.questions import ADDRESS, is_question
from kepu_xls.forms.saving import saved
from kepu_xls.forms.shape import HEADING, INDICATOR, LINE, Shape
from kepu_xls.forms.slots import RowFacts, SlotFacts
from kepu_xls.forms.template import Template
from kepu_xls.forms.workbook import FITTED, Form, make_form, open_on
from kepu_xls.model import Record, Role


class Blank(Record, frozen=True):
    """A blank form, or return copy, of a certain size.

    ``parts``: what it was saved as, by name; ``sheets``: the parts of its sheets by title; ``rows``: of each
    sheet, the rows with marks by number; ``kinds``: of each sheet, what kind the rows are of which there are
    as many as a form needs.  ``since_1904``: how it counts days.
    """

    parts: dict[str, bytes]
    sheets: dict[str, str]
    rows: dict[str, dict[int, RowFacts]]
    kinds: dict[str, dict[int, str]]
    since_1904: bool


def lay_out(template: Template, shape: Shape, size: marks.Size) -> Blank:
    """Lay out a form of that shape and size, with marks for everything in which contents differ."""
    content = marks.marked(shape.fields, shape.form_fields, size)
    form = make_form(template, content, marks.marked_texts(content))
    if shape.noted is not None:
        dress_as_return_copy(form, shape.noted, size.listed)
    is_return = shape.noted is not None
    rows = {sheet.title: _rows(sheet, is_return=is_return) for sheet in form.book.worksheets}
    open_on(form.book, identity.RETURN_SHEET if is_return else identity.FORM_SHEET)
    parts = saved(form.book)
    return Blank(
        parts=parts,
        sheets={sheet.title: sheet.path.lstrip("/") for sheet in form.book.worksheets},
        rows=rows,
        kinds=_kinds(form, size),
        since_1904=form.book.epoch.year > 1900,  # noqa: PLR2004 - the other epoch is in 1899
    )


def _kinds(form: Form, size: marks.Size) -> dict[str, dict[int, str]]:
    """Tell the kinds of rows, by sheet and number."""
    lines, heading = lines_of(size.listed)
    return {
        identity.FORM_SHEET: {row: str(role) for role in Role for row in form.table.rows_of(role)},
        identity.INDICATOR_SHEET: dict.fromkeys(indicators.rows_of(form.table.content.indicators), INDICATOR),
        identity.RETURN_SHEET: dict.fromkeys(lines, LINE) | {heading: HEADING},
    }


def _rows(sheet: Worksheet, *, is_return: bool) -> dict[int, RowFacts]:
    """Fit the rows without marks, and find those with some."""
    found, areas = {}, cells.areas_of(sheet)
    for row in range(1, sheet.max_row + 1):
        marked = [cell for cell in sheet[row] if marks.is_marked(cell.value)]
        if marked:
            found[row] = _facts(
                sheet, row, {cell: _flagged(cell) if is_return else None for cell in marked}, areas
            )
        elif sheet.title in FITTED:
            cells.fit_rows(sheet, row, row)
    return found


def _facts(
    sheet: Worksheet, row: int, marked: dict[Cell | MergedCell, int | None], areas: cells.Areas
) -> RowFacts:
    """Tell what is known of a row; ``marked``: its cells with marks, and their styles where flagged."""
    is_fitted = sheet.title in FITTED and not sheet.row_dimensions[row].hidden
    rest = [cell for cell in sheet[row] if cell not in marked] if is_fitted else []
    return RowFacts(
        least=sheet.row_dimensions[row].height,
        needed=max((cells.fit(cell, areas) for cell in rest), default=0.0),
        slots={
            cell.coordinate.rstrip("0123456789"): SlotFacts(
                text=str(cell.value),
                room=cells.room_of(cell, areas) if is_fitted else None,
                flagged=flagged,
            )
            for cell, flagged in marked.items()
        },
    )


def _flagged(cell: Cell | MergedCell) -> int | None:
    """Give the style of a cell that is flagged: a question's is to be put right, an address has a link."""
    if isinstance(cell, MergedCell) or cell.column == 1:  # the first column is hidden
        return None
    if cell.value == ADDRESS:
        return linked_style(cell)
    return flagged_style(cell) if is_question(str(cell.value)) else None
