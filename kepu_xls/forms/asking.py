"""Making a form ready to fill: dropdowns, bounds, the shade of what is missing, the form-level inputs."""

from __future__ import annotations

from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange

from kepu_xls.forms import cells, inputs, placeholders
from kepu_xls.forms.table import TaskTable
from kepu_xls.model import Field, Role

_MISSING_FILL = PatternFill("solid", fgColor="FFFBE0E0", bgColor="FFFBE0E0")


def ask(table: TaskTable) -> None:
    """Put validations and shades on the task rows, and open the form-level inputs."""
    fill = _missing_fill(table)
    for field in table.content.fields:
        rows = range(table.header_row + 1, table.last_row + 1)
        _validate(table, field, _area(table.layout.columns[field.key], rows))
        for role in Role:
            if field.required.covers(role) and table.rows_of(role):
                _shade(table, field, table.rows_of(role), fill)
    for field in table.content.form_fields:
        _ask_form_field(table, field, fill)


def _area(column: int, rows: range) -> CellRange:
    return CellRange(min_col=column, max_col=column, min_row=rows[0], max_row=rows[-1])


def _validate(table: TaskTable, field: Field, area: CellRange) -> None:
    first = f"{get_column_letter(area.min_col)}{area.min_row}"
    rule = inputs.validation(field, first, table.content.first_day)
    if rule is not None:
        rule.add(area.coord)
        table.sheet.add_data_validation(rule)


def _shade(table: TaskTable, field: Field, rows: range, fill: PatternFill) -> None:
    """Shade the field's empty cells in these rows, unless the row says 本期无变化."""
    column, unchanged = table.layout.columns[field.key], table.layout.columns.get(inputs.UNCHANGED)
    beside = f"${get_column_letter(unchanged)}{rows[0]}" if unchanged else ""
    rule = inputs.missing_rule(f"{get_column_letter(column)}{rows[0]}", beside, fill)
    table.sheet.conditional_formatting.add(_area(column, rows).coord, rule)


def _missing_fill(table: TaskTable) -> PatternFill:
    """Take the legend cell's colour; a conditional fill shows what an ordinary one keeps as background."""
    place = table.layout.legend.get(placeholders.MISSING_WORD)
    fill = cells.fill_of(table.sheet, table.moves.row(place[0]), place[1]) if place else None
    return PatternFill("solid", fgColor=fill.fgColor, bgColor=fill.fgColor) if fill else _MISSING_FILL


def _ask_form_field(table: TaskTable, field: Field, fill: PatternFill) -> None:
    row, column = table.layout.inputs[field.key]
    cell = cells.at(table.sheet, table.moves.row(row), column)
    cell.value = None
    area = CellRange(cell.coordinate)
    for merged in table.sheet.merged_cells.ranges:
        if cell.coordinate in merged:
            area = merged
    for place in area.cells:
        inputs.open_for_input(cells.at(table.sheet, *place), inputs.number_format(field))
    _validate(table, field, area)
    if any(field.required.covers(role) and table.rows_of(role) for role in Role):
        rule = inputs.missing_rule(f"${cell.column_letter}${cell.row}", "", fill)
        table.sheet.conditional_formatting.add(area.coord, rule)
