"""Task tables → drafts: columns by their heads, parts and projects by rows, columns or paragraphs before."""

from __future__ import annotations

import re

import msgspec

from kepu_xls.messages import finding
from kepu_xls.model import Finding, Record
from kepu_xls.plan import unread
from kepu_xls.plan.blocks import Block, Cell, Paragraph, Row, Table, distinct, flat
from kepu_xls.plan.dittos import Dittos
from kepu_xls.plan.draft import Draft, Heading
from kepu_xls.plan.duties import Duties
from kepu_xls.plan.headings import Column, Mark, Marked, marked, number_in, title
from kepu_xls.plan.layout import Layout, header, second_header

_NOTE = re.compile(r"\s*(?:备?注|说明|附注|附件|附|填表|制表|单位|日期)\s*\d*\s*[:：]")
_TITLE = re.compile(r"(?:分解表|分工表|任务表|一览表|方案|通知|纲要|计划表|清单|任务分解|分工)[》）)\s]*$")
_PLAIN_SHEET = re.compile(r"(?:Sheet|Table|工作表|表)\s*\d*$|(?:任务|总表|汇总)$", re.IGNORECASE)
_LONGEST_HEADING = 40
_WRITTEN_NUMBER = re.compile(r"\d+\.\d+\.\d+")
_TOTAL = re.compile(r"(?:本[页表])?(?:合|小|总|共)计(?:[:：]?\d+项?(?:任务)?)?")
_MARK_ALONE = re.compile(r"[（(]?[一二三四五六七八九十]{1,3}[）)]?[、.．]?")


class Reading(Record, frozen=True):
    """The drafts of a document, with what was noticed; no drafts: nothing here is a task."""

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
    passed = [block.cell for block in blocks if isinstance(block, Paragraph)]
    return Reading(tuple(reader.drafts), (*reader.findings, *unread.in_cells(passed)))


def _is_task_table(block: Block) -> bool:
    return isinstance(block, Table) and any(header(row) for row in block.rows)


