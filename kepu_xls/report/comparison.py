"""与上期对比: tasks whose 完成率 or status is not as it was."""

from __future__ import annotations

from kepu_xls.model import Scalar
from kepu_xls.outcome import Consolidated
from kepu_xls.report import figures, sentences
from kepu_xls.report.figures import Change
from kepu_xls.report.sheet import Sheet
from kepu_xls.report.table import Band, Column, Heading, Item, Line, draw

NAME = "与上期对比"

_COLUMNS = (
    Column("任务\n编号", 8, "strong"),
    Column("项目", 22),
    Column("主要任务", 60, flexible=True),
    Column("牵头单位", 16, "center"),
    Column("栏目", 13, "center"),
    Column("上期", 12, "center"),
    Column("本期", 12, "center"),
    Column("变化", 18, "strong"),
)


def write(sheet: Sheet, data: Consolidated, heading: Heading) -> None:
    """Write the sheet; one sentence where there is nothing to compare with or nothing changed."""
    items: list[Item] = [_line(change) for change in figures.changes(data)]
    draw(sheet, heading, _COLUMNS, items or [Band(sentences.comparison(data))])


def _line(change: Change) -> Line:
    task = change.row.task
    return Line(
        (
            task.number,
            task.project,
            sentences.task_name(task.text),
            "\n".join(task.leads),
            change.label,
            _shown(change.before),
            _shown(change.after),
            _told(change),
        )
    )


def _shown(value: Scalar) -> Scalar:
    if value is None:
        return "未填"
    return round(value, 1) if isinstance(value, float) else value


def _told(change: Change) -> str:
    """Say what kind of change it is, in a word that needs no colour."""
    step = figures.step(change)
    if step is not None:
        return f"{'提高' if step > 0 else '下降'}{sentences.plain(abs(step))}个百分点"
    if change.before is None:
        return "新填报"
    return "本期未填" if change.after is None else f"转为{change.after}"
