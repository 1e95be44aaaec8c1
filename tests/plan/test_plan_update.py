from __future__ import annotations

from datetime import date

import msgspec

from kepu_xls.model import Indicator, Plan, Task, Unit
from kepu_xls.plan import Change, ChangeKind, PlanReading, compare
from kepu_xls.plan import update as bring_up_to_date

FOUND = Plan(
    title="方案",
    tasks=(
        Task("1.1.1", "甲部", "乙", "第一项", ("区环保局",), ("区科协",)),
        Task("1.1.2", "甲部", "乙", "第二项", ("区科协",)),
    ),
    units=(Unit("区环保局"), Unit("区科协")),
    indicators=(Indicator("1.1.1", "基地", 5, "个"), Indicator("1.1.1", "大屏", 10, "个")),
)
replace = msgspec.structs.replace


def update(existing: Plan, found: Plan) -> Plan:
    return bring_up_to_date(existing, PlanReading(found)).plan


def test_an_import_onto_nothing_new_changes_nothing() -> None:
    assert update(FOUND, FOUND) == FOUND
    assert compare(FOUND, FOUND) == ()


def test_what_the_clerk_wrote_of_a_unit_stays() -> None:
    mine = Unit("区科协", ("科协",), ("kx@example.com",), "联系人甲", "0591-1", date(2016, 1, 1), None, ())
    existing = replace(FOUND, units=(mine, Unit("区妇联", contact="联系人乙")))
    assert update(existing, FOUND).units == (mine, Unit("区妇联", contact="联系人乙"), Unit("区环保局"))


def test_a_unit_renamed_by_the_clerk_is_known_by_its_alias() -> None:
    renamed = Unit("区生态环境局", ("区环保局",))
    updated = update(replace(FOUND, units=(renamed, Unit("区科协"))), FOUND)
    assert updated.units == (renamed, Unit("区科协"))
    assert updated.tasks[0].leads == ("区生态环境局",)


def test_tasks_are_the_documents_but_for_deadlines_it_does_not_give() -> None:
    old = replace(FOUND.tasks[0], text="第一项（改过）", leads=("区科协",), deadline=date(2020, 6, 30))
    gone = Task("9.9.9", "甲部", "乙", "手工添加", ("区科协",))
    updated = update(replace(FOUND, tasks=(old, FOUND.tasks[1], gone)), FOUND)
    assert updated.tasks == (replace(FOUND.tasks[0], deadline=date(2020, 6, 30)), FOUND.tasks[1])
    stricter = replace(FOUND, tasks=(replace(FOUND.tasks[0], deadline=date(2019, 12, 31)), FOUND.tasks[1]))
    assert update(updated, stricter).tasks[0].deadline == date(2019, 12, 31)


def test_indicators_confirmed_rejected_or_edited_stay_as_they_are() -> None:
    confirmed = Indicator("1.1.1", "基地", 8, "个", date(2020, 12, 31), confirmed=True)
    rejected = Indicator("1.1.1", "大屏", 10, "个", confirmed=False)
    added = Indicator("1.1.2", "志愿者", 100, "人")
    updated = update(replace(FOUND, indicators=(confirmed, rejected, added)), FOUND)
    assert updated.indicators == (confirmed, rejected, added)


def test_an_indicator_renamed_by_the_clerk_does_not_come_back() -> None:
    renamed = Indicator("1.1.1", "区级科普基地", 5, "个", confirmed=True)
    assert update(replace(FOUND, indicators=(renamed,)), FOUND).indicators == (renamed, FOUND.indicators[1])


def test_of_two_like_targets_only_one_is_taken_for_the_renamed() -> None:
    twins = (Indicator("1.1.1", "甲基地", 5, "个"), Indicator("1.1.1", "乙基地", 5, "个"))
    renamed = Indicator("1.1.1", "基地", 5, "个", confirmed=True)
    updated = update(replace(FOUND, indicators=(renamed,)), replace(FOUND, indicators=twins))
    assert updated.indicators == (renamed, twins[1])


def test_a_confirmed_indicator_outlives_its_task_an_unconfirmed_one_does_not() -> None:
    kept = Indicator("9.9.9", "旧指标", 1, "个", confirmed=True)
    lost = Indicator("9.9.9", "未确认", 1, "个")
    assert update(replace(FOUND, indicators=(kept, lost)), FOUND).indicators == (*FOUND.indicators, kept)


def test_compare_names_what_is_added_removed_and_changed() -> None:
    new = Plan(
        title="方案",
        tasks=(
            replace(FOUND.tasks[0], participants=("区科协", "区妇联")),
            Task("1.1.3", "甲部", "乙", "第三项", ("区科协",)),
        ),
        units=(Unit("区环保局", emails=("hb@example.com",)), Unit("区妇联")),
        indicators=(replace(FOUND.indicators[0], target=6, confirmed=True),),
    )
    added, removed, changed = ChangeKind.ADDED, ChangeKind.REMOVED, ChangeKind.CHANGED
    assert compare(FOUND, new) == (
        Change(removed, "任务", "1.1.2", "主要任务", "第二项"),
        Change(changed, "任务", "1.1.1", "参加单位", "区科协", "区科协、区妇联"),
        Change(added, "任务", "1.1.3", "主要任务", "", "第三项"),
        Change(removed, "单位", "区科协"),
        Change(changed, "单位", "区环保局", "邮箱", "", "hb@example.com"),
        Change(added, "单位", "区妇联"),
        Change(removed, "指标", "1.1.1 大屏"),
        Change(changed, "指标", "1.1.1 基地", "目标值", "5", "6"),
        Change(changed, "指标", "1.1.1 基地", "确认", "", "是"),
    )
