"""What a unit writes in the demo: answers of a row, of an indicator, of the form; drawn by fixed seeds."""

from __future__ import annotations

import re
from datetime import date, timedelta
from random import Random

from kepu_xls import identity, periods
from kepu_xls.demo import figures
from kepu_xls.demo.figures import Figures, State
from kepu_xls.demo.phrases import Standing, Topic, kind_of, phrases, things_of, topics_of
from kepu_xls.demo.story import Story
from kepu_xls.model import Field, FieldType, Indicator, OpenPeriod, Record, Role, Scalar, Task

Answers = dict[str, Scalar]

UNCHANGED, STATUS, PERCENT, PROGRESS = "unchanged", "status", "percent", "progress"
ATTENDANCE, EXPECTED_DATE = "attendance", "expected_date"
INDICATOR, (VALUE, NOTE) = identity.INDICATOR_KEYS[1], identity.INDICATOR_KEYS[-2:]

_SHORT_LEAD, _LONG_LEAD, _LONG_SHARE = 62, 160, 60
_QUIET = 0.06
"""The share of participants' rows that only say 本期无变化."""

_FORM_ANSWERS: Answers = {
    "reporter": "办公室（示例）",
    "phone": "0591-00000000",
    "reviewer": "分管领导（示例）",
}


class Duty(Record, frozen=True):
    """One row to be filled: a unit's task in one period; ``day`` is when the form is filled in.

    ``previous``: what the form says of the period before.
    """

    opened: OpenPeriod
    story: Story
    unit: str
    task: Task
    role: Role
    day: date
    previous: str = ""

    def random(self, *what: object) -> Random:
        """Draw by unit, task, period and purpose: the same in every run."""
        seed = (self.opened.period, self.unit, self.task.number, *what)
        return Random("|".join(map(str, seed)))  # noqa: S311 - play, not secrets

    def steady(self, *what: object) -> Random:
        """Draw by unit, task and purpose: the same in every period."""
        return Random("|".join(map(str, (self.unit, self.task.number, *what))))  # noqa: S311 - as above

    def turn(self, choices: tuple[str, ...], *what: object) -> str:
        """Choose one: not that of the period before, and not that of the unit named next in the task."""
        units = (*self.task.leads, *self.task.participants)
        start = Random(f"{self.task.number}|{what}").randrange(len(choices))  # noqa: S311 - as above
        return choices[(start + units.index(self.unit) + self.story.chapter) % len(choices)]


def row_answers(duty: Duty) -> Answers:
    """Fill one row: answers by field key, only for fields that the period asks; None: left empty."""
    nil = nil_answers(duty.opened)
    if nil and duty.previous and duty.role is Role.PARTICIPANT and duty.random("quiet").random() < _QUIET:
        return nil
    plan, story = duty.opened.plan, duty.story
    state = figures.state_of(plan, duty.task, duty.role, story.chapter)
    by_chapter = tuple(_figures_of(duty, chapter) for chapter in range(story.chapter + 1))
    numbers, totals = by_chapter[-1], figures.totals(by_chapter, _held_before(duty))
    known: Answers = {
        STATUS: state.value,
        PERCENT: numbers.percent,
        "activities": totals.activities,
        ATTENDANCE: totals.attendance,
        "funds": totals.funds,
        **_texts(duty, state, numbers),
        EXPECTED_DATE: _expected(duty, state),
    }
    fields = (field for field in duty.opened.fields if field.key != UNCHANGED)
    return {field.key: _fitting(field, known, duty.role) for field in fields}


def _figures_of(duty: Duty, chapter: int) -> Figures:
    """Draw what happened on a row in one period of the story."""
    plan = duty.opened.plan
    state = figures.state_of(plan, duty.task, duty.role, chapter)
    percent = figures.percent_of(plan, duty.task, duty.unit, chapter, duty.story.pace)
    return figures.figures_of(duty.steady("figures", chapter), duty.role, state, percent)


