"""How complete a report is, by required cells filled, and how timely, by working days.  Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from kepu_xls import periods
from kepu_xls.model import OpenPeriod, Required, Role, Submission


def completeness(submission: Submission, opened: OpenPeriod) -> float:
    """Give the share of required cells that were filled, 0–100; asked of nothing, it is 100.

    Required are those of every task that the unit was asked about when the period was opened, whether its row
    came back or not, and those below the table.  A row without change is complete; a cell whose content is no
    answer (无, or unreadable) is not.
    """
    filled = [*_table_cells(submission, opened), *_form_cells(submission, opened)]
    return sum(filled) / len(filled) * 100 if filled else 100.0


def _table_cells(submission: Submission, opened: OpenPeriod) -> Iterator[bool]:
    """Tell of each required cell of the table whether it is filled."""
    entries = {entry.task: entry for entry in submission.entries}
    asked = {role: [one.key for one in opened.fields if one.required.covers(role)] for role in Role}
    for task, role in opened.plan.duties_of(submission.unit):
        entry = entries.get(task.number)
        complete = entry is not None and entry.unchanged
        for key in asked[role]:
            yield complete or (entry is not None and entry.value(key) is not None)


def _form_cells(submission: Submission, opened: OpenPeriod) -> Iterator[bool]:
    """Tell of each required cell below the table whether it is filled."""
    roles = {role for _, role in opened.plan.duties_of(submission.unit)}
    for field in opened.form_fields:
        if field.required is Required.ALL or any(field.required.covers(role) for role in roles):
            answer = submission.form_answers.get(field.key)
            yield answer is not None and answer.value is not None


def days_late(received: datetime, deadline: datetime) -> int:
    """Give by how many working days a report came after its deadline; negative where it came before.

    0 is the day of the deadline, or days without work after it.
    """
    if received.date() <= deadline.date():
        return -periods.working_days(received.date(), deadline.date())
    return periods.working_days(deadline.date(), received.date())
