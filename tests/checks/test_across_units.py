"""Units that copy or contradict each other."""

from __future__ import annotations

import pytest
from builders import SETTINGS, entry, open_period
from hypothesis import given
from hypothesis import strategies as st

from kepu_xls.checks.across_units import check_tasks, check_texts
from kepu_xls.checks.phrases import check_phrases
from kepu_xls.checks.wording import likeness, normalised, says_nothing
from kepu_xls.model import Answer, Entry, Finding, Scalar, Severity

FILES = {unit: f"{unit}.xlsx" for unit in ("区科协", "区教育局", "团区委")}
TEXT = "3月20日在实验小学举办科技节开幕式，展出学生作品46件，评出一等奖6个"
NEARLY = "3月21日在实验小学举办了科技节开幕式，展出学生作品45件，评出一等奖6个"
OTHER = "走访社区四处，发放防诈骗手册三百份，收集居民意见建议十七条"
TWICE = "activity-counted-twice"


def found(*entries: Entry) -> list[Finding]:
    of_tasks = check_tasks(open_period(), entries, FILES, SETTINGS.checks)
    findings = (*of_tasks, *check_texts(open_period(), entries, FILES, SETTINGS.checks, of_tasks))
    assert all(one.severity is Severity.WARNING for one in findings)
    return list(findings)


def told(*entries: Entry) -> list[tuple[str, str, str]]:
    return [(one.code, one.unit, one.task) for one in found(*entries)]


# ── texts ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("mine", "theirs", "shared"),
    [
        (TEXT, TEXT, True),
        (TEXT, TEXT.replace("，", " ").replace("3", "３"), True),
        (TEXT, NEARLY, True),
        (TEXT, OTHER, False),
        ("举办科技节开幕式", "举办科技节开幕式", False),
        ("按计划有序推进各项工作，总体进展顺利", "按计划有序推进各项工作，总体进展顺利", False),
    ],
)
@pytest.mark.parametrize("task", ["1.1.1", "1.1.2"])
def test_the_same_text_from_two_units_is_told_at_the_later_one(
    mine: str,
    theirs: str,
    shared: bool,  # noqa: FBT001 - a column of the table
    task: str,
) -> None:
    rows = entry("区科协", "1.1.1", progress=mine), entry("团区委", task, row=9, progress=theirs)
    assert told(*rows) == told(*reversed(rows)) == ([("text-shared", "团区委", task)] if shared else [])


def test_a_shared_text_names_both_places() -> None:
    (one,) = found(entry("区科协", "1.1.1", progress=TEXT), entry("团区委", "1.1.2", row=9, progress=TEXT))
    assert str(one.place) == "团区委.xlsx › 进展填报表 › H9"
    assert one.message == "“本期进展情况”与区科协报的任务 1.1.1 完全相同（区科协.xlsx › 进展填报表 › H8）"


def test_one_text_of_three_units_is_told_once_of_each_after_the_first_in_the_same_task_if_it_can() -> None:
    rows = [
        entry("区科协", "1.1.1", progress=TEXT),
        entry("区科协", "1.1.2", row=9, progress=TEXT),
        entry("区教育局", "1.1.1", progress=TEXT),
        entry("团区委", "1.1.2", row=9, progress=TEXT),
        entry("团区委", "1.1.1", progress=TEXT),
    ]
    findings = found(*rows)
    assert [(one.unit, one.task) for one in findings] == [("区教育局", "1.1.1"), ("团区委", "1.1.1")]
    assert all("区科协报的任务 1.1.1" in one.message for one in findings)


def test_a_units_own_text_on_two_tasks_is_its_own_affair() -> None:
    assert told(entry("区科协", "1.1.1", progress=TEXT), entry("区科协", "1.2.1", progress=TEXT)) == []


def carried(row: Entry, **values: Scalar) -> Entry:
    row.answers.update({key: Answer(value, carried=True) for key, value in values.items()})
    return row


def test_a_text_taken_over_is_only_ever_the_original() -> None:
    old = carried(entry("团区委", "1.1.1", unchanged="是"), progress=TEXT)
    assert told(entry("区科协", "1.1.1", progress=TEXT), old) == [("text-shared", "区科协", "1.1.1")]
    older = carried(entry("区科协", "1.1.1", unchanged="是"), progress=TEXT)
    assert told(older, old) == []


HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=20, max_size=60)


@given(HAN, HAN)
def test_in_one_task_every_text_alike_enough_is_found(one: str, other: str) -> None:
    other = one[: len(one) - 2] + other[:3]
    expected = likeness(normalised(one), normalised(other), SETTINGS.checks.alike) > 0
    assert (
        bool(told(entry("区科协", "1.1.1", progress=one), entry("团区委", "1.1.1", progress=other)))
        is expected
    )


# ── how far a task is ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("first", "second", "differ"),
    [
        ({"status": "推进中"}, {"status": "已完成"}, True),
        ({"status": "推进中"}, {"status": "推进中"}, False),
        ({"status": "推进中"}, {"status": None}, False),
        ({"percent": 40}, {"percent": 61}, True),
        ({"percent": 40}, {"percent": 60}, False),
        ({"status": "推进中", "percent": 40}, {"status": "已完成", "percent": 100}, True),
    ],
)
def test_leads_of_one_task_that_differ_are_told_once(
    first: dict[str, Scalar],
    second: dict[str, Scalar],
    differ: bool,  # noqa: FBT001 - a column of the table
) -> None:
    rows = entry("区科协", "1.1.1", **first), entry("区教育局", "1.1.1", **second)
    assert told(*rows) == ([("leads-differ", "区教育局", "1.1.1")] if differ else [])


