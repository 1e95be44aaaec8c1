"""The figures in words, as a leader reads them; true at none, one and all.  Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kepu_xls import periods
from kepu_xls.model import FileStatus, Severity
from kepu_xls.outcome import Consolidated, Light
from kepu_xls.report import figures, movements
from kepu_xls.report.figures import IndicatorFigures, Lag, Reporting
from kepu_xls.report.movements import Movement

# the plan's own number before a task's text
_OWN_NUMBER = re.compile(r"^\s*[0-9０-９]+\s*(?:[、．]|\.(?!\d))\s*")
_MOST_UNITS = 60  # of a task, named below each other
_LISTED = 5  # tasks named in one sentence; the rest stand on their own sheet


def plain(value: float) -> str:
    """Write a number with one decimal at most: 46.0 → ``46``."""
    return f"{value:.1f}".removesuffix(".0")


def amount(value: float) -> str:
    """Write an amount with as many decimals as the cells of a report have: 3.456 → ``3.46``."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def overview(data: Consolidated) -> list[str]:
    """Give the paragraphs of the first page."""
    return [
        "一、报送情况。" + reporting(figures.reporting(data.units)),
        "二、任务进展。" + progress(data),
        "三、与上期相比。" + comparison(data),
        "四、量化指标。" + indicators(data),
        "五、数据质量。" + findings(data),
    ]


def reporting(units: Reporting, most: int | None = None) -> str:
    """Say who reported and who did not, by name; of each kind ``most`` names, where so many are too many."""
    expected, reported = len(units.expected), len(units.reported)
    if not expected:
        return "本期没有需要报送的单位。"
    kinds = [
        _named(label, names, most) for label, names in (("零报告", units.nil), ("迟报", units.late)) if names
    ]
    among = f"（其中{'；'.join(kinds)}）" if kinds else ""
    returned = f"退回修改的有{_named('', units.returned, most)}。" if units.returned else ""
    if not reported:
        return f"本期应报送单位{expected}个，目前都还没有报送：{_names(units.missing, most)}。{returned}"
    if not units.missing:
        return f"本期应报送单位{expected}个，已全部报送{among}。{returned}"
    done = f"已报送{reported}个{among}，报送率{plain(units.rate)}%"
    return f"本期应报送单位{expected}个，{done}；{_named('尚未报送', units.missing, most)}。{returned}"


def _named(label: str, names: Sequence[str], most: int | None) -> str:
    return f"{label}{len(names)}个：{_names(names, most)}"


def _names(names: Sequence[str], most: int | None) -> str:
    return "、".join(names[:most]) + ("等" if most is not None and len(names) > most else "")


def late(units: Reporting, most: int) -> str:
    """Say who did not report, and who reported late."""
    kinds = (("未报", units.missing), ("迟报", units.late))
    told = [_named(label, names, most) for label, names in kinds if names]
    return "；".join(told) + "。" if told else "没有未报和迟报的单位。"


def progress(data: Consolidated) -> str:
    """Say how the tasks stand, and how that compares with the time gone by."""
    if not data.rows:
        return "本期没有任务。"
    counts = [f"{word}{count}项" for word, count in figures.by_status(data) if count]
    due, reached = figures.elapsed(data), figures.mean(map(figures.percent, data.rows))
    start = f"共{len(data.rows)}项任务：{'，'.join(counts)}。"
    if reached is None:
        return start + f"还没有任务填报完成率（序时进度{plain(due)}%）。"
    return start + f"平均完成率{plain(reached)}%，{against(reached, due)}。" + lagging(figures.lags(data))


def against(reached: float, due: float) -> str:
    """Say how a 完成率 stands to 序时进度, as they look once rounded."""
    gap = round(reached, 1) - round(due, 1)
    if plain(abs(gap)) == "0":
        return f"与序时进度（{plain(due)}%）持平"
    return f"比序时进度（{plain(due)}%）{'高' if gap > 0 else '低'}{plain(abs(gap))}个百分点"


def lagging(lags: Sequence[Lag]) -> str:
    """Say how many tasks lag, by light, and name the first of them."""
    if not lags:
        return "没有滞后的任务。"
    told = []
    for colour in (*figures.LIGHTS, ""):
        numbers = [lag.row.task.number for lag in lags if (lag.light.colour if lag.light else "") == colour]
        if numbers:
            told.append(f"{f'{colour}灯' if colour else '自报滞后'}{len(numbers)}项（{_listed(numbers)}）")
    return "，".join(told) + "。"


def lagging_tasks(data: Consolidated, most: int) -> list[str]:
    """Name the tasks that lag, one a line, with their leads and the reason; ``most`` of them."""
    found = figures.lags(data)
    told = [_lagging_task(lag) for lag in found[:most]]
    if len(found) > most:
        told.append(f"其余{len(found) - most}项见汇总表《问题与滞后》。")
    return told or ["没有滞后的任务。"]


def _lagging_task(lag: Lag) -> str:
    task, light = lag.row.task, f"{lag.light.colour}灯，" if lag.light else ""
    name = _OWN_NUMBER.sub("", task_name(task.text, 30))
    return f"{task.number} {name}（牵头单位：{_listed(task.leads)}）：{light}{reason(lag)}。"


def numbered(texts: Sequence[str]) -> list[str]:
    """Put numbers before texts that follow each other; one alone stands as it is."""
    if len(texts) == 1:
        return list(texts)
    return [f"{number}. {text}" for number, text in enumerate(texts, 1)]


