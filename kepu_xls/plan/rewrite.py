"""A plan brought up to date → the clerk's own master.xlsx: only what changes is touched."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

import openpyxl
from openpyxl.utils import get_column_letter

from kepu_xls import workspace
from kepu_xls.messages import finding
from kepu_xls.model import Finding, Place, Record
from kepu_xls.plan import columns as c
from kepu_xls.plan import rows
from kepu_xls.plan.master import Master, MasterRow, MasterSheet
from kepu_xls.plan.update import Updated
from kepu_xls.plan.writer import Value, height

_USUAL_WIDTH = 8.43
_NOTE_WIDTH, _NOTE_LINE = 260, 20
_LOST = ("xl/media/", "xl/charts/", "xl/drawings/drawing")


class _Line(Record, frozen=True):
    """One row as it is to be: where it stood (None: it is new), and what has to be written into it."""

    row: int | None
    values: Mapping[str, Value]


def rewrite_master(path: Path, master: Master, updated: Updated) -> tuple[Finding, ...]:
    """Put a plan into the workbook that ``master`` was read from; what else is in it stays as it is.

    Rows of a task, unit or indicator that go take their cells with them, all others keep theirs: further
    columns, comments, colours, heights.  Whole or not at all; raises SurroundingsError where it cannot be
    written.  A finding tells of pictures and charts, which are lost.
    """
    data = path.read_bytes()
    book = openpyxl.load_workbook(BytesIO(data), rich_text=True)
    for name, lines in _lines(master, updated).items():
        _rewrite(book[master.sheets[name].title], master.sheets[name], lines, _rows_of(master, name))
        _widen_notes(book[master.sheets[name].title])
    made = BytesIO()
    book.save(made)
    workspace.write_bytes(path, made.getvalue())
    with zipfile.ZipFile(BytesIO(data)) as archive:
        lost = any(name.startswith(_LOST) for name in archive.namelist())
    return (finding("master-pictures-lost", Place(file=path.name)),) if lost else ()


def _widen_notes(sheet: rows.Sheet) -> None:
    """Make comments large enough to be read: openpyxl does not know how large they were."""
    for cell in sheet._cells.values():  # noqa: SLF001 - a stray mark makes a walk by rows endless
        if cell.comment is not None:
            cell.comment.width = _NOTE_WIDTH
            cell.comment.height = _NOTE_LINE * (2 + len(cell.comment.text) // 16)


def _rows_of(master: Master, name: str) -> tuple[MasterRow, ...]:
    by_name = {
        c.TASK_SHEET: master.task_rows,
        c.UNIT_SHEET: master.unit_rows,
        c.INDICATOR_SHEET: master.indicator_rows,
    }
    return by_name[name]


def _lines(master: Master, updated: Updated) -> dict[str, list[_Line]]:
    """Tell for each sheet which rows it is to have, in order, and what changes in them."""
    old, new = master.plan, updated.plan
    units = {unit.name: index for index, unit in reversed(list(enumerate(old.units)))}
    return {
        c.TASK_SHEET: _paired(
            [c.of_task(one) for one in old.tasks],
            [c.of_task(one) for one in new.tasks],
            updated.origins,
            master.task_rows,
        ),
        c.UNIT_SHEET: [
            *(_Line(row.row, {}) for row in master.unit_rows),
            *(_Line(None, c.of_unit(unit)) for unit in new.units if unit.name not in units),
        ],
        c.INDICATOR_SHEET: _paired(
            [c.of_indicator(one) for one in old.indicators],
            [c.of_indicator(one) for one in new.indicators],
            updated.indicator_origins,
            master.indicator_rows,
        ),
    }


def _paired(
    old: Sequence[Mapping[str, Value]],
    new: Sequence[Mapping[str, Value]],
    origins: Sequence[int | None],
    places: Sequence[MasterRow],
) -> list[_Line]:
    lines = []
    for after, origin in zip(new, origins, strict=True):
        if origin is None:
            lines.append(_Line(None, after))
        else:
            changed = {column: value for column, value in after.items() if old[origin][column] != value}
            lines.append(_Line(places[origin].row, changed))
    return lines


def _rewrite(sheet: rows.Sheet, at: MasterSheet, lines: list[_Line], there: Sequence[MasterRow]) -> None:
    """Move, drop and add rows, then write what changed."""
    stay = {line.row for line in lines}
    gone = {row.row for row in there} - stay
    if not gone and all(line.row is not None and not line.values for line in lines):
        return
    added: dict[int, int] = {}  # how many new rows follow a row that was there
    last = at.header
    for line in lines:
        if line.row is None:
            added[last] = added.get(last, 0) + 1
        else:
            last = line.row
    target = rows.targets(sheet, gone, added)
    data = {row.row for row in there}
    look = rows.usual_look(sheet, data)
    rows.split_merged(sheet, gone, added, {line.row for line in lines if line.row and line.values})
    rows.move(sheet, target)
    columns = _columns(sheet, at, lines)
    last, lowest = at.header, at.header
    for line in lines:
        last = last + 1 if line.row is None else target[line.row]
        lowest = max(lowest, last)
        if line.row is None:
            rows.dress(sheet, look, last)
        _write(sheet, columns, last, line)
    rows.stretch_filter(sheet, lowest - max(data, default=at.header))


def _columns(sheet: rows.Sheet, at: MasterSheet, lines: list[_Line]) -> dict[str, int]:
    """Give the columns of a sheet, those added that it may lack and that now have something to say."""
    columns = dict(at.columns)
    for name in (name for line in lines for name, value in line.values.items() if value != ""):
        if name not in columns:
            columns[name] = rows.add_column(sheet, at.header, name)
    return columns


def _write(sheet: rows.Sheet, columns: Mapping[str, int], row: int, line: _Line) -> None:
    """Write what changed in one row, as text wherever it is text, and make the row high enough."""
    for column, value in line.values.items():
        if column in columns:
            cell = sheet.cell(row, columns[column])
            cell.value = None if value == "" else value
            if isinstance(value, str) and value:
                cell.data_type = "s"  # also what begins with =
    dimension = sheet.row_dimensions[row]
    if line.values and (line.row is None or dimension.height is not None):
        dimension.height = max(_needed(sheet, columns, row), dimension.height or 0)


def _needed(sheet: rows.Sheet, columns: Mapping[str, int], row: int) -> float:
    """Give the height that a row needs for its text in columns as wide as the clerk made them."""
    cells = [sheet.cell(row, column) for column in columns.values()]
    widths = [
        sheet.column_dimensions[get_column_letter(column)].width or _USUAL_WIDTH
        for column in columns.values()
    ]
    return height(["" if cell.value is None else str(cell.value) for cell in cells], widths)
