"""What 任务进展 says of a task with more units than can be printed: counts and extremes.  Pure."""

from __future__ import annotations

from collections.abc import Sequence

from kepu_xls.model import Field
from kepu_xls.outcome import Crowd, TaskRow
from kepu_xls.report.sentences import amount

_STATUS = "status"


def progress(row: TaskRow, crowd: Crowd, fields: Sequence[Field]) -> str:
    """Say how many units reported, how they stand, and the least and the most of each number."""
    units = len({*row.task.leads, *row.task.participants})
    told = [f"承担单位{units}个，已报{crowd.rows}个。"]
    counts = crowd.choices.get(_STATUS, {})
    if counts:
        told.append("，".join(f"{word}{count}个" for word, count in counts.items()) + "。")
    told += [_extremes(field, crowd) for field in fields if field.key in crowd.extremes]
    written = crowd.told.get("progress", 0)
    told.append(f"写有进展的{written}个单位，内容见《明细数据》。" if written else "没有单位写进展。")
    return "\n".join(told)


def told(crowd: Crowd, field: Field) -> str:
    """Say how many units wrote in a field, and where it is to be read."""
    count = crowd.told.get(field.key, 0)
    return f"{count}个单位填写，见《明细数据》" if count else ""


def _extremes(field: Field, crowd: Crowd) -> str:
    least, most = crowd.extremes[field.key]
    if least.value == most.value:
        return f"{field.label}：都是{amount(least.value)}。"
    return (
        f"{field.label}：最低{amount(least.value)}（{least.unit}），最高{amount(most.value)}（{most.unit}）。"
    )
