"""The rows of the task tables as entries: each value with its cell, and what is wrong with it.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from kepu_xls.intake.asked import Asked, KnownCells
from kepu_xls.intake.footer import form_cells
from kepu_xls.intake.formats import ShowsPercent
from kepu_xls.intake.grid import Grid, Held, address, letters
from kepu_xls.intake.indicators import indicator_rows
from kepu_xls.intake.locate import FormRow, Table, Told
from kepu_xls.intake.merged_cells import spread
from kepu_xls.intake.values import Parsed, parse
from kepu_xls.messages import finding
from kepu_xls.model import (
    Answer,
    Entry,
    Finding,
    IndicatorValue,
    Place,
    Record,
)

_Column = tuple[str, KnownCells, int, str]
"""A field's key, what is known of its cells, and its column, as number and as letters."""


class ReadRow(Record, frozen=True):
    """A task row with its answers, and what is wrong in its cells.

    ``blank``: it answers nothing; ``mute``: a cell of it holds something that is no answer.
    """

    table: Table
    row: FormRow
    entry: Entry
    findings: tuple[Finding, ...]
    blank: bool
    mute: bool


class RowReader:
    """Reads the cells of one file for one unit in one period."""

    def __init__(self, file: str, unit: str, asked: Asked, shows_percent: ShowsPercent) -> None:
        self._file, self._unit, self._asked = file, unit, asked
        self._shows_percent = shows_percent
        self._roles = {task.number: role for task, role in asked.plan.duties_of(unit)}

    def task_rows(self, table: Table) -> tuple[tuple[ReadRow, ...], tuple[Finding, ...]]:
        """Read the rows of the unit's own tasks; rows that are not are findings, not entries."""
        read: list[ReadRow] = []
        wrong: list[Finding] = []
        columns = self._columns(table)
        for row in table.rows:
            problem = self._problem(table, row)
            if problem is not None:
                wrong += (
                    [problem] if table.answers(row.row) else []
                )  # a full plan, own rows filled, is no fault
                continue
            read.append(self._read_row(table, row, columns))
        filled, told = spread(table, (one.entry for one in read), self._asked.opened.fields, self._file)
        read = [_filled(one, filled[one.entry.row]) if one.entry.row in filled else one for one in read]
        return tuple([self._with_lacks(one) if one.mute else one for one in read]), (*wrong, *told)

    def _problem(self, table: Table, row: FormRow) -> Finding | None:
        """Tell why a row cannot be the unit's answer to a task."""
        if row.task in self._roles and not row.other:
            return None
        place = self._place(table, row)
        if not row.task:
            return finding("task-unknown", place, unit=self._unit, number=row.claimed)
        if row.other:
            return finding("task-contradicts-text", place, unit=self._unit, task=row.task, other=row.other)
        return finding("task-not-of-unit", place, unit=self._unit, task=row.task)

    def _columns(self, table: Table) -> list[_Column]:
        """Give the column of each field that the table asks for, as number and as letters."""
        found = table.heads.columns
        columns = ((known, known.field.key) for known in self._asked.cells if known.field.key in found)
        return [(key, known, found[key], letters(found[key])) for known, key in columns]

    def _read_row(self, table: Table, row: FormRow, columns: Iterable[_Column]) -> ReadRow:
        answers: dict[str, Answer] = {}
        findings: list[Finding] = []
        cells, number, sheet = table.grid.cells[row.row], str(row.row), table.grid.name
        blank, mute = True, False
        for key, known, column, where in columns:
            raw = cells.get(column)
            if raw is None:
                answers[key] = Answer(None, "", where + number)
                continue
            shows = known.of_shares and self._shows_percent(sheet, row.row, column)
            if not shows and (said := known.get(raw)):
                value, text = said
                answers[key] = Answer(value, text, where + number)
            else:
                held = Held(raw, row.row, column)
                answers[key], found = self._parse(known, held, sheet, row.task)
                value, text = answers[key].value, answers[key].raw
                findings += found
            if value is not None:
                blank = False
            elif text:
                blank, mute = False, True
        if row.shifted:
            place = self._place(table, row)
            findings.append(finding("task-number-shifted", place, unit=self._unit, task=row.task))
        entry = Entry(self._unit, row.task, self._roles[row.task], answers, table.grid.name, row.row)
        return ReadRow(table, row, entry, tuple(findings), blank, mute)

    def _read(self, known: KnownCells, held: Held, sheet: str, task: str = "") -> Parsed:
        """Read a cell, in which mostly stands what was seen in other forms."""
        shows = known.of_shares and self._shows_percent(sheet, held.row, held.column)
        if not shows and (said := known.get(held.raw)):
            return Answer(*said, address(held.row, held.column)), ()
        return self._parse(known, held, sheet, task)

    def _with_lacks(self, row: ReadRow) -> ReadRow:
        lacks = self._said_nothing(row.entry, {one.place.cell for one in row.findings})
        return msgspec.structs.replace(row, findings=(*row.findings, *lacks))

    def _said_nothing(self, entry: Entry, told: set[str]) -> Iterator[Finding]:
        """Tell of 无 or / where the unit has to answer: no error of reading, but no answer either."""
        for field in () if entry.unchanged else self._asked.required[entry.role]:
            answer = entry.answers.get(field.key)
            if answer and answer.raw and answer.value is None and answer.cell not in told:
                place = Place(self._file, entry.sheet, answer.cell)
                yield finding(
                    "required-nothing",
                    place,
                    unit=entry.unit,
                    task=entry.task,
                    label=field.label,
                    raw=answer.raw,
                )

    def _parse(self, known: KnownCells, held: Held, sheet: str, task: str = "") -> Parsed:
        shows = self._shows_percent(sheet, held.row, held.column) if known.of_shares else None
        place = Place(self._file, sheet, address(held.row, held.column))
        parsed = parse(known.field, held.raw, place, last_day=self._asked.last_day, shows_percent=shows)
        if not shows:
            known.keep(held.raw, parsed)
        return parsed[0], self._told(parsed[1], task)

    def _told(self, findings: Iterable[Finding], task: str = "") -> tuple[Finding, ...]:
        return tuple(msgspec.structs.replace(one, unit=self._unit, task=task) for one in findings)

    def _place(self, table: Table, row: FormRow) -> Place:
        return Place(self._file, table.grid.name, address(row.row, table.name_column(row)))

    def form_answers(self, tables: Iterable[Table]) -> tuple[dict[str, Answer], tuple[Finding, ...]]:
        """Read the form-level fields on the sheets of the tables; the first sheet that answers one counts."""
        answers: dict[str, Answer] = {}
        findings: list[Finding] = []
        for table in tables:
            rows = frozenset({*table.heads.rows, *(row.row for row in table.rows)})
            for key, held in form_cells(table.grid, self._asked.labels, rows).items():
                if key not in answers or answers[key].raw == "":
                    known = self._asked.form_cells[key]
                    answers[key], found = self._read(known, held, table.grid.name)
                    findings += found
        return answers, tuple(findings)

    def indicator_values(
        self, grids: Iterable[Grid], tables: Iterable[Table]
    ) -> tuple[tuple[IndicatorValue, ...], tuple[Finding, ...]]:
        """Read the indicator tables; an indicator that is not the unit's is a finding."""
        task_rows = {table.grid.name: {row.row for row in table.rows if row.task} for table in tables}
        values: dict[tuple[str, str], IndicatorValue] = {}
        findings: list[Finding] = []
        for row in indicator_rows(grids, self._asked.plan, self._unit, task_rows):
            task = row.indicator.task if row.indicator else ""
            answer, found = self._read(self._asked.figures, row.figure, row.sheet, task)
            if row.indicator is None:
                if answer.raw:
                    place = Place(self._file, row.sheet, answer.cell)
                    findings.append(finding("indicator-unknown", place, unit=self._unit, name=row.name))
                continue
            key = (row.indicator.task, row.indicator.name)
            if key not in values or values[key].answer.raw == "":
                note = row.note and self._read(self._asked.notes, row.note, row.sheet, task)[0].value
                values[key] = IndicatorValue(self._unit, *key, answer, str(note or ""))
                findings += found
        return tuple(values.values()), tuple(findings)


