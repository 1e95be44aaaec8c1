"""A consolidated workbook, of a district or rolled up itself → its tables.

They are found by their heads: people sort, filter and hide in such a workbook, and put lines above.
"""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from python_calamine import CalamineWorkbook

from kepu_xls.districts import Content, DistrictReport, Table

DISTRICT = "地区"
"""The head of the column that a rolled-up workbook has before all others."""
_DETAIL = re.compile(r"明细数据\d*")
_DETAIL_HEADS = ("期次", "单位", "角色", "任务编号", "主要任务")
_UNIT_HEADS = ("单位", "状态")
_INDICATOR_HEADS = ("指标", "目标值", "累计完成")
_WHOLE = ("目标值", "计量单位", "完成情况")
"""Where all of these are empty, a row only goes on with the one above."""
_LOOKED_AT = 12  # rows: a title and a few lines stand above a table


class NoReportError(Exception):
    """The workbook has no sheet 明细数据 with the heads that ours has."""


def read_report(data: bytes, name: str, file: str) -> DistrictReport:
    """Read the tables of a consolidated workbook of the district ``name``.

    Raises NoReportError where it is none, and whatever calamine raises for what is no workbook.
    """
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        names = book.sheet_names
        details = [_sheet(book, one, _DETAIL_HEADS) for one in names if _DETAIL.fullmatch(one)]
        units = _sheet(book, "单位报送", _UNIT_HEADS) if "单位报送" in names else Table(())
        indicators = _sheet(book, "量化指标", _INDICATOR_HEADS) if "量化指标" in names else Table(())
    found = [table for table in details if table.heads]
    if not found or any(table.heads != found[0].heads for table in found):
        raise NoReportError(file)
    detail = Table(found[0].heads, tuple(row for table in found for row in table.rows))
    return DistrictReport(name, file, _filled(detail, "单位"), _filled(units, "单位"), _joined(indicators))


def _sheet(book: CalamineWorkbook, name: str, wanted: Collection[str]) -> Table:
    """Give a sheet's table; without heads where none of its first rows has all the heads wanted."""
    rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    for number, row in enumerate(rows[:_LOOKED_AT]):
        heads = [re.sub(r"\s", "", cell) if isinstance(cell, str) else "" for cell in row]
        if set(wanted) <= set(heads):
            kept = [index for index, head in enumerate(heads) if head and heads.index(head) == index]
            lines = (tuple(_content(one[index]) for index in kept) for one in rows[number + 1 :])
            return Table(tuple(heads[index] for index in kept), tuple(line for line in lines if any(line)))
    return Table(())


def _content(cell: object) -> Content:
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return cell if isinstance(cell, int | float | date | datetime) else None


def _filled(table: Table, head: str) -> Table:
    """Leave out the rows in which a column is empty: notes, and what only goes on with the row above."""
    if head not in table.heads:
        return table
    index = table.heads.index(head)
    return Table(table.heads, tuple(row for row in table.rows if row[index] is not None))


def _joined(table: Table) -> Table:
    """Put the rows that only go on with the one above to it."""
    if not table.heads:
        return table
    telling = [table.heads.index(head) for head in _WHOLE if head in table.heads]
    rows: list[tuple[Content, ...]] = []
    for row in table.rows:
        if all(row[index] is None for index in telling):
            rows[-1:] = [_longer(rows[-1], row, table.heads)] if rows else []
        else:
            rows.append(row)
    return Table(table.heads, tuple(rows))


def _longer(row: Sequence[Content], more: Iterable[Content], heads: Sequence[str]) -> tuple[Content, ...]:
    """Add a text that goes on: of what the units said, the only one that can be longer than a row is high."""
    return tuple(
        f"{one}\n{other}" if head == "各单位填报" and one and other else one
        for head, one, other in zip(heads, row, more, strict=True)
    )
