"""任务进展: the plan's own table with what was reached, each unit's words under its name."""

from __future__ import annotations

from kepu_xls.model import Field, FieldType, Scalar
from kepu_xls.outcome import Consolidated, TaskRow
from kepu_xls.report import figures
from kepu_xls.report.sheet import Content, Sheet
from kepu_xls.report.table import Band, Column, Heading, Item, Line, draw
from kepu_xls.report.values import content_of

NAME = "任务进展"

_PLAN = (
    Column("项目", 7, "strong", group=True),
    Column("任务\n编号", 6, "strong", repeats=True),
    Column("主要任务", 27, flexible=True, repeats=True),
    Column("牵头单位", 9, "center", repeats=True),
    Column("参加单位", 13, repeats=True),
)
# fields in the order a leader reads them, and how wide; others follow in the configuration's order
_KNOWN = {
    "percent": Column("", 6.5, "center"),
    "status": Column("", 7.5, "strong", shaded=True),
    "progress": Column("", 58, flexible=True),
    "problems": Column("", 20, flexible=True),
    "next_steps": Column("", 20, flexible=True),
    "activities": Column("", 7, "center"),
    "attendance": Column("", 7, "center"),
    "funds": Column("", 7.5, "center"),
}
_ON_DETAIL_ONLY = {"unchanged", "expected_date", "evidence", "remarks"}
_STYLES = {FieldType.CHOICE: "center", FieldType.DATE: "date"}


def write(sheet: Sheet, data: Consolidated, heading: Heading) -> None:
    """Write the sheet."""
    fields = _fields(data)
    draw(sheet, heading, [*_PLAN, *map(_column, fields)], _items(data, fields))


def _fields(data: Consolidated) -> list[Field]:
    """Choose the fields that are shown: the known ones in the leader's order, then those that were added."""
    known = [field for key in _KNOWN if (field := data.opened.field(key))]
    return known + [field for field in data.opened.fields if field.key not in {*_KNOWN, *_ON_DETAIL_ONLY}]


def _column(field: Field) -> Column:
    known = _KNOWN.get(field.key)
    if known is not None:
        return Column(field.label, known.width, known.style, known.flexible, shaded=known.shaded)
    style = "center" if figures.is_numeric(field.type) else _STYLES.get(field.type, "text")
    return Column(field.label, min(max(field.width, 8), 30), style, flexible=field.type is FieldType.TEXT)


def _items(data: Consolidated, fields: list[Field]) -> list[Item]:
    items: list[Item] = []
    part = None
    for row in data.rows:
        if row.task.part != part:
            part = row.task.part
            items.append(Band(part))
        items.append(Line((*_plan_cells(row), *(_reported(row, field) for field in fields))))
    return items or [Band("本期没有任务。")]


def _plan_cells(row: TaskRow) -> tuple[Content, ...]:
    task = row.task
    return (task.project, task.number, task.text, "\n".join(task.leads), "、".join(task.participants))


def _reported(row: TaskRow, field: Field) -> Content:
    value: Scalar = row.values.get(field.key)
    if field.key == "status" and value is None:
        return figures.UNKNOWN
    return content_of(value, field.type)
