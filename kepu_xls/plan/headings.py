"""How headings are worded and numbered: heads of columns by synonyms, and the marks 一、（一） 1、 ①."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from kepu_xls.model import Record
from kepu_xls.plan.blocks import Row, flat


class Column(StrEnum):
    """What a column of a task table holds."""

    NUMBER = "number"
    PART = "part"
    PROJECT = "project"
    TASK = "task"
    LEAD = "lead"
    PARTICIPANT = "participant"
    RESPONSIBLE = "responsible"  # 责任单位: leads, unless another column is headed 牵头
    DEADLINE = "deadline"
    OTHER = "other"  # 备注 and the like: not read, but a column all the same


SYNONYMS: dict[Column, tuple[str, ...]] = {
    Column.NUMBER: (
        "序号", "编号", "任务编号", "任务序号", "号",
    ),
    Column.PART: (
        "部分", "板块", "领域", "大类", "重点领域", "任务部分", "工作板块",
    ),
    Column.PROJECT: (
        "项目", "项目名称", "重点项目", "工作项目", "工程", "行动", "重点工程", "重点行动", "专项",
        "专项行动", "类别", "任务类别", "任务分类", "分类",
    ),
    Column.TASK: (
        "主要任务", "重点任务", "工作任务", "具体任务", "任务", "任务内容", "任务名称", "目标任务",
        "工作内容", "主要工作", "重点工作", "主要内容", "具体内容", "工作措施", "具体措施", "主要措施",
        "工作举措", "重点举措", "工作事项", "事项", "内容", "措施",
    ),
    Column.LEAD: (
        "牵头单位", "牵头部门", "牵头责任单位", "主办单位", "主办部门", "主责单位", "主责部门",
        "主要责任单位", "牵头",
    ),
    Column.PARTICIPANT: (
        "参加单位", "参加部门", "配合单位", "配合部门", "协办单位", "协办部门", "参与单位", "参与部门",
        "协同单位", "协助单位", "协作单位", "参加", "配合", "协办", "参与",
    ),
    Column.RESPONSIBLE: (
        "责任单位", "责任部门", "责任主体", "落实单位", "承办单位", "实施单位", "责任分工", "任务分工",
        "分工",
    ),
    Column.DEADLINE: (
        "完成时限", "完成时间", "完成期限", "时限", "时限要求", "时间要求", "时间节点", "截止时间",
        "截止日期", "计划完成时间", "办结时限", "期限",
    ),
    Column.OTHER: (
        "备注", "说明", "目标", "工作目标", "主要目标", "预期目标", "预期成效", "成果形式", "考核指标",
        "责任人", "经费", "所需经费", "资金来源", "完成情况", "进展情况", "落实情况", "工作进展", "验收标准",
    ),
}  # fmt: skip

# where no synonym fits exactly: what a head contains, first match first (牵头单位及责任人, 2020年工作任务)
_CONTAINED: tuple[tuple[str, Column], ...] = (
    ("领导", Column.OTHER),
    ("联系", Column.OTHER),
    ("备注", Column.OTHER),
    ("牵头", Column.LEAD),
    ("主办", Column.LEAD),
    ("配合", Column.PARTICIPANT),
    ("参加单位", Column.PARTICIPANT),
    ("参与", Column.PARTICIPANT),
    ("协办", Column.PARTICIPANT),
    ("责任单位", Column.RESPONSIBLE),
    ("责任部门", Column.RESPONSIBLE),
    ("时限", Column.DEADLINE),
    ("完成时间", Column.DEADLINE),
    ("任务", Column.TASK),
    ("措施", Column.TASK),
    ("项目", Column.PROJECT),
    ("序号", Column.NUMBER),
)
_LONGEST_HEAD = 12
_BY_NAME = {name: column for column, names in SYNONYMS.items() for name in names}
_UNITS = (Column.LEAD, Column.PARTICIPANT, Column.RESPONSIBLE)

Columns = dict[Column, tuple[int, ...]]
"""Which columns of a table hold what; a merged head covers several."""


def head(text: str) -> Column | None:
    """Tell what a column with that head holds; None where it is no head that we know."""
    name = re.sub(r"[（(].*?[）)]|[\s:：*]", "", unicodedata.normalize("NFKC", text))
    if not name or len(name) > _LONGEST_HEAD:
        return None
    return _BY_NAME.get(name) or next((column for part, column in _CONTAINED if part in name), None)


def columns_of(row: Row) -> Columns | None:
    """Read a row as the header of a task table; None where it is none.

    A header has tasks and units, in different cells.
    """
    found: Columns = {}
    for index, cell in enumerate(row):
        if (column := head(cell.text)) is not None:
            found[column] = (*found.get(column, ()), index)
    _part_tasks(row, found)
    if Column.TASK not in found or not any(column in found for column in _UNITS):
        return None
    return _settled(row, found)


def _part_tasks(row: Row, found: Columns) -> None:
    """Of 重点任务 and 具体措施 side by side the first groups the second; 项目 alone is the task itself."""
    tasks = found.get(Column.TASK, ())
    cells = {row[index].place: index for index in reversed(tasks)}
    if len(cells) > 1 and Column.PROJECT not in found:
        first = row[min(tasks)].place
        found[Column.PROJECT] = tuple(index for index in tasks if row[index].place == first)
        found[Column.TASK] = tuple(index for index in tasks if row[index].place != first)
    elif not tasks and Column.PROJECT in found:
        found[Column.TASK] = found.pop(Column.PROJECT)


def _settled(row: Row, found: Columns) -> Columns:
    """Say which side 责任单位 and 责任部门 are on: beside 牵头, participants; of the two, 单位 leads."""
    responsible = found.get(Column.RESPONSIBLE, ())
    if not responsible:
        return found
    if Column.LEAD in found:
        del found[Column.RESPONSIBLE]
        found[Column.PARTICIPANT] = (*found.get(Column.PARTICIPANT, ()), *responsible)
        return found
    departments = tuple(index for index in responsible if "部门" in row[index].text)
    others = tuple(index for index in responsible if index not in departments)
    if departments and others:
        found[Column.LEAD] = others
        found[Column.PARTICIPANT] = (*found.get(Column.PARTICIPANT, ()), *departments)
        del found[Column.RESPONSIBLE]
    elif Column.PARTICIPANT in found:
        found[Column.LEAD] = found.pop(Column.RESPONSIBLE)
    return found


class Mark(StrEnum):
    """The kinds of marks before a heading or task, from the outside in."""

    PART = "一、"
    PROJECT = "（一）"
    TASK = "1、"
    SUBTASK = "（1）"
    CIRCLED = "①"

    @property
    def depth(self) -> int:
        """How deep such a mark stands in an official document: 1 for 一、."""
        return list(Mark).index(self) + 1


class Marked(Record, frozen=True):
    """A text without the mark before it.  ``path`` holds all numbers of a mark such as 1.2.3."""

    text: str
    mark: Mark | None = None
    ordinal: int | None = None
    path: tuple[int, ...] = ()


_DIGITS = "零一二三四五六七八九"
_CHINESE = "〇零一二三四五六七八九十百"
_PATTERNS: tuple[tuple[Mark, re.Pattern[str]], ...] = (
    (Mark.PART, re.compile(rf"第?([{_CHINESE}]{{1,5}})(?:部分|章|[、，,.．：:](?!\d))[、：:\s]*")),
    (Mark.PROJECT, re.compile(rf"[（(]\s*([{_CHINESE}]{{1,5}})\s*[）)][、.．：:\s]*")),
    (Mark.SUBTASK, re.compile(r"[（(]\s*(\d{1,3})\s*[）)][、.．：:\s]*")),
    (
        Mark.TASK,
        re.compile(r"(\d{1,2}(?:[.．]\d{1,2}){1,3})(?:[.．、]\s*|\s+|(?=[^\d\s%％.．万亿个人场次年]))"),
    ),
    (Mark.TASK, re.compile(r"(\d{1,3})(?:[、）)]|[.．](?!\d))[、：:\s]*")),
    (Mark.CIRCLED, re.compile(r"([①-⑳])[、.．：:\s]*")),
)


def marked(text: str) -> Marked:
    """Take the mark off a heading or task: ``（二）城镇`` → 城镇, 2.  Without one, the text stays whole."""
    text = text.strip()
    for mark, pattern in _PATTERNS:
        if match := pattern.match(text):
            rest, written = text[match.end() :].strip(), match[1]
            if mark is Mark.TASK and re.search(r"[.．]", written):
                path = tuple(int(part) for part in re.split(r"[.．]", written))
                return Marked(rest, mark, path[-1], path)
            ordinal = number_in(written)
            return Marked(rest, mark, ordinal, (ordinal,))
    return Marked(text)


def number_in(written: str) -> int:
    """Read ``12``, ``十二`` or ``⑫``."""
    if written.isdecimal():
        return int(written)
    if "①" <= written <= "⑳":
        return ord(written) - ord("①") + 1
    total, digit = 0, 0
    for char in written:
        if char in "十百":
            total += (digit or (0 if total else 1)) * (10 if char == "十" else 100)
            digit = 0
        else:
            digit = max(_DIGITS.find(char), 0)
    return total + digit


def title(text: str) -> Marked:
    """Read a heading that may be stacked a few characters a line: white space within goes."""
    return marked(re.sub(r"\s+", "", flat(text)))
