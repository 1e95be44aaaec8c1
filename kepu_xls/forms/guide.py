"""The guide sheet of a form: the same field descriptions that the checks use, in words."""

from __future__ import annotations

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from kepu_xls import identity
from kepu_xls.forms import cells, dressing, inputs
from kepu_xls.forms.borrowed import Looks
from kepu_xls.forms.content import FormContent
from kepu_xls.forms.table import TaskTable
from kepu_xls.model import Field, Required

_HEADER = ("栏目", "由谁填写", "填什么", "填写提示")
_WIDTHS = (20, 18, 46, 60)
_WHO = {
    Required.ALL: "都必填",
    Required.LEAD: "牵头单位必填",
    Required.PARTICIPANT: "参加单位必填",
    Required.NONE: "选填",
}
_ADVICE = (
    "本表列出{单位}承担的全部任务，共{任务数}项，其中牵头{牵头数}项（排在前面）、参加{参加数}项。每项任务填一行。",
    "只有供填报的格子能填，其他格子已锁定。列宽、行高可以调整，表头可以筛选。",
    "请不要改动工作表名称、表头和任务编号，不要增删行列、合并单元格，也不要把内容复制到别的表里报送。",
    "从别处粘贴时，请用“选择性粘贴—数值”，以免冲掉下拉列表和格式。",
    "一格里要分几行写时，格内换行按 Alt+Enter；不要另起一行填写。",
    "请在{截止时间}前填好，保存为 Excel 文件（xlsx、xls、et 均可），发回{接收单位}；重发的以最后一份为准。",
)
_UNCHANGED_ADVICE = (
    "与上期相比没有变化的任务，在“{本期无变化}”栏选“是”，该行其他栏目不必再填；全部任务都选“是”即为零报告。"
    "没有进展也请报送零报告；不报送的按未报统计。"
)
_INDICATOR_ADVICE = "“量化指标填报”表列出牵头任务的量化指标，请一并填写截至本期末的累计数。"


def write_guide(book: Workbook, table: TaskTable) -> None:
    """Add the guide after the sheets that are filled."""
    last_filled = identity.INDICATOR_SHEET if table.content.indicators else identity.FORM_SHEET
    sheet = book.create_sheet(identity.GUIDE_SHEET, book.index(book[last_filled]) + 1)
    looks = Looks.of(table)
    sheet.column_dimensions["A"].width = 2
    for column, width in enumerate(_WIDTHS, 2):
        sheet.column_dimensions[get_column_letter(column)].width = width
    looks.title(sheet, identity.GUIDE_SHEET, len(_WIDTHS))
    advice = _advice(table.content, table.texts)
    for row, text in enumerate(advice, 2):
        looks.note(sheet, row, f"{row - 1}．{text}", len(_WIDTHS))
    header_row = len(advice) + 3
    last = _write_fields(sheet, looks, header_row, table.content)
    dressing.copy_page(table.sheet, sheet, header_row, f"B1:{get_column_letter(len(_WIDTHS) + 1)}{last}")
    dressing.protect(sheet)


def _advice(content: FormContent, texts: dict[str, str]) -> list[str]:
    unchanged = next((field.label for field in content.fields if field.key == inputs.UNCHANGED), "")
    known = texts | {"本期无变化": unchanged}
    lines = [*_ADVICE]
    if unchanged:
        lines.insert(2, _UNCHANGED_ADVICE)
    if content.indicators:
        lines.append(_INDICATOR_ADVICE)
    return [line.format_map(known) for line in lines]


def _write_fields(sheet: Worksheet, looks: Looks, header_row: int, content: FormContent) -> int:
    """Write a row a field; gives the last row."""
    for column, label in enumerate(_HEADER, 2):
        looks.header(cells.at(sheet, header_row, column), label)
    row = header_row
    for field in (*content.fields, *content.form_fields):
        row += 1
        for column, text in enumerate(_words(field), 2):
            looks.body(cells.at(sheet, row, column), text)
    return row


def _words(field: Field) -> tuple[str, str, str, str]:
    return field.label, _WHO[field.required], inputs.expected(field), field.hint
