"""Moving rows of the template down, with merged cells, heights and pictures, to make room for tasks."""

from __future__ import annotations

from collections.abc import Iterator

from openpyxl.drawing.spreadsheet_drawing import AnchorMarker
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

from kepu_xls.model import Record


class Moves(Record, frozen=True):
    """How rows move: those from ``header`` on by one, those from ``footer`` on by ``by``."""

    header: int
    footer: int
    by: int

    def row(self, row: int) -> int:
        """Tell where a row of the template stands in the form."""
        if row < self.header:
            return row
        return row + (1 if row < self.footer else self.by)


def move_rows(sheet: Worksheet, moves: Moves) -> None:
    """Move the footer down.  Header and model rows stay as they are, to be written over."""
    _move_heights(sheet, moves)
    _move_merged(sheet, moves)
    for corner in corners(sheet):
        corner.row = moves.row(corner.row + 1) - 1
    if sheet.max_row >= moves.footer:
        footer = CellRange(min_col=1, min_row=moves.footer, max_col=sheet.max_column, max_row=sheet.max_row)
        move_cells(sheet, footer, rows=moves.by)


def move_cells(sheet: Worksheet, area: CellRange, *, rows: int = 0, columns: int = 0) -> None:
    """Move cells, links with them; ``area`` then is where they stand."""
    sheet.move_range(area, rows=rows, cols=columns)  # shifts the range, too
    for place in area.cells:
        cell = sheet.cell(*place)
        if cell.hyperlink is not None:
            cell.hyperlink.ref = cell.coordinate


def corners(sheet: Worksheet) -> Iterator[AnchorMarker]:
    """Give the corners by which pictures and charts hang on cells, counted from 0."""
    # openpyxl has no public list of them.
    for drawing in (*sheet._images, *sheet._charts):  # type: ignore[attr-defined]  # noqa: SLF001
        for corner in (getattr(drawing.anchor, "_from", None), getattr(drawing.anchor, "to", None)):
            if corner is not None:
                yield corner


def _move_heights(sheet: Worksheet, moves: Moves) -> None:
    old = {
        row: (dimension.height, dimension.hidden)
        for row, dimension in sheet.row_dimensions.items()
        if row >= moves.header
    }
    for row in old:
        del sheet.row_dimensions[row]
    for row, (height, hidden) in old.items():
        dimension = sheet.row_dimensions[moves.row(row)]
        dimension.height, dimension.hidden = height, hidden


def _move_merged(sheet: Worksheet, moves: Moves) -> None:
    below = [area for area in sheet.merged_cells.ranges if area.min_row >= moves.footer]
    for area in below:  # all out before the first goes in: a range is found by where it stands
        sheet.merged_cells.remove(area)
    for area in below:
        area.shift(row_shift=moves.by)
        sheet.merged_cells.add(area)
