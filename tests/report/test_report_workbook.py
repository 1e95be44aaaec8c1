"""The workbook as other programs read it: sheets, cells and their kinds, links, print set-up."""

from __future__ import annotations

import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook
from report_data import MADE, SHIPPED, build, task_of, whole_plan

from kepu_xls.appearance import ReportSettings
from kepu_xls.errors import SurroundingsError
from kepu_xls.model import (
    Answer,
    Field,
    FieldType,
    Finding,
    Indicator,
    IndicatorValue,
    MergeRule,
    Place,
    Severity,
)
from kepu_xls.outcome import Consolidated, Light, TrendPoint, UnitState
from kepu_xls.report import SHEETS, write_report

CONTRACT = (
    "总体情况",
    "任务进展",
    "单位报送",
    "量化指标",
    "与上期对比",
    "问题与滞后",
    "校验结果",
    "明细数据",
)
TASKS = [task_of("1.1.1", "甲局", "乙局"), task_of("1.1.2", "乙局"), task_of("1.1.10", "甲局、乙局")]


def written(data: Consolidated, folder: Path, paper: str = "A3") -> openpyxl.Workbook:
    path = folder / "汇总.xlsx"
    write_report(data, ReportSettings(paper=paper), path)
    assert CalamineWorkbook.from_path(str(path)).sheet_names == list(CONTRACT)
    return openpyxl.load_workbook(path)


def words(sheet: Worksheet) -> str:
    return "\n".join(
        str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None
    )


def column(sheet: Worksheet, label: str) -> list[object]:
    for row in sheet.iter_rows():
        for cell in row:
            if str(cell.value).replace("\n", "") == label:
                return [
                    sheet.cell(number, cell.column).value for number in range(cell.row + 1, sheet.max_row + 1)
                ]
    raise AssertionError(label)


def test_the_sheets_are_those_of_the_contract(tmp_path: Path) -> None:
    assert SHEETS == CONTRACT
    assert tuple(written(whole_plan(), tmp_path).sheetnames) == CONTRACT


