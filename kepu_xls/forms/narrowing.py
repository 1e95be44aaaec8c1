"""Taking a column out of the template; what stands above and below the table stays, and closes up."""

from __future__ import annotations

from collections.abc import Iterator

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

from kepu_xls.forms import shifting

_AWAY = 4
"""So many columns further is as good as halving a cell."""


def take_out(sheet: Worksheet, column: int, table: range) -> None:
    """Take a column out, with what it holds in the rows of the table.

    In each other row the nearest cell that holds nothing goes in its stead, so that no text and no input is
    lost; a row that has none is left as it is.
    """
    last = sheet.max_column
    for band in bands(sheet):
        cut = column if band[0] in table else _spare(sheet, band, column, last)
        if cut:
            _cut(sheet, band, cut, last)
    if all(sheet.cell(row, last).value is None for row in range(1, sheet.max_row + 1)):
        sheet.delete_cols(last)
    _close_widths(sheet, column, last)
    for corner in shifting.corners(sheet):
        if corner.col + 1 > column:
            corner.col -= 1


def bands(sheet: Worksheet) -> Iterator[range]:
    """Give the rows, those together that a merged cell holds together."""
    first = end = 1
    for row in range(1, sheet.max_row + 1):
        end = max([end, row, *(one.max_row for one in sheet.merged_cells.ranges if one.min_row == row)])
        if row == end:
            yield range(first, row + 1)
            first = row + 1


def _spare(sheet: Worksheet, band: range, column: int, last: int) -> int:
    """Give the column nearest to ``column`` that holds nothing in these rows; 0 where there is none.

    A merged cell that is two columns wide gives one of them up only where nothing else is near.
    """
    areas = [one for one in sheet.merged_cells.ranges if one.min_row in band and one.max_col > one.min_col]
    heads = {one.min_col for one in areas}
    narrow = {one.max_col for one in areas if one.max_col - one.min_col == 1}
    spare = [
        one
        for one in range(2, last + 1)
        if one not in heads and all(sheet.cell(row, one).value is None for row in band)
    ]
    return min(spare, key=lambda one: abs(one - column) + _AWAY * (one in narrow), default=0)


def _cut(sheet: Worksheet, band: range, column: int, last: int) -> None:
    """Take the cells of one column out of some rows, and close up."""
    touched = [one for one in sheet.merged_cells.ranges if one.min_row in band and one.max_col >= column]
    for area in touched:  # all out before the first goes in: a range is found by where it stands
        sheet.merged_cells.remove(area)
    right = CellRange(min_col=column + 1, max_col=last + 1, min_row=band[0], max_row=band[-1])
    shifting.move_cells(sheet, right, columns=-1)
    for area in touched:
        if area.min_col > column:
            area.shift(col_shift=-1)
        else:
            area.shrink(right=1)
        if area.size != {"rows": 1, "columns": 1}:
            sheet.merged_cells.add(area)


def _close_widths(sheet: Worksheet, column: int, last: int) -> None:
    dimensions = sheet.column_dimensions
    for index in range(column, last + 1):
        following = get_column_letter(index + 1)
        if following in dimensions:
            one = dimensions[get_column_letter(index)]
            one.width, one.hidden = dimensions[following].width, dimensions[following].hidden
        else:
            dimensions.pop(get_column_letter(index), None)
