"""The ledger: a real SQLite file."""

from __future__ import annotations

import hashlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from builders import entry, open_period, record

from kepu_xls import messages
from kepu_xls.errors import SurroundingsError
from kepu_xls.ledger import Accepted, Judgement, Ledger, UnitOutcome, schema, store
from kepu_xls.model import Entry, FileRecord, FileStatus, Place
from kepu_xls.outcome import Outline
from kepu_xls.packed import PackedRecord


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def keep(ledger: Ledger, *records: FileRecord, basis: str = "basis") -> None:
    ledger.keep([(PackedRecord.of(one), basis) for one in records])


def test_the_secret_is_made_once_and_stays(path: Path) -> None:
    with Ledger(path, writing=True) as ledger:
        secret = ledger.secret
    with Ledger(path, writing=False) as ledger:
        assert ledger.secret == secret
    assert len(secret) == 32


def test_a_frozen_period_reads_back_as_it_was_the_latest_version_counts(path: Path) -> None:
    first, again, other = open_period("2019-W11"), open_period("2019-W11", version=2), open_period("2019-W12")
    with Ledger(path, writing=True) as ledger:
        for one in (first, other, again):
            ledger.open_period(one)
        assert list(ledger.periods().values()) == [again, other]


def test_files_entries_and_findings_read_back_as_they_were(path: Path) -> None:
    finding = messages.finding(
        "file-duplicate", Place("区科协.xlsx", "进展填报表", "H8"), other="b", unit="区科协"
    )
    good = record("区科协", entry("区科协", "1.2.1", percent=62.5, progress="=1+1"), findings=(finding,))
    bad = record("", path="x.xlsx", status=FileStatus.REJECTED, findings=(finding,))
    with Ledger(path, writing=True) as ledger:
        keep(ledger, good, bad)
        assert ledger.files("2019-W12") == (bad, good)
        ledger.lay_out([good.file])
        assert ledger.bases() == {(good.file.path, good.file.sha256): "basis"}
        assert ledger.here() == {"2019-W12": {(good.file.path, good.file.sha256)}}


def test_a_file_read_again_is_replaced_and_keeps_its_first_arrival(path: Path) -> None:
    before = record("区科协", entry("区科协", "1.2.1", percent=1), received="2019-03-20 08:00")
    after = record("区科协", entry("区科协", "1.2.1", percent=2), received="2019-03-25 08:00")
    with Ledger(path, writing=True) as ledger:
        keep(ledger, before)
        keep(ledger, after)
        (kept,) = ledger.files("2019-W12")
        assert kept.file.received == before.file.received
        assert kept.submission == after.submission


def outcome(*entries: Entry, filled: bool = False) -> UnitOutcome:
    file = record("区科协").file
    accepted = (Accepted.of(Outline.of(one, {"progress"}), one if filled else None) for one in entries)
    judgement = Judgement(file, "区科协", FileStatus.ACCEPTED)
    return UnitOutcome("区科协", (judgement,), file, tuple(accepted), None)


def test_what_counts_is_replaced_as_a_whole(path: Path) -> None:
    said = entry("区科协", "1.1.1"), entry("区科协", "1.2.1", percent=1)
    with Ledger(path, writing=True) as ledger:
        keep(ledger, record("区科协", *said))
        ledger.begin("2019-W12", "with this", ["区科协"])
        ledger.settle("2019-W12", [outcome(*said)])
        assert tuple(ledger.accepted("2019-W12")) == said
        asked = [("区科协", "1.2.1"), ("区科协", "9.9.9"), ("区科协", "1.1.1")]
        assert tuple(ledger.accepted_at("2019-W12", asked)) == said[::-1]
        filled = entry("区科协", "1.2.1", percent=5, progress="已开展活动")
        ledger.settle("2019-W12", [outcome(filled, filled=True)])
        assert tuple(ledger.accepted("2019-W12")) == (filled,)
        (outline,) = ledger.outlines("2019-W12", ["1.1.1", "1.2.1"])
        assert outline == Outline.of(filled, {"progress"})
        assert outline.entry.value("percent") == 5
        assert outline.entry.value("progress") is None
        assert outline.texts == {"progress": 5}
        assert tuple(ledger.accepted("2019-W11")) == ()


def test_whatever_is_kept_or_decided_makes_stale_what_was_worked_out_for_its_unit(path: Path) -> None:
    file = record("区科协", entry("区科协", "1.1.1"))
    with Ledger(path, writing=True) as ledger:
        for change in (
            lambda: keep(ledger, file),
            lambda: keep(ledger, file, basis="another"),
            lambda: ledger.void("2019-W12", file.file.sha256, "误发"),
            lambda: ledger.restore("2019-W12", file.file.sha256),
            lambda: ledger.let_in_late("2019-W12", ["区科协"]),
        ):
            change()
            assert ledger.stale("2019-W12") == ("区科协",)
            ledger.settle("2019-W12", [outcome()])
            assert ledger.stale("2019-W12") == ()
        ledger.let_in_late("2019-W12", ["区科协"])  # it was let in before
        assert ledger.stale("2019-W12") == ()


