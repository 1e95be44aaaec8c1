"""Return copies laid out by openpyxl, one by one, cell by cell: the measure of those that are cast."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from io import BytesIO

import packages
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from kepu_xls import forms, identity
from kepu_xls.forms import cells, dressing, heights, indicators, inputs, marking
from kepu_xls.forms.borrowed import Looks
from kepu_xls.forms.content import moment
from kepu_xls.forms.faults import Fault, Spot, find_faults
from kepu_xls.forms.texts import storable
from kepu_xls.forms.workbook import Form, make_form, open_on
from kepu_xls.model import Answer, FieldType

HEADER = ("序号", "单元格", "任务编号", "栏目", "原来填的内容", "什么地方不对", "请这样改", "改好打√")
WIDTHS = (6, 14, 9, 16, 26, 46, 44, 9)
FIRST = 6


def laid_out(template: forms.Template, content: forms.ReturnContent, identifier: str) -> bytes:
    """The return copy as openpyxl lays it out and saves it, on its own."""
    form = make_form(template, content.form)
    faults = find_faults(content)
    write_list(form, content, faults)
    put_answers(form, content, {one.spot for one in faults})
    packages.fit(form)
    flag(form, faults)
    open_on(form.book, identity.RETURN_SHEET)
    form.book.properties.identifier = identifier
    with BytesIO() as buffer:
        form.book.save(buffer)
        return buffer.getvalue()


# ── answers ──────────────────────────────────────────────────────────────────────────────────────────


def cell_of(form: Form, spot: Spot | None) -> Cell | None:
    """The cell of a question; None where the form does not ask it."""
    table, content = form.table, form.table.content
    if spot is None:
        return None
    if spot.indicator:
        pairs = {(one.task, one.name): index for index, one in enumerate(content.indicators)}
        if (spot.task, spot.indicator) not in pairs:
            return None
        sheet = form.book[identity.INDICATOR_SHEET]
        return indicators.input_cells(sheet, pairs[spot.task, spot.indicator])[0]
    if spot.task:
        rows = {task.number: row for row, (task, _) in enumerate(content.duties, table.header_row + 1)}
        row = rows.get(spot.task)
        column = table.layout.columns.get(spot.key or identity.NUMBER_KEY)
        return cells.at(table.sheet, row, column) if row and column else None
    if spot.key not in table.layout.inputs:
        return None
    row, column = table.layout.inputs[spot.key]
    return cells.at(table.sheet, table.moves.row(row), column)


def put_answers(form: Form, content: forms.ReturnContent, doubted: set[Spot | None]) -> None:
    types = {field.key: field.type for field in (*content.form.fields, *content.form.form_fields)}
    said = {Spot(key=key): answer for key, answer in content.submission.form_answers.items()}
    for entry in content.submission.entries:
        said |= {Spot(entry.task, key): answer for key, answer in entry.answers.items()}
    for spot, answer in said.items():
        if (cell := cell_of(form, spot)) is not None:
            put(cell, types[spot.key], answer, doubted=spot in doubted)
    for one in content.submission.indicator_values:
        spot = Spot(one.task, indicator=one.indicator)
        if (cell := cell_of(form, spot)) is not None:
            put(cell, FieldType.DECIMAL, one.answer, doubted=spot in doubted)
            cells.put_text(cells.at(form.book[identity.INDICATOR_SHEET], cell.row, cell.column + 1), one.note)


def put(cell: Cell, kind: FieldType, answer: Answer, *, doubted: bool) -> None:
    value = answer.value
    in_words = answer.raw and kind is not FieldType.TEXT and (doubted or answer.approximate)
    if value is None or in_words:
        cells.put_text(cell, answer.raw)
    elif kind is FieldType.DATE:
        cell.value = date.fromisoformat(str(value))
    elif isinstance(value, str):
        cells.put_text(cell, value)
    elif kind is FieldType.PERCENT:
        cells.put_text(cell, f"{value:.15g}%")
    else:
        cell.value = value


# ── what is wrong ────────────────────────────────────────────────────────────────────────────────────


def flag(form: Form, faults: Iterable[Fault]) -> None:
    by_spot: dict[Spot, list[Fault]] = {}
    for fault in faults:
        if fault.is_error and fault.spot is not None:
            by_spot.setdefault(fault.spot, []).append(fault)
    flagged: dict[str, list[str]] = {}
    for spot, group in by_spot.items():
        if (cell := cell_of(form, spot)) is not None:
            marking.flag(cell)
            cell.comment = note(group, form.table.content.organiser)
            flagged.setdefault(cell.parent.title, []).append(cell.coordinate)
    for title, some in flagged.items():
        marking.keep_colour(form.book[title], " ".join(some))


def note(faults: Iterable[Fault], author: str) -> Comment:
    text = storable("\n".join(f"{one.finding.message}。\n→ {one.finding.remedy}" for one in faults))
    return Comment(text, author, height=heights.line_count(text, 38.0, 10.0) * 18 + 16, width=280)


# ── the list ─────────────────────────────────────────────────────────────────────────────────────────


def write_list(form: Form, content: forms.ReturnContent, faults: Iterable[Fault]) -> None:
    sheet = form.book.create_sheet(identity.RETURN_SHEET, 0)
    looks = Looks.of(form.table)
    for column, width in enumerate((2, *WIDTHS), 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    lines = sorted(((fault, cell_of(form, fault.spot)) for fault in faults), key=order)
    errors = [line for line in lines if line[0].is_error]
    reminders = [line for line in lines if not line[0].is_error]
    write_head(sheet, looks, content, len(errors))
    last = write_block(sheet, looks, content, errors, FIRST)
    if reminders:
        words = "提醒：下列各处请顺便核对；确实没有问题的，可以不改。"
        looks.note(sheet, last + 1, words, len(WIDTHS))
        cells.at(sheet, last + 1, 2).fill = PatternFill("solid", fgColor="FFF2F2F2")
        last = write_block(sheet, looks, content, reminders, last + 2)
    cells.fit_rows(sheet, 1, last)
    sheet.freeze_panes = f"A{FIRST}"
    sheet.sheet_properties.tabColor = "FFC00000"
    dressing.copy_page(form.table.sheet, sheet, FIRST - 1, f"B1:I{last}")
    sheet.page_setup.paperSize, sheet.page_setup.orientation = sheet.PAPERSIZE_A4, "landscape"
    dressing.protect(sheet)


def order(line: tuple[Fault, Cell | None]) -> tuple[bool, str, int, int]:
    cell = line[1]
    if cell is None:
        return (True, "", 0, 0)
    on_form = cell.parent.title == identity.FORM_SHEET
    return (False, "" if on_form else cell.parent.title, cell.row, cell.column)


def write_head(sheet: Worksheet, looks: Looks, content: forms.ReturnContent, errors: int) -> None:
    form = content.form
    looks.title(sheet, "进展填报表　需修改", len(WIDTHS))
    lines = (
        f"填报单位：{form.identity.unit}　　期次：{form.period_label}　　需修改 {errors} 处",
        (
            f"请尽快改好发回{form.organiser}：按时报送的截止时间是 {moment(form.deadline)}，"
            f"{moment(content.cutoff)} 停止收取。"
        ),
        (
            "您报来的表已收到，没有问题的内容已照填在本文件里，不必重填。请点“单元格”一栏的蓝字，逐处改好橙色格子"
            f"（鼠标移到格子上，可以看到原因），保存后把本文件发回{form.organiser}；新表会自动取代前一份。"
        ),
    )
    for row, text in enumerate(lines, 2):
        looks.note(sheet, row, text, len(WIDTHS))
    for column, label in enumerate(HEADER, 2):
        looks.header(cells.at(sheet, FIRST - 1, column), label)


def write_block(
    sheet: Worksheet,
    looks: Looks,
    content: forms.ReturnContent,
    lines: Iterable[tuple[Fault, Cell | None]],
    first: int,
) -> int:
    row = first - 1
    for number, (fault, target) in enumerate(lines, 1):
        row += 1
        sheet.row_dimensions[row].height = 24.0
        for column, text in enumerate(texts(content, fault, target), 3):
            looks.body(cells.at(sheet, row, column), text)
        running, tick = cells.at(sheet, row, 2), cells.at(sheet, row, 9)
        looks.body(running, number)
        inputs.open_for_input(tick, "@")
        for cell in (running, cells.at(sheet, row, 3), cells.at(sheet, row, 4), tick):
            cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        if target is not None:
            link = cells.at(sheet, row, 3)
            location = f"'{target.parent.title}'!{target.coordinate}"
            link.hyperlink = Hyperlink(ref=link.coordinate, location=location)
            font = link.font
            link.font = Font(name=font.name, sz=font.sz, b=font.b, u="single", color="FF0563C1")
    return row


def texts(content: forms.ReturnContent, fault: Fault, cell: Cell | None) -> Iterator[str]:
    told, spot = fault.finding, fault.spot
    labels = {field.key: field.label for field in (*content.form.fields, *content.form.form_fields)}
    if cell is None:
        yield "—"
    else:
        yield ("" if cell.parent.title == identity.FORM_SHEET else f"{cell.parent.title} ") + cell.coordinate
    yield told.task if spot is None else spot.task or "表尾"
    yield "" if spot is None else labels.get(spot.key) or spot.indicator or "整行"
    if cell is None:
        where = " › ".join(part for part in (told.place.sheet, told.place.cell) if part)
        yield f"（原表{f' {where} ' if where else ''}，没有带进本表）"
    else:
        yield fault.entered if len(fault.entered) <= 80 else f"{fault.entered[:79]}…"
    yield from (told.message, told.remedy, "")
