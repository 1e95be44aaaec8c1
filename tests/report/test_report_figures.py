"""Figures and sentences of the report, from tables that stand in the tests."""

from __future__ import annotations

from datetime import date

import pytest
from report_data import Said, build, task_of, whole_plan

from kepu_xls.model import Answer, Indicator, IndicatorValue
from kepu_xls.outcome import Light, UnitState
from kepu_xls.report import figures, movements, sentences
from kepu_xls.report.figures import Reporting

TASKS = [task_of("1.1.1", "甲局", "乙局、丙局"), task_of("1.1.2", "乙局"), task_of("1.2.1", "丙局")]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2015, 12, 31), 0.0),
        (date(2016, 1, 1), 100 / 1827),
        (date(2018, 7, 2), 914 / 1827 * 100),
        (date(2020, 12, 31), 100.0),
        (date(2024, 1, 1), 100.0),
    ],
)
def test_elapsed_share_counts_whole_days_and_stays_within_bounds(day: date, expected: float) -> None:
    assert figures.elapsed_on(day, date(2016, 1, 1), date(2020, 12, 31)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("units", "sentence"),
    [
        (([], [], [], [], [], []), "本期没有需要报送的单位。"),
        ((["甲"], [], [], [], ["甲"], []), "本期应报送单位1个，目前都还没有报送：甲。"),
        ((["甲"], ["甲"], [], [], [], []), "本期应报送单位1个，已全部报送。"),
        (
            (["甲", "乙"], ["甲", "乙"], ["甲", "乙"], [], [], []),
            "本期应报送单位2个，已全部报送（其中零报告2个：甲、乙）。",
        ),
        (
            (["甲", "乙", "丙"], ["甲", "乙"], ["甲"], ["乙"], ["丙"], []),
            "本期应报送单位3个，已报送2个（其中零报告1个：甲；迟报1个：乙），报送率66.7%；尚未报送1个：丙。",
        ),
        (
            (["甲", "乙"], ["甲"], [], [], ["乙"], ["乙"]),
            "本期应报送单位2个，已报送1个，报送率50%；尚未报送1个：乙。退回修改的有1个：乙。",
        ),
    ],
)
def test_sentence_of_reporting_is_true_at_none_one_and_all(
    units: tuple[list[str], ...], sentence: str
) -> None:
    assert sentences.reporting(Reporting(*map(tuple, units))) == sentence


@pytest.mark.parametrize(
    ("reached", "due", "words"),
    [
        (64.5, 64.5, "与序时进度（64.5%）持平"),
        (64.54, 64.46, "与序时进度（64.5%）持平"),
        (70, 64.5, "比序时进度（64.5%）高5.5个百分点"),
        (0, 64.5, "比序时进度（64.5%）低64.5个百分点"),
    ],
)
def test_sentence_of_progress_agrees_with_the_rounded_figures(reached: float, due: float, words: str) -> None:
    assert sentences.against(reached, due) == words


def test_tasks_are_counted_once_by_status_and_those_without_one_are_named() -> None:
    data = build(TASKS, {"1.1.1": {"甲局": {"status": "滞后"}}, "1.1.2": {"乙局": {"status": "已完成"}}})
    assert figures.by_status(data) == [
        ("未启动", 0),
        ("推进中", 0),
        ("已完成", 1),
        ("滞后", 1),
        ("未填报", 1),
    ]
    assert "共3项任务：已完成1项，滞后1项，未填报1项。" in sentences.progress(data)


def test_projects_average_only_what_was_given() -> None:
    data = build(TASKS, {"1.1.1": {"甲局": {"percent": 30}}, "1.1.2": {"乙局": {"percent": 60}}})
    assert [(one.project, one.tasks, one.percent) for one in figures.by_project(data)] == [
        ("（1.1）项目", 2, 45),
        ("（1.2）项目", 1, None),
    ]


def test_no_percentage_at_all_is_said() -> None:
    assert "还没有任务填报完成率（序时进度64.5%）" in sentences.progress(build(TASKS))


