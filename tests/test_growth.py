"""Growth: work goes through the ledger in batches, and only what changed is worked out again."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import openpyxl
import pytest
from builders import PLAN, at
from small_workspace import Small, fill

from kepu_xls import intake
from kepu_xls.commands import consolidation, forms, portions, taking_in, wholes
from kepu_xls.commands.details import LedgerDetail
from kepu_xls.commands.merge import merge
from kepu_xls.commands.results import MergeResult
from kepu_xls.commands.session import Session, opened
from kepu_xls.commands.settling import settle
from kepu_xls.commands.units import Settling
from kepu_xls.commands.void import restore, void
from kepu_xls.engine import Team
from kepu_xls.ledger import Ledger, UnitOutcome
from kepu_xls.model import FileRecord
from kepu_xls.report import survey
from kepu_xls.workspace import Workspace

WEEKS = ("2019-W11", "2019-W12")
MONDAYS = {"2019-W11": at("2019-03-11 09:00"), "2019-W12": at("2019-03-18 09:00")}
NOW = at("2019-03-22 12:00")
SAID = {"status": "推进中", "percent": "40", "progress": "已经在三个街道各开展一次培训，共到场二百人。"}


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two weeks opened, the first one merged, and forms of the second in the inbox: some good, some not."""
    root = tmp_path_factory.mktemp("ready") / "w"
    small = Small(root, PLAN)
    for week in WEEKS:
        with opened(Workspace(root), MONDAYS[week], writing=True) as session:
            forms.issue(session, week)
        if week == WEEKS[0]:
            for unit in PLAN.units:
                small.report(week, unit.name, received=MONDAYS[week], **SAID)
            with work(root, week) as session:
                merge(session, week)
    early, late = at("2019-03-20 08:00"), at("2019-03-21 08:00")
    small.report("2019-W12", "区科协", received=early, percent="30")
    small.report("2019-W12", "区教育局", received=early, percent="150")
    small.report("2019-W12", "团区委", received=late, unchanged="是")
    again = fill_again(root, "区科协", {**SAID, "percent": "70"})
    (root / "inbox" / "照片.xlsx").write_bytes(b"\x89PNG\r\n\x1a\n nothing")
    (root / "inbox" / "空.xlsx").write_bytes(b"")
    assert again.exists()
    return root


def fill_again(root: Path, unit: str, answers: dict[str, object]) -> Path:
    target = root / "inbox" / f"又{unit}.xlsx"
    fill(Workspace(root).forms("2019-W12") / f"{unit}_2019-W12_进展填报表.xlsx", target, answers)
    return target


@pytest.fixture
def root(ready: Path, tmp_path: Path) -> Path:
    """The same, to work in."""
    return Path(shutil.copytree(ready, tmp_path / "w"))


def work(root: Path, week: str = "2019-W12", now: datetime = NOW) -> Any:  # noqa: ANN401 - a context
    return opened(Workspace(root), now if week == "2019-W12" else MONDAYS[week], writing=True)


def merged(root: Path) -> MergeResult:
    with work(root) as session:
        return merge(session, "2019-W12")


def kept(root: Path, week: str) -> dict[str, object]:
    """All that the ledger holds of what a week came to."""
    with Ledger(root / "ledger.db", writing=False) as ledger:
        return {
            "accepted": tuple(ledger.accepted(week)),
            "files": ledger.judged(week),
            "standings": ledger.standings(week),
            "remarks": ledger.remarks(week),
            "merged": ledger.merged(week),
            "point": ledger.point(week),
        }


