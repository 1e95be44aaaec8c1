"""master.xlsx → the plan, with the place of everything in it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from string import ascii_uppercase

from kepu_xls.errors import InputError
from kepu_xls.messages import finding
from kepu_xls.model import Finding, Indicator, Place, Plan, Record, Task, Unit
from kepu_xls.plan import columns as c
from kepu_xls.plan import excel
from kepu_xls.plan.blocks import Cell, Row, flat
from kepu_xls.plan.dates import last_day_meant

_HEADER_WITHIN = 15
_BLANK = Cell("")
_NAMES = re.compile(r"[、，,；;\n]")
_BETWEEN_ADDRESSES = re.compile(r"[、，,；;\n]+")
_ANGLED = re.compile(r"[<＜]([^<>＜＞]*)[>＞]")
"""As mail programs copy it: ``张三 <zhang@example.com>``."""


class MasterRow(Record, frozen=True):
    """One row of a sheet: its true number, and its cells by the names of their columns."""

    row: int
    cells: dict[str, Cell]

    def text(self, column: str) -> str:
        """Give what a cell says, lines run together; nothing where the column is not there."""
        return flat(self.cells.get(column, _BLANK).text).strip()

    def says(self, column: str) -> bool:
        """Tell whether a cell says something in this row, and is not just merged with one above."""
        return bool(self.text(column)) and self.place(column).cell.lstrip(ascii_uppercase) == str(self.row)

    def place(self, column: str) -> Place:
        """Give the place of a cell."""
        return self.cells.get(column, _BLANK).place


class MasterSheet(Record, frozen=True):
    """One sheet of a master: its name as written, the row of its header, where its columns are (from 1)."""

    title: str
    header: int
    columns: dict[str, int]


class Master(Record, frozen=True):
    """The clerk's table as read.

    The n-th row of each kind is where the plan's n-th task, unit or indicator stands.
    ``findings`` are what could not be read (a date, a number) or was understood by an alias; ``sheets`` tells
    by the names of the contract where everything is.
    """

    plan: Plan
    file: str
    sheets: dict[str, MasterSheet]
    task_rows: tuple[MasterRow, ...] = ()
    unit_rows: tuple[MasterRow, ...] = ()
    indicator_rows: tuple[MasterRow, ...] = ()
    findings: tuple[Finding, ...] = ()


def read_master(path: Path, title: str) -> Master:
    """Read a master; ``title`` becomes the plan's.

    Blank rows, merged cells and further columns do not matter.
    Raises InputError where it is missing, no workbook, or lacks a sheet or column.
    """
    sheets = {sheet.name.strip(): sheet for sheet in _sheets(path)}
    at = {name: _sheet(sheets, name, path.name) for name in c.COLUMNS}
    rows = {name: _rows(sheets[name], at[name], Place(path.name, name)) for name in c.COLUMNS}
    found: list[Finding] = []
    units = tuple(_unit(row, found) for row in rows[c.UNIT_SHEET])
    known = Plan(title, units=units)
    tasks = [(_task(row, known, found), row) for row in rows[c.TASK_SHEET]]
    tasks.sort(key=lambda pair: pair[0].sort_key)
    return Master(
        plan=Plan(
            title=title,
            tasks=tuple(task for task, _ in tasks),
            units=units,
            indicators=tuple(_indicator(row, found) for row in rows[c.INDICATOR_SHEET]),
        ),
        file=path.name,
        sheets=at,
        task_rows=tuple(row for _, row in tasks),
        unit_rows=rows[c.UNIT_SHEET],
        indicator_rows=rows[c.INDICATOR_SHEET],
        findings=tuple(found),
    )


def _sheets(path: Path) -> tuple[excel.Sheet, ...]:
    if not path.exists():
        raise InputError("master-missing", path=path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError("file-unreadable", path=path, detail=error.strerror or error) from error
    try:
        return excel.sheets_of(data, path.name)
    except Exception as error:  # openpyxl has no common exception; whatever it met, the file is at fault
        raise InputError("master-broken", Place(file=path.name), path=path) from error


def _sheet(sheets: dict[str, excel.Sheet], name: str, file: str) -> MasterSheet:
    """Find the header of a sheet by the names of its columns."""
    if name not in sheets:
        raise InputError("master-sheet-missing", Place(file=file), file=file, sheet=name)
    sheet = sheets[name]
    wanted = [column for column in c.COLUMNS[name] if column not in c.OPTIONAL]
    candidates = [(number, row) for number, row in sheet.rows.items() if number <= _HEADER_WITHIN]
    number, header = max(
        candidates, key=lambda one: len(_named(one[1]).keys() & set(wanted)), default=(0, ())
    )
    at = _named(header)
    for column in wanted:
        if column not in at:
            raise InputError("master-column-missing", Place(file, name), file=file, sheet=name, column=column)
    return MasterSheet(sheet.name, number, {column: index + 1 for column, index in at.items()})


def _rows(sheet: excel.Sheet, at: MasterSheet, place: Place) -> tuple[MasterRow, ...]:
    """Give the rows of a sheet below its header that say something."""
    rows = (_row(number, row, at.columns, place) for number, row in sheet.rows.items() if number > at.header)
    return tuple(row for row in rows if any(row.says(column) for column in c.COLUMNS[place.sheet]))


def _named(row: Row) -> dict[str, int]:
    return {"".join(cell.text.split()): index for index, cell in reversed(list(enumerate(row)))}


def _row(number: int, row: Row, at: dict[str, int], sheet: Place) -> MasterRow:
    cells = {
        name: row[column - 1] if column <= len(row) else Cell("", excel.place_of(sheet, number, column))
        for name, column in at.items()
    }
    return MasterRow(number, cells)


def _addresses(text: str) -> tuple[str, ...]:
    """Give the addresses of a cell, without the names that stand before them."""
    pieces = (_ANGLED.findall(piece) or [piece] for piece in _BETWEEN_ADDRESSES.split(text))
    return tuple(address for piece in pieces for one in piece for address in one.split())


def _unit(row: MasterRow, found: list[Finding]) -> Unit:
    return Unit(
        name=row.text(c.NAME),
        aliases=_split(row, c.ALIASES),
        emails=_addresses(row.cells.get(c.EMAILS, _BLANK).text),
        contact=row.text(c.CONTACT),
        phone=row.text(c.PHONE),
        since=_date(row, c.SINCE, found),
        until=_date(row, c.UNTIL, found),
        merged_into=_split(row, c.MERGED_INTO),
    )


def _task(row: MasterRow, known: Plan, found: list[Finding]) -> Task:
    return Task(
        number=row.text(c.NUMBER),
        part=row.text(c.PART),
        project=row.text(c.PROJECT),
        text=row.text(c.TEXT),
        leads=_units(row, c.LEADS, known, found),
        participants=_units(row, c.PARTICIPANTS, known, found),
        deadline=_date(row, c.DEADLINE, found),
    )


def _indicator(row: MasterRow, found: list[Finding]) -> Indicator:
    return Indicator(
        task=row.text(c.TASK_NUMBER),
        name=row.text(c.INDICATOR),
        target=_target(row, found),
        measure=row.text(c.MEASURE),
        deadline=_date(row, c.DEADLINE, found),
        confirmed=_confirmed(row, found),
    )


def _split(row: MasterRow, column: str) -> tuple[str, ...]:
    """Part the names in a cell; one that stands there twice counts once."""
    pieces = _NAMES.split(row.cells.get(column, _BLANK).text)
    return tuple(dict.fromkeys(name for piece in pieces if (name := "".join(piece.split()))))


def _units(row: MasterRow, column: str, known: Plan, found: list[Finding]) -> tuple[str, ...]:
    """Give the units in a cell by their own names; one named by its only alias is told."""
    units = []
    for name in _parted(row, column, known, found):
        owners = [unit.name for unit in known.bearers(name)]
        if len(owners) == 1 and owners[0] != name:
            task = row.text(c.NUMBER)
            found.append(
                finding("master-alias-used", row.place(column), task=task, alias=name, unit=owners[0])
            )
            units.append(owners[0])
        else:
            units.append(name)
    return tuple(dict.fromkeys(units))


def _parted(row: MasterRow, column: str, known: Plan, found: list[Finding]) -> tuple[str, ...]:
    """Part the names in a cell; a blank parts them too, where there are known names on both sides of it."""
    names: dict[str, None] = {}
    for piece in _NAMES.split(row.cells.get(column, _BLANK).text):
        words = piece.split()
        ways = [] if known.unit("".join(words)) else _ways(words, known)
        if ways and len(ways[0]) > 1:
            written = "、".join(ways[0])
            found.append(
                finding("master-blank-parted", row.place(column), task=row.text(c.NUMBER), names=written)
            )
        names |= dict.fromkeys(ways[0] if ways else filter(None, ["".join(words)]))
    return tuple(names)


def _ways(words: list[str], known: Plan) -> list[tuple[str, ...]]:
    """Put words together to known names; none where some are no name.  The longest first name comes first."""
    if not words:
        return [()]
    for end in range(len(words), 0, -1):
        name = "".join(words[:end])
        if known.unit(name) and (rest := _ways(words[end:], known)):
            return [(name, *rest[0])]
    return []


def _date(row: MasterRow, column: str, found: list[Finding]) -> date | None:
    text = row.text(column)
    if not text:
        return None
    day = last_day_meant(text)
    if day is None:
        found.append(finding("master-date-unread", row.place(column), column=column, text=text))
    return day


def _target(row: MasterRow, found: list[Finding]) -> float:
    """Read the target; what is no number counts as 0, and is told."""
    text = row.text(c.TARGET).replace(",", "").replace("，", "")
    try:
        target = float(text)
    except ValueError:
        target = float("nan")
    if target - target == 0:  # neither nan nor infinite
        return target
    found.append(
        finding("master-target-unread", row.place(c.TARGET), text=text, task=row.text(c.TASK_NUMBER))
    )
    return 0.0


def _confirmed(row: MasterRow, found: list[Finding]) -> bool | None:
    text = row.text(c.CONFIRMED)
    if text not in ("", c.YES, c.NO):
        found.append(finding("master-confirmed-unread", row.place(c.CONFIRMED), text=text))
    return {c.YES: True, c.NO: False}.get(text)
