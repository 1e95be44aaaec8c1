"""Excel workbooks (.xlsx) → sheets of cells: values as text, merged cells as one, with true cell names."""

from __future__ import annotations

import re
import zipfile
from datetime import date, datetime
from io import BytesIO

import openpyxl
from openpyxl.cell.cell import Cell as ExcelCell
from openpyxl.cell.cell import MergedCell
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from kepu_xls.model import Place, Record
from kepu_xls.plan.blocks import Block, Cell, Paragraph, Row, Table

_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*\bref=\"([A-Z]+\d+:[A-Z]+\d+)\"")
_LARGEST_MERGE = 200_000
_LARGEST_UNPACKED = 300_000_000
_WIDEST = 100


class Sheet(Record, frozen=True):
    """One visible sheet: its rows by their true number, blank ones left out; columns count from A."""

    name: str
    rows: dict[int, Row]


class TooLargeError(ValueError):
    """A workbook that would not fit into memory when opened, however small its file."""


def sheets_of(data: bytes, file: str) -> tuple[Sheet, ...]:
    """Read the visible sheets.  Raises TooLargeError, or whatever openpyxl raises for a broken workbook."""
    _refuse_giants(data)
    book = openpyxl.load_workbook(BytesIO(data), data_only=True)
    return tuple(_sheet(sheet, file) for sheet in book.worksheets if sheet.sheet_state == "visible")


def blocks_of(data: bytes, file: str) -> tuple[Block, ...]:
    """Read each sheet as its name and a table.  Raises as ``sheets_of``."""
    blocks: list[Block] = []
    for sheet in sheets_of(data, file):
        if sheet.rows:
            blocks.append(Paragraph(Cell(sheet.name, Place(file=file, sheet=sheet.name)), sheet_name=True))
            blocks.append(Table(tuple(sheet.rows[number] for number in sorted(sheet.rows))))
    return tuple(blocks)


def _refuse_giants(data: bytes) -> None:
    """Refuse what grows when opened: openpyxl makes an object of every cell that is merged."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        if sum(part.file_size for part in archive.infolist()) > _LARGEST_UNPACKED:
            raise TooLargeError
        for name in archive.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                for reference in _MERGED.findall(archive.read(name)):
                    left, top, right, bottom = range_boundaries(reference.decode())
                    if ((right or 0) - (left or 0) + 1) * ((bottom or 0) - (top or 0) + 1) > _LARGEST_MERGE:
                        raise TooLargeError(reference.decode())


def _sheet(sheet: Worksheet, file: str) -> Sheet:
    merged = {
        position: (area.min_row, area.min_col)
        for area in sheet.merged_cells.ranges
        for position in area.cells
        if position[1] <= _WIDEST
    }
    # a stray mark in XFD1048576 makes a sheet huge, so only the cells that are there are looked at
    there = sheet._cells  # noqa: SLF001 - openpyxl has no public way to walk just these
    cells = {at: _text(cell) for at, cell in there.items() if at[1] <= _WIDEST}
    wide: dict[int, int] = {}
    for (row, column), text in cells.items():
        if text or cells.get(merged.get((row, column), (0, 0))):
            wide[row] = max(wide.get(row, 0), column)
    return Sheet(
        sheet.title,
        {
            row: _row(row, wide[row], cells, merged, Place(file=file, sheet=sheet.title))
            for row in sorted(wide)
        },
    )


def _row(
    row: int,
    width: int,
    cells: dict[tuple[int, int], str],
    merged: dict[tuple[int, int], tuple[int, int]],
    sheet: Place,
) -> Row:
    made = []
    for column in range(1, width + 1):
        at = merged.get((row, column), (row, column))
        made.append(Cell(cells.get(at, ""), place_of(sheet, *at)))
    return tuple(made)


def place_of(sheet: Place, row: int, column: int) -> Place:
    """Name a cell of a sheet: row 12, column 3 is C12."""
    return Place(file=sheet.file, sheet=sheet.sheet, cell=f"{get_column_letter(column)}{row}")


def _text(cell: ExcelCell | MergedCell) -> str:
    """Give a value as a person would type it: dates as 2020-12-31, or 2020年12月 where no day is shown."""
    value = cell.value
    if isinstance(value, datetime | date):
        # what Excel makes of a typed 2020年12月 is the first of that month, shown without a day
        shows_day = "d" in re.sub(r'"[^"]*"|\[[^\]]*\]', "", cell.number_format.lower())
        return f"{value:%Y-%m-%d}" if shows_day else f"{value.year}年{value.month}月"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()
