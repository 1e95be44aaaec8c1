"""The plan → master.xlsx, made to be edited in WPS: the same plan gives the same bytes."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from kepu_xls import workspace
from kepu_xls.model import Plan
from kepu_xls.plan import columns as c

_MADE = datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed stamp without a zone: the same plan gives the same file
_WIDTHS: dict[str, tuple[float, ...]] = {
    c.TASK_SHEET: (8, 18, 18, 70, 20, 40, 12),
    c.UNIT_SHEET: (16, 24, 28, 10, 16, 12, 12, 20),
    c.INDICATOR_SHEET: (10, 30, 10, 10, 12, 8),
}
_CENTRED = (c.NUMBER, c.TASK_NUMBER, c.DEADLINE, c.SINCE, c.UNTIL, c.MEASURE, c.CONFIRMED, c.TARGET)
_NOTES = {
    c.NUMBER: "部分.项目.任务，如 2.3.1。编号定下后请不要改动，新任务用新编号。",
    c.LEADS: "几个单位之间用“、”分开，名称要与“单位”表一致。",
    c.PARTICIPANTS: "几个单位之间用“、”分开，名称要与“单位”表一致。",
    c.DEADLINE: "写成 2020-12-31、2020年12月 或 2020年 都可以。",
    c.ALIASES: "曾用名、简称，几个之间用“、”分开。",
    c.EMAILS: "几个邮箱之间用“；”分开。",
    c.UNTIL: "单位撤销或更名的，填最后一天，并在“并入”栏写明新单位。",
    c.MERGED_INTO: "并入哪个单位；并入几个的，用“、”分开。",
    c.CONFIRMED: "从任务文字里找到的指标，请核对后选“是”（采用）或“否”（不采用）；未确认的一行显示为黄色。",
}
_LINE, _HEADER_HEIGHT, _HIGHEST = 15.0, 24.0, 405.0
_SPARE_ROWS = 500

Value = str | float


def write_master(plan: Plan, path: Path) -> None:
    """Write a master, whole or not at all.  Raises SurroundingsError where it cannot be written."""
    import xlsxwriter  # noqa: PLC0415 - masters are read in every period, and written once

    made = BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    book.set_properties({"title": plan.title, "created": _MADE})
    formats = _formats(book)
    _write(book, formats, c.TASK_SHEET, [c.of_task(task) for task in plan.tasks])
    _write(book, formats, c.UNIT_SHEET, [c.of_unit(unit) for unit in plan.units])
    sheet = _write(book, formats, c.INDICATOR_SHEET, [c.of_indicator(one) for one in plan.indicators])
    _let_confirm(sheet, formats["unconfirmed"], len(plan.indicators))
    book.close()
    workspace.write_bytes(path, made.getvalue())


def _formats(book: Any) -> dict[str, Any]:  # noqa: ANN401 - XlsxWriter has no types
    cell = {
        "font_name": "宋体",
        "font_size": 10.5,
        "text_wrap": True,
        "valign": "vcenter",
        "border": 1,
        "border_color": "#BFBFBF",
    }
    head = {"bold": True, "align": "center", "bg_color": "#DDEBF7", "font_name": "黑体", "num_format": "@"}
    return {
        "header": book.add_format({**cell, **head}),
        "text": book.add_format({**cell, "num_format": "@"}),
        "centred": book.add_format({**cell, "num_format": "@", "align": "center"}),
        "number": book.add_format({**cell, "align": "center"}),
        "unconfirmed": book.add_format({"bg_color": "#FFF2CC"}),
    }


def _write(book: Any, formats: dict[str, Any], name: str, rows: Sequence[Mapping[str, Value]]) -> Any:  # noqa: ANN401 - as above
    """Write a sheet: header, rows as high as their text, columns dressed for rows to come too."""
    sheet = book.add_worksheet(name)
    heads, widths = c.COLUMNS[name], _WIDTHS[name]
    dress = [
        formats["number" if head == c.TARGET else "centred" if head in _CENTRED else "text"] for head in heads
    ]
    for column, (head, width) in enumerate(zip(heads, widths, strict=True)):
        sheet.set_column(column, column, width, dress[column])
        sheet.write_string(0, column, head, formats["header"])
        if head in _NOTES:
            sheet.write_comment(0, column, _NOTES[head], {"author": "", "x_scale": 2})
    sheet.set_row(0, _HEADER_HEIGHT)
    for number, row in enumerate(rows, 1):
        values = tuple(row[head] for head in heads)
        sheet.set_row(number, height(values, widths))
        for column, value in enumerate(values):
            write: Callable[..., Any] = sheet.write_string if isinstance(value, str) else sheet.write_number
            write(number, column, value, dress[column])
    _set_up(sheet, len(rows), len(heads))
    return sheet


def _set_up(sheet: Any, rows: int, columns: int) -> None:  # noqa: ANN401 - as above
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(rows, 1), columns - 1)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&C— &P —")


def _let_confirm(sheet: Any, shade: Any, rows: int) -> None:  # noqa: ANN401 - as above
    """Offer 是 and 否 with a hint, and shade rows of indicators that nobody has confirmed."""
    last, column = rows + _SPARE_ROWS, c.COLUMNS[c.INDICATOR_SHEET].index(c.CONFIRMED)
    sheet.data_validation(
        1,
        column,
        last,
        column,
        {
            "validate": "list",
            "source": [c.YES, c.NO],
            "input_title": "请确认",
            "input_message": "“是”采用，“否”不采用；目标值和计量单位可以改。",
            "error_title": "请选择",
            "error_message": "只能填“是”或“否”，或者留空。",
        },
    )
    confirmed = chr(ord("A") + column)
    sheet.conditional_format(
        1,
        0,
        last,
        column,
        {"type": "formula", "criteria": f'=AND($A2<>"",${confirmed}2="")', "format": shade},
    )


def height(values: Sequence[Value], widths: Sequence[float]) -> float:
    """Give the height of a row that is enough for its text: no program does so by itself for every reader."""
    lines = max(-(-_width(str(value)) // (width - 1)) for value, width in zip(values, widths, strict=True))
    return min(max(lines, 1) * _LINE + 3, _HIGHEST)


def _width(text: str) -> int:
    """Count a text's width in half-width characters."""
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)