def test_lagging_are_red_and_yellow_lights_and_those_that_say_so_the_worst_first() -> None:
    tasks = [task_of(f"1.1.{number}") for number in range(1, 6)]
    said = [("推进中", 90), ("推进中", 20), ("推进中", 10), ("滞后", 60), ("已完成", 100)]
    lights = {
        "1.1.1": Light("绿", "进度正常"),
        "1.1.2": Light("黄", "低于序时进度"),
        "1.1.3": Light("黄", "低于序时进度"),
        "1.1.4": Light("红", "状态为滞后"),
        "1.1.5": Light("蓝", "已完成"),
    }
    reports = {t.number: {"甲局": {"status": s, "percent": p}} for t, (s, p) in zip(tasks, said, strict=True)}
    data = build(tasks, reports, lights=lights)
    assert [lag.row.task.number for lag in figures.lags(data)] == ["1.1.4", "1.1.3", "1.1.2"]
    assert sentences.lagging(figures.lags(data)) == "红灯1项（1.1.4），黄灯2项（1.1.3、1.1.2）。"
    assert figures.by_light(data) == [("红灯", 1), ("黄灯", 2), ("绿灯", 1), ("蓝灯", 1)]
    without = build(tasks, reports)
    assert [sentences.reason(lag) for lag in figures.lags(without)] == ["填报状态为“滞后”"]
    assert sentences.lagging(figures.lags(without)) == "自报滞后1项（1.1.4）。"
    assert figures.by_light(without) == []


THEN = {"status": "推进中", "percent": 40}


@pytest.mark.parametrize(
    ("then", "now", "movement"),
    [
        (THEN, {"status": "推进中", "percent": 50}, "有进展"),
        (THEN, {"status": "已完成", "percent": 40}, "有进展"),
        (THEN, {"status": "推进中", "percent": 30}, "退步"),
        (THEN, {"status": "滞后", "percent": 50}, "退步"),
        (THEN, THEN, "停滞"),
        ({}, THEN, "新填报"),
        (THEN, {}, "本期未填"),
        ({"status": "已完成", "percent": 100}, {"status": "已完成", "percent": 100}, "保持完成"),
        (THEN, {"status": "推进中"}, "停滞"),
    ],
)
def test_a_task_moved_stalled_or_slipped(then: Said, now: Said, movement: str) -> None:
    (course,) = movements.courses(
        build(TASKS[:1], {"1.1.1": {"甲局": now}}, before={"1.1.1": {"甲局": then}})
    )
    assert course.movement.value == movement


def test_comparison_goes_field_by_field_and_names_what_slipped_and_stalled() -> None:
    now = {
        "1.1.1": {
            "甲局": {**THEN, "percent": 50, "activities": 3, "progress": "新"},
            "乙局": {"progress": "旧"},
        },
        "1.1.2": {"乙局": {"status": "滞后", "percent": 20}},
        "1.2.1": {"丙局": THEN},
    }
    before = {
        "1.1.1": {"甲局": {**THEN, "activities": 1, "progress": "旧"}, "乙局": {"progress": "旧"}},
        "1.1.2": {"乙局": {"status": "推进中", "percent": 30}},
        "1.2.1": {"丙局": THEN},
    }
    data = build(TASKS, now, before=before)
    slipped, stalled, moved = movements.courses(data)
    assert [one.row.task.number for one in (slipped, stalled, moved)] == ["1.1.2", "1.2.1", "1.1.1"]
    assert stalled.changes == ()
    told = [(one.field.label, one.before, one.after, one.units) for one in moved.changes]
    assert told == [
        ("完成率(%)", 40, 50, ()),
        ("本期进展情况", "甲局：旧\n乙局：旧", "甲局：新\n乙局：旧", ("甲局",)),
        ("开展活动(场次)", 1, 3, ()),
    ]
    assert sentences.comparison(data).endswith(
        "平均完成率仍为36.7%；退步1项（1.1.2），停滞1项（1.2.1），有进展1项。"
    )


