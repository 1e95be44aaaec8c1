"""What the ledger keeps of the mailbox: a real SQLite file."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from builders import at

from kepu_xls import messages
from kepu_xls.ledger import Account, KnownMail, Ledger, MailState, schema

HERE = Account("clerk@imap.example.com", "INBOX", 7)
WHEN = at("2019-03-21 10:15")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def test_a_ledger_from_before_there_was_mail_is_brought_up_to_date(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(schema._STEPS[0])  # noqa: SLF001 - the tables as they were first shipped
    connection.execute("INSERT INTO meta VALUES ('secret', '00')")
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()
    with Ledger(path, writing=False) as ledger:
        assert ledger.mails(HERE) == {}
    with Ledger(path, writing=True) as ledger:
        ledger.keep_mails(HERE, [KnownMail(1, MailState.PASSED, WHEN)])
        assert ledger.mails(HERE) == {1: (MailState.PASSED, "")}
        assert ledger.secret == b"\0"


def test_a_message_is_known_under_another_number_and_folder_but_not_in_another_mailbox(path: Path) -> None:
    elsewhere = Account(HERE.login, "科普", 99)
    stranger = Account("other@imap.example.com", HERE.folder, HERE.validity)
    with Ledger(path, writing=True) as ledger:
        ledger.keep_mails(HERE, [KnownMail(1, MailState.TAKEN, WHEN, mark="m", digest="d")])
        assert ledger.knows_mail(elsewhere, mark="m")
        assert ledger.knows_mail(elsewhere, digest="d")
        assert not ledger.knows_mail(stranger, mark="m")


@pytest.mark.parametrize("state", [MailState.TAKING, MailState.FAILED])
def test_what_is_not_done_with_is_not_known(path: Path, state: MailState) -> None:
    with Ledger(path, writing=True) as ledger:
        ledger.keep_mails(HERE, [KnownMail(1, state, WHEN, mark="m", digest="d")])
        assert not ledger.knows_mail(HERE, mark="m")


def test_messages_without_marks_are_not_taken_for_each_other(path: Path) -> None:
    with Ledger(path, writing=True) as ledger:
        ledger.keep_mails(HERE, [KnownMail(1, MailState.TAKEN, WHEN)])
        assert not ledger.knows_mail(HERE, mark="", digest="")


def test_a_delivery_reads_back_with_its_mail(path: Path) -> None:
    mail = KnownMail(
        5, MailState.TAKEN, WHEN, place="邮件/x", sender="a@example.com", reply_to="b@example.com",
        subject="第12周", sent=WHEN, message_id="<1@example.com>",
    )  # fmt: skip
    with Ledger(path, writing=True) as ledger:
        ledger.deliver(HERE, mail, [("邮件/x/表.xlsx", "sha")])
        ((key, delivery),) = ledger.deliveries().items()
        assert ledger.places() == {"邮件/x"}
        assert ledger.unfiled(HERE) == {5}
        ledger.filed(HERE, [5])
        assert ledger.unfiled(HERE) == frozenset()
    assert key == ("邮件/x/表.xlsx", "sha")
    assert (delivery.sender, delivery.reply_to, delivery.subject) == (
        "a@example.com",
        "b@example.com",
        "第12周",
    )
    assert (delivery.arrived, delivery.message_id) == (WHEN, "<1@example.com>")


def test_what_was_found_is_told_once_and_by_time(path: Path) -> None:
    def found(subject: str) -> KnownMail:
        finding = messages.finding("mail-too-large", sender="a@example.com", subject=subject, limit="50")
        return KnownMail(len(subject), MailState.FAILED, WHEN, findings=(finding,))

    with Ledger(path, writing=True) as ledger:
        ledger.keep_mails(HERE, [found("a"), found("bb")])
        ledger.keep_mails(Account(HERE.login, "旧", 1), [found("a")])
        assert len(ledger.mail_findings(at("2019-03-21 00:00"), at("2019-03-22 00:00"))) == 2
        assert ledger.mail_findings(at("2019-03-22 00:00"), at("2019-03-23 00:00")) == ()
        ledger.forget_failures(HERE, [1])
        assert [one.message for one in ledger.mail_findings(WHEN, at("2019-03-22 00:00"))]
        assert set(ledger.mails(HERE)) == {1}
