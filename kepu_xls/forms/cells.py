"""Single cells and rows: text that stays text, looks that are copied, heights that fit."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import cast

from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.cell.rich_text import CellRichText
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

from kepu_xls.forms import heights, texts

Areas = dict[tuple[int, int], CellRange]
"""Merged areas by row and column of the cell that shows."""

_STANDARD_WIDTH = 8.43
_STANDARD_SIZE = 11.0
_UNLIMITED = 1e6


def at(sheet: Worksheet, row: int, column: int) -> Cell:
    """Give a cell that is not hidden under a merged one."""
    return cast(Cell, sheet.cell(row, column))


def put_text(cell: Cell, text: str | CellRichText) -> None:
    """Write text as text, also where it looks like a formula; what no workbook can hold is left out."""
    if isinstance(text, CellRichText):
        cell.value = text
        return
    clean = texts.storable(text)
    cell.value = clean or None
    if clean:
        cell.data_type = "s"


def look_of(cell: Cell | MergedCell) -> StyleArray:
    """Take a cell's look, to be given to other cells of the same workbook."""
    # openpyxl's documented way, though neither public nor typed; part by part it is 20 times slower.
    return cast(StyleArray, copy(cell._style))  # type: ignore[union-attr]  # noqa: SLF001


def give_look(cell: Cell | MergedCell, look: StyleArray) -> None:
    """Give a cell a look taken from another one."""
    cell._style = copy(look)  # type: ignore[union-attr]  # noqa: SLF001 - as above


def style_once(cell: Cell, changed: Callable[[Cell], None]) -> int:
    """Give the number of the style that a cell has once it is changed; the cell stays as it is."""
    look = look_of(cell)
    changed(cell)
    style = int(cell.style_id)
    give_look(cell, look)
    return style


def wrap(cell: Cell) -> None:
    """Let the cell's text run over several lines, and keep how it is aligned otherwise."""
    if cell.alignment.wrap_text and not cell.alignment.shrink_to_fit:
        return
    alignment = cast(Alignment, copy(cell.alignment))
    alignment.wrap_text, alignment.shrink_to_fit = True, False
    cell.alignment = alignment


def fill_of(sheet: Worksheet, row: int, column: int) -> PatternFill | None:
    """Give a cell's fill; None where it has none."""
    fill = sheet.cell(row, column).fill
    return cast(PatternFill, copy(fill)) if fill.fill_type else None


def ungroup_columns(sheet: Worksheet) -> None:
    """Give each column settings of its own where the file describes several in one."""
    for first in list(sheet.column_dimensions):
        group = sheet.column_dimensions[first]
        last = min(group.max or 0, sheet.max_column)
        for index in range((group.min or 0) + 1, last + 1):
            one = sheet.column_dimensions[get_column_letter(index)]
            one.width, one.hidden = group.width, group.hidden
        if group.min and group.max and group.max > group.min:
            group.max = group.min


def width_of(sheet: Worksheet, column: int) -> float:
    """Give a column's width in characters."""
    letter = get_column_letter(column)
    if letter not in sheet.column_dimensions:
        return sheet.sheet_format.defaultColWidth or _STANDARD_WIDTH
    dimension = sheet.column_dimensions[letter]
    return 0.0 if dimension.hidden else float(dimension.width or _STANDARD_WIDTH)


def fit_rows(sheet: Worksheet, first: int, last: int) -> None:
    """Make rows high enough for their text; a row that is higher already stays so."""
    areas = areas_of(sheet)
    for number, row in enumerate(sheet.iter_rows(first, last), first):
        dimension = sheet.row_dimensions[number]
        if not dimension.hidden:
            needed = max((fit(cell, areas) for cell in row), default=0.0)
            dimension.height = heights.row_height(dimension.height, needed)


def areas_of(sheet: Worksheet) -> Areas:
    """Give the sheet's merged areas by row and column of the cell that shows."""
    return {(one.min_row, one.min_col): one for one in sheet.merged_cells.ranges}


def fit(cell: Cell | MergedCell, areas: Areas) -> float:
    """Tell how high a cell's text is; one too long for any row gets a smaller font."""
    room = room_of(cell, areas)
    if room is None:
        return 0.0
    width, size = room
    fitting = heights.fitting_size(str(cell.value), width, size)
    if fitting < size:
        cell.font = in_size(cast(Font, cell.font), fitting)
    return heights.height(str(cell.value), width, fitting)


def in_size(font: Font, size: float) -> Font:
    """Give the font in another size."""
    other = copy(font)
    other.sz = size
    return other


def room_of(cell: Cell | MergedCell, areas: Areas) -> tuple[float, float] | None:
    """Give the width that a cell's text has and the size of its font; None where its row need not fit it."""
    if not isinstance(cell, Cell) or not isinstance(cell.value, str | CellRichText):
        return None
    area = areas.get((cell.row, cell.column))
    if area is not None and area.max_row > area.min_row:
        return None  # stands over several rows, whose heights the clerk has set
    width = _UNLIMITED
    if cell.alignment.wrap_text:
        last = cell.column if area is None else area.max_col
        width = sum(width_of(cast(Worksheet, cell.parent), column) for column in range(cell.column, last + 1))
    return width, float(cell.font.sz or _STANDARD_SIZE)
