"""Task tables → drafts: columns by their heads, parts and projects by rows, columns or paragraphs before."""

from __future__ import annotations

import re

from kepu_xls.messages import finding
from kepu_xls.model import Finding, Place, Record, Role
from kepu_xls.plan import duties
from kepu_xls.plan.blocks import Block, Cell, Paragraph, Row, Table, distinct, flat
from kepu_xls.plan.draft import Draft, Duty, Heading
from kepu_xls.plan.headings import Column, Columns, Mark, Marked, columns_of, head, marked, number_in, title

_NOTE = re.compile(r"\s*(?:备?注|说明|附注|附件|附|填表|制表|单位|日期)\s*\d*\s*[:：]")
_TITLE = re.compile(r"(?:分解表|分工表|任务表|一览表|方案|通知|纲要|计划表|清单|任务分解|分工)[》）)\s]*$")
_PLAIN_SHEET = re.compile(r"(?:Sheet|Table|工作表|表)\s*\d*$|(?:任务|总表|汇总)$", re.IGNORECASE)
_LONGEST_HEADING = 40
_WRITTEN_NUMBER = re.compile(r"\d+\.\d+\.\d+")
_MARK_ALONE = re.compile(r"[（(]?[一二三四五六七八九十]{1,3}[）)]?[、.．]?")
_ROLES = ((Column.LEAD, Role.LEAD), (Column.PARTICIPANT, Role.PARTICIPANT), (Column.RESPONSIBLE, None))


class Reading(Record, frozen=True):
    """The drafts of a document, with what was noticed; no drafts: it has no task table."""

    drafts: tuple[Draft, ...] = ()
    findings: tuple[Finding, ...] = ()


def read(blocks: tuple[Block, ...]) -> Reading:
    """Read all task tables of a document, in its order."""
    reader = _Reader(several=sum(_is_task_table(block) for block in blocks) > 1)
    for block in blocks:
        if isinstance(block, Paragraph):
            reader.paragraph(block)
        else:
            reader.table(block)
    return Reading(tuple(reader.drafts), tuple(reader.findings))


def _is_task_table(block: Block) -> bool:
    return isinstance(block, Table) and any(columns_of(row) for row in block.rows)


