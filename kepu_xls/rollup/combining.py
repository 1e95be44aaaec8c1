"""The tables of districts put together, and their figures side by side.  Pure; the one user of pandas."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from kepu_xls.districts import WITHIN, Content, District, DistrictReport, RolledUp, Table, TaskAcross
from kepu_xls.model import Field, FieldType, MergeRule, Role
from kepu_xls.outcome import UnitState
from kepu_xls.rollup.reading import DISTRICT

_FINISHED, _LAGGING = "已完成", "滞后"
_TASK = [DISTRICT, "期次", "任务编号"]
_NUMERIC = (FieldType.INTEGER, FieldType.DECIMAL)
_REPORTED = (UnitState.REPORTED.value, UnitState.NIL.value, UnitState.LATE.value)


def roll_up(reports: Sequence[DistrictReport], fields: Sequence[Field], made: datetime) -> RolledUp:
    """Put the reports of districts together; ``fields`` say which columns add up, and what a status may be.

    A district is named by its report; what a rolled-up report holds keeps its own districts within it.
    """
    summed = tuple(one.label for one in fields if one.type in _NUMERIC and one.merge is MergeRule.SUM)
    status = next((one for one in fields if one.key == "status"), None)
    percent = next((one.label for one in fields if one.key == "percent"), "")
    detail, units, indicators = (
        _together([(one.name, getattr(one, kind)) for one in reports])
        for kind in ("detail", "units", "indicators")
    )
    tasks = _tasks(_typed(detail, (*summed, percent)), percent, status, summed)
    return RolledUp(
        periods=tuple(sorted({str(one) for one in detail.get("期次", pd.Series(dtype=object)).dropna()})),
        made=made,
        summed=summed,
        states=status.choices if status else (),
        districts=tuple(
            _district(one, _of(tasks, one), _of(units, one), _of(indicators, one), summed) for one in reports
        ),
        tasks=_across(tasks, status, summed),
        units=_table(units),
        indicators=_table(indicators),
        detail=_table(detail),
    )


def _together(tables: Sequence[tuple[str, Table]]) -> pd.DataFrame:
    """Put tables one below the other, each row with its district; columns in order of first appearance."""
    frames = []
    for name, table in tables:
        frame = pd.DataFrame(list(table.rows), columns=list(table.heads), dtype=object)
        within = frame.pop(DISTRICT) if DISTRICT in frame else None
        frame.insert(0, DISTRICT, name if within is None else [f"{name}{WITHIN}{one}" for one in within])
        frames.append(frame)
    whole = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({DISTRICT: []}, dtype=object)
    return whole.astype(object).where(whole.notna(), None)


def _of(frame: pd.DataFrame, report: DistrictReport) -> pd.DataFrame:
    return frame[_top(frame) == report.name]


def _top(frame: pd.DataFrame) -> pd.Series:
    """Give the district at the top of each row's."""
    return frame[DISTRICT].astype(str).str.split(WITHIN).str[0]


def _table(frame: pd.DataFrame) -> Table:
    return Table(tuple(frame.columns), tuple(frame.itertuples(index=False, name=None)))


def _typed(detail: pd.DataFrame, numbers: Sequence[str]) -> pd.DataFrame:
    """Give the columns of numbers as numbers: empty, or typed as text that is none, is no number."""
    typed = {label: pd.to_numeric(detail[label], errors="coerce") for label in numbers if label in detail}
    return detail.assign(**typed)


def _tasks(detail: pd.DataFrame, percent: str, status: Field | None, summed: Sequence[str]) -> pd.DataFrame:
    """Give one row a district and task: the leads' word on percentage and status, else the participants'."""
    order = {
        choice: rank for rank, choice in enumerate(status.worst_first or status.choices if status else ())
    }
    blank = pd.Series(index=detail.index, dtype=float)
    detail = detail.assign(
        _percent=detail.get(percent, blank),
        _rank=detail[status.label].map(order).astype(float) if status and status.label in detail else blank,
        **{label: detail.get(label, blank) for label in summed},
    )
    groups = detail.groupby(_TASK, sort=False, dropna=False)
    tasks = groups[["项目", "主要任务", *summed]].agg(
        {"项目": "first", "主要任务": "first"} | dict.fromkeys(summed, "sum")
    )
    tasks["percent"] = _leads_word(detail, "_percent", "mean")
    tasks["status"] = _leads_word(detail, "_rank", "min").map(
        {rank: choice for choice, rank in order.items()}
    )
    return tasks.reset_index()


