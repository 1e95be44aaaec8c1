"""Measurable targets in the prose of a task: ``市级科普教育基地5个``, ``10个“科普智慧云”互动大屏``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

from kepu_xls.model import Indicator, Task
from kepu_xls.plan.dates import last_day_meant

_MEASURES = (
    "万人次|人次|万人|名|人|个|所|座|家|支|场次|场|次|处|套|台|块|条|项|辆|册|万册|种|部|期|篇|间|户|亩|平方米|公里|万元|亿元|"
    "百分点|%"
)  # fmt: skip
_NUMBER = re.compile(
    rf"(?P<number>(?<![\d.])\d[\d,]*(?:\.\d+)?)(?P<ten_thousand>万)?\s*(?P<more>余|多)?(?P<measure>{_MEASURES})(?P<above>以上|左右|以内)?"
)
_CLAUSE = re.compile(r"[，,；;。！？!?：:\n]")
_ORDINAL = re.compile(r"(?:第|每|各|前|近|这|该|其中|\d\s*[-—–~至到]\s*)$")
# longest first: 新建 before 新
_VERBS = (
    "不少于|不低于|提高到|提升到|提高至|增加到|力争|争取|确保|计划|逐步|累计|"
    "全区|全市|全县|分别|至少|超过|达到|建立|建成|建设|新建|创建|创办|培育|"
    "培养|培训|布设|设立|设置|打造|认定|命名|发展|完成|举办|开展|组织|实现|"
    "形成|增至|共|新|再|达|为|到|至|有"
)
_LEADING = re.compile(rf"^(?:在.{{1,12}}?(?=(?:{_VERBS}))|{_VERBS})+")
_TRAILING = re.compile(
    r"(?:力争|争取|至少|不少于|不低于|超过|达到|达|提高到|提升到|提高至|提高|增加到|增至|到|至|为|共|约|各|[、和及的])+$"
)
_COUNTLESS = re.compile(
    r"^(?:方面|环节|层面|一|必|百分点|月|小时|工作日|阶段|意识|维护|自信|以上|重点|原则|问题)"
)
_UNTIL = re.compile(
    r"(?:到|至|截至|截止)?\s*((?:19|20)\d\d年(?:\d{1,2}月(?:\d{1,2}日)?)?)(?:年?(?:底|末|初))?(?:之前|以前|前|底前)?"
)
_LONGEST_NAME = 30


def indicators_of(task: Task) -> tuple[Indicator, ...]:
    """Find what a task promises in numbers; none is confirmed, for the clerk decides what counts."""
    text = unicodedata.normalize("NFKC", task.text)
    found: dict[str, Indicator] = {}
    for sentence in re.split(r"[。！？!?\n]", text):
        for one in _in_sentence(sentence, task):
            found.setdefault(one.name, one)
    return tuple(found.values())


def _in_sentence(sentence: str, task: Task) -> Iterator[Indicator]:
    for match in _NUMBER.finditer(sentence):
        before, after = sentence[: match.start()], sentence[match.end() :]
        if _ORDINAL.search(before) or (name := _name(before, after)) is None:
            continue
        target = float(match["number"].replace(",", "")) * (10000 if match["ten_thousand"] else 1)
        deadline = _until(before) or task.deadline
        yield Indicator(
            task=task.number, name=name, target=target, measure=match["measure"], deadline=deadline
        )


def _name(before: str, after: str) -> str | None:
    """Name what is counted: the words after the measure, else those before the number."""
    following = re.split(r"[，,；;。：:、（(]", after, maxsplit=1)[0].strip()
    if _COUNTLESS.match(following):
        return None
    preceding = _CLAUSE.split(before)[-1].split("、")[-1]
    if not following:
        following = _TRAILING.sub("", _LEADING.sub("", preceding.strip()))
    name = following.strip(" 的")
    return name if 1 < len(name) <= _LONGEST_NAME else None


def _until(before: str) -> date | None:
    """Read the last 到2020年 before the number, in the same sentence."""
    years = _UNTIL.findall(before)
    return last_day_meant(years[-1]) if years else None