class _Reader:
    """Goes down a document; holds the part, project and columns that hold for the next row."""

    def __init__(self, *, several: bool) -> None:
        self.drafts: list[Draft] = []
        self.findings: list[Finding] = []
        self._several = several
        self._waiting: list[Paragraph] = []  # what may be headings of the table to come
        self._columns: Columns | None = None
        self._width = 0
        self._part = Heading()
        self._project = Heading()
        self._task: Cell | None = None

    def paragraph(self, paragraph: Paragraph) -> None:
        """Keep what may turn out to be the heading of the next table."""
        self._waiting.append(paragraph)

    def table(self, table: Table) -> None:
        """Read a table; one without a header goes on with the columns of the one before, if as wide."""
        if not _is_task_table(table) and not self._goes_on(table):
            self._waiting.clear()
            return
        for at, row in enumerate(table.rows):
            following = table.rows[at + 1] if at + 1 < len(table.rows) else ()
            self._row(row, before_header=columns_of(following) is not None)

    def _goes_on(self, table: Table) -> bool:
        return (
            self._columns is not None
            and not any(marked(waiting.cell.text).mark is None for waiting in self._waiting)
            and all(len(row) == self._width for row in table.rows)
        )

    def _row(self, row: Row, *, before_header: bool) -> None:
        cells = distinct(row)
        if not cells or self._header(row):
            return
        if self._columns is None or before_header:
            self._waiting += [Paragraph(cell) for cell in cells[:1]]
        elif len(row) > self._width and len(cells) != 1 and not self._columns:
            return
        else:
            self._settle_headings()
            if not self._heading_row(row, cells):
                self._task_row(row)

    def _header(self, row: Row) -> bool:
        """Take a header row; below it, a second one only names some of its columns more closely."""
        columns = columns_of(row)
        if columns is None and self._columns is not None:
            heads = {index: head(cell.text) for index, cell in enumerate(row) if not cell.blank}
            if len(heads) > 1 and None not in heads.values() and self._task is None:
                taken = {index for index in heads}
                columns = {
                    column: kept
                    for column, old in self._columns.items()
                    if (kept := tuple(index for index in old if index not in taken))
                }
                for index, column in heads.items():
                    if column is not None:
                        columns[column] = (*columns.get(column, ()), index)
        if columns is None:
            return False
        self._columns, self._width, self._task = columns, len(row), None
        return True

    def _settle_headings(self) -> None:
        """Choose, among what stood before the table, its part (and project)."""
        waiting, self._waiting = self._waiting, []
        headings = [(paragraph, title(paragraph.cell.text)) for paragraph in waiting]
        named = [(one, text) for one, text in headings if text.mark in (Mark.PART, Mark.PROJECT)]
        for paragraph, text in named:
            self._enter(text, paragraph.cell)
        if any(text.mark is Mark.PART for _, text in named) or not self._several:
            return
        plain = [(one, text) for one, text in headings if text.mark is None and _may_name_part(one)]
        if plain and Column.PART not in (self._columns or {}):
            paragraph, text = min(plain, key=lambda pair: pair[0].sheet_name)
            self._part = Heading(text.text, text.ordinal, paragraph.cell.place)
            self._project = Heading() if not named else self._project

    def _enter(self, text: Marked, cell: Cell) -> None:
        heading = Heading(text.text, text.ordinal, cell.place)
        if text.mark is Mark.PROJECT:
            self._project = heading
        else:
            self._part, self._project = heading, Heading()

    def _heading_row(self, row: Row, cells: Row) -> bool:
        """Take a row that is the heading of those below it: one cell alone, or a mark and a name."""
        columns = self._columns or {}
        if _NOTE.match(cells[0].text) and len(cells) == 1:
            return True
        alone = len(cells) == 1
        if not alone and not _mark_and_name(cells):
            return False
        text = title("".join(cell.text for cell in cells) if alone else _joined_mark(cells))
        spread = row.count(cells[0]) > len(columns.get(Column.PROJECT, (0,)))
        first = row.index(cells[0])
        if (
            alone
            and not spread
            and text.mark is not Mark.PART
            and first in (*columns.get(Column.PROJECT, ()), *columns.get(Column.PART, ()))
        ):
            self._groups(row)
            return True
        if text.mark not in (Mark.PART, Mark.PROJECT) and not (alone and spread):
            return False
        if not text.text or len(text.text) > _LONGEST_HEADING:
            return False
        below = text.mark is None and Column.PROJECT not in columns and self._part.ordinal is not None
        self._enter(Marked(text.text, Mark.PROJECT) if below else text, cells[0])
        self._task = None
        return True

    def _groups(self, row: Row) -> None:
        """Enter the part and project that a row names in their columns; blank, the ones above go on."""
        part, project = self._one(row, Column.PART), self._one(row, Column.PROJECT)
        if part is not None and _differs(part, self._part):
            text = title(part.text)
            self._part, self._project = Heading(text.text, text.ordinal, part.place), Heading()
        if project is not None and _differs(project, self._project):
            text = title(project.text)
            self._project = Heading(text.text, text.ordinal, project.place)

    def _task_row(self, row: Row) -> None:
        self._groups(row)
        task = self._one(row, Column.TASK)
        said = self._said(row)
        if task is None:
            if said.duties and self.drafts:
                self._go_on(said)
            return
        if self._task is not None and task.place == self._task.place:
            self._add(said)
            return
        self._task = task
        self._write(task, row, said)

    def _write(self, task: Cell, row: Row, said: duties.Duties) -> None:
        """Write a draft; a cell that lists 1、 2、 3、 on lines of their own is as many tasks."""
        number = self._one(row, Column.NUMBER)
        several = _listed(task.text)
        if len(several) > 1:
            self.findings.append(finding("plan-tasks-split", task.place, count=len(several)))
        for text in several:
            text = marked(text)
            written, ordinal = _numbered(number, text)
            place = task.place
            draft = Draft(
                part=self._part, project=self._project, text=flat(text.text), place=place, ordinal=ordinal,
                number=written, duties=said.duties, deadline=said.deadline, mark=text.mark,
            )  # fmt: skip
            self.drafts.append(draft)

    def _said(self, row: Row) -> duties.Duties:
        """Read all cells of units in a row, and its deadline."""
        found: list[Duty] = []
        deadline = self._one(row, Column.DEADLINE)
        for column, role in _ROLES:
            for cell in self._cells(row, column):
                said = duties.read(cell, role)
                found += said.duties
                deadline = deadline or said.deadline
        return duties.Duties(tuple(found), deadline)

    def _go_on(self, said: duties.Duties) -> None:
        """Add the units of a row without a task to the task above it."""
        place: Place = said.duties[0].cell.place
        self.findings.append(finding("plan-row-continued", place, text=_short(self.drafts[-1].text)))
        self._add(said)

    def _add(self, said: duties.Duties) -> None:
        last = self.drafts[-1]
        new = tuple(duty for duty in said.duties if duty not in last.duties)
        self.drafts[-1] = Draft(
            part=last.part, project=last.project, text=last.text, place=last.place, ordinal=last.ordinal,
            number=last.number, duties=(*last.duties, *new), deadline=last.deadline or said.deadline, mark=last.mark,
        )  # fmt: skip

    def _cells(self, row: Row, column: Column) -> Row:
        indexes = (self._columns or {}).get(column, ())
        return distinct(tuple(row[index] for index in indexes if index < len(row)))

    def _one(self, row: Row, column: Column) -> Cell | None:
        cells = self._cells(row, column)
        if not cells:
            return None
        return cells[0] if len(cells) == 1 else Cell("\n".join(cell.text for cell in cells), cells[0].place)


