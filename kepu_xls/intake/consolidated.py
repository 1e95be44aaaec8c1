"""Whether a table is no form but the rows of several units: our own report, or a list with a column of units.

Pure.
"""

from __future__ import annotations

from kepu_xls.intake.locate import Table
from kepu_xls.model import Plan
from kepu_xls.succession import heirs

_OWN_REPORT = (
    frozenset({"期次", "单位", "角色", "来源文件"}),
    frozenset({"牵头单位", "参加单位", "灯号及原因"}),
    frozenset({"牵头单位", "参加单位", "有关数据"}),
)
"""Heads that only our own report has, on 明细数据 and 任务进展."""
# 责任单位 is not among them: a unit may well write there who leads a task
_UNIT_HEADS = ("单位", "单位名称", "填报单位", "报送单位", "填表单位", "上报单位")


def units_in_column(table: Table, plan: Plan) -> frozenset[str]:
    """Give the units that a column 单位 of the table names in the rows that answer something."""
    column = next((column for word, column in table.head_words.items() if word in _UNIT_HEADS), 0)
    if not column:
        return frozenset()
    names = {table.grid.text(row.row, column).strip() for row in table.rows if table.answers(row.row)}
    return frozenset(unit for name in names if name for unit in heirs(name, plan))


def is_consolidated(table: Table, plan: Plan) -> bool:
    """Tell whether a table holds the rows of several units, or comes from our own report."""
    words = table.head_words.keys()
    if any(heads <= words for heads in _OWN_REPORT) or len(units_in_column(table, plan)) > 1:
        return True
    if "牵头单位" not in words or table.heads.has_keys:  # our own form, from a template that shows who leads
        return False
    answered = {row.task for row in table.rows if row.task and table.answers(row.row)}
    # a unit may answer in a copy of the whole plan, but then only what is its own
    return bool(answered) and not _somebody_has_all(answered, plan)


def _somebody_has_all(tasks: set[str], plan: Plan) -> bool:
    return any(tasks <= {task.number for task, _ in plan.duties_of(unit.name)} for unit in plan.units)
