"""The sheets and columns of master.xlsx: reading and writing it agree here and nowhere else."""

from __future__ import annotations

from datetime import date

from kepu_xls.model import Indicator, Task, Unit

TASK_SHEET, UNIT_SHEET, INDICATOR_SHEET = "任务", "单位", "指标"

NUMBER, PART, PROJECT, TEXT = "编号", "部分", "项目", "主要任务"
LEADS, PARTICIPANTS, DEADLINE = "牵头单位", "参加单位", "完成时限"
NAME, ALIASES, EMAILS, CONTACT, PHONE = "名称", "别名", "邮箱", "联系人", "电话"
SINCE, UNTIL, MERGED_INTO = "起用日期", "停用日期", "并入"
TASK_NUMBER, INDICATOR, TARGET, MEASURE, CONFIRMED = "任务编号", "指标", "目标值", "计量单位", "确认"

YES, NO = "是", "否"

COLUMNS: dict[str, tuple[str, ...]] = {
    TASK_SHEET: (NUMBER, PART, PROJECT, TEXT, LEADS, PARTICIPANTS, DEADLINE),
    UNIT_SHEET: (NAME, ALIASES, EMAILS, CONTACT, PHONE, SINCE, UNTIL, MERGED_INTO),
    INDICATOR_SHEET: (TASK_NUMBER, INDICATOR, TARGET, MEASURE, DEADLINE, CONFIRMED),
}
OPTIONAL = (CONFIRMED, PART)
"""Columns that may be missing: without 确认 nothing is confirmed yet, without 部分 there is one part."""


def of_task(task: Task) -> dict[str, str]:
    """Give a task as the cells of its row."""
    return {
        NUMBER: task.number,
        PART: task.part,
        PROJECT: task.project,
        TEXT: task.text,
        LEADS: "、".join(task.leads),
        PARTICIPANTS: "、".join(task.participants),
        DEADLINE: _day(task.deadline),
    }


def of_unit(unit: Unit) -> dict[str, str]:
    """Give a unit as the cells of its row."""
    return {
        NAME: unit.name,
        ALIASES: "、".join(unit.aliases),
        EMAILS: "；".join(unit.emails),
        CONTACT: unit.contact,
        PHONE: unit.phone,
        SINCE: _day(unit.since),
        UNTIL: _day(unit.until),
        MERGED_INTO: "、".join(unit.merged_into),
    }


def of_indicator(one: Indicator) -> dict[str, str | float]:
    """Give an indicator as the cells of its row; its target is a number."""
    return {
        TASK_NUMBER: one.task,
        INDICATOR: one.name,
        TARGET: one.target,
        MEASURE: one.measure,
        DEADLINE: _day(one.deadline),
        CONFIRMED: {True: YES, False: NO, None: ""}[one.confirmed],
    }


def _day(day: date | None) -> str:
    """Write a day as text: in a text cell, what is typed over it stays (Excel makes 2020年12月 a 1st)."""
    return "" if day is None else day.isoformat()
