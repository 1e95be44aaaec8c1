"""Grids → one submission: whose, of which period, and what it says; or why it cannot be taken.  Pure."""

from __future__ import annotations

from collections.abc import Iterable

from kepu_xls import periods
from kepu_xls.intake.asked import Asked
from kepu_xls.intake.consolidated import is_consolidated, units_in_column
from kepu_xls.intake.context import ReadingContext
from kepu_xls.intake.formats import ShowsPercent
from kepu_xls.intake.grid import Grid, address
from kepu_xls.intake.heads import Heads, find_heads
from kepu_xls.intake.labels import Words
from kepu_xls.intake.locate import Table, find_tables, stray_rows
from kepu_xls.intake.rows import ReadRow, RowReader, one_a_task, said, told_by_text
from kepu_xls.intake.whose import (
    Claim,
    Fit,
    claims,
    contradicting_period,
    labelled_units,
    named_in_titles,
    named_periods,
    named_units,
    titles,
    told_unit,
    told_with_sender,
    units_by_tasks,
)
from kepu_xls.messages import finding
from kepu_xls.model import Finding, InboxFile, OpenPeriod, Place, Submission, TiedBy
from kepu_xls.shown_names import SEPARATOR
from kepu_xls.succession import heirs


class RejectedError(Exception):
    """The workbook cannot be taken as any unit's report: ``findings`` say why."""

    def __init__(self, why: Finding, *others: Finding, unit: str = "", period: str = "") -> None:
        super().__init__(why.code)
        self.findings = (why, *others)
        self.unit, self.period = unit, period


