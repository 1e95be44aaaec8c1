from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.drawing.image import Image
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image as Picture

from kepu_xls import config, forms, identity
from kepu_xls.model import Plan

Content = Callable[..., forms.FormContent]
Write = Callable[..., Path]
Restyle = Callable[[Callable[[Workbook], object]], Path]


def logo(colour: str = "red") -> Image:
    data = BytesIO()
    Picture.new("RGB", (40, 20), colour).save(data, "PNG")
    return Image(data)


def sheet_of(book: Workbook) -> Worksheet:
    return book[identity.FORM_SHEET]


def read(path: Path) -> Worksheet:
    return sheet_of(load_workbook(path))


def row_of_keys(sheet: Worksheet) -> int:
    return next(row for row in range(1, 20) if sheet.cell(row, 1).value == identity.TASK_KEY)


def test_fonts_widths_heights_colours_and_paper_of_the_template_are_kept(
    content: Content, write: Write, restyle: Restyle
) -> None:
    def change(book: Workbook) -> None:
        sheet = sheet_of(book)
        sheet["B1"].font = Font(name="华文中宋", sz=26)
        sheet["D6"].font = Font(name="楷体", sz=12)
        sheet["R5"].fill = PatternFill("solid", start_color="FF123456", end_color="FF123456")
        sheet.column_dimensions["D"].width = 50
        sheet.row_dimensions[1].height = 60
        sheet.row_dimensions[10].height = 77
        sheet.row_dimensions[6].height = 99
        sheet.page_setup.paperSize = sheet.PAPERSIZE_A3
        sheet.page_setup.orientation = "portrait"
        sheet.oddFooter.center.text = "内部资料 &P"

    sheet = read(write(content("区科协"), restyle(change)))
    assert (sheet["B1"].font.name, sheet["B1"].font.sz, sheet.row_dimensions[1].height) == (
        "华文中宋",
        26,
        60,
    )
    assert (sheet["D7"].font.name, sheet["D9"].font.name) == ("楷体", "宋体")
    assert sheet["R6"].fill.fgColor.rgb == "FF123456"
    assert sheet.column_dimensions["D"].width == 50
    assert sheet.row_dimensions[44].height == 77
    assert sheet.row_dimensions[8].height >= 99
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (8, "portrait")
    assert sheet.oddFooter.center.text == "内部资料 &P"
    assert sheet.page_setup.fitToWidth == 1


def test_extra_rows_of_text_move_the_table_and_are_filled_in(
    content: Content, write: Write, restyle: Restyle, plan: Plan
) -> None:
    def change(book: Workbook) -> None:
        sheet = sheet_of(book)
        for area in list(sheet.merged_cells.ranges):
            sheet.unmerge_cells(str(area))
        sheet.insert_rows(4, 2)
        sheet["B4"] = "请{{单位}}于{{截止时间}}前报送。"
        sheet["B14"] = "注：共 {{任务数}} 项"
        sheet.merge_cells("B14:F14")

    sheet = read(write(content("区科协"), restyle(change)))
    assert sheet["B4"].value == "请区科协于2019年3月22日17:00前报送。"
    assert row_of_keys(sheet) == 7
    numbers = [sheet.cell(row, 1).value for row in range(9, 44)]
    assert numbers == [task.number for task, _ in plan.duties_of("区科协")]
    assert sheet["B48"].value == "注：共 35 项"
    assert "B48:F48" in {str(area) for area in sheet.merged_cells.ranges}


def test_columns_may_be_reordered_and_context_left_out(
    content: Content, write: Write, restyle: Restyle
) -> None:
    def change(book: Workbook) -> None:
        sheet = sheet_of(book)
        sheet["C5"], sheet["R5"] = "{{备注}}", "{{上期进展}}"
        sheet["F5"] = "{{项目}}"
        sheet["E5"] = "领导签字"  # a column of their own in place of 承担角色

    sheet = read(write(content("区科协"), restyle(change)))
    keys = {cell.value: cell.column_letter for cell in sheet[5] if cell.value}
    assert (keys["remarks"], keys[identity.PREVIOUS_KEY], keys[identity.PROJECT_KEY]) == ("C", "R", "F")
    assert identity.ROLE_KEY not in keys
    assert sheet["E6"].value == "领导签字"
    assert sheet["E7"].value is None
    assert str(sheet["R7"].value).startswith("开展讲座3场。")
    assert [sheet[f"{letter}7"].protection.locked for letter in "CRFE"] == [False, True, True, True]


def test_a_single_model_row_serves_both_roles(content: Content, write: Write, restyle: Restyle) -> None:
    def change(book: Workbook) -> None:
        sheet = sheet_of(book)
        sheet["E7"] = None
        sheet["C7"] = "本行是表尾"

    sheet = read(write(content("区科协"), restyle(change)))
    assert sheet["C7"].fill.fgColor.rgb == sheet["C20"].fill.fgColor.rgb
    assert sheet["C42"].value == "本行是表尾"


def test_pictures_survive_and_those_below_the_table_move_with_it(
    content: Content, write: Write, restyle: Restyle
) -> None:
    def change(book: Workbook) -> None:
        sheet_of(book).add_image(logo("red"), "C1")
        sheet_of(book).add_image(logo("blue"), "F10")

    for name in ("one.xlsx", "two.xlsx"):  # the second form too: a template is used many times
        sheet = read(write(content("区科协"), restyle(change), name))
        anchors = [(image.anchor._from.col, image.anchor._from.row + 1) for image in sheet._images]  # noqa: SLF001
        assert anchors == [(2, 1), (5, 44)]


