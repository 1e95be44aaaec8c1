"""Several files of one unit, of another period, and voided ones: through the real command line."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import openpyxl
import pytest
from driving import Run, kepu
from test_main_job import DETAIL, send_back

from kepu_xls.identity import FORM_SHEET

PERIOD, NEXT = "2019-W12", "2019-W13"


@pytest.fixture
def opened(tmp_path: Path) -> Path:
    root = tmp_path / "w"
    assert kepu("init", str(root)).code == 0
    assert kepu("-C", str(root), "forms", "--period", PERIOD, "--unit", "区委党校").code == 0
    return root


def merge(root: Path, *options: str) -> Run:
    return kepu("-C", str(root), "merge", *options, "--json")


def statuses(run: Run) -> dict[str, str]:
    return {one["path"]: one["status"] for one in run.json["files"]}


def percents(report: str) -> set[object]:
    rows = openpyxl.load_workbook(report)["明细数据"].iter_rows(min_row=2, values_only=True)
    return {row[DETAIL.index("完成率(%)")] for row in rows}


def test_a_file_can_be_voided_and_restored(opened: Path) -> None:
    send_back(opened, PERIOD, "区委党校", name="初稿.xlsx", percent="50")
    draft = send_back(opened, PERIOD, "区委党校", name="误发.xlsx", percent="70")
    os.utime(draft, (draft.stat().st_mtime + 60,) * 2)
    assert statuses(merge(opened)) == {"初稿.xlsx": "superseded", "误发.xlsx": "accepted"}
    void = kepu("-C", str(opened), "void", "误发.xlsx", "--why", "误发了草稿", "--json")
    assert statuses(void) == {"初稿.xlsx": "accepted", "误发.xlsx": "rejected"}
    assert percents(void.json["report"]) == {50}
    restored = kepu("-C", str(opened), "restore", "误发.xlsx", "--json")
    assert statuses(restored) == {"初稿.xlsx": "superseded", "误发.xlsx": "accepted"}
    assert kepu("-C", str(opened), "void", "没有.xlsx", "--why", "x").code == 2
    assert kepu("-C", str(opened), "void", "误发.xlsx", "--why", " ").code == 2


@pytest.mark.parametrize("ahead", [0, 600], ids=["of now", "of a time to come"])
def test_a_file_replaced_under_its_name_counts_also_with_an_older_time(opened: Path, ahead: int) -> None:
    path = send_back(opened, PERIOD, "区委党校", percent="150")
    os.utime(path, (path.stat().st_mtime + ahead,) * 2)
    assert merge(opened).code == 1
    path.unlink()
    better = send_back(opened, PERIOD, "区委党校", percent="60")
    os.utime(better, (better.stat().st_mtime - 86_400,) * 2)
    run = merge(opened)
    assert run.code == 0, statuses(run)
    assert percents(run.json["report"]) == {60}


def test_a_file_put_back_in_place_of_another_under_its_name_counts_again(opened: Path) -> None:
    path = send_back(opened, PERIOD, "区委党校", percent="60")
    right, arrived = path.read_bytes(), path.stat().st_mtime
    assert merge(opened).code == 0
    path.unlink()
    send_back(opened, PERIOD, "区委党校", percent="70")
    run = merge(opened)
    assert percents(run.json["report"]) == {70}
    path.write_bytes(right)
    os.utime(path, (arrived, arrived))
    run = merge(opened)
    assert percents(run.json["report"]) == {60}
    assert sorted(one["status"] for one in run.json["files"]) == ["accepted", "superseded"]
    again = merge(opened)
    assert (again.json["new_files"], percents(again.json["report"])) == (0, {60})


def test_a_form_of_another_period_is_filed_there_said_so_and_that_report_written_anew(opened: Path) -> None:
    early = send_back(opened, PERIOD, "区委党校", percent="40")
    kept = opened.parent / early.name
    shutil.move(early, kept)
    assert merge(opened).code == 0
    assert kepu("-C", str(opened), "forms", "--period", NEXT, "--unit", "区委党校").code == 0
    shutil.copyfile(kept, opened / "inbox" / "回复.xlsx")
    run = kepu("-C", str(opened), "merge")
    assert PERIOD in run.out
    assert "回复.xlsx" in run.out
    assert percents(str(opened / "outbox" / PERIOD / f"汇总_{PERIOD}.xlsx")) == {40}
    again = merge(opened)
    assert again.json["period"] == NEXT
    assert again.json["units"]["reported"] == []


def test_a_form_that_says_no_period_stays_where_it_was_filed(opened: Path) -> None:
    path = send_back(opened, PERIOD, "区委党校", name="进展.xlsx")
    book = openpyxl.load_workbook(path)
    for sheet in [one for one in book if one.title != FORM_SHEET]:
        book.remove(sheet)
    for row in book[FORM_SHEET].iter_rows(max_row=4):
        for cell in row:
            if "2019" in str(cell.value):
                cell.value = None
    book.save(path)
    assert merge(opened).json["files"][0]["period"] == PERIOD
    assert kepu("-C", str(opened), "forms", "--period", NEXT, "--unit", "区委党校").code == 0
    config = opened / "config.toml"
    config.write_text(config.read_text("utf-8").replace('label = "备注"', 'label = "其他"'), "utf-8")
    assert kepu("-C", str(opened), "forms", "--period", PERIOD, "--reissue", "--json").json["version"] == 2
    again = merge(opened)
    assert again.json["period"] == NEXT
    assert again.json["new_files"] == 1
    assert [one["period"] for one in again.json["files"]] == [PERIOD]
    assert again.json["entries"] == 0
    assert merge(opened, "--period", PERIOD).json["entries"] == 5


def test_what_is_no_form_is_told_of_in_the_period_in_which_it_came(opened: Path) -> None:
    (opened / "inbox" / "照片.xlsx").write_bytes(b"\x89PNG\r\n\x1a\n no form")
    (opened / "inbox" / "快捷方式.xlsx").symlink_to(opened / "config.toml")
    assert {one["period"] for one in merge(opened).json["files"]} == {PERIOD}
    assert kepu("-C", str(opened), "forms", "--period", NEXT, "--unit", "区委党校").code == 0
    (opened / "inbox" / "新照片.xlsx").write_bytes(b"\x89PNG\r\n\x1a\n neither")
    told = {one["path"]: one["period"] for one in merge(opened).json["files"]}
    assert told == {"照片.xlsx": PERIOD, "快捷方式.xlsx": PERIOD, "新照片.xlsx": NEXT}


def test_a_deleted_row_is_asked_for_like_an_empty_one(opened: Path) -> None:
    path = send_back(opened, PERIOD, "区委党校")
    book = openpyxl.load_workbook(path)
    sheet = book["进展填报表"]
    row = next(cell.row for cell in sheet["A"] if cell.value == "1.3.1")
    sheet.delete_rows(row)
    book.save(path)
    run = merge(opened)
    assert run.code == 1
    assert run.json["entries"] == 4
    assert run.json["files"][0]["return_copy"]


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("区委党校_2019-W12_进展填报表.xlsx", "退回"),
        ("区委党校.xlsx", "退回"),
        ("区委党校和区妇联.xlsx", "未报"),
        ("进展填报表.xlsx", "未报"),
        ("区委党校_2019-W11_进展填报表.xlsx", "未报"),
    ],
)
def test_a_form_that_cannot_be_opened_is_its_unit_s_by_its_name(opened: Path, name: str, state: str) -> None:
    (opened / "inbox" / name).write_bytes(b"PK\3\4 and no more")
    run = merge(opened)
    assert statuses(run) == {name: "rejected"}
    assert standing(run) == state
    text = kepu("-C", str(opened), "status", "--chase").out
    assert ("打不开" in text) == (state == "退回")
    send_back(opened, PERIOD, "区委党校", name="重发.xlsx")
    assert standing(merge(opened)) == "已报"


def standing(run: Run) -> str:
    return next(one["state"] for one in run.json["statuses"] if one["unit"] == "区委党校")
