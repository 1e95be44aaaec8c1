"""总体情况: how things stand on one page: sentences, small tables with charts, the biggest problems."""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter import Workbook
from xlsxwriter.chart import Chart

from kepu_xls.model import Record
from kepu_xls.outcome import Consolidated
from kepu_xls.report import charts, figures, layout, sentences
from kepu_xls.report.charts import Cells
from kepu_xls.report.figures import ProjectFigures
from kepu_xls.report.layout import PAPERS
from kepu_xls.report.logos import Logo
from kepu_xls.report.sheet import Content, Sheet, text_of
from kepu_xls.report.table import Heading
from kepu_xls.report.values import as_number

NAME = "总体情况"

_COLUMNS = 24
_LAST = _COLUMNS - 1
_HEIGHT = PAPERS["A3"].printable_height  # the page is laid out that high at least, and printed smaller on A4
_STRETCHES = (
    1.0,
    1.05,
    1.1,
    1.15,
    1.2,
    1.25,
    1.3,
    1.4,
    1.5,
)  # larger layouts, printed smaller, for much content
_GAP = 9.0
_TOTAL = "合计"
_FEWEST_ROWS = 6  # a chart needs some height, also beside a table of one line
_MOST_PROJECTS, _MOST_INDICATORS = 15, 10  # what is more stands on its own sheet
_INDICATOR_COLUMNS = 9
_LOGO = 48.0  # points that the logo is high
_RED_HEAD = 2.4  # times its size that the official head is high


class Panel(Record, frozen=True):
    """A small table from column ``start`` on, with its chart to the right up to column ``end``.

    ``spans``: how many columns of the page each of its own takes.  ``charted``: which of its own are drawn.
    """

    start: int
    end: int
    spans: tuple[int, ...]
    header: tuple[str, ...]
    lines: tuple[tuple[Content, ...], ...]
    charted: tuple[int, ...] = ()

    @property
    def starts(self) -> list[int]:
        """First column of the page for each column of the table, and the first one after it."""
        return [self.start + sum(self.spans[:index]) for index in range(len(self.spans) + 1)]

    @property
    def rows(self) -> int:
        """Rows of the table, its header with them."""
        return len(self.lines) + 1


def write(book: Workbook, sheet: Sheet, data: Consolidated, heading: Heading, logo: Logo | None) -> None:
    """Write the sheet."""
    sheet.worksheet.fit_to_pages(1, 1)
    head = [(heading.title, "title"), *((line, "subtitle") for line in heading.lines)]
    paragraphs = [(paragraph, "prose") for paragraph in sentences.overview(data)]
    problems = sentences.numbered(sentences.biggest_problems(data))
    closing = [("主要问题", "heading"), *((text, "prose") for text in problems)]
    targets, counts = _indicators(data), _counts(data)
    projects = _projects(data, _LAST if targets is None else _LAST - _INDICATOR_COLUMNS)
    upper, lower = [projects, *([targets] if targets else [])], [panel for panel, _ in counts]
    width = _column_width(sheet, [*head, *paragraphs, *closing], [upper, lower])
    sheet.set_width(0, _LAST, width)
    row = _texts(sheet, _head(sheet, logo), width, [*head, *paragraphs]) + 1
    drawn: list[Chart | None] = [
        charts.progress(book, sheet.styles, "各项目完成率与序时进度", _cells(projects, row))
    ]
    row = _band(sheet, row, width, upper, [*drawn, None]) + 1
    drawn = [
        charts.counts(book, sheet.styles, panel.header[0], _cells(panel, row), unit) for panel, unit in counts
    ]
    row = _band(sheet, row, width, lower, drawn)
    _texts(sheet, row, width, closing)


