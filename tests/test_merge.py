"""Which file counts, and how several units' entries become one row a task."""

from __future__ import annotations

import pytest
from builders import PLAN, at, entry, open_period, record
from hypothesis import given
from hypothesis import strategies as st

from kepu_xls import merge, messages
from kepu_xls.model import Entry, FileStatus, Scalar
from kepu_xls.outcome import UnitState

OPENED = open_period()


def merged(*entries: Entry, task: str = "1.1.1") -> dict[str, Scalar]:
    rows = merge.merge_tasks(OPENED, entries)
    return next(row.values for row in rows if row.task.number == task)


@pytest.mark.parametrize(
    ("key", "lead_one", "lead_two", "participant", "result"),
    [
        ("status", "推进中", "滞后", "已完成", "滞后"),  # of leads the worst
        ("status", None, None, "未启动", "未启动"),  # no lead said: the participant's
        ("percent", 60, 75, 10, 67.5),  # of leads the mean
        ("percent", 60, None, 10, 60),
        ("activities", 2, 3, 5, 10),  # everybody's sum
        ("funds", 0.1, 0.2, None, 0.3),
        ("expected_date", "2019-06-30", "2020-01-31", "2019-12-31", "2020-01-31"),
        ("problems", None, None, None, None),
        ("activities", 0, None, None, 0),  # nought is a report, not nothing
    ],
)
def test_each_field_merges_by_its_rule(
    key: str, lead_one: Scalar, lead_two: Scalar, participant: Scalar, result: Scalar
) -> None:
    found = merged(
        entry("团区委", "1.1.1", **{key: participant}),
        entry("区教育局", "1.1.1", **{key: lead_one}),
        entry("区科协", "1.1.1", **{key: lead_two}),
    )
    assert found[key] == result


def test_texts_stand_under_their_units_leads_before_participants_in_the_tasks_order() -> None:
    found = merged(
        entry("团区委", "1.1.1", progress="组织活动"),
        entry("区科协", "1.1.1", progress="邀请专家"),
        entry("区教育局", "1.1.1", progress="举办科技节"),
    )
    assert found["progress"] == "区教育局：举办科技节\n区科协：邀请专家\n团区委：组织活动"


def test_every_task_of_the_plan_has_its_row_also_without_entries() -> None:
    rows = merge.merge_tasks(OPENED, ())
    assert [row.task.number for row in rows] == ["1.1.1", "1.1.2", "1.2.1"]
    assert all(value is None for row in rows for value in row.values.values())


@given(st.lists(st.integers(0, 10**9), min_size=3, max_size=3))
def test_sums_are_exact_whatever_the_order(numbers: list[int]) -> None:
    units = ("区科协", "区教育局", "团区委")
    entries = [entry(unit, "1.1.2", attendance=number) for unit, number in zip(units, numbers, strict=True)]
    assert merged(*entries, task="1.1.2") == merged(*reversed(entries), task="1.1.2")
    assert merged(*entries, task="1.1.2")["attendance"] == sum(numbers)


def test_the_file_filled_last_counts_and_names_itself_in_the_others() -> None:
    old = record("区科协", path="a.xlsx", filled_on="2019-03-20", received="2019-03-22 10:00")
    new = record("区科协", path="b.xlsx", filled_on="2019-03-21", received="2019-03-21 10:00")
    chosen = merge.choose(OPENED, (old, new))
    assert [one.status for one in chosen] == [FileStatus.SUPERSEDED, FileStatus.ACCEPTED]
    assert "b.xlsx" in chosen[0].findings[-1].message


@pytest.mark.parametrize(
    ("first", "second", "counts"),
    [
        (
            ("2019-03-20", "2019-03-20 10:00"),
            ("2019-03-20", "2019-03-20 11:00"),
            "b.xlsx",
        ),  # then the arrival
        (("2019-03-20", "2019-03-20 10:00"), ("2019-03-20", "2019-03-20 10:00"), "b.xlsx"),  # then the name
        (("2019-03-20", "2019-03-20 10:00"), (None, "2019-03-20 11:00"), "b.xlsx"),  # no date: the arrival
        (("2019-12-25", "2019-03-20 10:00"), ("2019-03-21", "2019-03-21 10:00"), "b.xlsx"),  # one to come
    ],
)
def test_what_counts_is_told_by_date_arrival_and_name(
    first: tuple[str | None, str], second: tuple[str | None, str], counts: str
) -> None:
    files = (
        record("区科协", path="a.xlsx", filled_on=first[0], received=first[1]),
        record("区科协", path="b.xlsx", filled_on=second[0], received=second[1]),
    )
    assert [one.file.path for one in merge.counting(merge.choose(OPENED, files))] == [counts]


def test_copies_to_the_byte_are_one() -> None:
    files = (record("区科协", path="a.xlsx", sha256="x"), record("区科协", path="a (1).xlsx", sha256="x"))
    chosen = merge.choose(OPENED, files)
    assert len(merge.counting(chosen)) == 1
    assert {one.code for file in chosen for one in file.findings} == {"file-duplicate"}


