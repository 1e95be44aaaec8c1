"""What one form says: everything that differs from unit to unit, and the fields that it asks for."""

from __future__ import annotations

from datetime import date, datetime

from kepu_xls import identity
from kepu_xls.identity import Identity
from kepu_xls.model import Field, Indicator, Record, Role, Task


def moment(when: datetime) -> str:
    """Say a moment as a form does: ``2019年3月22日17:00``."""
    return f"{when.year}年{when.month}月{when.day}日{when:%H:%M}"


class FormContent(Record, frozen=True):
    """The content of one unit's form.

    ``duties``: the unit's tasks with its role, lead tasks first; at least one.  ``previous``: task number →
    the progress accepted last period.  ``first_day``: no date that is asked for should lie before it.
    """

    identity: Identity
    signature: str
    plan_title: str
    period_label: str
    deadline: datetime
    organiser: str
    duties: tuple[tuple[Task, Role], ...]
    previous: dict[str, str]
    fields: tuple[Field, ...]
    form_fields: tuple[Field, ...]
    indicators: tuple[Indicator, ...]
    first_day: date

    @property
    def texts(self) -> dict[str, str]:
        """What the words in the template's texts and in the guide stand for."""
        return {
            "单位": self.identity.unit,
            "期次": self.period_label,
            "计划": self.plan_title,
            "截止时间": moment(self.deadline),
            "任务数": str(len(self.duties)),
            "牵头数": str(self.count(Role.LEAD)),
            "参加数": str(self.count(Role.PARTICIPANT)),
            "接收单位": self.organiser,
        }

    def count(self, role: Role) -> int:
        """Count the tasks in which the unit has that role."""
        return sum(1 for _, one in self.duties if one is role)


def shown_task(task: Task, role: Role, previous: dict[str, str]) -> dict[str, str]:
    """Give what a task's row says, by the key of its column."""
    return {
        identity.NUMBER_KEY: task.number,
        identity.PROJECT_KEY: task.project,
        identity.TEXT_KEY: task.text,
        identity.ROLE_KEY: role.label,
        identity.PREVIOUS_KEY: previous.get(task.number, ""),
    }


def shown_indicator(indicator: Indicator) -> tuple[str | float, ...]:
    """Give what an indicator's row says in its locked cells: task, name, target, measure, deadline."""
    deadline = indicator.deadline.isoformat() if indicator.deadline else ""
    return (indicator.task, indicator.name, indicator.target, indicator.measure, deadline)
