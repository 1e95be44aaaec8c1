"""Plays the units: fills the forms that were sent out and puts them into the inbox, as a week of mail."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from random import Random

from kepu_xls import identity, periods, workspace
from kepu_xls.demo import disguises
from kepu_xls.demo.content import (
    INDICATOR,
    Answers,
    Duty,
    form_answers,
    indicator_answers,
    nil_answers,
    row_answers,
)
from kepu_xls.demo.form_file import FormFile, Table
from kepu_xls.demo.oddities import spoil
from kepu_xls.demo.story import Inventory, Oddity, Part, Played, Story, cast
from kepu_xls.model import OpenPeriod, Record

_DISGUISES: dict[Part, Callable[[FormFile], None]] = {
    Part.MOVED_ROWS: disguises.move_rows,
    Part.RENAMED_SHEET: disguises.rename_sheets,
    Part.REBUILT: disguises.rebuild,
}
_ARRIVAL_DAYS = 4
"""On how many working days, the last being that of the deadline, reports come in."""


class _Desk(Record, frozen=True):
    """Where one unit sits: the form it was sent, where replies go, and what is played."""

    form: Path
    inbox: Path
    opened: OpenPeriod
    story: Story
    unit: str
    part: Part

    @property
    def reply(self) -> Path:
        """The form's own name, in the inbox."""
        return self.inbox / self.form.name


def fill_forms(forms: Path, inbox: Path, opened: OpenPeriod, story: Story) -> Inventory:
    """Fill the forms in a folder and put them into the inbox, each with its time of arrival as its own.

    ``forms`` holds what was sent out for the period, ``story`` says who plays what.  Gives the inventory of
    what was put there.  Raises KeyError or ValueError for a workbook in ``forms`` that is no form.
    """
    parts = cast(story, opened.expected)
    if not nil_answers(opened):
        parts = {unit: Part.PLAIN if part is Part.NIL else part for unit, part in parts.items()}
    paths = {FormFile(path).unit: path for path in sorted(forms.glob("*.xlsx"))}
    played: list[Played] = []
    for unit, part in parts.items():
        if part is not Part.MISSING and unit in paths:
            played += _play(_Desk(paths[unit], inbox, opened, story, unit, part))
    if story.litter:
        played += _litter(inbox, _arrival(opened, "litter"))
    missing = tuple(unit for unit, part in parts.items() if part is Part.MISSING)
    return Inventory(tuple(played), missing)


def _play(desk: _Desk) -> list[Played]:
    """Put a unit's files into the inbox, in the order in which they arrive."""
    arrival, reply = _arrival(desk.opened, desk.unit), desk.reply
    again = (arrival + (desk.opened.deadline - arrival) / 2).replace(second=0, microsecond=0)
    match desk.part:
        case Part.LATE:
            return [_send(desk, reply, _after_deadline(desk.opened))]
        case Part.TWICE:
            second = reply.with_name(f"{reply.stem}(1){reply.suffix}")
            return [_send(desk, reply, arrival, draft=True), _send(desk, second, again)]
        case Part.BROKEN_FIRST:
            page = reply.with_name(f"附件_{reply.name}")
            _put(page, disguises.PAGE.encode(), arrival)
            first = Played(page, desk.unit, Part.NOT_A_WORKBOOK, final=False)
            return [first, _send(desk, reply, again)]
        case Part.RENAMED_FILE:
            folder = desk.inbox / "邮件附件" / f"{arrival:%m%d-%H%M}"
            return [_send(desk, folder / "回复：填报表.xlsx", arrival)]
        case _:
            return [_send(desk, reply, arrival)]


def _send(desk: _Desk, path: Path, arrival: datetime, *, draft: bool = False) -> Played:
    """Fill the form (a draft only by half), disguise it as its part wants, and put it into the inbox."""
    form = FormFile(desk.form)
    oddities = _fill(form, desk, arrival, draft=draft)
    if desk.part in _DISGUISES:
        _DISGUISES[desk.part](form)
    with BytesIO() as buffer:
        form.book.save(buffer)
        _put(path, buffer.getvalue(), arrival)
    return Played(path, desk.unit, desk.part, final=not draft, oddities=oddities)


def _fill(form: FormFile, desk: _Desk, arrival: datetime, *, draft: bool) -> tuple[Oddity, ...]:
    table, opened = form.tasks, desk.opened
    previous = {table.task(row): table.text(row, identity.PREVIOUS_KEY) for row in table.rows}
    rows = {task: _answers(desk, task, arrival, previous[task]) for task in previous}
    rows, oddities = spoil(desk.part, rows, previous, opened)
    fields = {field.key: field for field in opened.fields}
    for row in table.rows[: len(table.rows) // 2] if draft else table.rows:
        table.fill(row, rows[table.task(row)], fields)
    form.fill_form_fields(opened.form_fields, form_answers(opened, arrival.date()))
    if form.indicators is not None:
        _fill_indicators(form.indicators, desk)
    return oddities


def _answers(desk: _Desk, number: str, arrival: datetime, previous: str) -> Answers:
    task = desk.opened.plan.task(number)
    role = None if task is None else task.role_of(desk.unit)
    if task is None or role is None:
        raise ValueError(f"{desk.form.name}: task {number} is not one of {desk.unit}")
    if desk.part is Part.NIL:
        return nil_answers(desk.opened)
    return row_answers(Duty(desk.opened, desk.story, desk.unit, task, role, arrival.date(), previous))


def _fill_indicators(table: Table, desk: _Desk) -> None:
    asked = {(one.task, one.name): one for one in desk.opened.plan.indicators_of(desk.unit)}
    for row in table.rows:
        indicator = asked[table.task(row), table.text(row, INDICATOR)]
        table.fill(row, indicator_answers(indicator, desk.story.chapter), {})


def _litter(inbox: Path, arrival: datetime) -> list[Played]:
    """Leave what programs leave in folders; not the lock of a report, which could then not be written."""
    files = {"~$填报情况底稿.xlsx": disguises.OWNER_FILE, "Thumbs.db": disguises.THUMBNAILS}
    for name, data in files.items():
        _put(inbox / name, data, arrival)
    return [Played(inbox / name, "", Part.LITTER, final=False) for name in files]


def _put(path: Path, data: bytes, arrival: datetime) -> None:
    workspace.write_bytes(path, data)
    os.utime(path, (arrival.timestamp(), arrival.timestamp()))


# ── when ─────────────────────────────────────────────────────────────────────────────────────────────


def _arrival(opened: OpenPeriod, who: str) -> datetime:
    """Draw when a report comes in: in working hours, some of the last working days up to the deadline."""
    random = Random(f"{opened.period}|{who}|arrival")  # noqa: S311 - play, not secrets
    back = -random.choices(range(_ARRIVAL_DAYS), range(_ARRIVAL_DAYS, 0, -1))[0]
    day = max(periods.add_working_days(opened.deadline.date(), back), opened.opened.date())
    start = datetime.combine(day, random.choice((time(8, 30), time(14, 30))))
    arrival = start + timedelta(minutes=random.randint(0, 145))
    return min(arrival, opened.deadline - timedelta(minutes=random.randint(5, 90)))


def _after_deadline(opened: OpenPeriod) -> datetime:
    """Give a moment of the same evening, or halfway to the cut-off where that comes first."""
    return opened.deadline + min(timedelta(minutes=86), (opened.cutoff - opened.deadline) / 2)
