"""The rows of the task tables as entries: each value with its cell, and what is wrong with it.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import msgspec

from kepu_xls import periods
from kepu_xls.intake.footer import form_cells
from kepu_xls.intake.formats import ShowsPercent
from kepu_xls.intake.grid import Grid, Held, address
from kepu_xls.intake.indicators import FIGURE, NOTE, indicator_rows
from kepu_xls.intake.locate import FormRow, Table, Told
from kepu_xls.intake.values import parse
from kepu_xls.messages import finding
from kepu_xls.model import (
    Answer,
    Entry,
    Field,
    FieldType,
    Finding,
    IndicatorValue,
    OpenPeriod,
    Place,
    Record,
    Role,
)


class ReadRow(Record, frozen=True):
    """A task row with its answers, and what is wrong in its cells."""

    table: Table
    row: FormRow
    entry: Entry
    findings: tuple[Finding, ...]


class RowReader:
    """Reads the cells of one file for one unit in one period."""

    def __init__(self, file: str, unit: str, opened: OpenPeriod, shows_percent: ShowsPercent) -> None:
        self._file, self._unit, self._opened = file, unit, opened
        self._shows_percent = shows_percent
        self._last_day: date = periods.parse(opened.period).last_day

    def task_rows(self, table: Table) -> tuple[tuple[ReadRow, ...], tuple[Finding, ...]]:
        """Read the rows of the unit's own tasks; rows that are not are findings, not entries."""
        read: list[ReadRow] = []
        wrong: list[Finding] = []
        for row in table.rows:
            problem = self._problem(table, row)
            if problem is not None:
                wrong += (
                    [problem] if table.answers(row.row) else []
                )  # a full plan, own rows filled, is no fault
                continue
            task = self._opened.plan.task(row.task)
            role = task.role_of(self._unit) if task else None
            if role is not None:
                read.append(self._read_row(table, row, role))
        return tuple(read), tuple(wrong)

    def _problem(self, table: Table, row: FormRow) -> Finding | None:
        """Tell why a row cannot be the unit's answer to a task."""
        place = self._place(table, row)
        if not row.task:
            return finding("task-unknown", place, unit=self._unit, number=row.claimed)
        if row.other:
            return finding("task-contradicts-text", place, unit=self._unit, task=row.task, other=row.other)
        task = self._opened.plan.task(row.task)
        if task is None or task.role_of(self._unit) is None:
            return finding("task-not-of-unit", place, unit=self._unit, task=row.task)
        return None

    def _read_row(self, table: Table, row: FormRow, role: Role) -> ReadRow:
        answers: dict[str, Answer] = {}
        findings: list[Finding] = []
        for field in self._opened.fields:
            if column := table.heads.columns.get(field.key):
                held = Held(table.grid.at(row.row, column), row.row, column)
                answers[field.key], found = self._parse(field, held, table.grid.name, row.task)
                findings += found
        if row.shifted:
            place = self._place(table, row)
            findings.append(finding("task-number-shifted", place, unit=self._unit, task=row.task))
        entry = Entry(self._unit, row.task, role, answers, table.grid.name, row.row)
        findings += self._said_nothing(entry, {one.place.cell for one in findings})
        return ReadRow(table, row, entry, tuple(findings))

    def _said_nothing(self, entry: Entry, told: set[str]) -> Iterator[Finding]:
        """Tell of 无 or / where the unit has to answer: no error of reading, but no answer either."""
        for field in self._opened.fields:
            answer = entry.answers.get(field.key)
            if answer is None or not field.required.covers(entry.role) or entry.unchanged:
                continue
            if answer.raw and answer.value is None and answer.cell not in told:
                place = Place(self._file, entry.sheet, answer.cell)
                yield finding(
                    "required-nothing",
                    place,
                    unit=entry.unit,
                    task=entry.task,
                    label=field.label,
                    raw=answer.raw,
                )

    def _parse(
        self, field: Field, held: Held, sheet: str, task: str = ""
    ) -> tuple[Answer, tuple[Finding, ...]]:
        shows, raw = None, held.raw
        if field.type is FieldType.PERCENT and isinstance(raw, int | float) and 0 < raw <= 1:
            shows = self._shows_percent(sheet, held.row, held.column)
        place = Place(self._file, sheet, address(held.row, held.column))
        answer, findings = parse(field, raw, place, last_day=self._last_day, shows_percent=shows)
        return answer, self._told(findings, task)

    def _told(self, findings: Iterable[Finding], task: str = "") -> tuple[Finding, ...]:
        return tuple(msgspec.structs.replace(one, unit=self._unit, task=task) for one in findings)

    def _place(self, table: Table, row: FormRow) -> Place:
        return Place(self._file, table.grid.name, address(row.row, table.name_column(row)))

    def form_answers(self, tables: Iterable[Table]) -> tuple[dict[str, Answer], tuple[Finding, ...]]:
        """Read the form-level fields on the sheets of the tables; the first sheet that answers one counts."""
        answers: dict[str, Answer] = {}
        findings: list[Finding] = []
        fields = {field.key: field for field in self._opened.form_fields}
        for table in tables:
            rows = frozenset({*table.heads.rows, *(row.row for row in table.rows)})
            for key, held in form_cells(table.grid, fields.values(), rows).items():
                if key not in answers or answers[key].raw == "":
                    answers[key], found = self._parse(fields[key], held, table.grid.name)
                    findings += found
        return answers, tuple(findings)

    def indicator_values(
        self, grids: Iterable[Grid]
    ) -> tuple[tuple[IndicatorValue, ...], tuple[Finding, ...]]:
        """Read the indicator tables; an indicator that is not the unit's is a finding."""
        own = self._opened.plan.indicators_of(self._unit)
        values: dict[tuple[str, str], IndicatorValue] = {}
        findings: list[Finding] = []
        for row in indicator_rows(grids, own):
            place = Place(self._file, row.sheet, row.figure_cell)
            answer, found = parse(FIGURE, row.figure, place, last_day=self._last_day)
            if row.indicator is None:
                if answer.raw:
                    findings.append(finding("indicator-unknown", place, unit=self._unit, name=row.name))
                continue
            key = (row.indicator.task, row.indicator.name)
            if key not in values or values[key].answer.raw == "":
                note_place = Place(self._file, row.sheet, row.note_cell)
                note = parse(NOTE, row.note, note_place, last_day=self._last_day)[0]
                values[key] = IndicatorValue(self._unit, *key, answer, str(note.value or ""))
                findings += self._told(found, row.indicator.task)
        return tuple(values.values()), tuple(findings)


def one_a_task(rows: Iterable[ReadRow], file: str) -> tuple[tuple[ReadRow, ...], tuple[Finding, ...]]:
    """Keep one row a task, the last that answers anything; where two answer differently, tell at both."""
    groups: dict[str, list[ReadRow]] = {}
    for row in rows:
        groups.setdefault(row.entry.task, []).append(row)
    kept, findings = [], []
    for task, group in groups.items():
        filled = [row for row in group if not row.entry.blank] or group[:1]
        kept.append(filled[-1])
        if len({said(row.entry) for row in filled}) > 1:
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
