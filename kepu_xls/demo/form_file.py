"""A form as the one who fills it has it open: cells are found by the hidden keys, whatever the template."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from kepu_xls import identity
from kepu_xls.model import Field, FieldType, Scalar


class Table:
    """A table with a hidden key row and hidden task numbers: the form's tasks, or its indicators."""

    def __init__(self, sheet: Worksheet) -> None:
        """Find the key row and the rows below with a task number.  Raises ValueError where there is none."""
        self.sheet = sheet
        self.key_row = next((cell.row for cell in sheet["A"] if cell.value == identity.TASK_KEY), 0)
        if not self.key_row:
            raise ValueError(f"no row of keys on sheet {sheet.title}")
        self.columns = {str(cell.value): cell.column for cell in sheet[self.key_row] if cell.value}
        self.rows = tuple(
            cell.row for cell in sheet["A"] if cell.row > self.key_row and cell.value not in (None, "")
        )

    def task(self, row: int) -> str:
        """Give the task number of a row."""
        return str(self.sheet.cell(row, 1).value)

    def text(self, row: int, key: str) -> str:
        """Give what a cell says, empty where it or its column is missing."""
        value = self.sheet.cell(row, self.columns[key]).value if key in self.columns else None
        return "" if value is None else str(value)

    def fill(self, row: int, answers: Mapping[str, Scalar], fields: Mapping[str, Field]) -> None:
        """Type the answers into a row, each as the field's kind and the cell's own preset want it."""
        for key, value in answers.items():
            if key in self.columns and value is not None:
                field = fields.get(key)
                enter(self.cell(row, key), value, dated=field is not None and field.type is FieldType.DATE)

    def cell(self, row: int, key: str) -> Cell:
        """Give the cell of a row under a key."""
        cell = self.sheet.cell(row, self.columns[key])
        assert isinstance(cell, Cell)  # noqa: S101 - no cells are merged in a table of the form
        return cell


class FormFile:
    """One form, opened to be filled.  ``unit`` is what its hidden sheet says."""

    def __init__(self, path: Path) -> None:
        """Open a form that kepu_xls made.  Raises KeyError or ValueError for any other workbook."""
        self.book: Workbook = load_workbook(path, rich_text=True)
        said = {
            str(row[0]): str(row[1]) for row in self.book[identity.IDENTITY_SHEET].iter_rows(values_only=True)
        }
        self.unit = said[identity.UNIT_KEY]
        self.tasks = Table(self.book[identity.FORM_SHEET])
        self.indicators = (
            Table(self.book[identity.INDICATOR_SHEET])
            if identity.INDICATOR_SHEET in self.book.sheetnames
            else None
        )

    def fill_form_fields(self, fields: tuple[Field, ...], answers: Mapping[str, Scalar]) -> None:
        """Type the form-level answers: each into the nearest unlocked cell to the right of its label."""
        for field in fields:
            value, cell = answers.get(field.key), self._input_beside(field.label)
            if value is not None and cell is not None:
                enter(cell, value, dated=field.type is FieldType.DATE)

    def _input_beside(self, label: str) -> Cell | None:
        table = {self.tasks.key_row, *self.tasks.rows}
        found: list[tuple[int, Cell]] = []
        for cells in self.tasks.sheet.iter_rows():
            for index, cell in enumerate(cells):
                text = str(cell.value or "")
                if label not in text or cell.row in table:
                    continue
                inputs = (
                    one for one in cells[index + 1 :] if isinstance(one, Cell) and not one.protection.locked
                )
                if (beside := next(inputs, None)) is not None:
                    found.append((len(text), beside))
        return min(found, key=lambda one: one[0])[1] if found else None


def enter(cell: Cell, value: Scalar, *, dated: bool = False) -> None:
    """Type a value: into a cell preset to text everything goes as text; a date becomes one where it can."""
    if dated and isinstance(value, str):
        day = _as_date(value)
        if cell.number_format != "@" and day is not None:
            cell.value = day
            return
    cell.value = f"{value}" if cell.number_format == "@" else value
    if isinstance(cell.value, str) and cell.value.startswith("="):
        cell.data_type = "s"


def _as_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
