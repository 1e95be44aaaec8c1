"""明细数据: every entry that counts, one a row, as a plain table for filtering and for other programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, zip_longest

from xlsxwriter import Workbook

from kepu_xls.model import Entry, Field, FieldType, Role, Task
from kepu_xls.outcome import Consolidated
from kepu_xls.report import layout
from kepu_xls.report.entries import Detail, Piece, Portion
from kepu_xls.report.plain import PlainColumns, PlainRows, PlainTable
from kepu_xls.report.sheet import DETAIL_SHEET, Content, Sheet, text_of
from kepu_xls.report.survey import Survey
from kepu_xls.report.values import EXACT, content_of
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
ROOM = {"A3": 1.54, "A4": 1.8}
_WIDEST = 90.0


def write(
    book: Workbook,
    sheets: Sequence[Sheet],
    data: Consolidated,
    detail: Detail,
    found: Survey,
    most: int,
) -> None:
    """Write the sheet, and further ones with numbers where there are more than ``most`` rows.

    Header in row 1, nothing merged, no text but the data.
    """
    columns = _columns(sheets[0], data, found)
    table = PlainTable(book, sheets[0], columns, _said_again(data, columns.header))
    pieces = detail.written(DetailRows(data, table.rows, most), found.portions)
    for number, sheet in enumerate(sheets):
        table.set_up(sheet, min(most, found.lines - number * most), pieces)


class DetailRows:
    """Writes entries as rows of this sheet, ``most`` on each; it can be pickled, so that others may do it."""

    def __init__(self, data: Consolidated, rows: PlainRows, most: int) -> None:
        self._rows, self._most = rows, most
        self._period, self._fields = data.opened.period, _fields(data)
        self._tasks = {task.number: task for task in data.opened.plan.tasks}
        self._files = {source.unit: source.file for source in data.sources}

    def written(self, portion: Portion, entries: Iterable[Entry]) -> tuple[Piece, ...]:
        """Write the entries of a portion, a piece a sheet."""
        lines = enumerate(self._lines(self._tasks[portion.task], entries), portion.line)
        pieces = []
        for _, of_sheet in groupby(lines, lambda one: one[0] // self._most):
            numbers, cells = zip(*of_sheet, strict=True)
            pieces.append(self._rows.piece(numbers[0] % self._most + 2, cells))
        return tuple(pieces)

    def _lines(self, task: Task, entries: Iterable[Entry]) -> Iterator[list[Content]]:
        """Give the cells of each line: one an entry, more only for a text longer than a cell holds."""
        most = layout.SURELY_WHOLE
        for entry in entries:
            line = _line(self._period, self._fields, self._files, task, entry)
            if not [text for text in line if text.__class__ is str and len(text) > most]:
                yield line
                continue
            first, last = len(_BEFORE), len(line) - len(_AFTER)
            cut = [layout.cut(one) if isinstance(one, str) else [one] for one in line[first:last]]
            yield from ([*line[:first], *cells, *line[last:]] for cells in zip_longest(*cut))


def _columns(sheet: Sheet, data: Consolidated, found: Survey) -> PlainColumns:
    """Describe the columns: what is written with many words grows, the rest is as narrow as it can be."""
    fields = data.opened.fields
    header = (
        *(label for label, _ in _BEFORE),
        *(one.label for one in fields),
        *(label for label, _ in _AFTER),
    )
    styles = (*["center"] * 4, *["text"] * 2, *(_style(field) for field in fields), "text", "center")
    least = [*(width for _, width in _BEFORE)]
    least += [_NARROW.get(one.type, _NARROWEST) for one in fields]
    least += [width for _, width in _AFTER]
    asked = _fields(data)
    sample = [_line(data.opened.period, asked, {}, task, entry) for task, entry in found.sample]
    numbers = {one.label: found.longest.get(one.key, "") for one in fields}
    needs = []
    for index, (narrow, style, label) in enumerate(zip(least, styles, header, strict=True)):
        fixed = sheet.settings.widths.get(label)
        texts = (*(text_of(line[index]) for line in sample), numbers.get(label, ""))
        grows = fixed is None and (label in _FLEXIBLE or style == "text")
        most = _WIDEST if grows else narrow * 2
        needs.append(Need(fixed or narrow, fixed or most, sheet.styles.sizes[style], texts, flexible=grows))
    printed = slice(_OFF_PAPER_BEFORE, -_OFF_PAPER_AFTER)
    on_paper = shared(needs[printed], sheet.paper.printable_width * ROOM[sheet.settings.paper])
    widths = (needs[0].least, *on_paper, *(need.least for need in needs[-_OFF_PAPER_AFTER:]))
    return PlainColumns(header, styles, widths, printed, frozen=4)


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


def _fields(data: Consolidated) -> list[tuple[str, FieldType]]:
    return [(field.key, field.type) for field in data.opened.fields]


def _line(
    period: str,
    fields: Iterable[tuple[str, FieldType]],
    files: Mapping[str, str],
    task: Task,
    entry: Entry,
) -> list[Content]:
    """Give an entry's cells."""
    answers = entry.answers
    return [
        period,
        entry.unit,
        entry.role.label,
        task.number,
        task.project,
        task.text,
        *[
            None
            if (one := answers.get(key)) is None or one.value is None
            else content_of(one.value, kind, EXACT)
            for key, kind in fields
        ],
        files.get(entry.unit, ""),
        entry.row or None,
    ]
