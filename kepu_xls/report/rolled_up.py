"""The sheets of a consolidated workbook of several districts: how they compare, and their tables together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise

from xlsxwriter import Workbook

from kepu_xls.districts import Content, District, RolledUp, Table, TaskAcross
from kepu_xls.report import charts, layout, rolled_up_words
from kepu_xls.report.charts import Cells
from kepu_xls.report.detail import ROOM
from kepu_xls.report.entries import Piece
from kepu_xls.report.plain import PlainColumns, PlainTable
from kepu_xls.report.sentences import task_name
from kepu_xls.report.sheet import MOST_ROWS, Sheet, text_of
from kepu_xls.report.table import Band, Column, Heading, Item, Line, draw_filtered
from kepu_xls.report.values import as_number
from kepu_xls.report.widths import Need, shared

OVERVIEW, COMPARISON, TASKS, UNITS, INDICATORS = "总体情况", "地区对比", "任务进展", "单位报送", "量化指标"

_MOST_DRAWN = 20  # districts that a chart shows legibly
_RANGES = (0, 20, 40, 60, 80, 100)
_PAGE_COLUMNS, _LABEL_COLUMNS = 12, 3
_CHART_HEIGHT, _BAR = 330.0, 110.0  # points
_MOST_LINES = 2.5
_SAMPLE, _SHORT = 500, 12
_PIECE = 500
_LEAST, _WIDEST = 6.7, 60.0

# head → least width, style, whether it takes what room there is; what is not named is text
_KNOWN = {
    "地区": (12, "strong", False),
    "单位": (13, "strong", False),
    "状态": (9, "strong", False),
    "任务编号": (8, "strong", False),
    "指标": (24, "text", True),
    "各单位填报": (24, "text", True),
    "来源文件": (24, "text", True),
    "到达时间": (13, "moment", False),
    "完整率(%)": (9, "decimal", False),
    "完成目标(%)": (11, "decimal", False),
    "完成情况": (11, "strong", False),
    "完成时限": (13, "date", False),
    "联系人": (9, "center", False),
    "电话": (13, "center", False),
}
_SHADED = ("状态", "完成情况", "是否确认")


def overview(book: Workbook, sheet: Sheet, data: RolledUp, heading: Heading) -> None:
    """Write 总体情况: sentences, and a picture of how far the districts are."""
    sheet.worksheet.fit_to_pages(1, 1)
    width = sheet.paper.printable_width / _PAGE_COLUMNS / layout.POINTS_PER_CHARACTER - 5 / 7
    sheet.set_width(0, _PAGE_COLUMNS - 1, round(width, 1))
    whole = sheet.paper.printable_width - 8
    texts = [(heading.title, "title"), *((line, "subtitle") for line in heading.lines)]
    texts += [(paragraph, "prose") for paragraph in rolled_up_words.overview(data)]
    for row, (text, style) in enumerate(texts):
        sheet.paragraph(row, (0, _PAGE_COLUMNS - 1), whole, text, style)
    head, lines = _pictured(data)
    if lines:
        _picture(book, sheet, len(texts) + 1, head, lines)


def _pictured(data: RolledUp) -> tuple[str, list[tuple[str, float]]]:
    """Give what the chart shows: each district, or where they are too many, how many are how far."""
    known = [one for one in rolled_up_words.ranking(data.districts) if one.percent is not None]
    if len(known) <= _MOST_DRAWN:
        return "各地区平均完成率(%)", [(one.name, round(one.percent or 0.0, 1)) for one in known]
    percents = [one.percent or 0.0 for one in known]
    ranges = [
        (f"{low}—{high}%", sum(low <= one < high or one == high == _RANGES[-1] for one in percents))
        for low, high in pairwise(_RANGES)
    ]
    return "各完成率区间的地区数", [(label, float(count)) for label, count in ranges]


def _picture(book: Workbook, sheet: Sheet, row: int, head: str, lines: Sequence[tuple[str, float]]) -> None:
    """Write the figures of a chart, and the chart beside them."""
    line = layout.lines_height(1, sheet.styles.sizes["text"])
    height = max(min(_CHART_HEIGHT / (len(lines) + 1), _MOST_LINES * line), line)
    table: list[tuple[Content, Content]] = [
        ("地区", head),
        *((label, as_number(value)) for label, value in lines),
    ]
    for offset, (label, value) in enumerate(table, row):
        sheet.worksheet.set_row(offset, height)
        style = "head" if offset == row else "center"
        sheet.merge((offset, 0, offset, _LABEL_COLUMNS - 2), label, style)
        sheet.put(offset, _LABEL_COLUMNS - 1, value, style)
    fed = Cells(OVERVIEW, row + 1, row + len(lines), 0, (_LABEL_COLUMNS - 1,))
    chart = charts.counts(book, sheet.styles, head, fed, "", number="General")
    width = sheet.paper.printable_width * (_PAGE_COLUMNS - _LABEL_COLUMNS) / _PAGE_COLUMNS - 18
    width = min(width, (len(lines) + 1) * _BAR)
    chart.set_size({"width": width / 0.75, "height": max((len(lines) + 1) * height, _CHART_HEIGHT) / 0.75})
    place = {"object_position": 2, "x_offset": 12}
    sheet.worksheet.insert_chart(row, _LABEL_COLUMNS, chart, place)


def comparison(sheet: Sheet, data: RolledUp, heading: Heading) -> None:
    """Write 地区对比: a row a district, the furthest first."""
    columns = (
        Column("名次", 6, "center"),
        Column("地区", 14, "strong"),
        Column("期次", 10, "center"),
        *(Column(label, 7.5, "center") for label in ("应报\n单位", "已报", "零报告", "迟报", "未报", "退回")),
        Column("报送率\n(%)", 9, "decimal"),
        *(Column(label, 8, "center") for label in ("有填报\n的任务", "已完成", "滞后")),
        Column("平均\n完成率(%)", 10, "decimal"),
        Column("指标\n达标", 9, "center"),
        *(Column(label.replace("(", "\n("), 10, "center") for label in data.summed),
        Column("来源文件", 20, flexible=True),
    )
    ranked = rolled_up_words.ranking(data.districts)
    items: list[Item] = [_district(place, one) for place, one in enumerate(ranked, 1)]
    draw_filtered(sheet, heading, columns, items)


def _district(place: int, one: District) -> Line:
    return Line(
        (
            place if one.percent is not None else None,
            one.name,
            one.period,
            *(one.expected, one.reported, one.nil, one.late, one.missing, one.returned),
            one.rate if one.expected else None,
            *(one.tasks, one.finished, one.lagging),
            one.percent,
            f"{one.met}/{one.indicators}" if one.indicators else None,
            *(as_number(value, 2) for value in one.sums),
            one.file,
        )
    )


def tasks(sheet: Sheet, data: RolledUp, heading: Heading) -> None:
    """Write 任务进展: the tasks that several districts have, with how far they are and the extremes."""
    columns = (
        Column("任务\n编号", 8, "strong", repeats=True),
        Column("项目", 12, flexible=True, repeats=True),
        Column("主要任务", 30, flexible=True, repeats=True),
        Column("地区数", 8, "center"),
        Column("平均\n完成率(%)", 10, "decimal"),
        Column("最高(%)", 9, "decimal"),
        Column("最高的\n地区", 12, "center"),
        Column("最低(%)", 9, "decimal"),
        Column("最低的\n地区", 12, "center"),
        *(Column(f"{state}的\n地区数", 9, "center") for state in data.states),
        *(Column(label.replace("(", "\n("), 10, "center") for label in data.summed),
    )
    items: list[Item] = [_task(one) for one in data.tasks]
    none = "各地区没有相同的任务（编号和文字都相同），不作比较；各地区的任务见《明细数据》。"
    draw_filtered(sheet, heading, columns, items or [Band(none)])


def _task(one: TaskAcross) -> Line:
    highest, lowest = one.highest or (None, None), one.lowest or (None, None)
    return Line(
        (
            *(one.number, one.project, task_name(one.text), one.districts, one.percent, *highest, *lowest),
            *one.states,
            *(as_number(value, 2) for value in one.sums),
        )
    )


def together(sheet: Sheet, table: Table, heading: Heading, empty: str) -> None:
    """Write a table of all districts as they gave it; ``empty`` is said where none gave any."""
    columns = [_column(head) for head in table.heads]
    items: list[Item] = [Line(tuple(map(_shown, row))) for row in table.rows]
    draw_filtered(sheet, heading, columns or [Column("地区", 12, "strong")], items or [Band(empty)])


def _column(head: str) -> Column:
    width, style, flexible = _KNOWN.get(head, (9, "center", False))
    return Column(head, width, style, flexible=flexible, shaded=head in _SHADED)


def _shown(content: Content) -> Content:
    return as_number(content, 2) if isinstance(content, float) else content


def detail(book: Workbook, new_sheet: Callable[[int], Sheet], table: Table) -> None:
    """Write 明细数据, as plain as a district's: the rows of all, each with its district."""
    plain: PlainTable | None = None
    for number, start in enumerate(range(0, max(1, len(table.rows)), MOST_ROWS)):
        sheet = new_sheet(number)
        plain = plain or PlainTable(book, sheet, _plain_columns(sheet, table), ())
        end = min(start + MOST_ROWS, len(table.rows))
        plain.set_up(sheet, end - start, _pieces(plain, table.rows, range(start, end)))


