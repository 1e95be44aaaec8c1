"""问题与滞后: tasks that lag, with light and reason, then what units report as problems elsewhere."""

from __future__ import annotations

from kepu_xls.outcome import Consolidated, TaskRow
from kepu_xls.report import figures, sentences
from kepu_xls.report.figures import Lag
from kepu_xls.report.sheet import Content, Link, Sheet
from kepu_xls.report.survey import Survey
from kepu_xls.report.table import Band, Column, Heading, Item, Line, draw_filtered
from kepu_xls.report.values import as_number

NAME = "问题与滞后"

NOTE = (
    "红灯、黄灯和自报滞后的任务在前，其他反映有问题的任务在后。点任务编号可转到《明细数据》中牵头单位的一行。"
)

_COLUMNS = (
    Column("任务\n编号", 6, "strong", repeats=True),
    Column("类别", 9, "strong", shaded=True, repeats=True),
    Column("项目", 10, flexible=True, repeats=True),
    Column("主要任务", 20, flexible=True, repeats=True),
    Column("牵头单位", 9, "center", repeats=True),
    Column("进展状态", 9, "strong", shaded=True),
    Column("完成率\n(%)", 7, "center"),
    Column("灯号及原因", 12, flexible=True, shaded=True),
    Column("单位反映的问题", 24, flexible=True),
    Column("下一步计划", 24, flexible=True),
)


def write(sheet: Sheet, data: Consolidated, heading: Heading, found: Survey) -> None:
    """Write the sheet; a sentence where nothing lags and nobody reports a problem."""
    items: list[Item] = [
        _line(data, row, lag, found.of_task.get(row.task.number)) for row, lag in figures.in_trouble(data)
    ]
    draw_filtered(sheet, heading, _COLUMNS, items or [Band("没有滞后的任务，也没有单位反映问题。")])


def _line(data: Consolidated, row: TaskRow, lag: Lag | None, first: int | None) -> Line:
    task = row.task
    number: Content = task.number if first is None else Link(task.number, first)
    return Line(
        (
            number,
            "反映问题" if lag is None else f"{lag.light.colour}灯" if lag.light else figures.LAGGING,
            task.project,
            sentences.task_name(task.text),
            sentences.unit_list(task.leads),
            figures.status(row),
            as_number(figures.percent(row)),
            sentences.light(data.lights.get(task.number)) or (sentences.reason(lag) if lag else ""),
            _told(figures.said(row, "problems"), figures.said_by(row, "problems")),
            _told(_next_steps(row)),
        )
    )


def _next_steps(row: TaskRow) -> list[tuple[str, str]]:
    """Choose the plans that bear on the problem: those of the leads, and of the units that named one."""
    concerned = {*row.task.leads, *(unit for unit, _ in figures.said(row, "problems"))}
    return [(unit, text) for unit, text in figures.said(row, "next_steps") if unit in concerned]


def _told(words: list[tuple[str, str]], of: int = 0) -> str:
    more = [f"……共{of}个单位反映，见《明细数据》"] if of > len(words) else []
    return "\n".join([*(f"{unit}：{text}" for unit, text in words), *more])
