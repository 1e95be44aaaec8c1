"""The light of each task and its reason."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from builders import PLAN, SETTINGS, open_period

from kepu_xls.checks import lights_of
from kepu_xls.model import Scalar, Task
from kepu_xls.outcome import Light, TaskRow
from kepu_xls.rulebook import LightRule

OPENED = open_period()  # 2019-W12: 18 to 24 March
START, END = date(2016, 1, 1), date(2020, 12, 31)
DAY = date.fromisoformat


def task_row(deadline: str = "", number: str = "1.1.1", **values: Scalar) -> TaskRow:
    task = Task(number, "部分", "项目", "任务", deadline=DAY(deadline) if deadline else None)
    return TaskRow(task, {field.key: values.get(field.key) for field in SETTINGS.fields})


def light(*rows: TaskRow, rules: tuple[LightRule, ...] = SETTINGS.lights) -> list[tuple[str, str]]:
    return [(one.colour, one.reason) for one in lights_of(rules, OPENED, rows, START, END).values()]


@pytest.mark.parametrize(
    ("deadline", "status", "percent", "colour", "reason"),
    [
        # by the plan's end 1179 of 1827 days have gone: 64.5 %
        ("", "推进中", 54.5, "绿", "完成率54.5%，序时进度64.5%"),
        ("", "推进中", 54.4, "黄", "完成率54.4%，比序时进度低10.1个百分点"),
        ("", "未启动", 0, "黄", "完成率0%，比序时进度低64.5个百分点"),
        ("", "推进中", 100, "绿", "完成率100%，序时进度64.5%"),
        ("", "滞后", 99, "红", "进展状态为“滞后”"),
        ("", "已完成", 100, "蓝", "已完成"),
        ("", None, None, "黄", "还没有填报完成率"),
        # a deadline of its own
        ("2019-03-23", "推进中", 99, "红", "已超过完成时限1天"),
        ("2019-03-23", None, None, "红", "已超过完成时限1天"),
        ("2019-03-23", "滞后", 99, "红", "已超过完成时限1天"),
        ("2019-03-23", "已完成", 100, "蓝", "已完成"),
        ("2019-03-24", "推进中", 91, "绿", "完成率91%，序时进度100%"),
        ("2019-03-24", "推进中", 89.9, "黄", "完成率89.9%，比序时进度低10.1个百分点"),
        ("2019-04-23", "推进中", 89.9, "黄", "离完成时限30天，完成率89.9%"),
        ("2019-04-23", "推进中", 90, "绿", "完成率90%，序时进度97.5%"),
        ("2019-04-24", "推进中", 89.9, "绿", "完成率89.9%，序时进度97.4%"),
    ],
)
def test_the_shipped_lights(deadline: str, status: Scalar, percent: Scalar, colour: str, reason: str) -> None:
    assert light(task_row(deadline, status=status, percent=percent)) == [(colour, reason)]


def test_every_shipped_colour_has_its_reason_and_every_task_its_light() -> None:
    assert {rule.colour for rule in SETTINGS.lights} == {"红", "黄", "绿", "蓝"}
    assert SETTINGS.lights[-1].when == ""
    rows = [msgspec.structs.replace(task_row(), task=task) for task in PLAN.tasks]
    assert list(lights_of(SETTINGS.lights, OPENED, rows, START, END)) == [task.number for task in PLAN.tasks]


def test_the_first_that_holds_wins_and_none_may_hold() -> None:
    rules = (LightRule("绿", "甲", "完成率 > 50"), LightRule("红", "乙", "完成率 > 10"))
    rows = (
        task_row(number="1", percent=60),
        task_row(number="2", percent=20),
        task_row(number="3", percent=1),
    )
    assert lights_of(rules, OPENED, rows, START, END) == {"1": Light("绿", "甲"), "2": Light("红", "乙")}


def test_a_reason_has_its_values_and_says_what_is_not_there() -> None:
    rules = (LightRule("红", "{任务编号}／{期次}／{期末}／{完成时限}／{剩余天数}／{投入经费}／{备注}"),)
    assert light(task_row(funds=3.456), rules=rules) == [
        ("红", "1.1.1／2019-W12／2019-03-24／（未填）／648／3.46／（未填）")
    ]
    assert light(task_row(funds=1234567.0), rules=rules)[0][1].split("／")[5] == "1234567"


def test_elapsed_time_stays_between_0_and_100() -> None:
    rules = (LightRule("红", "{序时进度}"),)
    for start, end, said in (
        (DAY("2020-01-01"), END, "0"),
        (START, DAY("2018-12-31"), "100"),
        (DAY("2019-03-24"), DAY("2019-03-25"), "50"),
    ):
        (one,) = lights_of(rules, OPENED, [task_row()], start, end).values()
        assert one.reason == said


def test_lights_that_the_period_was_not_asked_are_passed_over() -> None:
    opened = msgspec.structs.replace(
        OPENED, fields=tuple(field for field in OPENED.fields if field.key != "status")
    )
    found = lights_of(SETTINGS.lights, opened, [task_row(percent=70)], START, END)
    assert found["1.1.1"].colour == "绿"


def test_no_tasks_no_lights() -> None:
    assert lights_of(SETTINGS.lights, OPENED, [], START, END) == {}
