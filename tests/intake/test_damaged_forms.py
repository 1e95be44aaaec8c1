"""Real forms, damaged as people damage them, read as what was meant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from filled_forms import (
    ANSWERS,
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

from kepu_xls import identity
from kepu_xls.checks import check_submission
from kepu_xls.model import FileStatus, TiedBy

Damage = Callable[[Workbook], Workbook]
KEYS = HEADER - 1


@pytest.fixture
def book(tmp_path: Path) -> Workbook:
    return fill(blank_form(tmp_path / "form.xlsx"))


def as_it_was(book: Workbook) -> Workbook:
    return book


def row_inserted(book: Workbook) -> Workbook:
    rows = rows_of(book[SHEET])
    rows.insert(FIRST, [])
    rows.insert(0, ["", "各位领导："])
    return rewritten(book, rows)


def rows_sorted(book: Workbook) -> Workbook:
    rows = rows_of(book[SHEET])
    rows[FIRST - 1 : LAST] = rows[FIRST - 1 : LAST][::-1]
    return rewritten(book, rows)


def column_inserted(book: Workbook) -> Workbook:
    rows = rows_of(book[SHEET])
    for row in rows:
        row.insert(7, None)
    rows[HEADER - 1][7] = "科室意见"
    rows[FIRST - 1][7] = "同意"
    return rewritten(book, rows)


def columns_moved(book: Workbook) -> Workbook:
    """The text and number of a task to the far end, the fields the other way round."""
    rows = rows_of(book[SHEET])
    return rewritten(book, [[row[0], *reversed(row[1:])] for row in rows])


def hidden_column_deleted(book: Workbook) -> Workbook:
    return rewritten(book, [row[1:] for row in rows_of(book[SHEET])])


def column_cut_and_pasted_below_the_hidden_row(book: Workbook) -> Workbook:
    """Two visible columns change places from the header down; the hidden keys stay where they were."""
    rows = rows_of(book[SHEET])
    for row in rows[HEADER - 1 : LAST]:
        row[9], row[17] = row[17], row[9]
    return rewritten(book, rows)


def key_row_deleted(book: Workbook) -> Workbook:
    rows = rows_of(book[SHEET])
    del rows[KEYS - 1]
    return rewritten(book, rows)


def sheet_renamed(book: Workbook) -> Workbook:
    book[SHEET].title = "Sheet1"
    return book


def header_over_two_rows(book: Workbook) -> Workbook:
    """完成率 above (%), 开展活动 above (场次), a group head above two; and no key row."""
    rows = rows_of(book[SHEET])
    head = rows[HEADER - 1]
    above, below = list(head), [None] * len(head)
    for column, label in enumerate(head):
        if isinstance(label, str) and "(" in label:
            above[column], below[column] = label[: label.index("(")], label[label.index("(") :]
    problems = head.index("存在问题")
    above[problems : problems + 2], below[problems : problems + 2] = (
        ["问题和计划", None],
        ["存在问题", "下一步计划"],
    )
    rows[KEYS - 1 : HEADER] = [above, below]
    return rewritten(book, rows)


def header_in_other_words(book: Workbook) -> Workbook:
    other = {
        "进展状态": "状 态",
        "完成率(%)": "*完成率（％）",
        "本期进展情况": "本周\n进展",
        "投入经费(万元)": "经费",
        "备注": "备 注（选填）",
    }
    rows = rows_of(book[SHEET])
    del rows[KEYS - 1]
    rows[KEYS - 1] = [other.get(str(label), label) for label in rows[KEYS - 1]]
    return rewritten(book, rows)


def notes_above_and_below(book: Workbook) -> Workbook:
    rows = [["说明：请于周五前报送，备注可不填"], *rows_of(book[SHEET]), [], ["", "备注", "以上数据截至周四"]]
    return rewritten(book, rows)


def identity_sheet_deleted(book: Workbook) -> Workbook:
    del book[identity.IDENTITY_SHEET]
    return book


def only_visible_values_copied(book: Workbook) -> Workbook:
    """A new workbook with the visible values of one sheet: no identity, no keys, no hidden numbers."""
    rows = [row[1:] for number, row in enumerate(rows_of(book[SHEET]), 1) if number != KEYS]
    return copied(rows)


def only_the_table_copied_elsewhere(book: Workbook) -> Workbook:
    """The table alone, five rows down and three columns right of the corner, without any title."""
    rows = [row[1:] for row in rows_of(book[SHEET])[HEADER - 1 : LAST]]
    return copied([[], [], [], [], [], *([None, None, None, *row] for row in rows)])


def without_numbers(book: Workbook) -> Workbook:
    """Neither hidden nor visible numbers: only the texts of the tasks are left."""
    rows = [row[2:] for number, row in enumerate(rows_of(book[SHEET]), 1) if number != KEYS]
    return copied(rows)


def copied(rows: list[list[object]]) -> Workbook:
    book = Workbook()
    book.active.title = "工作表1"
    for row in rows:
        book.active.append(row)
    return book


def everything_else_deleted(book: Workbook) -> Workbook:
    for name in book.sheetnames:
        if name != SHEET:
            del book[name]
    return book


TIED = [
    (as_it_was, TiedBy.IDENTITY, set()),
    (row_inserted, TiedBy.IDENTITY, set()),
    (rows_sorted, TiedBy.IDENTITY, set()),
    (column_inserted, TiedBy.IDENTITY, set()),
    (columns_moved, TiedBy.IDENTITY, set()),
    (hidden_column_deleted, TiedBy.IDENTITY, {"form-keys-missing"}),
    (column_cut_and_pasted_below_the_hidden_row, TiedBy.IDENTITY, {"column-moved"}),
    (key_row_deleted, TiedBy.IDENTITY, {"form-keys-missing"}),
    (sheet_renamed, TiedBy.IDENTITY, set()),
    (header_over_two_rows, TiedBy.IDENTITY, {"form-keys-missing"}),
    (header_in_other_words, TiedBy.IDENTITY, {"form-keys-missing"}),
    (notes_above_and_below, TiedBy.IDENTITY, set()),
    (identity_sheet_deleted, TiedBy.LABELS, {"form-unit-told", "form-period-told"}),
    (everything_else_deleted, TiedBy.LABELS, {"form-unit-told", "form-period-told"}),
    (
        only_visible_values_copied,
        TiedBy.LABELS,
        {"form-unit-told", "form-period-told", "form-keys-missing"},
    ),
    (
        only_the_table_copied_elsewhere,
        TiedBy.LABELS,
        {"form-unit-told", "form-period-assumed", "form-keys-missing"},
    ),
    (
        without_numbers,
        TiedBy.TASKS,
        {"form-unit-told", "form-period-assumed", "form-keys-missing", "form-rows-by-text"},
    ),
]


@pytest.mark.parametrize(("damage", "tied_by", "told"), TIED)
def test_a_damaged_form_reads_to_the_same_entries_and_each_step_down_is_told(
    book: Workbook, damage: Damage, tied_by: TiedBy, told: set[str]
) -> None:
    record = read(saved(damage(book)))
    assert values_of(record) == VALUES
    assert record.submission is not None
    assert (record.unit, record.period, record.submission.tied_by) == (UNIT, PERIOD, tied_by)
    assert set(codes(record)) - {"date-year-completed"} == told
    assert record.status is FileStatus.ACCEPTED


@pytest.mark.parametrize(
    "damage", [row_inserted, rows_sorted, column_inserted, only_the_table_copied_elsewhere]
)
def test_every_answer_names_the_cell_that_it_stands_in(book: Workbook, damage: Damage) -> None:
    damaged = damage(book)
    record = read(saved(damaged))
    assert record.submission is not None
    typed = {str(value) for row in ANSWERS.values() for value in row.values()}
    seen = set()
    for entry in record.submission.entries:
        for answer in entry.answers.values():
            value = damaged[entry.sheet][answer.cell].value
            assert str(value or "") == answer.raw
            assert answer.cell.endswith(str(entry.row))
            seen.add(answer.raw)
    assert seen == typed | {""}


def test_form_level_answers_and_indicators_are_read(book: Workbook) -> None:
    submission = read(saved(book)).submission
    assert submission is not None
    said = {key: answer.value for key, answer in submission.form_answers.items()}
    assert said == {"reporter": "某某", "phone": "13800000000", "report_date": "2019-03-22", "reviewer": None}
    (value,) = submission.indicator_values
    assert (value.task, value.indicator, value.answer.value) == ("1.1.1", "互动大屏", 8)


@pytest.mark.parametrize(("note", "expected"), [("另有2个在建", "另有2个在建"), (None, "")])
def test_a_note_beside_an_indicator_is_read_where_it_has_its_column(
    book: Workbook, note: str | None, expected: str
) -> None:
    sheet = next(one for one in book if any(cell.value == "互动大屏" for row in one for cell in row))
    (heads,) = [row for row in sheet if any(cell.value == "说明" for cell in row)]
    (column,) = [cell.column for cell in heads if cell.value == "说明"]
    if note is None:
        sheet.delete_cols(column)
    else:
        row = next(cell.row for row in sheet for cell in row if cell.value == "互动大屏")
        sheet.cell(row, column).value = note
    submission = read(saved(book)).submission
    assert submission is not None
    (value,) = submission.indicator_values
    assert (value.answer.value, value.note) == (8, expected)


def test_a_label_and_its_answer_in_one_cell_are_read(book: Workbook) -> None:
    sheet = book[SHEET]
    row = next(cell.row for cell in sheet["B"] if cell.value == "填报人：")
    rows = rows_of(sheet)
    rows[row - 1] = [
        "",
        "填报人：王某   联系电话: 0591-1234567",
        None,
        "审核人：",
        None,
        "填报日期：2019年3月22日",
    ]
    submission = read(saved(rewritten(book, rows))).submission
    assert submission is not None
    said = {key: answer.value for key, answer in submission.form_answers.items()}
    assert said == {
        "reporter": "王某",
        "phone": "0591-1234567",
        "report_date": "2019-03-22",
        "reviewer": None,
    }


def test_a_form_whose_phone_book_is_blank_is_checked_at_the_true_cell(book: Workbook) -> None:
    row = next(cell.row for cell in book[SHEET]["B"] if cell.value == "填报人：")
    book[SHEET].cell(row, 4).value = None
    record = read(saved(book))
    assert record.submission is not None
    (missing,) = check_submission(record.submission, OPENED, "附件.xlsx")
    assert (missing.code, missing.place.cell) == ("form-field-missing", f"D{row}")
