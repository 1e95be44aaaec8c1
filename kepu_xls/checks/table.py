"""Entries and merged tasks as columns under the names that expressions use.

Numbers are floats and dates their ordinals, both NaN where there is nothing; texts are strings, ``""`` where
there is nothing.  Only the names asked for become columns.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache

from kepu_xls import periods
from kepu_xls.model import Answer, Entry, FieldType, OpenPeriod, Record, Scalar
from kepu_xls.outcome import TaskRow
from kepu_xls.rulebook import Kind, Known, Term

Terms = Mapping[str, Term]
"""What the names that are asked for stand for."""

_FAULTY = ("=", "#")  # how the text of a formula without a value and of an error begins


class EntryTable(Record, frozen=True):
    """A row an entry, a column a name: what was said, and the rows where something typed was not read."""

    said: dict[str, list[float | str]]
    unread: dict[str, frozenset[int]]


def of_entries(
    terms: Terms, opened: OpenPeriod, entries: Sequence[Entry], previous: Iterable[Entry]
) -> EntryTable:
    """Give a row an entry, in their order, with a column for each name.

    「无」 in a cell for text was read, as nothing; in any other cell it cannot be told from what was not.
    """
    before = {(entry.unit, entry.task): entry for entry in previous}
    earlier = [before.get((entry.unit, entry.task)) for entry in entries]
    texts = {field.key for field in opened.fields if field.type is FieldType.TEXT}
    said: dict[str, list[float | str]] = {}
    unread: dict[str, frozenset[int]] = {}
    for name, term in terms.items():
        if term.known is not None:
            said[name] = _column(term.kind, _known(term.known, opened, entries))
            unread[name] = frozenset()
        else:
            rows = earlier if term.before else entries
            answers = [entry.answers.get(term.key) if entry else None for entry in rows]
            said[name] = _column(term.kind, [answer.value if answer else None for answer in answers])
            text = term.key in texts
            unread[name] = frozenset(
                number for number, answer in enumerate(answers) if _is_unread(answer, text=text)
            )
    return EntryTable(said, unread)


def _is_unread(answer: Answer | None, *, text: bool) -> bool:
    if answer is None or answer.value is not None or not answer.raw:
        return False
    return not text or answer.raw.startswith(_FAULTY)


def _known(known: Known, opened: OpenPeriod, entries: Sequence[Entry]) -> list[Scalar]:
    """Give what is known of each entry without asking."""
    match known:
        case Known.UNIT:
            return [entry.unit for entry in entries]
        case Known.ROLE:
            return [entry.role.label for entry in entries]
        case Known.TASK:
            return [entry.task for entry in entries]
        case Known.DEADLINE:
            deadlines = {task.number: _written(task.deadline) for task in opened.plan.tasks}
            return [deadlines.get(entry.task) for entry in entries]
        case _:
            return [_of_period(known, opened)] * len(entries)


def of_tasks(
    terms: Terms, opened: OpenPeriod, rows: Sequence[TaskRow], plan_start: date, plan_end: date
) -> dict[str, list[float | str]]:
    """Give a row a merged task, in their order, with a column for each name.

    A task without a deadline has the plan's end for 序时进度 and 剩余天数; its 完成时限 stays empty.
    """
    return {
        name: _column(
            term.kind,
            [row.values.get(term.key) for row in rows]
            if term.known is None
            else _reckoned(term.known, opened, rows, plan_start, plan_end),
        )
        for name, term in terms.items()
    }


def _reckoned(
    known: Known, opened: OpenPeriod, rows: Sequence[TaskRow], plan_start: date, plan_end: date
) -> list[Scalar]:
    """Give what is known of each task without asking."""
    last_day = periods.parse(opened.period).last_day
    tasks = [row.task for row in rows]
    match known:
        case Known.TASK:
            return [task.number for task in tasks]
        case Known.DEADLINE:
            return [_written(task.deadline) for task in tasks]
        case Known.ELAPSED:
            gone = (periods.elapsed(last_day, plan_start, task.deadline or plan_end) for task in tasks)
            return [round(share, 1) for share in gone]
        case Known.DAYS_LEFT:
            return [((task.deadline or plan_end) - last_day).days for task in tasks]
        case _:
            return [_of_period(known, opened)] * len(tasks)


def _of_period(known: Known, opened: OpenPeriod) -> str:
    """Give what is the same in every row."""
    period = periods.parse(opened.period)
    days = {Known.FIRST_DAY: period.first_day, Known.LAST_DAY: period.last_day}
    return days[known].isoformat() if known in days else opened.period


def _written(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _column(kind: Kind, values: Iterable[Scalar]) -> list[float | str]:
    cell = _CELLS.get(kind, _text)
    return [cell(value) for value in values]


def _text(value: Scalar) -> str:
    return "" if value is None else str(value)


def _number(value: Scalar) -> float:
    return float(value) if isinstance(value, (int, float)) else math.nan


@lru_cache(maxsize=4096)  # a period's dates are few
def _ordinal(value: Scalar) -> float:
    """Count the day; what is no date (kept when the field was asked otherwise) is nothing."""
    try:
        return float(date.fromisoformat(str(value)).toordinal())
    except ValueError:
        return math.nan


_CELLS: dict[Kind, Callable[[Scalar], float | str]] = {Kind.NUMBER: _number, Kind.DATE: _ordinal}
"""How a cell of each kind is made; a text's is the text."""
