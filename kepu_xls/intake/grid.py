"""A workbook's sheets as they are: cells that hold something, by the row and column numbers people see."""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import msgspec
import python_calamine

from kepu_xls.intake.survey import Spot, Survey
from kepu_xls.model import Record


class Formula(Record, frozen=True):
    """A formula whose result was never computed: there is nothing to read."""

    text: str


Raw = str | int | float | bool | date | datetime | time | timedelta | Formula | None
"""What a cell holds; None: nothing."""


class Grid(Record, frozen=True):
    """A sheet.  ``cells``: row number → column number → value, both from 1; blank cells are left out.

    ``spans``: first cell (row, column) of a merged range → its last cell.
    """

    name: str
    cells: dict[int, dict[int, Raw]]
    hidden: bool = False
    spans: dict[Spot, Spot] = msgspec.field(default_factory=dict)

    def at(self, row: int, column: int) -> Raw:
        """Give what a cell holds."""
        return self.cells.get(row, {}).get(column)

    def text(self, row: int, column: int) -> str:
        """Give a cell as text, empty where it holds nothing."""
        return written(self.at(row, column))


class Held(Record, frozen=True):
    """What a cell holds, or a part of it, and where."""

    raw: Raw
    row: int
    column: int


def address(row: int, column: int) -> str:
    """Write a cell's address: (12, 3) → ``C12``."""
    return f"{letters(column)}{row}"


@lru_cache(1024)
def letters(column: int) -> str:
    """Write a column as people see it: 28 → ``AB``."""
    rest, last = divmod(column - 1, 26)
    return (letters(rest) if rest else "") + chr(ord("A") + last)


def written(raw: Raw) -> str:  # noqa: PLR0911 - one line for each type of value
    """Write a cell's value as a person would read it: 13800000000.0 → ``13800000000``."""
    match raw:
        case None:
            return ""
        case bool():
            return "是" if raw else "否"
        case float() if raw.is_integer() and abs(raw) < 1e15:  # noqa: PLR2004 - beyond, Excel's digits are zeros
            return str(int(raw))
        case datetime() if raw.time() == time():
            return raw.date().isoformat()
        case datetime():
            return raw.isoformat(sep=" ", timespec="seconds")
        case date():
            return raw.isoformat()
        case Formula():
            return raw.text
        case _:
            return str(raw)


def read(data: bytes, survey: Survey) -> tuple[Grid, ...]:
    """Read every sheet of a workbook with calamine.

    What calamine gives as blank (error cells, formulas without a result) comes from the survey.

    Raises what calamine raises: CalamineError and its kin for a broken file, PasswordError for a locked one.
    """
    with python_calamine.load_workbook(io.BytesIO(data)) as book:
        grids = []
        for index, meta in enumerate(book.sheets_metadata):
            if meta.typ is not python_calamine.SheetTypeEnum.WorkSheet:
                continue
            hidden = meta.visible is not python_calamine.SheetVisibleEnum.Visible
            cells = _cells(book.get_sheet_by_index(index))
            _overlay(cells, survey, meta.name)
            grids.append(Grid(meta.name, cells, hidden, survey.spans.get(meta.name, {})))
        return tuple(grids)


def _cells(sheet: python_calamine.CalamineSheet) -> dict[int, dict[int, Raw]]:
    """Keep what is not blank.  The values run from ``sheet.start``, counted from 0."""
    if sheet.start is None:
        return {}
    top, left = sheet.start[0] + 1, sheet.start[1] + 1
    cells: dict[int, dict[int, Raw]] = {}
    for row, values in enumerate(sheet.to_python(skip_empty_area=True), top):
        kept: dict[int, Raw] = {
            column: value
            for column, value in enumerate(values, left)
            if value != "" and value is not None and not (type(value) is str and value.isspace())
        }
        if kept:
            cells[row] = kept
    return cells


def _overlay(cells: dict[int, dict[int, Raw]], survey: Survey, sheet: str) -> None:
    """Put in what calamine gives as blank: ``#REF!`` and its like, and formulas that were never computed."""
    for (row, column), text in survey.errors.get(sheet, {}).items():
        cells.setdefault(row, {})[column] = text
    for (row, column), text in survey.formulas.get(sheet, {}).items():
        if cells.get(row, {}).get(column) is None:
            cells.setdefault(row, {})[column] = Formula(f"={text}")
