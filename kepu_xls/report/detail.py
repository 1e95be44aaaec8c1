"""明细数据: every entry that counts, one a row, as a plain table for filtering and for other programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, zip_longest

from xlsxwriter import Workbook

from kepu_xls.model import Entry, Field, FieldType, Role, Task
from kepu_xls.outcome import Consolidated
from kepu_xls.report import layout
from kepu_xls.report.pages import last_turn
from kepu_xls.report.sheet import DETAIL_SHEET, Content, Sheet, as_text, text_of
from kepu_xls.report.stream import RowWriter, StreamedPage
from kepu_xls.report.survey import DetailRows, Survey
from kepu_xls.report.values import content_of
from kepu_xls.report.widths import Need, shared

NAME = DETAIL_SHEET

_BEFORE = (
    ("期次", 8.0),
    ("单位", 8.0),
    ("角色", 5.0),
    ("任务编号", 6.0),
    ("项目", 6.7),
    ("主要任务", 20.0),
)
_AFTER = (("来源文件", 44.0), ("来源行", 6.7))
_STYLES = {FieldType.TEXT: "text", FieldType.CHOICE: "center", FieldType.DATE: "date"}
_FLEXIBLE = {"项目", "主要任务"}
_NARROW = {FieldType.DATE: 9.5}
_NARROWEST = 6.7  # two characters of a head beside its filter's button
# Not on paper: the first column, the period, which the footer says; the last ones, for tracing on the screen.
_OFF_PAPER_BEFORE, _OFF_PAPER_AFTER = 1, len(_AFTER)
# times the paper's width: many columns, printed smaller than what is meant to be read through; type of 10
# points then is as large as the smallest sizes in use, 小六 (6.5 points) and 七号 (5.5)
_ROOM = {"A3": 1.54, "A4": 1.8}
_WIDEST = 90.0
_PIXEL = 0.75  # points


def write(
    book: Workbook,
    new_sheet: Callable[[int], Sheet],
    data: Consolidated,
    detail: DetailRows,
    found: Survey,
    most: int,
) -> None:
    """Set up the sheet, and further ones with numbers where there are more than ``most`` rows.

    Their rows are taken from ``detail`` when the workbook is closed.  Header in row 1, nothing merged, no
    text but the data.
    """
    lines = _lines(data, detail)
    table: _Table | None = None
    for number in range(max(1, -(-found.lines // most))):
        sheet = new_sheet(number)
        table = table or _Table(book, sheet, data, found)
        table.set_up(sheet, min(most, found.lines - number * most), lines)


class _Table:
    """The columns of the table with their widths, and how their rows are written."""

    def __init__(self, book: Workbook, sheet: Sheet, data: Consolidated, found: Survey) -> None:
        fields = data.opened.fields
        self.header = [
            *(label for label, _ in _BEFORE),
            *(one.label for one in fields),
            *(label for label, _ in _AFTER),
        ]
        self.styles = ["center"] * 4 + ["text"] * 2 + [_style(field) for field in fields] + ["text", "center"]
        self.paper, self.printed = sheet.paper, slice(_OFF_PAPER_BEFORE, -_OFF_PAPER_AFTER)
        self.widths = self._widths(sheet, data, found)
        self.sizes = [sheet.styles.sizes[style] for style in self.styles]
        self.rooms = [layout.column_points(width) for width in self.widths]
        self.short = [
            layout.sure_to_fit(room, size) for room, size in zip(self.rooms, self.sizes, strict=True)
        ]
        beside = [room - layout.FILTER_BUTTON for room in self.rooms]
        size = sheet.styles.sizes["head"]
        self.header_height = max(map(layout.text_height, self.header, beside, [size] * len(beside)))
        known = _said_again(data, self.header)
        strings = book.str_table
        places = {text: strings._get_shared_string_index(as_text(text)) for text in known}  # noqa: SLF001 - no other way
        self.head = RowWriter([sheet.styles["head"]] * len(self.header), places)
        self.body = RowWriter([sheet.styles[style] for style in self.styles], places)

    def set_up(self, sheet: Sheet, rows: int, lines: Iterator[list[Content]]) -> None:
        """Prepare a sheet that will take so many rows from ``lines``."""
        page, last = sheet.worksheet, len(self.header) - 1
        for index, width in enumerate(self.widths):
            sheet.set_width(index, index, width)
        page.repeat_rows(0)
        page.freeze_panes(1, 4)
        page.autofilter(0, 0, rows, last)
        page.print_area(0, _OFF_PAPER_BEFORE, rows, last - _OFF_PAPER_AFTER)
        page.stream(rows + 1, last + 1, self._rows(page, islice(lines, rows)))

    def _rows(self, page: StreamedPage, lines: Iterable[list[Content]]) -> Iterator[str]:
        """Write the rows of a sheet, then say where its last page is turned."""
        heights: list[float] = []
        yield self.head.row(1, self.header_height, self.header)
        for number, line in enumerate(lines, 2):
            height = self._height(line)
            heights.append(height)
            yield self.body.row(number, height, line)
        width = sum(map(layout.column_outer_points, self.widths[self.printed]))
        room = self.paper.printable_height * max(1.0, width / self.paper.printable_width) - self.header_height
        last = last_turn(heights, room, room)
        page.set_h_pagebreaks([] if last is None else [last + 1])

    def _height(self, line: Sequence[Content]) -> float:
        """Give the height of a row.

        One entry stays one row, for whoever counts them, so a very long text is cut off here on paper; it
        stands whole on 任务进展.
        """
        most = layout.lines_height(1, self.sizes[0])
        for content, room, size, short in zip(line, self.rooms, self.sizes, self.short, strict=True):
            if isinstance(content, str) and (len(content) > short or "\n" in content):
                most = max(most, layout.text_height(content, room, size))
        return min(-(-most // _PIXEL) * _PIXEL, layout.HIGHEST_ROW)

    def _widths(self, sheet: Sheet, data: Consolidated, found: Survey) -> list[float]:
        """Choose the widths: what is written with many words grows, the rest is as narrow as it can be."""
        least = [*(width for _, width in _BEFORE)]
        least += [_NARROW.get(one.type, _NARROWEST) for one in data.opened.fields]
        least += [width for _, width in _AFTER]
        sample = [_line(data, {}, task, entry) for task, entry in found.sample]
        numbers = {one.label: found.longest.get(one.key, "") for one in data.opened.fields}
        needs = []
        for index, (narrow, style, label) in enumerate(zip(least, self.styles, self.header, strict=True)):
            fixed = sheet.settings.widths.get(label)
            texts = (*(text_of(line[index]) for line in sample), numbers.get(label, ""))
            grows = fixed is None and (label in _FLEXIBLE or style == "text")
            most = _WIDEST if grows else narrow * 2
            needs.append(
                Need(fixed or narrow, fixed or most, sheet.styles.sizes[style], texts, flexible=grows)
            )
        room = self.paper.printable_width * _ROOM[sheet.settings.paper]
        on_paper = shared(needs[self.printed], room)
        return [needs[0].least, *on_paper, *(need.least for need in needs[-_OFF_PAPER_AFTER:])]


def _style(field: Field) -> str:
    return _STYLES.get(field.type, "center")


def _said_again(data: Consolidated, header: Sequence[str]) -> list[str]:
    """Give the texts that many rows have, so that each is kept once."""
    plan = data.opened.plan
    words = [data.opened.period, *header, *(role.label for role in Role), *(one.file for one in data.sources)]
    words += [text for task in plan.tasks for text in (task.number, task.project, task.text)]
    words += [name for task in plan.tasks for name in (*task.leads, *task.participants)]
    words += [choice for field in data.opened.fields for choice in field.choices]
    return [text for text in dict.fromkeys(words) if text and len(layout.cut(text)) == 1]


def _lines(data: Consolidated, detail: DetailRows) -> Iterator[list[Content]]:
    """Give the cells of each line: one an entry, further ones only for a text longer than a cell holds."""
    files = {source.unit: source.file for source in data.sources}
    for task, entry in detail():
        line = _line(data, files, task, entry)
        if all(len(text) * 2 <= layout.LONGEST_TEXT for text in line if isinstance(text, str)):
            yield line
            continue
        first, last = len(_BEFORE), len(line) - len(_AFTER)
        cut = [layout.cut(one) if isinstance(one, str) else [one] for one in line[first:last]]
        yield from ([*line[:first], *cells, *line[last:]] for cells in zip_longest(*cut))


def _line(data: Consolidated, files: dict[str, str], task: Task, entry: Entry) -> list[Content]:
    """Give an entry's cells."""
    return [
        data.opened.period,
        entry.unit,
        entry.role.label,
        task.number,
        task.project,
        task.text,
        *(content_of(entry.value(field.key), field.type) for field in data.opened.fields),
        files.get(entry.unit, ""),
        entry.row or None,
    ]
