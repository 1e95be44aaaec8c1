"""Deadlines of several dates: the last day meant, or none; never a wrong one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_builders import save

from kepu_xls.plan import read_document
from kepu_xls.plan.dates import last_day_meant, month_end


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2021年7-8月", date(2021, 8, 31)),
        ("2021年7月至9月", date(2021, 9, 30)),
        ("2021年1月-12月", date(2021, 12, 31)),
        ("2021年Q3", date(2021, 9, 30)),
        ("2021年Q1-Q4", date(2021, 12, 31)),
        ("2021年1-4季度", date(2021, 12, 31)),
        ("2021年一、二季度", date(2021, 6, 30)),
        ("2020年前三季度", date(2020, 9, 30)),
        ("2020年1月1日至2020年6月", date(2020, 6, 30)),
        ("2021年5、6月", date(2021, 6, 30)),
        ("2021年1、2、3月", date(2021, 3, 31)),
        ("2021年3月、9月", date(2021, 9, 30)),
        ("2021年10月1日-7日", date(2021, 10, 7)),
        ("2021年10月1-7日", date(2021, 10, 7)),
        ("2021.7-8", date(2021, 8, 31)),
        ("2021.7.1-7.15", date(2021, 7, 15)),
        ("2021/7-2021/9", date(2021, 9, 30)),
        ("2020年12月-2021年3月底", date(2021, 3, 31)),
        ("2020年6月底前、2020年12月底前", date(2020, 12, 31)),
        ("2016年1月起至2020年12月", date(2020, 12, 31)),
        ("2020-12-31 00:00:00", date(2020, 12, 31)),
        ("2020 年 12 月 31 日", date(2020, 12, 31)),
        ("2020年6月中旬", date(2020, 6, 20)),
        ("2020年2月下旬", date(2020, 2, 29)),
        ("2020年12月前完成3批", date(2020, 12, 31)),
    ],
)
def test_spans_and_lists_mean_their_last_day(text: str, day: date) -> None:
    assert last_day_meant(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "2019年启动，2020年完成",
        "2020年6月启动，12月完成",
        "2020年9月至6月",
        "2020年12月（15日前报送）",
        "2020年起",
        "自2020年1月起长期坚持",
        "2020年以后",
        "2020年初",
        "2020年6月中",
        "2021年Q5",
        "2021年5季度",
        "2021年秋季",
        "2021年10个",
        "每年12月",
        "6月30日",
        "2020年13月",
        "2020年2月30日",
    ],
)
def test_what_is_not_understood_is_no_deadline(text: str) -> None:
    assert last_day_meant(text) is None


months = st.tuples(st.integers(1990, 2099), st.integers(1, 12))
JOINS = ("-", "—", "~", "至", "到", "、", "，", "和", " - ")
SHAPES = ("{0}年{1}月", "{0}.{1}", "{0}-{1:02}", "{0}/{1}", "{0} 年 {1} 月")


@given(
    one=months, other=months, join=st.sampled_from(JOINS), shapes=st.tuples(*[st.sampled_from(SHAPES)] * 2)
)
def test_of_two_months_the_later_is_meant_or_neither(
    one: tuple[int, int], other: tuple[int, int], join: str, shapes: tuple[str, str]
) -> None:
    text = shapes[0].format(*one) + join + shapes[1].format(*other)
    assert last_day_meant(text) == (month_end(*other) if one <= other else None)


@given(year=st.integers(1990, 2099), pair=st.tuples(st.integers(1, 12), st.integers(1, 12)))
def test_a_year_counts_for_every_month_after_it(year: int, pair: tuple[int, int]) -> None:
    first, last = pair
    expected = month_end(year, last) if first <= last else None
    for text in (f"{year}年{first}-{last}月", f"{year}年{first}月至{last}月底", f"{year}年{first}、{last}月"):
        assert last_day_meant(text) == expected


@given(
    days=st.tuples(*[st.dates(date(1990, 1, 1), date(2099, 12, 31))] * 2),
    words=st.sampled_from(("启动，", "（", "开工；", "验收 ", "试点，全面推开")),
)
def test_two_dates_with_other_words_between_are_no_deadline(days: tuple[date, date], words: str) -> None:
    one, other = days
    text = f"{one.year}年{one.month}月{one.day}日{words}{other.year}年{other.month}月{other.day}日"
    assert last_day_meant(text) is None


@given(st.text(st.sampled_from("0123456789年月日季度至-、.上下半Qq一二三四底前 起初"), max_size=20))
def test_any_text_is_a_day_or_none(text: str) -> None:
    found = last_day_meant(text)
    assert found is None or str(found.year) in text.replace(" ", "")


def test_a_deadline_that_is_not_understood_is_told_with_its_cell(tmp_path: Path) -> None:
    rows = [
        ["主要任务", "牵头单位", "完成时限"],
        ["甲", "区科协", "2019年启动，2020年完成"],
        ["乙", "区科协", "/"],
        ["丙", "区科协", "2021年7-8月"],
    ]
    reading = read_document(save(tmp_path / "plan.xlsx", rows), "方案")
    assert [task.deadline for task in reading.plan.tasks] == [None, None, date(2021, 8, 31)]
    told = [one.place.cell for one in reading.findings if one.code == "plan-deadline-unread"]
    assert told == ["C2"]
