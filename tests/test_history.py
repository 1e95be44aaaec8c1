"""`kepu history`: tasks and units over all periods, followed through renames and mergers."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from small_workspace import Small

from kepu_xls.model import Plan, Task, Unit
from kepu_xls.rendering import sparkline

TASKS = (
    Task("1.1.1", "一", "甲", "开展科技节活动", leads=("区广电局",), participants=("区旅游局", "区文体局")),
    Task("1.1.2", "一", "甲", "治理身边的污染", leads=("区旅游局",)),
)
START = Plan("", units=(Unit("区广电局"), Unit("区旅游局"), Unit("区文体局")), tasks=TASKS)
END = date(2019, 3, 24)
CHANGED = Plan(
    "",
    units=(
        Unit("区广电局", until=END, merged_into=("区文旅局",)),
        Unit("区旅游局", until=END, merged_into=("区文旅局",)),
        Unit("区文体局", until=END, merged_into=("区文旅局", "区体育局")),
        Unit("区文旅局"),
        Unit("区体育局"),
    ),
    tasks=TASKS,
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """Three weeks; the units change after the second."""
    one = Small(tmp_path_factory.mktemp("history") / "科普", START)
    for period, percent in (("2019-W11", "20"), ("2019-W12", "40")):
        assert one.kepu("forms", "--period", period).code == 0
        one.report(period, "区广电局", percent=percent, activities="3")
        one.report(period, "区旅游局", percent="90", activities="2")
        assert one.kepu("merge").code == 0
    one.change(CHANGED)
    one.kepu("forms", "--period", "2019-W13")
    one.report("2019-W13", "区文旅局", status="已完成", percent="100", activities="6")
    assert one.kepu("merge").code == 0
    return one


def test_a_task_shows_status_percent_and_sums_of_each_period(small: Small) -> None:
    run = small.kepu("history", "1.1.1", "--json")
    assert run.code == 0
    shown = [
        (
            one["period"],
            one["reported"],
            one["expected"],
            *(one["values"][key] for key in ("status", "percent", "activities")),
        )
        for one in run.json["periods"]
    ]
    assert shown == [
        ("2019-W11", 2, 3, "推进中", 20, 5),
        ("2019-W12", 2, 3, "推进中", 40, 5),
        ("2019-W13", 1, 1, "已完成", 100, 6),
    ]
    assert run.json["labels"]["percent"] == "完成率(%)"


def test_a_task_in_the_terminal_is_lines_parted_by_tabs_with_a_course(small: Small) -> None:
    lines = small.kepu("history", "１.1.1").out.splitlines()  # a full-width figure is a figure
    assert lines[0].split("\t")[:4] == ["期次", "报送单位", "进展状态", "完成率(%)"]
    assert lines[1].split("\t")[:4] == ["2019-W11", "2/3", "推进中", "20"]
    assert lines[-1].endswith("▂▄█")


@pytest.mark.parametrize("name", ["区文旅局", "区广电局", "区旅游局"])
def test_a_unit_is_followed_through_its_merger_by_any_of_its_names(small: Small, name: str) -> None:
    run = small.kepu("history", name, "--json")
    assert run.json["unit"] == "区文旅局"
    shown = [(one["period"], one["status"]["unit"], one["percent"]) for one in run.json["periods"]]
    assert shown == [
        ("2019-W11", "区广电局", 20),
        ("2019-W11", "区旅游局", 90),
        ("2019-W12", "区广电局", 40),
        ("2019-W12", "区旅游局", 90),
        ("2019-W13", "区文旅局", 100),
    ]
    assert run.json["parts_of"] == ["区文体局"]


def test_a_divided_unit_shows_its_own_periods_and_what_it_became(small: Small) -> None:
    run = small.kepu("history", "区文体局", "--json")
    assert [(one["period"], one["status"]["state"]) for one in run.json["periods"]] == [
        ("2019-W11", "未报"),
        ("2019-W12", "未报"),
    ]
    assert run.json["divided_into"] == ["区文旅局", "区体育局"]
    assert "区文旅局、区体育局" in small.kepu("history", "区文体局").out


@pytest.mark.parametrize(("name", "suggested"), [("1.1.3", "1.1."), ("区文旅", "区文旅局")])
def test_an_unknown_name_is_refused_with_a_suggestion(small: Small, name: str, suggested: str) -> None:
    run = small.kepu("history", name)
    assert run.code == 2
    assert f"是不是“{suggested}" in run.err


def test_without_any_period_there_is_no_history(tmp_path: Path) -> None:
    run = Small(tmp_path / "新", START).kepu("history", "1.1.1")
    assert run.code == 2
    assert "还没有开启任何一期" in run.err


def test_a_sparkline_has_a_bar_for_each_percentage_and_a_dot_for_none() -> None:
    assert sparkline([0, 12.5, 50, 99, 100, None]) == "▁▂▅██·"
