"""What contradicts or repeats what the same unit said before, and tasks that fell silent."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
from builders import PLAN, SETTINGS, entry, open_period
from hypothesis import given
from hypothesis import strategies as st

from kepu_xls.checks.across_periods import check_across_periods
from kepu_xls.config import CheckSettings
from kepu_xls.model import Answer, Entry, Finding, Plan, Scalar, Severity, Task, Unit

WEEKS = ("2019-W12", "2019-W11", "2019-W10", "2019-W09", "2019-W08")
FILES = {"区科协": "科协.xlsx", "区教育局": "教育局.xlsx"}
DONE = "在三个社区布设科普大屏六块，全部接入平台"
OTHER = "与电信公司签订维护合同，培训社区管理员"


def found(
    now: Sequence[Entry],
    *past: Sequence[Entry],
    settings: CheckSettings = SETTINGS.checks,
    plan: Plan = PLAN,
) -> tuple[Finding, ...]:
    """Check this week's entries against those of the weeks before, newest first."""
    history = [(open_period(week, plan), rows) for week, rows in zip(WEEKS[1:], past, strict=False)]
    return check_across_periods(open_period(WEEKS[0], plan), now, history, FILES, settings)


def codes(now: dict[str, Scalar], before: dict[str, Scalar]) -> list[str]:
    rows = [entry("区科协", "1.2.1", **now)], [entry("区科协", "1.2.1", **before)]
    return [one.code for one in found(*rows)]


@pytest.mark.parametrize(
    ("before", "now", "code"),
    [
        ({"percent": 80}, {"percent": 79.5}, "progress-fell"),
        ({"percent": 80}, {"percent": 80}, ""),
        ({"percent": 80}, {"percent": 81}, ""),
        ({"activities": 12}, {"activities": 11}, "total-shrank"),
        ({"activities": 12}, {"activities": 12}, ""),
        ({"funds": 3.5}, {"funds": 3.4}, "total-shrank"),
        ({"funds": 0.3}, {"funds": 0.1 + 0.2}, ""),
        ({"funds": 3.5}, {"funds": None}, ""),
        ({"status": "已完成"}, {"status": "推进中"}, "status-went-back"),
        ({"status": "推进中"}, {"status": "未启动"}, "status-went-back"),
        ({"status": "已完成"}, {"status": "滞后"}, "status-went-back"),
        ({"status": "推进中"}, {"status": "滞后"}, ""),
        ({"status": "滞后"}, {"status": "推进中"}, ""),
        ({"status": "滞后"}, {"status": "未启动"}, ""),
        ({"status": "未启动"}, {"status": "已完成"}, ""),
        ({"progress": DONE}, {"progress": DONE}, "text-repeated"),
        ({"progress": "举办２场：Ａ区、Ｂ区讲座"}, {"progress": " 举办2场，a区\n和b区讲座"}, "text-repeated"),
        ({"progress": DONE}, {"progress": DONE.replace("六块", "七块")}, "text-repeated"),
        ({"progress": DONE}, {"progress": OTHER}, ""),
        ({"progress": "开会一次"}, {"progress": "开会一次"}, ""),
        ({"problems": DONE}, {"problems": DONE}, ""),
        ({"progress": "按计划有序推进各项工作"}, {"progress": "按计划有序推进各项工作"}, ""),
        ({"status": "已完成", "progress": DONE}, {"status": "已完成", "progress": DONE}, ""),
        ({"progress": DONE}, {"progress": DONE, "unchanged": "是"}, ""),
        ({"percent": 80}, {"percent": 70, "unchanged": "是"}, "progress-fell"),
    ],
)
def test_a_row_is_held_against_what_its_unit_said_last(
    before: dict[str, Scalar], now: dict[str, Scalar], code: str
) -> None:
    assert codes(now, before) == ([code] if code else [])


def test_a_text_pasted_from_the_forms_column_of_last_periods_progress_is_known_too() -> None:
    before = {"status": "推进中", "percent": 65, "progress": "举办讲座两场"}
    now = {"status": "推进中", "percent": 70, "progress": "推进中，65%。举办讲座两场"}
    assert codes(now, before) == ["text-repeated"]
    assert codes({**now, "progress": "推进中，新办展览三场"}, before) == []


def test_a_finding_names_both_places_and_is_a_warning() -> None:
    (one,) = found(
        [entry("区科协", "1.2.1", row=9, percent=60)], [entry("区科协", "1.2.1", row=8, percent=80)]
    )
    assert (one.unit, one.task, str(one.place)) == ("区科协", "1.2.1", "科协.xlsx › 进展填报表 › H9")
    assert one.message == "“完成率(%)”比上次报的少了：上次（2019-W11 进展填报表 › H8）是 80%，这次是 60%"
    assert one.severity is Severity.WARNING


def test_a_period_without_a_report_is_looked_past() -> None:
    (one,) = found([entry("区科协", "1.2.1", percent=60)], [], [entry("区科协", "1.2.1", percent=80)])
    assert "2019-W10" in one.message


