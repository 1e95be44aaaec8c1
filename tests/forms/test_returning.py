"""Return copies through the real command line: out to the unit, put right, back, and gone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from driving import Run, kepu
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from kepu_xls.identity import FORM_SHEET, INDICATOR_SHEET, RETURN_SHEET, TASK_KEY

ROOT = Path(__file__).resolve().parents[2]
PERIOD = "2019-W12"

Values = dict[str, object]
GOOD: Values = {"status": "推进中", "percent": "60", "progress": "已开展两次培训，覆盖三个街道。"}


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the real plan and the forms of one week."""
    folder = tmp_path_factory.mktemp("returning") / "科普"
    assert kepu("init", str(folder)).code == 0
    assert kepu("-C", str(folder), "forms", "--period", PERIOD).code == 0
    return folder


@pytest.fixture
def workspace(issued: Path, tmp_path: Path) -> Path:
    shutil.copytree(issued, tmp_path / "科普")
    return tmp_path / "科普"


def merge(workspace: Path) -> Run:
    run = kepu("-C", str(workspace), "merge", "--json")
    assert run.code in (0, 1), run.err
    return run


def line(run: Run, name: str) -> dict[str, Any]:
    (found,) = [one for one in run.json["files"] if one["path"].endswith(name)]
    assert isinstance(found, dict)
    return found


def codes(found: dict[str, Any], severity: str = "error") -> list[str]:
    return sorted(one["code"] for one in found["findings"] if one["severity"] == severity)


def columns(sheet: Worksheet) -> tuple[int, dict[str, int]]:
    """The hidden key row, and the column of each key."""
    head = next(row for row in sheet.iter_rows() if row[0].value == TASK_KEY)
    return head[0].row, {str(cell.value): cell.column for cell in head}


def fill(book: Workbook, answers: dict[str, Values]) -> None:
    """Fill the task rows of a form: ``""`` gives what stands in every row that is not named."""
    sheet = book[FORM_SHEET]
    top, where = columns(sheet)
    for row in range(top + 2, sheet.max_row + 1):
        if number := sheet.cell(row, 1).value:
            for key, value in (answers[""] | answers.get(str(number), {})).items():
                cell = sheet.cell(row, where[key])
                cell.value = value  # type: ignore[assignment] - any cell value
                if isinstance(value, str):
                    cell.data_type = "s"  # as in a cell preset to text


def place(workspace: Path, book: Workbook, name: str, minute: int) -> Path:
    """Put a workbook into the inbox, arrived at that minute."""
    path = workspace / "inbox" / name
    book.save(path)
    os.utime(path, (1553000000 + 60 * minute,) * 2)
    return path


def reply(
    workspace: Path,
    unit: str,
    answers: dict[str, Values],
    change: Callable[[Workbook], object] | None = None,
    minute: int = 1,
) -> Path:
    book = openpyxl.load_workbook(
        workspace / "outbox" / PERIOD / "forms" / f"{unit}_{PERIOD}_进展填报表.xlsx"
    )
    fill(book, answers)
    if change:
        change(book)
    return place(workspace, book, f"{unit}.xlsx", minute)


def details(run: Run) -> list[dict[str, object]]:
    rows = list(openpyxl.load_workbook(run.json["report"])["明细数据"].values)
    return [dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:]]


def wrong(number: str) -> dict[str, Values]:
    """Answers with four mistakes in one row."""
    return {
        "": dict(GOOD),
        number: {
            "status": "差不多了",
            "percent": 150,
            "attendance": "人很多",
            "expected_date": "2019年2月30日",
            "funds": "3.5万元",
            "remarks": "=1+1",
        },
    }


def first_task(workspace: Path, unit: str) -> str:
    book = openpyxl.load_workbook(
        workspace / "outbox" / PERIOD / "forms" / f"{unit}_{PERIOD}_进展填报表.xlsx"
    )
    sheet = book[FORM_SHEET]
    return str(sheet.cell(columns(sheet)[0] + 2, 1).value)


