"""问题与滞后: tasks that lag, with the reason, then what units report as problems elsewhere."""

from __future__ import annotations

from kepu_xls.outcome import Consolidated, TaskRow
from kepu_xls.report import figures, sentences
from kepu_xls.report.sheet import Sheet
from kepu_xls.report.table import Band, Column, Heading, Item, Line, draw
from kepu_xls.report.values import as_number

NAME = "问题与滞后"

_COLUMNS = (
    Column("任务\n编号", 8, "strong"),
    Column("项目", 18),
    Column("主要任务", 30, flexible=True),
    Column("牵头单位", 13, "center"),
    Column("状态", 9, "strong", shaded=True),
    Column("完成率\n(%)", 9, "center"),
    Column("滞后情形", 22),
    Column("单位反映的问题", 46, flexible=True),
    Column("下一步计划", 36, flexible=True),
)


def write(sheet: Sheet, data: Consolidated, heading: Heading) -> None:
    """Write the sheet; a sentence where nothing lags and nobody reports a problem."""
    lags = figures.lags(data)
    known = {lag.row.task.number for lag in lags}
    others = [row for row in data.rows if row.task.number not in known and figures.said(row, "problems")]
    items: list[Item] = [Band(f"一、滞后的任务（{len(lags)}项）")]
    items += [_line(lag.row, sentences.reason(lag)) for lag in lags] or [Band("没有滞后的任务。")]
    items.append(Band(f"二、其他反映有问题的任务（{len(others)}项）"))
    items += [_line(row, "") for row in others] or [Band("没有单位反映其他问题。")]
    draw(sheet, heading, _COLUMNS, items)


def _line(row: TaskRow, why: str) -> Line:
    task = row.task
    return Line(
        (
            task.number,
            task.project,
            sentences.task_name(task.text),
            "\n".join(task.leads),
            figures.status(row),
            as_number(figures.percent(row)),
            why,
            _told(figures.said(row, "problems")),
            _told(_next_steps(row)),
        )
    )


def _next_steps(row: TaskRow) -> list[tuple[str, str]]:
    """Choose the plans that bear on the problem: those of the leads, and of the units that named one."""
    concerned = {*row.task.leads, *(unit for unit, _ in figures.said(row, "problems"))}
    return [(unit, text) for unit, text in figures.said(row, "next_steps") if unit in concerned]


def _told(words: list[tuple[str, str]]) -> str:
    return "\n".join(f"{unit}：{text}" for unit, text in words)
