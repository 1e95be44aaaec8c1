"""The close look: whether a cell shows its number as a percentage, which calamine does not tell."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from functools import cache

import openpyxl

from kepu_xls.intake.sniff import Kind
from kepu_xls.intake.survey import Survey

ShowsPercent = Callable[[str, int, int], bool | None]
"""(sheet, row, column) → whether the cell shows a percentage; None where that cannot be told."""


def percent_look(data: bytes, kind: Kind, survey: Survey) -> ShowsPercent:
    """Give the close look for a workbook; the workbook is opened again only when it is first asked."""
    match kind:
        case Kind.XLSX:
            return _look_xlsx(data)
        case Kind.XLS | Kind.ODS:
            return lambda sheet, row, column: (row, column) in survey.percents.get(sheet, frozenset())
        case _:
            return lambda *_: None


def _look_xlsx(data: bytes) -> ShowsPercent:
    @cache
    def formats(sheet: str, row: int) -> tuple[str, ...]:
        # read-only, because a sheet can be large; it trusts <dimension>, which WPS writes wrongly: reset
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl does not support is of no matter here
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
        try:
            page = book[sheet]
            page.reset_dimensions()
            rows = page.iter_rows(min_row=row, max_row=row)
            return tuple(str(cell.number_format or "") for cell in next(iter(rows), ()))
        finally:
            book.close()

    def look(sheet: str, row: int, column: int) -> bool | None:
        try:
            found = formats(sheet, row)
        except Exception:  # noqa: BLE001 - openpyxl is stricter than calamine and fails in many ways: not told
            return None
        return "%" in found[column - 1] if column <= len(found) else None

    return look
