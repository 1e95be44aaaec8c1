"""Cells that a unit fills: number format, dropdown or bounds, and the shade while a required one is empty.

Cells of text, choices and percentages are preset to text, so that what is typed stays as it was typed
(``80%`` would become 0.8).  A wrong choice is stopped, because the list stands beside it; everything else is
only asked about.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from openpyxl.cell.cell import Cell
from openpyxl.formatting.rule import Rule
from openpyxl.styles import PatternFill, Protection
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.worksheet.datavalidation import DataValidation

from kepu_xls.digits import bounds, in_digits
from kepu_xls.forms.texts import serial
from kepu_xls.model import Field, FieldType

UNCHANGED = "unchanged"
"""Key of the field whose 是 says that nothing else on the row need be filled."""

_FORMATS = {FieldType.INTEGER: "0", FieldType.DECIMAL: "General", FieldType.DATE: "yyyy-mm-dd"}
_LAST_DAY = date(2099, 12, 31)
_LARGEST = 10**12
_PROMPT_LENGTH, _ERROR_LENGTH = 250, 220  # Excel refuses a file with longer ones


def list_name(field: Field) -> str:
    """Give the defined name of a choice field's list."""
    return f"kepu_{field.key}"


def number_format(field: Field) -> str:
    """Give the number format of the field's cells."""
    return _FORMATS.get(field.type, "@")


def open_for_input(cell: Cell, form: str) -> None:
    """Unlock a cell and set its number format."""
    cell.protection = Protection(locked=False)
    cell.number_format = form


def expected(field: Field) -> str:
    """Say in plain words what belongs in the field's cells."""
    limits = f"（{bounds(field)}）" if bounds(field) else ""
    match field.type:
        case FieldType.CHOICE:
            return "从下拉列表中选：" + "、".join(field.choices)
        case FieldType.INTEGER:
            return f"整数{limits}"
        case FieldType.DECIMAL:
            return f"数字{limits}，可带小数，不带单位"
        case FieldType.PERCENT:
            return f"百分数{limits}，如 80 或 80%"
        case FieldType.DATE:
            return "日期，如 2019-12-31 或 2019年12月31日"
        case FieldType.TEXT:
            return "文字"


def validation(field: Field, cell: str, first_day: date) -> DataValidation | None:
    """Make the validation of a field's cells, of which ``cell`` is the first; None for plain text."""
    if field.type is FieldType.TEXT:
        return None
    rule = _rule(field, cell, first_day)
    rule.errorStyle = "stop" if field.type is FieldType.CHOICE else "warning"
    rule.showErrorMessage = rule.showInputMessage = True
    rule.promptTitle = rule.errorTitle = field.label[:30]
    rule.prompt = "\n".join(dict.fromkeys((expected(field), field.hint)))[:_PROMPT_LENGTH].strip()
    rule.error = _complaint(field, first_day)[:_ERROR_LENGTH]
    return rule


def _complaint(field: Field, first_day: date) -> str:
    """Say what to enter instead, and how to keep what was typed all the same."""
    if field.type is FieldType.CHOICE:
        return f"请{expected(field)}。"
    since = (
        f"，不早于{first_day.year}年{first_day.month}月{first_day.day}日"
        if field.type is FieldType.DATE
        else ""
    )
    return f"这里请填{expected(field)}{since}。确实要这样填的，请选“是”。"


def _rule(field: Field, cell: str, first_day: date) -> DataValidation:
    match field.type:
        case FieldType.CHOICE:
            return DataValidation("list", list_name(field))
        case FieldType.PERCENT:
            return DataValidation("custom", _percent_formula(field, cell))
        case FieldType.DATE:
            return DataValidation("date", str(serial(first_day)), str(serial(_LAST_DAY)), operator="between")
        case _:
            kind: Literal["whole", "decimal"] = "whole" if field.type is FieldType.INTEGER else "decimal"
            low, high = _limits(field)
            return DataValidation(kind, low, high, operator="between")


def _limits(field: Field) -> tuple[str, str]:
    """Give the field's bounds; without one, a number that only asks for a number."""
    low = -_LARGEST if field.minimum is None else field.minimum
    high = _LARGEST if field.maximum is None else field.maximum
    return in_digits(low), in_digits(high)


def _percent_formula(field: Field, cell: str) -> str:
    """Accept 80, 80%, ８０％: the cell holds text, so its figure is taken out by the formula."""
    figure = f'VALUE(SUBSTITUTE(ASC({cell}),"%",""))'
    low, high = _limits(field)
    # Not IFERROR: an .xls does not know it, and units save as .xls.
    return f"IF(ISERROR({figure}),FALSE,AND({figure}>={low},{figure}<={high}))"


def missing_rule(cell: str, unchanged: str, fill: PatternFill) -> Rule:
    """Shade an empty required cell; ``unchanged``: the row's cell for 本期无变化, or an empty string."""
    empty = f"LEN(TRIM({cell}))=0"
    formula = f'AND({unchanged}<>"是",{empty})' if unchanged else empty
    return Rule(type="expression", formula=[formula], dxf=DifferentialStyle(fill=fill))