def test_comparison_without_a_period_before_and_without_change_is_said() -> None:
    said = {"1.1.1": {"甲局": {"percent": 40}}}
    assert sentences.comparison(build(TASKS, said)) == "没有上期数据，不作比较。"
    same = sentences.comparison(build(TASKS, said, before=said))
    assert same.endswith("平均完成率仍为40%；停滞3项（1.1.1、1.1.2、1.2.1）。")
    assert sentences.comparison(build([], {}, before={})).endswith("没有两期都有的任务。")


def test_indicator_of_several_leads_counts_the_highest_and_refused_ones_are_left_out() -> None:
    indicators = (Indicator("1.1.1", "大屏", 10, "个"), Indicator("1.1.2", "误", 1, "个", confirmed=False))
    values = (
        IndicatorValue("甲局", "1.1.1", "大屏", Answer(value=6)),
        IndicatorValue("乙局", "1.1.1", "大屏", Answer(value=5)),
    )
    (found,) = figures.indicators(build(TASKS, indicators=indicators, indicator_values=values))
    assert (found.reached, found.percent, found.met) == (6, 60, False)


def test_units_that_need_something_done_stand_first() -> None:
    states = {"乙局": {"state": UnitState.LATE}, "丙局": {"errors": 2}}
    said = {"1.1.1": {"乙局": {"activities": 1}, "丙局": {"activities": 1}}}
    data = build([*TASKS, task_of("1.3.1", "丁局")], said, states=states)
    assert [unit.unit for unit in figures.by_urgency(data.units)] == ["甲局", "丁局", "乙局", "丙局"]


def test_duties_are_counted_by_role_and_a_unit_named_twice_leads() -> None:
    tasks = [task_of("1.1.1", "甲局", "乙局、甲局"), task_of("1.1.2", "乙局", "丙局")]
    plan = build(tasks).opened.plan
    found = figures.duties(plan)
    assert found == {"甲局": (1, 0), "乙局": (1, 1), "丙局": (0, 1)}
    assert all(sum(counts) == len(plan.duties_of(unit)) for unit, counts in found.items())


def test_findings_are_listed_once_with_errors_first_and_without_those_of_files_not_taken() -> None:
    assert [one.code for one in figures.findings(whole_plan())] == ["y", "x"]
    assert figures.not_taken(whole_plan())[0].file.path == "通知.docx"
    assert sentences.findings(whole_plan()) == "校验发现错误1处、提醒1处，未采用的文件1个，详见《校验结果》。"


def test_biggest_problems_are_three_at_most_and_say_when_there_are_none() -> None:
    assert len(sentences.biggest_problems(whole_plan())) == 3
    assert sentences.biggest_problems(build(TASKS)) == ["没有滞后的任务，也没有单位反映问题。"]


def test_lists_of_the_brief_are_cut_where_they_are_too_long_and_say_so() -> None:
    tasks = [task_of(f"1.1.{number}") for number in range(1, 5)]
    said = {task.number: {"甲局": {"status": "滞后", "problems": "缺经费"}} for task in tasks}
    data = build(tasks, said)
    assert sentences.lagging_tasks(data, 3)[-1] == "其余1项见汇总表《问题与滞后》。"
    assert len(sentences.lagging_tasks(data, 4)) == 4
    assert sentences.reported_problems(data, 1) == [
        "1.1.1 1.1.1的主要任务——甲局反映：缺经费。其余3项见汇总表《问题与滞后》。"
    ]
    assert sentences.lagging_tasks(build(TASKS), 3) == ["没有滞后的任务。"]
    assert sentences.reported_problems(build(TASKS), 3) == ["没有单位反映问题。"]


def test_late_and_missing_units_are_named_up_to_so_many() -> None:
    units = Reporting(("甲", "乙", "丙"), ("甲",), (), ("甲",), ("乙", "丙"), ())
    assert sentences.late(units, 5) == "未报2个：乙、丙；迟报1个：甲。"
    assert sentences.late(units, 1) == "未报2个：乙等；迟报1个：甲。"
    assert sentences.late(Reporting(("甲",), ("甲",), (), (), (), ()), 5) == "没有未报和迟报的单位。"
