"""What happens to a filled workbook on its way: rows moved, sheets renamed, all copied into a new one."""

from __future__ import annotations

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.cell.rich_text import CellRichText
from openpyxl.worksheet.worksheet import Worksheet

from kepu_xls import identity
from kepu_xls.demo.form_file import FormFile, Table

PAGE = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>附件下载</title></head>
<body><p>登录已超时，请重新登录邮箱后再下载附件。</p></body></html>
"""
"""What a mail site gives in place of an attachment, saved under the attachment's name."""

OWNER_FILE = b"\x06kepu".ljust(55, b"\x00") + "示例".encode("utf-16-le").ljust(110, b"\x00")
"""A ``~$`` lock file, as an office program leaves it beside an open document."""

THUMBNAILS = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\x00")
"""A ``Thumbs.db``: the head of a compound file, as Windows leaves it in folders."""


def move_rows(form: FormFile) -> None:
    """Turn the order of the task rows round, and put a row with a remark between."""
    table = form.tasks
    old = [[cell.value for cell in table.sheet[row]] for row in table.rows]
    for row, values in zip(table.rows, reversed(old), strict=True):
        for cell, value in zip(table.sheet[row], values, strict=True):
            if isinstance(cell, Cell):
                cell.value = value
    if len(table.rows) > 1:
        row = table.rows[len(table.rows) // 2]
        _insert_row(table.sheet, row)
        table.sheet.cell(row, table.columns[identity.TEXT_KEY]).value = "（以下任务由业务科室填报）"


def _insert_row(sheet: Worksheet, at: int) -> None:
    """Insert a row as office programs do: openpyxl leaves merged areas and heights where they were."""
    below = [area for area in sheet.merged_cells.ranges if area.min_row >= at]
    for area in below:
        sheet.unmerge_cells(area.coord)
    heights = {row: sheet.row_dimensions[row].height for row in range(at, sheet.max_row + 1)}
    sheet.insert_rows(at)
    for row, height in heights.items():
        sheet.row_dimensions[row + 1].height = height
    for area in below:
        area.shift(row_shift=1)
        sheet.merge_cells(area.coord)


def rename_sheets(form: FormFile) -> None:
    """Give the sheet of tasks a name of the unit's own."""
    form.tasks.sheet.title = "本周填报"


def rebuild(form: FormFile) -> None:
    """Copy what can be seen of the tables into a new workbook: values only, nothing hidden."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for table in (form.tasks, form.indicators):
        if table is not None:
            _copy_values(table, book.create_sheet(f"Sheet{len(book.sheetnames) + 1}"))
    form.book = book


def _copy_values(table: Table, sheet: Worksheet) -> None:
    for cells in table.sheet.iter_rows(min_col=2):
        for cell in cells:
            if cell.value is None or isinstance(cell, MergedCell) or cell.row == table.key_row:
                continue
            row = cell.row if cell.row < table.key_row else cell.row - 1
            value = str(cell.value) if isinstance(cell.value, CellRichText) else cell.value
            copy = sheet.cell(row, cell.column - 1, value)
            if isinstance(value, str):
                copy.data_type = "s"