def _held_before(duty: Duty) -> int:
    """Draw how many activities there were before the story begins: none on what has not been begun."""
    begun = figures.state_of(duty.opened.plan, duty.task, duty.role, 0) is not State.NOT_STARTED
    return duty.steady("before").randint(2, 24 if duty.role is Role.LEAD else 8) if begun else 0


def nil_answers(opened: OpenPeriod) -> Answers:
    """Fill a row with 本期无变化 alone; nothing where the form does not ask for that."""
    field = opened.field(UNCHANGED)
    return {} if field is None else {UNCHANGED: field.choices[0]}


def form_answers(opened: OpenPeriod, day: date) -> Answers:
    """Fill what stands below the table; nobody's name."""
    answers: Answers = {}
    for field in opened.form_fields:
        dated = field.type is FieldType.DATE
        answers[field.key] = day.isoformat() if dated else _FORM_ANSWERS.get(field.key, "（示例）")
    return answers


def indicator_answers(indicator: Indicator, chapter: int) -> Answers:
    """Fill an indicator's figure and note, under the keys of the indicator table."""
    value = figures.reached(indicator, chapter)
    more = value - figures.reached(indicator, chapter - 1) if chapter else 0
    note = f"比上期增加{more:g}{indicator.measure}" if more else "与上期持平"
    return {VALUE: value, NOTE: note}


def _fitting(field: Field, known: Answers, role: Role) -> Scalar:
    """Give the answer for a field, made up by its type where the field is not one of those shipped."""
    value = known.get(field.key)
    if field.type is FieldType.CHOICE:
        return value if value in field.choices else field.choices[0]
    if field.key in known or not field.required.covers(role):
        return value
    match field.type:
        case FieldType.TEXT:
            return "按计划开展，情况正常"
        case FieldType.DATE:
            return known[EXPECTED_DATE]
        case _:
            return field.minimum if field.minimum is not None else field.maximum or 1


# ── texts ────────────────────────────────────────────────────────────────────────────────────────────


def _standing(state: State) -> Standing | None:
    """Give the texts for a task that is not simply under way."""
    told = phrases()
    return {State.NOT_STARTED: told.not_started, State.BEHIND: told.behind, State.DONE: told.done}.get(state)


def _texts(duty: Duty, state: State, numbers: Figures) -> Answers:
    topic, standing = duty.random("topic").choice(topics_of(duty.task)), _standing(state)
    lead, random = duty.role is Role.LEAD, duty.random("texts")
    answers: Answers = dict.fromkeys(("problems", "next_steps", "evidence", "remarks"))
    answers[PROGRESS] = _progress(duty, topic, state, numbers)
    if standing is not None and standing.problems:
        answers["problems"] = duty.turn(standing.problems, "problem")
    elif state is State.UNDER_WAY and random.random() < (0.2 if lead else 0.03):
        answers["problems"] = duty.turn((*topic.problems, "无"), "problem")
    if random.random() < (0.9 if lead else 0.35):
        steps = standing.next_steps if standing is not None else topic.next_steps
        answers["next_steps"] = duty.turn(steps, "next")
    if state is not State.NOT_STARTED and random.random() < (0.6 if lead else 0.15):
        answers["evidence"] = duty.turn(topic.evidence, "evidence")
    if random.random() < 0.03:  # noqa: PLR2004 - now and then
        answers["remarks"] = f"数据截至{_written(duty.day)}"
    return answers


def _progress(duty: Duty, topic: Topic, state: State, numbers: Figures) -> str:
    """Say what was done, and where the task stands or what was done besides: as many sentences as fit."""
    lead, standing = duty.role is Role.LEAD, _standing(state)
    templates = [_first(duty, topic, state, numbers)]
    if state in (State.DONE, State.BEHIND) and standing is not None:
        templates.append(duty.turn(standing.lead if lead else standing.share, "standing"))
    elif lead and state is State.UNDER_WAY:
        templates += _besides(duty, short=len(templates[0]) < _SHORT_LEAD)
    said = ""
    for place, template in enumerate(templates):
        sentence = _say(duty, template, topic, numbers, place)
        if not said or len(said + sentence) <= (_LONG_LEAD if lead else _LONG_SHARE):
            said += sentence
    return said


