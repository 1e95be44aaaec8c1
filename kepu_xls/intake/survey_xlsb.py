"""The same look at a binary workbook (.xlsb): how far the cells of each sheet reach."""

from __future__ import annotations

from kepu_xls.intake.package import Package
from kepu_xls.intake.survey import MAX_COLUMNS, MAX_ROWS, ImpossibleAddressError, Survey, refuse_dense
from kepu_xls.limits import Limits

_ROW = 0
_CELLS = range(2, 12)  # with a value; 1 is blank
_ROW_PLACE = 4


def survey_xlsb(data: bytes, limits: Limits) -> Survey:
    """Look at every part of an .xlsb.

    Raises RefusedError past a limit, ImpossibleAddressError, and what zipfile and expat raise for a broken
    one.
    """
    with Package(data, limits) as package:
        for part in package.parts:
            place = part.replace("\\", "/").lower()
            if place.startswith("xl/worksheets/") and place.endswith(".bin"):
                refuse_dense(part, _dense(b"".join(package.chunks(part))), limits)
            elif place == "xl/_rels/workbook.bin.rels":
                package.parse(part)
            elif place.endswith((".xml", ".rels", ".vml")):
                package.glance(part)
            else:
                package.skip(part)
    return Survey()


def _dense(stream: bytes) -> int:
    """Tell how many cells a dense read would take, from the records of a sheet."""
    place, row = 0, 0
    rows: list[int] = []
    columns: list[int] = []
    while place < len(stream):
        kind, place = _number(stream, place, 2)
        size, place = _number(stream, place, 4)
        value = int.from_bytes(stream[place : place + _ROW_PLACE], "little")
        if kind == _ROW:
            row = _inside(value, MAX_ROWS)
        elif kind in _CELLS:
            rows = [min([*rows[:1], row]), max([*rows[1:], row])]
            column = _inside(value, MAX_COLUMNS)
            columns = [min([*columns[:1], column]), max([*columns[1:], column])]
        place += size
    return (rows[1] - rows[0] + 1) * (columns[1] - columns[0] + 1) if rows else 0


def _number(stream: bytes, place: int, most: int) -> tuple[int, int]:
    """Read a number of up to ``most`` bytes, seven bits in each; give it and the place after it."""
    number = 0
    for index, byte in enumerate(stream[place : place + most]):
        number |= (byte & 0x7F) << (7 * index)
        if not byte & 0x80:
            return number, place + index + 1
    return number, place + most


def _inside(number: int, most: int) -> int:
    if number >= most:
        raise ImpossibleAddressError(number)
    return number
