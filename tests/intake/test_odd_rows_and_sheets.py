"""Rows and sheets that are not as they were sent: what counts, what is told, what is refused."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from filled_forms import (
    FIRST,
    HEADER,
    LAST,
    OPENED,
    PERIOD,
    SHEET,
    UNIT,
    VALUES,
    blank_form,
    codes,
    fill,
    read,
    rewritten,
    rows_of,
    saved,
    values_of,
)
from openpyxl import Workbook

from kepu_xls.checks import check_submission
from kepu_xls.model import FileStatus


@pytest.fixture
def book(tmp_path: Path) -> Workbook:
    return fill(blank_form(tmp_path / "form.xlsx"))


def test_deleted_rows_are_told_task_by_task(book: Workbook) -> None:
    rows = rows_of(book[SHEET])
    del rows[LAST - 1]
    record = read(saved(rewritten(book, rows)))
    assert values_of(record) == {task: said for task, said in VALUES.items() if task != "1.2.2"}
    assert [(one.code, one.task) for one in record.findings if one.code == "task-missing"] == [
        ("task-missing", "1.2.2")
    ]


def test_only_the_visible_part_sorted_goes_by_what_is_seen(book: Workbook) -> None:
    rows = rows_of(book[SHEET])
    visible = [row[1:] for row in rows[FIRST - 1 : LAST]][::-1]
    rows[FIRST - 1 : LAST] = [
        [row[0], *seen] for row, seen in zip(rows[FIRST - 1 : LAST], visible, strict=True)
    ]
    record = read(saved(rewritten(book, rows)))
    assert values_of(record) == VALUES
    assert codes(record).count("task-number-shifted") == 4


def test_number_and_text_of_different_tasks_are_an_error_and_not_merged(book: Workbook) -> None:
    sheet = book[SHEET]
    sheet.cell(FIRST, 4).value, sheet.cell(FIRST + 1, 4).value = (
        sheet.cell(FIRST + 1, 4).value,
        sheet.cell(FIRST, 4).value,
    )
    record = read(saved(book))
    assert set(values_of(record)) == {"1.2.1", "1.2.2"}
    wrong = [one for one in record.findings if one.code == "task-contradicts-text"]
    assert [(one.task, one.place.cell) for one in wrong] == [
        ("1.1.1", f"B{FIRST}"),
        ("1.1.2", f"B{FIRST + 1}"),
    ]
    assert record.status is FileStatus.ACCEPTED_WITH_ERRORS


def test_tasks_of_others_and_tasks_of_nobody_are_told_and_not_merged(book: Workbook) -> None:
    rows = rows_of(book[SHEET])
    pasted = list(rows[FIRST - 1])
    pasted[:4] = ["", "2.1.1", "基础", "实施科普基础设施工程，建设科普中国e站。"]
    added = list(pasted)
    added[:4] = ["", "9.9.9", "其他", "本单位自己增加的任务"]
    rows[LAST:LAST] = [pasted, added]
    record = read(saved(rewritten(book, rows)))
    assert values_of(record) == VALUES
    assert [(one.code, one.place.cell) for one in record.findings if one.code.startswith("task-")] == [
        ("task-not-of-unit", f"B{LAST + 1}"),
        ("task-unknown", f"B{LAST + 2}"),
    ]


def test_a_row_that_names_no_task_is_told(book: Workbook) -> None:
    rows = rows_of(book[SHEET])
    nameless = [None] * len(rows[0])
    nameless[9] = "还做了别的事"
    rows.insert(FIRST, nameless)
    record = read(saved(rewritten(book, rows)))
    assert values_of(record) == VALUES
    assert [(one.code, one.place.cell) for one in record.findings if one.severity.value == "error"] == [
        ("row-without-task", f"J{FIRST + 1}")
    ]


@pytest.mark.parametrize("text", ["填报人" + " " * 1_000_000 + "某某", " " * 1_000_000 + "某某"])
def test_a_million_spaces_in_a_cell_are_read_at_once(book: Workbook, text: str) -> None:
    book[SHEET].cell(LAST + 8, 1).value = "占位"
    with zipfile.ZipFile(io.BytesIO(saved(book))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(
                name, part.replace("<t>占位".encode(), f'<t xml:space="preserve">{text}'.encode())
            )
    assert values_of(read(stream.getvalue())) == VALUES


def test_the_same_task_twice_counts_once_and_is_told_at_both_places(book: Workbook) -> None:
    rows = rows_of(book[SHEET])
    again = list(rows[FIRST - 1])
    again[9] = "后来又补充了内容"
    rows.insert(LAST, again)
    record = read(saved(rewritten(book, rows)))
    assert values_of(record)["1.1.1"]["progress"] == "后来又补充了内容"
    twice = [one for one in record.findings if one.code == "task-twice"]
    assert [one.place.cell for one in twice] == [f"B{FIRST}", f"B{LAST + 1}"]


def test_a_blank_copy_of_a_task_does_not_count(book: Workbook) -> None:
    rows = rows_of(book[SHEET])
    rows.insert(LAST, [*rows[FIRST - 1][:6], *([None] * 12)])
    record = read(saved(rewritten(book, rows)))
    assert values_of(record) == VALUES
    assert "task-twice" not in codes(record)


def test_a_column_deleted_costs_that_column_and_is_told_once(book: Workbook) -> None:
    rows = rows_of(book[SHEET])
    column = rows[HEADER - 1].index("完成率(%)")
    for row in rows:
        del row[column]
    record = read(saved(rewritten(book, rows)))
    assert record.submission is not None
    without = {
        task: {key: one for key, one in said.items() if key != "percent"} for task, said in VALUES.items()
    }
    assert values_of(record) == without
    assert codes(record).count("column-missing") == 1
    checked = check_submission(record.submission, OPENED, "附件.xlsx")
    assert [one.code for one in checked] == ["required-column-missing"]


def test_of_two_columns_for_one_field_the_one_that_answers_counts(book: Workbook) -> None:
    rows = rows_of(book[SHEET])
    for row in rows:
        row.insert(9, None)
    rows[HEADER - 1][9] = "本期进展情况"
    record = read(saved(rewritten(book, rows)))
    assert values_of(record) == VALUES
    assert "column-twice" not in codes(record)


def test_two_filled_columns_for_one_field_are_told_as_an_error(book: Workbook) -> None:
    rows = rows_of(book[SHEET])
    for number, row in enumerate(rows, 1):
        row.append("补充说明" if FIRST <= number <= LAST else None)
    rows[HEADER - 1][-1] = "本期进展情况"
    record = read(saved(rewritten(book, rows)))
    assert values_of(record) == VALUES
    assert [(one.code, one.severity.value) for one in record.findings if one.severity.value == "error"] == [
        ("column-twice", "error")
    ]


def test_a_copied_sheet_left_blank_does_not_matter(book: Workbook) -> None:
    copy = book.copy_worksheet(book[SHEET])
    for row in copy.iter_rows(min_row=FIRST, max_row=LAST, min_col=7):
        for cell in row:
            cell.value = None
    book.move_sheet(copy, -len(book.sheetnames))
    record = read(saved(book))
    assert values_of(record) == VALUES
    assert {entry.sheet for entry in record.submission.entries} == {SHEET}


def test_an_equal_copy_of_the_sheet_counts_once(book: Workbook) -> None:
    book.copy_worksheet(book[SHEET])
    record = read(saved(book))
    assert values_of(record) == VALUES
    assert "task-twice" not in codes(record)


def test_a_table_split_over_two_sheets_is_read_whole(book: Workbook) -> None:
    """The sender kept the lead tasks on one sheet and put the others on a second one."""
    copy = book.copy_worksheet(book[SHEET])
    copy.title = "参加任务"
    for row in range(FIRST, LAST + 1):
        for column in range(1, 19):
            (copy if row < FIRST + 2 else book[SHEET]).cell(row, column).value = None
    record = read(saved(book))
    assert values_of(record) == VALUES
    assert record.submission is not None
    assert [entry.sheet for entry in record.submission.entries] == [SHEET, SHEET, "参加任务", "参加任务"]


def test_nothing_said_where_an_answer_is_required_is_told(book: Workbook) -> None:
    book[SHEET].cell(FIRST, 9).value = "/"  # 完成率 of a lead task
    book[SHEET].cell(FIRST, 14).value = "/"  # 存在问题, which nobody has to fill
    record = read(saved(book))
    assert [(one.code, one.place.cell) for one in record.findings if one.code == "required-nothing"] == [
        ("required-nothing", f"I{FIRST}")
    ]
    assert record.status is FileStatus.ACCEPTED


def test_two_sheets_filled_differently_are_refused_naming_both(book: Workbook) -> None:
    copy = book.copy_worksheet(book[SHEET])
    copy.title = "修改稿"
    copy.cell(FIRST, 10).value = "另一种说法"
    record = read(saved(book))
    assert (record.status, record.submission) == (FileStatus.REJECTED, None)
    assert SHEET in record.findings[0].message
    assert "修改稿" in record.findings[0].message


def test_a_stray_mark_far_below_costs_nothing(book: Workbook) -> None:
    book[SHEET].cell(60_000, 3).value = "。"
    record = read(saved(book))
    assert values_of(record) == VALUES
    assert record.status is FileStatus.ACCEPTED


def test_a_stray_mark_in_the_last_corner_is_refused_naming_the_sheet(book: Workbook) -> None:
    book[SHEET].cell(1_048_576, 16_384).value = "。"
    record = read(saved(book))
    assert (record.status, codes(record)) == (FileStatus.REJECTED, ["file-too-large-inside"])
    assert SHEET in record.findings[0].message


def test_an_empty_form_is_not_a_report(tmp_path: Path) -> None:
    record = read(saved(blank_form(tmp_path / "form.xlsx")))
    assert (record.status, codes(record)) == (FileStatus.REJECTED, ["form-empty"])
    assert (record.unit, record.period) == (UNIT, PERIOD)


def test_the_footer_is_no_stray_row_where_a_unit_adds_one_below_it(book: Workbook) -> None:
    rows = rows_of(book[SHEET])
    rows.append([*rows[FIRST - 1]])
    record = read(saved(rewritten(book, rows)))
    assert values_of(record) == VALUES
    assert "row-without-task" not in codes(record)


def _stray(book: Workbook, row: int, answers: dict[int, object]) -> tuple[list[str], FileStatus]:
    """Put a row of its own into the form, and give the cells that are told to name no task."""
    rows = rows_of(book[SHEET])
    added: list[object] = [answers.get(column) for column in range(1, len(rows[0]) + 1)]
    rows.insert(row - 1, added)
    record = read(saved(rewritten(book, rows)))
    assert values_of(record) == VALUES
    return [one.place.cell for one in record.findings if one.code == "row-without-task"], record.status


@pytest.mark.parametrize("row", [FIRST, FIRST + 1, LAST + 1])
@pytest.mark.parametrize(
    ("answers", "column"),
    [
        ({4: "新增：职工科普展", 8: "推进中", 10: "自行增加的任务"}, "H"),
        ({2: 22, 4: "新增：职工科普展", 9: 40, 10: "自行增加的任务"}, "I"),
        ({10: "（接上）另外还举办了三场职工技能竞赛决赛"}, "J"),
    ],
)
def test_a_row_that_names_no_task_is_told_wherever_it_stands(
    book: Workbook, row: int, answers: dict[int, object], column: str
) -> None:
    assert _stray(book, row, answers) == ([f"{column}{row}"], FileStatus.ACCEPTED_WITH_ERRORS)


@pytest.mark.parametrize("row", [FIRST, LAST + 1])
@pytest.mark.parametrize(
    "answers",
    [
        {7: "是"},
        {2: "合计", 11: 99, 12: 9999},
        {10: "注：以上数据截至3月20日"},
        {4: "全民科学素质工作领导小组办公室制"},
    ],
)
def test_sums_and_notes_around_the_tasks_are_no_answers(
    book: Workbook, row: int, answers: dict[int, object]
) -> None:
    assert _stray(book, row, answers) == ([], FileStatus.ACCEPTED)


def test_a_note_between_the_tasks_may_be_an_answer_and_is_told(book: Workbook) -> None:
    assert _stray(book, FIRST + 1, {10: "说明：另有两场讲座"})[0] == [f"J{FIRST + 1}"]


@pytest.mark.parametrize("answers", [{9: "(%)", 11: "(场次)"}, {2: 1, 3: 2, 8: 7, 9: 8, 10: 9}])
def test_what_continues_the_header_is_no_answer(book: Workbook, answers: dict[int, object]) -> None:
    assert _stray(book, FIRST, answers) == ([], FileStatus.ACCEPTED)


@pytest.mark.parametrize(
    "answers",
    [
        {10: "（单位盖章）"},
        {10: "分管领导：", 11: "某某"},
        {8: "主要负责人（签字）：某某", 14: "2019年3月22日"},
    ],
)
def test_the_footer_and_what_stands_below_it_are_no_answers(
    book: Workbook, answers: dict[int, object]
) -> None:
    assert _stray(book, LAST + 1, answers) == ([], FileStatus.ACCEPTED)


def _sheet_of(book: Workbook, title: str, path: Path, unit: str, answers: dict[str, dict[str, str]]) -> None:
    """Copy another unit's filled form into a workbook, as a person does with 移动或复制工作表."""
    other = fill(blank_form(path, unit=unit), answers)[SHEET]
    sheet = book.create_sheet(title)
    for row in other.iter_rows():
        for cell in row:
            sheet.cell(cell.row, cell.column).value = cell.value


