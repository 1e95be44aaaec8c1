"""A form's content with marks in place of what differs from form to form, and what the marks stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime

from kepu_xls.forms.content import FormContent, moment, shown_indicator, shown_task
from kepu_xls.forms.texts import serial
from kepu_xls.identity import Identity
from kepu_xls.model import Field, Indicator, Record, Role, Task


def mark(number: int) -> str:
    """Give a mark: a character for private use that no font has, so that nobody's text holds it."""
    return chr(0x10F000 + number)


_MARK = re.compile(f"[{mark(0)}-{mark(0xFFD)}]")

_UNIT, _SIGNATURE, _TASKS, _LEADS, _JOINED = map(mark, range(5))
_PERIOD, _LABEL, _PLAN, _DEADLINE, _ORGANISER = map(mark, range(5, 10))
_DAY, _SERIAL = map(mark, range(10, 12))
MADE = mark(12)
"""When the workbook says that it was made: on the first day of its period."""

_TASK = Task(number=mark(16), part="", project=mark(17), text=mark(18))
_PREVIOUS = {_TASK.number: mark(19)}
TASK = _TASK.number

# Numbers and dates are known by how they are written.
_INDICATOR = Indicator(task=mark(21), name=mark(22), target=-99999.75, measure=mark(23), deadline=date.min)
_VERSION = -99998
RUNNING = -99997
_FIRST_DAY = date(9876, 5, 4)
_SHOWN_DAYS = {"9876年5月4日": _DAY, f">{serial(_FIRST_DAY)}<": f">{_SERIAL}<"}
_WHOLE = frozenset(map(str, (*shown_indicator(_INDICATOR), _VERSION, RUNNING)))

Words = Mapping[str, str | float]
"""What marks stand for."""

Kinds = tuple[bool, bool, bool]
"""Of which kinds a form has any rows: tasks that its unit leads, tasks that it joins, indicators."""


class Size(Record, frozen=True):
    """How many rows of each kind a form has; ``listed``: lines in the list of a return copy."""

    lead: int
    participant: int
    indicator: int
    listed: int = 0

    @classmethod
    def of(cls, content: FormContent, listed: int = 0) -> Size:
        """Tell the size of a form."""
        lead = content.count(Role.LEAD)
        return cls(lead, len(content.duties) - lead, len(content.indicators), listed)

    @property
    def counts(self) -> tuple[int, ...]:
        """Give the numbers of rows, kind by kind."""
        return self.lead, self.participant, self.indicator, self.listed

    @property
    def kinds(self) -> Kinds:
        """Tell of which kinds there are any."""
        return self.lead > 0, self.participant > 0, self.indicator > 0


def marked(fields: tuple[Field, ...], form_fields: tuple[Field, ...], size: Size) -> FormContent:
    """Give a content of that size with marks for all but what is asked."""
    return FormContent(
        identity=Identity(_UNIT, _PERIOD, _VERSION),
        signature=_SIGNATURE,
        plan_title=_PLAN,
        period_label=_LABEL,
        deadline=datetime.min,  # noqa: DTZ901 - local time, as all deadlines; said by a mark of its own
        organiser=_ORGANISER,
        duties=((_TASK, Role.LEAD),) * size.lead + ((_TASK, Role.PARTICIPANT),) * size.participant,
        previous=_PREVIOUS,
        fields=fields,
        form_fields=form_fields,
        indicators=(_INDICATOR,) * size.indicator,
        first_day=_FIRST_DAY,
    )


def marked_texts(content: FormContent) -> dict[str, str]:
    """Give what the words of a marked content's texts stand for: counts and deadline, too, are marks."""
    counts = {"任务数": _TASKS, "牵头数": _LEADS, "参加数": _JOINED}
    return content.texts | counts | {"截止时间": _DEADLINE}


def is_marked(value: object) -> bool:
    """Tell whether a cell's value differs from form to form."""
    return str(value) in _WHOLE or bool(_MARK.search(str(value)))


def with_days_marked(xml: str) -> str:
    """Put marks in place of the first day, which inputs of dates are compared with."""
    for shown, day in _SHOWN_DAYS.items():
        xml = xml.replace(shown, day)
    return xml


def form_words(content: FormContent) -> dict[str, str]:
    """Give what the marks of the form's texts stand for."""
    texts, first = content.texts, content.first_day
    return {
        _UNIT: content.identity.unit,
        _SIGNATURE: content.signature,
        _TASKS: texts["任务数"],
        _LEADS: texts["牵头数"],
        _JOINED: texts["参加数"],
        _PERIOD: content.identity.period,
        str(_VERSION): str(content.identity.version),
        _LABEL: content.period_label,
        _PLAN: content.plan_title,
        _DEADLINE: moment(content.deadline),
        _ORGANISER: content.organiser,
        _DAY: f"{first.year}年{first.month}月{first.day}日",
        _SERIAL: str(serial(first)),
        MADE: f"{first:%Y-%m-%d}T00:00:00Z",
    }


def task_words(task: Task, role: Role, previous: dict[str, str]) -> dict[str, str | float]:
    """Give what the marks of a task's row stand for."""
    return dict(zip(_TASK_MARKS[role], shown_task(task, role, previous).values(), strict=True))


_TASK_MARKS = {role: tuple(shown_task(_TASK, role, _PREVIOUS).values()) for role in Role}


def indicator_words(indicator: Indicator) -> dict[str, str | float]:
    """Give what the marks of an indicator's row stand for."""
    return dict(zip(map(str, shown_indicator(_INDICATOR)), shown_indicator(indicator), strict=True))


def put(text: str, words: Words) -> str:
    """Put what they stand for in place of the marks inside a text."""
    return _MARK.sub(lambda mark: str(words[mark[0]]), text)


def keyed(pattern: str) -> str:
    """Make marks the keys of a ``%`` pattern."""
    return _MARK.sub(lambda mark: f"%({mark[0]})s", pattern)
