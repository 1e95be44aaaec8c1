"""One cell and what was asked there → what it says.  Pure: no files, no clock."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from kepu_xls.digits import bounds, in_digits
from kepu_xls.intake.dates import (
    FIRST_YEAR,
    LAST_YEAR,
    UnclearDateError,
    WrittenDate,
    checked,
    of_serial,
    read_date,
)
from kepu_xls.intake.grid import Formula, Raw, written
from kepu_xls.intake.numerals import Number, UnclearNumberError, read_number
from kepu_xls.messages import finding
from kepu_xls.model import Answer, Field, FieldType, Finding, Place, Record, Required, Scalar

Parsed = tuple[Answer, tuple[Finding, ...]]
"""An answer, and what is wrong with it."""

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
_NOT_TICKED = frozenset({"□", "☐", "否", "不是", "×", "x", "n", "no", "0", "有", "有变化", "无无变化"})
_CELL_ERRORS = frozenset(
    {"#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#GETTING_DATA"}
)
_INVISIBLE = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2069\\ufeff\\ud800-\\udfff\\ufffe\\uffff]"
)
_RUNNING = re.compile("[“‘（《【]?[0-9一-鿿](?<![无没暂空])")
_ESCAPED = re.compile(r"_x00[01][0-9A-Fa-f]_")
_PICTURE = re.compile(r"=?(?:_xlfn\.)?DISPIMG\(", re.IGNORECASE)
_BRACKETED = re.compile(r"[(\[【][^()\[\]【】]*[)\]】]")
_CELL_LIMIT = 32_767
_LARGEST = 1e15
_LABELS = 256
_COUNTED = {
    "人次": frozenset({"人次", "人数", "人", "名", "位"}),
    "场次": frozenset({"场次", "场", "场活动"}),
}
"""What labels say is counted, and the words that count nothing else."""


class _Cell(Record, frozen=True):
    """A cell to be read, and all that its reading depends on."""

    field: Field
    raw: Raw
    text: str
    place: Place
    last_day: date


class _Value(Record, frozen=True):
    """What a cell was read as."""

    value: Scalar
    findings: tuple[Finding, ...] = ()
    approximate: bool = False


def parse(
    field: Field, raw: Raw, place: Place, *, last_day: date, shows_percent: bool | None = None
) -> Parsed:
    """Read what a cell says to a field.

    ``last_day`` of the period completes dates without a year; ``shows_percent`` is the close look at the
    cell's number format, None where it was not taken.  What cannot be read gives value None and an error
    that says what to enter; the text as typed is always kept.
    """
    text = clean(written(raw))
    if raw is None or not text:
        return Answer(None, "", place.cell), ()
    if shows_percent and isinstance(raw, int | float) and not isinstance(raw, bool):
        raw = text = _as_shown(raw)
    cell = _Cell(field, raw, text, place, last_day)
    read = _value(cell)
    findings = read.findings
    if read.approximate and not findings:
        findings = (_told("value-approximate", cell),)
    return Answer(read.value, text, place.cell, read.approximate), findings


def _as_shown(share: float) -> str:
    """Write a share as its cell shows it, and as it can be read again: 0.8 → ``80%``, 1.5 → ``150%``."""
    return f"{share * 100:.6f}".rstrip("0").rstrip(".") + "%"


def clean(text: str) -> str:
    """Take out what nobody typed: control characters, surrogates, marks of direction; line breaks stay."""
    text = _ESCAPED.sub(
        "", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").replace("\xa0", " ")
    )
    return _INVISIBLE.sub("", text).strip()


def plain_text(field: Field, raw: Raw) -> tuple[str, str] | None:
    """Give what ``parse`` gives for running text, value and text; None for what has to be looked at closely.

    Running text is printable but for line breaks, and begins with a figure or a Chinese character with which
    nothing begins that says nothing.
    """
    if field.type is not FieldType.TEXT or type(raw) is not str or len(raw) > _CELL_LIMIT:
        return None
    text = raw.strip()
    if _RUNNING.match(text) is None or "_x00" in text:
        return None
    return (text, text) if text.isprintable() or text.replace("\n", "").isprintable() else None


def _value(cell: _Cell) -> _Value:
    """Read a cell: first what says nothing in any field, then by the field's type."""
    if isinstance(cell.raw, Formula):
        return _bad("cell-formula-uncomputed", cell)
    if cell.text.upper() in _CELL_ERRORS:
        return _bad("cell-error-value", cell)
    if _PICTURE.match(cell.text):
        return _picture(cell)
    if type(cell.raw) is not float and _folded(cell.text) in NOTHING and _chosen(cell) is None:
        return _nothing(cell)
    return _READERS[cell.field.type](cell)


