"""The things this program speaks about, as frozen values: no files, no clock, no ledger.

A value of a date field, wherever it is kept, is an ISO 8601 string (``"2019-03-05"``); so every value
goes through JSON unchanged.  A percentage is a number from 0 to 100.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Annotated

import msgspec

Scalar = str | int | float | None


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of every value object here: immutable, comparable, and readable from JSON."""


class Role(StrEnum):
    """What a unit is in a task: leads answer for it, participants cooperate."""

    LEAD = "lead"
    PARTICIPANT = "participant"

    @property
    def label(self) -> str:
        """The word in forms and reports: ``牵头`` or ``参加``."""
        return "牵头" if self is Role.LEAD else "参加"


class Severity(StrEnum):
    """How bad a finding is: an error goes back to the unit, a warning is listed, info is told."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def label(self) -> str:
        """The word that a clerk sees."""
        return {"error": "错误", "warning": "提醒", "info": "说明"}[self.value]


class FileStatus(StrEnum):
    """What became of a file in the inbox (the contract's words)."""

    ACCEPTED = "accepted"
    ACCEPTED_WITH_ERRORS = "accepted_with_errors"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"
    IGNORED = "ignored"

    @property
    def label(self) -> str:
        """The word that a clerk sees."""
        return {
            "accepted": "已采用",
            "accepted_with_errors": "已采用（有错误）",
            "superseded": "已被后一份取代",
            "rejected": "未采用",
            "ignored": "已忽略",
        }[self.value]


class Place(Record, frozen=True):
    """Where something stands: a file, a sheet in it, a cell (``C12``) or, in a text, ``第12行``."""

    file: str = ""
    sheet: str = ""
    cell: str = ""

    def __str__(self) -> str:
        """``文件 › 工作表 › C12``, leaving out what is not known."""
        return " › ".join(part for part in (self.file, self.sheet, self.cell) if part)


class Finding(Record, frozen=True):
    """A problem in the data, as a value.  Made by ``messages.finding``; code from the catalogue."""

    code: str
    severity: Severity
    message: str
    remedy: str
    place: Place = Place()
    unit: str = ""
    task: str = ""


def status_of(findings: Iterable[Finding]) -> FileStatus:
    """Give the status of a file that is taken: with errors where any finding is one."""
    wrong = any(one.severity is Severity.ERROR for one in findings)
    return FileStatus.ACCEPTED_WITH_ERRORS if wrong else FileStatus.ACCEPTED


class Unit(Record, frozen=True):
    """A government unit that reports.  ``since``/``until``: first and last day on which it is in use."""

    name: str
    aliases: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    contact: str = ""
    phone: str = ""
    since: date | None = None
    until: date | None = None
    merged_into: tuple[str, ...] = ()


class Task(Record, frozen=True):
    """One task of the plan.  ``number`` is part.project.task (``2.3.1``) and stays with it for good."""

    number: str
    part: str
    project: str
    text: str
    leads: tuple[str, ...] = ()
    participants: tuple[str, ...] = ()
    deadline: date | None = None

    def role_of(self, unit: str) -> Role | None:
        """Tell the unit's role in this task: a lead counts as lead, also where it is named twice."""
        if unit in self.leads:
            return Role.LEAD
        return Role.PARTICIPANT if unit in self.participants else None

    @property
    def sort_key(self) -> tuple[int, ...]:
        """Order by number: 1.2.10 after 1.2.9."""
        return number_key(self.number)


@lru_cache(maxsize=4096)  # a plan's numbers are sorted by again and again
def number_key(number: str) -> tuple[int, ...]:
    """Make a task number sortable; parts that are no numbers sort first."""
    return tuple(int(part) if part.isdecimal() else -1 for part in number.split("."))


class Indicator(Record, frozen=True):
    """A measurable target of a task.  ``confirmed``: True by the clerk, False rejected, None not yet seen."""

    task: str
    name: str
    target: float
    measure: str
    deadline: date | None = None
    confirmed: bool | None = None


class Plan(Record, frozen=True, dict=True):
    """The whole plan: tasks in order of their numbers, units in order of first appearance.

    What is looked up often is put in order once a plan, so that the work grows with units and tasks alone.
    """

    title: str
    tasks: tuple[Task, ...] = ()
    units: tuple[Unit, ...] = ()
    indicators: tuple[Indicator, ...] = ()

    def task(self, number: str) -> Task | None:
        """Find a task by its number."""
        return self._by_number.get(number)

    def unit(self, name: str) -> Unit | None:
        """Find a unit by its name or an alias, exactly; never by likeness."""
        return self._by_name.get(name)

    def bearers(self, name: str) -> tuple[Unit, ...]:
        """Give the units of that name, else those that have it as an alias."""
        return self._bearers.get(name, ())

    def duties_of(self, unit: str) -> tuple[tuple[Task, Role], ...]:
        """List the unit's tasks with its role: lead tasks first, each group in order of number."""
        return self._duties.get(unit, ())

    def indicators_of(self, unit: str) -> tuple[Indicator, ...]:
        """List the indicators that the unit reports: of tasks it leads, unless the clerk refused them."""
        led = {task.number for task, role in self.duties_of(unit) if role is Role.LEAD}
        return tuple(one for one in self.indicators if one.task in led and one.confirmed is not False)

    @cached_property
    def _by_number(self) -> dict[str, Task]:
        return {task.number: task for task in reversed(self.tasks)}

    @cached_property
    def _by_name(self) -> dict[str, Unit]:
        """Give each name's unit: a name goes before an alias, the first before those after it."""
        aliases = {alias: unit for unit in reversed(self.units) for alias in reversed(unit.aliases)}
        return aliases | {unit.name: unit for unit in reversed(self.units)}

    @cached_property
    def _bearers(self) -> dict[str, tuple[Unit, ...]]:
        own: dict[str, tuple[Unit, ...]] = {}
        aliases: dict[str, tuple[Unit, ...]] = {}
        for unit in self.units:
            own[unit.name] = (*own.get(unit.name, ()), unit)
            for alias in dict.fromkeys(unit.aliases):
                aliases[alias] = (*aliases.get(alias, ()), unit)
        return aliases | own

    @cached_property
    def _duties(self) -> dict[str, tuple[tuple[Task, Role], ...]]:
        found: dict[str, list[tuple[Task, Role]]] = {}
        by_number = sorted(self.tasks, key=lambda task: task.sort_key)
        for task in by_number:
            lead = task, Role.LEAD  # one for all its units: a country has more than a million duties
            for unit in dict.fromkeys(task.leads):
                found.setdefault(unit, []).append(lead)
        for task in by_number:
            joins, leads = (task, Role.PARTICIPANT), frozenset(task.leads)
            for unit in dict.fromkeys(task.participants):
                if unit not in leads:
                    found.setdefault(unit, []).append(joins)
        return {unit: tuple(duties) for unit, duties in found.items()}


class FieldType(StrEnum):
    """How a field's cells are read."""

    CHOICE = "choice"
    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    PERCENT = "percent"
    DATE = "date"


class Required(StrEnum):
    """Of whom a field is required."""

    NONE = "none"
    LEAD = "lead"
    PARTICIPANT = "participant"
    ALL = "all"

    def covers(self, role: Role) -> bool:
        """Tell whether a unit in that role has to fill the field."""
        return self is Required.ALL or self == str(role)


class MergeRule(StrEnum):
    """How the values that several units report for one task become one."""

    LEAD = "lead"
    SUM = "sum"
    MEAN = "mean"
    WORST = "worst"
    JOIN = "join"
    LATEST = "latest"


class Field(Record, frozen=True):
    """One question of the form, from ``[[fields]]`` or ``[[form_fields]]`` in config.toml.

    ``choices`` run from worst-to-report to best for the rule ``worst`` only by ``worst_first``;
    ``accepts`` maps other wordings onto a choice; ``synonyms`` are other column heads for the field.
    ``minimum``/``maximum`` bound numbers; ``min_length`` bounds text.
    """

    key: str
    label: str
    type: FieldType = FieldType.TEXT
    required: Required = Required.NONE
    merge: MergeRule = MergeRule.JOIN
    choices: tuple[Annotated[str, msgspec.Meta(min_length=1)], ...] = ()
    worst_first: tuple[str, ...] = ()
    accepts: dict[str, str] = {}
    synonyms: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    hint: str = ""
    width: Annotated[float, msgspec.Meta(gt=0, le=200)] = 12.0


class Answer(Record, frozen=True, omit_defaults=True, gc=False):
    """What one cell says: the typed value (None: nothing, or not readable), the text as typed, and where."""

    value: Scalar
    raw: str = ""
    cell: str = ""
    approximate: bool = False
    carried: bool = False  # taken over from the period before, by 本期无变化


class Entry(Record, frozen=True):
    """One unit's row for one task in one submission; ``row`` is the row number that people see."""

    unit: str
    task: str
    role: Role
    answers: dict[str, Answer]
    sheet: str = ""
    row: int = 0

    def value(self, key: str) -> Scalar:
        """Give the value of a field, None where it was left empty."""
        answer = self.answers.get(key)
        return None if answer is None else answer.value

    @property
    def unchanged(self) -> bool:
        """Tell whether the unit ticked 本期无变化 on this row."""
        return self.value("unchanged") == "是"

    @property
    def blank(self) -> bool:
        """Tell whether nothing at all was entered."""
        return all(answer.raw == "" and answer.value is None for answer in self.answers.values())


class IndicatorValue(Record, frozen=True):
    """What a unit reports for one indicator: the figure reached so far."""

    unit: str
    task: str
    indicator: str
    answer: Answer
    note: str = ""


class TiedBy(StrEnum):
    """What told whose form a file is: each step down from identity is a warning."""

    IDENTITY = "identity"
    LABELS = "labels"
    TASKS = "tasks"


class Submission(Record, frozen=True):
    """One workbook as its sender meant it: whose, of which period, and what it says."""

    unit: str
    period: str
    version: int
    tied_by: TiedBy
    entries: tuple[Entry, ...] = ()
    form_answers: dict[str, Answer] = {}
    indicator_values: tuple[IndicatorValue, ...] = ()

    @property
    def nil(self) -> bool:
        """Tell whether this is a 零报告: every row says 本期无变化."""
        return bool(self.entries) and all(entry.unchanged for entry in self.entries)


class InboxFile(Record, frozen=True):
    """A file as it lies in the inbox.

    ``path`` is relative to the inbox, with ``/``; ``size`` in bytes; ``received`` is local time.
    """

    path: str
    sha256: str
    size: int
    received: datetime


class FileRecord(Record, frozen=True):
    """A file and all that was learnt of it.  ``submission`` is None where it was rejected or ignored."""

    file: InboxFile
    status: FileStatus
    submission: Submission | None = None
    unit: str = ""
    period: str = ""
    findings: tuple[Finding, ...] = ()
    return_copy: str = ""


class OpenPeriod(Record, frozen=True):
    """A period as it was opened: plan, units and fields frozen; what comes in is merged against this.

    ``version`` counts the issues of its forms: 1, and one more for each ``--reissue``.
    """

    period: str
    version: int
    opened: datetime
    deadline: datetime
    cutoff: datetime
    plan: Plan
    fields: tuple[Field, ...]
    form_fields: tuple[Field, ...]

    def field(self, key: str) -> Field | None:
        """Find a field of the task table by its key."""
        return next((field for field in self.fields if field.key == key), None)

    @property
    def expected(self) -> tuple[str, ...]:
        """The units that owe a report for this period, in the plan's order."""
        named = {name for task in self.plan.tasks for name in (*task.leads, *task.participants)}
        return tuple(unit.name for unit in self.plan.units if unit.name in named)
