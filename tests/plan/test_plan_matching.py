"""A second import: which task is which, and that numbers, deadlines and decisions stay with it."""

from __future__ import annotations

from datetime import date
from string import ascii_letters

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from kepu_xls.model import Indicator, Plan, Task
from kepu_xls.plan import PlanReading, Updated, update
from kepu_xls.plan.matching import match

TEXTS = (
    "推进义务教育阶段的科技教育，完善中小学科学课程体系",
    "大规模开展职业技能培训，构建培训体系",
    "在全区社区布设10个互动大屏，改善基础条件",
    "促进形成政府推动、社会支持的社区科普新格局",
)
replace = msgspec.structs.replace


def plan(*texts: str, project: str = "乙", prefix: str = "1.1", **more: object) -> Plan:
    tasks = tuple(
        Task(f"{prefix}.{number}", "甲部", project, text, ("区科协",)) for number, text in enumerate(texts, 1)
    )
    return replace(Plan("方案", tasks), **more)


def numbered(updated: Updated) -> dict[str, str]:
    return {task.text: task.number for task in updated.plan.tasks}


def brought(old: Plan, new: Plan, *taken: str) -> Updated:
    return update(old, PlanReading(new), taken)


def codes(updated: Updated) -> list[tuple[str, str]]:
    return [(one.code, one.task) for one in updated.findings]


def test_a_task_put_in_gets_a_number_of_its_own_and_no_other_number_moves() -> None:
    updated = brought(plan(*TEXTS), plan("新的任务", *TEXTS))
    assert numbered(updated) == {
        **{text: f"1.1.{number}" for number, text in enumerate(TEXTS, 1)},
        "新的任务": "1.1.5",
    }
    assert updated.origins == (0, 1, 2, 3, None)
    assert codes(updated) == [
        ("plan-number-given", "1.1.5"),
        *(("plan-number-kept", f"1.1.{number}") for number in range(1, 5)),
    ]


def test_decisions_and_deadlines_go_with_the_task() -> None:
    old = plan(*TEXTS, indicators=(Indicator("1.1.3", "互动大屏", 12, "个", confirmed=True),))
    day = date(2020, 6, 30)
    old = replace(old, tasks=(*old.tasks[:2], replace(old.tasks[2], deadline=day), old.tasks[3]))
    new = plan("新的任务", *TEXTS, indicators=(Indicator("1.1.4", "互动大屏", 10, "个"),))
    updated = brought(old, new).plan
    assert updated.indicators == old.indicators
    assert {task.text for task in updated.tasks if task.deadline == day} == {TEXTS[2]}


def test_the_number_of_a_task_that_goes_is_not_given_again() -> None:
    old = plan(*TEXTS, indicators=(Indicator("1.1.3", "互动大屏", 12, "个", confirmed=True),))
    updated = brought(old, plan(TEXTS[0], TEXTS[1], "完全不同的另一项工作安排", TEXTS[3]))
    assert numbered(updated)["完全不同的另一项工作安排"] == "1.1.5"
    assert updated.plan.indicators == old.indicators  # a decision outlives its task, under its own number


def test_blanks_and_width_make_no_other_text() -> None:
    updated = brought(plan(*TEXTS), plan("新的任务", TEXTS[2].replace("10", " １０ ")))
    assert updated.origins == (2, None)
    assert "plan-task-alike" not in dict(codes(updated))


def test_a_reworded_task_is_proposed_as_the_same_within_its_project() -> None:
    reworded = TEXTS[2].replace("10个", "12个")
    updated = brought(plan(*TEXTS), plan("新的任务", TEXTS[0], TEXTS[1], reworded, TEXTS[3]))
    assert numbered(updated)[reworded] == "1.1.3"
    assert ("plan-task-alike", "1.1.3") in codes(updated)
    elsewhere = brought(plan(*TEXTS), plan(reworded, project="丙", prefix="1.2"))
    assert elsewhere.origins == (None,)


def test_of_several_that_are_alike_none_is_proposed() -> None:
    twins = [TEXTS[2].replace("10个", number) for number in ("11个", "12个")]
    updated = brought(plan(TEXTS[0], TEXTS[2]), plan(*twins, TEXTS[0]))
    assert updated.origins == (0, None, None)


def test_a_project_put_in_takes_no_number_in_use() -> None:
    new = Plan(
        "方案",
        (
            Task("1.1.1", "甲部", "新项目", "新项目的任务", ("区科协",)),
            *(replace(task, number=f"1.2.{index}") for index, task in enumerate(plan(*TEXTS).tasks, 1)),
        ),
    )
    updated = brought(plan(*TEXTS), new)
    assert numbered(updated)["新项目的任务"] == "1.2.1"
    assert numbered(updated)[TEXTS[0]] == "1.1.1"
    part = Task("1.1.1", "新部", "新项目", "新项目的任务", ("区科协",))
    assert numbered(brought(plan(*TEXTS), replace(new, tasks=(part, *new.tasks[1:]))))[part.text] == "2.1.1"


def test_another_plan_has_its_own_numbers_unless_periods_have_used_them() -> None:
    other = plan("另一个方案的第一项", "另一个方案的第二项", project="丁")
    assert numbered(brought(plan(*TEXTS), other)) == {text.text: text.number for text in other.tasks}
    used = brought(plan(*TEXTS), other, "1.1.1", "1.1.2")
    assert [task.number for task in used.plan.tasks] == ["2.1.1", "2.1.2"]


def test_what_was_noticed_names_tasks_by_the_numbers_they_get() -> None:
    from kepu_xls.messages import finding  # noqa: PLC0415 - only here

    noticed = finding("plan-lead-missing", task="1.1.2")
    updated = update(plan(*TEXTS), PlanReading(plan("新的任务", *TEXTS), (noticed,)))
    assert updated.findings[0].task == "1.1.1"
    assert "任务 1.1.1 没有" in updated.findings[0].message


texts = st.lists(st.text(st.sampled_from(ascii_letters), min_size=1, max_size=4), max_size=8, unique=True)


@given(old=texts, new=texts, taken=st.sets(st.integers(1, 12)))
def test_each_number_is_one_tasks_and_no_known_task_changes_its(
    old: list[str], new: list[str], taken: set[int]
) -> None:
    before = plan(*old)
    matched = match(before, plan(*new), {f"1.1.{number}" for number in taken})
    numbers = [task.number for task in matched.tasks]
    assert len(set(numbers)) == len(numbers) == len(new)
    known = {task.text: task.number for task in before.tasks}
    for task, origin in zip(matched.tasks, matched.origins, strict=True):
        if task.text in known:
            assert task.number == known[task.text]
        elif origin is None:
            assert task.number not in {f"1.1.{number}" for number in taken}
