"""An import into a master that a clerk has worked in: what is theirs stays."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from kepu_xls.errors import SurroundingsError
from kepu_xls.model import Finding, Indicator, Plan, Task, Unit
from kepu_xls.plan import PlanReading, read_master, rewrite_master, update, write_master

replace = msgspec.structs.replace
TEXTS = (
    "推进义务教育阶段的科技教育",
    "大规模开展职业技能培训",
    "布设互动大屏，改善条件",
    "形成社区科普新格局",
)


def plan(*texts: str) -> Plan:
    tasks = tuple(
        Task(f"1.1.{number}", "甲部", "乙项目", text, ("区科协",), ("区教育局",))
        for number, text in enumerate(texts, 1)
    )
    promised = tuple(Indicator(task.number, "互动大屏", 10, "个") for task in tasks if task.text == TEXTS[2])
    return Plan("方案", tasks, (Unit("区科协"), Unit("区教育局")), promised)


def master(tmp_path: Path, work: Callable[[Any], None] = lambda _: None) -> Path:
    """Write a master and let a clerk work in it."""
    path = tmp_path / "master.xlsx"
    write_master(plan(*TEXTS), path)
    book = openpyxl.load_workbook(path)
    work(book)
    book.save(path)
    return path


def bring(path: Path, new: Plan) -> tuple[Any, tuple[Finding, ...]]:
    """Import a plan; gives the workbook, after seeing that it reads as the plan it should be."""
    read = read_master(path, "方案")
    updated = update(read.plan, PlanReading(new))
    found = rewrite_master(path, read, updated)
    assert read_master(path, "方案").plan == updated.plan
    return openpyxl.load_workbook(path), found


def column(sheet: Any, letter: str) -> list[object]:  # noqa: ANN401 - openpyxl's
    return [cell.value for cell in sheet[letter]]


def test_columns_comments_colours_and_sheets_of_the_clerk_stay_with_their_rows(tmp_path: Path) -> None:
    yellow = PatternFill("solid", fgColor="FFFFFF00")

    def work(book: Any) -> None:  # noqa: ANN401 - openpyxl's
        tasks = book["任务"]
        tasks["H1"] = "分管领导"
        for row in range(2, 6):
            tasks.cell(row, 8).value = f"领导{row - 1}"
        tasks["D5"].comment = Comment("先问一下", "clerk")
        tasks["D3"].fill = yellow
        tasks["I5"] = "=H5&A5"
        tasks["A9"] = None
        tasks["K8"].hyperlink = "https://example.com/"
        tasks["H8"] = "本表由区科协维护"
        tasks.row_dimensions[5].height = 99
        book["单位"]["I1"], book["单位"]["I3"] = "备注", "搬到三楼"
        book.create_sheet("我的表")["A1"] = "记录"

    path = master(tmp_path, work)
    book, _ = bring(path, plan(TEXTS[0], "新的一项", TEXTS[2], TEXTS[3], "再一项"))
    tasks = book["任务"]
    assert column(tasks, "A")[:7] == ["编号", "1.1.1", "1.1.3", "1.1.4", "1.1.5", "1.1.6", None]
    assert column(tasks, "H")[:6] == ["分管领导", "领导1", "领导3", "领导4", None, None]
    assert (tasks["D4"].comment.text, tasks["I4"].value, tasks.row_dimensions[4].height) == (
        "先问一下",
        "=H4&A4",
        99,
    )
    assert [tasks[f"D{row}"].fill.fgColor.rgb == "FFFFFF00" for row in range(2, 7)] == [False] * 5
    assert (tasks["H9"].value, tasks["K9"].hyperlink.target) == ("本表由区科协维护", "https://example.com/")
    assert (tasks["A5"].number_format, tasks["D5"].alignment.wrap_text) == ("@", True)
    assert tasks.auto_filter.ref == "A1:G6"
    assert column(book["单位"], "I")[:3] == ["备注", None, "搬到三楼"]
    assert book["我的表"]["A1"].value == "记录"
    assert book["指标"].data_validations.dataValidation[0].formula1 == '"是,否"'


def test_a_cell_that_says_the_same_is_not_touched(tmp_path: Path) -> None:
    def work(book: Any) -> None:  # noqa: ANN401 - openpyxl's
        book["任务"]["G2"], book["任务"]["E2"] = "2020年12月", "区科协；"
        book["单位"]["C2"] = "a@example.com, b@example.com"
        book["指标"]["F2"] = "是"

    path = master(tmp_path, work)
    book, _ = bring(path, plan("新的一项", *TEXTS))
    assert (book["任务"]["G2"].value, book["任务"]["E2"].value) == ("2020年12月", "区科协；")
    assert book["单位"]["C2"].value == "a@example.com, b@example.com"
    assert (book["指标"]["A2"].value, book["指标"]["F2"].value) == ("1.1.3", "是")


def test_a_changed_text_is_written_as_text_into_its_cell_alone(tmp_path: Path) -> None:
    path = master(tmp_path)
    changed = plan(*TEXTS)
    formula = replace(changed.tasks[0], text=f"={TEXTS[0]}")
    book, _ = bring(path, replace(changed, tasks=(formula, *changed.tasks[1:])))
    cell = book["任务"]["D2"]
    assert (cell.value, cell.data_type) == (f"={TEXTS[0]}", "s")


@pytest.mark.parametrize("merged", ["C2:C5", "C2:C3", "C4:C5", "B2:C5"])
def test_merged_cells_are_parted_only_where_they_have_to_be(merged: str, tmp_path: Path) -> None:
    path = master(tmp_path, lambda book: book["任务"].merge_cells(merged))
    before = read_master(path, "方案").plan
    assert len(before.tasks) == 4
    book, _ = bring(path, replace(before, tasks=(*before.tasks, Task("1.1.5", "甲部", "乙项目", "末项"))))
    assert [str(area) for area in book["任务"].merged_cells.ranges] == [merged]
    book, _ = bring(path, plan(TEXTS[0], TEXTS[1]))
    assert [str(area) for area in book["任务"].merged_cells.ranges] == (
        ["C2:C3"] if merged == "C2:C3" else []
    )


def test_rows_sorted_by_the_clerk_stay_in_the_clerks_order(tmp_path: Path) -> None:
    def work(book: Any) -> None:  # noqa: ANN401 - openpyxl's
        sheet = book["任务"]
        rows = [[cell.value for cell in row] for row in sheet["A2:G5"]]
        for row, values in zip(sheet["A2:G5"], reversed(rows), strict=True):
            for cell, value in zip(row, values, strict=True):
                cell.value = value

    book, _ = bring(master(tmp_path, work), plan("新的一项", *TEXTS))
    assert column(book["任务"], "A") == ["编号", "1.1.4", "1.1.5", "1.1.3", "1.1.2", "1.1.1"]


def test_a_column_that_may_be_missing_is_added_where_it_has_to_say_something(tmp_path: Path) -> None:
    book, _ = bring(master(tmp_path, lambda book: book["任务"].delete_cols(2)), plan(*TEXTS))
    assert [cell.value for cell in book["任务"][1]][-2:] == ["完成时限", "部分"]
    assert column(book["任务"], "G")[1:] == ["甲部"] * 4


def test_a_stray_mark_in_the_last_cell_is_no_harm(tmp_path: Path) -> None:
    def work(book: Any) -> None:  # noqa: ANN401 - openpyxl's
        book["任务"]["XFD1048576"] = "x"

    bring(master(tmp_path, work), plan("新的一项", *TEXTS))


def test_charts_that_are_lost_are_told(tmp_path: Path) -> None:
    path = master(tmp_path)
    assert bring(path, plan("新的一项", *TEXTS))[1] == ()
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/media/image1.png", b"x")
    assert [one.code for one in bring(path, plan(*TEXTS))[1]] == ["master-pictures-lost"]


def test_a_master_open_elsewhere_stays_as_it_is(tmp_path: Path) -> None:
    path = master(tmp_path)
    before = path.read_bytes()
    (tmp_path / "~$master.xlsx").touch()
    with pytest.raises(SurroundingsError):
        bring(path, plan("新的一项", *TEXTS))
    assert path.read_bytes() == before


words = st.lists(st.sampled_from([*TEXTS, "甲任务", "乙任务", "丙任务", "丁任务"]), max_size=7, unique=True)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=words, rows=st.sets(st.integers(2, 6), max_size=2))
def test_any_plan_can_follow_and_every_note_stays_with_its_task(
    texts: list[str], rows: set[int], tmp_path: Path
) -> None:
    def work(book: Any) -> None:  # noqa: ANN401 - openpyxl's
        sheet = book["任务"]
        for row in range(2, 6):
            sheet.cell(row, 8).value = f"注：{sheet.cell(row, 4).value}"
        for row in sorted(rows, reverse=True):
            sheet.insert_rows(row)

    book, _ = bring(master(tmp_path, work), plan(*texts))
    noted = {
        row[3].value: row[7].value for row in book["任务"].iter_rows(min_row=2, max_col=8) if row[3].value
    }
    assert noted == {text: f"注：{text}" if text in TEXTS else None for text in texts}
