"""The rules of the configuration, held against rows."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
from builders import PLAN, SETTINGS, at, entry, open_period, record

from kepu_xls.checks import check_rules
from kepu_xls.merge import carry_over
from kepu_xls.model import Answer, Entry, Finding, OpenPeriod, Place, Scalar, Severity
from kepu_xls.rulebook import Rule

DEADLINE = at("2019-06-30 00:00").date()
OPENED = open_period(
    plan=msgspec.structs.replace(
        PLAN,
        tasks=tuple(
            msgspec.structs.replace(task, deadline=DEADLINE if task.number == "1.1.1" else None)
            for task in PLAN.tasks
        ),
    )
)
COLUMNS = dict(zip((field.key for field in SETTINGS.fields), "GHIJKLMNOPQR", strict=True))
PATH = "2019-W12/表.xlsx"


def row(unit: str = "区教育局", task: str = "1.1.1", number: int = 8, **values: Scalar) -> Entry:
    """A row as it is read: every column there, the cells not told empty."""
    made = entry(unit, task, row=number)
    answers = {
        key: Answer(values.get(key), str(values.get(key) or ""), f"{column}{number}")
        for key, column in COLUMNS.items()
    }
    return msgspec.structs.replace(made, answers=answers)


def found(
    rules: Sequence[Rule], *entries: Entry, previous: Sequence[Entry] = (), opened: OpenPeriod = OPENED
) -> list[Finding]:
    return list(check_rules(tuple(rules), opened, entries, previous, {"区教育局": PATH, "团区委": "团.xlsx"}))


def broken(
    expect: str, *entries: Entry, when: str = "", previous: Sequence[Entry] = (), **more: str
) -> list[str]:
    """The cells at which one rule is broken."""
    rule = msgspec.convert({"code": "x", "expect": expect, "message": "…", "when": when, **more}, Rule)
    return [one.place.cell for one in found([rule], *entries, previous=previous)]


GOOD: dict[str, Scalar] = {"status": "推进中", "percent": 60, "progress": "本周走进实验小学，举办讲座两场"}
# rule → what trips it, each beside what it would be without the fault; unit, values
SHIPPED: dict[str, list[tuple[str, dict[str, Scalar], dict[str, Scalar]]]] = {
    "done-is-100": [
        ("区教育局", {"status": "已完成", "percent": 80}, {"status": "已完成", "percent": 100}),
        ("区教育局", {"status": "已完成", "percent": 99.5}, {"status": "推进中", "percent": 99.5}),
    ],
    "100-is-done": [
        ("区教育局", {"status": "推进中", "percent": 100}, {"status": "已完成", "percent": 100}),
        (
            "区教育局",
            {"status": "滞后", "percent": 100, "problems": "资金"},
            {"status": "推进中", "percent": 99},
        ),
    ],
    "lagging-needs-problems": [
        ("区教育局", {"status": "滞后"}, {"status": "滞后", "problems": "经费未到位"}),
        ("团区委", {"status": "滞后"}, {"status": "推进中"}),
    ],
    "expected-before-period": [
        ("区教育局", {"expected_date": "2019-03-17"}, {"expected_date": "2019-03-18"}),
        (
            "团区委",
            {"expected_date": "2018-12-31"},
            {"expected_date": "2018-12-31", "status": "已完成", "percent": 100},
        ),
    ],
    "expected-after-deadline": [
        ("区教育局", {"expected_date": "2019-07-01"}, {"expected_date": "2019-06-30"}),
        ("团区委", {"expected_date": "2020-01-01"}, {"expected_date": "2020-01-01", "problems": "场地未定"}),
    ],
    "progress-too-short": [
        ("区教育局", {"progress": "办讲座 两场\n五百人。"}, {"progress": "办讲座两场，五百人。"}),
        ("区教育局", {"progress": "做了"}, {"progress": None}),  # nothing at all is told elsewhere
    ],
}


def test_every_shipped_rule_has_its_rows_here() -> None:
    assert list(SHIPPED) == [rule.code for rule in SETTINGS.rules]


@pytest.mark.parametrize(
    ("code", "unit", "faulty", "good"),
    [(code, *case) for code, cases in SHIPPED.items() for case in cases],
)
def test_a_shipped_rule_is_tripped_by_a_fault_and_by_nothing_else(
    code: str, unit: str, faulty: dict[str, Scalar], good: dict[str, Scalar]
) -> None:
    assert [one.code for one in found(SETTINGS.rules, row(unit, **{**GOOD, **faulty}))] == [code]
    assert code not in [one.code for one in found(SETTINGS.rules, row(unit, **{**GOOD, **good}))]


def test_shipped_rules_say_nothing_that_required_cells_already_say() -> None:
    assert found(SETTINGS.rules, row(), row(status="已完成"), row(percent=100), row("团区委")) == []


def test_a_finding_says_where_what_and_how() -> None:
    (one,) = found(SETTINGS.rules, row(**{**GOOD, "status": "已完成", "percent": 80.5}))
    assert one == Finding(
        code="done-is-100",
        severity=Severity.ERROR,
        message="进展状态为“已完成”，完成率应为 100，填的是 80.5",
        remedy="确已完成的，完成率请填 100；没有完成的，请改进展状态",
        place=Place(PATH, "进展填报表", "I8"),
        unit="区教育局",
        task="1.1.1",
    )


def test_severity_and_whom_a_rule_concerns_are_the_rules_own() -> None:
    lead, participant = row(percent=1, number=7), row("团区委", percent=1, number=8)
    assert broken("完成率 == 2", lead, participant) == ["I7", "I8"]
    assert broken("完成率 == 2", lead, participant, applies_to="lead") == ["I7"]
    assert broken("完成率 == 2", lead, participant, applies_to="participant") == ["I8"]
    (one,) = found([Rule("x", "完成率 == 2", "{单位}", severity="warning", remedy="{期次}")], participant)
    assert (one.severity, one.message, one.remedy, one.place.file) == (
        Severity.WARNING,
        "团区委",
        "2019-W12",
        "团.xlsx",
    )


def test_a_value_that_could_not_be_read_trips_nothing() -> None:
    entry_ = row(status="已完成")
    entry_.answers["percent"] = Answer(None, "八十多", "I8")
    assert broken("完成率 == 100", entry_) == []
    assert broken("完成率 == 100", entry_, when="备注 为空") == []
    assert broken('进展状态 == "滞后"', entry_) == ["H8"]
    assert broken("备注 不为空", entry_, when="完成率 为空") == []


@pytest.mark.parametrize(("typed", "cells"), [("无", ["N8"]), ("", ["N8"]), ("#REF!", []), ("=A1", [])])
def test_a_text_cell_that_says_nothing_is_empty_and_an_error_in_it_is_not(
    typed: str, cells: list[str]
) -> None:
    entry_ = row(status="滞后")
    entry_.answers["problems"] = Answer(None, typed, "N8")
    assert broken("存在问题 不为空", entry_, when='进展状态 == "滞后"') == cells


def test_a_comparison_with_nothing_does_not_hold() -> None:
    empty = row()
    for expect in (
        "完成率 == 1",
        "完成率 != 1",
        "完成率 < 1",
        "完成率 >= 0",
        '进展状态 != "滞后"',
        "备注 == 存在问题",
    ):
        assert broken(expect, empty), expect
    for expect in (
        "完成率 为空",
        '完成率 == ""',
        '进展状态 == ""',
        "非 备注 不为空",
        "字数(备注) == 0",
        "非 完成率 < 1",
    ):
        assert not broken(expect, empty), expect
    full = row(percent=0, remarks="有")
    for expect in ('完成率 != ""', "完成率 不为空", "不为空(备注)", "完成率 == 0"):
        assert not broken(expect, full), expect


@pytest.mark.parametrize(
    ("expect", "holds"),
    [
        ('单位 == "区教育局" and 角色 == "牵头" 且 任务编号 == "1.1.1" 且 期次 == "2019-W12"', True),
        ('期初 == "2019-03-18" 且 期末 == "2019-03-24" 且 完成时限 == "2019-06-30"', True),
        ("预计完成时间 - 期末 == 7", True),
        ("期末 + 7 == 预计完成时间", True),
        ('预计完成时间 != "2019-03-31"', False),
        ("投入经费 == 0.1 + 0.2", True),
        ("完成率 + 10 > 参与人次 - -1 或 完成率 == 0", True),
        ('包含(本期进展情况, "讲座") 且 非 包含(本期进展情况, "义诊")', True),
        ("字数(本期进展情况) == 15", True),
        ("包含(本期进展情况, 备注)", False),
        ("1 == 2", False),
    ],
)
def test_what_expressions_mean(expect: str, holds: bool) -> None:  # noqa: FBT001 - a column of the table
    said = row(**{**GOOD, "expected_date": "2019-03-31", "funds": 0.3, "attendance": 60})
    assert bool(broken(expect, said)) is not holds


def test_the_period_before_is_that_of_the_same_unit_and_task() -> None:
    previous = [entry("区教育局", "1.1.1", percent=70), entry("团区委", "1.1.1", percent=10)]
    assert broken("完成率 >= 上期.完成率", row(percent=60), when="上期.完成率 不为空", previous=previous) == [
        "I8"
    ]
    new = row("区科协", percent=60)
    assert broken("完成率 >= 上期.完成率", new, when="上期.完成率 不为空", previous=previous) == []


def test_rows_without_change_are_checked_with_what_they_take_over() -> None:
    before = [entry("区教育局", "1.1.1", status="已完成", percent=80)]
    (carried,), _ = carry_over([record("区教育局", row(unchanged="是"))], before)
    assert [(one.code, one.place.cell) for one in found(SETTINGS.rules, carried)] == [("done-is-100", "I8")]


def test_a_finding_without_a_cell_names_the_row() -> None:
    entry_ = row(status="滞后", number=9)
    del entry_.answers["problems"]
    assert broken("存在问题 不为空", entry_) == ["第9行"]


def test_a_rule_that_a_period_was_not_asked_is_told_once_and_the_others_hold() -> None:
    opened = msgspec.structs.replace(
        OPENED, fields=tuple(field for field in OPENED.fields if field.key != "expected_date")
    )
    findings = found(SETTINGS.rules, row(**{**GOOD, "status": "滞后"}), opened=opened)
    assert [(one.code, one.severity) for one in findings] == [
        ("rule-not-asked", Severity.INFO),
        ("rule-not-asked", Severity.INFO),
        ("lagging-needs-problems", Severity.ERROR),
    ]
    assert "rule-not-asked" not in [one.code for one in found(SETTINGS.rules, row(**GOOD))]


def test_what_was_typed_is_never_taken_for_a_template() -> None:
    (one,) = found([Rule("x", "1 == 2", "写的是“{备注}”")], row(remarks="{完成率}{0}"))
    assert one.message == "写的是“{完成率}{0}”"


def test_a_date_past_the_calendar_cannot_be_said_and_does_no_harm() -> None:
    (one,) = found([Rule("x", "1 == 2", "{期末 + 参与人次}、{期末 + 1}")], row(attendance=90_000_000))
    assert one.message == "（未填）、2019-03-25"


def test_nothing_is_found_where_there_is_nothing() -> None:
    assert found(SETTINGS.rules) == []
    assert found([], row()) == []
