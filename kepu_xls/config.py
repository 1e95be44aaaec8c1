"""``config.toml`` as frozen typed objects; an unknown key or a wrong type is an error that names its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path
from typing import Annotated

import msgspec

from kepu_xls import messages
from kepu_xls.appearance import BriefSettings, ReportSettings, fault
from kepu_xls.errors import InputError
from kepu_xls.identity import CONTEXT_COLUMNS
from kepu_xls.limits import Limits
from kepu_xls.mail_settings import MailSettings, RemindSettings, is_address
from kepu_xls.model import Field, FieldType, MergeRule, Place, Record
from kepu_xls.periods import Kind
from kepu_xls.rulebook import LightRule, Rule, misread


class PlanSettings(Record, frozen=True):
    """``[plan]``: the plan's title, and the days between which it is carried out (序时进度)."""

    title: str
    start: date
    end: date


class PeriodSettings(Record, frozen=True):
    """``[period]``: how long a period is, and when its reports are due (working days, local time)."""

    kind: Kind = Kind.WEEK
    deadline_days: Annotated[int, msgspec.Meta(ge=-60, le=60)] = 0
    deadline_time: time = time(17)
    cutoff_days: Annotated[int, msgspec.Meta(ge=0, le=250)] = 5


class FormSettings(Record, frozen=True):
    """``[forms]``: names of the files (``{unit}``, ``{period}``), and who receives them."""

    file_name: str = "{unit}_{period}_进展填报表.xlsx"
    organiser: str = "区科协"


class InboxSettings(Record, frozen=True):
    """``[inbox]``: where it lies, if not in the workspace, and passwords to try on encrypted workbooks."""

    url: str = ""
    passwords: tuple[str, ...] = ()


class CheckSettings(Record, frozen=True):
    """``[checks]``: what is held against other periods and other units, by which measure.

    ``texts`` and ``cumulative`` are keys of fields; ``stages`` are choices of one field, from the first to
    the last.  ``alike`` in per cent; lengths in characters without spaces and punctuation; ``leads_apart``
    in points of a percentage; ``silent_periods``: 0 looks for none.
    """

    texts: tuple[str, ...] = ()
    cumulative: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    alike: Annotated[int, msgspec.Meta(ge=50, le=100)] = 90
    repeated_length: int = 8
    shared_length: int = 15
    leads_apart: int = 20
    silent_periods: int = 4
    empty_phrases: tuple[str, ...] = ()
    fillers: tuple[str, ...] = ()


class Config(Record, frozen=True):
    """The whole of config.toml.

    ``fields`` are the columns of a form, ``form_fields`` stand below it; ``rules`` are checked row by row, of
    ``lights`` the first that holds wins.
    """

    plan: PlanSettings
    fields: tuple[Field, ...]
    form_fields: tuple[Field, ...] = ()
    period: PeriodSettings = PeriodSettings()
    forms: FormSettings = FormSettings()
    inbox: InboxSettings = InboxSettings()
    limits: Limits = Limits()
    mail: MailSettings = MailSettings()
    remind: RemindSettings = RemindSettings()
    checks: CheckSettings = CheckSettings()
    report: ReportSettings = ReportSettings()
    brief: BriefSettings = BriefSettings()
    rules: tuple[Rule, ...] = ()
    lights: tuple[LightRule, ...] = ()


def load(path: Path) -> Config:
    """Read and check a config.toml.  Raises InputError naming file, line and key."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("config-encoding", Place(file=path.name)) from error
    return parse(text, path.name)


def parse(text: str, name: str = "config.toml") -> Config:
    """Read and check the text of a config.toml; ``name`` is what errors call it.  Raises InputError."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(
            "config-syntax", Place(file=name, cell=_line_said(str(error))), detail=error
        ) from error
    try:
        config = msgspec.convert(data, Config, strict=True)
    except msgspec.ValidationError as error:
        raise _explain(str(error), text, name) from error
    _check_fields(config, text, name)
    _check_checks(config, text, name)
    _check_rules(config, text, name)
    _check_mail(config, text, name)
    return config


_REPORTED = ("地区", "期次", "单位", "角色", "来源文件", "来源行")
"""Heads of 明细数据 beside those of a form: no field may be called so, or it would take their place."""


