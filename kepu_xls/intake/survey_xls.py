"""The same look at a BIFF workbook (.xls, WPS's .et), by xlrd.

It keeps number formats and error cells, which calamine drops, and refuses a container whose sectors run in a
circle, which kills calamine.
"""

from __future__ import annotations

import io
import struct

import xlrd

from kepu_xls.intake.formats import is_percent
from kepu_xls.intake.survey import Spot, Survey, refuse_dense
from kepu_xls.intake.unpacking import BrokenWorkbookError, LockedWorkbookError
from kepu_xls.limits import Limits

_DIMENSIONS = 0x0200
_MOST_ROWS, _MOST_COLUMNS = 65_536, 256


def survey_xls(data: bytes, limits: Limits) -> Survey:
    """Look at every sheet.

    Raises LockedWorkbookError for an encrypted workbook, BrokenWorkbookError for a broken one, RefusedError
    past a limit.
    """
    try:
        book = xlrd.open_workbook(
            file_contents=data, formatting_info=True, ragged_rows=True, logfile=io.StringIO()
        )
    except MemoryError:
        raise
    except Exception as error:
        locked = isinstance(error, xlrd.XLRDError) and "encrypted" in str(error)
        raise (LockedWorkbookError if locked else BrokenWorkbookError) from error
    if not _declares_sanely(data):
        raise BrokenWorkbookError
    errors, percents, spans = {}, {}, {}
    for sheet in book.sheets():
        refuse_dense(sheet.name, sheet.nrows * sheet.ncols, limits)
        errors[sheet.name] = _errors(sheet)
        percents[sheet.name] = _percents(book, sheet)
        spans[sheet.name] = {
            (top + 1, left + 1): (bottom, right) for top, bottom, left, right in sheet.merged_cells
        }
    return Survey(errors=errors, spans=spans, percents=percents)


def _declares_sanely(data: bytes) -> bool:
    """Tell whether every sheet declares a size that BIFF can have: calamine makes room for any, and dies."""
    container = xlrd.compdoc.CompDoc(data, logfile=io.StringIO())
    found = (container.locate_named_stream(name) for name in ("Workbook", "Book"))
    stream, place, length = next((one for one in found if one[0] is not None), (b"", 0, 0))
    end = place + length
    while place + 4 <= end:
        kind, size = struct.unpack_from("<HH", stream, place)
        if kind == _DIMENSIONS and place + 4 + size <= end:
            layout = "<IIHH" if size >= struct.calcsize("<IIHHH") else "<HHHH"
            top, bottom, left, right = struct.unpack_from(layout, stream, place + 4)
            if not (top <= bottom <= _MOST_ROWS and left <= right <= _MOST_COLUMNS):
                return False
        place += 4 + size
    return True


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
        and is_percent(formats[book.xf_list[sheet.cell_xf_index(row, column)].format_key].format_str)
    )
