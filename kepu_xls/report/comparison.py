"""与上期对比: which way each task went, what changed field by field, and the trend from three periods on."""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter import Workbook

from kepu_xls import periods
from kepu_xls.model import Scalar
from kepu_xls.outcome import Consolidated, TrendPoint
from kepu_xls.report import charts, figures, layout, movements, sentences
from kepu_xls.report.charts import Cells
from kepu_xls.report.movements import Change, Course, Movement
from kepu_xls.report.sheet import Content, Sheet
from kepu_xls.report.table import Band, Column, Heading, Item, Line, draw_filtered
from kepu_xls.report.values import as_number

NAME = "与上期对比"

_FEWEST_PERIODS = 3  # for a trend to be one
_MOST_PERIODS = 12
_TREND_HEIGHT, _TREND_WIDTH = 180.0, 420.0  # points
_HEADS = ("期次", "平均完成率(%)", "已报单位", "应报单位")  # in the first columns, as wide as they are

_COLUMNS = (
    Column("任务\n编号", 6, "strong", repeats=True),
    Column("项目", 10, flexible=True, repeats=True),
    Column("主要任务", 20, flexible=True, repeats=True),
    Column("牵头单位", 9, "center", repeats=True),
    Column("变化", 9, "strong", shaded=True, repeats=True),
    Column("上期\n完成率", 8, "center"),
    Column("本期\n完成率", 8, "center"),
    Column("增减\n(百分点)", 9, "center"),
    Column("上期\n状态", 8, "center"),
    Column("本期\n状态", 8, "center"),
    Column("其他栏目的变化", 30, flexible=True),
)
_OWN_COLUMNS = ("percent", "status")


def write(book: Workbook, sheet: Sheet, data: Consolidated, heading: Heading) -> None:
    """Write the sheet; one sentence where there is nothing to compare with."""
    found = [one for one in movements.courses(data) if one.movement is not Movement.DONE or one.changes]
    items: list[Item] = [_line(one) for one in found]
    if not items:
        heading = Heading(heading.title, heading.lines[:1])
        items = [Band(sentences.comparison(data))]
    points = data.trend[-_MOST_PERIODS:] if len(data.trend) >= _FEWEST_PERIODS else ()
    line = max(layout.lines_height(2, sheet.styles.sizes["text"]), _TREND_HEIGHT / (len(points) + 1))
    below = draw_filtered(sheet, heading, _COLUMNS, items, (len(points) + 2) * line if points else 0.0)
    if points:
        _trend(book, sheet, points, below + 1, line)


def _line(course: Course) -> Line:
    row, before = course.row, course.before
    task, others = row.task, [one for one in course.changes if one.field.key not in _OWN_COLUMNS]
    return Line(
        (
            task.number,
            task.project,
            sentences.task_name(task.text),
            sentences.unit_list(task.leads),
            course.movement.value,
            as_number(figures.percent(before)),
            as_number(figures.percent(row)),
            _step(course),
            figures.status(before),
            figures.status(row),
            "；".join(map(_told, others)),
        )
    )


def _step(course: Course) -> Content:
    step = next((one.step for one in course.changes if one.field.key == "percent"), None)
    return None if step is None else f"{'+' if step > 0 else '−'}{sentences.plain(abs(step))}"


def _told(change: Change) -> str:
    if change.units:
        return f"{change.field.label}：{len(change.units)}个单位有改动"
    return f"{change.field.label}：{_shown(change.before)}→{_shown(change.after)}"


def _shown(value: Scalar) -> str:
    if value is None:
        return "未填"
    return sentences.amount(value) if isinstance(value, float) else str(value)


def _trend(book: Workbook, sheet: Sheet, points: Sequence[TrendPoint], start: int, line: float) -> None:
    """Write the figures of the periods, in rows ``line`` points high, and their course beside them."""
    for offset in range(len(points) + 1):
        sheet.worksheet.set_row(start + offset, line)
        cells = _point(points[offset - 1]) if offset else _HEADS
        for column, content in enumerate(cells):
            sheet.put(start + offset, column, content, "center" if offset else "head")
    fed = Cells(sheet.worksheet.name, start + 1, start + len(points), 0, (1,))
    chart = charts.trend(book, sheet.styles, "各期平均完成率(%)", fed)
    chart.set_size({"width": _TREND_WIDTH / 0.75, "height": (len(points) + 1) * line / 0.75})
    sheet.worksheet.insert_chart(start, len(_HEADS), chart, {"object_position": 2, "x_offset": 12})


def _point(point: TrendPoint) -> tuple[Content, ...]:
    label = periods.parse(point.period).label.partition("（")[0]
    return (label, as_number(point.percent), point.reported, point.expected)
