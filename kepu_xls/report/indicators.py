"""量化指标: each measurable target, what each unit reports for it, and how far it is reached."""

from __future__ import annotations

from kepu_xls.outcome import Consolidated
from kepu_xls.report import figures, sentences
from kepu_xls.report.figures import IndicatorFigures
from kepu_xls.report.sheet import Sheet
from kepu_xls.report.table import Band, Column, Heading, Item, Line, draw
from kepu_xls.report.values import as_number

NAME = "量化指标"

NOTE = (
    "累计完成：各牵头单位填报的是同一指标的累计数，不相加，取其中最大的一个；各单位分别填报的数字列在旁边，供核对。"
    "“待确认”的指标由程序从方案文字中找出，请工作人员在任务总表的“指标”表中确认。"
)

_COLUMNS = (
    Column("任务\n编号", 8, "strong"),
    Column("指标", 40, flexible=True),
    Column("目标值", 10, "center"),
    Column("计量\n单位", 8, "center"),
    Column("累计\n完成", 10, "center"),
    Column("完成目标\n(%)", 11, "decimal"),
    Column("完成情况", 11, "strong", shaded=True),
    Column("完成时限", 13, "date"),
    Column("是否确认", 10, "center", shaded=True),
    Column("各单位填报", 36, flexible=True),
)


def write(sheet: Sheet, data: Consolidated, heading: Heading) -> None:
    """Write the sheet."""
    items: list[Item] = [_line(found) for found in figures.indicators(data)]
    draw(sheet, heading, _COLUMNS, items or [Band(sentences.indicators(data))])


def _line(found: IndicatorFigures) -> Line:
    indicator = found.indicator
    state = "未填报" if found.reached is None else "已达标" if found.met else "未达标"
    return Line(
        (
            indicator.task,
            indicator.name,
            as_number(indicator.target, 2),
            indicator.measure,
            as_number(found.reached, 2),
            found.percent,
            state,
            indicator.deadline,
            "待确认" if indicator.confirmed is None else "已确认",
            "\n".join(_said(*said) for said in found.reported),
        )
    )


def _said(unit: str, value: object, note: str) -> str:
    told = "未填" if value is None else sentences.plain(value) if isinstance(value, float) else str(value)
    return f"{unit}：{told}" + (f"（{note}）" if note else "")