def test_after_the_cut_off_nothing_is_taken_unless_let_in() -> None:
    late = record("区科协", received="2019-03-29 17:01")
    refused = merge.choose(OPENED, (late,))[0]
    assert refused.status is FileStatus.REJECTED
    assert refused.findings[-1].code == "file-after-cutoff"
    assert "--accept-late 区科协" in refused.findings[-1].remedy
    assert merge.choose(OPENED, (late,), {"区科协"})[0].status is FileStatus.ACCEPTED


def test_one_that_came_after_the_cut_off_does_not_displace_one_in_time() -> None:
    files = (record("区科协", path="a.xlsx"), record("区科协", path="b.xlsx", received="2019-04-05 09:00"))
    assert [one.file.path for one in merge.counting(merge.choose(OPENED, files))] == ["a.xlsx"]


def test_no_change_takes_over_what_was_accepted_before() -> None:
    before = entry("区科协", "1.2.1", status="推进中", percent=60, progress="布设六块")
    now = entry("区科协", "1.2.1", unchanged="是", status=None, percent=None, problems="缺点位")
    entries, findings = merge.carry_over((record("区科协", now),), (before,))
    assert not findings
    assert (entries[0].value("status"), entries[0].value("percent")) == ("推进中", 60)
    assert entries[0].value("problems") == "缺点位"  # what the row says itself stays
    assert entries[0].answers["percent"].carried
    assert merged(*entries, task="1.2.1")["progress"] == "区科协：布设六块（本期无变化）"


def test_no_change_from_nothing_is_told_at_its_cell() -> None:
    now = entry("区科协", "1.2.1", row=9, unchanged="是")
    _, findings = merge.carry_over((record("区科协", now),), ())
    assert [(one.code, one.place.file, one.place.cell) for one in findings] == [
        ("unchanged-from-nothing", "区科协.xlsx", "H9")
    ]


ERROR = messages.finding("file-after-cutoff", unit="区科协", received="", cutoff="")


@pytest.mark.parametrize(
    ("files", "state", "reported", "late", "nil"),
    [
        ((), UnitState.MISSING, False, False, False),
        (
            (record("区科协", entry("区科协", "1.2.1", status="推进中")),),
            UnitState.REPORTED,
            True,
            False,
            False,
        ),
        ((record("区科协", entry("区科协", "1.2.1", unchanged="是")),), UnitState.NIL, True, False, True),
        ((record("区科协", received="2019-03-22 17:01"),), UnitState.LATE, True, True, False),
        ((record("区科协", received="2019-03-22 17:00"),), UnitState.REPORTED, True, False, False),
        (
            (record("区科协", status=FileStatus.ACCEPTED_WITH_ERRORS, findings=(ERROR,)),),
            UnitState.RETURNED,
            True,
            False,
            False,
        ),
        (
            (record("区科协", status=FileStatus.REJECTED, findings=(ERROR,)),),
            UnitState.RETURNED,
            False,
            False,
            False,
        ),
    ],
)
def test_a_units_state_is_what_a_clerk_would_say(
    files: tuple[object, ...], state: UnitState, *, reported: bool, late: bool, nil: bool
) -> None:
    found = merge.unit_statuses(OPENED, files)[0]
    assert (found.unit, found.state) == ("区科协", state)
    assert (found.reported, found.late, found.nil) == (reported, late, nil)


def test_the_expected_units_are_those_with_tasks_in_the_plans_order() -> None:
    assert [one.unit for one in merge.unit_statuses(OPENED, ())] == [unit.name for unit in PLAN.units]
    assert at("2019-03-22 17:00") == OPENED.deadline


def test_a_file_that_was_voided_does_not_count_and_says_why() -> None:
    files = (
        record("区科协", path="a.xlsx", received="2019-03-20 10:00"),
        record("区科协", path="b.xlsx", received="2019-03-21 10:00"),
    )
    chosen = merge.choose(OPENED, files, voided={"sha of b.xlsx": "误发了草稿"})
    assert [one.status for one in chosen] == [FileStatus.ACCEPTED, FileStatus.REJECTED]
    assert "误发了草稿" in chosen[1].findings[-1].message


def test_a_superseded_file_says_what_differs() -> None:
    old = record("区科协", entry("区科协", "1.2.1", percent=60, status="推进中"), path="a.xlsx")
    new = record("区科协", entry("区科协", "1.2.1", percent=65.5, status="推进中"), path="b.xlsx")
    message = merge.choose(OPENED, (old, new))[0].findings[-1].message
    assert "不同之处：任务 1.2.1 完成率(%)：60→65.5" in message
    assert "进展状态" not in message


def test_large_numbers_that_differ_are_told_in_all_their_digits() -> None:
    old = record("区科协", entry("区科协", "1.2.1", attendance=1_234_567), path="a.xlsx")
    new = record("区科协", entry("区科协", "1.2.1", attendance=1_234_568), path="b.xlsx")
    message = merge.choose(OPENED, (old, new))[0].findings[-1].message
    assert "任务 1.2.1 参与人次：1234567→1234568" in message


def test_a_date_to_come_is_told_at_its_cell_and_decides_nothing() -> None:
    ahead = record("区科协", path="a.xlsx", filled_on="2019-12-25", received="2019-03-20 10:00")
    (chosen,) = merge.choose(OPENED, (ahead,))
    assert [one.code for one in chosen.findings] == ["report-date-ahead"]
