"""Write templates/form.xlsx, the form template as shipped; run by hand after changing its design.

Clerks restyle the template in WPS; nothing in the program needs it to look like this.
"""

from __future__ import annotations

from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.worksheet.worksheet import Worksheet

from kepu_xls import config, identity

ROOT = Path(__file__).resolve().parents[1]

TITLE = Font(name="方正小标宋简体", sz=20)
SUBTITLE = Font(name="黑体", sz=16)
UNIT = Font(name="黑体", sz=12)
HEADING = Font(name="黑体", sz=10)
BODY = Font(name="宋体", sz=10.5)
LEAD = Font(name="宋体", sz=10.5, b=True)

HEADER_FILL, REQUIRED_FILL, LEAD_REQUIRED_FILL = "FFDDEBF7", "FFF4B6B0", "FFF9D9A8"
LEAD_FILL, INPUT_FILL, MISSING_FILL = "FFE2EFDA", "FFFFFBEA", "FFFBE0E0"

THIN = Side(style="thin", color="FF7F7F7F")
GRID = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
UNDERLINE = Border(bottom=THIN)
CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
RIGHT = Alignment(horizontal="right", vertical="center", wrap_text=True)

CONTEXT_WIDTHS = {
    identity.NUMBER_KEY: 8.4,
    identity.PROJECT_KEY: 8.0,
    identity.TEXT_KEY: 31.0,
    identity.ROLE_KEY: 4.8,
    identity.PREVIOUS_KEY: 17.0,
}
HEADER, LEAD_ROW, PARTICIPANT_ROW, SIGN_ROW, SEAL_ROW = 5, 6, 7, 9, 10


def fill(colour: str) -> PatternFill:
    """Make a plain fill."""
    return PatternFill("solid", start_color=colour, end_color=colour)


def put(sheet: Worksheet, area: str, text: str, font: Font, alignment: Alignment) -> None:
    """Write a text into an area, merged where it is more than one cell."""
    first = area.split(":", maxsplit=1)[0]
    sheet[first].value, sheet[first].font, sheet[first].alignment = text, font, alignment
    if ":" in area:
        sheet.merge_cells(area)


def write_top(sheet: Worksheet, last: str) -> None:
    """Write title, period, unit, deadline and legend."""
    put(sheet, f"B1:{last}1", "{{计划}}", TITLE, CENTRE)
    put(sheet, f"B2:{last}2", "工作任务进展填报表　{{期次}}", SUBTITLE, CENTRE)
    put(sheet, "B3:D3", "填报单位：{{单位}}", UNIT, LEFT)
    put(sheet, "E3:J3", "共 {{任务数}} 项任务，其中牵头 {{牵头数}} 项", BODY, CENTRE)
    put(sheet, f"K3:{last}3", "请于 {{截止时间}} 前报{{接收单位}}", HEADING, RIGHT)
    put(
        sheet,
        "B4:I4",
        "请填淡黄、淡红的格子（淡红为必填未填），填法见“填表说明”；绿底的是牵头任务。",
        BODY,
        LEFT,
    )
    put(sheet, "J4", "表头颜色：", BODY, RIGHT)
    put(sheet, "K4:L4", "{{必填}}", BODY, CENTRE)
    put(sheet, "M4:N4", "{{牵头必填}}", BODY, CENTRE)
    put(sheet, "O4", "格子颜色：", BODY, RIGHT)
    put(sheet, "P4:Q4", "{{待填}}", BODY, CENTRE)
    for area, colour in (("K4:L4", REQUIRED_FILL), ("M4:N4", LEAD_REQUIRED_FILL), ("P4:Q4", MISSING_FILL)):
        for cell in next(iter(sheet[area])):
            cell.fill, cell.border = fill(colour), GRID
    for row, height in ((1, 34), (2, 27), (3, 24), (4, 21)):
        sheet.row_dimensions[row].height = height


