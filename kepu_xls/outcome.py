"""What a period came to: where units stand, one row a task, all that the consolidated workbook shows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum

import msgspec

from kepu_xls.model import (
    Answer,
    Entry,
    FileRecord,
    Finding,
    IndicatorValue,
    OpenPeriod,
    Record,
    Scalar,
    Task,
)

MANY = 100
"""Units of a task past which what they wrote is not held: counts and extremes then stand for it."""


class UnitState(StrEnum):
    """A unit's state in a period, in the words that clerks use."""

    REPORTED = "已报"
    NIL = "零报告"
    LATE = "迟报"
    MISSING = "未报"
    RETURNED = "退回"


class UnitStatus(Record, frozen=True):
    """Where one unit stands in a period.  ``rows``: entries that count; ``file``: the one that counts.

    ``completeness`` is the share of required cells that were filled, 0–100; ``days_late`` counts working days
    after the deadline (negative: before it) of the report that counts.
    """

    unit: str
    state: UnitState
    reported: bool = False
    late: bool = False
    nil: bool = False
    rows: int = 0
    duties: int = 0
    errors: int = 0
    warnings: int = 0
    file: str = ""
    received: datetime | None = None
    completeness: float = 0.0
    days_late: int | None = None


class Outline(Record, frozen=True):
    """An entry that counts without its words: many can be gone over in little time.

    ``entry`` has every answer with a value but those of texts; ``texts`` says by key how many characters
    those have.
    """

    entry: Entry
    texts: dict[str, int]

    @classmethod
    def of(cls, entry: Entry, texts: Collection[str]) -> Outline:
        """Leave the words out of an entry; ``texts`` are the keys of fields that hold some."""
        answers, lengths = {}, {}
        for key, one in entry.answers.items():
            if one.value is None:
                continue
            if key in texts:
                lengths[key] = len(str(one.value))
            else:
                answers[key] = Answer(one.value, cell=one.cell, carried=one.carried)
        return cls(Entry(entry.unit, entry.task, entry.role, answers, entry.sheet, entry.row), lengths)


class Extreme(Record, frozen=True):
    """The least or the most of a field's numbers, and the first unit that gave it."""

    value: float
    unit: str


class Crowd(Record, frozen=True):
    """What many units say of one task, in counts and extremes by the keys of fields.

    ``rows``: entries that count; ``choices``: how often each word was chosen; ``extremes``: least and most of
    numbers; ``told``: how many units wrote a text, ``words`` the first few of them, each with its unit.
    """

    rows: int
    choices: dict[str, dict[str, int]]
    extremes: dict[str, tuple[Extreme, Extreme]]
    told: dict[str, int]
    words: dict[str, tuple[tuple[str, str], ...]]


class TaskRow(Record, frozen=True):
    """One task after merging: one value a field by its rule, and the entries it came from, leads first.

    Where they are too many to be told one by one, ``crowd`` sums them up and ``entries`` are left out.
    """

    task: Task
    values: dict[str, Scalar]
    entries: tuple[Entry, ...] = ()
    crowd: Crowd | None = None


class Light(Record, frozen=True):
    """A task's light (红 黄 绿 蓝) and the reason for it in words; never shown the one without the other."""

    colour: str
    reason: str


class Source(Record, frozen=True):
    """Where a unit's counting submission came from, for 来源文件."""

    unit: str
    file: str
    received: datetime


class TrendPoint(Record, frozen=True):
    """One period in the course of things: mean 完成率 of its tasks, units that reported, units expected."""

    period: str
    percent: float | None
    reported: int
    expected: int


class Consolidated(Record, frozen=True):
    """Everything the consolidated workbook shows, and nothing that it would have to look up.

    ``files`` are all files of the period with their findings; ``previous`` is the same for the period
    before, where there is one.  ``lights`` are by task number; ``trend`` runs period by
    period up to this one.
    """

    opened: OpenPeriod
    made: datetime
    plan_start: date
    plan_end: date
    units: tuple[UnitStatus, ...]
    rows: tuple[TaskRow, ...]
    indicator_values: tuple[IndicatorValue, ...] = ()
    files: tuple[FileRecord, ...] = ()
    findings: tuple[Finding, ...] = ()
    previous: tuple[TaskRow, ...] | None = None
    previous_period: str = ""
    sources: tuple[Source, ...] = ()
    lights: dict[str, Light] = msgspec.field(default_factory=dict)
    trend: tuple[TrendPoint, ...] = ()