FINANCE = {"2.1.1": {"status": "推进中", "progress": "安排了经费"}}


def test_two_units_forms_in_one_file_are_refused_naming_sheets_and_units(
    book: Workbook, tmp_path: Path
) -> None:
    _sheet_of(book, "财政", tmp_path / "other.xlsx", "区财政局", FINANCE)
    record = read(saved(book))
    assert (record.status, codes(record)) == (FileStatus.REJECTED, ["form-two-units"])
    assert record.findings[0].place.sheet == "财政"
    assert all(word in record.findings[0].message for word in (SHEET, UNIT, "“财政”", "区财政局"))


def test_the_sheet_that_holds_the_answers_tells_the_unit_not_the_blank_one(tmp_path: Path) -> None:
    """The unit's own sheet is blank; beside it stands another unit's, with tasks that both have."""
    book = blank_form(tmp_path / "form.xlsx")
    women = {task: {"status": "推进中", "progress": "办了讲座"} for task in ("1.2.1", "1.2.2")}
    _sheet_of(book, "妇联", tmp_path / "other.xlsx", "区妇联", women)
    record = read(saved(book))
    assert (record.status, codes(record)) == (FileStatus.REJECTED, ["form-unit-contradicts"])
    assert "区妇联" in record.findings[0].message


def test_a_second_sheet_with_only_tasks_of_others_is_told_by_its_name(book: Workbook, tmp_path: Path) -> None:
    _sheet_of(book, "附表", tmp_path / "other.xlsx", "区财政局", FINANCE)
    book["附表"]["B3"] = None
    record = read(saved(book))
    assert values_of(record) == VALUES
    assert [(one.place.sheet, one.severity.value) for one in record.findings if "of-others" in one.code] == [
        ("附表", "error")
    ]
