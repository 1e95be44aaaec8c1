"""Merging by rule, against a plain statement of each rule, over whatever units report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import msgspec
import pytest
from builders import PLAN, entry, open_period
from hypothesis import given
from hypothesis import strategies as st

from kepu_xls.merge import merge_tasks
from kepu_xls.model import Answer, Entry, Field, FieldType, MergeRule, Role, Scalar

CHOICES = ("未启动", "推进中", "已完成")
WORST_FIRST = ("未启动", "已完成", "推进中")
NUMBERS = (FieldType.INTEGER, FieldType.DECIMAL, FieldType.PERCENT)
VALUES: dict[FieldType, st.SearchStrategy[Scalar]] = {
    FieldType.CHOICE: st.sampled_from(CHOICES),
    FieldType.TEXT: st.sampled_from(["甲", "乙\n丙", "0"]),
    FieldType.INTEGER: st.integers(0, 100_000),
    FieldType.DECIMAL: st.integers(0, 1000).map(lambda tenths: tenths / 10),
    FieldType.PERCENT: st.integers(0, 100) | st.sampled_from([0.5, 33.3]),
    FieldType.DATE: st.dates().map(lambda day: day.isoformat()),
}
OF_NUMBERS: dict[MergeRule, Callable[[Sequence[float]], float]] = {
    MergeRule.SUM: lambda said: round(sum(said), 6),
    MergeRule.MEAN: lambda said: round(sum(said) / len(said), 1),
}
COMBINATIONS = [
    (kind, rule)
    for kind, rule in product(FieldType, MergeRule)
    if (rule not in OF_NUMBERS or kind in NUMBERS)
    and (rule is not MergeRule.WORST or kind is FieldType.CHOICE)
]


def expected(kind: FieldType, rule: MergeRule, told: Sequence[tuple[Role, str, Answer]]) -> Scalar:
    """Say what answers, leads first, come to."""
    if not told:
        return None
    if rule is MergeRule.LEAD:
        by_leads = [one for one in told if one[0] is Role.LEAD]
        for_leads = {FieldType.CHOICE: MergeRule.WORST, FieldType.TEXT: MergeRule.JOIN}
        for_leads[FieldType.DATE] = MergeRule.LATEST
        return expected(kind, for_leads.get(kind, MergeRule.MEAN), by_leads or told)
    if rule is MergeRule.JOIN:
        return "\n".join(
            f"{unit}：{one.value if isinstance(one.value, str) else format(one.value, 'g')}"
            f"{'（本期无变化）' if one.carried else ''}"
            for _, unit, one in told
        )
    values = [one.value for _, _, one in told]
    if rule in OF_NUMBERS:
        return OF_NUMBERS[rule]([one for one in values if isinstance(one, int | float)])
    if rule is MergeRule.WORST:
        return next(choice for choice in WORST_FIRST if choice in values)
    return max(values)  # type: ignore[type-var]


@pytest.mark.parametrize(("kind", "rule"), COMBINATIONS, ids=lambda one: one.value)
@given(data=st.data())
def test_every_rule_gives_what_it_says(kind: FieldType, rule: MergeRule, data: st.DataObject) -> None:
    choices = (CHOICES, WORST_FIRST) if kind is FieldType.CHOICE else ((), ())
    field = Field("x", "栏", kind, merge=rule, choices=choices[0], worst_first=choices[1])
    entries: list[Entry] = []
    for task, unit in (("1.1.1", "区科协"), ("1.1.1", "团区委"), ("1.1.1", "区教育局"), ("1.1.2", "区科协")):
        answer = data.draw(
            st.builds(Answer, value=st.none() | VALUES[kind], carried=st.booleans()), label=f"{unit} {task}"
        )
        entries.append(msgspec.structs.replace(entry(unit, task), answers={"x": answer}))
    opened = msgspec.structs.replace(open_period(), fields=(field,))
    rows = {row.task.number: row for row in merge_tasks(opened, data.draw(st.permutations(entries)))}
    order = {"区教育局": 0, "区科协": 1, "团区委": 2}  # as the plan names them in 1.1.1: leads first
    for task in PLAN.tasks:
        told = [
            (one.role, one.unit, one.answers["x"])
            for one in sorted(entries, key=lambda one: order[one.unit])
            if one.task == task.number and one.answers["x"].value is not None
        ]
        assert rows[task.number].values == {"x": expected(kind, rule, told)}