def _column_width(sheet: Sheet, texts: Sequence[tuple[str, str]], bands: Sequence[Sequence[Panel]]) -> float:
    """Give the width of each of the page's columns: together they have the shape that the paper has.

    A page of much content is laid out wider, so that it is not printed narrower than the paper.
    """
    paper = sheet.paper
    base = paper.printable_width * _HEIGHT / paper.printable_height
    gaps = len(bands) * _GAP + (
        sheet.styles.sizes["red head"] * _RED_HEAD if sheet.settings.red_head else 0.0
    )
    for stretch in _STRETCHES:
        points = base * stretch
        width = round(points / _COLUMNS / layout.POINTS_PER_CHARACTER - 5 / 7, 1)
        heights = [sheet.height_of(text, _whole(width), style) for text, style in texts]
        heights += [height for band in bands for height in _heights(sheet, band, width)]
        if sum(heights) + gaps <= _HEIGHT * stretch:
            break
    return width


def _whole(width: float) -> float:
    """Give the points that a text across the page may fill."""
    return _COLUMNS * layout.column_outer_points(width) - 8


def _head(sheet: Sheet, logo: Logo | None) -> int:
    """Write the official head, and the logo in the corner; give the next row."""
    if logo is not None:
        scale = _LOGO / logo.height
        place = {"x_scale": scale, "y_scale": scale, "object_position": 3, "x_offset": 2, "y_offset": 2}
        sheet.worksheet.insert_image(0, 0, str(logo.path), place)
    if not sheet.settings.red_head:
        return 0
    sheet.worksheet.set_row(0, sheet.styles.sizes["red head"] * _RED_HEAD)
    sheet.merge((0, 0, 0, _LAST), sheet.settings.red_head, "red head")
    return 1


def _texts(sheet: Sheet, row: int, width: float, texts: Sequence[tuple[str, str]]) -> int:
    """Write texts with their styles across the page, one below the other; give the next row."""
    for offset, (text, style) in enumerate(texts):
        sheet.paragraph(row + offset, (0, _LAST), _whole(width), text, style)
    return row + len(texts)


def _projects(data: Consolidated, end: int) -> Panel:
    due, found = figures.elapsed(data), figures.by_project(data)
    lines = [_project(one, due) for one in _furthest_behind(found)]
    if len(found) > len(lines):
        lines.append((f"其余{len(found) - len(lines)}个项目见《任务进展》", None, None, None, None, due))
    reached = figures.mean(map(figures.percent, data.rows))
    finished, lagging = sum(one.finished for one in found), sum(one.lagging for one in found)
    lines.append((_TOTAL, len(data.rows), finished, lagging, reached, due))
    header = ("项目", "任务", "完成", "滞后", "平均\n完成率", "序时\n进度")
    return Panel(0, end, (4, 1, 1, 1, 1, 1), header, tuple(lines), charted=(4, 5))


def _project(one: ProjectFigures, due: float) -> tuple[Content, ...]:
    return (one.project, one.tasks, one.finished, one.lagging, one.percent, due)


def _furthest_behind(found: Sequence[ProjectFigures]) -> list[ProjectFigures]:
    """Give the projects in the plan's order; where they are too many for a page, those furthest behind."""
    if len(found) <= _MOST_PROJECTS:
        return list(found)
    behind = sorted(found, key=lambda one: 101.0 if one.percent is None else one.percent)
    kept = behind[: _MOST_PROJECTS - 1]
    return [one for one in found if one in kept]


def _counts(data: Consolidated) -> list[tuple[Panel, str]]:
    """Give the tables of counts that stand side by side, each with the word for what is counted."""
    wanted = [
        ("任务状态", "项数", figures.by_status(data), "项"),
        ("灯号", "项数", figures.by_light(data), "项"),
    ]
    wanted.append(("报送状态", "个数", figures.by_state(data.units), "个"))
    wanted = [one for one in wanted if one[2]]
    share = _COLUMNS // len(wanted)
    return [
        (_counted(index * share, (index + 1) * share - 1, (head, label, "占比\n(%)"), counts), unit)
        for index, (head, label, counts, unit) in enumerate(wanted)
    ]


