"""A file put back under its name in place of what replaced it counts again, as much in time as it was."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest
import small_workspace
from builders import PLAN, at
from small_workspace import GOOD, Small, fill

from kepu_xls.commands import forms
from kepu_xls.commands.merge import merge
from kepu_xls.commands.results import MergeResult
from kepu_xls.commands.session import opened
from kepu_xls.ledger import Ledger
from kepu_xls.outcome import UnitState
from kepu_xls.workspace import Workspace

WEEK, UNIT = "2019-W12", "区科协"
EARLY, IN_TIME, LATE, TOO_LATE = (
    "2019-03-20 08:00",
    "2019-03-21 08:00",
    "2019-03-26 08:00",
    "2019-05-20 08:00",
)


@pytest.fixture
def small(tmp_path: Path) -> Small:
    made = Small(tmp_path / "w", PLAN)
    with opened(Workspace(made.root), at("2019-03-18 09:00"), writing=True) as session:
        forms.issue(session, WEEK)
    (made.root / "inbox").mkdir()
    return made


def form(small: Small, percent: int, unit: str = UNIT) -> bytes:
    target = small.root.parent / f"{unit}{percent}.xlsx"
    fill(small.form(WEEK, unit), target, {**GOOD, "percent": str(percent)})
    return target.read_bytes()


def package(**members: bytes) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.xlsx", data)
    return whole.getvalue()


def put(small: Small, name: str, data: bytes, when: str) -> MergeResult:
    """Lay a file into the inbox, in place of what is there, and merge."""
    path = small.root / "inbox" / name
    path.unlink(missing_ok=True)
    path.write_bytes(data)
    os.utime(path, (at(when).timestamp(),) * 2)
    return merged(small, when)


def merged(small: Small, when: str) -> MergeResult:
    with opened(Workspace(small.root), at(when), writing=True) as session:
        return merge(session, WEEK)


def counts(small: Small, unit: str = UNIT) -> set[object]:
    with Ledger(small.root / "ledger.db", writing=False) as ledger:
        return {one.value("percent") for one in ledger.accepted(WEEK, [unit])}


def state(small: Small, unit: str = UNIT) -> UnitState:
    with Ledger(small.root / "ledger.db", writing=False) as ledger:
        return ledger.standings(WEEK)[unit].state


def nothing_new(small: Small, when: str) -> bool:
    """A merge with nothing new reads and writes nothing."""
    ledger = small.root / "ledger.db"
    before = hashlib.sha256(ledger.read_bytes()).hexdigest()
    return merged(small, when).new_files == 0 and hashlib.sha256(ledger.read_bytes()).hexdigest() == before


@pytest.mark.parametrize("meanwhile", [IN_TIME, LATE, TOO_LATE])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_as_often_as_it_is_put_back_and_as_much_in_time_as_it_was(
    small: Small, meanwhile: str, *, packed: bool
) -> None:
    files = [form(small, 10), form(small, 20)]
    name, laid = ("x.zip", [package(m=one) for one in files]) if packed else ("x.xlsx", files)
    put(small, name, laid[0], EARLY)
    for _ in range(2):
        put(small, name, laid[1], meanwhile)
        assert counts(small) == ({10} if meanwhile == TOO_LATE else {20})
        put(small, name, laid[0], EARLY)
        assert (counts(small), state(small)) == ({10}, UnitState.REPORTED)
        assert nothing_new(small, TOO_LATE)


def test_what_counts_again_by_another_s_later_date_of_filling(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = form(small, 10)
    monkeypatch.setitem(small_workspace.FOOT, "填报日期", "2019-03-22")
    new = form(small, 20)
    put(small, "x.xlsx", old, IN_TIME)
    put(small, "x.xlsx", new, "2019-03-22 08:00")
    assert counts(small) == {20}
    put(small, "x.xlsx", old, IN_TIME)
    assert counts(small) == {10}


def test_another_unit_s_file_under_its_name_makes_it_no_later(small: Small) -> None:
    own = form(small, 10)
    put(small, "x.xlsx", own, EARLY)
    put(small, "x.xlsx", form(small, 20, "区教育局"), LATE)
    put(small, "x.xlsx", own, EARLY)
    assert (counts(small), state(small)) == ({10}, UnitState.REPORTED)
    assert (counts(small, "区教育局"), state(small, "区教育局")) == ({20}, UnitState.LATE)
    assert nothing_new(small, TOO_LATE)


def test_a_link_in_its_place_for_a_while_makes_it_no_later(small: Small) -> None:
    own = form(small, 10)
    put(small, "x.xlsx", own, EARLY)
    path = small.root / "inbox" / "x.xlsx"
    path.unlink()
    path.symlink_to(small.root / "config.toml")
    merged(small, TOO_LATE)
    put(small, "x.xlsx", own, EARLY)
    assert (counts(small), state(small)) == ({10}, UnitState.REPORTED)


def test_what_comes_again_in_another_container_counts_again(small: Small) -> None:
    own = form(small, 10)
    put(small, "x.zip", package(m=own), EARLY)
    put(small, "x.zip", package(m=form(small, 20)), IN_TIME)
    put(small, "x.zip", package(m=own, n=form(small, 30, "区教育局")), "2019-03-21 12:00")
    assert (counts(small), counts(small, "区教育局")) == ({10}, {30})


def test_what_is_read_from_the_archive_is_not_put_back(small: Small) -> None:
    for percent, when in ((10, EARLY), (20, IN_TIME)):
        put(small, "x.xlsx", form(small, percent), when)
    (small.root / "inbox" / "x.xlsx").unlink()
    config = small.root / "config.toml"
    config.write_text(config.read_text("utf-8").replace('label = "备注"', 'label = "其他"'), "utf-8")
    with opened(Workspace(small.root), at("2019-03-21 12:00"), writing=True) as session:
        forms.issue(session, WEEK, reissue=True)
    assert merged(small, "2019-03-21 13:00").new_files == 2
    assert counts(small) == {20}


def test_a_run_that_falls_over_what_was_put_back_is_made_good_by_the_next(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = form(small, 10)
    put(small, "x.zip", package(m=old), EARLY)
    put(small, "x.zip", package(m=form(small, 20)), IN_TIME)
    with monkeypatch.context() as broken:
        broken.setattr(Ledger, "keep", falls_where_there_is_any)
        with pytest.raises(KeyboardInterrupt):
            put(small, "x.zip", package(m=old), EARLY)
    merged(small, TOO_LATE)
    assert counts(small) == {10}
    assert nothing_new(small, TOO_LATE)


def falls_where_there_is_any(_: Ledger, records: Iterable[object]) -> None:
    if any(True for _ in records):
        raise KeyboardInterrupt
