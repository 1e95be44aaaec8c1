"""Reporting periods from weeks to years, and deadlines on Chinese working days.

Weeks are those of ISO 8601 (Monday first).  Working days are those of the ``chinese_calendar`` library, with
调休; for a year that it does not know, Monday to Friday.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

from kepu_xls.errors import InputError
from kepu_xls.model import Record

_REMEMBERED, _LONGEST = 128, 16


class Kind(StrEnum):
    """How long a period is."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


# kind → its letter in the written form, and how many there are in a year
_LETTERS = {Kind.WEEK: "-W", Kind.MONTH: "-", Kind.QUARTER: "-Q", Kind.HALF: "-H", Kind.YEAR: ""}
_MONTHS = {Kind.MONTH: 1, Kind.QUARTER: 3, Kind.HALF: 6, Kind.YEAR: 12}
_WRITTEN = re.compile(
    r"(?P<year>[12]\d{3})(?:-(?:W(?P<week>\d\d)|Q(?P<quarter>[1-4])|H(?P<half>[12])|(?P<month>\d\d)))?"
)


class Period(Record, frozen=True, order=True):
    """A reporting period.  ``number`` counts within the year from 1; a year itself has number 1."""

    year: int
    kind: Kind
    number: int

    def __str__(self) -> str:
        """Write it as the contract does: ``2019-W12``, ``2019-03``, ``2019-Q1``, ``2019-H1``, ``2019``."""
        if self.kind is Kind.YEAR:
            return str(self.year)
        width = 2 if self.kind in (Kind.WEEK, Kind.MONTH) else 1
        return f"{self.year}{_LETTERS[self.kind]}{self.number:0{width}}"

    @property
    def first_day(self) -> date:
        """The first day of the period."""
        if self.kind is Kind.WEEK:
            return date.fromisocalendar(self.year, self.number, 1)
        return date(self.year, (self.number - 1) * _MONTHS[self.kind] + 1, 1)

    @property
    def last_day(self) -> date:
        """The last day of the period."""
        if self.kind is Kind.WEEK:
            return date.fromisocalendar(self.year, self.number, 7)
        month = self.number * _MONTHS[self.kind]
        return (date(self.year + month // 12, month % 12 + 1, 1)) - timedelta(days=1)

    @property
    def label(self) -> str:
        """The period as a title says it: ``2019年第12周（3月18日—3月24日）``."""
        match self.kind:
            case Kind.WEEK:
                first, last = self.first_day, self.last_day
                days = f"{first.month}月{first.day}日—{last.month}月{last.day}日"
                return f"{self.year}年第{self.number}周（{days}）"
            case Kind.MONTH:
                return f"{self.year}年{self.number}月"
            case Kind.QUARTER:
                return f"{self.year}年第{'一二三四'[self.number - 1]}季度"
            case Kind.HALF:
                return f"{self.year}年{'上下'[self.number - 1]}半年"
            case Kind.YEAR:
                return f"{self.year}年"

    def previous(self) -> Period:
        """Give the period just before."""
        return period_of(self.kind, self.first_day - timedelta(days=1))


def period_of(kind: Kind, day: date) -> Period:
    """Give the period of that kind in which a day lies."""
    if kind is Kind.WEEK:
        year, week, _ = day.isocalendar()
        return Period(year, kind, week)
    return Period(day.year, kind, (day.month - 1) // _MONTHS[kind] + 1)


def parse(text: str) -> Period:
    """Read a period as the contract writes it.  Raises InputError for anything else (2019-W54 too)."""
    return _parsed(text) if len(text) <= _LONGEST else _parsed.__wrapped__(text)


@lru_cache(_REMEMBERED)  # few are spoken of again and again
def _parsed(text: str) -> Period:
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        raise InputError("period-malformed", text=text)
    year = int(match["year"])
    for kind in (Kind.WEEK, Kind.QUARTER, Kind.HALF, Kind.MONTH):
        if match[kind.value] is not None:
            period = Period(year, kind, int(match[kind.value]))
            break
    else:
        period = Period(year, Kind.YEAR, 1)
    try:
        _ = period.first_day, period.last_day
    except ValueError as error:
        raise InputError("period-malformed", text=text) from error
    return period


def elapsed(day: date, start: date, end: date) -> float:
    """Give the share (0–100) of the days from ``start`` to ``end``, both included, gone by after ``day``."""
    total = max((end - start).days + 1, 1)
    return min(max((day - start).days + 1, 0), total) / total * 100


def is_working_day(day: date) -> bool:
    """Tell whether people work that day in China; Monday to Friday where the year is not known."""
    import chinese_calendar  # noqa: PLC0415 - its tables of holidays are only read where days are counted

    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.isoweekday() <= 5  # noqa: PLR2004 - Friday


def calendar_knows(year: int) -> bool:
    """Tell whether holidays of that year are known; if not, working days are Monday to Friday."""
    import chinese_calendar  # noqa: PLC0415 - as above

    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def add_working_days(day: date, count: int) -> date:
    """Go ``count`` working days on from a day, or back where negative.

    0 gives the day itself, or the last working day before it.
    """
    while not is_working_day(day):
        day -= timedelta(days=1)
    step = timedelta(days=1 if count > 0 else -1)
    for _ in range(abs(count)):
        day += step
        while not is_working_day(day):
            day += step
    return day


def working_days(after: date, until: date) -> int:
    """Count the working days after one day, up to and including another."""
    days = (after + timedelta(days=number) for number in range(1, (until - after).days + 1))
    return sum(is_working_day(day) for day in days)


def deadline(period: Period, days: int, hour: time) -> datetime:
    """Give the moment until which a report is on time.

    It is ``hour`` local time, ``days`` working days after the last working day of the period.
    """
    return datetime.combine(add_working_days(period.last_day, days), hour)


def cutoff(due: datetime, days: int) -> datetime:
    """Give the moment from which reports are no longer taken: ``days`` working days after the deadline."""
    return datetime.combine(add_working_days(due.date(), days), due.time())
