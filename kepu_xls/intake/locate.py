"""Where the task table is, and which of its rows is which task.  Pure; no position is relied on."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from enum import Enum
from functools import cached_property, lru_cache

import msgspec

from kepu_xls.identity import NUMBER_KEY, TEXT_KEY
from kepu_xls.intake.grid import Grid, Raw, written
from kepu_xls.intake.heads import Heads
from kepu_xls.intake.labels import GIVEN, fold
from kepu_xls.model import Field, Plan, Record

_SHORTEST_PREFIX = 12
_REMEMBERED, _LONGEST_NUMBER = 4096, 64
_NUMBER = re.compile(r"\d+(?:\.\d+){1,3}")


class Told(Enum):
    """What told which task a row is about."""

    NUMBER = "number"
    TEXT = "text"


class FormRow(Record, frozen=True):
    """A row of the table.

    ``task``: its number in the plan, empty where that cannot be told; ``claimed``: what the row says;
    ``other``: a second task, which its text names; ``shifted``: the hidden number was another one.
    """

    row: int
    task: str
    claimed: str = ""
    told: Told = Told.NUMBER
    other: str = ""
    shifted: bool = False


class Table(Record, frozen=True, dict=True):
    """A task table in a sheet."""

    grid: Grid
    heads: Heads
    rows: tuple[FormRow, ...]

    def name_column(self, row: FormRow) -> int:
        """Give the column that names a row's task to people: its number, else its text."""
        seen = [self.heads.columns.get(key, 0) for key in (NUMBER_KEY, TEXT_KEY)]
        return next((column for column in seen if column and column in self.grid.cells[row.row]), 0) or max(
            1, min(self.heads.columns.values())
        )

    def answers(self, row: int) -> bool:
        """Tell whether a row answers anything."""
        return not self._asked.isdisjoint(self.grid.cells[row])

    @cached_property
    def answered(self) -> bool:
        """Whether any of its rows answers anything."""
        return any(self.answers(row.row) for row in self.rows)

    @cached_property
    def head_words(self) -> dict[str, int]:
        """The words of its header, folded, with their columns."""
        rows = (self.grid.cells.get(row, {}) for row in self.heads.rows)
        return {
            fold(value): column for cells in rows for column, value in cells.items() if isinstance(value, str)
        }

    @cached_property
    def _asked(self) -> frozenset[int]:
        return frozenset(column for key, column in self.heads.columns.items() if key not in GIVEN)

    @property
    def tasks(self) -> frozenset[str]:
        """The tasks of the plan that it speaks of."""
        return frozenset(row.task for row in self.rows if row.task)


def find_tables(sheets: Iterable[tuple[Grid, Heads | None]], known: KnownTasks) -> tuple[Table, ...]:
    """Find every task table, given each sheet's heads; on hidden sheets only where no visible one has any."""
    tables = [table for grid, heads in sheets if heads and (table := _table(grid, heads, known)) is not None]
    visible = [table for table in tables if not table.grid.hidden]
    return tuple(visible or tables)


def _table(grid: Grid, heads: Heads, known: KnownTasks) -> Table | None:
    rows = tuple(_task_rows(grid, _with_given(grid, heads, known), known))
    if not any(row.task for row in rows):
        return None
    return Table(grid, _with_answers(grid, heads, rows), rows)


def _with_answers(grid: Grid, heads: Heads, rows: tuple[FormRow, ...]) -> Heads:
    """Of two columns that claim a field, take the one that answers; where both do, the left one."""
    columns, doubled = dict(heads.columns), dict(heads.doubled)
    for key, pair in heads.doubled.items():
        answering = [column for column in pair if any(column in grid.cells[row.row] for row in rows)]
        if len(answering) < len(pair):
            columns[key] = (answering or pair)[0]
            del doubled[key]
    return msgspec.structs.replace(heads, columns=columns, doubled=doubled)


