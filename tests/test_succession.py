"""Units that change: renamed, merged, divided, from a date on; never guessed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from builders import entry, open_period
from hypothesis import given
from hypothesis import strategies as st
from small_workspace import Small, fill

from kepu_xls import succession
from kepu_xls.commands.past import renamed
from kepu_xls.identity import FORM_SHEET
from kepu_xls.model import Plan, Task, Unit

LAST = date(2018, 12, 31)
BEFORE, AFTER = LAST, date(2019, 1, 1)

CHANGED = Plan(
    title="",
    units=(
        Unit("区科协", aliases=("科协",)),
        Unit("区环保局", aliases=("环保局",), until=LAST, merged_into=("区生态环境局",)),
        Unit("区生态环境局", since=AFTER),
        Unit("区卫生局", until=date(2014, 1, 1), merged_into=("区卫计局",)),
        Unit("区卫计局", until=LAST, merged_into=("区卫健局",)),
        Unit("区卫健局", since=AFTER),
        Unit("区文体局", until=LAST, merged_into=("区文旅局", "区体育局")),
        Unit("区广电局", until=LAST, merged_into=("区文旅局",)),
        Unit("区文旅局", since=AFTER),
        Unit("区体育局", since=AFTER),
        Unit("区物价局", until=LAST),
        Unit("区甲局", until=LAST, merged_into=("区乙局",)),
        Unit("区乙局", until=LAST, merged_into=("区甲局",)),
        Unit("一中", aliases=("学校",)),
        Unit("二中", aliases=("学校",)),
    ),
    tasks=(
        Task("1.1.1", "一", "甲", "治理", leads=("区科协",), participants=("区环保局", "区文体局")),
        Task("1.1.2", "一", "甲", "卫生", leads=("区卫计局",), participants=("区卫健局", "区物价局")),
    ),
)


@pytest.mark.parametrize(
    ("name", "on", "units"),
    [
        ("区科协", AFTER, ("区科协",)),
        ("科协", AFTER, ("区科协",)),
        ("区环保局", BEFORE, ("区环保局",)),  # on its last day it is still itself
        ("区环保局", AFTER, ("区生态环境局",)),
        ("环保局", AFTER, ("区生态环境局",)),
        ("区卫生局", AFTER, ("区卫健局",)),  # by way of 区卫计局
        ("区卫生局", BEFORE, ("区卫计局",)),
        ("区广电局", AFTER, ("区文旅局",)),
        ("区文体局", AFTER, ("区文旅局", "区体育局")),  # divided: candidates, no guess
        ("学校", AFTER, ("一中", "二中")),
        ("区物价局", AFTER, ()),
        ("区甲局", AFTER, ()),  # into each other
        ("区环保", AFTER, ()),  # likeness tells nothing
    ],
)
def test_a_name_means_on_a_day(name: str, on: date, units: tuple[str, ...]) -> None:
    assert succession.meant(name, CHANGED, on) == units


def test_a_name_that_is_kept_as_an_alias_of_the_successor_needs_no_merger() -> None:
    plan = Plan("", units=(Unit("区环保局", until=LAST), Unit("区生态环境局", aliases=("区环保局",))))
    assert succession.meant("区环保局", plan, AFTER) == ("区生态环境局",)


NAMES = ("甲", "乙", "丙", "丁")
UNITS = st.tuples(
    *(
        st.builds(
            Unit,
            st.just(name),
            until=st.sampled_from([None, LAST]),
            merged_into=st.lists(st.sampled_from(NAMES), max_size=3).map(tuple),
        )
        for name in NAMES
    )
)


@given(UNITS)
def test_whatever_the_clerk_wrote_names_mean_units_in_use_and_a_settled_plan_agrees(
    units: tuple[Unit, ...],
) -> None:
    tasks = (Task("1.1.1", "", "", "", leads=("甲", "乙"), participants=("丙", "丁")),)
    plan = Plan("", tasks, units)
    settled, _ = succession.settled(plan, AFTER)
    in_use = {unit.name for unit in units if unit.until is None}
    for name in NAMES:
        meant = succession.meant(name, plan, AFTER)
        assert set(meant) <= in_use
        assert set(succession.heirs(name, settled)) == set(meant)
    assert set(settled.tasks[0].leads + settled.tasks[0].participants) <= in_use
    assert succession.settled(settled, AFTER)[0] == settled


def test_a_settled_plan_asks_nobody_who_is_gone_and_says_so() -> None:
    plan, findings = succession.settled(CHANGED, AFTER)
    assert plan.tasks[0].participants == ("区生态环境局",)
    assert plan.tasks[1].leads == ("区卫健局",)
    found = {one.unit: (one.code, one.severity.value) for one in findings}
    assert found == {
        "区环保局": ("unit-succeeded", "warning"),
        "区卫计局": ("unit-succeeded", "warning"),
        "区文体局": ("unit-divided", "error"),
        "区物价局": ("unit-without-successor", "error"),
    }
    divided = next(one for one in findings if one.code == "unit-divided")
    assert "1.1.1" in divided.message
    assert "区文旅局、区体育局" in divided.message


def test_a_merger_without_a_date_is_asked_about_and_changes_nothing() -> None:
    plan = Plan("", units=(Unit("甲", merged_into=("乙",)), Unit("乙")))
    settled, findings = succession.settled(plan, AFTER)
    assert [unit.name for unit in settled.units] == ["甲", "乙"]
    assert [one.code for one in findings] == ["unit-merged-undated"]


# ── the past under present names ─────────────────────────────────────────────────────────────────────

OLD = Plan(
    "",
    units=(Unit("区广电局"), Unit("区旅游局"), Unit("区文体局")),
    tasks=(
        Task("1.1.1", "", "", "", leads=("区广电局",), participants=("区旅游局", "区文体局")),
        Task("1.1.2", "", "", "", leads=("区旅游局",)),
    ),
)
NEW = succession.settled(
    Plan(
        "",
        units=(
            Unit("区广电局", until=LAST, merged_into=("区文旅局",)),
            Unit("区旅游局", until=LAST, merged_into=("区文旅局",)),
            Unit("区文体局", until=LAST, merged_into=("区文旅局", "区体育局")),
            Unit("区文旅局"),
            Unit("区体育局"),
        ),
        tasks=(
            Task("1.1.1", "", "", "", leads=("区文旅局",), participants=("区体育局",)),
            Task("1.1.2", "", "", "", leads=("区文旅局",)),
        ),
    ),
    AFTER,
)[0]


def test_what_predecessors_reported_becomes_one_entry_by_the_rules_of_merging() -> None:
    past = renamed(
        (
            entry("区旅游局", "1.1.1", OLD, status="推进中", activities=2, progress="旅游节"),
            entry("区广电局", "1.1.1", OLD, status="滞后", percent=40, activities=3, progress="播出专题"),
            entry("区文体局", "1.1.1", OLD, activities=7),
            entry("区旅游局", "1.1.2", OLD, percent=10),
        ),
        open_period(plan=NEW),
    )
    by_key = {(one.unit, one.task): one for one in past.entries}
    assert set(by_key) == {("区文旅局", "1.1.1"), ("区文体局", "1.1.1"), ("区文旅局", "1.1.2")}
    joined = by_key["区文旅局", "1.1.1"]
    assert (joined.value("status"), joined.value("percent"), joined.value("activities")) == ("滞后", 40, 5)
    assert joined.value("progress") == "区广电局：播出专题\n区旅游局：旅游节"
    assert set(past.joined[("区文旅局", "1.1.1")]) == {"区广电局", "区旅游局"}
    assert set(past.joined) == {("区文旅局", "1.1.1")}


# ── through the real command line ────────────────────────────────────────────────────────────────────

DUTIES = (
    Task("1.1.1", "一", "甲", "开展科技节活动", leads=("区科协",), participants=("区环保局", "区文体局")),
    Task("1.1.2", "一", "甲", "治理身边的污染", leads=("区环保局",), participants=("区科协",)),
)
START = Plan("", units=(Unit("区科协"), Unit("区环保局"), Unit("区文体局")), tasks=DUTIES)
END_OF_W12 = date(2019, 3, 24)
RENAMED = Plan(
    "",
    units=(
        Unit("区科协"),
        Unit("区环保局", until=END_OF_W12, merged_into=("区生态环境局",)),
        Unit("区生态环境局", aliases=("生态局",), contact="王五", phone="0591-0000"),
        Unit("区文体局", until=END_OF_W12, merged_into=("区文旅局", "区体育局")),
        Unit("区文旅局"),
        Unit("区体育局"),
    ),
    tasks=DUTIES,
)


@pytest.fixture
def small(tmp_path: Path) -> Small:
    """A workspace in which 2019-W12 is merged, before the units change."""
    one = Small(tmp_path / "科普", START)
    assert one.kepu("forms", "--period", "2019-W12").code == 0
    one.report("2019-W12", "区环保局", percent="40", progress="清理了三条内河。", activities="4")
    one.report("2019-W12", "区文体局", progress="放映科教电影。")
    assert one.kepu("merge").code == 0
    one.change(RENAMED)
    return one


def test_forms_go_to_the_successor_and_a_divided_unit_is_asked_about(small: Small) -> None:
    run = small.kepu("forms", "--period", "2019-W13", "--json")
    assert [one["unit"] for one in run.json["forms"]] == ["区科协", "区生态环境局"]
    codes = {one["code"]: one for one in run.json["findings"] if one["code"].startswith("unit-")}
    assert set(codes) == {"unit-succeeded", "unit-divided"}
    assert "区文旅局、区体育局" in codes["unit-divided"]["message"]
    assert small.kepu("status", "--json").json["units"]["expected"] == ["区科协", "区生态环境局"]
    # the week before it was still itself
    assert small.kepu("forms", "--period", "2019-W10", "--json").json["forms"][1]["unit"] == "区环保局"


def test_last_periods_progress_of_the_predecessor_stands_beside_the_tasks(small: Small) -> None:
    assert small.kepu("forms", "--period", "2019-W13").code in (0, 1)
    sheet = openpyxl.load_workbook(small.form("2019-W13", "区生态环境局"))[FORM_SHEET]
    said = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    assert any("清理了三条内河" in text for text in said)


def test_no_change_takes_over_what_the_predecessor_reported(small: Small) -> None:
    small.kepu("forms", "--period", "2019-W13")
    small.report("2019-W13", "区生态环境局", unchanged="是", status=None, percent=None, progress=None)
    run = small.kepu("merge", "--json")
    assert run.json["units"]["nil"] == ["区生态环境局"]
    assert "unchanged-from-nothing" not in {one["code"] for one in run.json["findings"]}
    detail = openpyxl.load_workbook(run.json["report"])["明细数据"]
    head, *rows = detail.iter_rows(values_only=True)
    values = [dict(zip(head, row, strict=True)) for row in rows]
    assert {(row["单位"], row["完成率(%)"], row["开展活动(场次)"]) for row in values} == {
        ("区生态环境局", 40, 4)
    }


@pytest.fixture
def reissued(small: Small) -> Callable[[str], Path]:
    """2019-W13 opened under the old names, then anew under the present ones; gives the old forms."""
    small.change(START)
    assert small.kepu("forms", "--period", "2019-W13").code == 0
    kept = small.root / "old"
    small.form("2019-W13", "区科协").parent.rename(kept)
    small.change(RENAMED)
    assert small.kepu("forms", "--period", "2019-W13", "--reissue").code in (0, 1)
    return lambda unit: kept / f"{unit}_2019-W13_进展填报表.xlsx"


def test_a_form_opened_under_an_old_name_counts_for_the_successor(
    small: Small, reissued: Callable[[str], Path]
) -> None:
    small.report("2019-W13", "区生态环境局", form=reissued("区环保局"))
    run = small.kepu("merge", "--json")
    assert run.json["units"]["reported"] == ["区生态环境局"]
    line = next(one for one in run.json["files"] if one["period"] == "2019-W13")
    assert line["unit"] == "区生态环境局"
    found = next(one for one in line["findings"] if one["code"] == "form-unit-renamed")
    assert "区环保局" in found["message"]


def test_a_form_of_a_divided_unit_is_refused_naming_the_candidates(
    small: Small, reissued: Callable[[str], Path]
) -> None:
    small.report("2019-W13", "区文体局", form=reissued("区文体局"))
    run = small.kepu("merge", "--json")
    assert run.code == 1
    line = next(one for one in run.json["files"] if one["period"] == "2019-W13")
    assert line["status"] == "rejected"
    (found,) = (one for one in line["findings"] if one["code"] == "form-unit-divided")
    assert "区文旅局、区体育局" in found["message"]


def test_a_form_of_a_divided_unit_counts_once_a_successor_is_written_on_it(
    small: Small, reissued: Callable[[str], Path]
) -> None:
    leads = (
        Task("1.1.1", "一", "甲", "开展科技节活动", leads=("区科协",), participants=("区环保局", "区体育局")),
    )
    small.change(Plan("", units=RENAMED.units, tasks=(*leads, DUTIES[1])))
    assert small.kepu("forms", "--period", "2019-W13", "--reissue").code == 0  # 区环保局 has one successor
    form = small.root / "改写.xlsx"
    fill(reissued("区文体局"), form, {})
    book = openpyxl.load_workbook(form)
    for row in book[FORM_SHEET].iter_rows():
        for cell in row:
            if isinstance(cell.value, str) and cell.value.startswith("填报单位"):
                cell.value = "填报单位：区体育局"
    book.save(form)
    small.report("2019-W13", "区体育局", form=form)
    assert small.kepu("merge", "--json").json["units"]["reported"] == ["区体育局"]


def test_a_unit_that_changed_is_told_once_not_for_each_of_its_tasks(small: Small) -> None:
    leads = tuple(
        Task(
            f"1.1.{number}",
            "一",
            "甲",
            f"开展第{number}项活动",
            leads=("区科协",),
            participants=("区环保局",),
        )
        for number in (1, 2, 3)
    )
    small.change(Plan("", units=RENAMED.units, tasks=leads))
    run = small.kepu("forms", "--period", "2019-W14", "--json")
    assert run.code == 0
    about = [one["code"] for one in run.json["findings"] if one["unit"] == "区环保局"]
    assert about == ["unit-succeeded"]


def test_units_may_be_named_on_the_command_line_by_an_old_name_but_not_a_divided_one(small: Small) -> None:
    small.kepu("forms", "--period", "2019-W13")
    run = small.kepu("forms", "--period", "2019-W13", "--unit", "区环保局", "--json")
    assert [one["unit"] for one in run.json["forms"]] == ["区生态环境局"]
    refused = small.kepu("forms", "--period", "2019-W13", "--unit", "区文体局")
    assert refused.code == 2
    assert "区文旅局、区体育局" in refused.err
