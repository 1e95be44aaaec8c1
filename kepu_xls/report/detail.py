"""明细数据: every entry that counts, one a row, as a plain table for filtering and for other programs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from kepu_xls.model import Entry, Field, FieldType, Record
from kepu_xls.outcome import Consolidated, TaskRow
from kepu_xls.report import figures, layout
from kepu_xls.report.pages import last_turn
from kepu_xls.report.sheet import DETAIL_SHEET, Content, Sheet, text_of
from kepu_xls.report.values import content_of
from kepu_xls.report.widths import Need, shared

NAME = DETAIL_SHEET

_BEFORE = (
    ("期次", 8.0),
    ("单位", 8.5),
    ("角色", 6.0),
    ("任务编号", 7.0),
    ("项目", 8.0),
    ("主要任务", 20.0),
)
_AFTER = (("来源文件", 10.0), ("来源行", 6.0))
_STYLES = {FieldType.TEXT: "text", FieldType.CHOICE: "center", FieldType.DATE: "date"}
_FLEXIBLE = {"项目", "主要任务", "来源文件"}
_NARROW = {FieldType.TEXT: 8.0, FieldType.DATE: 9.5}
# times the paper's width: many columns, printed smaller than what is meant to be read
_ROOM = {"A3": 1.45, "A4": 1.9}
_WIDEST = 90.0


class Rows(Record, frozen=True):
    """Where things stand on this sheet, rows counted from 0: each (unit, task), and each unit's first."""

    of_entry: dict[tuple[str, str], int]
    of_unit: dict[str, int]


def rows(data: Consolidated) -> Rows:
    """Work out where each entry will stand."""
    of_entry: dict[tuple[str, str], int] = {}
    of_unit: dict[str, int] = {}
    row = 1
    for task, entry in figures.entries(data):
        of_entry.setdefault((entry.unit, entry.task), row)
        of_unit.setdefault(entry.unit, row)
        row += len(_lines(data, task, entry))
    return Rows(of_entry=of_entry, of_unit=of_unit)


def write(sheet: Sheet, data: Consolidated) -> None:
    """Write the sheet: header in row 1, nothing merged, no text but the data."""
    fields = data.opened.fields
    header = [
        *(label for label, _ in _BEFORE),
        *(one.label for one in fields),
        *(label for label, _ in _AFTER),
    ]
    styles = ["center"] * 4 + ["text"] * 2 + [_style(field) for field in fields] + ["text", "center"]
    lines = [line for task, entry in figures.entries(data) for line in _lines(data, task, entry)]
    widths = _widths(sheet, data, styles, [header, *lines])
    for index, (label, width) in enumerate(zip(header, widths, strict=True)):
        sheet.set_width(index, index, width)
        sheet.put(0, index, label, "head")
    beside = layout.FILTER_BUTTON / layout.POINTS_PER_CHARACTER
    head = _height(sheet, [width - beside for width in widths], header, ["head"] * len(header))
    sheet.worksheet.set_row(0, head)
    heights = [_height(sheet, widths, line, styles) for line in lines]
    for row, (line, height) in enumerate(zip(lines, heights, strict=True), 1):
        sheet.worksheet.set_row(row, height)
        for index, content in enumerate(line):
            sheet.put(row, index, content, styles[index])
    page = sheet.paper.printable_height * sum(map(layout.column_outer_points, widths))
    page = page / sheet.paper.printable_width - head
    last = last_turn(heights, page, page)
    sheet.worksheet.set_h_pagebreaks([] if last is None else [last + 1])
    sheet.worksheet.repeat_rows(0)
    sheet.worksheet.freeze_panes(1, 4)
    sheet.worksheet.autofilter(0, 0, len(lines), len(header) - 1)


def _style(field: Field) -> str:
    return _STYLES.get(field.type, "center")


def _widths(
    sheet: Sheet, data: Consolidated, styles: Sequence[str], rows: Sequence[Sequence[Content]]
) -> list[float]:
    """Choose the widths: what is written with many words grows, the rest is as narrow as it can be."""
    fields = data.opened.fields
    least = [*(width for _, width in _BEFORE), *(_NARROW.get(one.type, 7.5) for one in fields)]
    least += [width for _, width in _AFTER]
    needs = []
    for index, (narrow, style, label) in enumerate(zip(least, styles, rows[0], strict=True)):
        grows = label in _FLEXIBLE or style == "text"
        fixed = sheet.settings.widths.get(str(label))
        texts = tuple(text_of(row[index]) for row in rows[1:])
        size, most = sheet.styles.sizes[style], _WIDEST if grows else narrow * 2
        needs.append(Need(fixed or narrow, fixed or most, size, texts, flexible=grows and fixed is None))
    return shared(needs, sheet.paper.printable_width * _ROOM[sheet.settings.paper])


def _height(sheet: Sheet, widths: Sequence[float], line: Sequence[Content], styles: Sequence[str]) -> float:
    """Give the height of a row.

    One entry stays one row, for whoever counts them, so a very long text is cut off here on paper; it stands
    whole on 任务进展.
    """
    needed = (
        layout.text_height(text_of(content), layout.column_points(width), sheet.styles.sizes[style])
        for content, width, style in zip(line, widths, styles, strict=True)
        if content is not None
    )
    return min(max(needed), layout.HIGHEST_ROW)


def _lines(data: Consolidated, row: TaskRow, entry: Entry) -> list[list[Content]]:
    """Give an entry's cells: one line, and further ones only for a text longer than a cell holds."""
    task = row.task
    key: list[Content] = [
        data.opened.period,
        entry.unit,
        entry.role.label,
        task.number,
        task.project,
        task.text,
    ]
    answers = [content_of(entry.value(field.key), field.type) for field in data.opened.fields]
    source: list[Content] = [_file(data, entry.unit), entry.row or None]
    cut = [layout.cut(content) if isinstance(content, str) else [content] for content in answers]
    return [[*key, *cells, *source] for cells in zip_longest(*cut)]


def _file(data: Consolidated, unit: str) -> str:
    return next((source.file for source in data.sources if source.unit == unit), "")
