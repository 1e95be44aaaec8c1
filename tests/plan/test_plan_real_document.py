from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from plan_builders import REAL

from kepu_xls.model import Role
from kepu_xls.plan import PlanReading, read_document


@pytest.fixture(scope="module")
def reading() -> PlanReading:
    return read_document(REAL, "实施方案")


def places(reading: PlanReading, code: str) -> list[str]:
    return [str(finding.place) for finding in reading.findings if finding.code == code]


def test_the_real_plan_has_its_parts_projects_tasks_units_and_links(reading: PlanReading) -> None:
    tasks = reading.plan.tasks
    assert reading.plan.title == "实施方案"
    assert list(dict.fromkeys(task.part for task in tasks)) == [
        "实施三大重点人群科学素质行动",
        "六大基础工程",
    ]
    assert list(dict.fromkeys(task.project for task in tasks)) == [
        "未成年人科学素质行动",
        "城镇劳动者科学素质行动",
        "领导干部和公务员科学素质行动",
        "科学教育与培训基础工程",
        "社区科普益民工程",
        "科普资源开发与共建共享工程",
        "科普信息化建设工程",
        "科普基础设施工程",
        "科普人才建设工程",
    ]
    assert len(reading.plan.units) == 20
    assert sum(len(task.leads) for task in tasks) == 77
    assert sum(len(task.participants) for task in tasks) == 370


def test_tasks_are_numbered_by_part_project_and_task(reading: PlanReading) -> None:
    sizes = {"1.1": 4, "1.2": 5, "1.3": 5, "2.1": 4, "2.2": 4, "2.3": 5, "2.4": 2, "2.5": 2, "2.6": 4}
    expected = [f"{project}.{task}" for project, size in sizes.items() for task in range(1, size + 1)]
    assert [task.number for task in reading.plan.tasks] == expected


def test_task_text_loses_its_number_and_keeps_its_words(reading: PlanReading) -> None:
    first, missing = reading.plan.tasks[0], reading.plan.task("1.2.4")
    assert first.text.startswith("推进义务教育阶段的科技教育完善中小学科学课程体系，")
    assert first.text.endswith("推动义务教育均衡发展。")
    assert missing is not None
    assert missing.text.startswith("大力营造崇尚创新创造的社会氛围。深入开展“创建学习型组织、")
    assert not any(task.text != task.text.strip() or "\n" in task.text for task in reading.plan.tasks)


def test_each_repair_is_reported_at_its_line(reading: PlanReading) -> None:
    assert places(reading, "plan-number-missing") == [
        "plan.txt › 第72行",
        "plan.txt › 第99行",
        "plan.txt › 第106行",
    ]
    assert places(reading, "plan-name-cut") == [
        "plan.txt › 第22行",
        "plan.txt › 第27行",
        "plan.txt › 第32行",
        "plan.txt › 第37行",
        "plan.txt › 第73行",
    ]
    assert places(reading, "plan-separator-doubled") == ["plan.txt › 第269行"]
    assert places(reading, "plan-unit-both-roles") == ["plan.txt › 第204行"]


def test_nothing_else_is_reported_but_the_lists_that_end_in_others(reading: PlanReading) -> None:
    assert Counter(finding.code for finding in reading.findings) == {
        "plan-number-missing": 3,
        "plan-name-cut": 5,
        "plan-separator-doubled": 1,
        "plan-unit-both-roles": 1,
        "plan-others-dropped": 35,
    }
    others = [finding.place.cell for finding in reading.findings if finding.code == "plan-others-dropped"]
    assert (others[0], others[-1]) == ("第23行", "第310行")


def test_run_together_names_are_two_units(reading: PlanReading) -> None:
    assert reading.plan.tasks[0].leads == ("区教育局", "团区委", "区科协")
    fourth = reading.plan.task("1.2.4")
    assert fourth is not None
    assert fourth.leads == ("区人社局", "区总工会")
    assert not any(len(unit.name) > 5 for unit in reading.plan.units)


def test_a_unit_on_both_sides_leads(reading: PlanReading) -> None:
    task = reading.plan.task("2.2.4")
    assert task is not None
    assert task.role_of("区民政局") is Role.LEAD


def test_indicators_of_the_prose_wait_for_the_clerk(reading: PlanReading) -> None:
    end = date(2020, 12, 31)
    assert [
        (one.task, one.name, one.target, one.measure, one.deadline, one.confirmed)
        for one in reading.plan.indicators
    ] == [
        ("2.2.3", "“科普智慧云”互动大屏", 10, "个", None, None),
        ("2.5.2", "国家级科普教育基地", 2, "个", end, None),
        ("2.5.2", "省级科普教育基地", 3, "个", end, None),
        ("2.5.2", "市级科普教育基地", 5, "个", end, None),
        ("2.5.2", "区级科普教育基地", 10, "个", end, None),
    ]


def test_encoding_and_line_ends_do_not_matter(reading: PlanReading, tmp_path) -> None:  # noqa: ANN001 - pytest's
    text = REAL.read_text(encoding="utf-8")
    for encoding, newline in (("gb18030", "\r\n"), ("utf-8-sig", "\n"), ("utf-16", "\r")):
        other = tmp_path / encoding / REAL.name
        other.parent.mkdir()
        other.write_bytes(text.replace("\n", newline).encode(encoding))
        assert read_document(other, "实施方案") == reading