def test_a_link_below_the_table_moves_with_its_cell(content: Content, write: Write, restyle: Restyle) -> None:
    def change(book: Workbook) -> None:
        sheet_of(book)["B10"] = "查看通知"
        sheet_of(book)["B10"].hyperlink = "https://example.com/notice"

    sheet = read(write(content("区科协"), restyle(change)))
    linked = [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    assert (linked, sheet["B44"].value) == (["B44"], "查看通知")


def test_other_sheets_of_the_template_survive_with_their_placeholders_filled(
    content: Content, write: Write, restyle: Restyle
) -> None:
    def change(book: Workbook) -> None:
        book.create_sheet("通知", 0).append(["各单位：请{{单位}}填报{{期次}}"])
        book.active = 0

    book = load_workbook(write(content("区科协"), restyle(change)))
    assert book.sheetnames == ["通知", "进展填报表", "量化指标填报", "填表说明", "_kepu"]
    assert book["通知"]["A1"].value == "各单位：请区科协填报2019年第12周（3月18日—3月24日）"
    assert book.active.title == identity.FORM_SHEET
    assert not book["通知"].sheet_view.tabSelected


def test_fonts_inside_a_text_are_kept(content: Content, write: Write, restyle: Restyle) -> None:
    red = InlineFont(color="FFFF0000", b=True)

    def change(book: Workbook) -> None:
        sheet_of(book)["B3"] = CellRichText("请", TextBlock(red, "{{单位}}"), "务必按时报送")
        sheet_of(book)["E3"] = CellRichText(
            "共{{任", TextBlock(red, "务数}}"), "项"
        )  # cut in two by its fonts

    sheet = sheet_of(load_workbook(write(content("区科协"), restyle(change)), rich_text=True))
    text = sheet["B3"].value
    assert str(text) == "请区科协务必按时报送"
    assert isinstance(text[1], TextBlock)
    assert text[1].font.b
    assert str(sheet["E3"].value) == "共35项"


def test_columns_described_together_in_the_file_keep_their_widths(
    content: Content, write: Write, restyle: Restyle
) -> None:
    def change(book: Workbook) -> None:
        columns = sheet_of(book).column_dimensions
        for letter in "BC":
            del columns[letter]
        columns["A"].hidden, columns["A"].width = False, 9.5
        columns["A"].min, columns["A"].max = 1, 3  # as Excel writes three columns of one width

    sheet = read(write(content("区科协"), restyle(change)))
    assert [sheet.column_dimensions[letter].hidden for letter in "ABC"] == [True, False, False]
    assert [sheet.column_dimensions[letter].width for letter in "BC"] == [9.5, 9.5]


def test_what_would_disturb_is_not_taken_over(content: Content, write: Write, restyle: Restyle) -> None:
    def change(book: Workbook) -> None:
        sheet = sheet_of(book)
        sheet.protection.set_password("1234")
        sheet.freeze_panes = "A2"
        sheet.sheet_view.topLeftCell = "A5"
        sheet.auto_filter.ref = "B5:C7"
        sheet.print_area = "B1:R10"
        sheet.row_breaks.append(Break(6))
        sheet.sheet_state = "hidden"
        stale = DataValidation("list", '"甲,乙"')
        stale.add("C6")
        sheet.add_data_validation(stale)
        book.create_sheet("通知")

    sheet = read(write(content("区科协"), restyle(change)))
    assert sheet.protection.sheet
    assert sheet.protection.password is None
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("E7", "B6:R41")
    assert sheet.print_area == "'进展填报表'!$B$1:$R$44"
    assert not sheet.row_breaks.brk
    assert sheet.sheet_state == "visible"
    assert sheet.sheet_view.topLeftCell is None
    assert not any("甲" in str(one.formula1) for one in sheet.data_validations.dataValidation)


def test_a_title_that_wraps_makes_its_row_higher(content: Content, write: Write, restyle: Restyle) -> None:
    path = restyle(lambda book: sheet_of(book).row_dimensions[1].__setattr__("height", 20))
    sheet = read(write(content("区科协", plan_title="实施方案" * 60), path))
    assert sheet.row_dimensions[1].height > 60


def test_legend_cells_may_be_left_out(
    content: Content, write: Write, restyle: Restyle, settings: config.Config
) -> None:
    def change(book: Workbook) -> None:
        for cell in ("K4", "M4", "P4"):
            sheet_of(book)[cell] = "图例"

    sheet = read(write(content("区科协"), restyle(change)))
    colours = {sheet.cell(6, column).fill.fgColor.rgb for column in range(7, 7 + len(settings.fields))}
    assert len(colours) == 1  # as the template has them
    assert any(area.rules for area in sheet.conditional_formatting)


@pytest.mark.parametrize("braces", ["｛｛单位｝｝", "{{ 单位 }}"])
def test_braces_as_people_type_them_are_understood(
    content: Content, write: Write, restyle: Restyle, braces: str
) -> None:
    path = restyle(lambda book: sheet_of(book).__setitem__("B3", f"单位：{braces}"))
    assert read(write(content("区科协"), path))["B3"].value == "单位：区科协"
