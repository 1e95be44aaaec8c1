"""The first sheet of a return copy: everything that is wrong, at once, each with the way to its cell."""

from __future__ import annotations

from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from kepu_xls import identity
from kepu_xls.forms import cells, dressing, inputs, marks
from kepu_xls.forms.borrowed import Looks
from kepu_xls.forms.listing import FIRST_ROW
from kepu_xls.forms.questions import (
    ABOUT,
    ADDRESS,
    CUTOFF,
    ENTERED,
    ERRORS,
    LABEL,
    MESSAGE,
    REMEDY,
    REMINDERS,
)
from kepu_xls.forms.workbook import Form

_HEADER = ("序号", "单元格", "任务编号", "栏目", "原来填的内容", "什么地方不对", "请这样改", "改好打√")
_WIDTHS = (6, 14, 9, 16, 26, 46, 44, 9)
_HEADER_ROW = FIRST_ROW - 1
_LINE = (ADDRESS, ABOUT, LABEL, ENTERED, MESSAGE, REMEDY, "")
_LEAST_HEIGHT = 24.0
_TAB = "FFC00000"
_LINK = "FF0563C1"
_BLOCK_FILL = PatternFill("solid", fgColor="FFF2F2F2")

_WHOSE = "填报单位：{单位}　　期次：{期次}　　需修改 {errors} 处"
_HOW = (
    "您报来的表已收到，没有问题的内容已照填在本文件里，不必重填。请点“单元格”一栏的蓝字，逐处改好橙色格子"
    "（鼠标移到格子上，可以看到原因），保存后把本文件发回{接收单位}；新表会自动取代前一份。"
)
_WHEN = "请尽快改好发回{接收单位}：按时报送的截止时间是 {截止时间}，{cutoff} 停止收取。"


def lines_of(listed: int) -> tuple[list[int], int]:
    """Give the rows of lines, and that of the heading among them, in a list so long."""
    rows = list(range(_HEADER_ROW + 1, _HEADER_ROW + 1 + listed))
    heading = _HEADER_ROW + 1 + listed // 2
    return [row for row in rows if row != heading], heading


def write_checklist(form: Form, listed: int) -> None:
    """Add the sheet, before all others, in the look of the form's own table, with marks in place of words."""
    sheet = form.book.create_sheet(identity.RETURN_SHEET, 0)
    looks = Looks.of(form.table)
    for column, width in enumerate(_WIDTHS, 2):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.column_dimensions["A"].width = 2
    _write_head(sheet, looks, form.table.texts)
    lines, heading = lines_of(listed)
    for row in lines:
        _write_line(sheet, looks, row)
    looks.note(sheet, heading, REMINDERS, len(_WIDTHS))
    cells.at(sheet, heading, 2).fill = _BLOCK_FILL
    first = cells.at(sheet, lines[0], 3)
    first.hyperlink = Hyperlink(ref=first.coordinate, location=ADDRESS)
    _finish(sheet, form.table.sheet, _HEADER_ROW + listed)


def _write_head(sheet: Worksheet, looks: Looks, texts: dict[str, str]) -> None:
    """Write whose it is, by when and how, and the header."""
    looks.title(sheet, f"{identity.FORM_SHEET}　{identity.RETURN_SHEET}", len(_WIDTHS))
    known = texts | {"errors": ERRORS, "cutoff": CUTOFF}
    for row, text in enumerate((_WHOSE, _WHEN, _HOW), 2):
        looks.note(sheet, row, text.format_map(known), len(_WIDTHS))
    for column, label in enumerate(_HEADER, 2):
        looks.header(cells.at(sheet, _HEADER_ROW, column), label)


def _write_line(sheet: Worksheet, looks: Looks, row: int) -> None:
    sheet.row_dimensions[row].height = _LEAST_HEIGHT
    running, *texts = (cells.at(sheet, row, column) for column in range(2, 2 + len(_WIDTHS)))
    looks.body(running, marks.RUNNING)
    for cell, text in zip(texts, _LINE, strict=True):
        looks.body(cell, text)
    inputs.open_for_input(texts[-1], "@")
    for cell in (running, texts[0], texts[1], texts[-1]):
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)


def linked_style(cell: Cell) -> int:
    """Give the number of the style that a line's address has where it leads to a cell."""
    return cells.style_once(cell, _link)


def _link(cell: Cell) -> None:
    font = cell.font
    cell.font = Font(name=font.name, sz=font.sz, b=font.b, u="single", color=_LINK)


def _finish(sheet: Worksheet, form_sheet: Worksheet, last: int) -> None:
    """Panes, page (A4 landscape, whatever the form is printed on) and protection."""
    sheet.freeze_panes = f"A{_HEADER_ROW + 1}"
    sheet.sheet_properties.tabColor = _TAB
    area = f"B1:{get_column_letter(1 + len(_WIDTHS))}{last}"
    dressing.copy_page(form_sheet, sheet, _HEADER_ROW, area)
    sheet.page_setup.paperSize, sheet.page_setup.orientation = sheet.PAPERSIZE_A4, "landscape"
    dressing.protect(sheet)