def test_wrong_then_marked_then_put_right_then_accepted(workspace: Path) -> None:
    unit = "区总工会"
    task = first_task(workspace, unit)
    reply(workspace, unit, wrong(task))
    first = merge(workspace)
    assert first.code == 1
    sent = line(first, f"{unit}.xlsx")
    assert sent["status"] == "accepted_with_errors"
    copy = Path(sent["return_copy"])
    assert copy == workspace / "outbox" / PERIOD / "returns" / f"{unit}_{PERIOD}_请修改.xlsx"

    book = openpyxl.load_workbook(copy)
    sheet = book[FORM_SHEET]
    marked = {cell.coordinate: cell for row in sheet.iter_rows() for cell in row if cell.comment}
    links = [cell.value for row in book[RETURN_SHEET].iter_rows() for cell in row if cell.hyperlink]
    assert len(marked) == 4
    assert set(marked) <= set(links)
    _, where = columns(sheet)
    right: Values = {"status": "推进中", "percent": 50, "attendance": 120, "expected_date": "2019-12-31"}
    for cell in marked.values():
        key = next(key for key, column in where.items() if column == cell.column)
        cell.value = right.pop(key)  # type: ignore[assignment] - any cell value
    assert not right
    place(workspace, book, "改好的.xlsx", 2)

    second = merge(workspace)
    assert second.code == 0
    assert line(second, "改好的.xlsx")["status"] == "accepted"
    assert line(second, "改好的.xlsx")["return_copy"] is None
    assert codes(line(second, "改好的.xlsx"), "warning") == codes(sent, "warning")
    assert line(second, f"{unit}.xlsx")["status"] == "superseded"
    assert line(second, f"{unit}.xlsx")["return_copy"] is None
    assert not copy.exists()
    before = {row["任务编号"]: row for row in details(first)}
    for row in details(second):
        if row["任务编号"] != task:
            assert {**row, "来源文件": "", "来源行": 0} == {
                **before[row["任务编号"]],
                "来源文件": "",
                "来源行": 0,
            }
        else:
            assert [row[label] for label in ("进展状态", "完成率(%)", "参与人次", "投入经费(万元)")] == [
                "推进中",
                50,
                120,
                3.5,
            ]
            assert row["备注"] == "=1+1"


def test_a_copy_sent_back_as_it_is_says_the_same_again(workspace: Path) -> None:
    reply(workspace, "区总工会", wrong(first_task(workspace, "区总工会")))
    first = line(merge(workspace), "区总工会.xlsx")
    shutil.copyfile(first["return_copy"], workspace / "inbox" / "原样.xlsx")
    again = merge(workspace)
    assert line(again, "区总工会.xlsx")["status"] == "superseded"
    assert codes(line(again, "原样.xlsx")) == codes(first)
    assert codes(line(again, "原样.xlsx"), "warning") == codes(first, "warning")
    assert line(again, "原样.xlsx")["unit"] == "区总工会"


def test_the_copy_of_a_rearranged_file_marks_the_forms_own_cells(workspace: Path) -> None:
    unit = "区科协"

    def rearrange(book: Workbook) -> None:
        sheet = book[FORM_SHEET]
        top, where = columns(sheet)
        sheet.cell(top + 2, where["progress"]).value = None
        book[INDICATOR_SHEET]["G5"].value = "好几个"
        # everything as plain values on a new sheet of a new order: no identity, no keys, no template
        rows = list(sheet.iter_rows(min_row=top + 1, values_only=True))
        fresh = book.create_sheet("我做的表", 0)
        fresh["A1"] = "填报单位：区科协"
        for row in rows:
            fresh.append(["", *reversed(row[1:])])
        del book[FORM_SHEET]
        del book["_kepu"]

    task = first_task(workspace, unit)
    answers = wrong(task)
    reply(workspace, unit, answers, rearrange)
    sent = line(merge(workspace), f"{unit}.xlsx")
    assert sent["status"] == "accepted_with_errors", sent
    book = openpyxl.load_workbook(sent["return_copy"])
    sheet = book[FORM_SHEET]
    top, where = columns(sheet)
    marked = {(cell.row, cell.column) for row in sheet.iter_rows() for cell in row if cell.comment}
    keys = ("status", "percent", "progress", "attendance", "expected_date")
    assert marked >= {(top + 2, where[key]) for key in keys}
    assert [cell.value for row in book[INDICATOR_SHEET].iter_rows() for cell in row if cell.comment] == [
        "好几个"
    ]
    places = {one["cell"] for one in sent["findings"] if one["severity"] == "error"}
    assert not places & {sheet.cell(*one).coordinate for one in marked if one[0] == top + 2}


def test_merging_again_leaves_the_copies_as_they_lie_and_makes_lost_ones_again(workspace: Path) -> None:
    reply(workspace, "区总工会", wrong(first_task(workspace, "区总工会")))
    first = merge(workspace)
    copy = Path(line(first, "区总工会.xlsx")["return_copy"])
    before = (copy.stat().st_mtime_ns, copy.stat().st_ino)
    again = merge(workspace)
    assert again.json["files"] == first.json["files"]
    assert (copy.stat().st_mtime_ns, copy.stat().st_ino) == before
    copy.unlink()
    merge(workspace)
    assert copy.is_file()
    assert sorted(copy.parent.iterdir()) == [copy]