def _check_fields(config: Config, text: str, name: str) -> None:
    """Refuse what is well typed but cannot work: keys used twice, choices left out, dates the wrong way."""
    seen: set[str] = set()
    for table, fields in (("fields", config.fields), ("form_fields", config.form_fields)):
        for index, field in enumerate(fields):
            reserved = {*CONTEXT_COLUMNS.values(), *_REPORTED} if table == "fields" else set[str]()
            for code, details in _faults_of(field, seen | reserved):
                place = Place(file=name, cell=_line_of(text, [(table, index)], "key"))
                raise InputError(code, place, **details)
            seen |= {field.key, field.label}
    if not _names_file(config.forms.file_name):
        place = Place(file=name, cell=_line_of(text, [("forms", None)], "file_name"))
        raise InputError("config-file-name", place, value=config.forms.file_name)
    if not config.fields:
        raise InputError("config-no-fields", Place(file=name))
    _check_appearance(config, text, name)
    if config.plan.end <= config.plan.start:
        place = Place(file=name, cell=_line_of(text, [("plan", None)], "end"))
        raise InputError("config-plan-dates", place)


def _check_checks(config: Config, text: str, name: str) -> None:
    """Refuse checks of fields and stages that the form does not ask for."""
    numbers = (FieldType.INTEGER, FieldType.DECIMAL)
    texts = {field.key for field in config.fields if field.type is FieldType.TEXT}
    figures = {field.key for field in config.fields if field.type in numbers}
    known = {"texts": texts, "cumulative": figures, "stages": _choices_with(config, config.checks.stages)}
    for key, words in known.items():
        unknown = [word for word in getattr(config.checks, key) if word not in words]
        if unknown:
            place = Place(file=name, cell=_line_of(text, [("checks", None)], key))
            raise InputError("config-check-unknown", place, key=key, wrong="、".join(unknown))


def _choices_with(config: Config, stages: tuple[str, ...]) -> set[str]:
    """Give the choices of the field that has all these stages; nothing where there is none."""
    return next((set(field.choices) for field in config.fields if {*stages} <= {*field.choices}), set())


def _check_appearance(config: Config, text: str, name: str) -> None:
    """Refuse a look of the report or the brief that cannot be had."""
    found = fault(config.report, config.brief)
    if found is not None:
        place = Place(file=name, cell=_line_of(text, [(found.table, None)], found.key))
        raise InputError(found.code, place, key=found.key, **found.details)


def _check_rules(config: Config, text: str, name: str) -> None:
    """Refuse rules and lights that cannot be understood, or whose code is taken."""
    found = misread(config.rules, config.lights, config.fields, messages.catalogue())
    if found is not None:
        place = Place(file=name, cell=_line_of(text, [(found.table, found.index)], found.key))
        raise InputError(found.code, place, **found.details)


def _check_mail(config: Config, text: str, name: str) -> None:
    """Refuse mailboxes that cannot be one."""
    mail = config.mail
    boxes = (("address", mail.address), ("reply_to", mail.reply_to), *(("cc", one) for one in mail.cc))
    for key, address in boxes:
        if (address or key == "cc") and not is_address(address):
            place = Place(file=name, cell=_line_of(text, [("mail", None)], key))
            raise InputError("config-mail-address", place, key=key, address=address)


def _names_file(pattern: str) -> bool:
    """Tell whether a pattern gives each unit a workbook of its own."""
    named = set(re.findall(r"{(.*?)}", pattern))
    plain = re.sub(r"{(unit|period)}", "", pattern)
    return "unit" in named and not {"{", "}"} & set(plain) and plain.endswith(".xlsx")


