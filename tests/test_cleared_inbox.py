"""A clerk who clears the inbox after merging loses nothing, also where a period is then issued anew."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import msgspec
import pytest
from builders import PLAN, at
from small_workspace import Small

from kepu_xls.commands import forms
from kepu_xls.commands.merge import merge
from kepu_xls.commands.results import MergeResult
from kepu_xls.commands.session import opened
from kepu_xls.ledger import Ledger
from kepu_xls.model import Entry, Plan, Unit
from kepu_xls.workspace import Workspace

WEEK = "2019-W12"
MONDAY, NOW = at("2019-03-18 09:00"), at("2019-03-22 12:00")
ARRIVED = at("2019-03-20 08:00")


def issued(root: Path) -> Small:
    small = Small(root, PLAN)
    with opened(Workspace(root), MONDAY, writing=True) as session:
        forms.issue(session, WEEK)
    return small


def issued_anew(small: Small, plan: Plan) -> None:
    small.change(plan)
    with opened(Workspace(small.root), NOW, writing=True) as session:
        forms.issue(session, WEEK, reissue=True)


def merged(root: Path) -> MergeResult:
    with opened(Workspace(root), NOW, writing=True) as session:
        return merge(session, WEEK)


def accepted(root: Path) -> tuple[Entry, ...]:
    with Ledger(root / "ledger.db", writing=False) as ledger:
        return tuple(ledger.accepted(WEEK))


def renamed(old: str, new: str) -> Plan:
    def names(given: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(new if name == old else name for name in given)

    units = tuple(Unit(new, aliases=(old,)) if one.name == old else one for one in PLAN.units)
    tasks = (
        msgspec.structs.replace(one, leads=names(one.leads), participants=names(one.participants))
        for one in PLAN.tasks
    )
    return msgspec.structs.replace(PLAN, units=units, tasks=tuple(tasks))


def renumbered() -> Plan:
    first, *others = PLAN.tasks
    return msgspec.structs.replace(PLAN, tasks=(*others, msgspec.structs.replace(first, number="1.1.9")))


@pytest.mark.parametrize("anew", [renamed("区教育局", "区教体局"), renumbered()])
@pytest.mark.parametrize("packed", [False, True])
def test_a_period_issued_anew_gives_the_same_with_the_inbox_cleared(
    tmp_path: Path, anew: Plan, *, packed: bool
) -> None:
    found = []
    for cleared in (False, True):
        root = tmp_path / str(cleared)
        small = issued(root)
        sent = small.report(WEEK, "区教育局", received=ARRIVED, percent="150")
        if packed:
            sent = _packed(sent)
        merged(root)
        if cleared:
            sent.unlink()
        issued_anew(small, anew)
        result = merged(root)
        found.append((result.statuses, accepted(root)))
        assert result.new_files == 1
        assert merged(root).new_files == 0
    assert found[0] == found[1]
    assert found[0][1]


def _packed(sent: Path) -> Path:
    package = sent.with_suffix(".zip")
    info = zipfile.ZipInfo(sent.name, (2019, 3, 20, 8, 0, 0))
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr(info, sent.read_bytes())
    os.utime(package, (ARRIVED.timestamp(), ARRIVED.timestamp()))
    sent.unlink()
    return package


def test_a_unit_that_is_asked_nothing_any_more_stops_no_merge(tmp_path: Path) -> None:
    root = tmp_path / "w"
    small = issued(root)
    sent = small.report(WEEK, "区教育局", received=ARRIVED, percent="150")
    merged(root)
    assert list(Workspace(root).returns(WEEK).iterdir())
    sent.unlink()
    for original in (root / "archive").rglob("*.xlsx"):  # cleared as well, so that nothing can be read again
        original.unlink()
    issued_anew(small, renamed("区教育局", "区教体局"))
    merged(root)
    assert not list(Workspace(root).returns(WEEK).iterdir())
