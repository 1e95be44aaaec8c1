"""Results as rows of tables and lines of text, before anybody prints them.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import takewhile

from kepu_xls.commands.results import Contact, FindingLine, TaskHistory, UnitHistory
from kepu_xls.districts import District
from kepu_xls.model import Plan, Role, Scalar, Severity, Task, Unit
from kepu_xls.outcome import UnitStatus

Row = tuple[str, ...]

PLAN_TASK_HEAD = ("编号", "项目", "主要任务", "牵头单位", "参加")
PLAN_UNIT_HEAD = ("单位", "牵头", "参加", "别名", "邮箱")
CONTACT_HEAD = ("单位", "联系人", "电话", "邮箱")
STATUS_HEAD = ("单位", "状态", "行数", "错误", "提醒", "完整率", "到达时间", "早晚", "文件")
FINDING_HEAD = ("级别", "单位", "任务", "文件", "位置", "问题", "怎么办")
UNIT_HEAD = ("期次", "单位", "状态", "早晚", "行数", "错误", "提醒", "完整率", "平均完成率(%)")

DISTRICT_HEAD = (
    "地区",
    "期次",
    "应报",
    "已报",
    "迟报",
    "未报",
    "任务",
    "已完成",
    "滞后",
    "平均完成率(%)",
    "文件",
)

_BARS = "▁▂▃▄▅▆▇█"
_NOTHING = "·"
_FULL = 100.0
_LONG = 24
_NAMES = 30
_AROUND = 6


def short(text: str) -> str:
    """Give the beginning of a long text."""
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"


def names(units: Sequence[str]) -> str:
    """List units in a sentence, the first of them where they are many."""
    return "、".join(units[:_NAMES]) + ("等" if len(units) > _NAMES else "")


def differing(before: str, after: str) -> tuple[str, str]:
    """Give of two long texts the parts that differ, with a few characters around them."""
    if not before or not after:
        return short(before), short(after)
    begin = _common(before, after)
    end = _common(before[begin:][::-1], after[begin:][::-1])
    start = max(begin - _AROUND, 0) if begin > _AROUND + 1 else 0
    cut = []
    for text in (before, after):
        stop = len(text) - end + _AROUND
        part = text[start : stop if stop + 1 < len(text) else len(text)]
        middle = part if len(part) <= 2 * _LONG else f"{part[:_LONG]}……{part[-_LONG:]}"
        cut.append(f"{'…' if start else ''}{middle}{'…' if stop + 1 < len(text) else ''}")
    return cut[0], cut[1]


def _common(one: str, other: str) -> int:
    """Count the characters that two texts begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def plan_task_row(one: Task) -> Row:
    """Give a task's line of ``kepu plan show``."""
    return one.number, one.project, short(one.text), "、".join(one.leads), f"{len(one.participants)} 个"


def plan_unit_row(plan: Plan, unit: Unit) -> Row:
    """Give a unit's line of ``kepu plan show``, with the number of its duties."""
    roles = [role for _, role in plan.duties_of(unit.name)]
    return (
        unit.name,
        str(roles.count(Role.LEAD)),
        str(roles.count(Role.PARTICIPANT)),
        "、".join(unit.aliases),
        "；".join(unit.emails),
    )


_DECIDING = ("file-superseded", "file-duplicate", "file-void", "file-after-cutoff")
"""What decides over a file as a whole comes before what is wrong in its cells."""


def reason(findings: tuple[FindingLine, ...]) -> str:
    """Give what decided over a file, else the first of its gravest findings and how many more there are."""
    if not findings:
        return ""
    for one in findings:
        if one.code in _DECIDING:
            return one.message
    order = list(Severity)
    ranked = sorted(findings, key=lambda one: order.index(one.severity))
    more = len([one for one in ranked if one.severity is ranked[0].severity]) - 1
    place = f"{ranked[0].cell}：" if ranked[0].cell else ""
    return f"{place}{ranked[0].message}" + (f"（另有 {more} 处）" if more else "")


def contact_row(one: Contact) -> Row:
    """Give a unit's line of the contact sheet."""
    return one.unit, one.contact, one.phone, "；".join(one.emails)


def status_row(one: UnitStatus) -> Row:
    """Give a unit's line of ``kepu status``."""
    return (
        one.unit,
        one.state.value,
        f"{one.rows}/{one.duties}",
        str(one.errors or ""),
        str(one.warnings or ""),
        share(one),
        f"{one.received:%Y-%m-%d %H:%M}" if one.received else "",
        timeliness(one),
        one.file,
    )


def share(one: UnitStatus) -> str:
    """Say how complete a report is; 100% is said only where nothing is missing."""
    return f"{int(one.completeness)}%" if one.reported else ""


def timeliness(one: UnitStatus) -> str:
    """Say how early or late a report came, in working days."""
    if one.days_late is None:
        return ""
    if one.days_late < 0:
        return f"早 {-one.days_late} 天"
    if one.late:
        return f"迟 {one.days_late} 天" if one.days_late else "迟不到 1 天"
    return "当天"


def finding_row(one: FindingLine) -> Row:
    """Give a finding's line of ``kepu findings``."""
    place = " ".join(part for part in (one.sheet, one.cell) if part)
    return one.severity.label, one.unit, one.task, one.file, place, one.message, one.remedy


def district_row(one: District) -> Row:
    """Give a district's line of ``kepu rollup``."""
    counts = (one.expected, one.reported, one.late, one.missing, one.tasks, one.finished, one.lagging)
    percent = None if one.percent is None else round(one.percent, 1)
    return one.name, one.period, *map(str, counts), _said(percent), one.file


def task_rows(result: TaskHistory) -> list[Row]:
    """Give the lines of a task's history."""
    return [
        (one.period, f"{one.reported}/{one.expected}", *(_said(one.values.get(key)) for key in result.labels))
        for one in result.periods
    ]


def unit_rows(result: UnitHistory) -> list[Row]:
    """Give the lines of a unit's history."""
    return [
        (
            one.period,
            one.status.unit,
            one.status.state.value,
            timeliness(one.status),
            f"{one.status.rows}/{one.status.duties}",
            str(one.status.errors or ""),
            str(one.status.warnings or ""),
            share(one.status),
            _said(None if one.percent is None else round(one.percent, 1)),
        )
        for one in result.periods
    ]


def _said(value: Scalar) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else f"{value:,.10g}"


def sparkline(percents: Iterable[Scalar]) -> str:
    """Draw percentages as a line of bars, a dot where there is none."""
    return "".join(
        _BARS[min(int(max(one, 0) / _FULL * len(_BARS)), len(_BARS) - 1)]
        if isinstance(one, int | float)
        else _NOTHING
        for one in percents
    )