def test_detail_is_a_plain_table_of_typed_values_one_row_an_entry(tmp_path: Path) -> None:
    said = {
        "1.1.10": {"乙局": {"percent": 5}, "甲局": {"unchanged": "是", "status": "推进中"}},
        "1.1.1": {
            "乙局": {"activities": 2},
            "甲局": {"percent": 46.5, "funds": 1.25, "expected_date": "2019-12-31"},
        },
    }
    sheet = written(build(TASKS, said), tmp_path)["明细数据"]
    header, *rows = sheet.iter_rows(values_only=True)
    labels = [field.label for field in SHIPPED.fields]
    assert list(header) == [
        "期次",
        "单位",
        "角色",
        "任务编号",
        "项目",
        "主要任务",
        *labels,
        "来源文件",
        "来源行",
    ]
    assert [row[1:4] for row in rows] == [
        ("甲局", "牵头", "1.1.1"),
        ("乙局", "参加", "1.1.1"),
        ("乙局", "牵头", "1.1.10"),
        ("甲局", "牵头", "1.1.10"),
    ]
    first = dict(zip(header, rows[0], strict=True))
    assert first["期次"] == "2019-W12"
    assert (first["完成率(%)"], first["投入经费(万元)"]) == (46.5, 1.25)
    assert first["预计完成时间"] == datetime(2019, 12, 31)  # noqa: DTZ001 - a cell's date has no zone
    assert (first["来源文件"], first["来源行"]) == ("甲局_2019-W12.xlsx", 10)
    assert dict(zip(header, rows[1], strict=True))["开展活动(场次)"] == 2
    assert not sheet.merged_cells.ranges
    assert sheet.auto_filter.ref == f"A1:{openpyxl.utils.get_column_letter(len(header))}5"
    assert sheet.freeze_panes == "E2"


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "http://x.example.com", "{=1}", "007"]
)
def test_what_people_typed_is_never_a_formula_or_link(text: str, tmp_path: Path) -> None:
    task = task_of("1.1.1", text, project=text, part=text, text=text)
    place = Place(text, text, "C3")
    finding = Finding("x", Severity.ERROR, text, text, place, text, "1.1.1")
    fields = {"progress": text, "problems": text, "status": text, "evidence": text}
    data = build([task], {"1.1.1": {text: fields}}, findings=(finding,), states={text: {"file": text}})
    book = written(data, tmp_path)
    kinds = {(cell.data_type, cell.value) for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in {kind for kind, _ in kinds}
    assert ("s", text) in kinds
    links = [cell.hyperlink for sheet in book for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    assert links
    assert all(link.target is None and "明细数据" in link.location for link in links)


def test_numbers_of_the_detail_add_up_to_what_is_told_of_the_task(tmp_path: Path) -> None:
    units = [f"{index}局" for index in range(30)]
    said = {unit: {"funds": 3.4567} for unit in units}
    data = build([task_of("1.1.1", units[0], "、".join(units[1:]))], {"1.1.1": said})
    funds = column(written(data, tmp_path)["明细数据"], "投入经费(万元)")
    assert funds == [3.4567] * 30
    assert sum(funds) == pytest.approx(data.rows[0].values["funds"])


def test_small_amounts_are_told_with_the_decimals_that_make_them_differ(tmp_path: Path) -> None:
    task, asked = task_of("1.1.1"), Indicator("1.1.1", "基地面积", 0.05, "公顷")
    data = build(
        [task],
        {"1.1.1": {"甲局": {"funds": 0.04}}},
        before={"1.1.1": {"甲局": {"funds": 0.03}}},
        indicators=(asked,),
        indicator_values=(IndicatorValue("甲局", "1.1.1", "基地面积", Answer(0.04, "0.04")),),
    )
    book = written(data, tmp_path)
    assert "投入经费\n0.04万元" in words(book["任务进展"])
    assert "投入经费(万元)：0.03→0.04" in words(book["与上期对比"])
    assert "甲局：0.04" in words(book["量化指标"])


def test_the_same_data_give_the_same_bytes_but_for_the_time_of_making(tmp_path: Path) -> None:
    data = whole_plan()
    later = msgspec.structs.replace(data, made=MADE + timedelta(hours=1))
    for name, what in (("a", data), ("b", data), ("c", later)):
        write_report(what, ReportSettings(), tmp_path / f"{name}.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.xlsx") as one, zipfile.ZipFile(tmp_path / "c.xlsx") as other:
        different = {name for name in one.namelist() if one.read(name) != other.read(name)}
        assert one.namelist() == other.namelist()
        stamped = {name for name in one.namelist() if "2019年3月25日 09:30" in one.read(name).decode()}
    assert different == stamped | {"docProps/core.xml"}


def test_widths_are_measured_in_the_default_font_in_every_workbook_that_a_process_writes(
    tmp_path: Path,
) -> None:
    for _ in range(2):
        font = written(build(TASKS), tmp_path)._fonts[0]  # noqa: SLF001 - openpyxl tells it nowhere else
        assert (font.name, font.sz, font.scheme) == ("Courier New", 10, None)


def test_tasks_stand_in_the_plans_layout_with_each_units_words(tmp_path: Path) -> None:
    said = {"1.1.1": {"甲局": {"progress": "开了会"}, "乙局": {"progress": "派了人", "activities": 3}}}
    sheet = written(build(TASKS, said), tmp_path)["任务进展"]
    assert "一、重点行动" in words(sheet)
    assert column(sheet, "任务编号")[1:] == ["1.1.1", "1.1.2", "1.1.10"]
    assert column(sheet, "本期进展情况")[1] == "甲局：开了会\n乙局：派了人"
    assert column(sheet, "进展状态")[1:] == ["未填报"] * 3
    assert column(sheet, "有关数据")[1] == "开展活动\n3场次"
    (project,) = [box for box in sheet.merged_cells.ranges if box.min_col == box.max_col == 1]
    assert project.max_row - project.min_row == 2


def test_fields_that_a_configuration_adds_become_columns_and_those_it_lacks_do_not(tmp_path: Path) -> None:
    fields = (
        Field("progress", "进展"),
        Field("risk", "风险等级", FieldType.CHOICE, choices=("高", "低"), merge=MergeRule.LEAD),
        Field("visits", "走访户数", FieldType.INTEGER, merge=MergeRule.SUM),
    )
    said = {"1.1.1": {"甲局": {"progress": "走访", "risk": "高", "visits": 12}}}
    book = written(build(TASKS, said, fields=fields), tmp_path)
    assert column(book["任务进展"], "有关数据")[1] == "走访户数\n12"
    assert column(book["任务进展"], "风险等级")[1] == "高"
    assert column(book["明细数据"], "走访户数") == [12]
    with pytest.raises(AssertionError):
        column(book["任务进展"], "进展状态")


def test_a_name_that_looks_like_markup_is_shown_where_it_leads_somewhere(tmp_path: Path) -> None:
    data = build([task_of("1.1.1", "<r>甲</r>")], {"1.1.1": {"<r>甲</r>": {"percent": 50}}})
    assert column(written(data, tmp_path)["单位报送"], "单位") == ["<r>甲</r>"]


def test_units_that_need_something_stand_first_and_lead_to_their_rows(tmp_path: Path) -> None:
    said = {"1.1.1": {"甲局": {"status": "推进中"}}}
    sheet = written(build(TASKS, said, states={"甲局": {"errors": 1}}), tmp_path)["单位报送"]
    assert column(sheet, "单位") == ["乙局", "甲局"]
    assert column(sheet, "状态") == ["未报", "已报"]
    assert column(sheet, "牵头任务数") == [2, 2]
    assert column(sheet, "参加任务数") == [1, 0]
    links = {
        cell.value: cell.hyperlink.location for row in sheet.iter_rows() for cell in row if cell.hyperlink
    }
    assert links == {"甲局": "'明细数据'!A2"}


def test_findings_lead_to_the_row_they_speak_of_and_files_not_taken_say_why(tmp_path: Path) -> None:
    book = written(whole_plan(), tmp_path)
    sheet, detail = book["校验结果"], book["明细数据"]
    assert column(sheet, "严重程度") == ["未采用", "错误", "提醒", "已取代", "已忽略"]
    assert column(sheet, "单元格")[1] == "G14"
    assert "文件未采用。不是电子表格" in words(sheet)
    for row in sheet.iter_rows():
        for cell in row:
            if cell.hyperlink:
                target = int(cell.hyperlink.location.split("!A")[1])
                assert detail.cell(target, 4).value == cell.value
                assert detail.cell(target, 2).value == sheet.cell(cell.row, 2).value


def test_indicators_show_target_figure_share_and_whether_the_clerk_has_seen_them(tmp_path: Path) -> None:
    sheet = written(whole_plan(), tmp_path)["量化指标"]
    assert column(sheet, "目标值") == [10, 2, 3, 5, 10]
    assert column(sheet, "累计完成") == [6, 2, 1, None, None]
    assert column(sheet, "完成情况") == ["未达标", "已达标", "未达标", "未填报", "未填报"]
    assert column(sheet, "是否确认") == ["已确认"] + ["待确认"] * 4
    assert column(sheet, "各单位填报")[0] == "区科协：6（另有2个在安装）\n区民政局：6"


def test_what_is_empty_is_said_in_a_sentence(tmp_path: Path) -> None:
    book = written(build(TASKS), tmp_path)
    assert "本方案没有量化指标。" in words(book["量化指标"])
    assert "没有上期数据，不作比较。" in words(book["与上期对比"])
    assert "没有滞后的任务，也没有单位反映问题。" in words(book["问题与滞后"])
    assert "校验没有发现错误和需要提醒的问题。" in words(book["校验结果"])
    assert "目前都还没有报送" in words(book["总体情况"])
    assert book["明细数据"].max_row == 1


def test_a_plan_without_tasks_still_gives_a_workbook(tmp_path: Path) -> None:
    book = written(build([]), tmp_path)
    assert "本期没有任务。" in words(book["任务进展"])
    assert "本期没有需要报送的单位。" in words(book["单位报送"])


def test_all_nil_is_told_with_the_names_and_carried_values_stand_in_the_detail(tmp_path: Path) -> None:
    said = {task.number: {unit: {"unchanged": "是", "percent": 40} for unit in task.leads} for task in TASKS}
    nil = {"state": UnitState.NIL, "nil": True}
    book = written(build(TASKS, said, states={"甲局": nil, "乙局": nil}), tmp_path)
    assert "已全部报送（其中零报告2个：甲局、乙局）" in words(book["总体情况"])
    assert column(book["明细数据"], "完成率(%)") == [40] * 4


def test_three_charts_are_fed_from_cells_of_their_own_sheet(tmp_path: Path) -> None:
    written(whole_plan(), tmp_path)
    with zipfile.ZipFile(tmp_path / "汇总.xlsx") as package:
        charts = [
            package.read(name).decode() for name in package.namelist() if name.startswith("xl/charts/chart")
        ]
    assert len(charts) == 3
    for chart, title in zip(charts, ("各项目完成率与序时进度", "任务状态", "报送状态"), strict=True):
        assert title in chart
        assert "<c:f>总体情况!$" in chart
        assert '<c:showVal val="1"/>' in chart


@pytest.mark.parametrize(("paper", "code"), [("A3", 8), ("A4", 9)])
def test_every_sheet_is_set_up_for_print(paper: str, code: int, tmp_path: Path) -> None:
    for sheet in written(whole_plan(), tmp_path, paper):
        overview, detail = sheet.title == "总体情况", sheet.title == "明细数据"
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.paperSize == code
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (
            1,
            None if overview else 0,
        )
        footer = sheet.oddFooter
        assert footer.right.text.strip().replace("  ", " ") == "第 &P 页 共 &N 页"
        assert all(text in footer.left.text for text in (SHIPPED.plan.title, "2019年第12周", "2019年3月25日"))
        if not overview:
            assert sheet.freeze_panes
            header = sheet.cell(int(sheet.print_title_rows.split("$")[1].rstrip(":")), 1).value
            assert header in (("期次",) if detail else ("项目", "单位", "任务\n编号", "严重\n程度"))


LIGHTS = {"1.1.1": Light("红", "已超过完成时限"), "1.1.2": Light("绿", "进度正常")}


def test_a_light_is_shown_as_a_word_with_its_reason_wherever_it_is(tmp_path: Path) -> None:
    said = {"1.1.1": {"甲局": {"status": "推进中", "percent": 46}}}
    book = written(build(TASKS, said, lights=LIGHTS), tmp_path)
    assert column(book["任务进展"], "灯号及原因")[1:] == ["红灯\n已超过完成时限", "绿灯\n进度正常", None]
    assert column(book["问题与滞后"], "灯号及原因") == ["红灯\n已超过完成时限"]
    assert column(book["问题与滞后"], "类别") == ["红灯"]
    assert "1.1.1 1.1.1的主要任务——红灯：已超过完成时限。" in words(book["总体情况"])
    (counted,) = [row for row in book["总体情况"]["A1:X60"] if "红灯" in [cell.value for cell in row]]
    assert 1 in [cell.value for cell in counted]
    shades = [rule.text for box in book["任务进展"].conditional_formatting for rule in box.rules]
    assert {"红灯", "黄灯", "绿灯", "蓝灯"} <= set(shades)


def test_problems_and_indicators_lead_to_their_rows(tmp_path: Path) -> None:
    book = written(whole_plan(), tmp_path)
    for name in ("问题与滞后", "量化指标"):
        links = [cell for row in book[name].iter_rows() for cell in row if cell.hyperlink]
        assert links
        for cell in links:
            target = int(cell.hyperlink.location.split("!A")[1])
            assert book["明细数据"].cell(target, 4).value == cell.value


def test_tables_that_people_search_can_be_filtered(tmp_path: Path) -> None:
    for sheet in written(whole_plan(), tmp_path):
        assert bool(sheet.auto_filter.ref) == (sheet.title not in ("总体情况", "任务进展"))


@pytest.mark.parametrize("count", [0, 2, 3, 14])
def test_a_trend_is_drawn_from_three_periods_on_and_shows_the_last_twelve(count: int, tmp_path: Path) -> None:
    trend = tuple(TrendPoint(f"2019-W{week:02}", 50.0 + week, 18, 20) for week in range(13 - count, 13))
    if count == 14:
        trend = (TrendPoint("2018-W51", None, 0, 20), *trend[1:])
    sheet = written(build(TASKS, before={}, trend=trend), tmp_path)["与上期对比"]
    assert len(sheet._charts) == (count >= 3)  # noqa: SLF001 - openpyxl tells of charts nowhere else
    shown = [
        text
        for text in words(sheet).split("\n")
        if text.startswith(("2019年第", "2018年第")) and "周" in text
    ]
    assert len([text for text in shown if text.endswith("周")]) == (min(count, 12) if count >= 3 else 0)


@pytest.mark.parametrize("length", [5_000, 40_000])
def test_a_very_long_narrative_is_kept_whole_on_rows_no_higher_than_may_be(
    length: int, tmp_path: Path
) -> None:
    text = "".join(f"第{number}句，举办科普活动Python课。" for number in range(length // 18))
    data = build(TASKS, {"1.1.1": {"甲局": {"progress": text}, "乙局": {"progress": "配合"}}})
    book = written(data, tmp_path)
    shown = "".join(str(cell) for cell in column(book["任务进展"], "本期进展情况") if cell)
    assert shown.replace("\n", "") == f"甲局：{text}乙局：配合"
    detail = book["明细数据"]
    said = [row[9] for row in detail.iter_rows(min_row=2, values_only=True) if row[1] == "甲局"]
    assert "".join(map(str, said)) == text
    assert len(said) == (1 if length < 32_767 else 3)
    for sheet in book:
        assert all((row.height or 15) <= 409 for row in sheet.row_dimensions.values())


def test_a_report_that_is_open_elsewhere_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "汇总.xlsx"
    path.write_bytes(b"old")
    (tmp_path / "~$汇总.xlsx").touch()
    with pytest.raises(SurroundingsError):
        write_report(build(TASKS), ReportSettings(), path)
    assert path.read_bytes() == b"old"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["~$汇总.xlsx", "汇总.xlsx"]


def test_a_folder_that_cannot_be_written_is_a_failure_of_the_surroundings(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SurroundingsError):
        write_report(build(TASKS), ReportSettings(), tmp_path / "file" / "汇总.xlsx")
