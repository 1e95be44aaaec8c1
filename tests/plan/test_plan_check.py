from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from kepu_xls.model import Indicator, Plan, Severity, Task, Unit
from kepu_xls.plan import check, read_master, write_master

TODAY = date(2019, 3, 1)
CLEAN = Plan(
    title="方案",
    tasks=(
        Task("1.1.1", "甲部", "乙项目", "第一项", ("区教育局",), ("区科协",)),
        Task("1.1.2", "甲部", "乙项目", "第二项", ("区科协",), ("区环保局",)),
    ),
    units=(
        Unit("区教育局", ("教育局",), ("jy@example.com",)),
        Unit("区科协"),
        Unit("区环保局", until=date(2019, 3, 1)),
        Unit("区广电局", until=date(2018, 12, 31), merged_into=("区科协",)),
    ),
    indicators=(Indicator("1.1.1", "基地", 10, "个", confirmed=True),),
)


def checked(tmp_path: Path, *cells: tuple[str, str, object]) -> list[tuple[str, str, str]]:
    path = tmp_path / "master.xlsx"
    write_master(CLEAN, path)
    book = openpyxl.load_workbook(path)
    for sheet, place, value in cells:
        book[sheet][place] = value
    book.save(path)
    findings = check(read_master(path, "方案"), TODAY)
    assert all(finding.remedy for finding in findings)
    return [(finding.code, finding.place.sheet, finding.place.cell) for finding in findings]


def test_a_clean_master_has_no_findings(tmp_path: Path) -> None:
    assert checked(tmp_path) == []


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([("任务", "F2", "区科学技术协会")], ("master-unit-unknown", "任务", "F2")),
        ([("任务", "F2", "教育局、区科协"), ("任务", "E2", "区科协")], ("master-alias-used", "任务", "F2")),
        ([("单位", "A6", "区气象局")], ("master-unit-idle", "单位", "A6")),
        ([("任务", "A3", "1.1.1")], ("master-number-twice", "任务", "A3")),
        ([("任务", "A3", "1.2")], ("master-number-malformed", "任务", "A3")),
        ([("任务", "A3", None)], ("master-number-malformed", "任务", "A3")),
        ([("任务", "D3", None)], ("master-text-missing", "任务", "D3")),
        ([("任务", "E3", None)], ("master-lead-missing", "任务", "E3")),
        ([("任务", "F2", "区科协、区教育局")], ("master-unit-both-roles", "任务", "F2")),
        ([("单位", "B3", "教育局")], ("master-alias-shared", "单位", "B3")),
        ([("单位", "B3", "区教育局")], ("master-alias-shared", "单位", "B3")),
        ([("单位", "A6", "区科协")], ("master-unit-twice", "单位", "A6")),
        ([("单位", "C6", "x@example.com")], ("master-unit-nameless", "单位", "A6")),
        ([("单位", "C2", "jy@example")], ("master-mail-malformed", "单位", "C2")),
        ([("单位", "C2", "jy＠example.com")], ("master-mail-malformed", "单位", "C2")),
        ([("单位", "C2", "j..y@example.com")], ("master-mail-malformed", "单位", "C2")),
        ([("任务", "F2", "区科协、区广电局")], ("master-unit-retired", "任务", "F2")),
        ([("单位", "H5", "区文旅局")], ("master-merged-unknown", "单位", "H5")),
        ([("单位", "F5", "2019-05-01")], ("master-unit-dates", "单位", "G5")),
        ([("指标", "A2", "9.9.9")], ("master-indicator-task", "指标", "A2")),
        ([("指标", "C2", "十来个")], ("master-target-unread", "指标", "C2")),
        ([("指标", "F2", None)], ("master-indicator-unconfirmed", "指标", "F2")),
        ([("任务", "G2", "年底吧")], ("master-date-unread", "任务", "G2")),
    ],
)
def test_each_fault_is_found_at_its_cell(
    cells: list[tuple[str, str, object]], expected: tuple[str, str, str], tmp_path: Path
) -> None:
    assert expected in checked(tmp_path, *cells)


def test_two_units_with_one_alias_are_both_named(tmp_path: Path) -> None:
    found = checked(tmp_path, ("单位", "B3", "教育局"))
    assert found == [("master-alias-shared", "单位", "B2"), ("master-alias-shared", "单位", "B3")]


def test_a_unit_in_use_until_today_may_still_be_named(tmp_path: Path) -> None:
    path = tmp_path / "master.xlsx"
    write_master(CLEAN, path)
    master = read_master(path, "方案")
    assert check(master, date(2019, 3, 1)) == ()
    (finding,) = check(master, date(2019, 3, 2))
    assert (finding.code, finding.unit, finding.place.cell) == ("master-unit-retired", "区环保局", "F3")


def test_an_unknown_unit_brings_a_suggestion_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "master.xlsx"
    write_master(CLEAN, path)
    book = openpyxl.load_workbook(path)
    book["任务"]["F2"] = "区科学协、火星"
    book.save(path)
    master = read_master(path, "方案")
    assert master.plan.tasks[0].participants == ("区科学协", "火星")
    near, far = check(master, TODAY)[:2]
    assert "是不是“区科协”" in near.message
    assert "是不是" not in far.message
    assert near.severity is Severity.ERROR