def _nothing(cell: _Cell) -> _Value:
    """「无」「/」「—」: explicitly nothing; but a choice that everybody has to make cannot be nothing."""
    if cell.field.type is FieldType.CHOICE and cell.field.required is not Required.NONE:
        return _bad("choice-unknown", cell, choices="、".join(cell.field.choices))
    return _Value(None)


def _picture(cell: _Cell) -> _Value:
    if cell.field.type is not FieldType.TEXT:
        return _bad("cell-picture", cell)
    return _Value("（图片）", (_told("cell-picture-counted", cell),))


def _text(cell: _Cell) -> _Value:
    if len(cell.text) > _CELL_LIMIT:
        return _Value(cell.text, (_told("text-too-long", cell, length=len(cell.text)),))
    return _Value(cell.text)


def _folded(text: str) -> str:
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()
    return plain.rstrip("。.!;,:") or plain


def _chosen(cell: _Cell) -> str | None:
    wordings = {_folded(choice): choice for choice in cell.field.choices}
    wordings |= {_folded(word): choice for word, choice in cell.field.accepts.items()}
    plain = _folded(cell.text)
    return wordings.get(plain) or wordings.get(_BRACKETED.sub("", plain))


def _choice(cell: _Cell) -> _Value:
    if (chosen := _chosen(cell)) is not None:
        return _Value(chosen)
    if len(cell.field.choices) == 1 and _folded(cell.text) in _NOT_TICKED:
        return _Value(None)
    return _bad("choice-unknown", cell, choices="、".join(cell.field.choices))


def _date(cell: _Cell) -> _Value:
    try:
        found = _day(cell)
    except UnclearDateError as error:
        code = {"vague": "date-vague", "impossible": "date-impossible", "range": "date-out-of-range"}
        return _bad(code.get(error.why, "date-unreadable"), cell, first=FIRST_YEAR, last=LAST_YEAR)
    day = found.day.isoformat()
    told = (_told("date-year-completed", cell, day=day),) if found.completed else ()
    return _Value(day, told, found.approximate)


def _day(cell: _Cell) -> WrittenDate:
    match cell.raw:
        case bool() | time() | timedelta():
            raise UnclearDateError("unknown")
        case datetime() as moment:
            return WrittenDate(checked(moment.date()))
        case date() as day:
            return WrittenDate(checked(day))
        case int() | float() as number if not _looks_packed(cell.text):
            return WrittenDate(of_serial(number))
        case _:
            return read_date(cell.text, cell.last_day)


def _looks_packed(text: str) -> bool:
    return text.isdecimal() and len(text) == len("20190305")


def _percent(cell: _Cell) -> _Value:
    number = _read(cell)
    if not isinstance(number, Number):
        return _bad(number, cell, example="80")
    if number.measure not in ("", "%"):
        return _bad("number-wrong-measure", cell, measure="%")
    if number.measure == "" and 0 < abs(number.value) <= 1:
        return _fraction(cell, number)
    return _bounded(cell, round(number.value, 6), approximate=number.approximate)


def _fraction(cell: _Cell, number: Number) -> _Value:
    """Read 0.5 or 1 without a sign, which the cell's number format does not give either."""
    if abs(number.value) < 1:
        return _bad("percent-open", cell, figure=in_digits(round(number.value * 100, 6)))
    return _bounded(cell, number.value, told=(_told("percent-one", cell),))


