"""The first sheet of a return copy: everything that is wrong, at once, each with the way to its cell."""

from __future__ import annotations

from collections.abc import Iterable

from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from kepu_xls import identity
from kepu_xls.forms import cells, dressing, inputs
from kepu_xls.forms.answers import Places
from kepu_xls.forms.borrowed import Looks
from kepu_xls.forms.content import moment
from kepu_xls.forms.faults import Fault, ReturnContent
from kepu_xls.forms.workbook import Form
from kepu_xls.model import Record

_HEADER = ("序号", "单元格", "任务编号", "栏目", "原来填的内容", "什么地方不对", "请这样改", "改好打√")
_WIDTHS = (6, 14, 9, 16, 26, 46, 44, 9)
_LEAST_HEIGHT = 24.0
_TAB = "FFC00000"
_LINK = "FF0563C1"
_LONGEST_QUOTE = 80
_BLOCK_FILL = PatternFill("solid", fgColor="FFF2F2F2")

_WHOSE = "填报单位：{unit}　　期次：{period}　　需修改 {errors} 处"
_HOW = (
    "您报来的表已收到，没有问题的内容已照填在本文件里，不必重填。请点“单元格”一栏的蓝字，逐处改好橙色格子"
    "（鼠标移到格子上，可以看到原因），保存后把本文件发回{organiser}；新表会自动取代前一份。"
)
_WHEN = "请尽快改好发回{organiser}：按时报送的截止时间是 {deadline}，{cutoff} 停止收取。"
_REMINDERS = "提醒：下列各处已经采用，烦请顺便核对；确实没有问题的，可以不改。"
_LOST = "（原表{place}，没有带进本表）"
_FOOT, _ROW = "表尾", "整行"


class _Line(Record, frozen=True):
    """A line of the list: the fault, and its cell in this workbook."""

    fault: Fault
    cell: Cell | None

    @property
    def order(self) -> tuple[bool, str, int, int]:
        """Order as in the form; what has no cell comes last."""
        if self.cell is None:
            return (True, "", 0, 0)
        on_form = self.cell.parent.title == identity.FORM_SHEET
        return (False, "" if on_form else self.cell.parent.title, self.cell.row, self.cell.column)


def write_checklist(form: Form, places: Places, content: ReturnContent, faults: Iterable[Fault]) -> None:
    """Add the sheet, before all others, in the look of the form's own table."""
    sheet = form.book.create_sheet(identity.RETURN_SHEET, 0)
    looks = Looks.of(form.table)
    for column, width in enumerate(_WIDTHS, 2):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.column_dimensions["A"].width = 2
    all_lines = [_Line(one, places.cell(one.spot) if one.spot else None) for one in faults]
    lines = sorted(all_lines, key=lambda line: line.order)
    errors = [line for line in lines if line.fault.is_error]
    header_row = _write_head(sheet, looks, content, len(errors))
    page = _Page(sheet, looks, content)
    last = page.block(errors, header_row + 1)
    if reminders := [line for line in lines if not line.fault.is_error]:
        page.heading(last + 1)
        last = page.block(reminders, last + 2)
    _finish(sheet, form.table.sheet, header_row, last)


def _write_head(sheet: Worksheet, looks: Looks, content: ReturnContent, errors: int) -> int:
    """Write whose it is, by when and how; gives the row of the header."""
    form = content.form
    known = {
        "unit": form.identity.unit,
        "period": form.period_label,
        "errors": errors,
        "organiser": form.organiser,
        "deadline": moment(form.deadline),
        "cutoff": moment(content.cutoff),
    }
    looks.title(sheet, f"{identity.FORM_SHEET}　{identity.RETURN_SHEET}", len(_WIDTHS))
    for row, text in enumerate((_WHOSE, _WHEN, _HOW), 2):
        looks.note(sheet, row, text.format_map(known), len(_WIDTHS))
    header_row = 5
    for column, label in enumerate(_HEADER, 2):
        looks.header(cells.at(sheet, header_row, column), label)
    return header_row


class _Page:
    """Writes the lines onto the sheet."""

    def __init__(self, sheet: Worksheet, looks: Looks, content: ReturnContent) -> None:
        self._sheet, self._looks = sheet, looks
        fields = (*content.form.fields, *content.form.form_fields)
        self._labels = {field.key: field.label for field in fields}

    def heading(self, row: int) -> None:
        """Write the heading of the second block."""
        self._looks.note(self._sheet, row, _REMINDERS, len(_WIDTHS))
        cells.at(self._sheet, row, 2).fill = _BLOCK_FILL

    def block(self, lines: Iterable[_Line], first: int) -> int:
        """Write lines from a row on, numbered from 1; gives the last row."""
        row = first - 1
        for number, line in enumerate(lines, 1):
            row += 1
            self._sheet.row_dimensions[row].height = _LEAST_HEIGHT
            for column, text in enumerate(self._texts(line), 3):
                self._looks.body(cells.at(self._sheet, row, column), text)
            running = cells.at(self._sheet, row, 2)
            self._looks.body(running, number)
            tick = cells.at(self._sheet, row, 1 + len(_WIDTHS))
            inputs.open_for_input(tick, "@")
            for cell in (running, cells.at(self._sheet, row, 3), cells.at(self._sheet, row, 4), tick):
                cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
            if line.cell is not None:
                _link(cells.at(self._sheet, row, 3), line.cell)
        return row

    def _texts(self, line: _Line) -> tuple[str, ...]:
        """Give the texts from the second column on."""
        told, spot = line.fault.finding, line.fault.spot
        task, label = told.task, ""
        if spot is not None:
            task = spot.task or _FOOT
            label = self._labels.get(spot.key) or spot.indicator or _ROW
        return (_address(line.cell), task, label, _entered(line), told.message, told.remedy, "")


def _entered(line: _Line) -> str:
    """Quote what was entered, cut short: the whole stands in the cell."""
    if line.cell is None:
        place = line.fault.finding.place
        where = " › ".join(part for part in (place.sheet, place.cell) if part)
        return _LOST.format(place=f" {where} " if where else "")
    text = line.fault.entered
    return text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 1]}…"


def _address(cell: Cell | None) -> str:
    if cell is None:
        return "—"
    sheet = "" if cell.parent.title == identity.FORM_SHEET else f"{cell.parent.title} "
    return f"{sheet}{cell.coordinate}"


def _link(cell: Cell, target: Cell) -> None:
    """Lead from a cell of the list to the one it names."""
    location = f"'{target.parent.title}'!{target.coordinate}"
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=location)
    font = cell.font
    cell.font = Font(name=font.name, sz=font.sz, b=font.b, u="single", color=_LINK)


def _finish(sheet: Worksheet, form_sheet: Worksheet, header_row: int, last: int) -> None:
    """Heights, panes, page (A4 landscape, whatever the form is printed on) and protection."""
    cells.fit_rows(sheet, 1, last)
    sheet.freeze_panes = f"A{header_row + 1}"
    sheet.sheet_properties.tabColor = _TAB
    area = f"B1:{get_column_letter(1 + len(_WIDTHS))}{last}"
    dressing.copy_page(form_sheet, sheet, header_row, area)
    sheet.page_setup.paperSize, sheet.page_setup.orientation = sheet.PAPERSIZE_A4, "landscape"
    dressing.protect(sheet)
