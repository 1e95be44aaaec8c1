"""One cell and what was asked there → what it says.  Pure: no files, no clock."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime, time, timedelta

from kepu_xls.intake.dates import FIRST_YEAR, LAST_YEAR, UnclearDateError, checked, of_serial, read_date
from kepu_xls.intake.grid import Formula, Raw, written
from kepu_xls.intake.numerals import Number, UnclearNumberError, read_number
from kepu_xls.messages import finding
from kepu_xls.model import Answer, Field, FieldType, Finding, Place, Required, Scalar

Parsed = tuple[Answer, tuple[Finding, ...]]
Value = tuple[Scalar, bool, tuple[Finding, ...]]
"""(value, approximate, findings)"""

NOTHING = frozenset(
    {
        "无",
        "没有",
        "暂无",
        "空",
        "/",
        "\\",
        "、",
        "-",
        "--",
        "—",
        "——",
        "n/a",
        "na",
        "nil",
        "none",
        "null",
        "×",
        "*",
    }
)
_NOT_TICKED = frozenset({"否", "不是", "×", "x", "n", "no", "0", "有", "有变化", "无无变化"})
_CELL_ERRORS = frozenset(
    {"#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#GETTING_DATA"}
)
_INVISIBLE = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2069\\ufeff\\ud800-\\udfff\\ufffe\\uffff]"
)
_ESCAPED = re.compile(r"_x00[01][0-9A-Fa-f]_")
_PICTURE = re.compile(r"=?(?:_xlfn\.)?DISPIMG\(", re.IGNORECASE)
_BRACKETED = re.compile(r"[(\[【][^()\[\]【】]*[)\]】]")
_CELL_LIMIT = 32_767
_LARGEST = 1e15


def parse(
    field: Field, raw: Raw, place: Place, *, last_day: date, shows_percent: bool | None = None
) -> Parsed:
    """Read what a cell says to a field.

    ``last_day`` of the period completes dates without a year; ``shows_percent`` is the close look at the cell's
    number format, None where it was not taken.  What cannot be read gives value None and an error that says what
    to enter; the text as typed is always kept.
    """
    text = clean(written(raw))
    if raw is None or not text:
        return Answer(None, "", place.cell), ()
    value, approximate, findings = _value(field, raw, text, place, last_day, shows_percent)
    if approximate and not findings:
        findings = (finding("value-approximate", place, label=field.label, raw=_short(text)),)
    return Answer(value, text, place.cell, approximate), findings


def clean(text: str) -> str:
    """Take out what nobody typed: control characters, surrogates, marks of direction; line breaks stay."""
    text = _ESCAPED.sub(
        "", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").replace("\xa0", " ")
    )
    return _INVISIBLE.sub("", text).strip()


def _value(
    field: Field, raw: Raw, text: str, place: Place, last_day: date, shows_percent: bool | None
) -> Value:
    if isinstance(raw, Formula):
        return _bad("cell-formula-uncomputed", field, text, place)
    if text.upper() in _CELL_ERRORS:
        return _bad("cell-error-value", field, text, place)
    if _PICTURE.match(text):
        return _picture(field, text, place)
    if _folded(text) in NOTHING and not _is_choice(field, text):
        return _nothing(field, text, place)
    match field.type:
        case FieldType.TEXT:
            return _text(field, text, place)
        case FieldType.CHOICE:
            return _choice(field, raw, text, place)
        case FieldType.DATE:
            return _date(field, raw, text, place, last_day)
        case FieldType.PERCENT:
            return _percent(field, raw, text, place, shows_percent)
        case FieldType.INTEGER | FieldType.DECIMAL:
            return _number(field, raw, text, place)


def _nothing(field: Field, text: str, place: Place) -> Value:
    """「无」「/」「—」: explicitly nothing; but a choice that everybody has to make cannot be nothing."""
    if field.type is FieldType.CHOICE and field.required is not Required.NONE:
        return _bad("choice-unknown", field, text, place, choices="、".join(field.choices))
    return None, False, ()


def _picture(field: Field, text: str, place: Place) -> Value:
    if field.type is not FieldType.TEXT:
        return _bad("cell-picture", field, text, place)
    return "（图片）", False, (finding("cell-picture-counted", place, label=field.label),)


def _text(field: Field, text: str, place: Place) -> Value:
    if len(text) > _CELL_LIMIT:
        return text, False, (finding("text-too-long", place, label=field.label, length=len(text)),)
    return text, False, ()


def _folded(text: str) -> str:
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()
    return plain.rstrip("。.!;,:") or plain


def _is_choice(field: Field, text: str) -> bool:
    return field.type is FieldType.CHOICE and _chosen(field, text) is not None


def _chosen(field: Field, text: str) -> str | None:
    wordings = {_folded(choice): choice for choice in field.choices}
    wordings |= {_folded(word): choice for word, choice in field.accepts.items()}
    plain = _folded(text)
    return wordings.get(plain) or wordings.get(_BRACKETED.sub("", plain))


def _choice(field: Field, raw: Raw, text: str, place: Place) -> Value:
    if (chosen := _chosen(field, text)) is not None:
        return chosen, False, ()
    if len(field.choices) == 1 and (raw is False or _folded(text) in _NOT_TICKED):
        return None, False, ()
    return _bad("choice-unknown", field, text, place, choices="、".join(field.choices))


def _date(field: Field, raw: Raw, text: str, place: Place, last_day: date) -> Value:
    try:
        match raw:
            case bool() | time() | timedelta():
                raise UnclearDateError("unknown")
            case datetime():
                return checked(raw.date()).isoformat(), False, ()
            case date():
                return checked(raw).isoformat(), False, ()
            case int() | float() if not text.isdecimal() or len(text) != len("20190305"):
                return of_serial(raw).isoformat(), False, ()
            case _:
                found = read_date(text, last_day)
    except UnclearDateError as error:
        code = {"vague": "date-vague", "impossible": "date-impossible", "range": "date-out-of-range"}
        return _bad(
            code.get(error.why, "date-unreadable"), field, text, place, first=FIRST_YEAR, last=LAST_YEAR
        )
    day = found.day.isoformat()
    told = (finding("date-year-completed", place, label=field.label, raw=_short(text), day=day),)
    return day, found.approximate, told if found.completed else ()


def _percent(field: Field, raw: Raw, text: str, place: Place, shows_percent: bool | None) -> Value:
    number = _read(raw, text)
    if not isinstance(number, Number):
        return _bad(number, field, text, place, example="80")
    if number.measure not in ("", "%"):
        return _bad("number-wrong-measure", field, text, place, measure="%")
    value, findings = number.value, ()
    if number.measure == "" and 0 < abs(value) <= 1:
        if shows_percent:
            value *= 100
        elif abs(value) < 1:
            figure = f"{round(value * 100, 6):g}"
            return _bad("percent-open", field, text, place, figure=figure)
        else:
            findings = (finding("percent-one", place, label=field.label),)
    return _bounded(field, round(value, 6), text, place, approximate=number.approximate, findings=findings)


def _number(field: Field, raw: Raw, text: str, place: Place) -> Value:
    number = _read(raw, text)
    if not isinstance(number, Number):
        return _bad(number, field, text, place, example="3" if field.type is FieldType.INTEGER else "3.5")
    value = _in_measure(field, number)
    if value is None:
        return _bad("number-wrong-measure", field, text, place, measure=measure_of(field))
    value = round(value, 6)
    if field.type is FieldType.DECIMAL:
        return _bounded(field, value, text, place, approximate=number.approximate)
    if not value.is_integer():
        return _bad("number-not-whole", field, text, place)
    return _bounded(field, int(value), text, place, approximate=number.approximate)


def _read(raw: Raw, text: str) -> Number | str:
    """Read a number from a cell, or give the code of what is wrong with it."""
    match raw:
        case bool():
            return "number-unreadable"
        case int() | float():
            return Number(float(raw)) if _fits(raw) else "number-too-large"
        case date() | time() | timedelta():
            return "number-is-date"
    try:
        number = read_number(text)
    except UnclearNumberError as error:
        return "number-several" if error.several else "number-unreadable"
    return number if _fits(number.value) else "number-too-large"


def _fits(number: float) -> bool:
    return (isinstance(number, int) or math.isfinite(number)) and abs(number) < _LARGEST


def measure_of(field: Field) -> str:
    """Give the measure that a field's label names in brackets: ``投入经费(万元)`` → ``万元``."""
    found = re.search(r"\(([^()]+)\)\s*$", unicodedata.normalize("NFKC", field.label))
    return found[1] if found else ""


