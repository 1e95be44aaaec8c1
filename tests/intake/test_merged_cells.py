"""A cell that a unit merged over several tasks counts for each; a figure that is added up counts once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from filled_forms import FIRST, HEADER, OPENED, SHEET, blank_form, codes, fill, read, saved, values_of
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from kepu_xls.checks import check_submission
from kepu_xls.model import Scalar

Convert = Callable[[Path, str, Path], Path]
SAID: dict[str, dict[str, str | float]] = {
    "1.1.1": {"status": "推进中", "percent": "60%", "progress": "三个学校开课", "activities": 3},
    "1.1.2": {"activities": 2},
}


@pytest.fixture
def book(tmp_path: Path) -> Workbook:
    return fill(blank_form(tmp_path / "form.xlsx"), SAID)


def letters(book: Workbook, key: str) -> str:
    (label,) = (field.label for field in OPENED.fields if field.key == key)
    (cell,) = (one for one in book[SHEET][HEADER] if one.value == label)
    return get_column_letter(cell.column)


def merge_down(book: Workbook, *keys: str, rows: int = 2) -> None:
    for key in keys:
        column = letters(book, key)
        book[SHEET].merge_cells(f"{column}{FIRST}:{column}{FIRST + rows - 1}")


def said(book: Workbook) -> dict[str, dict[str, Scalar]]:
    return values_of(read(saved(book)))


def test_what_stands_in_a_merged_cell_is_said_of_every_task_beside_it(book: Workbook) -> None:
    merge_down(book, "status", "percent", "progress")
    assert said(book)["1.1.1"] == {
        "status": "推进中",
        "percent": 60,
        "progress": "三个学校开课",
        "activities": 3,
    }
    assert said(book)["1.1.2"] == {
        "status": "推进中",
        "percent": 60,
        "progress": "三个学校开课",
        "activities": 2,
    }
    record = read(saved(book))
    told = [one for one in record.findings if one.code == "cell-merged-down"]
    assert [one.place.cell for one in told] == [
        f"{letters(book, key)}{FIRST}" for key in ("status", "percent", "progress")
    ]
    assert "任务 1.1.2 也按这个内容计" in told[0].message
    assert {one.severity.value for one in told} == {"warning"}
    assert record.submission is not None
    missing = check_submission(record.submission, OPENED, "附件.xlsx")
    assert not [one for one in missing if one.task == "1.1.2"]  # the cell answers for it


def test_a_figure_that_is_added_up_is_counted_once_and_told(book: Workbook) -> None:
    book[SHEET][f"{letters(book, 'activities')}{FIRST + 1}"].value = None
    merge_down(book, "activities")
    assert said(book)["1.1.1"]["activities"] == 3
    assert "activities" not in said(book).get("1.1.2", {})
    (told,) = (one for one in read(saved(book)).findings if one.code == "figure-merged-down")
    assert "这个数只计入任务 1.1.1，没有计入任务 1.1.2" in told.message


def test_rows_that_are_not_beside_it_stay_as_they_are(book: Workbook) -> None:
    merge_down(book, "progress")
    assert said(book)["1.2.1"] == {}


def test_a_merged_blank_says_nothing_and_one_across_columns_is_the_first_one_s(book: Workbook) -> None:
    merge_down(book, "next_steps")
    across = f"{letters(book, 'status')}{FIRST}:{letters(book, 'percent')}{FIRST + 1}"
    book[SHEET].merge_cells(across)
    assert said(book)["1.1.2"] == {"status": "推进中", "activities": 2}
    assert codes(read(saved(book))).count("cell-merged-down") == 1


def test_ranges_that_lie_over_each_other_are_not_followed(book: Workbook) -> None:
    """No program makes them; to follow thousands of them would take for ever."""
    column = letters(book, "progress")
    book[SHEET].merge_cells(f"{column}{FIRST}:{column}{FIRST + 1}")
    sheet = book[SHEET]
    sheet.merged_cells.add(f"{column}{FIRST + 1}:{column}1048576")
    assert "1.2.1" not in {task for task, values in said(book).items() if values.get("progress")}


def test_a_blank_second_row_of_a_task_is_not_filled_in_place_of_the_one_that_answers(book: Workbook) -> None:
    sheet = book[SHEET]
    sheet.cell(FIRST + 1, 2).value = "1.1.1"
    for column in range(4, sheet.max_column + 1):
        sheet.cell(FIRST + 1, column).value = None
    merge_down(book, "progress")
    assert said(book)["1.1.1"] == {
        "status": "推进中",
        "percent": 60,
        "progress": "三个学校开课",
        "activities": 3,
    }
    assert not {"task-twice", "cell-merged-down"} & set(codes(read(saved(book))))


def test_a_row_without_change_by_a_merged_cell_may_say_nothing_elsewhere(book: Workbook) -> None:
    book[SHEET][f"{letters(book, 'unchanged')}{FIRST}"] = "√"
    book[SHEET][f"{letters(book, 'progress')}{FIRST + 1}"] = "无"
    assert "required-nothing" in codes(read(saved(book)))
    merge_down(book, "unchanged")
    assert said(book)["1.1.2"]["unchanged"] == "是"
    assert "required-nothing" not in codes(read(saved(book)))


@pytest.mark.libreoffice
@pytest.mark.parametrize("kind", ["xls", "ods", "xlsx"])
def test_a_merged_cell_is_seen_in_every_format_that_says_so(
    convert: Convert, book: Workbook, kind: str, tmp_path: Path
) -> None:
    merge_down(book, "progress")
    path = tmp_path / "报送.xlsx"
    path.write_bytes(saved(book))
    path = convert(path, kind, tmp_path / kind)
    assert values_of(read(path.read_bytes(), path.name))["1.1.2"] == {
        "progress": "三个学校开课",
        "activities": 2,
    }