def _pieces(plain: PlainTable, rows: Sequence[Sequence[Content]], wanted: range) -> Iterator[Piece]:
    """Write the rows of a sheet, some at a time."""
    for begin in wanted[::_PIECE]:
        end = min(begin + _PIECE, wanted.stop)
        yield plain.rows.piece(begin - wanted.start + 2, rows[begin:end])


def _plain_columns(sheet: Sheet, table: Table) -> PlainColumns:
    """Describe the columns by what stands in them: long texts grow, the rest is as narrow as it can be."""
    sample = table.rows[:: max(1, len(table.rows) // _SAMPLE)]
    styles = tuple(_plain_style(row[index] for row in sample) for index in range(len(table.heads)))
    needs = [
        Need(
            _LEAST,
            _WIDEST,
            sheet.styles.sizes[style],
            tuple(text_of(row[index]) for row in sample),
            style == "text",
        )
        for index, style in enumerate(styles)
    ]
    widths = shared(needs, sheet.paper.printable_width * ROOM[sheet.settings.paper])
    return PlainColumns(table.heads, styles, tuple(widths), slice(None), frozen=3)


def _plain_style(contents: Iterable[Content]) -> str:
    known = [content for content in contents if content is not None]
    if any(isinstance(content, date) for content in known):
        return "date"
    return "text" if any(isinstance(one, str) and len(one) > _SHORT for one in known) else "center"