def unit_list(names: Sequence[str]) -> str:
    """Give units one below the other; of very many the first few and how many there are."""
    if len(names) <= _MOST_UNITS:
        return "\n".join(names)
    return "\n".join((*names[:_LISTED], f"等{len(names)}个单位"))


def _listed(names: Sequence[str]) -> str:
    return "、".join(names[:_LISTED]) + ("等" if len(names) > _LISTED else "")


def light(given: Light | None) -> str:
    """Say a light with its reason."""
    return "" if given is None else f"{given.colour}灯\n{given.reason}"


def reason(lag: Lag) -> str:
    """Say why a task counts as lagging."""
    return lag.light.reason if lag.light else "填报状态为“滞后”"


def comparison(data: Consolidated) -> str:
    """Say what changed since the period before, and name the tasks that slipped or stalled."""
    if data.previous is None:
        return "没有上期数据，不作比较。"
    before = periods.parse(data.previous_period).label if data.previous_period else "上期"
    found = movements.courses(data)
    if not found:
        return f"与{before}相比，没有两期都有的任务。"
    told = []
    for movement in Movement:
        numbers = [one.row.task.number for one in found if one.movement is movement]
        if numbers:
            names = f"（{_listed(numbers)}）" if movement not in (Movement.MOVED, Movement.DONE) else ""
            told.append(f"{movement.value}{len(numbers)}项{names}")
    return f"与{before}相比，{_means(data)}" + "，".join(told) + "。"


def _means(data: Consolidated) -> str:
    then, now = (figures.mean(map(figures.percent, rows)) for rows in (data.previous or (), data.rows))
    if then is None or now is None:
        return ""
    step = round(now, 1) - round(then, 1)
    if plain(abs(step)) == "0":
        return f"平均完成率仍为{plain(now)}%；"
    return f"平均完成率由{plain(then)}%{'升' if step > 0 else '降'}到{plain(now)}%；"


def indicator(found: IndicatorFigures) -> str:
    """Say in a word how an indicator stands."""
    return "未填报" if found.reached is None else "已达标" if found.met else "未达标"


def indicators(data: Consolidated) -> str:
    """Say how many indicators are reached."""
    found = figures.indicators(data)
    if not found:
        return "本方案没有量化指标。"
    met, silent = sum(one.met for one in found), sum(one.reached is None for one in found)
    waiting = sum(one.indicator.confirmed is None for one in found)
    parts = [f"共{len(found)}项", f"已达到目标的{met}项" if met else "目前都未达到目标"]
    parts += [f"还没有填报的{silent}项"] if silent else []
    parts += [f"待工作人员确认的{waiting}项"] if waiting else []
    return "，".join(parts) + "。"


def findings(data: Consolidated) -> str:
    """Say what the checks found, and how many files were not taken."""
    found = figures.findings(data)
    rejected = sum(file.status is FileStatus.REJECTED for file in data.files)
    errors = sum(one.severity is Severity.ERROR for one in found)
    warnings = sum(one.severity is Severity.WARNING for one in found)
    told = [f"{label}{count}处" for label, count in (("错误", errors), ("提醒", warnings)) if count]
    said = [f"校验发现{'、'.join(told)}"] if told else []
    said += [f"未采用的文件{rejected}个"] if rejected else []
    if not said:
        return "校验没有发现错误和需要提醒的问题。"
    return "，".join((*said, "详见《校验结果》")) + "。"


def biggest_problems(data: Consolidated, count: int = 3) -> list[str]:
    """Name the biggest problems: the tasks that lag most first, with what their units say of them."""
    told = [
        _problem(
            row.task.number,
            row.task.text,
            f"{f'{lag.light.colour}灯：' if lag.light else ''}{reason(lag)}" if lag else "",
            figures.said(row, "problems"),
            figures.said_by(row, "problems"),
        )
        for row, lag in figures.in_trouble(data)[:count]
    ]
    return told or ["没有滞后的任务，也没有单位反映问题。"]


def reported_problems(data: Consolidated, most: int) -> list[str]:
    """Say what units report as problems, of the tasks that lag most first; ``most`` of them."""
    told = [(row, figures.said(row, "problems")) for row, _ in figures.in_trouble(data)]
    told = [(row, words) for row, words in told if words]
    found = [
        _problem(row.task.number, row.task.text, "", words, figures.said_by(row, "problems"), 60)
        for row, words in told[:most]
    ]
    if len(told) > most:
        found[-1] += f"其余{len(told) - most}项见汇总表《问题与滞后》。"
    return found or ["没有单位反映问题。"]


def _problem(
    number: str, text: str, why: str, words: Sequence[tuple[str, str]], units: int, longest: int = 32
) -> str:
    name = _OWN_NUMBER.sub("", task_name(text, 30))
    told = []
    if words:
        unit, said = words[0]
        others = f"等{units}个单位" if units > 1 else ""
        told = [f"{unit}{others}反映：{shortened(' '.join(said.split()).rstrip('。；'), longest)}"]
    return f"{number} {name}——" + "；".join([*filter(None, [why]), *told]) + "。"


def task_name(text: str, longest: int = 60) -> str:
    """Give what a task is called where its whole text would be too much: its first sentence."""
    return shortened(text.strip().split("。", maxsplit=1)[0], longest)


def shortened(text: str, longest: int) -> str:
    """Cut a text that is too long for a line, showing that it goes on."""
    return text if len(text) <= longest else text[: longest - 1] + "…"