def test_another_units_or_tasks_figures_do_not_count() -> None:
    past = [entry("区教育局", "1.1.1", percent=80), entry("区科协", "1.1.2", percent=90)]
    assert found([entry("区科协", "1.1.1", percent=60)], past) == ()


def test_what_was_taken_over_is_no_finding() -> None:
    row = entry("区科协", "1.2.1", unchanged="是")
    row.answers["percent"] = Answer(60, carried=True)
    row.answers["activities"] = Answer(1, carried=True)
    assert found([row], [entry("区科协", "1.2.1", percent=80, activities=9)]) == ()


@pytest.mark.parametrize(("now", "code"), [(280, []), (200, ["total-shrank"])])
def test_approximate_numbers_need_be_well_below(now: int, code: list[str]) -> None:
    row = entry("区科协", "1.2.1")
    row.answers["attendance"] = Answer(now, f"约{now}", "L8", approximate=True)
    assert [one.code for one in found([row], [entry("区科协", "1.2.1", attendance=300)])] == code


WIDE = Plan(
    title="多项任务",
    units=(Unit("区科协"),),
    tasks=tuple(Task(f"1.1.{n}", "人群", "青少年", f"任务{n}", leads=("区科协",)) for n in range(1, 7)),
)


def test_a_column_of_shrunken_totals_is_one_mistake() -> None:
    past = [entry("区科协", task.number, WIDE, activities=9) for task in WIDE.tasks]
    now = [entry("区科协", task.number, WIDE, row=n, activities=n) for n, task in enumerate(WIDE.tasks)]
    (one,) = found(now, past, plan=WIDE)
    assert (one.code, one.place.cell) == ("totals-shrank", "H0")
    assert one.remedy.endswith("1.1.1、1.1.2、1.1.3、1.1.4、1.1.5、1.1.6")
    assert [one.code for one in found(now[:3], past, plan=WIDE)] == ["total-shrank"] * 3


# ── silence ──────────────────────────────────────────────────────────────────────────────────────────

NEWS = [entry("区科协", "1.2.1", status="推进中", progress=DONE)]
MORE = [entry("区科协", "1.2.1", status="推进中", progress=OTHER)]
SAME = [entry("区科协", "1.2.1", unchanged="是")]
FINISHED = [entry("区科协", "1.2.1", status="已完成")]
BLANK = [entry("区科协", "1.2.1", status=None)]
THREE = msgspec.structs.replace(SETTINGS.checks, silent_periods=3)


@pytest.mark.parametrize(
    ("weeks", "silent"),
    [
        ([[], [], []], True),
        ([SAME, SAME, SAME, NEWS], True),
        ([SAME, BLANK, [], NEWS], True),
        ([NEWS, NEWS, NEWS, NEWS], True),
        ([SAME, SAME, NEWS], False),
        ([SAME, SAME, NEWS, MORE], False),
        ([MORE, [], []], False),
        ([[], []], False),
        ([SAME, SAME, SAME, FINISHED], False),
    ],
)
def test_a_task_whose_leads_say_nothing_new_is_silent(weeks: list[list[Entry]], silent: bool) -> None:  # noqa: FBT001 - a column of the table
    told = [one for one in found(*weeks, settings=THREE) if one.code == "task-silent" and one.task == "1.2.1"]
    assert bool(told) is silent
    if told:
        assert "连续 3 期没有新进展（2019-W10 至 2019-W12）" in told[0].message


def test_a_participants_news_does_not_break_a_leads_silence() -> None:
    rows = [[entry("团区委", "1.1.1", progress=text)] for text in ("甲", "乙", "丙")]
    assert "1.1.1" in {one.task for one in found(*rows, settings=THREE) if one.code == "task-silent"}


def test_a_task_that_is_new_in_the_plan_is_not_silent() -> None:
    small = msgspec.structs.replace(PLAN, tasks=PLAN.tasks[:2])
    history = [(open_period("2019-W11"), ()), (open_period("2019-W10", small), ())]
    told = check_across_periods(open_period(), (), history, {}, THREE)
    assert [one.task for one in told] == ["1.1.1", "1.1.2"]


def test_silence_is_not_looked_for_where_the_configuration_says_0() -> None:
    off = msgspec.structs.replace(SETTINGS.checks, silent_periods=0)
    assert found([], [], [], [], [], settings=off) == ()


NUMBERS = st.lists(st.integers(0, 100), min_size=1, max_size=5)


@given(st.integers(0, 100), NUMBERS)
def test_only_the_last_figure_told_decides_whether_one_falls(now: int, past: list[int]) -> None:
    weeks = [[entry("区科协", "1.2.1", percent=percent)] for percent in past][: len(WEEKS) - 1]
    off = msgspec.structs.replace(SETTINGS.checks, silent_periods=0)
    told = [one.code for one in found([entry("区科协", "1.2.1", percent=now)], *weeks, settings=off)]
    assert told == (["progress-fell"] if now < past[0] else [])
