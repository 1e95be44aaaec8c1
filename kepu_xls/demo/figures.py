"""The demo's figures: where a task stands in each period, and how it moves from one to the next."""

from __future__ import annotations

from enum import StrEnum
from random import Random

from kepu_xls.model import Indicator, Plan, Record, Role, Task


class State(StrEnum):
    """Where a task stands, in the words of the field ``status`` as shipped."""

    NOT_STARTED = "未启动"
    UNDER_WAY = "推进中"
    DONE = "已完成"
    BEHIND = "滞后"


# State before, state from the second chapter on.  Dealt to the tasks in order, over and over, so that
# any plan of some length has some of each.
_COURSES = (
    *((State.UNDER_WAY, State.UNDER_WAY),) * 3,
    (State.UNDER_WAY, State.DONE),
    *((State.UNDER_WAY, State.UNDER_WAY),) * 4,
    (State.UNDER_WAY, State.BEHIND),
    *((State.UNDER_WAY, State.UNDER_WAY),) * 3,
    (State.NOT_STARTED, State.UNDER_WAY),
    *((State.UNDER_WAY, State.UNDER_WAY),) * 4,
    (State.DONE, State.DONE),
    *((State.UNDER_WAY, State.UNDER_WAY),) * 3,
    (State.BEHIND, State.BEHIND),
    *((State.UNDER_WAY, State.UNDER_WAY),) * 3,
    (State.NOT_STARTED, State.NOT_STARTED),
    *((State.UNDER_WAY, State.UNDER_WAY),) * 2,
)
_STEPS, _STEP_WEIGHTS = (0, 1, 2, 3, 5), (5, 8, 4, 2, 1)


class Figures(Record, frozen=True):
    """The figures of one row, of one period or up to it; None: left empty."""

    percent: int | None
    activities: int | None
    attendance: int | None
    funds: float | None


def state_of(plan: Plan, task: Task, role: Role, chapter: int) -> State:
    """Tell where a task stands for those in that role; only leads call a task behind."""
    course = _COURSES[plan.tasks.index(task) % len(_COURSES)]
    state = course[min(chapter, 1)]
    return State.UNDER_WAY if state is State.BEHIND and role is Role.PARTICIPANT else state


def percent_of(plan: Plan, task: Task, unit: str, chapter: int, pace: float) -> int:
    """Give the percentage that a unit has reached in its leads' state: never less than a chapter before."""
    state = state_of(plan, task, Role.LEAD, chapter)
    if state in (State.DONE, State.NOT_STARTED):
        return 100 if state is State.DONE else 0
    moved = sum(
        _random(unit, task, "step", n).choices(_STEPS, _STEP_WEIGHTS)[0] for n in range(1, chapter + 1)
    )
    spread = _random(task, "task").randint(-11, 15) + _random(unit, task, "unit").randint(-4, 4)
    first, last = _COURSES[plan.tasks.index(task) % len(_COURSES)]
    if last is State.BEHIND:
        return max(5, int(pace) - 28 + spread // 2 + moved)
    if first is State.NOT_STARTED:
        return 5 + moved
    if last is State.DONE:
        return 96
    return min(max(5, int(pace) + spread + moved), 96)


def figures_of(random: Random, role: Role, state: State, percent: int) -> Figures:
    """Draw a row's figures; participants leave more of them empty."""
    lead = role is Role.LEAD
    busy = state is not State.NOT_STARTED and random.random() < (0.72 if lead else 0.5)
    activities = min(random.randint(1, 5) * random.randint(1, 3), 12) if lead else random.randint(1, 3)
    attendance = min(activities * random.randint(18, 125) + random.randint(2, 40), 1500)
    spends = busy and random.random() < (0.7 if lead else 0.3)
    drawn = random.lognormvariate(0.9, 0.9) if lead else random.lognormvariate(-0.4, 0.6)
    funds = round(min(max(drawn, 0.2), 30), 1)
    idle = 0 if lead or random.random() < 0.5 else None  # noqa: PLR2004 - half of them write a zero
    return Figures(
        percent=percent if lead or random.random() < 0.4 else None,  # noqa: PLR2004 - it is not asked of them
        activities=activities if busy else idle,
        attendance=attendance if busy else idle,
        funds=funds if spends else None,
    )


def totals(by_chapter: tuple[Figures, ...], before: int) -> Figures:
    """Add up a row's figures, as the form asks for them: since the plan began.

    ``by_chapter``: those of the periods told, the last one's percentage stays; ``before``: activities held
    before the first of them.  None where a unit never gave a figure.
    """
    held = [one.activities for one in by_chapter if one.activities is not None]
    came = [one.attendance for one in by_chapter if one.attendance is not None]
    spent = [one.funds for one in by_chapter if one.funds is not None]
    return Figures(
        percent=by_chapter[-1].percent,
        activities=sum(held) + before if held else None,
        attendance=sum(came) + before * 46 if came else None,
        funds=round(sum(spent) + before * 0.3, 1) if spent else None,
    )


def reached(indicator: Indicator, chapter: int) -> float:
    """Give how much of an indicator's target is reached: the same for all its leads, growing by chapters."""
    share = min(0.62 + 0.1 * chapter, 1)
    value = indicator.target * share
    return round(value) if float(indicator.target).is_integer() else round(value, 1)


def _random(*seed: object) -> Random:
    """Draw by what is seeded, in every process alike; a task is known by its number."""
    return Random("|".join(one.number if isinstance(one, Task) else str(one) for one in seed))  # noqa: S311 - play