class KnownTasks:
    """The plan's tasks by number and by text."""

    def __init__(self, plan: Plan) -> None:
        self._numbers = {task.number for task in plan.tasks}
        self._texts: dict[str, str] = {}
        twice = set()
        for task in plan.tasks:
            text = bare_text(task.text)
            if text in self._texts:
                twice.add(text)
            self._texts[text] = task.number
        for text in twice:
            del self._texts[text]
        # as our own forms write them, so that nothing has to be folded
        self._own_numbers = {number for number in self._numbers if plain_number(number) == number}
        self._own_texts: dict[Raw, str] = {
            task.text: self._texts.get(bare_text(task.text), "") for task in plan.tasks
        }

    def number(self, raw: Raw) -> str:
        """Give the task's number that a cell holds, if the plan has it.  Excel makes a date of 1.2.3."""
        if raw in self._own_numbers:
            return str(raw)
        if isinstance(raw, date):
            raw = f"{raw.year % 100}.{raw.month}.{raw.day}"
        text = plain_number(written(raw))
        return text if text in self._numbers else ""

    def as_written(self, number: Raw, text: Raw) -> bool:
        """Tell whether two cells hold a task's number and text just as our own forms write them."""
        return number in self._own_numbers and self._own_texts.get(text) == number

    def exact(self, raw: Raw) -> str:
        """Give the task whose text a cell holds, whole."""
        if not isinstance(raw, str):
            return ""
        own = self._own_texts.get(raw)
        return self._texts.get(bare_text(raw), "") if own is None else own

    def by_text(self, raw: Raw) -> str:
        """Give the task whose text a cell holds, whole or cut short or added to; never by likeness."""
        if not isinstance(raw, str) or not (text := bare_text(raw)):
            return ""
        if text in self._texts:
            return self._texts[text]
        if len(text) < _SHORTEST_PREFIX:
            return ""
        fits = [number for whole, number in self._texts.items() if _extends(whole, text)]
        return fits[0] if len(fits) == 1 else ""


def _extends(whole: str, text: str) -> bool:
    return len(whole) >= _SHORTEST_PREFIX and (whole.startswith(text) or text.startswith(whole))


def plain_number(text: str) -> str:
    """Fold a task number: ``１．２．３ `` → ``1.2.3``."""
    return _plain_number(text) if len(text) <= _LONGEST_NUMBER else _plain_number.__wrapped__(text)


@lru_cache(_REMEMBERED)  # the same tasks come with every form, the same titles stand above their numbers
def _plain_number(text: str) -> str:
    return re.sub(r"[\s'、]", "", unicodedata.normalize("NFKC", text).replace("。", ".")).strip(".")


def bare_text(text: str) -> str:
    """Fold a task's text: punctuation, white space and its leading number dropped."""
    return fold(re.sub(r"^\s*[(（]?[\d.．]+\s*[)）、.．,，]?", "", text))


def _task_rows(grid: Grid, heads: Heads, known: KnownTasks) -> Iterator[FormRow]:
    numbers, texts = heads.columns.get(NUMBER_KEY, 0), heads.columns.get(TEXT_KEY, 0)
    places = {numbers, texts, heads.hidden_numbers}
    for row, cells in grid.cells.items():
        number = cells.get(numbers)
        if row in heads.rows or places.isdisjoint(cells):
            continue
        if cells.get(heads.hidden_numbers) in (None, number) and known.as_written(number, cells.get(texts)):
            yield FormRow(row, str(number), str(number))
        elif (found := _task_row(grid, heads, known, row)) is not None:
            yield found


def _task_row(grid: Grid, heads: Heads, known: KnownTasks, row: int) -> FormRow | None:
    """Tell which task a row is about: the number that people see, else the hidden one, else the text."""
    seen_raw = grid.at(row, heads.columns.get(NUMBER_KEY, 0))
    hidden = known.number(grid.at(row, heads.hidden_numbers))
    seen = known.number(seen_raw)
    text_raw = grid.at(row, heads.columns.get(TEXT_KEY, 0))
    exact = known.exact(text_raw)
    number = seen or ("" if _looks_numbered(seen_raw) else hidden)
    if number:
        other = exact if exact != number else ""
        return FormRow(row, number, number, other=other, shifted=bool(hidden) and hidden != number)
    claimed = plain_number(written(seen_raw))
    if _looks_numbered(seen_raw):
        return FormRow(row, "", claimed)
    if task := exact or known.by_text(text_raw):
        return FormRow(row, task, task, Told.TEXT)
    return None


def _looks_numbered(raw: Raw) -> bool:
    return _NUMBER.fullmatch(plain_number(written(raw))) is not None