def _mark_and_name(cells: Row) -> bool:
    """Tell whether a row says nothing but 一 and a name, in two cells."""
    return len(cells) == 2 and _MARK_ALONE.fullmatch(cells[0].text.strip()) is not None  # noqa: PLR2004 - as said


def _joined_mark(cells: Row) -> str:
    """Write the mark in the first cell before the name in the second, parted as a heading is."""
    mark = cells[0].text.strip()
    return f"{mark}{cells[1].text}" if mark[-1] in "）)、.．" else f"{mark}、{cells[1].text}"


def _may_name_part(paragraph: Paragraph) -> bool:
    text = paragraph.cell.text.strip()
    if paragraph.sheet_name and _PLAIN_SHEET.match(text):
        return False
    return len(text) <= _LONGEST_HEADING and not _TITLE.search(text) and not _NOTE.match(text)


def _differs(cell: Cell, heading: Heading) -> bool:
    """Tell whether a cell begins a new group: not the merged cell above, nor its text repeated."""
    return cell.place != heading.place and title(cell.text).text != heading.name


def _numbered(number: Cell | None, text: Marked) -> tuple[str, int | None]:
    """Give the whole number where the document writes one (2.3.1), and the number within the project."""
    if number is not None and _WRITTEN_NUMBER.fullmatch(number.text.strip()):
        return number.text.strip(), int(number.text.strip().rsplit(".", 1)[1])
    if len(text.path) == 3:  # noqa: PLR2004 - part.project.task
        return ".".join(map(str, text.path)), text.ordinal
    if text.ordinal is not None:
        return "", text.ordinal
    written = number.text.strip(" （）().、．") if number is not None else ""
    return "", number_in(written) if written.isdecimal() else None


def _listed(text: str) -> list[str]:
    """Split a cell that lists tasks, each line with the next mark of one kind; else give it whole."""
    tasks: list[list[str]] = []
    first = marked(text)
    for line in text.splitlines():
        one = marked(line)
        expected = first.ordinal is not None and one.ordinal == first.ordinal + len(tasks)
        if line.strip() and (not tasks or (one.mark is first.mark and expected)):
            tasks.append([line])
        elif tasks:
            tasks[-1].append(line)
    return ["\n".join(lines) for lines in tasks] or [text]


def _short(text: str) -> str:
    return text if len(text) <= 20 else f"{text[:20]}…"  # noqa: PLR2004 - enough to know the task by
