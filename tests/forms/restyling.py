"""What clerks do to the template: each a change that forms, and return copies, have to go along with."""

from __future__ import annotations

from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Font
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image as Picture

from kepu_xls import identity


def sheet_of(book: Workbook) -> Worksheet:
    return book[identity.FORM_SHEET]


def picture(colour: str) -> Image:
    data = BytesIO()
    Picture.new("RGB", (40, 20), colour).save(data, "PNG")
    return Image(data)


def with_pictures(book: Workbook) -> None:
    for colour, cell in (("red", "C1"), ("green", "F7"), ("blue", "F10")):
        sheet_of(book).add_image(picture(colour), cell)


def with_a_chart_below(book: Workbook) -> None:
    chart = BarChart()
    chart.add_data(Reference(sheet_of(book), min_col=2, min_row=1, max_row=4))
    sheet_of(book).add_chart(chart, "D12")


def with_notes_and_links(book: Workbook) -> None:
    sheet = sheet_of(book)
    sheet["B1"].comment = Comment("标题", "科协")
    sheet["B10"].comment = Comment("表尾", "科协")
    sheet["D10"] = "查看通知"
    sheet["D10"].hyperlink = "https://example.com/notice"
    sheet["E10"] = "回到表头"
    sheet["E10"].hyperlink = "#'进展填报表'!B5"


def with_other_sheets(book: Workbook) -> None:
    before, after = book.create_sheet("通知", 0), book.create_sheet("附表")
    before.append(["各单位：请{{单位}}填报{{期次}}，共{{任务数}}项", 3, "=1+1"])
    before.merge_cells("A1:A2")
    after["B3"] = CellRichText("请", TextBlock(InlineFont(b=True), "{{单位}}"), " 务必 ")
    after.conditional_formatting.add("B3:B9", CellIsRule("equal", ["1"], font=Font(b=True)))
    book.defined_names["附表区"] = DefinedName("附表区", attr_text="'附表'!$B$3:$B$12")


def with_texts_around(book: Workbook) -> None:
    sheet = sheet_of(book)
    sheet["E3"] = CellRichText("共{{任", TextBlock(InlineFont(color="FFFF0000"), "务数}}"), "项")
    sheet["B3"] = CellRichText("请", TextBlock(InlineFont(b=True), "{{单位}}"), "务必 50% 报送")
    for row in range(11, 16):  # so many merged areas that their order in a set cannot be that of rows
        sheet[f"B{row}"] = f"第{row}行：{{{{单位}}}}参加{{{{牵头数}}}}项，100%"
        sheet[f"B{row}"].alignment = Alignment(wrap_text=True)
        sheet.merge_cells(f"B{row}:D{row}")
    sheet["F12"] = "{{单位}}"
    sheet.merge_cells("F12:F14")
    sheet.row_dimensions[15].hidden = True
    sheet["C5"] = "{{备注}}"
    sheet["R5"] = "{{单位}}签字"


def with_narrow_columns_and_odd_fonts(book: Workbook) -> None:
    sheet = sheet_of(book)
    for letter in "BCDEF":
        sheet.column_dimensions[letter].width = 3
    sheet["D6"].font, sheet["D7"].font = Font(), Font(name="楷体", sz=30, color="FF112233")
    sheet["F6"].font = Font(name="仿宋", sz=None)
    sheet.row_dimensions[6].height = 12.75


CHANGES = (
    with_pictures,
    with_a_chart_below,
    with_notes_and_links,
    with_other_sheets,
    with_texts_around,
    with_narrow_columns_and_odd_fonts,
)