def _filled(row: ReadRow, entry: Entry) -> ReadRow:
    """Give a row with what a merged cell above it says of it too."""
    return msgspec.structs.replace(row, entry=entry, blank=entry.blank)


def one_a_task(rows: Iterable[ReadRow], file: str) -> tuple[tuple[ReadRow, ...], tuple[Finding, ...]]:
    """Keep one row a task, the last that answers anything; where two answer differently, tell at both."""
    groups: dict[str, list[ReadRow]] = {}
    for row in rows:
        groups.setdefault(row.entry.task, []).append(row)
    kept, findings = list[ReadRow](), list[Finding]()
    for task, group in groups.items():
        if len(group) == 1:
            kept += group
            continue
        filled = [row for row in group if not row.blank] or group[:1]
        kept.append(filled[-1])
        if len(filled) > 1 and len({said(row.entry) for row in filled}) > 1:
            cells = "、".join(f"{row.entry.sheet} 第{row.entry.row}行" for row in filled)
            for row in filled:
                place = Place(file, row.entry.sheet, address(row.entry.row, row.table.name_column(row.row)))
                findings.append(
                    finding(
                        "task-twice",
                        place,
                        unit=row.entry.unit,
                        task=task,
                        cells=cells,
                        kept=kept[-1].entry.row,
                    )
                )
    return tuple(kept), tuple(findings)


def said(entry: Entry) -> tuple[tuple[str, str], ...]:
    """Give what an entry says, without where it stands, to compare it."""
    return tuple(sorted((key, answer.raw) for key, answer in entry.answers.items() if answer.raw))


def told_by_text(rows: Iterable[ReadRow]) -> Iterator[ReadRow]:
    """Give the rows whose task was told by its text alone."""
    return (row for row in rows if row.row.told is Told.TEXT)
