"""A report that lies in the outbox tells what the ledger holds, whatever changed it since it was written."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from builders import PLAN, at
from small_workspace import GOOD, Small, fill

from kepu_xls.commands import forms
from kepu_xls.commands.merge import merge
from kepu_xls.commands.report import rewrite
from kepu_xls.commands.results import MergeResult
from kepu_xls.commands.session import opened
from kepu_xls.commands.void import void
from kepu_xls.workspace import Workspace

WEEKS = ("2019-W11", "2019-W12", "2019-W13")
MONDAYS = (at("2019-03-11 09:00"), at("2019-03-18 09:00"), at("2019-03-25 09:00"))
NOW = at("2019-03-29 12:00")
UNCHANGED: dict[str, object] = {"status": None, "percent": None, "progress": None, "unchanged": "是"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three weeks, merged one after the other; in the second one nothing had changed since the first."""
    root = tmp_path / "w"
    Small(root, PLAN)
    for week, monday in zip(WEEKS, MONDAYS, strict=True):
        with opened(Workspace(root), monday, writing=True) as session:
            forms.issue(session, week)
    arrives(root, "第一周.xlsx", WEEKS[0], at("2019-03-13 08:00"), {**GOOD, "percent": "50"})
    arrives(root, "第二周.xlsx", WEEKS[1], at("2019-03-20 08:00"), UNCHANGED)
    arrives(root, "第三周.xlsx", WEEKS[2], at("2019-03-27 08:00"), {**GOOD, "percent": "80"})
    for week in WEEKS:
        merged(root, week)
    return root


def arrives(root: Path, name: str, week: str, when: datetime, answers: dict[str, object]) -> None:
    (root / "inbox").mkdir(exist_ok=True)
    form = Workspace(root).forms(week) / f"区科协_{week}_进展填报表.xlsx"
    fill(form, root / "inbox" / name, answers)
    os.utime(root / "inbox" / name, (when.timestamp(), when.timestamp()))


def merged(root: Path, week: str) -> MergeResult:
    with opened(Workspace(root), NOW, writing=True) as session:
        return merge(session, week)


def cells(root: Path, week: str) -> list[list[tuple[object, ...]]]:
    book = openpyxl.load_workbook(Workspace(root).report(week))
    return [list(sheet.iter_rows(values_only=True)) for sheet in book]


def expect_true(root: Path) -> None:
    """All reports are as they would be written now."""
    there = {week: cells(root, week) for week in WEEKS}
    with opened(Workspace(root), NOW, writing=True) as session:
        for week in WEEKS:
            rewrite(session, week)
    for week in WEEKS:
        assert there[week] == cells(root, week), week


def test_a_file_that_is_refused_is_told_of_in_a_report_in_which_nothing_else_changed(root: Path) -> None:
    (root / "inbox" / "照片.xlsx").write_bytes(b"\x89PNG\r\n\x1a\n nothing")
    merged(root, WEEKS[2])
    assert "照片.xlsx" in str(cells(root, WEEKS[2]))
    expect_true(root)


def test_an_empty_form_of_another_week_is_told_of_in_that_week_s_report(root: Path) -> None:
    arrives(root, "空表.xlsx", WEEKS[0], at("2019-03-14 08:00"), dict.fromkeys(GOOD))
    assert merged(root, WEEKS[2]).other_periods == (WEEKS[0],)
    assert "空表.xlsx" in str(cells(root, WEEKS[0]))
    expect_true(root)


def test_a_file_that_was_set_aside_and_is_voided_is_told_of_as_void(root: Path) -> None:
    arrives(root, "更早.xlsx", WEEKS[2], at("2019-03-26 08:00"), GOOD)
    merged(root, WEEKS[2])
    with opened(Workspace(root), NOW, writing=True) as session:
        void(session, "更早.xlsx", "误发", WEEKS[2])
    assert "误发" in str(cells(root, WEEKS[2]))
    expect_true(root)


@pytest.mark.parametrize("week", [WEEKS[0], WEEKS[2]])
def test_a_late_file_changes_the_reports_of_all_weeks_that_take_over_from_its_own(
    root: Path, week: str
) -> None:
    arrives(root, "补报.xlsx", WEEKS[0], at("2019-03-14 08:00"), {**GOOD, "percent": "20"})
    assert merged(root, week).other_periods == tuple(one for one in WEEKS if one != week)
    expect_true(root)
    assert merged(root, week).other_periods == ()


def test_what_is_decided_of_an_earlier_week_changes_the_reports_of_later_ones(root: Path) -> None:
    with opened(Workspace(root), NOW, writing=True) as session:
        assert WEEKS[1] in void(session, "第一周.xlsx", "误发", WEEKS[0]).other_periods
    expect_true(root)