def _faults_of(field: Field, seen: set[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Give what is wrong with a field: codes with their details; ``seen`` are words that others have."""
    for word, taken in ((field.key, seen), (field.label, {*seen, field.key})):
        if word in taken:
            yield "config-field-twice", {"word": word}
    if not field.key.isidentifier() or not field.label.strip():
        yield "config-field-key", {"key": field.key}
    if (field.type is FieldType.CHOICE) != bool(field.choices):
        yield "config-field-choices", {"label": field.label}
    wrong = {*field.accepts.values(), *field.worst_first} - set(field.choices)
    if wrong:
        yield "config-field-accepts", {"label": field.label, "wrong": "、".join(sorted(wrong))}
    if field.worst_first and set(field.worst_first) != set(field.choices):
        missing = "、".join(choice for choice in field.choices if choice not in field.worst_first)
        yield "config-field-order", {"label": field.label, "missing": missing}
    numeric = field.type in (FieldType.INTEGER, FieldType.DECIMAL, FieldType.PERCENT)
    if field.merge in (MergeRule.SUM, MergeRule.MEAN) and not numeric:
        yield "config-field-merge", {"label": field.label, "rule": field.merge.value}
    if field.merge is MergeRule.WORST and not field.choices:
        yield "config-field-merge", {"label": field.label, "rule": field.merge.value}
    if field.minimum is not None and field.maximum is not None and field.minimum > field.maximum:
        yield "config-field-bounds", {"label": field.label}


_SECRET = re.compile(r"(?i)pass|pwd|secret|auth.*code|密码|授权码")
_UNKNOWN = re.compile(r"unknown field `(?P<key>.+?)`")
_MISSING = re.compile(r"missing required field `(?P<key>.+?)`")
_PATH = re.compile(r" - at `\$(?P<path>.*)`$")
_STEP = re.compile(r"\.(?P<name>[A-Za-z_]\w*)|\[(?P<index>\d+)\]")

# msgspec's words for types → ours
_TYPES = {
    "str": "文字（加引号）",
    "int": "整数",
    "float": "数",
    "bool": "true 或 false",
    "date": "日期，如 2019-12-31",
    "time": "时间，如 17:00:00",
    "array": '列表，如 ["甲", "乙"]',
    "object": "一组设置",
}


def _explain(error: str, text: str, name: str) -> InputError:
    """Turn msgspec's message (its wording: ``Expected `int`, got `str` - at `$.period.x```) into ours."""
    where = _PATH.search(error)
    steps = _steps(where["path"] if where else "")
    if unknown := _UNKNOWN.search(error):
        key = unknown["key"]
        place = Place(file=name, cell=_line_of(text, steps, key))
        secret = bool(steps) and steps[0][0] == "mail" and _SECRET.search(key)
        return InputError("config-password-key" if secret else "config-unknown-key", place, key=key)
    if missing := _MISSING.search(error):
        place = Place(file=name, cell=_line_of(text, steps, None))
        return InputError("config-missing-key", place, key=missing["key"], table=_written(steps))
    key = steps[-1][0] if steps else ""
    place = Place(file=name, cell=_line_of(text, steps[:-1], key))
    if wanted := re.search(r"Expected `(\w+)[^`]*`, got", error):  # not a bound: "Expected `int` <= 100"
        kind = _TYPES.get(wanted[1], wanted[1])
        return InputError("config-wrong-type", place, key=key, kind=kind)
    return InputError("config-wrong-value", place, key=key)


def _steps(path: str) -> list[tuple[str, int | None]]:
    """Split ``.fields[3].width`` into (name, index of the table in its array or None)."""
    steps: list[tuple[str, int | None]] = []
    for match in _STEP.finditer(path):
        if match["name"]:
            steps.append((match["name"], None))
        elif steps:
            steps[-1] = (steps[-1][0], int(match["index"]))
    return steps


def _written(steps: list[tuple[str, int | None]]) -> str:
    if not steps:
        return "config.toml"
    name, index = steps[0]
    return f"[{name}]" if index is None else f"[[{name}]]"


def _line_said(error: str) -> str:
    match = re.search(r"line (\d+)", error)
    return f"第{match[1]}行" if match else ""


def _line_of(text: str, tables: list[tuple[str, int | None]], key: str | None) -> str:
    """Find the line of a key: below the header of its table (the index-th of an array), by its name.

    An inline table or array is looked for by its own key.  Empty where nothing fits: the file alone is named.
    """
    lines = text.splitlines()
    start = 0
    for depth in range(len(tables)):  # [mail], then [mail.smtp]
        name, index = r"\s*\.\s*".join(re.escape(one) for one, _ in tables[: depth + 1]), tables[depth][1]
        headers = [n for n, line in enumerate(lines) if re.match(rf"\s*\[{{1,2}}\s*{name}\s*\]", line)]
        if headers:
            start = headers[min(index or 0, len(headers) - 1)]
    if key is None:
        return f"第{start + 1}行"
    names = [key, *(name for name, _ in reversed(tables[1:]))]
    for wanted in names:
        for number in range(start, len(lines)):
            if re.match(rf"\s*(\[+\s*)?[\"']?{re.escape(wanted)}[\"']?\s*[=\]]", lines[number]):
                return f"第{number + 1}行"
    return f"第{start + 1}行" if start else ""
