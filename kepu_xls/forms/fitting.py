"""Making a template fit the configuration, as the clerk would: columns and inputs taken out and put in."""

from __future__ import annotations

from openpyxl.styles import Border, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

from kepu_xls import identity
from kepu_xls.forms import cells, narrowing
from kepu_xls.forms.layout import Layout
from kepu_xls.forms.misfits import Misfit
from kepu_xls.forms.shifting import Moves, move_rows
from kepu_xls.model import Field, Role


def fit_inputs(sheet: Worksheet, layout: Layout, misfit: Misfit) -> None:
    """Put each new input into a row of its own below the last one, in its look; empty those not asked for."""
    places = layout.inputs.values() or misfit.inputs
    if places:
        row, column = max(places)
        label = _label_left_of(sheet, row, column)
        below = next(band.stop for band in narrowing.bands(sheet) if row in band)
    else:
        row = layout.model_rows[Role.PARTICIPANT]
        column = max(layout.columns[key] for key in (identity.NUMBER_KEY, identity.TEXT_KEY))
        label, below = column - 1, max(sheet.max_row, layout.footer_row) + 1
    moves = Moves(below, below, len(misfit.new_inputs))
    move_rows(sheet, moves)
    for new, field in enumerate(misfit.new_inputs, below):
        _dress_like(sheet, row, new, label, column)
        cells.put_text(cells.at(sheet, new, label), f"{field.label}：")
        cells.wrap(cells.at(sheet, new, label))
        _ask(sheet, new, column, field.label)
    for old, surplus in misfit.inputs:
        _clear_input(sheet, moves.row(old), surplus)


def fit_columns(sheet: Worksheet, layout: Layout, misfit: Misfit) -> None:
    """Rename, add and take out columns."""
    cells.ungroup_columns(sheet)
    for (_, column), label in misfit.renamed.items():
        _ask(sheet, layout.header_row, column, label)
    surplus = sorted((column for _, column in misfit.columns), reverse=True)
    lender = max((*layout.columns.values(), *(column for _, column in misfit.renamed), *surplus))
    for field in misfit.new_columns:
        _append_column(sheet, layout, field, lender)
    for column in surplus:
        narrowing.take_out(sheet, column, range(layout.header_row, layout.footer_row))


def _ask(sheet: Worksheet, row: int, column: int, label: str) -> None:
    cells.put_text(cells.at(sheet, row, column), f"{{{{{label}}}}}")


def _append_column(sheet: Worksheet, layout: Layout, field: Field, lender: int) -> None:
    """Put a field's column right of all others, in the look of the column ``lender``."""
    headed = [cell.column for cell in sheet[layout.header_row] if cell.value is not None]
    column = max(headed) + 1
    sheet.column_dimensions[get_column_letter(column)].width = field.width
    for row in (layout.header_row, *layout.model_rows.values()):
        cells.give_look(cells.at(sheet, row, column), cells.look_of(cells.at(sheet, row, lender)))
    _ask(sheet, layout.header_row, column, field.label)


def _label_left_of(sheet: Worksheet, row: int, column: int) -> int:
    """Give the column of the text left of an input."""
    return next(left for left in range(column - 1, 1, -1) if sheet.cell(row, left).value is not None)


def _dress_like(sheet: Worksheet, row: int, new: int, label: int, column: int) -> None:
    """Give a new row the height, and its label and input the look and width, that another row has."""
    sheet.row_dimensions[new].height = sheet.row_dimensions[row].height
    for area in (_area(sheet, row, label), _area(sheet, row, column)):
        for left in range(area.min_col, area.max_col + 1):
            cells.give_look(cells.at(sheet, new, left), cells.look_of(cells.at(sheet, row, left)))
        if area.max_col > area.min_col:
            sheet.merge_cells(start_row=new, end_row=new, start_column=area.min_col, end_column=area.max_col)


def _clear_input(sheet: Worksheet, row: int, column: int) -> None:
    """Take away an input: its label, its line and its colour."""
    cells.put_text(cells.at(sheet, row, _label_left_of(sheet, row, column)), "")
    cells.put_text(cells.at(sheet, row, column), "")
    for place in _area(sheet, row, column).cells:
        sheet.cell(*place).border, sheet.cell(*place).fill = Border(), PatternFill()


def _area(sheet: Worksheet, row: int, column: int) -> CellRange:
    """Give the merged area that begins at a cell, or the cell alone."""
    here = CellRange(min_col=column, max_col=column, min_row=row, max_row=row)
    areas = sheet.merged_cells.ranges
    return next((one for one in areas if (one.min_row, one.min_col) == (row, column)), here)