def _number(cell: _Cell) -> _Value:
    whole = cell.field.type is FieldType.INTEGER
    number = _read(cell)
    if not isinstance(number, Number):
        return _bad(number, cell, example="3" if whole else "3.5")
    value = _in_measure(cell.field, number)
    if value is None:
        meant = (measure_of(cell.field), *_counted(cell.field), "个数")
        return _bad("number-wrong-measure", cell, measure=next(filter(None, meant)))
    value = round(value, 6) + 0.0  # a zero without a sign
    if not whole:
        return _bounded(cell, value, approximate=number.approximate)
    if not value.is_integer():
        return _bad("number-not-whole", cell)
    return _bounded(cell, int(value), approximate=number.approximate)


def _read(cell: _Cell) -> Number | str:
    """Read a number from a cell, or give the code of what is wrong with it."""
    match cell.raw:
        case bool():
            return "number-unreadable"
        case int() | float() as number:
            return Number(float(number)) if _fits(number) else "number-too-large"
        case date() | time() | timedelta():
            return "number-is-date"
    try:
        found = read_number(cell.text)
    except UnclearNumberError as error:
        return "number-several" if error.several else "number-unreadable"
    return found if _fits(found.value) else "number-too-large"


def _fits(number: float) -> bool:
    return (isinstance(number, int) or math.isfinite(number)) and abs(number) < _LARGEST


def measure_of(field: Field) -> str:
    """Give the measure that a field's label names in brackets: ``投入经费(万元)`` → ``万元``."""
    return _measure_in(field.label)


@lru_cache(_LABELS)
def _measure_in(label: str) -> str:
    found = re.search(r"\(([^()]+)\)\s*$", unicodedata.normalize("NFKC", label))
    return found[1] if found else ""


def _counted(field: Field) -> tuple[str, ...]:
    return tuple(name for name in _COUNTED if name in field.label)


def _in_measure(field: Field, number: Number) -> float | None:
    """Give the value in the field's own measure (120000元 is 12 万元), None where it cannot be."""
    wanted = measure_of(field)
    counted = _counted(field)
    if counted and any(number.measure in words for name, words in _COUNTED.items() if name not in counted):
        return None  # 200人次 are no 场次: it belongs into the next column
    is_money = wanted.endswith("元") or (not wanted and field.type is FieldType.DECIMAL)
    scale = {"万元": 1e4, "亿元": 1e8}.get(wanted, 1.0)
    if number.measure == "元":
        return number.value / scale if is_money else None
    if number.measure == "%" or (wanted.endswith("元") and number.measure):
        return None
    return number.value / scale if number.scaled else number.value


def _bounded(
    cell: _Cell, value: float, *, approximate: bool = False, told: tuple[Finding, ...] = ()
) -> _Value:
    low = cell.field.minimum is not None and value < cell.field.minimum
    high = cell.field.maximum is not None and value > cell.field.maximum
    if low or high:
        return _bad("number-out-of-bounds", cell, bounds=bounds(cell.field))
    return _Value(value, told, approximate)


def _bad(code: str, cell: _Cell, **details: str | int) -> _Value:
    return _Value(None, (_told(code, cell, **details),))


def _told(code: str, cell: _Cell, **details: str | int) -> Finding:
    details |= {"label": cell.field.label, "raw": _short(cell.text)}
    return finding(code, cell.place, unit="", task="", **details)


def _short(text: str) -> str:
    """Cut a quoted text for a message; the whole stands in the cell."""
    line = " ".join(text.split())
    return line if len(line) <= 30 else f"{line[:29]}…"  # noqa: PLR2004 - what reads well in one line


_READERS = {
    FieldType.TEXT: _text,
    FieldType.CHOICE: _choice,
    FieldType.DATE: _date,
    FieldType.PERCENT: _percent,
    FieldType.INTEGER: _number,
    FieldType.DECIMAL: _number,
}