def test_merging_makes_copies_without_loading_openpyxl_once_forms_were_made(workspace: Path) -> None:
    reply(workspace, "区总工会", wrong(first_task(workspace, "区总工会")))
    merging = [sys.executable, "-X", "importtime", "-m", "kepu_xls", "-C", str(workspace), "merge"]
    ran = subprocess.run(
        merging, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, check=False
    )
    assert ran.returncode == 1
    assert b"import time:" in ran.stderr
    assert b"openpyxl" not in ran.stderr
    assert len(list((workspace / "outbox" / PERIOD / "returns").iterdir())) == 1


def test_only_our_own_copies_are_taken_away(workspace: Path) -> None:
    for unit in ("区总工会", "区财政局"):
        reply(workspace, unit, wrong(first_task(workspace, unit)))
    first = merge(workspace)
    ours, edited = (Path(line(first, f"{unit}.xlsx")["return_copy"]) for unit in ("区总工会", "区财政局"))
    book = openpyxl.load_workbook(edited)
    book[RETURN_SHEET]["I6"].value = "√ 电话里说好了"
    book.save(edited)
    notes = ours.with_name("电话记录.xlsx")
    Workbook().save(notes)
    for unit in ("区总工会", "区财政局"):
        reply(workspace, unit, {"": GOOD}, minute=2)
    second = merge(workspace)
    assert {one["return_copy"] for one in second.json["files"]} == {None}
    assert not ours.exists()
    assert edited.exists()
    assert notes.exists()


def test_a_refused_file_has_no_copy(workspace: Path) -> None:
    (workspace / "inbox" / "坏的.xlsx").write_bytes(b"PK\x03\x04 cut off")
    refused = merge(workspace)
    assert line(refused, "坏的.xlsx")["status"] == "rejected"
    assert line(refused, "坏的.xlsx")["return_copy"] is None
    assert not (workspace / "outbox" / PERIOD / "returns").exists()


def test_the_terminal_says_how_many_copies_there_are_and_where(workspace: Path) -> None:
    reply(workspace, "区总工会", wrong(first_task(workspace, "区总工会")))
    said = kepu("-C", str(workspace), "merge").out
    (told,) = [one for one in said.splitlines() if "退回表" in one]
    assert "1 份" in told
    assert str(workspace / "outbox" / PERIOD / "returns") in told


def test_a_late_form_of_another_week_gets_its_copy_there(workspace: Path) -> None:
    reply(workspace, "区总工会", wrong(first_task(workspace, "区总工会")))
    assert kepu("-C", str(workspace), "forms", "--period", "2019-W13").code == 0
    run = merge(workspace)
    assert run.json["period"] == "2019-W13"
    assert Path(line(run, "区总工会.xlsx")["return_copy"]).parent.parent.name == PERIOD


def test_a_file_for_a_week_never_opened_does_not_stop_the_merge(workspace: Path) -> None:
    def later(book: Workbook) -> None:
        book["_kepu"]["B2"].value = "2020-W01"

    reply(workspace, "区总工会", {"": GOOD}, later)
    run = merge(workspace)
    assert codes(line(run, "区总工会.xlsx")) == ["form-period-not-open"]


@pytest.mark.libreoffice
@pytest.mark.parametrize("suffix", ["xls", "ods", "xlsx"])
def test_a_copy_put_right_and_saved_by_another_program_is_read_the_same(
    suffix: str, workspace: Path, convert: Callable[[Path, str, Path], Path], tmp_path: Path
) -> None:
    unit = "区财政局"
    reply(workspace, unit, wrong(first_task(workspace, unit)))
    copy = Path(line(merge(workspace), f"{unit}.xlsx")["return_copy"])
    book = openpyxl.load_workbook(copy)
    sheet = book[FORM_SHEET]
    top, where = columns(sheet)
    for key, value in {
        "status": "推进中",
        "percent": "50%",
        "attendance": 1,
        "expected_date": "2019.12.31",
    }.items():
        sheet.cell(top + 2, where[key]).value = value
    (tmp_path / "saved").mkdir()
    book.save(tmp_path / "改.xlsx")
    saved = convert(tmp_path / "改.xlsx", suffix, tmp_path / "saved")
    shutil.copyfile(saved, workspace / "inbox" / saved.name)
    run = merge(workspace)
    assert line(run, saved.name)["status"] == "accepted", line(run, saved.name)
    assert not copy.exists()
