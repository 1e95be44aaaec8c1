"""The ledger knows of each letter before it is handed over, and how it ended; older ledgers learn it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from builders import at

from kepu_xls.ledger import Ledger, LetterRow, LetterState, schema

ROW = LetterRow(
    "2019-W12",
    "区科协",
    "form",
    "d1",
    "<1@example.com>",
    ("a@example.com",),
    LetterState.BEGUN,
    at("2019-03-18 09:00"),
)


def test_a_letter_is_there_once_begun_also_where_nothing_more_is_heard(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.db", writing=True) as ledger:
        ledger.keep_letter(ROW)
    with Ledger(tmp_path / "ledger.db", writing=False) as ledger:
        assert ledger.letters("2019-W12") == (ROW,)
        assert ledger.letters("2019-W13") == ()
    assert ROW.state.doubtful


def test_its_end_is_kept_with_the_answer(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.db", writing=True) as ledger:
        first, second = ledger.keep_letter(ROW), ledger.keep_letter(ROW)
        ledger.settle_letter(second, LetterState.SENT, at("2019-03-18 09:01"), "250 OK")
        assert first != second
        begun, sent = ledger.letters("2019-W12")
    assert (begun.state, begun.ended) == (LetterState.BEGUN, None)
    assert (sent.state, sent.ended, sent.answer) == (LetterState.SENT, at("2019-03-18 09:01"), "250 OK")


@pytest.mark.parametrize(
    ("state", "doubtful"),
    [
        (LetterState.BEGUN, True),
        (LetterState.UNKNOWN, True),
        (LetterState.SENT, False),
        (LetterState.REFUSED, False),
        (LetterState.DEFERRED, False),
    ],
)
def test_what_may_have_been_sent(state: LetterState, *, doubtful: bool) -> None:
    assert state.doubtful is doubtful


def test_a_ledger_from_before_mail_learns_letters(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    connection = sqlite3.connect(path)
    connection.executescript(schema._STEPS[0])  # noqa: SLF001 - what the first version had
    connection.execute("INSERT INTO meta VALUES ('secret', 'ab')")
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()
    with Ledger(path, writing=False) as ledger:
        assert ledger.letters("2019-W12") == ()
    with Ledger(path, writing=True) as ledger:
        ledger.keep_letter(ROW)
        assert ledger.letters("2019-W12") == (ROW,)
        assert ledger.secret == b"\xab"
