"""The ledger: a real SQLite file."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from builders import entry, open_period, record

from kepu_xls import messages
from kepu_xls.errors import SurroundingsError
from kepu_xls.ledger import Ledger, schema
from kepu_xls.model import FileStatus, Place


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


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
        ledger.keep([(good, "basis"), (bad, "other")])
        assert ledger.files("2019-W12") == (bad, good)
        assert ledger.known_files()[good.file.path, good.file.sha256] == ("basis", "2019-W12")


def test_a_file_read_again_is_replaced_and_keeps_its_first_arrival(path: Path) -> None:
    before = record("区科协", entry("区科协", "1.2.1", percent=1), received="2019-03-20 08:00")
    after = record("区科协", entry("区科协", "1.2.1", percent=2), received="2019-03-25 08:00")
    with Ledger(path, writing=True) as ledger:
        ledger.keep([(before, "1")])
        ledger.keep([(after, "2")])
        (kept,) = ledger.files("2019-W12")
        assert kept.file.received == before.file.received
        assert kept.submission == after.submission


def test_what_counts_is_replaced_as_a_whole(path: Path) -> None:
    with Ledger(path, writing=True) as ledger:
        ledger.accept("2019-W12", (entry("区科协", "1.1.1"), entry("区科协", "1.2.1")))
        ledger.accept("2019-W12", (entry("区科协", "1.2.1", percent=5),))
        assert ledger.accepted("2019-W12") == (entry("区科协", "1.2.1", percent=5),)
        assert ledger.accepted("2019-W11") == ()


def test_a_transaction_that_fails_leaves_nothing(path: Path) -> None:
    twice = record("区科协", entry("区科协", "1.2.1"), entry("区科协", "1.2.1"))
    with Ledger(path, writing=True) as ledger:
        with pytest.raises(SurroundingsError):
            ledger.keep([(record("团区委"), "b"), (twice, "b")])
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


def test_a_ledger_of_a_newer_program_is_refused(path: Path) -> None:
    with Ledger(path, writing=True):
        pass
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    connection.close()
    with pytest.raises(SurroundingsError) as failure, Ledger(path, writing=True):
        pass
    assert failure.value.finding.code == "ledger-newer"
