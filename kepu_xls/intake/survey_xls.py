"""The same look at a BIFF workbook (.xls, WPS's .et), by xlrd.

It keeps number formats and error cells, which calamine drops, and refuses a container whose sectors run in a
circle, which kills calamine.
"""

from __future__ import annotations

import io

import xlrd

from kepu_xls.intake.survey import MAX_DENSE_CELLS, Spot, Survey


class BrokenWorkbookError(ValueError):
    """xlrd cannot read the workbook: what it refuses must not reach calamine, which some files kill."""


class LockedWorkbookError(ValueError):
    """The workbook is encrypted with a password."""


def survey_xls(data: bytes) -> Survey:
    """Look at every sheet.

    Raises LockedWorkbookError for an encrypted workbook, BrokenWorkbookError for a broken one.
    """
    try:
        book = xlrd.open_workbook(
            file_contents=data, formatting_info=True, ragged_rows=True, logfile=io.StringIO()
        )
    except Exception as error:
        locked = isinstance(error, xlrd.XLRDError) and "encrypted" in str(error)
        raise (LockedWorkbookError if locked else BrokenWorkbookError) from error
    errors, percents, spans = {}, {}, {}
    for sheet in book.sheets():
        if sheet.nrows * sheet.ncols > MAX_DENSE_CELLS:
            return Survey(too_large=sheet.name)
        errors[sheet.name] = _errors(sheet)
        percents[sheet.name] = _percents(book, sheet)
        spans[sheet.name] = {(top + 1, left + 1): right for top, _, left, right in sheet.merged_cells}
    return Survey(errors=errors, spans=spans, percents=percents)


def _errors(sheet: xlrd.sheet.Sheet) -> dict[Spot, str]:
    return {
        (row + 1, column + 1): xlrd.error_text_from_code.get(sheet.cell_value(row, column), "#N/A")
        for row in range(sheet.nrows)
        for column, kind in enumerate(sheet.row_types(row))
        if kind == xlrd.XL_CELL_ERROR
    }


def _percents(book: xlrd.book.Book, sheet: xlrd.sheet.Sheet) -> frozenset[Spot]:
    formats = book.format_map
    return frozenset(
        (row + 1, column + 1)
        for row in range(sheet.nrows)
        for column, kind in enumerate(sheet.row_types(row))
        if kind == xlrd.XL_CELL_NUMBER
        and "%" in formats[book.xf_list[sheet.cell_xf_index(row, column)].format_key].format_str
    )
