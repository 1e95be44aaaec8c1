"""A form's content with marks in place of what differs from unit to unit, and what the marks stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

import msgspec

from kepu_xls.forms import indicators, table
from kepu_xls.forms.content import FormContent
from kepu_xls.identity import Identity
from kepu_xls.model import Indicator, Record, Role, Task

# Characters for private use that no font has: nobody's text holds them.
_UNIT, _SIGNATURE, _TASKS, _LEADS, _JOINED = (chr(0x10FF00 + index) for index in range(5))
_TASK = Task(number="\U0010ff10", part="", project="\U0010ff11", text="\U0010ff12")
_PREVIOUS = {_TASK.number: "\U0010ff13"}
_INDICATOR = Indicator(
    task="\U0010ff15", name="\U0010ff16", target=-99999.75, measure="\U0010ff17", deadline=date.min
)
_WHOLE = frozenset(map(str, indicators.shown(_INDICATOR)))
_MARK = re.compile("[\U0010ff00-\U0010ff1f]")

Words = Mapping[str, str | float]
"""What marks stand for; one that stands for a number or a date is known by how it is written."""


class Size(Record, frozen=True):
    """How many rows of each kind a form has."""

    lead: int
    participant: int
    indicator: int

    @classmethod
    def of(cls, content: FormContent) -> Size:
        """Tell the size of a form."""
        lead = content.count(Role.LEAD)
        return cls(lead, len(content.duties) - lead, len(content.indicators))

    @property
    def counts(self) -> tuple[int, int, int]:
        """Give the numbers of rows, kind by kind."""
        return self.lead, self.participant, self.indicator

    @property
    def kinds(self) -> tuple[bool, bool, bool]:
        """Tell of which kinds there are any."""
        return self.lead > 0, self.participant > 0, self.indicator > 0


def common(content: FormContent) -> FormContent:
    """Leave out of a content what differs from unit to unit."""
    whose = Identity("", content.identity.period, content.identity.version)
    return msgspec.structs.replace(
        content, identity=whose, signature="", duties=(), previous={}, indicators=()
    )


def marked(content: FormContent, size: Size) -> FormContent:
    """Put marks in place of what differs from unit to unit, in a form of that size."""
    whose = Identity(_UNIT, content.identity.period, content.identity.version)
    return msgspec.structs.replace(
        content,
        identity=whose,
        signature=_SIGNATURE,
        duties=((_TASK, Role.LEAD),) * size.lead + ((_TASK, Role.PARTICIPANT),) * size.participant,
        previous=_PREVIOUS,
        indicators=(_INDICATOR,) * size.indicator,
    )


def marked_texts(content: FormContent) -> dict[str, str]:
    """Give what the words of a marked content's texts stand for: the counts, too, are marks."""
    return content.texts | {"任务数": _TASKS, "牵头数": _LEADS, "参加数": _JOINED}


def is_marked(value: object) -> bool:
    """Tell whether a cell's value differs from unit to unit."""
    return str(value) in _WHOLE or bool(_MARK.search(str(value)))


def form_words(content: FormContent) -> dict[str, str]:
    """Give what the marks of the form's texts stand for."""
    texts = content.texts
    return {
        _UNIT: content.identity.unit,
        _SIGNATURE: content.signature,
        _TASKS: texts["任务数"],
        _LEADS: texts["牵头数"],
        _JOINED: texts["参加数"],
    }


def task_words(task: Task, role: Role, previous: dict[str, str]) -> Words:
    """Give what the marks of a task's row stand for."""
    return dict(zip(_TASK_MARKS[role], table.shown(task, role, previous).values(), strict=True))


_TASK_MARKS = {role: tuple(table.shown(_TASK, role, _PREVIOUS).values()) for role in Role}


def indicator_words(indicator: Indicator) -> Words:
    """Give what the marks of an indicator's row stand for."""
    return dict(zip(map(str, indicators.shown(_INDICATOR)), indicators.shown(indicator), strict=True))


def put(text: str, words: Words) -> str:
    """Put what they stand for in place of the marks inside a text."""
    return _MARK.sub(lambda mark: str(words[mark[0]]), text)


def keyed(pattern: str) -> str:
    """Make marks the keys of a ``%`` pattern."""
    return _MARK.sub(lambda mark: f"%({mark[0]})s", pattern)
