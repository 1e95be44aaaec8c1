"""What the consolidated workbook counts: units by state, tasks by status, progress, what lags, what changed.

Pure: from ``Consolidated`` to figures.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from kepu_xls import periods
from kepu_xls.model import (
    Entry,
    FieldType,
    FileRecord,
    FileStatus,
    Finding,
    Indicator,
    IndicatorValue,
    Plan,
    Record,
    Role,
    Scalar,
    Severity,
    Task,
)
from kepu_xls.outcome import Consolidated, Light, TaskRow, UnitState, UnitStatus

UNKNOWN = "未填报"
"""Stands for the status of a task that no unit gave one for."""
LAGGING, FINISHED = "滞后", "已完成"
LIGHTS = ("红", "黄", "绿", "蓝")
"""The colours of lights, those that need somebody first."""
_TROUBLE = ("红", "黄")

_TAKEN = (FileStatus.ACCEPTED, FileStatus.ACCEPTED_WITH_ERRORS)
_URGENCY = (UnitState.MISSING, UnitState.RETURNED, UnitState.LATE, UnitState.REPORTED, UnitState.NIL)


class Reporting(Record, frozen=True):
    """Who reported: names of units, in the plan's order.

    ``nil`` and ``late`` are among ``reported``; ``returned`` may be on either side.
    """

    expected: tuple[str, ...]
    reported: tuple[str, ...]
    nil: tuple[str, ...]
    late: tuple[str, ...]
    missing: tuple[str, ...]
    returned: tuple[str, ...]

    @property
    def rate(self) -> float:
        """Share of the expected units that reported, 0–100."""
        return share(len(self.reported), len(self.expected))


class ProjectFigures(Record, frozen=True):
    """A project: its tasks, how many of them finished and lag, and the mean of the 完成率 given."""

    part: str
    project: str
    tasks: int
    finished: int
    lagging: int
    percent: float | None


class Lag(Record, frozen=True):
    """A task that lags: by its light, 红 or 黄, or because it says so.

    ``behind`` are points below 序时进度, None where it is not below or gives no 完成率.
    """

    row: TaskRow
    light: Light | None
    behind: float | None


class IndicatorFigures(Record, frozen=True):
    """An indicator, what each unit reports for it (unit, figure, note), and the highest, which counts."""

    indicator: Indicator
    reported: tuple[tuple[str, Scalar, str], ...]
    reached: float | None

    @property
    def percent(self) -> float | None:
        """Share of the target that is reached, as a percentage; None where either is not known."""
        if self.reached is None or not self.indicator.target:
            return None
        return self.reached / self.indicator.target * 100

    @property
    def met(self) -> bool:
        """Tell whether the target is reached."""
        return self.reached is not None and self.reached >= self.indicator.target


def share(part: int, whole: int) -> float:
    """Give a share as a percentage; of nothing it is 0."""
    return part / whole * 100 if whole else 0.0


def number(value: Scalar) -> float | None:
    """Give a value as a number, None where it is none."""
    return float(value) if isinstance(value, int | float) else None


def mean(values: Iterable[float | None]) -> float | None:
    """Give the mean of the numbers among the values, None where there are none."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def elapsed(data: Consolidated) -> float:
    """Give 序时进度: the share of the plan's days gone by at the end of the period's last day, 0–100."""
    return elapsed_on(periods.parse(data.opened.period).last_day, data.plan_start, data.plan_end)


def elapsed_on(day: date, start: date, end: date) -> float:
    """Give the share of the days from ``start`` to ``end``, both included, gone by when ``day`` ends."""
    gone = min(max((day - start).days + 1, 0), (end - start).days + 1)
    return share(gone, (end - start).days + 1)


def percent(row: TaskRow) -> float | None:
    """Give a task's 完成率."""
    return number(row.values.get("percent"))


def status(row: TaskRow) -> str:
    """Give a task's status in words."""
    return str(row.values.get("status") or UNKNOWN)


def reporting(units: Sequence[UnitStatus]) -> Reporting:
    """Sort the units by whether and how they reported."""
    return Reporting(
        expected=tuple(unit.unit for unit in units),
        reported=tuple(unit.unit for unit in units if unit.reported),
        nil=tuple(unit.unit for unit in units if unit.reported and unit.nil),
        late=tuple(unit.unit for unit in units if unit.reported and unit.late),
        missing=tuple(unit.unit for unit in units if not unit.reported),
        returned=tuple(unit.unit for unit in units if unit.state is UnitState.RETURNED),
    )


def by_state(units: Sequence[UnitStatus]) -> list[tuple[str, int]]:
    """Count units by state, every state once."""
    counts = Counter(unit.state for unit in units)
    return [(state.value, counts[state]) for state in UnitState]


def by_urgency(units: Sequence[UnitStatus]) -> list[UnitStatus]:
    """Sort units so that those which need something done stand first."""
    return sorted(units, key=lambda unit: (_URGENCY.index(unit.state), -unit.errors, -unit.warnings))


def by_status(data: Consolidated) -> list[tuple[str, int]]:
    """Count tasks by status: every choice of the field once, then what else there is."""
    counts = Counter(map(status, data.rows))
    field = data.opened.field("status")
    known = field.choices if field else ()
    return [(word, counts[word]) for word in (*known, *(word for word in counts if word not in known))]


