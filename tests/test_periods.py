"""Periods and deadlines."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kepu_xls import periods
from kepu_xls.errors import InputError
from kepu_xls.periods import Kind


@pytest.mark.parametrize(
    ("text", "label", "first", "last", "before"),
    [
        ("2019-W12", "2019年第12周（3月18日—3月24日）", "2019-03-18", "2019-03-24", "2019-W11"),
        ("2019-W01", "2019年第1周（12月31日—1月6日）", "2018-12-31", "2019-01-06", "2018-W52"),
        ("2020-W53", "2020年第53周（12月28日—1月3日）", "2020-12-28", "2021-01-03", "2020-W52"),
        ("2019-03", "2019年3月", "2019-03-01", "2019-03-31", "2019-02"),
        ("2020-02", "2020年2月", "2020-02-01", "2020-02-29", "2020-01"),
        ("2019-Q1", "2019年第一季度", "2019-01-01", "2019-03-31", "2018-Q4"),
        ("2019-H2", "2019年下半年", "2019-07-01", "2019-12-31", "2019-H1"),
        ("2019", "2019年", "2019-01-01", "2019-12-31", "2018"),
    ],
)
def test_a_period_is_written_named_and_bounded(
    text: str, label: str, first: str, last: str, before: str
) -> None:
    period = periods.parse(text)
    assert str(period) == text
    assert period.label == label
    assert (period.first_day.isoformat(), period.last_day.isoformat()) == (first, last)
    assert str(period.previous()) == before


@pytest.mark.parametrize(
    "text", ["", "2019-W00", "2019-W53", "2019-13", "2019-Q5", "19-W12", "2019W12", "上周"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InputError) as failure:
        periods.parse(text)
    assert failure.value.finding.code == "period-malformed"


@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)), st.sampled_from(Kind))
def test_every_day_lies_in_one_period_of_each_kind_that_reads_back(day: date, kind: Kind) -> None:
    period = periods.period_of(kind, day)
    assert period.first_day <= day <= period.last_day
    assert periods.parse(str(period)) == period
    assert period.previous().last_day.toordinal() == period.first_day.toordinal() - 1


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2019-03-22", True),  # a Friday
        ("2019-03-23", False),  # a Saturday
        ("2019-10-01", False),  # national day
        ("2019-09-29", True),  # a Sunday worked in its place (调休)
        ("2031-10-01", True),  # a year that nobody knows yet: a Wednesday is a working day
        ("2031-10-04", False),
    ],
)
def test_working_days_are_chinese(day: str, works: bool) -> None:  # noqa: FBT001 - the table's column
    assert periods.is_working_day(date.fromisoformat(day)) is works


@pytest.mark.parametrize(
    ("period", "days", "due"),
    [
        ("2019-W12", 0, "2019-03-22"),
        ("2019-W12", -1, "2019-03-21"),
        ("2019-W12", 2, "2019-03-26"),
        ("2019-W40", 0, "2019-09-30"),  # 30 September to 6 October: only the Monday is worked
        ("2019-W39", 0, "2019-09-29"),  # its Sunday is worked
    ],
)
def test_a_deadline_is_reckoned_in_working_days(period: str, days: int, due: str) -> None:
    expected = datetime.combine(date.fromisoformat(due), time(17))
    assert periods.deadline(periods.parse(period), days, time(17)) == expected


def test_the_cut_off_follows_the_deadline() -> None:
    assert periods.cutoff(datetime(2019, 3, 22, 17), 5) == datetime(2019, 3, 29, 17)  # noqa: DTZ001 - local time