def _in_measure(field: Field, number: Number) -> float | None:
    """Give the value in the field's own measure (120000元 is 12 万元), None where it cannot be."""
    wanted = measure_of(field)
    is_money = wanted.endswith("元") or (not wanted and field.type is FieldType.DECIMAL)
    scale = {"万元": 1e4, "亿元": 1e8}.get(wanted, 1.0)
    if number.measure == "元":
        return number.value / scale if is_money else None
    if number.measure == "%" or (wanted.endswith("元") and number.measure):
        return None
    return number.value / scale if number.scaled else number.value


def _bounded(
    field: Field,
    value: float,
    text: str,
    place: Place,
    *,
    approximate: bool,
    findings: tuple[Finding, ...] = (),
) -> Value:
    low = field.minimum is not None and value < field.minimum
    high = field.maximum is not None and value > field.maximum
    if low or high:
        return _bad("number-out-of-bounds", field, text, place, bounds=_bounds(field))
    return value, approximate, findings


def _bounds(field: Field) -> str:
    if field.maximum is None:
        return f"不小于 {field.minimum:g}"
    if field.minimum is None:
        return f"不大于 {field.maximum:g}"
    return f"{field.minimum:g} 到 {field.maximum:g}"


def _bad(code: str, field: Field, text: str, place: Place, **details: object) -> Value:
    return None, False, (finding(code, place, label=field.label, raw=_short(text), **details),)


def _short(text: str) -> str:
    """Cut a quoted text for a message; the whole stands in the cell."""
    line = " ".join(text.split())
    return line if len(line) <= 30 else f"{line[:29]}…"  # noqa: PLR2004 - what reads well in one line
