"""单位报送: where each unit stands; those that need something done first."""

from __future__ import annotations

from kepu_xls.model import Unit
from kepu_xls.outcome import Consolidated, UnitStatus
from kepu_xls.report import figures
from kepu_xls.report.sheet import Content, Link, Sheet
from kepu_xls.report.survey import Survey
from kepu_xls.report.table import Band, Column, Heading, Item, Line, draw_filtered

NAME = "单位报送"

NOTE = (
    "按需要处理的先后排列。完整率：必填的格子（表尾的也算）中已填写的比例，选“本期无变化”的行按已填写计。错误和提醒见《校验结果》。"
    "点单位名称可转到它的明细。"
)

_COLUMNS = (
    Column("单位", 13, "strong"),
    Column("状态", 9, "strong", shaded=True),
    Column("牵头\n任务数", 9, "center"),
    Column("参加\n任务数", 9, "center"),
    Column("应报\n行数", 8.5, "center"),
    Column("已报\n行数", 8.5, "center"),
    Column("完整率\n(%)", 9, "decimal"),
    Column("错误", 7.5, "center"),
    Column("提醒", 7.5, "center"),
    Column("到达时间", 13, "moment"),
    Column("来源文件", 30, flexible=True),
    Column("联系人", 9, "center"),
    Column("电话", 13, "center"),
)


def write(sheet: Sheet, data: Consolidated, heading: Heading, found: Survey) -> None:
    """Write the sheet; ``found`` tells where a unit's detail stands."""
    duties, known = figures.duties(data.opened.plan), {unit.name: unit for unit in data.opened.plan.units}
    items: list[Item] = [
        _line(unit, known.get(unit.unit), duties.get(unit.unit, (0, 0)), found.of_unit.get(unit.unit))
        for unit in figures.by_urgency(data.units)
    ]
    draw_filtered(sheet, heading, _COLUMNS, items or [Band("本期没有需要报送的单位。")])


def _line(unit: UnitStatus, known: Unit | None, duties: tuple[int, int], first: int | None) -> Line:
    name: Content = unit.unit if first is None else Link(unit.unit, first)
    return Line(
        (
            name,
            unit.state.value,
            *duties,
            unit.duties,
            unit.rows,
            unit.completeness if unit.reported else None,
            unit.errors,
            unit.warnings,
            unit.received,
            unit.file.rpartition("/")[2],  # the folder of the inbox stands on 明细数据
            known.contact if known else "",
            known.phone if known else "",
        )
    )