class Reader:
    """Reads the grids of one file; ``findings`` grow as it goes."""

    def __init__(
        self,
        file: InboxFile,
        grids: tuple[Grid, ...],
        context: ReadingContext,
        shows_percent: ShowsPercent,
        filed: str = "",
    ) -> None:
        """``filed``: the period that the file was filed in when it was read before."""
        self._file, self._received, self._grids, self._context = file.path, file.received, grids, context
        self._shows_percent, self._filed = shows_percent, filed
        self.findings: list[Finding] = []
        self._found_heads: dict[Words, tuple[tuple[Grid, Heads | None], ...]] = {}

    def read(self) -> Submission:
        """Give the submission.  Raises RejectedError."""
        claim = self._claim()
        asked = self._asked(claim)
        if claim:
            self._tell_period(claim)
        tables = self._tables(asked)
        unit, tied_by = self._unit(claim, asked.opened, tables)
        return self._submission(unit, asked, tables, claim, tied_by)

    # ── whose and when ──

    def _claim(self) -> Claim | None:
        found = claims(self._grids, self._context.secret, self._file)
        if len(found) > 1:
            names = "、".join(f"{one.identity.unit}（{one.identity.period}）" for one in found)
            raise RejectedError(finding("form-two-identities", found[1].place, names=names))
        return found[0] if found else None

    def _asked(self, claim: Claim | None) -> Asked:
        """Tell the period: by identity, title, the file's name, as before, else the one being merged."""
        name = claim.identity.period if claim else self._told_period()
        asked = self._context.asked(name)
        if asked is None:
            unit = claim.identity.unit if claim else ""
            raise RejectedError(
                finding("form-period-not-open", self._place(), period=name), unit=unit, period=name
            )
        current = self._context.current
        if name != current and self._received >= self._context.periods[current].opened:
            # one from before, read once more by a newer program, is as right as it was
            self._tell("form-other-period", period=name, current=current)
        return asked

    def _told_period(self) -> str:
        kinds = sorted({periods.parse(name).kind for name in self._context.periods})
        sources = [("标题", " \n".join(self._titles())), ("文件名", self._file.rpartition("/")[2])]
        for source, text in sources:
            found = sorted(named_periods(text, kinds))
            if len(found) > 1:
                raise RejectedError(finding("form-two-periods", self._place(), periods="、".join(found)))
            if found:
                self._tell("form-period-told", period=found[0], source=source)
                return found[0]
        period = self._filed or self._context.current
        self._tell("form-period-assumed", period=period)
        return period

    def _tell_period(self, claim: Claim) -> None:
        """Say where people read another period than the hidden identity has; the identity counts."""
        period = claim.identity.period
        name = self._file.rpartition("/")[2]
        for source, text in (("标题", "\n".join(self._titles())), ("文件名", name)):
            if said := contradicting_period(text, period):
                self._tell("form-period-contradicts", period=period, source=source, said=said)
                return

    def _titles(self) -> tuple[str, ...]:
        heads = {grid.name: found for grid, found in self._heads(self._context.words) if not grid.hidden}
        return titles(self._grids, {name: min(found.rows) for name, found in heads.items() if found})

    def _heads(self, words: Words) -> tuple[tuple[Grid, Heads | None], ...]:
        """Give each sheet with the heads of its table, looked for once."""
        if words not in self._found_heads:
            self._found_heads[words] = tuple((grid, find_heads(grid, words)) for grid in self._grids)
        return self._found_heads[words]

    def _unit(self, claim: Claim | None, opened: OpenPeriod, tables: tuple[Table, ...]) -> tuple[str, TiedBy]:
        tables = tuple(table for table in tables if table.answered) or tables  # blank sheets tell nothing
        labelled = self._labelled(tables, opened)
        claimed = self._claimed(claim, opened, labelled) if claim else ""
        if claim and claimed:
            self._check_claim(claim, claimed, labelled, tables, opened)
            return claimed, TiedBy.IDENTITY
        mentions: tuple[tuple[str, frozenset[str]], ...] = (
            ("标题", named_in_titles(self._titles(), opened.plan)),
            ("文件名", named_units(self._file.rpartition("/")[2], opened.plan)),
        )
        if claim:
            self._tell("form-unit-gone", claim.place, name=claim.identity.unit, period=opened.period)
            mentions = ()  # it says whose it is: that somebody else is mentioned, too, makes it not theirs
        told = told_unit(units_by_tasks(tables, opened.plan), labelled, mentions)
        told = told_with_sender(told, self._senders(opened))
        if len(told.units) != 1:
            code = "form-unit-ambiguous" if told.units else "form-unit-unknown"
            why = finding(code, self._place(tables[0]), names="、".join(told.units))
            raise RejectedError(why, period=opened.period)
        self._tell("form-unit-told", self._place(tables[0]), unit=told.units[0], by=told.by)
        by_number = any(row.told.value == "number" for table in tables for row in table.rows if row.task)
        return told.units[0], TiedBy.LABELS if by_number else TiedBy.TASKS

    def _senders(self, opened: OpenPeriod) -> frozenset[str]:
        sent_by = self._context.senders.get(self._file.partition(SEPARATOR)[0], ())
        return frozenset(name for unit in sent_by for name in heirs(unit, opened.plan))

    def _labelled(self, tables: tuple[Table, ...], opened: OpenPeriod) -> frozenset[str]:
        """Give the units that the tables name as theirs; refuse tables of several units."""
        several = next((table for table in tables if is_consolidated(table, opened.plan)), None)
        if several is not None:
            raise RejectedError(finding("form-consolidated", self._place(several)), period=opened.period)
        names = {
            table.grid.name: labelled_units([table], opened.plan) | units_in_column(table, opened.plan)
            for table in tables
        }
        told = [(sheet, units) for sheet, units in names.items() if units]
        if any(not told[0][1] & units for _, units in told):
            forms = "、".join(f"“{sheet}”（{'、'.join(sorted(units))}）" for sheet, units in told)
            why = finding("form-two-units", Place(self._file, told[1][0]), forms=forms)
            raise RejectedError(why, period=opened.period)
        return frozenset(unit for _, units in told for unit in units)

    def _claimed(self, claim: Claim, opened: OpenPeriod, labelled: frozenset[str]) -> str:
        """Give the unit that an identity means in the period; of one that was divided, the one on the form.

        Empty where the plan knows no such unit.
        """
        name = claim.identity.unit
        meant = heirs(name, opened.plan)
        if len(meant) > 1:
            said = labelled & set(meant)
            if len(said) != 1:
                why = finding("form-unit-divided", claim.place, name=name, names="、".join(meant))
                raise RejectedError(why, period=opened.period)
            meant = tuple(said)
        if meant and meant[0] != name:
            self._tell("form-unit-renamed", claim.place, unit=meant[0], name=name)
        return meant[0] if meant else ""

    def _check_claim(
        self,
        claim: Claim,
        unit: str,
        labelled: frozenset[str],
        tables: tuple[Table, ...],
        opened: OpenPeriod,
    ) -> None:
        """Refuse a form that names another unit than it was made for: whose it is, somebody has to ask."""
        others = labelled or _whole(units_by_tasks(tables, opened.plan))
        if others and unit not in others:
            names = "、".join([unit, *sorted(others)])
            why = finding("form-unit-contradicts", claim.place, names=names)
            raise RejectedError(why, period=claim.identity.period)
        if not claim.signed:
            self._tell("form-signature-wrong", claim.place, unit=unit)

    # ── what it says ──

    def _tables(self, asked: Asked) -> tuple[Table, ...]:
        tables = find_tables(self._heads(asked.words), asked.tasks)
        if not tables:
            raise RejectedError(finding("form-table-missing", self._place()), period=asked.opened.period)
        return tables

    def _submission(
        self, unit: str, asked: Asked, tables: tuple[Table, ...], claim: Claim | None, tied_by: TiedBy
    ) -> Submission:
        opened = asked.opened
        reader = RowReader(self._file, unit, asked, self._shows_percent)
        rows, tables = self._rows(reader, tables, unit, asked)
        values, found = reader.indicator_values(self._grids, tables)
        filled = any(not row.blank for row in rows) or any(one.answer.raw for one in values)
        if not filled:
            why = finding("form-empty", self._place(tables[0]), unit=unit)
            raise RejectedError(why, *self.findings, unit=unit, period=opened.period)
        self.findings += found
        form_answers, found = reader.form_answers(tables)
        self.findings += found
        self._tell_missing(unit, opened, tables, rows)
        version = claim.identity.version if claim else opened.version
        if version != opened.version:
            self._tell("form-old-version", claim.place if claim else None, unit=unit, version=version)
        return Submission(
            unit=unit,
            period=opened.period,
            version=version,
            tied_by=tied_by,
            entries=tuple(row.entry for row in rows),
            form_answers=form_answers,
            indicator_values=values,
        )

    def _rows(
        self, reader: RowReader, tables: tuple[Table, ...], unit: str, asked: Asked
    ) -> tuple[tuple[ReadRow, ...], tuple[Table, ...]]:
        """Read the rows of the tables that answer anything, one a task, in the plan's order."""
        read = {table.grid.name: reader.task_rows(table) for table in tables}
        used = [table for table in tables if any(not row.blank for row in read[table.grid.name][0])]
        used = used or list(tables[:1])
        rivals = _rivals([read[table.grid.name][0] for table in used])
        if rivals:
            sheets = "、".join(f"“{name}”" for name in rivals)
            why = finding("form-two-tables", self._place(used[0]), unit=unit, sheets=sheets)
            raise RejectedError(why, unit=unit, period=asked.opened.period)
        rows, twice = one_a_task((row for table in used for row in read[table.grid.name][0]), self._file)
        for table in tables:
            if table not in used and table.answered:
                self._tell("form-sheet-of-others", self._place(table), unit=unit, sheet=table.grid.name)
        for table in used:
            self.findings += read[table.grid.name][1]
            self._tell_table(table, unit, asked)
        self.findings += [*twice, *(one for row in rows for one in row.findings)]
        order = {task.number: place for place, (task, _) in enumerate(asked.plan.duties_of(unit))}
        return tuple(sorted(rows, key=lambda row: order[row.entry.task])), tuple(used)

    # ── what is told of it ──

    def _tell_table(self, table: Table, unit: str, asked: Asked) -> None:
        """Say how the columns were found where it was not by keys, and which could not be."""
        heads, place, opened = table.heads, self._place(table), asked.opened
        if not heads.has_keys:
            self._tell("form-keys-missing", place, unit=unit)
        for field in opened.fields:
            if field.key not in heads.columns:
                self._tell("column-missing", place, unit=unit, label=field.label)
            if field.key in heads.disagreeing:
                self._tell("column-moved", place, unit=unit, label=field.label)
            if field.key in heads.doubled:
                where = Place(
                    self._file, table.grid.name, address(max(heads.rows), heads.doubled[field.key][1])
                )
                self._tell("column-twice", where, unit=unit, label=field.label)
        columns = [heads.columns[field.key] for field in opened.fields if field.key in heads.columns]
        for row in stray_rows(table, opened.fields, lambda raw: bool(asked.labels.segments(raw))):
            first = next(column for column in sorted(columns) if column in table.grid.cells[row])
            self._tell("row-without-task", Place(self._file, table.grid.name, address(row, first)), unit=unit)

    def _tell_missing(
        self, unit: str, opened: OpenPeriod, tables: tuple[Table, ...], rows: tuple[ReadRow, ...]
    ) -> None:
        """Name the tasks that the file does not speak of, and those that only their text told."""
        spoken = {row.task for table in tables for row in table.rows}
        for task, _ in opened.plan.duties_of(unit):
            if task.number not in spoken:
                self._tell("task-missing", self._place(tables[0]), unit=unit, task=task.number)
        by_text = [row.entry for row in told_by_text(rows)]
        if by_text:
            tasks = "、".join(entry.task for entry in by_text)
            place = Place(self._file, by_text[0].sheet, f"第{by_text[0].row}行")
            self._tell("form-rows-by-text", place, unit=unit, tasks=tasks)

    def _place(self, table: Table | None = None) -> Place:
        return Place(self._file, table.grid.name if table else "")

    def _tell(self, code: str, place: Place | None = None, **details: str | int) -> None:
        self.findings.append(finding(code, place or self._place(), **details))  # type: ignore[arg-type]


def _whole(tasks: Fit) -> frozenset[str]:
    """Give the units whose tasks a file has, all of them and no others."""
    return tasks.units if tasks.whole else frozenset()


def _rivals(tables: Iterable[tuple[ReadRow, ...]]) -> tuple[str, ...]:
    """Name two sheets that answer the same task differently: nobody can tell which one the unit meant."""
    seen: dict[str, ReadRow] = {}
    for rows in tables:
        for row in rows:
            other = seen.get(row.entry.task)
            if row.blank or (other and other.entry.sheet == row.entry.sheet):
                continue
            if other and said(other.entry) != said(row.entry):
                return other.entry.sheet, row.entry.sheet
            seen[row.entry.task] = row
    return ()
