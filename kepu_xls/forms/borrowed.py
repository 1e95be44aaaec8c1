"""The look of the sheets that a template has not, taken from its form sheet: restyling reaches them too."""

from __future__ import annotations

from typing import cast

from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font
from openpyxl.styles.cell_style import StyleArray
from openpyxl.worksheet.worksheet import Worksheet

from kepu_xls import identity
from kepu_xls.forms import cells
from kepu_xls.forms.table import TaskTable
from kepu_xls.model import Record

_TITLE_SIZE = 18


class Looks(Record, frozen=True):
    """Looks of the form sheet: header, text, input and title."""

    header_look: StyleArray
    body_look: StyleArray
    input_look: StyleArray
    title_font: Font

    @classmethod
    def of(cls, table: TaskTable) -> Looks:
        """Take them from a written form sheet."""
        sheet, columns = table.sheet, table.layout.columns
        text, asked = columns[identity.TEXT_KEY], columns[table.content.fields[-1].key]
        return cls(
            header_look=cells.look_of(cells.at(sheet, table.header_row, text)),
            body_look=cells.look_of(cells.at(sheet, table.last_row, text)),
            input_look=cells.look_of(cells.at(sheet, table.last_row, asked)),
            title_font=_largest_font(table),
        )

    def title(self, sheet: Worksheet, text: str, columns: int) -> None:
        """Write a title over the table's width into row 1."""
        cell = _over(sheet, 1, columns)
        cells.put_text(cell, text)
        font = self.title_font
        cell.font = Font(name=font.name, sz=_TITLE_SIZE, b=font.b, color=font.color)
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)

    def note(self, sheet: Worksheet, row: int, text: str, columns: int) -> None:
        """Write a line of text over the table's width."""
        cell = _over(sheet, row, columns)
        self.body(cell, text)
        cell.border = Border()

    def header(self, cell: Cell, text: str) -> None:
        """Write a header cell."""
        cells.give_look(cell, self.header_look)
        cells.put_text(cell, text)

    def body(self, cell: Cell, value: str | float) -> None:
        """Write a locked cell of the table."""
        cells.give_look(cell, self.body_look)
        if isinstance(value, str):
            cells.put_text(cell, value)
        else:
            cell.number_format = "General"
            cell.value = value

    def input(self, cell: Cell) -> None:
        """Dress an input cell."""
        cells.give_look(cell, self.input_look)


def _over(sheet: Worksheet, row: int, columns: int) -> Cell:
    sheet.merge_cells(start_row=row, end_row=row, start_column=2, end_column=columns + 1)
    return cells.at(sheet, row, 2)


def _largest_font(table: TaskTable) -> Font:
    """Give the font of the template's title: the largest above the table."""
    above = [cell for row in table.sheet.iter_rows(max_row=table.key_row) for cell in row if cell.value]
    return cast(Font, max(above, key=lambda cell: float(cell.font.sz or 0)).font)