def test_who_only_reads_can_work_out_what_is_stale_and_writes_nothing(path: Path) -> None:
    with Ledger(path, writing=True) as ledger:
        keep(ledger, record("区科协", entry("区科协", "1.1.1")))
    before = path.read_bytes()
    with Ledger(path, writing=False) as ledger:
        ledger.set_aside()
        ledger.begin("2019-W12", "with this", ())
        ledger.settle("2019-W12", [outcome(entry("区科协", "1.1.1"))])
        assert tuple(ledger.accepted("2019-W12")) == (entry("区科协", "1.1.1"),)
    assert path.read_bytes() == before


def test_an_older_ledger_keeps_its_periods_and_files(path: Path) -> None:
    opened = open_period("2019-W11")
    connection = sqlite3.connect(path)
    for statement in schema._FIRST.split(";"):  # noqa: SLF001 - as the first program wrote it
        connection.execute(statement)
    connection.execute(
        "INSERT INTO periods VALUES (?, 1, ?, ?)",
        ("2019-W11", opened.opened.isoformat(), msgspec.json.encode(opened).decode()),
    )
    connection.execute("INSERT INTO meta VALUES ('secret', '00')")
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()
    for writing in (False, True, False):
        with Ledger(path, writing=writing) as ledger:
            assert ledger.periods() == {"2019-W11": opened}
            assert ledger.secret == b"\0"


def test_the_first_step_stays_as_it_was_shipped() -> None:
    tables = " ".join(schema._FIRST.split())  # noqa: SLF001 - what ledgers out there were made with
    assert hashlib.sha256(tables.encode()).hexdigest().startswith("646ce640d3d39498")


def test_a_transaction_that_fails_leaves_nothing(path: Path) -> None:
    twice = record("区科协", entry("区科协", "1.2.1"), entry("区科协", "1.2.1"))
    with Ledger(path, writing=True) as ledger:
        with pytest.raises(SurroundingsError):
            keep(ledger, record("团区委"), twice)
        assert ledger.files("2019-W12") == ()


def test_reading_makes_no_file(path: Path) -> None:
    with Ledger(path, writing=False) as ledger:
        assert ledger.periods() == {}
    assert not path.exists()


@pytest.mark.parametrize("writing", [True, False])
def test_a_damaged_ledger_is_named_not_touched(path: Path, *, writing: bool) -> None:
    path.write_bytes(b"this is no database, only text" * 100)
    with pytest.raises(SurroundingsError) as failure, Ledger(path, writing=writing):
        pass
    assert failure.value.finding.code == "ledger-broken"
    assert path.read_bytes().startswith(b"this is no database")


@pytest.mark.parametrize("writing", [True, False])
def test_a_ledger_that_another_program_holds_is_not_called_damaged(
    path: Path, monkeypatch: pytest.MonkeyPatch, *, writing: bool
) -> None:
    monkeypatch.setattr(store, "_PATIENCE", 0.01)
    with Ledger(path, writing=True):
        pass
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with (
        pytest.raises(SurroundingsError) as failure,
        Ledger(path, writing=writing) as ledger,
        ledger.transaction(),
    ):
        ledger.periods()
    other.close()
    assert failure.value.finding.code == "ledger-locked"
    assert "没有损坏" in failure.value.finding.remedy


_FALLS = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")  # what is changed goes to the disk before the end
connection.execute("BEGIN IMMEDIATE")
for number in range(2000):
    connection.execute("INSERT INTO voided VALUES ('2019-W12', ?, ?)", (str(number), "x" * 500))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_left_half_written_keeps_nobody_from_reading(path: Path) -> None:
    with Ledger(path, writing=True) as ledger:
        ledger.open_period(open_period())
    subprocess.run([sys.executable, "-c", _FALLS, str(path)], check=False)
    assert path.with_name(f"{path.name}-journal").stat().st_size
    with Ledger(path, writing=False) as ledger:
        assert list(ledger.periods()) == ["2019-W12"]
        assert ledger.voided("2019-W12") == {}


def test_a_ledger_of_a_newer_program_is_refused(path: Path) -> None:
    with Ledger(path, writing=True):
        pass
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    connection.close()
    with pytest.raises(SurroundingsError) as failure, Ledger(path, writing=True):
        pass
    assert failure.value.finding.code == "ledger-newer"


def test_the_latest_issue_of_a_period_counts_also_where_the_clock_was_set_back(path: Path) -> None:
    first = open_period()
    anew = msgspec.structs.replace(open_period(version=2), opened=first.opened.replace(day=1))
    with Ledger(path, writing=True) as ledger:
        ledger.open_period(first)
        ledger.open_period(anew)
        assert ledger.periods() == {first.period: anew}