def _first(duty: Duty, topic: Topic, state: State, numbers: Figures) -> str:
    """Choose the first sentence: on the subject for leads; by the kind of unit, or any unit's, for others."""
    if state is State.NOT_STARTED:
        waiting = phrases().not_started
        return duty.turn(waiting.lead if duty.role is Role.LEAD else waiting.share, "not started")
    kind, shared = kind_of(duty.unit), phrases().shared
    if duty.role is Role.LEAD:
        events, works = topic.events, topic.works
    else:
        events, works = kind.events + shared.events, kind.works + shared.works
    return duty.turn(events, "events") if numbers.activities else duty.turn(works, "works")


def _besides(duty: Duty, *, short: bool) -> list[str]:
    """Choose what a lead adds: something its kind of unit does, and something that leads do."""
    random, templates = duty.random("besides"), []
    if short or random.random() < 0.4:  # noqa: PLR2004 - some write more
        templates.append(duty.turn(kind_of(duty.unit).works, "besides"))
    if random.random() < 0.5 or not templates:  # noqa: PLR2004 - as above
        templates.append(duty.turn(phrases().closing.lead, "closing"))
    return templates


_VARIED = re.compile(r"(?<![\d.])\d+(?![\d.%GD])")


def _say(duty: Duty, template: str, topic: Topic, numbers: Figures, place: int) -> str:
    """Fill a sentence; ``place``: the which of its text it is, each of another day, place and matter."""
    random = duty.random("say", place)
    things = things_of(topic, duty.task)
    thing = things[(things.index(duty.turn(things, "thing")) + place) % len(things)]
    sentence = _VARIED.sub(lambda figure: _near(int(figure[0]), random), template).format(
        unit=duty.unit,
        thing=thing,
        place=random.choice(kind_of(duty.unit).places).format(unit=duty.unit),
        day=_written(random.choice(_working_days(duty))),
        partner=_partner(duty, random),
        count=numbers.activities,
        people=numbers.attendance,
    )
    return sentence.replace("““", "“").replace("””", "”")


def _near(figure: int, random: Random) -> str:
    """Vary a figure; ones stay, and large ones are rounded as people do."""
    varied = max(min(figure, 2), round(figure * random.uniform(0.6, 1.6)))
    return str(varied if varied < 100 else round(varied, -1))  # noqa: PLR2004 - two digits are counted exactly


def _partner(duty: Duty, random: Random) -> str:
    """Name another unit of the task: a participant names a lead."""
    leads = [unit for unit in duty.task.leads if unit != duty.unit]
    others = [unit for unit in duty.task.participants if unit != duty.unit]
    if duty.role is Role.PARTICIPANT and leads:
        return random.choice(leads)
    return random.choice(leads + others or ["有关单位"])


# ── days ─────────────────────────────────────────────────────────────────────────────────────────────


def _working_days(duty: Duty) -> tuple[date, ...]:
    """Give the last working days of the period up to the day of filling in."""
    first = max(periods.parse(duty.opened.period).first_day, duty.day - timedelta(days=30))
    days = (first + timedelta(days=n) for n in range((duty.day - first).days + 1))
    return tuple(day for day in days if periods.is_working_day(day)) or (duty.day,)


def _written(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _expected(duty: Duty, state: State) -> str | None:
    """Give when the task will be, or was, done: leads always say, participants now and then."""
    random = duty.steady("expected")
    if duty.role is Role.PARTICIPANT and random.random() > 0.2:  # noqa: PLR2004 - now and then
        return None
    if state is State.DONE:
        return duty.day.replace(day=1).isoformat()
    if duty.task.deadline is not None:
        return duty.task.deadline.isoformat()
    quarters = random.randint(1, 6)
    day = duty.day.replace(day=1)
    for _ in range(quarters):
        day = (day + timedelta(days=100)).replace(day=1)
    return (day - timedelta(days=1)).isoformat()