def test_a_lead_that_took_its_status_over_is_the_one_held_against() -> None:
    old = carried(entry("区教育局", "1.1.1", unchanged="是"), status="推进中")
    assert told(entry("区科协", "1.1.1", status="已完成"), old) == [("leads-differ", "区科协", "1.1.1")]
    assert told(carried(entry("区科协", "1.1.1"), status="已完成"), old) == []


@pytest.mark.parametrize(
    ("lead", "share", "ahead"),
    [
        ("未启动", {"status": "推进中"}, True),
        ("未启动", {"status": "已完成", "percent": 100}, True),
        ("未启动", {"status": "未启动", "percent": 5}, True),
        ("未启动", {"status": "未启动", "percent": 0}, False),
        ("未启动", {"status": "滞后"}, False),
        ("推进中", {"status": "已完成"}, False),
        (None, {"status": "推进中"}, False),
    ],
)
def test_a_participant_ahead_of_a_lead_that_has_not_begun(
    lead: str | None,
    share: dict[str, Scalar],
    ahead: bool,  # noqa: FBT001 - a column of the table
) -> None:
    rows = entry("区科协", "1.1.2", status=lead), entry("团区委", "1.1.2", row=9, **share)
    assert told(*rows) == ([("participant-ahead", "团区委", "1.1.2")] if ahead else [])


def test_a_participant_is_not_ahead_where_another_lead_has_begun_or_its_status_was_taken_over() -> None:
    share = entry("团区委", "1.1.1", status="推进中")
    leads = entry("区科协", "1.1.1", status="未启动"), entry("区教育局", "1.1.1", status="推进中")
    assert told(*leads, share) == [("leads-differ", "区教育局", "1.1.1")]
    assert told(leads[0], carried(entry("团区委", "1.1.1"), status="推进中")) == []


# ── the same activity ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("lead", "share", "codes"),
    [
        (
            {"activities": 3, "attendance": 120},
            {"activities": 3, "attendance": 120},
            ["activity-counted-twice"],
        ),
        ({"activities": 3, "attendance": 120}, {"activities": 3, "attendance": 121}, []),
        ({"activities": 0, "attendance": 0}, {"activities": 0, "attendance": 0}, []),
        ({"attendance": 120}, {"attendance": 120}, []),
        (
            {"attendance": 120, "progress": TEXT},
            {"attendance": 120, "progress": TEXT},
            ["activity-counted-twice"],
        ),
        ({"attendance": 120, "progress": TEXT}, {"attendance": 121, "progress": TEXT}, ["text-shared"]),
    ],
)
def test_one_activity_of_lead_and_participant_is_told_once(
    lead: dict[str, Scalar], share: dict[str, Scalar], codes: list[str]
) -> None:
    rows = entry("区科协", "1.1.2", **lead), entry("团区委", "1.1.2", row=9, **share)
    assert told(*rows) == [(code, "团区委", "1.1.2") for code in codes]


def test_the_same_counts_of_two_participants_or_in_two_tasks_are_chance() -> None:
    counts: dict[str, Scalar] = {"activities": 3, "attendance": 120}
    assert told(entry("区教育局", "1.1.2", **counts), entry("团区委", "1.1.2", **counts)) == []
    assert told(entry("区科协", "1.1.2", **counts), entry("团区委", "1.1.1", **counts)) == []


# ── phrases ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "empty"),
    [
        ("正在推进", True),
        ("按计划推进。", True),
        ("目前各项工作正有序推进，进展顺利！", True),
        ("我单位按照上级要求，扎实推进此项工作", True),
        ("正在推进3个社区的大屏安装", False),
        ("稳步推进，已举办讲座两场", False),
        ("各项工作", False),
        ("无", False),
    ],
)
def test_a_text_of_nothing_but_empty_phrases_says_nothing(text: str, empty: bool) -> None:  # noqa: FBT001 - a column of the table
    rows = [entry("区科协", "1.2.1", progress=text)]
    findings = check_phrases(open_period(), rows, FILES, SETTINGS.checks)
    assert [(one.code, str(one.place)) for one in findings] == (
        [("text-says-nothing", "区科协.xlsx › 进展填报表 › H8")] if empty else []
    )


def test_phrases_are_looked_for_in_what_is_told_now() -> None:
    rows = [
        entry("区科协", "1.2.1", progress="正在推进", unchanged="是"),
        carried(entry("区科协", "1.1.2"), progress="正在推进"),
        entry("区科协", "1.1.1", problems="正在推进"),
    ]
    assert check_phrases(open_period(), rows, FILES, SETTINGS.checks) == ()


WORDS = st.lists(st.sampled_from(SETTINGS.checks.empty_phrases + SETTINGS.checks.fillers), min_size=1)


@given(WORDS)
def test_whatever_is_put_together_from_the_lists_says_nothing(words: list[str]) -> None:
    text = normalised("，".join([*words, "正在推进"]))
    assert says_nothing(text, SETTINGS.checks.empty_phrases, SETTINGS.checks.fillers)
    assert not says_nothing(text + "甲", SETTINGS.checks.empty_phrases, SETTINGS.checks.fillers)
