"""总体情况: how things stand on one page: sentences, small tables with charts, the biggest problems."""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter import Workbook
from xlsxwriter.chart import Chart

from kepu_xls.model import Record
from kepu_xls.outcome import Consolidated
from kepu_xls.report import charts, figures, layout, sentences
from kepu_xls.report.charts import Cells
from kepu_xls.report.layout import PAPERS
from kepu_xls.report.sheet import Content, Sheet, text_of
from kepu_xls.report.styles import SIZES
from kepu_xls.report.table import Heading

NAME = "总体情况"

_COLUMNS = 24
_LAST = _COLUMNS - 1
# The page is laid out for A3 and printed smaller on A4: both have the same shape.
_WIDTH = round(PAPERS["A3"].printable_width / _COLUMNS / layout.POINTS_PER_CHARACTER - 5 / 7, 1)
_WHOLE_WIDTH = _COLUMNS * layout.column_outer_points(_WIDTH) - 8
_ROW, _HEADER_ROW, _GAP = 18.0, 34.0, 9.0
_FEWEST_ROWS = 7  # a chart needs some height, also beside a table of one line


class Panel(Record, frozen=True):
    """A small table from column ``start`` on, with its chart to the right up to column ``end``.

    ``spans``: how many columns of the page each of its own takes.  ``charted``: which of its own are drawn.
    """

    start: int
    end: int
    spans: tuple[int, ...]
    header: tuple[str, ...]
    lines: tuple[tuple[Content, ...], ...]
    charted: tuple[int, ...]

    @property
    def starts(self) -> list[int]:
        """First column of the page for each column of the table, and the first one after it."""
        return [self.start + sum(self.spans[:index]) for index in range(len(self.spans) + 1)]

    @property
    def rows(self) -> int:
        """Rows of the table, its header with them."""
        return len(self.lines) + 1


def write(book: Workbook, sheet: Sheet, data: Consolidated, heading: Heading) -> None:
    """Write the sheet."""
    sheet.worksheet.fit_to_pages(1, 1)
    sheet.set_width(0, _LAST, _WIDTH)
    row = _texts(sheet, 0, [(heading.title, "title"), *((line, "subtitle") for line in heading.lines)])
    row = _texts(sheet, row, [(paragraph, "prose") for paragraph in sentences.overview(data)])
    projects, statuses, states = _projects(data), _statuses(data), _states(data)
    chart = charts.progress(book, sheet.styles, "各项目完成率与序时进度", _cells(projects, row + 1))
    row = _band(sheet, row + 1, [(projects, chart)])
    drawn = (
        charts.counts(book, sheet.styles, "任务状态", _cells(statuses, row + 1), "项"),
        charts.counts(book, sheet.styles, "单位报送情况", _cells(states, row + 1), "个"),
    )
    row = _band(sheet, row + 1, list(zip((statuses, states), drawn, strict=True)))
    problems = [f"{number}. {text}" for number, text in enumerate(sentences.biggest_problems(data), 1)]
    _texts(sheet, row, [("主要问题", "heading"), *((text, "prose") for text in problems)])


def _texts(sheet: Sheet, row: int, texts: Sequence[tuple[str, str]]) -> int:
    """Write texts with their styles across the page, one below the other; give the next row."""
    for offset, (text, style) in enumerate(texts):
        sheet.paragraph(row + offset, (0, _LAST), _WHOLE_WIDTH, text, style)
    return row + len(texts)


def _projects(data: Consolidated) -> Panel:
    due, found = figures.elapsed(data), figures.by_project(data)
    lines: list[tuple[Content, ...]] = [
        (one.project, one.tasks, one.finished, one.lagging, one.percent, due) for one in found
    ]
    reached = figures.mean(map(figures.percent, data.rows))
    finished, lagging = sum(one.finished for one in found), sum(one.lagging for one in found)
    lines.append(("合计", len(data.rows), finished, lagging, reached, due))
    header = ("项目", "任务", "完成", "滞后", "平均完成\n率(%)", "序时进度\n(%)")
    return Panel(0, _LAST, (6, 1, 1, 1, 2, 2), header, tuple(lines), charted=(4, 5))


def _statuses(data: Consolidated) -> Panel:
    return _counted(0, 11, ("任务状态", "项数", "占比(%)"), figures.by_status(data))


def _states(data: Consolidated) -> Panel:
    return _counted(12, _LAST, ("报送状态", "单位数", "占比(%)"), figures.by_state(data.units))


def _counted(start: int, end: int, header: tuple[str, ...], counts: Sequence[tuple[str, int]]) -> Panel:
    whole = sum(count for _, count in counts)
    lines = [(word, count, figures.share(count, whole)) for word, count in (*counts, ("合计", whole))]
    return Panel(start, end, (2, 1, 2), header, tuple(lines), charted=(1,))


def _cells(panel: Panel, row: int) -> Cells:
    """Say where a panel's chart finds its figures: the lines of its table but the total."""
    last = row + max(len(panel.lines) - 1, 1)
    values = tuple(panel.starts[index] for index in panel.charted)
    return Cells(NAME, row + 1, last, panel.start, values)


def _band(sheet: Sheet, row: int, panels: Sequence[tuple[Panel, Chart]]) -> int:
    """Write panels side by side from ``row`` on, a little space above; give the next row."""
    sheet.worksheet.set_row(row - 1, _GAP)
    rows = max(_FEWEST_ROWS, *(panel.rows for panel, _ in panels))
    heights = [_HEADER_ROW] + [_ROW] * (rows - 1)
    for panel, _ in panels:
        room = panel.spans[0] * layout.column_outer_points(_WIDTH) - 4
        for index, line in enumerate(panel.lines, 1):
            heights[index] = max(heights[index], layout.text_height(text_of(line[0]), room, SIZES["text"]))
    for offset, height in enumerate(heights):
        sheet.worksheet.set_row(row + offset, height)
    for panel, chart in panels:
        _table(sheet, panel, row)
        _place(sheet, chart, panel, row, sum(heights))
    return row + len(heights)


def _table(sheet: Sheet, panel: Panel, row: int) -> None:
    for offset, line in enumerate((panel.header, *panel.lines)):
        for index, content in enumerate(line):
            box = (row + offset, panel.starts[index], row + offset, panel.starts[index + 1] - 1)
            sheet.merge(box, content, _style(offset, index, content, total=offset == len(panel.lines)))


def _style(row: int, column: int, content: Content, *, total: bool) -> str:
    if not row:
        return "head"
    if not column:
        return "strong" if total else "text"
    return "decimal" if isinstance(content, float) else "center"


def _place(sheet: Sheet, chart: Chart, panel: Panel, row: int, height: float) -> None:
    """Put a chart beside its table, as high as it."""
    columns = panel.end - panel.starts[-1] + 1
    width = columns * (_WIDTH * 7 + 5)  # XlsxWriter's pixels: it counts seven a character, whatever the font
    chart.set_size({"width": int(width) - 16, "height": int(height / 0.75)})
    sheet.worksheet.insert_chart(row, panel.starts[-1], chart, {"x_offset": 8, "object_position": 2})
