"""Rows filled in as they should not be: what has to go back, what can be read all the same, pasted text."""

from __future__ import annotations

from kepu_xls.demo.content import ATTENDANCE, EXPECTED_DATE, PERCENT, PROGRESS, STATUS, Answers
from kepu_xls.demo.figures import State
from kepu_xls.demo.story import Oddity, Part
from kepu_xls.model import OpenPeriod

# One change a row, from the unit's first row on; None: the cell is left empty.
_CHANGES: dict[Part, tuple[Answers, ...]] = {
    Part.FAULTY: (
        {PERCENT: 150},
        {STATUS: "差不多了"},
        {STATUS: State.DONE.value, PERCENT: None},
        {STATUS: None},
        {ATTENDANCE: "人很多"},
    ),
    Part.LOOSE: (
        {PERCENT: "八成左右"},
        {ATTENDANCE: "3.5万"},
        {EXPECTED_DATE: "2019.6.30"},
        {ATTENDANCE: "1,200人次"},
        {STATUS: "进行中"},
    ),
}
_COPIED_ROWS = 3


def spoil(
    part: Part, rows: dict[str, Answers], previous: dict[str, str], opened: OpenPeriod
) -> tuple[dict[str, Answers], tuple[Oddity, ...]]:
    """Change a unit's rows (answers by task number) as its part wants; gives the rows and what was changed.

    A unit with few rows makes few mistakes; so does one that is not asked for the field.
    """
    wanted = _changes(part, rows, previous)
    asked = {field.key for field in opened.fields}
    spoilt, oddities = dict(rows), []
    for task, change in wanted.items():
        kept = {key: value for key, value in change.items() if key in asked}
        spoilt[task] = {**rows[task], **kept}
        oddities += [Oddity(task, key, value) for key, value in kept.items()]
    return spoilt, tuple(oddities)


def _changes(part: Part, rows: dict[str, Answers], previous: dict[str, str]) -> dict[str, Answers]:
    if part is Part.COPIED:
        told = [task for task in rows if previous.get(task)]
        return {task: {PROGRESS: previous[task]} for task in told[:_COPIED_ROWS]}
    active = [
        task for task, answers in rows.items() if PROGRESS in answers
    ]  # a row of 本期无变化 alone has none
    return dict(zip(active, _CHANGES.get(part, ()), strict=False))