def by_project(data: Consolidated) -> list[ProjectFigures]:
    """Give the figures of each project, in the plan's order."""
    groups: dict[tuple[str, str], list[TaskRow]] = {}
    for row in data.rows:
        groups.setdefault((row.task.part, row.task.project), []).append(row)
    return [
        ProjectFigures(
            part=part,
            project=project,
            tasks=len(rows),
            finished=sum(status(row) == FINISHED for row in rows),
            lagging=sum(status(row) == LAGGING for row in rows),
            percent=mean(map(percent, rows)),
        )
        for (part, project), rows in groups.items()
    ]


def by_light(data: Consolidated) -> list[tuple[str, int]]:
    """Count tasks by light, every colour once; nothing where there are no lights."""
    if not data.lights:
        return []
    counts = Counter(light.colour for row in data.rows if (light := data.lights.get(row.task.number)))
    return [(f"{colour}灯", counts[colour]) for colour in LIGHTS]


def lags(data: Consolidated) -> list[Lag]:
    """Find the tasks whose light is 红 or 黄, and those that call themselves 滞后, the worst first."""
    due, found = elapsed(data), []
    for row in data.rows:
        given, reached = data.lights.get(row.task.number), percent(row)
        light = given if given is not None and given.colour in _TROUBLE else None
        if light is not None or status(row) == LAGGING:
            behind = None if reached is None or reached >= due else due - reached
            found.append(Lag(row=row, light=light, behind=behind))
    return sorted(found, key=_gravity)


def _gravity(lag: Lag) -> tuple[int, bool, float, tuple[int, ...]]:
    colour = LIGHTS.index(lag.light.colour) if lag.light else 0
    return (colour, status(lag.row) != LAGGING, -(lag.behind or 0.0), lag.row.task.sort_key)


def in_trouble(data: Consolidated) -> list[tuple[TaskRow, Lag | None]]:
    """Give the tasks that lag, then those of which units report problems."""
    lagging = lags(data)
    known = {lag.row.task.number for lag in lagging}
    others = [row for row in data.rows if row.task.number not in known and said(row, "problems")]
    return [*((lag.row, lag) for lag in lagging), *((row, None) for row in others)]


def said(row: TaskRow, key: str) -> list[tuple[str, str]]:
    """Give what each unit wrote in a field of the task: (unit, text), leads first; of a crowd the first."""
    if row.crowd is not None:
        return list(row.crowd.words.get(key, ()))
    return [
        (entry.unit, str(value)) for entry in row.entries if (value := entry.value(key)) not in (None, "")
    ]


def said_by(row: TaskRow, key: str) -> int:
    """Count the units that wrote in a field of the task."""
    return len(said(row, key)) if row.crowd is None else row.crowd.told.get(key, 0)


def indicators(data: Consolidated) -> list[IndicatorFigures]:
    """Give the figures of each indicator that the clerk has not refused.

    Several leads of a task report the same total, so the highest figure counts and figures are not added up.
    """
    found, given = [], defaultdict[tuple[str, str], list[IndicatorValue]](list)
    for value in data.indicator_values:
        given[value.task, value.indicator].append(value)
    for indicator in data.opened.plan.indicators:
        if indicator.confirmed is False:
            continue
        values = given[indicator.task, indicator.name]
        reached = [figure for value in values if (figure := number(value.answer.value)) is not None]
        said_by = tuple((value.unit, value.answer.value, value.note) for value in values)
        found.append(
            IndicatorFigures(indicator=indicator, reported=said_by, reached=max(reached, default=None))
        )
    return found


def findings(data: Consolidated) -> list[Finding]:
    """Give what the checks found in the files that count, and across them: once, errors first.

    What is wrong with a file that was not taken is the reason for that: see ``not_taken``.
    """
    aside = {one for file in not_taken(data) for one in file.findings}
    taken = (one for file in data.files if file.status in _TAKEN for one in file.findings)
    unique = dict.fromkeys((*taken, *(one for one in data.findings if one not in aside)))
    order = {unit.name: index for index, unit in enumerate(data.opened.plan.units)}
    severity = list(Severity)
    return sorted(
        unique,
        key=lambda one: (severity.index(one.severity), order.get(one.unit, len(order)), number_of(one.task)),
    )


def not_taken(data: Consolidated) -> list[FileRecord]:
    """Give the files that do not count: those that somebody has to send again first."""
    found = [file for file in data.files if file.status not in _TAKEN]
    return sorted(found, key=lambda file: file.status is not FileStatus.REJECTED)


def number_of(task: str) -> tuple[int, ...]:
    """Give a task number's order; no task comes last."""
    return tuple(int(part) if part.isdecimal() else -1 for part in task.split(".")) if task else (10**6,)


def entries(data: Consolidated) -> Iterator[tuple[Task, Entry]]:
    """Give all entries with their tasks: by task number, leads before participants."""
    for row in sorted(data.rows, key=lambda row: row.task.sort_key):
        yield from (
            (row.task, entry) for entry in sorted(row.entries, key=lambda one: one.role is not Role.LEAD)
        )


def duties(plan: Plan) -> dict[str, tuple[int, int]]:
    """Count for each unit the tasks that it leads and those that it takes part in."""
    leads = Counter(name for task in plan.tasks for name in dict.fromkeys(task.leads))
    joins = Counter(name for task in plan.tasks for name in {*task.participants}.difference(task.leads))
    return {name: (leads[name], joins[name]) for name in {**leads, **joins}}


def is_numeric(kind: FieldType) -> bool:
    """Tell whether a field of that type holds numbers."""
    return kind in (FieldType.INTEGER, FieldType.DECIMAL, FieldType.PERCENT)
