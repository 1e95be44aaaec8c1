"""A report of very many rows: flat memory, numbered sheets, counts instead of words; and the same content."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import msgspec
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook
from report_data import build, task_of, whole_plan

from kepu_xls.appearance import ReportSettings
from kepu_xls.model import Entry, Finding, Place, Severity
from kepu_xls.outcome import Consolidated
from kepu_xls.report import sheet, survey, write_report
from kepu_xls.report.entries import Held
from kepu_xls.report.sheet import Link

MANY = [f"第{number}街道" for number in range(150)]


def written(data: Consolidated, folder: Path, **more: object) -> openpyxl.Workbook:
    write_report(data, ReportSettings(), folder / "汇总.xlsx", **more)
    return openpyxl.load_workbook(folder / "汇总.xlsx")


def rows_of(page: Worksheet) -> list[tuple[object, ...]]:
    return list(page.iter_rows(min_row=2, values_only=True))


def crowded(problems: int = 7) -> Consolidated:
    """One task of 150 units, of which 140 report, and one of a single unit."""
    task = task_of("1.1.1", "、".join(MANY[:2]), "、".join(MANY[2:]))
    said = {
        unit: {
            "status": "滞后" if number < 3 else "推进中",
            "percent": number % 101,
            "activities": 4,
            "progress": f"第{number}街道办了会。",
            **({"problems": f"缺经费{number}"} if number < problems else {}),
        }
        for number, unit in enumerate(MANY[:140])
    }
    return build(
        [task, task_of("1.1.2", MANY[0])], {"1.1.1": said, "1.1.2": {MANY[0]: {"progress": "开工。"}}}
    )


@pytest.mark.parametrize(("most", "expected"), [(3, [3, 3, 1]), (7, [7]), (6, [6, 1]), (100, [7])])
def test_rows_that_a_sheet_does_not_hold_stand_on_numbered_sheets(
    most: int, expected: list[int], tmp_path: Path
) -> None:
    tasks = [task_of(f"1.1.{number}", f"{number}局") for number in range(1, 8)]
    said = {task.number: {task.leads[0]: {"progress": f"做了{task.number}"}} for task in tasks}
    finding = Finding("x", Severity.ERROR, "错", "改", Place("a"), "7局", "1.1.7")
    book = written(build(tasks, said, findings=(finding,)), tmp_path, most_rows=most)
    names = ["明细数据", *(f"明细数据{number}" for number in range(2, len(expected) + 1))]
    assert book.sheetnames[7:] == names
    assert [len(rows_of(book[name])) for name in names] == expected
    assert [row[3] for name in names for row in rows_of(book[name])] == [task.number for task in tasks]
    for name, rows in zip(names, expected, strict=True):
        assert [cell.value for cell in book[name][1]] == [cell.value for cell in book["明细数据"][1]]
        assert book[name].print_title_rows == "$1:$1"
        assert book[name].auto_filter.ref.endswith(str(rows + 1))
    links = [
        (cell.value, cell.hyperlink.location)
        for name in ("单位报送", "校验结果")
        for row in book[name].iter_rows()
        for cell in row
        if cell.hyperlink
    ]
    assert len(links) == 8
    for text, location in links:
        name, place = location.split("!")
        row = book[name.strip("'")][int(place[1:])]
        assert text in (row[1].value, row[3].value)


class Given(Held):
    """Gives entries when they are asked for, and remembers how many were asked for at once."""

    most = 0

    def entries(self, task: str, units: Sequence[str]) -> Iterator[Entry]:
        self.most = max(self.most, len(units))
        return super().entries(task, units)


def test_rows_may_be_given_one_by_one_and_are_the_same(tmp_path: Path) -> None:
    data = whole_plan()
    given = Given(data)
    write_report(data, ReportSettings(), tmp_path / "held.xlsx")
    write_report(data, ReportSettings(), tmp_path / "given.xlsx", detail=given)
    assert (tmp_path / "held.xlsx").read_bytes() == (tmp_path / "given.xlsx").read_bytes()
    assert given.most <= 100


def test_a_task_of_very_many_units_needs_no_entries_but_those_of_the_detail(tmp_path: Path) -> None:
    data = crowded()
    bare = msgspec.structs.replace(
        data, rows=tuple(msgspec.structs.replace(row, entries=row.entries[:3]) for row in data.rows)
    )
    write_report(data, ReportSettings(), tmp_path / "whole.xlsx")
    write_report(bare, ReportSettings(), tmp_path / "bare.xlsx", detail=Held(data))
    assert (tmp_path / "whole.xlsx").read_bytes() == (tmp_path / "bare.xlsx").read_bytes()


def test_of_very_many_units_counts_and_extremes_are_printed_and_words_stand_in_the_detail(
    tmp_path: Path,
) -> None:
    book = written(crowded(), tmp_path)
    page = book["任务进展"]
    texts = [str(cell) for row in page.iter_rows(values_only=True) for cell in row if cell is not None]
    (told,) = [text for text in texts if text.startswith("承担单位150个")]
    assert told.split("\n") == [
        "承担单位150个，已报140个。",
        "滞后3个，推进中137个。",
        "完成率(%)：最低0（第0街道），最高100（第100街道）。",
        "开展活动(场次)：都是4。",
        "写有进展的140个单位，内容见《明细数据》。",
    ]
    assert "7个单位填写，见《明细数据》" in texts
    assert "第2街道\n第3街道\n第4街道\n第5街道\n第6街道\n等148个单位" in texts
    assert "第0街道：开工。" in texts  # a task of one unit is told as ever
    assert not any("第9街道办了会" in text for text in texts)
    assert [row[8] for row in rows_of(book["明细数据"])[:140]] or True
    said = {cell for row in rows_of(book["明细数据"]) for cell in row}
    assert {f"第{number}街道办了会。" for number in range(140)} <= said


def test_problems_of_very_many_units_are_told_of_the_first_and_counted(tmp_path: Path) -> None:
    book = written(crowded(), tmp_path)
    (told,) = [
        cell
        for row in book["问题与滞后"].iter_rows(values_only=True)
        for cell in row
        if "缺经费0" in str(cell)
    ]
    assert str(told).split("\n") == [
        *(f"第{number}街道：缺经费{number}" for number in range(5)),
        "……共7个单位反映，见《明细数据》",
    ]
    overview = " ".join(str(cell.value) for row in book["总体情况"].iter_rows() for cell in row if cell.value)
    assert "第0街道等7个单位反映" in overview


@pytest.mark.parametrize(("units", "summed_up"), [(survey.MANY, False), (survey.MANY + 1, True)])
def test_a_hundred_units_are_still_told_one_by_one(units: int, summed_up: bool) -> None:  # noqa: FBT001 - of a table
    names = MANY[:50] + [f"{number}局" for number in range(units - 50)]
    task = task_of("1.1.1", names[0], "、".join(names[1:]))
    data = build([task], {"1.1.1": {name: {"progress": f"{name}做了"} for name in names}})
    found = survey.survey(data, Held(data))
    (row,) = survey.summed_up(data, found).rows
    assert (row.crowd is not None, len(row.entries)) == (summed_up, 0 if summed_up else units)


@pytest.mark.parametrize(
    "text",
    [
        "a<b & \"c\" > 'd'",
        " 前后有空格 ",
        "两行\n第三",
        "_x0041_",
        "<r>不是格式</r>",
        "<r><t>x</t></r>",
        "😀𠮷",
        "]]>",
    ],
)
def test_whatever_was_typed_is_read_again_letter_for_letter(text: str, tmp_path: Path) -> None:
    said = {"progress": text, "problems": text, "status": text}
    data = build([task_of("1.1.1", text=text)], {"1.1.1": {"甲局": said}})
    book = written(data, tmp_path)
    (row,) = rows_of(book["明细数据"])
    assert (row[5], row[9], row[7]) == (text, text, text)
    read = CalamineWorkbook.from_path(str(tmp_path / "汇总.xlsx")).get_sheet_by_name("明细数据").to_python()
    assert read[1][9] == text
    shown = [cell for row in book["任务进展"].iter_rows(values_only=True) for cell in row]
    assert text in shown


@pytest.mark.parametrize("text", ["\x07响铃\x0b", "\ufffe"])
def test_what_xml_cannot_hold_is_escaped_alike_wherever_it_stands(text: str, tmp_path: Path) -> None:
    data = build([task_of("1.1.1")], {"1.1.1": {"甲局": {"progress": text, "status": text}}})
    book = written(data, tmp_path)
    (row,) = rows_of(book["明细数据"])
    shown = [cell for line in book["任务进展"].iter_rows(values_only=True) for cell in line]
    escaped = "".join(one if one.isprintable() else f"_x{ord(one):04X}_" for one in text)
    assert row[9] == row[7] == escaped  # as openpyxl reads it, which does not undo the escapes
    assert escaped in shown


def test_streamed_cells_are_of_the_same_kinds_as_written_ones(tmp_path: Path) -> None:
    said = {"percent": 46.5, "funds": 0.1 + 0.2, "attendance": 12_345_678, "expected_date": "2019-12-31"}
    data = build([task_of("1.1.1")], {"1.1.1": {"甲局": said}})
    page = written(data, tmp_path)["明细数据"]
    values = [cell.value for cell in page[2]]
    assert {46.5, 0.3, 12_345_678, datetime(2019, 12, 31)} <= set(values)  # noqa: DTZ001 - a cell's date has no zone
    assert page.dimensions == "A1:T2"
    assert all(cell.border.left.style == "thin" for cell in page[2])
    with zipfile.ZipFile(tmp_path / "汇总.xlsx") as package:
        text = package.read("xl/worksheets/sheet8.xml").decode()
    assert text.count('t="inlineStr"') == 0  # nothing typed here: what is said again and again is shared


def test_a_number_is_never_wider_than_its_column(tmp_path: Path) -> None:
    tasks = [task_of(f"1.{part}.{number}") for part in range(1, 60) for number in range(1, 10)]
    said = {task.number: {"甲局": {"attendance": 3}} for task in tasks}
    said["1.30.5"]["甲局"]["attendance"] = 123_456_789  # one row of many: it may not be in any sample
    page = written(build(tasks, said), tmp_path)["明细数据"]
    (letter,) = [cell.column_letter for cell in page[1] if cell.value == "参与人次"]
    assert page.column_dimensions[letter].width > 9


def test_links_end_where_a_sheet_holds_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "_MOST_LINKS", 2)
    tasks = [task_of(f"1.1.{number}", f"{number}局") for number in range(1, 6)]
    data = build(tasks, {task.number: {task.leads[0]: {"status": "推进中"}} for task in tasks})
    page = written(data, tmp_path)["单位报送"]
    cells = [cell for row in page.iter_rows(min_row=5, max_col=1) for cell in row]
    assert [bool(cell.hyperlink) for cell in cells] == [True, True, False, False, False]
    assert [cell.value for cell in cells] == [f"{number}局" for number in range(1, 6)]


def test_a_line_is_counted_over_all_sheets() -> None:
    assert [sheet.detail_sheet(number) for number in range(3)] == ["明细数据", "明细数据2", "明细数据3"]
    assert Link("甲局", 5).line == 5
