"""任务进展: the plan's own table with what was reached, each unit's words under its name."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from kepu_xls.model import Field, FieldType, Scalar
from kepu_xls.outcome import Consolidated, TaskRow
from kepu_xls.report import crowds, figures, sentences
from kepu_xls.report.sheet import Content, Sheet, text_of
from kepu_xls.report.table import Band, Column, Heading, Item, Line, draw
from kepu_xls.report.values import content_of

NAME = "任务进展"

_PLAN = (
    Column("项目", 5, "strong", group=True),
    Column("任务\n编号", 5.5, "strong", repeats=True),
    Column("主要任务", 14, flexible=True, repeats=True),
    Column("牵头单位", 8, "center", repeats=True),
    Column("参加单位", 9.5, flexible=True, repeats=True),
)
_LIGHT = Column("灯号及原因", 6, flexible=True, shaded=True)
# fields in the order a leader reads them, and how wide at least; others follow in the configuration's order
_KNOWN = {
    "percent": Column("", 6.2, "center"),
    "status": Column("", 6, "strong", shaded=True),
    "progress": Column("", 30, flexible=True),
    "problems": Column("", 9, flexible=True),
    "next_steps": Column("", 9, flexible=True),
}
_NUMBERS = Column("有关数据", 8.5, "center")
_MEASURE = re.compile(r"^(.+?)[(（](.+?)[)）]$")
_STANDING = ("percent", "status")
_ON_DETAIL_ONLY = {"unchanged", "expected_date", "evidence", "remarks"}
_STYLES = {FieldType.CHOICE: "center", FieldType.DATE: "date"}


def write(sheet: Sheet, data: Consolidated, heading: Heading) -> None:
    """Write the sheet; it has a column for lights and one for numbers only where there are any."""
    shown = _fields(data)
    columns = [*_PLAN, *(column for column, _ in shown)]
    items: list[Item] = []
    part = None
    for row in data.rows:
        if row.task.part != part:
            part = row.task.part
            items.append(Band(part))
        items.append(Line((*_plan_cells(row), *(content(row) for _, content in shown))))
    draw(sheet, heading, columns, items or [Band("本期没有任务。")])


Shown = tuple[Column, Callable[[TaskRow], Content]]


def _fields(data: Consolidated) -> list[Shown]:
    """Choose what is shown of each task: how it stands, words, numbers, then what the configuration added."""
    asked = {field.key: field for field in data.opened.fields}
    others = [field for key, field in asked.items() if key not in {*_KNOWN, *_ON_DETAIL_ONLY}]
    numbers = [field for field in others if figures.is_numeric(field.type)]
    shown: list[Shown] = [_shown(asked[key], data.opened.fields) for key in _KNOWN if key in asked]
    stood = sum(key in asked for key in _STANDING)
    if data.lights:
        shown.insert(stood, (_LIGHT, lambda row: sentences.light(data.lights.get(row.task.number))))
    if numbers:
        shown.append((_NUMBERS, lambda row: _numbers(row, numbers)))
    return shown + [_shown(field, data.opened.fields) for field in others if field not in numbers]


def _shown(field: Field, fields: Sequence[Field]) -> Shown:
    return _column(field), lambda row: _reported(row, field, fields)


def _column(field: Field) -> Column:
    known = _KNOWN.get(field.key)
    if known is not None:
        return Column(field.label, known.width, known.style, known.flexible, shaded=known.shaded)
    style = _STYLES.get(field.type, "text")
    return Column(field.label, min(max(field.width, 6), 12), style, flexible=field.type is FieldType.TEXT)


def _numbers(row: TaskRow, fields: Sequence[Field]) -> str:
    """Say the numbers one below the other with their measures: beside each other they take too much room."""
    told = []
    for field in fields:
        value = content_of(row.values.get(field.key), field.type)
        if value is not None:
            found = _MEASURE.match(field.label)
            name, measure = found.groups() if found else (field.label, "")
            number = sentences.amount(value) if isinstance(value, float) else text_of(value)
            told.append(f"{name}\n{number}{measure}")
    return "\n".join(told)


def _plan_cells(row: TaskRow) -> tuple[Content, ...]:
    task = row.task
    leads, participants = sentences.unit_list(task.leads), sentences.unit_list(task.participants)
    return (task.project, task.number, task.text, leads, participants)


def _reported(row: TaskRow, field: Field, fields: Sequence[Field]) -> Content:
    value: Scalar = row.values.get(field.key)
    if field.key == "status" and value is None:
        return figures.UNKNOWN
    if row.crowd is not None and field.type is FieldType.TEXT:
        return (
            crowds.progress(row, row.crowd, fields)
            if field.key == "progress"
            else crowds.told(row.crowd, field)
        )
    return content_of(value, field.type)
