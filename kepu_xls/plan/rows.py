"""Rows of a worksheet dropped and moved with all that belongs to them, which openpyxl does not do itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from copy import copy
from typing import Any

from openpyxl.cell.cell import MergedCell
from openpyxl.formula.translate import Translator
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.cell_range import CellRange

_LAST_ROW = 1_048_576

Sheet = Any
"""openpyxl's Worksheet; its types leave out the cells by place, their styles and the links, needed here."""


def targets(sheet: Sheet, gone: Collection[int], added: Mapping[int, int]) -> dict[int, int]:
    """Tell where each row of a sheet comes to stand; rows that go are not in it.

    ``added``: how many new rows follow a row that is there (one that goes, too).
    """
    merged = {row for area in sheet.merged_cells.ranges for row in range(area.min_row, area.max_row + 1)}
    there = {row for row, _ in sheet._cells} | set(sheet.row_dimensions) | merged | set(added)  # noqa: SLF001 - a stray mark makes a walk by rows endless
    target, shift = {}, 0
    for row in sorted(there):
        if row in gone:
            shift -= 1
        else:
            target[row] = min(row + shift, _LAST_ROW)
        shift += added.get(row, 0)
    return target


def split_merged(
    sheet: Sheet, gone: Collection[int], added: Mapping[int, int], changed: Collection[int]
) -> None:
    """Part cells merged over rows of which one goes, changes or gets a new one below: each keeps the text."""
    for area in list(sheet.merged_cells.ranges):
        inside = range(area.min_row, area.max_row + 1)
        hit = any(row in gone or row in changed for row in inside)
        if len(inside) > 1 and (hit or any(row in added for row in inside[:-1])):
            first = sheet.cell(area.min_row, area.min_col)
            sheet.unmerge_cells(area.coord)
            for row in inside[1:]:
                cell = sheet.cell(row, area.min_col)
                cell.value, cell._style = first.value, copy(first._style)  # noqa: SLF001 - how openpyxl copies a style


def move(sheet: Sheet, target: Mapping[int, int]) -> None:
    """Move rows with their cells, comments, links, heights and merged cells; those not named are dropped."""
    if all(row == to for row, to in target.items()) and {row for row, _ in sheet._cells} <= set(target):  # noqa: SLF001 - as above
        return
    cells = dict(sheet._cells)  # noqa: SLF001 - as above
    sheet._cells.clear()  # noqa: SLF001 - as above
    for (row, column), cell in sorted(cells.items()):
        if row not in target:
            continue
        before, cell.row = cell.coordinate, target[row]
        sheet._cells[target[row], column] = cell  # noqa: SLF001 - as above
        if isinstance(cell, MergedCell):
            continue
        if cell.hyperlink is not None:
            cell.hyperlink.ref = cell.coordinate
        if cell.data_type == "f" and isinstance(cell.value, str):
            cell.value = Translator(cell.value, before).translate_formula(cell.coordinate)
    _move_heights(sheet, target)
    for area in list(sheet.merged_cells.ranges):
        _move_area(sheet, area, target)


def _move_heights(sheet: Sheet, target: Mapping[int, int]) -> None:
    dimensions = dict(sheet.row_dimensions)
    sheet.row_dimensions.clear()
    for row, dimension in dimensions.items():
        if row in target:
            dimension.index = target[row]
            sheet.row_dimensions[target[row]] = dimension


def _move_area(sheet: Sheet, area: CellRange, target: Mapping[int, int]) -> None:
    """Move a merged area as a whole: what would be torn was parted before."""
    if area.min_row not in target or area.max_row not in target:
        sheet.merged_cells.remove(area)
        return
    area.shift(row_shift=target[area.min_row] - area.min_row)


def usual_look(sheet: Sheet, rows: Collection[int]) -> dict[int, Any]:
    """Give for each column the look of most cells in these rows: not the colour that marks one of them."""
    seen: dict[int, Counter[Any]] = {}
    for (row, column), cell in sheet._cells.items():  # noqa: SLF001 - as above
        if row in rows and not isinstance(cell, MergedCell):
            seen.setdefault(column, Counter())[cell._style] += 1  # noqa: SLF001 - how openpyxl keeps a style
    return {column: looks.most_common(1)[0][0] for column, looks in seen.items()}


def dress(sheet: Sheet, look: Mapping[int, Any], row: int) -> None:
    """Make a new row look as the others."""
    for column, style in look.items():
        sheet.cell(row, column)._style = copy(style)  # noqa: SLF001 - as above


def add_column(sheet: Sheet, header: int, name: str) -> int:
    """Add a column that a master may lack, at the end of its header; gives which it is."""
    last = max(column for row, column in sheet._cells if row == header)  # noqa: SLF001 - as above
    head = sheet.cell(header, last + 1, name)
    head._style = copy(sheet.cell(header, last)._style)  # noqa: SLF001 - as above
    return int(last + 1)


def stretch_filter(sheet: Sheet, more: int) -> None:
    """Let the filter reach as many rows further down as the table does."""
    if sheet.auto_filter.ref and ":" in sheet.auto_filter.ref:
        left, top, right, bottom = range_boundaries(sheet.auto_filter.ref)
        bottom = max((bottom or 0) + more, (top or 0) + 1)
        sheet.auto_filter.ref = f"{get_column_letter(left or 1)}{top}:{get_column_letter(right or 1)}{bottom}"
