"""Which columns of a task table hold what, and what a row says in them."""

from __future__ import annotations

from kepu_xls.model import Record, Role
from kepu_xls.plan import duties
from kepu_xls.plan.blocks import Cell, Row, distinct
from kepu_xls.plan.draft import Duty
from kepu_xls.plan.headings import Column, Columns, columns_of, head

_ROLES = ((Column.LEAD, Role.LEAD), (Column.PARTICIPANT, Role.PARTICIPANT), (Column.RESPONSIBLE, None))


class Layout(Record, frozen=True):
    """The columns of a table by its header, and how many positions the header has."""

    columns: Columns
    width: int

    def cells(self, row: Row, column: Column) -> Row:
        """Give the cells of a row under a head: several where the head is merged over them."""
        indexes = self.columns.get(column, ())
        return distinct(tuple(row[index] for index in indexes if index < len(row)))

    def cell(self, row: Row, column: Column) -> Cell | None:
        """Give what a row says under a head as one cell; None where it says nothing."""
        cells = self.cells(row, column)
        if len(cells) > 1:
            return Cell("\n".join(cell.text for cell in cells), cells[0].place)
        return cells[0] if cells else None

    def duties(self, row: Row) -> duties.Duties:
        """Read all cells of units in a row, and its deadline."""
        found: list[Duty] = []
        deadline = self.cell(row, Column.DEADLINE)
        for column, role in _ROLES:
            for cell in self.cells(row, column):
                said = duties.read(cell, role)
                found += said.duties
                deadline = deadline or said.deadline
        return duties.Duties(tuple(found), deadline)


def header(row: Row) -> Layout | None:
    """Read a row as the header of a task table; None where it is none."""
    columns = columns_of(row)
    return None if columns is None else Layout(columns, len(row))


def second_header(row: Row, above: Layout) -> Layout | None:
    """Read a second header row, which names some columns more closely (牵头单位 below 责任单位)."""
    heads = {index: found for index, cell in enumerate(row) if not cell.blank and (found := head(cell.text))}
    if len(heads) < 2 or len(heads) < sum(not cell.blank for cell in row):  # noqa: PLR2004 - one alone is a value
        return None
    columns: Columns = {
        column: kept
        for column, indexes in above.columns.items()
        if (kept := tuple(index for index in indexes if index not in heads))
    }
    for index, column in heads.items():
        columns[column] = (*columns.get(column, ()), index)
    return Layout(columns, above.width)
