"""Cells that a unit merged downward over several tasks: what stands in one is said of each.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from kepu_xls.intake.locate import Table
from kepu_xls.intake.survey import Spot
from kepu_xls.messages import finding
from kepu_xls.model import Answer, Entry, Field, Finding, MergeRule, Place, Record


class _Merged(Record, frozen=True):
    """A cell that reaches down over the rows of other tasks, and the entries there that it covers."""

    field: Field
    first: Entry
    covered: tuple[Entry, ...]

    @property
    def answer(self) -> Answer:
        return self.first.answers[self.field.key]


def spread(
    table: Table, entries: Iterable[Entry], fields: Iterable[Field], file: str
) -> tuple[dict[int, Entry], tuple[Finding, ...]]:
    """Give by row the entries that a merged cell above them fills, and what is told of these cells.

    What is added up over units counts once, where it stands; all else is each task's own.
    """
    down = sorted((start, end[0]) for start, end in table.grid.spans.items() if end[0] > start[0])
    if not down:  # as in nearly all forms
        return {}, ()
    by_row = {entry.row: entry for entry in entries}
    changed: dict[int, Entry] = {}
    told: list[Finding] = []
    for one in _merged(table, down, by_row, fields):
        counts_once = one.field.merge is MergeRule.SUM
        for entry in () if counts_once else one.covered:
            known = changed.get(entry.row, entry)
            answers = {**known.answers, one.field.key: one.answer}
            changed[entry.row] = msgspec.structs.replace(known, answers=answers)
        told.append(
            finding(
                "figure-merged-down" if counts_once else "cell-merged-down",
                Place(file, table.grid.name, one.answer.cell),
                unit=one.first.unit,
                task=one.first.task,
                label=one.field.label,
                others="、".join(entry.task for entry in one.covered),
            )
        )
    return changed, tuple(told)


def _merged(
    table: Table,
    down: Iterable[tuple[Spot, int]],
    by_row: Mapping[int, Entry],
    fields: Iterable[Field],
) -> Iterator[_Merged]:
    """Find the cells that answer something and reach down over rows that leave it blank.

    ``down``: the first cell of each such range and its last row, in order.
    """
    asked = {table.heads.columns[one.key]: one for one in fields if one.key in table.heads.columns}
    answered = {one.task for one in by_row.values() if not one.blank}
    ends: dict[int, int] = {}
    for (top, column), bottom in down:
        field, first = asked.get(column), by_row.get(top)
        if field is None or first is None or first.answers[field.key].value is None:
            continue
        if top <= ends.get(column, 0):  # one that lies over another is no honest one
            continue
        ends[column] = bottom
        below = (by_row.get(row) for row in range(top + 1, min(bottom, max(by_row)) + 1))
        beside = (one for one in below if one and not one.answers[field.key].raw)
        # a task's spare row, left blank, must not stand in for the one that answers
        covered = tuple(one for one in beside if not (one.blank and one.task in answered))
        if covered:
            yield _Merged(field, first, covered)