def _leads_word(detail: pd.DataFrame, column: str, how: str) -> pd.Series:
    """Give a figure a task, of its leads where they gave one, else of all."""
    whole = detail.groupby(_TASK, sort=False, dropna=False)[column].agg(how)
    leads = detail[detail["角色"] == Role.LEAD.label]
    own = leads.groupby(_TASK, sort=False, dropna=False)[column].agg(how)
    return own.reindex(whole.index).fillna(whole)


def _district(
    report: DistrictReport,
    tasks: pd.DataFrame,
    units: pd.DataFrame,
    indicators: pd.DataFrame,
    summed: Sequence[str],
) -> District:
    states = [str(one) for one in units.get("状态", ())]
    reported = _reported(units, states)
    met = [
        _met(target, reached)
        for target, reached in zip(indicators.get("目标值", ()), indicators.get("累计完成", ()), strict=True)
    ]
    percent = tasks["percent"].mean()
    return District(
        name=report.name,
        period="、".join(sorted({str(one) for one in tasks["期次"]})),
        file=report.file,
        expected=len(states),
        reported=reported,
        nil=states.count(UnitState.NIL.value),
        late=states.count(UnitState.LATE.value),
        missing=len(states) - reported,
        returned=states.count(UnitState.RETURNED.value),
        tasks=len(tasks),
        finished=int((tasks["status"] == _FINISHED).sum()),
        lagging=int((tasks["status"] == _LAGGING).sum()),
        percent=None if pd.isna(percent) else float(percent),
        indicators=len(met),
        met=sum(met),
        sums=tuple(float(tasks[label].sum()) for label in summed),
    )


def _reported(units: pd.DataFrame, states: Sequence[str]) -> int:
    """Count the units that reported: of those sent back for mending, the ones whose rows count."""
    rows = units.get("已报行数", pd.Series([None] * len(states)))
    return sum(
        state in _REPORTED or (state == UnitState.RETURNED.value and bool(count))
        for state, count in zip(states, rows, strict=True)
    )


def _met(target: Content, reached: Content) -> bool:
    numbers = isinstance(target, int | float) and isinstance(reached, int | float)
    return numbers and reached >= target  # type: ignore[operator]  # both are numbers


def _across(tasks: pd.DataFrame, status: Field | None, summed: Sequence[str]) -> tuple[TaskAcross, ...]:
    """Compare the tasks that several districts have: the same number and the same words."""
    found = [
        _task(str(number), str(text), group, status, summed)
        for (number, text), group in tasks.groupby(["任务编号", "主要任务"], sort=False)
        if len(set(group[DISTRICT])) > 1
    ]
    return tuple(sorted(found, key=lambda one: _order(one.number)))


def _task(
    number: str, text: str, group: pd.DataFrame, status: Field | None, summed: Sequence[str]
) -> TaskAcross:
    known = group[group["percent"].notna()].sort_values("percent", kind="stable")
    ranked = [
        (float(percent), str(name)) for percent, name in zip(known["percent"], known[DISTRICT], strict=True)
    ]
    counts = group["status"].value_counts()
    return TaskAcross(
        number=number,
        project=str(group["项目"].iloc[0] or ""),
        text=text,
        districts=len(set(group[DISTRICT])),
        percent=float(known["percent"].mean()) if len(known) else None,
        highest=ranked[-1] if ranked else None,
        lowest=ranked[0] if ranked else None,
        states=tuple(int(counts.get(choice, 0)) for choice in (status.choices if status else ())),
        sums=tuple(float(group[label].sum()) for label in summed),
    )


def _order(number: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdecimal() else -1 for part in number.split("."))