def write_column(sheet: Worksheet, column: int, label: str, width: float, *, asked: bool, long: bool) -> None:
    """Write one column of the table: its header and its cells in the two model rows."""
    header = sheet.cell(HEADER, column, f"{{{{{label}}}}}")
    header.font, header.fill, header.border, header.alignment = HEADING, fill(HEADER_FILL), GRID, CENTRE
    sheet.column_dimensions[get_column_letter(column)].width = width
    for row in (LEAD_ROW, PARTICIPANT_ROW):
        cell = sheet.cell(row, column)
        cell.border, cell.alignment = GRID, LEFT if long else CENTRE
        cell.font = LEAD if row == LEAD_ROW and not asked and not long else BODY
        if asked:
            cell.fill = fill(INPUT_FILL)
        elif row == LEAD_ROW:
            cell.fill = fill(LEAD_FILL)


def write_table(sheet: Worksheet, settings: config.Config) -> int:
    """Write the header and the model rows; gives the last column."""
    column = 1
    for key, label in identity.CONTEXT_COLUMNS.items():
        column += 1
        long = key in (identity.TEXT_KEY, identity.PREVIOUS_KEY)
        write_column(sheet, column, label, CONTEXT_WIDTHS[key], asked=False, long=long)
        if key == identity.ROLE_KEY:
            sheet.cell(LEAD_ROW, column).value = "{{牵头}}"
            sheet.cell(PARTICIPANT_ROW, column).value = "{{参加}}"
    for field in settings.fields:
        column += 1
        long = field.type.value == "text"
        write_column(sheet, column, field.label, field.width, asked=True, long=long)
    for row in (LEAD_ROW, PARTICIPANT_ROW):
        sheet.row_dimensions[row].height = 60
    return column


def write_bottom(sheet: Worksheet) -> None:
    """Write the form-level inputs and the seal."""
    places = (
        ("填报人", "B9:C9", "D9"),
        ("联系电话", "E9:F9", "G9:I9"),
        ("审核人", "J9", "K9:M9"),
        ("填报日期", "N9", "O9:P9"),
    )
    for label, label_area, input_area in places:
        put(sheet, label_area, f"{label}：", HEADING, RIGHT)
        put(sheet, input_area, f"{{{{{label}}}}}", BODY, LEFT)
        for cell in next(iter(sheet[input_area])) if ":" in input_area else (sheet[input_area],):
            cell.border, cell.fill = UNDERLINE, fill(INPUT_FILL)
    put(sheet, f"N{SEAL_ROW}:P{SEAL_ROW}", "（单位盖章）", BODY, CENTRE)
    for row, height in ((8, 9), (SIGN_ROW, 24), (SEAL_ROW, 36)):
        sheet.row_dimensions[row].height = height


def set_up_page(sheet: Worksheet) -> None:
    """Set A4 landscape with narrow margins."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    margins = sheet.page_margins
    margins.left = margins.right = 0.3
    margins.top, margins.bottom, margins.header, margins.footer = 0.45, 0.55, 0.25, 0.3
    sheet.print_options.horizontalCentered = True
    sheet.oddFooter.center.text = "第 &P 页 共 &N 页"
    sheet.sheet_view.showGridLines = False


def set_standard_font(book: Workbook) -> None:
    """Set the font that column widths are counted in: its figures are 7 pixels wide, and every PC has it."""
    font = Font(name="宋体", sz=10)
    book._fonts = IndexedList([font])  # noqa: SLF001 - openpyxl has no public way to the standard font
    book._named_styles["Normal"].font = font  # noqa: SLF001 - as above


def make(path: Path) -> None:
    """Write the template for the shipped configuration."""
    settings = config.load(ROOT / "config.toml")
    book = Workbook()
    set_standard_font(book)
    sheet = book.active
    sheet.title = identity.FORM_SHEET
    sheet.column_dimensions["A"].hidden = True
    last = write_table(sheet, settings)
    write_top(sheet, get_column_letter(last))
    write_bottom(sheet)
    set_up_page(sheet)
    book.save(path)


if __name__ == "__main__":
    make(ROOT / "templates" / "form.xlsx")
