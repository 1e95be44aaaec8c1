"""`kepu findings`: everything found in a period, errors first, each with its file and cell."""

from __future__ import annotations

import openpyxl
import pytest
from small_workspace import Small

from kepu_xls.identity import FORM_SHEET
from kepu_xls.model import Plan, Task, Unit

PLAN = Plan(
    "",
    units=(Unit("区科协", aliases=("科协",)), Unit("区教育局"), Unit("团区委")),
    tasks=(
        Task("1.1.1", "一", "甲", "开展科技节活动", leads=("区科协",), participants=("区教育局", "团区委")),
        Task("1.1.2", "一", "甲", "治理身边的污染", leads=("区教育局",)),
    ),
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    one = Small(tmp_path_factory.mktemp("findings") / "科普", PLAN)
    assert one.kepu("forms", "--period", "2019-W12").code == 0
    one.report("2019-W12", "区科协", unchanged="是")  # nothing to take over: found only when merging
    one.report("2019-W12", "区教育局", percent="150", attendance="约30")
    one.report("2019-W12", "团区委", percent="甲").rename(one.root / "inbox" / "先交.xlsx")
    one.report("2019-W12", "团区委", percent="10")
    (one.root / "inbox" / "网页.xlsx").write_text("<html><body>无</body></html>", encoding="utf-8")
    one.kepu("merge")
    return one


def found(small: Small, *arguments: str) -> list[dict[str, str]]:
    run = small.kepu("findings", "--json", *arguments)
    assert run.code == 0
    return list(run.json["findings"])


def test_errors_come_first_and_each_has_its_true_place(small: Small) -> None:
    all_found = found(small)
    levels = [one["severity"] for one in all_found]
    assert levels == sorted(levels, key=["error", "warning", "info"].index)
    wrong = [one for one in all_found if one["code"] == "number-out-of-bounds"]
    assert len(wrong) == 2
    for one in wrong:
        sheet = openpyxl.load_workbook(small.root / "inbox" / one["file"])[one["sheet"]]
        assert (one["sheet"], sheet[one["cell"]].value) == (FORM_SHEET, "150")


def test_what_was_found_beside_the_files_is_among_them(small: Small) -> None:
    (one,) = (one for one in found(small) if one["code"] == "unchanged-from-nothing")
    assert (one["unit"], one["task"]) == ("区科协", "1.1.1")
    assert one["cell"]


def test_of_a_file_that_was_replaced_only_that_is_told(small: Small) -> None:
    told = [one["code"] for one in found(small) if one["file"] in ("先交.xlsx", "团区委2019-W12.xlsx")]
    assert len(told) == 1
    assert told[0] in ("file-superseded", "number-unreadable")


def test_why_a_file_was_refused_is_among_them(small: Small) -> None:
    assert "file-html" in {one["code"] for one in found(small, "--severity", "error")}


@pytest.mark.parametrize(
    ("arguments", "units", "severities"),
    [
        (("--unit", "区教育局"), {"区教育局"}, {"error", "info"}),
        (("--unit", "科协"), {"区科协"}, {"warning"}),  # an alias
        (("--unit", "区教育局", "--unit", "区科协", "--severity", "warning"), {"区科协"}, {"warning"}),
        (
            ("--severity", "error", "--severity", "info", "--unit", "区教育局"),
            {"区教育局"},
            {"error", "info"},
        ),
    ],
)
def test_units_and_severities_can_be_chosen(
    small: Small, arguments: tuple[str, ...], units: set[str], severities: set[str]
) -> None:
    chosen = found(small, *arguments)
    assert {one["unit"] for one in chosen} == units
    assert {one["severity"] for one in chosen} == severities


def test_plain_output_is_a_line_a_finding_parted_by_tabs(small: Small) -> None:
    lines = small.kepu("findings").out.splitlines()
    assert lines[0].split("\t") == ["级别", "单位", "任务", "文件", "位置", "问题", "怎么办"]
    assert len(lines) == len(found(small)) + 1
    assert lines[1].startswith("错误\t")


@pytest.mark.parametrize(
    "arguments", [("--unit", "区农业局"), ("--severity", "bad"), ("--period", "2019-W30")]
)
def test_wrong_usage_is_told(small: Small, arguments: tuple[str, ...]) -> None:
    run = small.kepu("findings", *arguments)
    assert run.code == 2
    assert "怎么办" in run.err
