"""How districts stand, in words; true at one district, none reported, and all alike.  Pure."""

from __future__ import annotations

from collections.abc import Sequence

from kepu_xls.districts import District, RolledUp
from kepu_xls.report.sentences import plain

_NAMED = 5  # districts named in one sentence; the rest stand on 地区对比


def overview(data: RolledUp) -> list[str]:
    """Give the paragraphs of the first page."""
    return [
        "一、报送情况。" + reporting(data.districts),
        "二、任务进展。" + progress(data.districts),
        "三、量化指标。" + indicators(data.districts),
        "四、累计投入。" + sums(data),
    ]


def reporting(districts: Sequence[District]) -> str:
    """Say how many units reported, and in which districts some did not."""
    expected, reported = sum(one.expected for one in districts), sum(one.reported for one in districts)
    start = f"汇总{len(districts)}个地区，应报送单位{expected}个，已报送{reported}个"
    if not expected:
        return f"汇总{len(districts)}个地区，没有单位的报送情况。"
    kinds = (("零报告", sum(one.nil for one in districts)), ("迟报", sum(one.late for one in districts)))
    among = "、".join(f"{word}{count}个" for word, count in kinds if count)
    rate = f"，报送率{plain(reported / expected * 100)}%" + (f"（其中{among}）" if among else "")
    lacking = sorted((one for one in districts if one.missing), key=lambda one: -one.missing)
    if not lacking:
        return f"{start}{rate}。各地区均已报齐。"
    named = _named([(one.name, f"{one.missing}个") for one in lacking])
    return f"{start}{rate}。有单位未报的地区{len(lacking)}个：{named}。"


def progress(districts: Sequence[District]) -> str:
    """Say how the tasks stand, and which districts are furthest and least far."""
    tasks = sum(one.tasks for one in districts)
    if not tasks:
        return "各地区都没有任务数据。"
    finished, lagging = sum(one.finished for one in districts), sum(one.lagging for one in districts)
    start = f"各地区有填报的任务共{tasks}项次，其中已完成{finished}项次，滞后{lagging}项次。"
    ranked = ranking(districts)
    known = [one for one in ranked if one.percent is not None]
    if not known:
        return start + "还没有地区填报完成率。"
    mean = sum(one.percent or 0.0 for one in known) / len(known)
    start += f"地区平均完成率{plain(mean)}%"
    if len(known) == 1:
        return start + "。"
    first = _named([_percent(one) for one in known[: min(3, len(known) // 2)]])
    last = _named([_percent(one) for one in known[::-1][: min(3, len(known) // 2)]])
    if known[0].percent == known[-1].percent:
        return start + "，各地区相同。"
    return f"{start}，最高的是{first}，最低的是{last}。"


def indicators(districts: Sequence[District]) -> str:
    """Say how many targets are reached."""
    asked, met = sum(one.indicators for one in districts), sum(one.met for one in districts)
    if not asked:
        return "没有量化指标。"
    if met == asked:
        return f"各地区的指标共{asked}项，已全部达标。"
    whole = sum(one.indicators > 0 and one.met == one.indicators for one in districts)
    return f"各地区的指标共{asked}项，已达标{met}项；全部达标的地区{whole}个。"


def sums(data: RolledUp) -> str:
    """Say what the fields that add up come to."""
    totals = [sum(one.sums[index] for one in data.districts) for index in range(len(data.summed))]
    told = "，".join(f"{label}合计{total:,.10g}" for label, total in zip(data.summed, totals, strict=True))
    return f"{told}。" if told else "没有可以相加的栏目。"


def ranking(districts: Sequence[District]) -> list[District]:
    """Give the districts by their mean 完成率, the highest first; those without one last."""
    return sorted(districts, key=lambda one: (one.percent is None, -(one.percent or 0.0)))


def _percent(one: District) -> tuple[str, str]:
    return one.name, f"{plain(one.percent or 0.0)}%"


def _named(pairs: Sequence[tuple[str, str]]) -> str:
    named = "、".join(f"{name}（{figure}）" for name, figure in pairs[:_NAMED])
    return named + ("等" if len(pairs) > _NAMED else "")
