"""What districts come to together, from their tables alone."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath

import pytest

from kepu_xls import rollup
from kepu_xls.districts import Content, DistrictReport, RolledUp, Table
from kepu_xls.model import Field, FieldType, MergeRule

FIELDS = (
    Field("status", "进展状态", FieldType.CHOICE, choices=("未启动", "推进中", "已完成", "滞后"),
          worst_first=("滞后", "未启动", "推进中", "已完成")),
    Field("percent", "完成率(%)", FieldType.PERCENT),
    Field("activities", "开展活动(场次)", FieldType.INTEGER, merge=MergeRule.SUM),
)  # fmt: skip
DETAIL = (
    "期次", "单位", "角色", "任务编号", "项目", "主要任务", "进展状态", "完成率(%)", "开展活动(场次)",
)  # fmt: skip
MADE = datetime(2019, 4, 1, 9)  # noqa: DTZ001 - local time, as everywhere here


def _report(
    name: str,
    *detail: tuple[Content, ...],
    units: tuple[tuple[Content, ...], ...] = (),
    indicators: tuple[tuple[Content, ...], ...] = (),
) -> DistrictReport:
    return DistrictReport(
        name,
        f"{name}.xlsx",
        Table(DETAIL, detail),
        Table(("单位", "状态", "已报行数"), units),
        Table(("指标", "目标值", "累计完成"), indicators),
    )


def _rolled(*reports: DistrictReport) -> RolledUp:
    return rollup.roll_up(reports, FIELDS, MADE)


def _row(unit: str, role: str, task: str, *answers: Content) -> tuple[Content, ...]:
    return ("2019-W12", unit, role, task, "项目", f"任务{task}", *answers)


def test_the_leads_word_counts_and_the_participants_where_no_lead_gave_one() -> None:
    found = _rolled(
        _report(
            "甲区",
            _row("科协", "牵头", "1.1.1", "推进中", 60, 2),
            _row("教育局", "牵头", "1.1.1", "滞后", 40, 3),
            _row("农业局", "参加", "1.1.1", "已完成", 100, 5),
            _row("农业局", "参加", "1.1.2", "已完成", 100, 1),
        )
    ).districts[0]
    assert (found.tasks, found.percent, found.finished, found.lagging) == (2, 75.0, 1, 1)
    assert found.sums == (11.0,)


def test_units_are_counted_by_how_they_reported() -> None:
    units = (("科协", "已报", 3), ("教育局", "零报告", 2), ("农业局", "迟报", 1), ("卫健局", "未报", 0),
             ("民政局", "退回", 4), ("财政局", "退回", 0))  # fmt: skip
    found = _rolled(_report("甲区", _row("科协", "牵头", "1.1.1", "推进中", 60, 2), units=units)).districts[0]
    assert (found.expected, found.reported, found.nil, found.late, found.missing, found.returned) == (
        6, 4, 1, 1, 2, 2,
    )  # fmt: skip
    assert round(found.rate, 1) == 66.7


def test_targets_that_are_reached_are_counted() -> None:
    indicators = (("互动大屏", 10, 10), ("科普基地", 2, 1), ("讲座", 5, None))
    found = _rolled(
        _report("甲区", _row("科协", "牵头", "1.1.1", "推进中", 60, 2), indicators=indicators)
    ).districts[0]
    assert (found.indicators, found.met) == (3, 1)


def test_a_task_is_compared_where_several_districts_have_it() -> None:
    found = _rolled(
        _report(
            "甲区",
            _row("科协", "牵头", "1.1.1", "推进中", 60, 2),
            _row("科协", "牵头", "1.1.2", "推进中", 10, 0),
        ),
        _report("乙区", _row("科协", "牵头", "1.1.1", "已完成", 100, 3)),
        _report("丙区", _row("科协", "牵头", "1.1.1", None, None, None)),
    ).tasks
    assert [one.number for one in found] == ["1.1.1"]
    task = found[0]
    assert (task.districts, task.percent, task.highest, task.lowest) == (
        3,
        80.0,
        (100.0, "乙区"),
        (60.0, "甲区"),
    )
    assert task.states == (0, 1, 1, 0)
    assert task.sums == (5.0,)


def test_what_was_rolled_up_before_keeps_its_districts_within_the_city() -> None:
    city = DistrictReport(
        "福州市",
        "福州市.xlsx",
        Table(("地区", *DETAIL), (("甲区", *_row("科协", "牵头", "1.1.1", "推进中", 60, 2)),
                                ("乙区", *_row("科协", "牵头", "1.1.1", "已完成", 100, 2)))),
        Table(("地区", "单位", "状态", "已报行数"),
              (("甲区", "科协", "已报", 1), ("乙区", "科协", "未报", 0))),
        Table(()),
    )  # fmt: skip
    found = _rolled(city)
    assert [row[0] for row in found.detail.rows] == ["福州市/甲区", "福州市/乙区"]
    assert [(one.name, one.expected, one.reported, one.percent) for one in found.districts] == [
        ("福州市", 2, 1, 80.0)
    ]
    assert found.tasks[0].highest == (100.0, "福州市/乙区")


def test_columns_that_only_one_district_has_are_kept_and_empty_elsewhere() -> None:
    other = DistrictReport(
        "乙区",
        "乙区.xlsx",
        Table((*DETAIL, "责任人"), ((*_row("科协", "牵头", "1.1.1", "推进中", 50, 1), "处长"),)),
        Table(()),
        Table(()),
    )
    found = _rolled(_report("甲区", _row("科协", "牵头", "1.1.1", "推进中", 60, 2)), other)
    assert found.detail.heads[-1] == "责任人"
    assert [row[-1] for row in found.detail.rows] == [None, "处长"]
    assert found.districts[1].expected == 0


def test_numbers_that_are_text_are_no_numbers() -> None:
    found = _rolled(_report("甲区", _row("科协", "牵头", "1.1.1", "推进中", "约六成", "若干"))).districts[0]
    assert (found.percent, found.sums) == (None, (0.0,))


def test_nothing_but_heads_gives_nothing() -> None:
    found = _rolled(_report("甲区"))
    assert (found.periods, found.districts[0].tasks, found.districts[0].percent) == ((), 0, None)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("台江区.xlsx", "台江区"),
        ("台江区_汇总_2019-W12.xlsx", "台江区"),
        ("汇总_2019-W12_台江区 - 副本.xlsx", "台江区"),
        ("台江区/汇总_2019-W12.xlsx", "台江区"),
        ("台江区/outbox/2019-W12/汇总_2019-W12.xlsx", "台江区"),
        ("汇总_2019-W12.xlsx", ""),
        ("outbox/2019-W12/汇总_2019-W12 (1).xlsx", ""),
    ],
)
def test_a_file_or_folder_names_the_district(path: str, name: str) -> None:
    assert rollup.district_name(PurePath(path)) == name