def _indicators(data: Consolidated) -> Panel | None:
    """Give the indicators against their targets, of many those furthest from it; None without any."""
    found = figures.indicators(data)
    if not found:
        return None
    shown = sorted(found, key=lambda one: one.percent or 0.0)[:_MOST_INDICATORS]
    lines: list[tuple[Content, ...]] = [
        (
            f"{one.indicator.task} {one.indicator.name}（{one.indicator.measure}）",
            as_number(one.indicator.target, 2),
            as_number(one.reached, 2),
            one.percent,
            sentences.indicator(one),
        )
        for one in found
        if one in shown
    ]
    header = ("量化指标", "目标", "累计\n完成", "完成\n(%)", "情况")
    return Panel(_LAST - _INDICATOR_COLUMNS + 1, _LAST, (4, 1, 1, 1, 2), header, tuple(lines))


def _counted(start: int, end: int, header: tuple[str, ...], counts: Sequence[tuple[str, int]]) -> Panel:
    """Make a table of counts, with each one's share and the total."""
    whole = sum(count for _, count in counts)
    lines = [(word, count, figures.share(count, whole)) for word, count in (*counts, (_TOTAL, whole))]
    return Panel(start, end, (2, 1, 1), header, tuple(lines), charted=(1,))


def _cells(panel: Panel, row: int) -> Cells:
    """Say where a panel's chart finds its figures: the lines of its table but for the total."""
    last = row + max(len(panel.lines) - 1, 1)
    values = tuple(panel.starts[index] for index in panel.charted)
    return Cells(NAME, row + 1, last, panel.start, values)


def _band(
    sheet: Sheet, row: int, width: float, panels: Sequence[Panel], drawn: Sequence[Chart | None]
) -> int:
    """Write panels side by side from ``row`` on, a little space above; give the next row."""
    sheet.worksheet.set_row(row - 1, _GAP)
    heights = _heights(sheet, panels, width)
    for offset, height in enumerate(heights):
        sheet.worksheet.set_row(row + offset, height)
    for panel, chart in zip(panels, drawn, strict=False):
        _table(sheet, panel, row)
        if chart is not None:
            _place(sheet, chart, panel, (row, sum(heights)), width)
    return row + len(heights)


def _heights(sheet: Sheet, panels: Sequence[Panel], width: float) -> list[float]:
    """Give the heights of the rows of panels side by side."""
    size = sheet.styles.sizes["text"]
    line, head = layout.lines_height(1, size), layout.lines_height(2, sheet.styles.sizes["head"])
    heights = [head] + [line] * (max(_FEWEST_ROWS, *(panel.rows for panel in panels)) - 1)
    for panel in panels:
        room = panel.spans[0] * layout.column_outer_points(width) - 4
        for index, cells in enumerate(panel.lines, 1):
            heights[index] = max(heights[index], layout.text_height(text_of(cells[0]), room, size))
    return heights


def _table(sheet: Sheet, panel: Panel, row: int) -> None:
    for offset, line in enumerate((panel.header, *panel.lines)):
        for index, content in enumerate(line):
            box = (row + offset, panel.starts[index], row + offset, panel.starts[index + 1] - 1)
            total = offset == len(panel.lines) and line[0] == _TOTAL
            sheet.merge(box, content, _style(offset, index, content, total=total))


def _style(row: int, column: int, content: Content, *, total: bool) -> str:
    if not row:
        return "head"
    if not column:
        return "strong" if total else "text"
    return "decimal" if isinstance(content, float) else "center"


def _place(sheet: Sheet, chart: Chart, panel: Panel, place: tuple[int, float], width: float) -> None:
    """Put a chart beside its table: ``place`` is the row where that begins, and its height in points."""
    columns = panel.end - panel.starts[-1] + 1
    pixels = columns * (width * 7 + 5)  # XlsxWriter's: it counts seven a character, whatever the font
    chart.set_size({"width": int(pixels) - 16, "height": int(place[1] / 0.75)})
    options = {"x_offset": 8, "object_position": 2}
    sheet.worksheet.insert_chart(place[0], panel.starts[-1], chart, options)