def afresh(root: Path, week: str) -> dict[str, object]:
    """The same, worked out again from the files alone."""
    other = root.with_name(f"{root.name}-afresh")
    shutil.rmtree(other, ignore_errors=True)
    shutil.copytree(root, other)
    connection = sqlite3.connect(other / "ledger.db")
    for table in ("accepted", "judgements", "standings", "merged", "remarks", "settled", "stale"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
    connection.commit()
    connection.close()
    with work(other) as session:
        settle(session)
    return kept(other, week)


def rows(path: str) -> list[tuple[object, ...]]:
    return list(openpyxl.load_workbook(path)["明细数据"].iter_rows(values_only=True))


@pytest.mark.parametrize("size", [1, 2])
def test_batches_of_any_size_give_the_same_ledger_and_report(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    other = Path(shutil.copytree(root, tmp_path / "other"))
    expected = merged(other)
    monkeypatch.setattr(portions, "_BATCH", size)
    monkeypatch.setattr(portions, "_LINKS", size)
    found = merged(root)
    here, there = str(root).encode(), str(other).encode()
    assert msgspec.json.encode(found).replace(here, there) == msgspec.json.encode(expected)
    assert rows(found.report) == rows(expected.report)
    for week in WEEKS:
        assert kept(root, week) == kept(other, week)


def test_what_is_kept_is_what_would_be_worked_out_afresh(root: Path) -> None:
    merged(root)
    form = Workspace(root).forms("2019-W12") / "区教育局_2019-W12_进展填报表.xlsx"
    old = Workspace(root).forms("2019-W11") / "团区委_2019-W11_进展填报表.xlsx"
    changes: list[Callable[[Session], object]] = [
        lambda _: fill(form, root / "inbox" / "区教育局再次.xlsx", {**SAID, "percent": "55"}),
        lambda session: void(session, "又区科协.xlsx", "误发"),
        lambda _: fill(old, root / "inbox" / "上周补报.xlsx", {**SAID, "percent": "20"}),
        lambda session: restore(session, "又区科协.xlsx"),
        lambda _: fill(form, root / "inbox" / "区教育局再次.xlsx", {**SAID, "progress": "与别人一样" * 5}),
        lambda _: (root / "config.toml").write_text(
            (root / "config.toml").read_text("utf-8").replace("alike = 90", "alike = 60"), "utf-8"
        ),
    ]
    for number, change in enumerate(changes):
        with work(root) as session:
            change(session)
        merged(root)
        for week in WEEKS:
            assert kept(root, week) == afresh(root, week), f"after change {number}, {week}"


def test_a_file_that_was_set_aside_says_nothing_more_of_other_units(root: Path) -> None:
    form = Workspace(root).forms("2019-W12") / "区教育局_2019-W12_进展填报表.xlsx"
    for number, percent in enumerate(("5", "40")):  # 区科协, which leads as well, says 30
        target = root / "inbox" / f"区教育局第{number}次.xlsx"
        fill(form, target, {**SAID, "percent": percent})
        arrived = at(f"2019-03-21 1{number}:00").timestamp()
        os.utime(target, (arrived, arrived))
        files = {one.file.path: [found.code for found in one.findings] for one in files_of(root)}
        assert ("leads-differ" in files[target.name]) == (percent == "5")
    assert files["区教育局第0次.xlsx"][-1] == "file-superseded"
    assert kept(root, "2019-W12") == afresh(root, "2019-W12")


def test_a_form_read_again_in_a_later_week_is_not_held_for_one_of_that_week(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = Workspace(root).forms("2019-W11") / "区教育局_2019-W11_进展填报表.xlsx"
    for name, day in (("当时.xlsx", "2019-03-13"), ("后来.xlsx", "2019-03-19")):
        fill(form, root / "inbox" / name, SAID)
        arrived = at(f"{day} 10:00").timestamp()
        os.utime(root / "inbox" / name, (arrived, arrived))
    for version in ("one", "another"):
        monkeypatch.setattr(taking_in, "__version__", version)
        merged(root)
        with Ledger(root / "ledger.db", writing=False) as ledger:
            told = {
                one.file.path
                for one in ledger.judged("2019-W11")
                if any(found.code == "form-other-period" for found in one.findings)
            }
        assert told == {"后来.xlsx"}


def files_of(root: Path) -> tuple[FileRecord, ...]:
    merged(root)
    with Ledger(root / "ledger.db", writing=False) as ledger:
        return ledger.judged("2019-W12")


def test_a_run_that_falls_between_batches_loses_nothing_and_the_next_goes_on(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Path(shutil.copytree(root, tmp_path / "other"))
    expected = merged(other)
    monkeypatch.setattr(portions, "_BATCH", 1)
    keep, calls = Ledger.keep, iter(range(100))

    def falls(ledger: Ledger, records: Any) -> None:  # noqa: ANN401 - as the method has them
        if next(calls) == 3:
            raise KeyboardInterrupt
        keep(ledger, records)

    with monkeypatch.context() as broken:
        broken.setattr(Ledger, "keep", falls)
        with pytest.raises(KeyboardInterrupt):
            merged(root)
    with Ledger(root / "ledger.db", writing=False) as ledger:
        there = {one.file.path for one in ledger.files("2019-W12")}
    assert 0 < len(there) < len(expected.files)
    found = merged(root)
    assert found.new_files == expected.new_files - len(there)
    assert kept(root, "2019-W12") == kept(other, "2019-W12")
    assert rows(found.report) == rows(expected.report)


def test_a_run_that_falls_while_settling_is_settled_by_the_next(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Path(shutil.copytree(root, tmp_path / "other"))
    merged(other)
    for name in ("settle", "finish"):
        with monkeypatch.context() as broken:
            broken.setattr(Ledger, name, fallen)
            with pytest.raises(KeyboardInterrupt):
                merged(root)
        with Ledger(root / "ledger.db", writing=False) as ledger:  # who only reads works it out for itself
            session = msgspec.structs.replace(_session(root), ledger=ledger)
            settle(session)
            assert tuple(ledger.accepted("2019-W12")) == kept(other, "2019-W12")["accepted"]
    merged(root)
    assert kept(root, "2019-W12") == kept(other, "2019-W12")


def fallen(*_: object) -> None:
    raise KeyboardInterrupt


def _session(root: Path) -> Session:
    with opened(Workspace(root), NOW, writing=False) as session:
        return session


def test_a_second_merge_reads_no_file_and_writes_no_report(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = merged(root)
    report = Path(first.report)
    before = report.stat().st_mtime_ns, report.read_bytes()
    monkeypatch.setattr(intake.reading, "read_file", None)
    again = merged(root)
    assert again.new_files == 0
    assert (report.stat().st_mtime_ns, report.read_bytes()) == before
    assert msgspec.structs.replace(again, new_files=first.new_files) == first


@pytest.mark.parametrize("harm", ["gone", "changed", "configured"])
def test_a_report_that_is_not_as_it_was_written_is_written_again(root: Path, harm: str) -> None:
    report = Path(merged(root).report)
    before = rows(str(report))
    match harm:
        case "gone":
            report.unlink()
        case "changed":
            report.write_bytes(report.read_bytes()[:-10])
        case _:
            config = root / "config.toml"
            text = config.read_text("utf-8")
            config.write_text(text.replace('paper = "A3"', 'paper = "A4"'), "utf-8")
            assert config.read_text("utf-8") != text
            written = report.read_bytes()
    merged(root)
    assert rows(str(report)) == before
    if harm == "configured":
        assert report.read_bytes() != written


def test_what_several_worked_out_and_wrote_is_what_one_does(root: Path) -> None:
    other = Path(shutil.copytree(root, root.parent / "other"))
    for place, engine in ((root, "serial"), (other, "processes")):
        with work(place) as session:
            merge(session, "2019-W12", engine_name=engine)
    assert kept(other, "2019-W12") == kept(root, "2019-W12")
    written = [Workspace(place).report("2019-W12").read_bytes() for place in (root, other)]
    assert written[0] == written[1]


class Deadly(Settling, frozen=True):
    """Kills who works out the first units."""

    deadly: str = ""
    losses: ClassVar[list[Sequence[str]]] = []

    def lost(self, item: Sequence[str]) -> tuple[UnitOutcome, ...]:
        self.losses.append(item)
        return super().lost(item)

    @contextmanager
    def started(self) -> Iterator[Callable[[Sequence[str]], tuple[UnitOutcome, ...]]]:
        with super().started() as work:

            def killing(units: Sequence[str]) -> tuple[UnitOutcome, ...]:
                if self.deadly in units and multiprocessing.parent_process() is not None:
                    os.kill(os.getpid(), signal.SIGKILL)
                return work(units)

            yield killing


def test_what_somebody_who_helps_dies_over_is_worked_out_all_the_same(root: Path) -> None:
    merged(root)
    with work(root) as session, Team("processes") as team:
        period = session.ledger.periods()["2019-W12"]
        known = (session.workspace, session.config, session.now, period, ())
        units = [(unit,) for unit in period.expected]
        expected = [Settling(*known).lost(some) for some in units]
        found = team.map(Deadly(*known, deadly=period.expected[0]), units, team.choose_here(9, worth=1))
        assert list(found) == expected
        assert Deadly.losses == [units[0]]
        assert any(one.accepted for some in expected for one in some)


def test_a_ledger_without_marks_of_texts_is_worked_out_anew(root: Path) -> None:
    long = "三月二十日在实验小学举办科技节开幕式，展出学生作品四十六件。"
    target = fill_again(root, "区教育局", {**SAID, "progress": long})
    arrived = at("2019-03-21 10:00").timestamp()
    os.utime(target, (arrived, arrived))
    merged(root)
    expected, marks = kept(root, "2019-W12"), marks_of(root)
    assert any(marks)
    connection = sqlite3.connect(root / "ledger.db")
    connection.execute("ALTER TABLE accepted DROP COLUMN marks")
    connection.execute("PRAGMA user_version = 5")
    connection.commit()
    connection.close()
    merged(root)
    assert kept(root, "2019-W12") == expected
    assert marks_of(root) == marks


def marks_of(root: Path) -> list[bytes]:
    with Ledger(root / "ledger.db", writing=False) as ledger:
        return [marks for _, _, marks, _ in ledger.marks("2019-W12")]


def test_tasks_of_many_units_are_merged_without_holding_their_entries(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Path(shutil.copytree(root, tmp_path / "other"))
    few = merged(other)
    monkeypatch.setattr(wholes, "MANY", 1)
    many = merged(root)
    with work(root) as session:
        period = session.ledger.periods()["2019-W12"]
        data = consolidation.consolidate(session, period)
        crowded = {row.task.number for row in data.rows if wholes.has_many(row.task)}
        assert crowded
        assert all(not row.entries for row in data.rows if row.task.number in crowded)
        values = {row.task.number: row.values for row in data.rows}
    monkeypatch.undo()
    with work(other) as session:
        data = consolidation.consolidate(session, period)
        assert values == {row.task.number: row.values for row in data.rows}
        detail = LedgerDetail(session, period, Team())
        told = [(task.number, one.entry.unit) for task, one in detail.outlines()]
        whole = [(task, entry) for task, unit in told for entry in detail.entries(task, [unit])]
        assert whole == [
            (row.task.number, entry)
            for row in sorted(data.rows, key=lambda row: row.task.sort_key)
            for entry in row.entries
        ]
    assert rows(many.report) == rows(few.report)


def test_what_is_many_is_the_same_to_the_report() -> None:
    assert wholes.MANY == survey.MANY


def statements(root: Path) -> int:
    """How many SQL statements a merge with nothing new takes."""
    with work(root) as session:
        seen: list[str] = []
        session.ledger._connection.set_trace_callback(seen.append)  # noqa: SLF001 - to count them
        merge(session, "2019-W12")
        session.ledger._connection.set_trace_callback(None)  # noqa: SLF001 - as above
    return sum(not statement.startswith("INSERT OR IGNORE INTO temp.present") for statement in seen)


def test_a_merge_with_nothing_new_asks_the_ledger_as_often_for_many_files_as_for_few(root: Path) -> None:
    merged(root)
    few = statements(root)
    form = Workspace(root).forms("2019-W12") / "区教育局_2019-W12_进展填报表.xlsx"
    for number in range(12):
        fill(form, root / "inbox" / f"又一份{number}.xlsx", {**SAID, "percent": str(number)})
    merged(root)
    assert statements(root) <= few
