"""The indicator sheet of a form: the measurable targets of the tasks that the unit leads."""

from __future__ import annotations

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from kepu_xls import identity
from kepu_xls.forms import cells, dressing, inputs
from kepu_xls.forms.borrowed import Looks
from kepu_xls.forms.content import shown_indicator
from kepu_xls.forms.table import TaskTable
from kepu_xls.model import Indicator

_KEY_ROW, _HEADER_ROW = 3, 4
_WIDTHS = (10, 30, 12, 10, 14, 16, 40)
_NOTE = "请填写截至本期末的累计数（不是本期新增数）；没有变化的，照填上期的累计数。"


def write_indicators(book: Workbook, table: TaskTable) -> None:
    """Add the sheet, after the form sheet, in the look of the form's own table."""
    sheet = book.create_sheet(identity.INDICATOR_SHEET, book.index(table.sheet) + 1)
    looks = Looks.of(table)
    content = table.content
    looks.title(sheet, f"{content.identity.unit} 量化指标填报　{content.period_label}", len(_WIDTHS))
    looks.note(sheet, 2, _NOTE, len(_WIDTHS))
    _write_header(sheet, looks)
    for row, indicator in zip(rows_of(content.indicators), content.indicators, strict=True):
        _write_indicator(sheet, row, indicator, looks)
    for index in range(len(content.indicators)):
        figure, note = input_cells(sheet, index)
        _open(figure, "General", looks)
        _open(note, "@", looks)
    last = _HEADER_ROW + len(content.indicators)
    _validate(sheet, last)
    for column, width in enumerate(_WIDTHS, 2):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.column_dimensions["A"].hidden = True
    sheet.row_dimensions[_KEY_ROW].hidden = True
    sheet.freeze_panes = f"B{_HEADER_ROW + 1}"
    dressing.copy_page(table.sheet, sheet, _HEADER_ROW, f"B1:{get_column_letter(len(_WIDTHS) + 1)}{last}")
    dressing.protect(sheet)


def input_cells(sheet: Worksheet, index: int) -> tuple[Cell, Cell]:
    """Give the cells for the figure and the note of the form's indicator with that index."""
    row = _HEADER_ROW + 1 + index
    figure, note = (2 + identity.INDICATOR_KEYS.index(key) for key in ("@value", "@note"))
    return cells.at(sheet, row, figure), cells.at(sheet, row, note)


def rows_of(indicators: tuple[Indicator, ...]) -> range:
    """Give the rows in which a form's indicators stand."""
    return range(_HEADER_ROW + 1, _HEADER_ROW + 1 + len(indicators))


def _write_header(sheet: Worksheet, looks: Looks) -> None:
    cells.put_text(cells.at(sheet, _KEY_ROW, 1), identity.TASK_KEY)
    pairs = zip(identity.INDICATOR_KEYS, identity.INDICATOR_COLUMNS, strict=True)
    for column, (key, label) in enumerate(pairs, 2):
        cells.put_text(cells.at(sheet, _KEY_ROW, column), key)
        looks.header(cells.at(sheet, _HEADER_ROW, column), label)


def _write_indicator(sheet: Worksheet, row: int, indicator: Indicator, looks: Looks) -> None:
    cells.put_text(cells.at(sheet, row, 1), indicator.task)
    for column, value in enumerate(shown_indicator(indicator), 2):
        looks.body(cells.at(sheet, row, column), value)


def _open(cell: Cell, number_format: str, looks: Looks) -> None:
    looks.input(cell)
    inputs.open_for_input(cell, number_format)


def _validate(sheet: Worksheet, last: int) -> None:
    letter = get_column_letter(2 + identity.INDICATOR_KEYS.index("@value"))
    rule = DataValidation(type="decimal", operator="greaterThanOrEqual", formula1="0", allow_blank=True)
    rule.errorStyle = "warning"
    rule.showErrorMessage = rule.showInputMessage = True
    rule.promptTitle = rule.errorTitle = "本期累计完成"
    rule.prompt = "请填截至本期末的累计数，只填数字"
    rule.error = "这里请填不小于 0 的数字，不带单位。"
    rule.add(f"{letter}{_HEADER_ROW + 1}:{letter}{last}")
    sheet.add_data_validation(rule)
