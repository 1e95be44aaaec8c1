"""The main job, end to end, on the real plan, through the real command line."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from driving import ROOT, Run, kepu, watched
from python_calamine import CalamineWorkbook

from kepu_xls.identity import FORM_SHEET, IDENTITY_SHEET, INDICATOR_SHEET, TASK_KEY

SHEETS = ["总体情况", "任务进展", "单位报送", "量化指标", "与上期对比", "问题与滞后", "校验结果", "明细数据"]
DETAIL = [
    *(
        "期次",
        "单位",
        "角色",
        "任务编号",
        "项目",
        "主要任务",
        "本期无变化",
        "进展状态",
        "完成率(%)",
        "本期进展情况",
    ),
    *(
        "开展活动(场次)",
        "参与人次",
        "投入经费(万元)",
        "存在问题",
        "下一步计划",
        "预计完成时间",
        "佐证材料",
        "备注",
    ),
    *("来源文件", "来源行"),
]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run]:
    """One run of `kepu demo`, shared by the tests that only look."""
    folder = tmp_path_factory.mktemp("demo") / "演示"
    return folder, kepu("demo", str(folder), "--json")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A fresh workspace with the shipped plan."""
    assert kepu("init", str(tmp_path / "科普")).code == 0
    return tmp_path / "科普"


def fill(path: Path, answers: dict[str, object], tasks: set[str] | None = None) -> None:
    """Fill a form as a unit does: the same answers on each of its task rows (or on those named)."""
    book = openpyxl.load_workbook(path)
    sheet = book[FORM_SHEET]
    head = next(row for row in sheet.iter_rows() if row[0].value == TASK_KEY)
    columns = {str(cell.value): cell.column for cell in head}
    for row in range(head[0].row + 2, sheet.max_row + 1):
        number = sheet.cell(row, 1).value
        if number and (tasks is None or number in tasks):
            for key, value in answers.items():
                sheet.cell(row, columns[key]).value = value
    book.save(path)


GOOD: dict[str, object] = {"status": "推进中", "percent": "60", "progress": "已开展两次培训，覆盖三个街道。"}


def send_back(workspace: Path, period: str, unit: str, name: str = "", **answers: object) -> Path:
    """Fill a unit's form and put it into the inbox."""
    form = workspace / "outbox" / period / "forms" / f"{unit}_{period}_进展填报表.xlsx"
    target = workspace / "inbox" / (name or form.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(form, target)
    fill(target, {**GOOD, **answers})
    return target


# ── the demo ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(os.name == "nt", reason="POSIX")
def test_what_is_wrong_with_a_file_is_told_whole_on_a_terminal(demo: tuple[Path, Run]) -> None:
    folder, run = demo
    seen = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", watched("-C", str(folder), "merge"))
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in seen.splitlines() if "│" in line]
    reasons = "".join(row[3] for row in rows if len(row) == 4)
    refused = [one for one in run.json["merge"]["files"] if one["status"] == "rejected"]
    assert refused
    for one in refused:
        assert one["findings"][0]["message"].replace(" ", "") in reasons.replace(" ", "")


def test_the_demo_goes_the_whole_way_and_tells_who_reported(demo: tuple[Path, Run]) -> None:
    folder, run = demo
    assert run.code == 0, run.err
    result = run.json["merge"]
    units = result["units"]
    assert result["period"] == "2019-W12"
    assert len(units["expected"]) == 20
    assert len(units["missing"]) == len(units["nil"]) == len(units["late"]) == 1
    assert set(units["reported"]) | set(units["missing"]) == set(units["expected"])
    statuses = [file["status"] for file in result["files"] if file["period"] == "2019-W12"]
    assert {"accepted", "accepted_with_errors", "superseded", "rejected", "ignored"} == set(statuses)
    assert len(list((folder / "outbox" / "2019-W12" / "forms").glob("*.xlsx"))) == 20
    assert Path(result["report"]).is_file()


