"""明细数据: every entry that counts, one a row, as a plain table for filtering and for other programs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from kepu_xls.model import Entry, Field, FieldType, Record
from kepu_xls.outcome import Consolidated, TaskRow
from kepu_xls.report import figures, layout
from kepu_xls.report.sheet import DETAIL_SHEET, Content, Sheet, text_of
from kepu_xls.report.styles import SIZES
from kepu_xls.report.values import content_of

NAME = DETAIL_SHEET

_BEFORE = (
    ("期次", 9.0),
    ("单位", 9.0),
    ("角色", 5.0),
    ("任务编号", 6.0),
    ("项目", 12.0),
    ("主要任务", 46.0),
)
_AFTER = (("来源文件", 16.0), ("来源行", 5.0))
_WIDTHS = {"progress": 42.0, "problems": 20.0, "next_steps": 20.0}
_STYLES = {FieldType.TEXT: "text", FieldType.CHOICE: "center", FieldType.DATE: "date"}


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
        *_BEFORE,
        *((field.label, _WIDTHS.get(field.key, max(field.width, 7.0))) for field in fields),
        *_AFTER,
    ]
    styles = ["center"] * 4 + ["text"] * 2 + [_style(field) for field in fields] + ["text", "center"]
    for index, (label, width) in enumerate(header):
        sheet.set_width(index, index, width)
        sheet.put(0, index, label, "head")
    widths = [width for _, width in header]
    sheet.worksheet.set_row(0, _height(widths, [label for label, _ in header], ["head"] * len(header)))
    row = 0
    for task, entry in figures.entries(data):
        for line in _lines(data, task, entry):
            row += 1
            sheet.worksheet.set_row(row, _height(widths, line, styles))
            for index, content in enumerate(line):
                sheet.put(row, index, content, styles[index])
    sheet.worksheet.repeat_rows(0)
    sheet.worksheet.freeze_panes(1, 4)
    sheet.worksheet.autofilter(0, 0, row, len(header) - 1)


def _style(field: Field) -> str:
    return _STYLES.get(field.type, "center")


def _height(widths: Sequence[float], line: Sequence[Content], styles: Sequence[str]) -> float:
    """Give the height of a row.

    One entry stays one row, for whoever counts them, so a very long text is cut off here on paper; it stands
    whole on 任务进展.
    """
    needed = (
        layout.text_height(text_of(content), layout.column_points(width), SIZES[style])
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