class _Reader:
    """Goes down a document; holds the columns, part, project and task that hold for the next row."""

    def __init__(self, *, several: bool) -> None:
        self.drafts: list[Draft] = []
        self.findings: list[Finding] = []
        self._several = several
        self._waiting: list[Paragraph] = []  # what may be headings of the table to come
        self._layout: Layout | None = None
        self._part = Heading()
        self._project = Heading()
        self._task: Cell | None = None
        self._dittos = Dittos()

    def paragraph(self, paragraph: Paragraph) -> None:
        """Keep what may turn out to be a heading of the next table."""
        self._waiting.append(paragraph)

    def table(self, table: Table) -> None:
        """Read a table; one without a header goes on with the columns of the one before, if as wide."""
        if not _is_task_table(table) and not self._goes_on(table):
            self.findings += unread.in_tables([table])
            self._waiting.clear()
            return
        for row, following in zip(table.rows, (*table.rows[1:], ()), strict=True):
            if not (cells := distinct(row)) or self._header(row):
                continue
            if self._layout is None or (header(following) and _is_caption(row, cells, self._layout)):
                self._caption(cells)
                continue
            self._settle_headings(self._layout)
            if not self._total(row, cells, self._layout):
                self._body_row(row, cells, self._layout)
        self._check_width(table)

    def _caption(self, cells: Row) -> None:
        """Keep what stands before a header for a heading; a row of three cells is one, but no caption."""
        self._waiting.append(Paragraph(cells[0]))
        self.findings += unread.in_cells(cells)
        if len(cells) > 2 and not any(_NOTE.match(cell.text) for cell in cells):  # noqa: PLR2004 - as said
            self.findings.append(finding("plan-row-unread", cells[0].place, text=_short(flat(cells[0].text))))

    def _total(self, row: Row, cells: Row, layout: Layout) -> bool:
        """Pass over a row of totals, and say so."""
        for cell in (cells[0], layout.cell(row, Column.TASK)):
            if cell is not None and _TOTAL.fullmatch("".join(cell.text.split())):
                self.findings.append(finding("plan-total-skipped", cell.place, text=flat(cell.text)))
                return True
        return False

    def _body_row(self, row: Row, cells: Row, layout: Layout) -> None:
        """Take a heading or a task, 同上 in it replaced by what it stands for."""
        row, found = self._dittos.filled(row, layout)
        self.findings += found
        before = self.drafts[-1:], self._part, self._project
        if not self._heading_row(row, cells, layout):
            self._task_row(row, layout)
        if before == (self.drafts[-1:], self._part, self._project):
            self.findings += unread.in_cells(cells)

    def _goes_on(self, table: Table) -> bool:
        if self._layout is None or any(marked(one.cell.text).mark is None for one in self._waiting):
            return False
        return all(len(row) == self._layout.width for row in table.rows)

    def _header(self, row: Row) -> bool:
        """Take a header row, or the second row of one."""
        layout = header(row)
        if layout is None and self._layout is not None and self._task is None:
            layout = second_header(row, self._layout)
        if layout is None:
            return False
        self._layout, self._task = layout, None
        return True

    def _check_width(self, table: Table) -> None:
        """Tell of a last row that is too short, where cells are counted: one before may be missing."""
        last = table.rows[-1]
        if table.counted and self._layout is not None and 1 < len(last) < self._layout.width:
            count, width = len(last), self._layout.width
            self.findings.append(finding("plan-cells-left", last[0].place, count=count, width=width))

    def _settle_headings(self, layout: Layout) -> None:
        """Choose, among what stood before the table, its part and project."""
        waiting, self._waiting = self._waiting, []
        named = False
        for paragraph in waiting:
            text = title(paragraph.cell.text)
            if text.mark in (Mark.PART, Mark.PROJECT) or paragraph.level:
                self._enter(text, paragraph.cell, below=text.mark is None and paragraph.level > 1)
                named = named or text.mark is not Mark.PROJECT
        plain = [one for one in waiting if not marked(one.cell.text).mark and _may_name_part(one)]
        if plain and not named and self._several and Column.PART not in layout.columns:
            paragraph = min(plain, key=lambda one: one.sheet_name)
            self._enter(title(paragraph.cell.text), paragraph.cell)

    def _enter(self, text: Marked, cell: Cell, *, below: bool = False) -> None:
        """Go into a part, or (``below``, or by its mark) into a project."""
        heading = Heading(text.text, text.ordinal, cell.place)
        if below or text.mark is Mark.PROJECT:
            self._project = heading
        else:
            self._part, self._project = heading, Heading()
        self._task = None

    def _heading_row(self, row: Row, cells: Row, layout: Layout) -> bool:
        """Take a row that is a heading of those below it: one cell alone, or a mark and a name."""
        alone = len(cells) == 1
        if not alone and not _mark_and_name(cells):
            return False
        if alone and _NOTE.match(cells[0].text):
            return True
        text = title(cells[0].text if alone else _joined_mark(cells))
        spread = alone and row.count(cells[0]) > len(layout.columns.get(Column.PROJECT, (0,)))
        if alone and not spread and text.mark is not Mark.PART and _names_group(cells[0], row, layout):
            self._groups(row, layout)
            return True
        if text.mark not in (Mark.PART, Mark.PROJECT) and not spread:
            return False
        if not text.text or len(text.text) > _LONGEST_HEADING:
            return False
        below = text.mark is None and Column.PROJECT not in layout.columns and self._part.ordinal is not None
        self._enter(text, cells[0], below=below)
        return True

    def _groups(self, row: Row, layout: Layout) -> None:
        """Enter the part and project that a row names in their columns; blank, the ones above go on."""
        part, project = layout.cell(row, Column.PART), layout.cell(row, Column.PROJECT)
        if part is not None and _differs(part, self._part):
            self._enter(Marked(title(part.text).text, Mark.PART, title(part.text).ordinal), part)
        if project is not None and _differs(project, self._project):
            self._enter(title(project.text), project, below=True)

    def _task_row(self, row: Row, layout: Layout) -> None:
        self._groups(row, layout)
        task, said = layout.cell(row, Column.TASK), layout.duties(row)
        if task is None:
            if said.duties and self.drafts:
                place, last = said.duties[0].cell.place, self.drafts[-1]
                self.findings.append(finding("plan-row-continued", place, text=_short(last.text)))
                self._add(said)
        elif self._task is not None and task.place == self._task.place:
            self._add(said)
        else:
            self._task = task
            self._write(task, layout.cell(row, Column.NUMBER), said)

    def _add(self, said: Duties) -> None:
        """Add what a further row of the same task says."""
        last = self.drafts[-1]
        new = tuple(duty for duty in said.duties if duty not in last.duties)
        self.drafts[-1] = msgspec.structs.replace(
            last, duties=(*last.duties, *new), deadline=last.deadline or said.deadline
        )

    def _write(self, task: Cell, number: Cell | None, said: Duties) -> None:
        """Write a draft; a cell that lists 1、 2、 3、 on lines of their own is as many tasks."""
        listed = _listed(task.text)
        if len(listed) > 1:
            self.findings.append(finding("plan-tasks-split", task.place, count=len(listed)))
        for one in listed:
            text = marked(one)
            written, ordinal = _numbered(number, text)
            draft = Draft(
                part=self._part,
                project=self._project,
                text=flat(text.text),
                place=task.place,
                ordinal=ordinal,
                number=written,
                duties=said.duties,
                deadline=said.deadline,
            )
            self.drafts.append(draft)


def _is_caption(row: Row, cells: Row, layout: Layout) -> bool:
    """Tell a caption before a header from a row that is only followed by the header once more."""
    if len(cells) == 1 or _NOTE.match(cells[0].text):
        return True
    return layout.cell(row, Column.TASK) is None and not layout.duties(row).duties


def _mark_and_name(cells: Row) -> bool:
    """Tell whether a row says nothing but 一 and a name, in two cells."""
    return len(cells) == 2 and _MARK_ALONE.fullmatch(cells[0].text.strip()) is not None  # noqa: PLR2004 - as said


def _joined_mark(cells: Row) -> str:
    """Write the mark in the first cell before the name in the second, parted as a heading is."""
    mark = cells[0].text.strip()
    return f"{mark}{cells[1].text}" if mark[-1] in "）)、.．" else f"{mark}、{cells[1].text}"


def _names_group(cell: Cell, row: Row, layout: Layout) -> bool:
    """Tell whether a cell stands in the column of parts or projects."""
    groups = (*layout.columns.get(Column.PROJECT, ()), *layout.columns.get(Column.PART, ()))
    return row.index(cell) in groups


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
    written = number.text.strip(" （）().、．\n") if number is not None else ""
    whole = written if _WRITTEN_NUMBER.fullmatch(written) else ".".join(map(str, text.path))
    if _WRITTEN_NUMBER.fullmatch(whole):
        return whole, int(whole.rsplit(".", 1)[1])
    return "", text.ordinal or (number_in(written) if written.isdecimal() else None)


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
