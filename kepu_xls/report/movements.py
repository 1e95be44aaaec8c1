"""What became of each task since the period before: moved, stalled or slipped, and field by field.  Pure."""

from __future__ import annotations

from enum import StrEnum

from kepu_xls.model import Field, FieldType, Record, Scalar
from kepu_xls.outcome import Consolidated, TaskRow
from kepu_xls.report import figures


class Movement(StrEnum):
    """Which way a task went, in the words of the report, worst first."""

    SLIPPED = "退步"
    STALLED = "停滞"
    SILENT = "本期未填"
    NEW = "新填报"
    MOVED = "有进展"
    DONE = "保持完成"


class Change(Record, frozen=True):
    """A field of a task that is not as it was; of texts, ``units`` are those that wrote something else."""

    field: Field
    before: Scalar
    after: Scalar
    units: tuple[str, ...] = ()

    @property
    def step(self) -> float | None:
        """By how much a number changed, None for what is no number."""
        before, after = figures.number(self.before), figures.number(self.after)
        return None if before is None or after is None else after - before


class Course(Record, frozen=True):
    """A task in two periods: ``before`` is its row in the earlier one."""

    row: TaskRow
    before: TaskRow
    movement: Movement
    changes: tuple[Change, ...]


def courses(data: Consolidated) -> list[Course]:
    """Follow each task that was there in the period before: what slipped first."""
    before = {row.task.number: row for row in data.previous or ()}
    found = [_course(data, row, before[row.task.number]) for row in data.rows if row.task.number in before]
    order = list(Movement)
    return sorted(found, key=lambda one: (order.index(one.movement), one.row.task.sort_key))


def _course(data: Consolidated, row: TaskRow, before: TaskRow) -> Course:
    changes = [_change(field, row, before) for field in data.opened.fields if field.key != "unchanged"]
    return Course(
        row=row,
        before=before,
        movement=_movement(data, row, before),
        changes=tuple(change for change in changes if change is not None),
    )


def _change(field: Field, row: TaskRow, before: TaskRow) -> Change | None:
    old, new = before.values.get(field.key), row.values.get(field.key)
    if field.type is FieldType.TEXT and row.crowd is not None:
        return None  # a text of many units changes in every period
    if field.type is FieldType.TEXT:
        then, now = dict(figures.said(before, field.key)), dict(figures.said(row, field.key))
        units = tuple(unit for unit in {**now, **then} if now.get(unit) != then.get(unit))
        return Change(field, old, new, units) if units else None
    return Change(field, old, new) if old != new else None


def _movement(data: Consolidated, row: TaskRow, before: TaskRow) -> Movement:
    """Judge by 完成率 and status together: what got worse in either has slipped."""
    keys = [key for key in ("percent", "status") if data.opened.field(key)]
    then, now = ([one.values.get(key) for key in keys] for one in (before, row))
    if now == then:
        return Movement.DONE if figures.status(row) == figures.FINISHED else Movement.STALLED
    if all(value is None for value in then):
        return Movement.NEW
    if all(value is None for value in now):
        return Movement.SILENT
    ways = [_way(data, key, old, new) for key, old, new in zip(keys, then, now, strict=True)]
    return Movement.SLIPPED if min(ways) < 0 else Movement.MOVED if max(ways) > 0 else Movement.STALLED


def _way(data: Consolidated, key: str, old: Scalar, new: Scalar) -> int:
    """Tell whether a value got better (1), worse (-1) or neither; a value that came or went tells nothing."""
    if old is None or new is None or old == new:
        return 0
    if key == "percent":
        return 1 if (figures.number(new) or 0.0) > (figures.number(old) or 0.0) else -1
    field = data.opened.field(key)
    order = field.worst_first if field else ()
    if old not in order or new not in order:
        return 0
    return 1 if order.index(str(new)) > order.index(str(old)) else -1
