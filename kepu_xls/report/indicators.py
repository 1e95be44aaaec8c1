"""量化指标: each measurable target, what each unit reports for it, and how far it is reached."""

from __future__ import annotations

from kepu_xls.outcome import MANY, Consolidated
from kepu_xls.report import figures, sentences
from kepu_xls.report.figures import IndicatorFigures
from kepu_xls.report.sheet import Link, Sheet
from kepu_xls.report.survey import Survey
from kepu_xls.report.table import Band, Column, Heading, Item, Line, draw_filtered
from kepu_xls.report.values import as_number

NAME = "量化指标"

NOTE = (
    "累计完成：各牵头单位填报的是同一指标的累计数，不相加，取其中最大的一个；各单位分别填报的数字列在旁边，供核对。"
    "“待确认”的指标由程序从方案文字中找出，请工作人员在任务总表的“指标”表中确认。点任务编号可转到明细。"
)

_COLUMNS = (
    Column("任务\n编号", 8, "strong", repeats=True),
    Column("指标", 24, flexible=True, repeats=True),
    Column("目标值", 10, "center"),
    Column("计量\n单位", 8, "center"),
    Column("累计\n完成", 10, "center"),
    Column("完成目标\n(%)", 11, "decimal"),
    Column("完成情况", 11, "strong", shaded=True),
    Column("完成时限", 13, "date"),
    Column("是否确认", 10, "center", shaded=True),
    Column("各单位填报", 24, flexible=True),
)


def write(sheet: Sheet, data: Consolidated, heading: Heading, found: Survey) -> None:
    """Write the sheet."""
    items: list[Item] = [_line(one, found) for one in figures.indicators(data)]
    draw_filtered(sheet, heading, _COLUMNS, items or [Band(sentences.indicators(data))])


def _line(found: IndicatorFigures, survey: Survey) -> Line:
    indicator = found.indicator
    reporting = (survey.of_entry.get((unit, indicator.task)) for unit, _, _ in found.reported)
    line = next((one for one in reporting if one is not None), None)
    return Line(
        (
            indicator.task if line is None else Link(indicator.task, line),
            indicator.name,
            as_number(indicator.target, 2),
            indicator.measure,
            as_number(found.reached, 2),
            found.percent,
            sentences.indicator(found),
            indicator.deadline,
            "待确认" if indicator.confirmed is None else "已确认",
            _told(found),
        )
    )


def _told(found: IndicatorFigures) -> str:
    """Give each unit's figure; of very many units only how many gave one, and the lowest and the highest."""
    if len(found.reported) <= MANY:
        return "\n".join(_said(*said) for said in found.reported)
    given = [
        (number, unit) for unit, value, _ in found.reported if (number := figures.number(value)) is not None
    ]
    told = f"{len(found.reported)}个单位，填了的{len(given)}个"
    if not given:
        return told
    (least, lowest), (most, highest) = min(given), max(given)
    return f"{told}\n最少{sentences.amount(least)}（{lowest}）\n最多{sentences.amount(most)}（{highest}）"


def _said(unit: str, value: object, note: str) -> str:
    told = "未填" if value is None else sentences.amount(value) if isinstance(value, float) else str(value)
    return f"{unit}：{told}" + (f"（{note}）" if note else "")