def stray_rows(table: Table, fields: Iterable[Field], footer: Callable[[Raw], bool]) -> tuple[int, ...]:
    """Give the rows from the header to the footer that answer something but name no task.

    ``footer`` tells the labels that stand below a table.  Outside the task rows the first column asked for
    does not count alone, and neither do notes, seals, and what continues the header.
    """
    rows = {row.row for row in table.rows}
    columns = sorted(column for field in fields if (column := table.heads.columns.get(field.key)))
    end = _footer_row(table.grid, max(rows), footer)
    begin, known = max(table.heads.rows), rows | table.heads.rows
    return tuple(
        row
        for row, cells in table.grid.cells.items()
        if begin < row < end
        and row not in known
        and any(column in cells for column in (columns if min(rows) < row < max(rows) else columns[1:]))
        and not _is_sum(cells)
        and not _is_footer(cells, footer)
        and not (row > max(rows) and _is_note(cells))
        and not (row < min(rows) and (_is_note(cells) or _continues_header(cells)))
    )


_FOOTER = re.compile(
    r"\s*(?:[(（]\s*)?(?:(?:单位|部门)?[(（]?(?:盖章|公章|签章|签字|签名)"
    r"|[^\s，。；,;:：\d]{0,6}(?:填报|填表|制表|报送|上报|审核|审批|签发|经办|负责|责任|联系|分管|主管|主要)"
    r"(?:人|领导|单位|部门|科室|日期|时间|电话|方式)?(?:[(（][^()（）]*[)）])?\s*[:：]"
    r"|(?:日期|电话|手机|手机号|传真|邮箱)\s*[:：])"
)
_NOTE = re.compile(r"\s*[(（【]?(?:备注|附注|注|说明|填表说明)\d*[】]?[:：.．、]")
_TOTAL = re.compile(r"(?:合计|总计|小计|共计|累计|示例|样例|例)(?:行)?")
_HEAD_PART = re.compile(r"[(（].*[)）]|[①-⑳]|\d{1,2}|[一-鿿%％/]{1,4}")


def _footer_row(grid: Grid, last: int, footer: Callable[[Raw], bool]) -> int:
    """Give the first row below the tasks that labels or a seal mark as the footer."""
    below = ((row, cells) for row, cells in grid.cells.items() if row > last)
    return min(
        (row for row, cells in below if _is_footer(cells, footer)),
        default=max(grid.cells) + 1,
    )


def _is_footer(cells: dict[int, Raw], footer: Callable[[Raw], bool]) -> bool:
    """Tell a row of labels or a seal, which has task rows below it where a unit added some there."""
    return any(map(footer, cells.values())) or _FOOTER.match(written(cells[min(cells)])) is not None


def _is_sum(cells: dict[int, Raw]) -> bool:
    """Tell a row of sums, or an example: its first cell says so."""
    return _TOTAL.fullmatch(bare_text(written(cells[min(cells)]))) is not None


def _is_note(cells: dict[int, Raw]) -> bool:
    return all(_NOTE.match(written(value)) for value in cells.values())


def _continues_header(cells: dict[int, Raw]) -> bool:
    """Tell a row of measures, column numbers or the shortest words below the header."""
    return all(_HEAD_PART.fullmatch(written(value).strip()) for value in cells.values())


def _with_given(grid: Grid, heads: Heads, known: KnownTasks) -> Heads:
    """Where the columns of numbers or texts have no head, find them by what they hold."""
    columns = dict(heads.columns)
    for key, looks_right in ((NUMBER_KEY, known.number), (TEXT_KEY, known.exact)):
        if key not in columns:
            found = _column_holding(grid, heads, looks_right)
            if found:
                columns[key] = found
    return Heads(columns, heads.rows, heads.hidden_numbers)


def _column_holding(grid: Grid, heads: Heads, looks_right: Callable[[Raw], str]) -> int:
    counts: dict[int, int] = {}
    taken = set(heads.columns.values())
    for row, cells in grid.cells.items():
        for column, value in cells.items():
            if row not in heads.rows and column not in taken and looks_right(value):
                counts[column] = counts.get(column, 0) + 1
    return max(counts, key=lambda column: counts[column], default=0)