def test_the_consolidated_workbook_has_the_contracts_sheets_and_detail(demo: tuple[Path, Run]) -> None:
    _, run = demo
    result = run.json["merge"]
    book = openpyxl.load_workbook(result["report"])
    assert book.sheetnames == SHEETS
    assert CalamineWorkbook.from_path(result["report"]).sheet_names == SHEETS
    rows = list(book["明细数据"].iter_rows(values_only=True))
    assert list(rows[0]) == DETAIL
    assert len(rows) - 1 == result["entries"]
    assert {row[1] for row in rows[1:]} == set(result["units"]["reported"])
    percent = DETAIL.index("完成率(%)")
    assert all(row[percent] is None or 0 <= float(str(row[percent])) <= 100 for row in rows[1:])
    assert not any(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def test_merging_the_same_inbox_again_gives_the_same_and_reads_nothing(demo: tuple[Path, Run]) -> None:
    folder, run = demo
    again = kepu("-C", str(folder), "merge", "--json")
    first = run.json["merge"]
    assert again.json["new_files"] == 0
    assert {**again.json, "new_files": 0} == {**first, "new_files": 0}


def test_the_report_is_built_again_from_the_ledger_alone(demo: tuple[Path, Run], tmp_path: Path) -> None:
    folder, run = demo
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    report = copy / "outbox" / "2019-W12" / Path(run.json["merge"]["report"]).name
    report.unlink()
    shutil.rmtree(copy / "inbox")
    assert kepu("-C", str(copy), "report").code == 0
    before = openpyxl.load_workbook(run.json["merge"]["report"])["明细数据"].values
    assert list(openpyxl.load_workbook(report)["明细数据"].values) == list(before)


def test_status_tells_the_same_as_the_merge(demo: tuple[Path, Run]) -> None:
    folder, run = demo
    status = kepu("-C", str(folder), "status", "--json")
    assert status.code == 0
    assert status.json["units"] == run.json["merge"]["units"]
    states = {one["unit"]: one["state"] for one in status.json["statuses"]}
    assert set(states.values()) == {"已报", "零报告", "迟报", "未报", "退回"}


def test_last_weeks_progress_stands_beside_each_task(demo: tuple[Path, Run]) -> None:
    folder, _ = demo
    form = next((folder / "outbox" / "2019-W12" / "forms").glob("区教育局*"))
    sheet = openpyxl.load_workbook(form)[FORM_SHEET]
    head = next(row for row in sheet.iter_rows() if row[0].value == TASK_KEY)
    column = next(cell.column for cell in head if cell.value == "@previous")
    said = [
        sheet.cell(row, column).value
        for row in range(head[0].row + 2, sheet.max_row)
        if sheet.cell(row, 1).value
    ]
    assert len(said) == 34
    assert all(re.match("未启动|推进中|已完成|滞后", str(text)) for text in said)


def test_the_demo_refuses_a_folder_in_use(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    run = kepu("demo", str(tmp_path))
    assert run.code == 2
    assert "不是空文件夹" in run.err


# ── forms ───────────────────────────────────────────────────────────────────────────────────────────


def test_init_and_forms_on_the_shipped_plan(workspace: Path) -> None:
    run = kepu("-C", str(workspace), "forms", "--period", "2019-W12", "--json")
    assert run.code == 0
    assert run.json["period"] == "2019-W12"
    assert len(run.json["forms"]) == 20
    assert [one["code"] for one in run.json["findings"]] == ["deadline-extended"]  # 2019 is long past
    assert sum(one["lead"] for one in run.json["forms"]) == 77
    assert (
        sum(one["participant"] for one in run.json["forms"]) == 369
    )  # 区民政局 leads 2.2.4, and is asked once
    with_indicators = {one["unit"] for one in run.json["forms"] if one["indicators"]}
    assert with_indicators == {"区科协", "区民政局", "区发改局", "区财政局"}
    for one in run.json["forms"]:
        book = openpyxl.load_workbook(one["path"])
        assert (INDICATOR_SHEET in book.sheetnames) == (one["unit"] in with_indicators)
        assert book[IDENTITY_SHEET].sheet_state != "visible"


def test_a_period_named_by_nobody_is_the_current_one(workspace: Path) -> None:
    run = kepu("-C", str(workspace), "forms", "--unit", "区科协", "--json")
    assert run.code == 0
    assert len(run.json["forms"]) == 1
    again = kepu("-C", str(workspace), "forms", "--json")
    assert again.json["reissued"]
    assert again.json["period"] == run.json["period"]


def test_opening_again_issues_the_same_forms(workspace: Path) -> None:
    first = kepu("-C", str(workspace), "forms", "--period", "2019-W12", "--json")
    contents = {one["path"]: list(_cells(one["path"])) for one in first.json["forms"]}
    again = kepu("-C", str(workspace), "forms", "--period", "2019-W12")
    assert again.code == 0
    assert "已经开启过" in again.out
    assert {path: list(_cells(path)) for path in contents} == contents


def _cells(path: str) -> Iterator[tuple[str, str, object]]:
    for sheet in openpyxl.load_workbook(path):
        for row in sheet.iter_rows():
            yield from ((sheet.title, cell.coordinate, cell.value) for cell in row if cell.value is not None)


def test_a_changed_plan_needs_reissue_and_names_what_changed(workspace: Path) -> None:
    assert kepu("-C", str(workspace), "forms", "--period", "2019-W12").code == 0
    master = workspace / "templates" / "master.xlsx"
    book = openpyxl.load_workbook(master)
    sheet = book["任务"]
    heads = [cell.value for cell in sheet[1]]
    sheet.cell(2, heads.index("主要任务") + 1).value = "改写后的任务"
    book["单位"].cell(2, 5).value = "0591-00000000"  # a telephone number changes no form
    book.save(master)
    refused = kepu("-C", str(workspace), "forms", "--period", "2019-W12")
    assert refused.code == 2
    assert "1.1.1" in refused.err
    assert "--reissue" in refused.err
    again = kepu("-C", str(workspace), "forms", "--period", "2019-W12", "--reissue", "--json")
    assert again.code == 0
    assert again.json["version"] == 2
    assert any(value == "改写后的任务" for *_, value in _cells(again.json["forms"][0]["path"]))


# ── merge ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def opened(workspace: Path) -> Path:
    """A workspace with a period open."""
    assert kepu("-C", str(workspace), "forms", "--period", "2019-W12").code == 0
    return workspace


def test_originals_are_archived_and_the_inbox_stays_as_it_was(opened: Path) -> None:
    source = send_back(opened, "2019-W12", "区委党校")
    before = source.read_bytes()
    run = kepu("-C", str(opened), "merge", "--json")
    assert run.code == 0, run.err
    (line,) = run.json["files"]
    assert source.read_bytes() == before
    assert next((opened / "archive").rglob(f"{line['sha256']}*")).read_bytes() == before
    assert run.json["units"]["reported"] == ["区委党校"]
    assert run.json["entries"] == 5


def test_strict_also_wants_every_unit(opened: Path) -> None:
    send_back(opened, "2019-W12", "区委党校")
    assert kepu("-C", str(opened), "merge").code == 0
    assert kepu("-C", str(opened), "merge", "--strict").code == 1


def test_a_wrong_cell_costs_that_cell(opened: Path) -> None:
    send_back(opened, "2019-W12", "区委党校", percent="150", attendance="很多", funds="3.5")
    run = kepu("-C", str(opened), "merge", "--json")
    assert run.code == 1
    (line,) = run.json["files"]
    assert line["status"] == "accepted_with_errors"
    errors = [one for one in line["findings"] if one["severity"] == "error"]
    assert len(errors) == 10  # two cells on each of five rows
    assert {one["sheet"] for one in errors} == {FORM_SHEET}
    assert all(one["cell"] and one["message"] and one["code"] for one in errors)
    detail = openpyxl.load_workbook(run.json["report"])["明细数据"]
    rows = [dict(zip(DETAIL, row, strict=True)) for row in detail.iter_rows(min_row=2, values_only=True)]
    assert {row["完成率(%)"] for row in rows} == {None}
    assert {row["投入经费(万元)"] for row in rows} == {3.5}


def test_leads_before_participants_in_what_is_merged(opened: Path) -> None:
    for unit, text in (("区委宣传部", "配合宣传。"), ("区科协", "牵头部署。"), ("区教育局", "组织落实。")):
        send_back(opened, "2019-W12", unit, progress=text)
    run = kepu("-C", str(opened), "merge", "--json")
    texts = [
        str(value)
        for row in openpyxl.load_workbook(run.json["report"])["任务进展"].iter_rows(values_only=True)
        for value in row
        if value
    ]
    wanted = "区教育局：组织落实。\n区科协：牵头部署。\n区委宣传部：配合宣传。"
    assert any(wanted in text for text in texts)


@pytest.mark.parametrize("form", ["xlsx", "xls", "ods"])
def test_forms_saved_by_another_program_merge_to_the_same_entries(
    opened: Path, convert: Callable[[Path, str, Path], Path], tmp_path: Path, form: str
) -> None:
    source = send_back(
        opened, "2019-W12", "区民政局", activities="三", funds="1.2万元", expected_date="2019年12月31日"
    )
    plain = kepu("-C", str(opened), "merge", "--json")
    saved = convert(source, form, tmp_path)
    source.unlink()
    (opened / "inbox" / f"回复.{form}").write_bytes(saved.read_bytes())
    (opened / "ledger.db").rename(
        tmp_path / "ledger.db"
    )  # a second life, in which only the re-saved one came
    _forget_files(tmp_path / "ledger.db", opened / "ledger.db")
    again = kepu("-C", str(opened), "merge", "--json")
    assert again.json["entries"] == plain.json["entries"] == 14
    assert [one["status"] for one in again.json["files"]] == ["accepted"]
    assert _detail(again) == _detail(plain)


def _forget_files(source: Path, target: Path) -> None:
    """Copy a ledger with its periods and secret, but no files."""
    import sqlite3  # noqa: PLC0415 - here a test takes the place of a backup

    shutil.copyfile(source, target)
    connection = sqlite3.connect(target)
    with connection:
        connection.executescript(
            "DELETE FROM entries; DELETE FROM findings; DELETE FROM files; DELETE FROM accepted"
        )
    connection.close()


def _detail(run: Run) -> list[dict[str, Any]]:
    sheet = openpyxl.load_workbook(run.json["report"])["明细数据"]
    rows = [dict(zip(DETAIL, row, strict=True)) for row in sheet.iter_rows(min_row=2, values_only=True)]
    return [{key: value for key, value in row.items() if not key.startswith("来源")} for row in rows]


def test_the_documented_json_is_one_object_with_the_contracts_keys(opened: Path) -> None:
    send_back(opened, "2019-W12", "区委党校", name="子文件夹/回复.xlsx")
    run = kepu("-C", str(opened), "merge", "--json")
    assert {"period", "report", "units", "files", "entries"} <= set(run.json)
    assert set(run.json["units"]) == {"expected", "reported", "late", "nil", "missing"}
    assert {"path", "unit", "period", "sha256", "status", "return_copy", "findings"} <= set(
        run.json["files"][0]
    )
    assert run.json["files"][0]["path"] == "子文件夹/回复.xlsx"
    assert json.loads(run.out) == run.json
    assert run.err == ""


def test_the_repository_itself_is_a_workspace() -> None:
    shown = kepu("-C", str(ROOT), "plan", "show", "--json")
    assert shown.code == 0
    assert shown.json["counts"] == {
        "parts": 2,
        "projects": 9,
        "tasks": 35,
        "units": 20,
        "lead_links": 77,
        "participant_links": 370,
        "indicators": 5,
    }
