"""Mail that somebody wrote to break us: it costs itself, never the others, and never our time."""

from __future__ import annotations

from pathlib import Path

import pytest
from mail_rig.dovecot import PASSWORD, Dovecot
from mail_rig.mailbox import Mailbox
from mail_rig.wire import wire
from mailed import THEN, XLSX, Clerk, arrive, codes, mail

from kepu_xls.mail import passwords
from kepu_xls.mail.attachments import attachments
from kepu_xls.mail.bounces import bounce
from kepu_xls.mail.imap import Described
from kepu_xls.mail.incoming import incoming


@pytest.fixture
def clerk(tmp_path: Path, imap_server: Dovecot, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Clerk:
    monkeypatch.setenv(passwords.VARIABLE, PASSWORD)
    return Clerk(tmp_path, imap_server, mailbox)


def names(clerk: Clerk) -> list[str]:
    return sorted(path.rpartition("/")[2] for path in clerk.inbox())


_LEAF = '("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1)'


@pytest.mark.parametrize(
    "structure",
    [
        pytest.param("(" * 2000 + _LEAF + ' "MIXED")' * 2000, id="2,000 levels"),
        pytest.param(f'({_LEAF * 40_000} "MIXED")', id="40,000 parts in one line of 1.5 MB"),
        pytest.param(f'({_LEAF * 400_000} "MIXED")', id="400,000 parts in one line of 15 MB"),
        pytest.param("(((", id="brackets that do not close"),
    ],
)
def test_a_structure_that_nobody_can_read_costs_no_other_message(clerk: Clerk, structure: str) -> None:
    arrive(clerk.mailbox, [mail((f"{number}.xlsx", XLSX)) for number in range(3)])
    with wire(clerk.server.imap) as one:
        clerk.port = one.port
        answer = f"* 1 FETCH (UID 1 BODYSTRUCTURE {structure})\r\n{{tag}} OK done"
        one.fault("FETCH .*STRUCTURE", answer, times=None)
        result = clerk.fetch()
    assert result.stopped is None
    assert names(clerk) == ["0.xlsx", "1.xlsx", "2.xlsx"]


def test_a_folder_that_was_numbered_anew_between_two_connections_is_gone_through_anew(clerk: Clerk) -> None:
    arrive(clerk.mailbox, mail(("a.xlsx", XLSX)))
    with wire(clerk.server.imap) as one:
        clerk.port = one.port
        endless = f"* 1 FETCH (UID 1 BODYSTRUCTURE ({_LEAF * 40_000}))\r\n{{tag}} OK done"
        one.fault("FETCH .*STRUCTURE", endless)
        one.fault("EXAMINE", "* OK [UIDVALIDITY 77] so\r\n{tag} OK done", after=1)
        first = clerk.fetch()
        assert first.stopped is not None
        assert names(clerk) == []
        clerk.fetch()
    assert names(clerk) == ["a.xlsx"]


def test_what_was_taken_is_moved_by_commands_that_are_not_too_long(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kepu_xls.commands.receiving._FILED_AT_ONCE", 2)
    arrive(clerk.mailbox, [mail((f"{number}.xlsx", XLSX), subject=f"{number}") for number in range(5)])
    clerk.settings = {"mark_read": True, "move_to": "收过的"}
    with wire(clerk.server.imap) as one:
        clerk.port = one.port
        assert clerk.fetch().stopped is None
        assert [b"UID MOVE" in line for line in one.heard].count(True) == 3
    assert [one.folder for one in clerk.mailbox.stored()] == ["收过的"] * 5


_FROM = "From: kexie@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
_HEAD = f"BODY[HEADER.FIELDS (FROM)] {{{len(_FROM)}}}\r\n{_FROM}"
_KNOWN = 'INTERNALDATE "21-Mar-2019 10:15:00 +0800" RFC822.SIZE 100'


@pytest.mark.parametrize(
    "described",
    [
        f"{_KNOWN} BODYSTRUCTURE NIL {_HEAD}",
        f"{_KNOWN} BODYSTRUCTURE (NIL NIL NIL NIL NIL NIL NIL) {_HEAD}",
        f"{_KNOWN} BODYSTRUCTURE 7 {_HEAD}",
        f'INTERNALDATE NIL RFC822.SIZE NIL BODYSTRUCTURE ("A" "B" NIL NIL NIL "7BIT" 1) {_HEAD}',
        f"INTERNALDATE NIL RFC822.SIZE NIL {_HEAD}",
        f"{_KNOWN} BODY[HEADER.FIELDS (FROM)] NIL",
        f"{_KNOWN} BODYSTRUCTURE () {_HEAD}",
        f"{_KNOWN} BODYSTRUCTURE ((NIL)) {_HEAD}",
    ],
)
def test_a_structure_that_makes_no_sense_costs_no_message(clerk: Clerk, described: str) -> None:
    arrive(clerk.mailbox, [mail((f"{number}.xlsx", XLSX)) for number in range(2)])
    with wire(clerk.server.imap) as one:
        clerk.port = one.port
        one.fault("FETCH .*STRUCTURE", f"* 1 FETCH (UID 1 {described})\r\n{{tag}} OK done")
        assert clerk.fetch().stopped is None
        assert clerk.fetch().stopped is None
    assert names(clerk) == ["0.xlsx", "1.xlsx"]


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("EXAMINE", "* OK [UIDVALIDITY x] so\r\n{tag} OK done"),
        ("SEARCH", "* SEARCH a b\r\n{tag} OK done"),
        ("FETCH .*HEADER", "* 1 FETCH (UID x)\r\n{tag} OK done"),
        ("FETCH .*HEADER", "* 1 FETCH garbage\r\n{tag} OK done"),
    ],
)
def test_an_answer_against_the_protocol_is_told_and_loses_nothing(
    clerk: Clerk, asked: str, answer: str
) -> None:
    arrive(clerk.mailbox, mail(("a.xlsx", XLSX)))
    with wire(clerk.server.imap) as one:
        clerk.port = one.port
        one.fault(asked, answer, times=2)
        result = clerk.fetch()
        assert result.stopped is not None
        assert result.stopped.code in ("imap-refused", "imap-folder-missing")
        clerk.fetch()
        clerk.fetch()
    assert names(clerk) == ["a.xlsx"]


@pytest.mark.parametrize("body", ['""', "NIL"])
def test_a_message_that_the_server_says_nothing_of_is_told_and_tried_again(clerk: Clerk, body: str) -> None:
    arrive(clerk.mailbox, [mail((f"{number}.xlsx", XLSX)) for number in range(2)])
    with wire(clerk.server.imap) as one:
        clerk.port = one.port
        one.fault(r"FETCH 1 .*PEEK\[\]", f"* 1 FETCH (UID 1 BODY[] {body})\r\n{{tag}} OK done")
        first = clerk.fetch()
        assert codes(first) == ["mail-not-given"]
        assert names(clerk) == ["1.xlsx"]
        clerk.fetch()
    assert names(clerk) == ["0.xlsx", "1.xlsx"]


@pytest.mark.parametrize("answer", ["{tag} BAD what", "{tag} NO no"])
def test_a_server_that_does_not_care_for_our_id_is_used_all_the_same(clerk: Clerk, answer: str) -> None:
    arrive(clerk.mailbox, mail(("a.xlsx", XLSX)))
    with wire(clerk.server.imap) as one:
        clerk.port = one.port
        one.fault(" ID ", answer)
        clerk.fetch()
    assert names(clerk) == ["a.xlsx"]


def test_what_a_server_says_in_chinese_is_shown_in_chinese(clerk: Clerk) -> None:
    with wire(clerk.server.imap) as one:
        clerk.port = one.port
        one.fault("LOGIN", "{tag} NO 授权码错误", times=None)
        result = clerk.fetch()
    assert result.stopped is not None
    assert "授权码错误" in result.stopped.message


_MANY = 20_000


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_parts_without_number_are_not_taken_apart(clerk: Clerk, line_end: bytes) -> None:
    head = b"From: kexie@example.com\nSubject: x\nContent-Type: multipart/mixed; boundary=b\n\n"
    head += b"--b\nContent-Type: application/octet-stream; name=a.xlsx\n\nx"
    arrive(clerk.mailbox, [head + (line_end + b"--b" + line_end) * _MANY, mail(("好.xlsx", XLSX))])
    result = clerk.fetch()
    assert codes(result) == ["mail-broken"]
    assert names(clerk) == ["好.xlsx"]


_LONG = b'; x="' + b";" * 2_000_000 + b'"'
"""In a header's parameters: the email package would need hours for it."""


@pytest.mark.parametrize(
    "message",
    [
        b"Content-Type: multipart/mixed" + _LONG + b"; boundary=b\n\n--b\n\nx\n--b--",
        b"Content-Type: multipart/report" + _LONG + b"; boundary=b\n\n--b\n\nx\n--b--",
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: a/b" + _LONG + b"\n\nx\n--b--",
        b"Content-Disposition: attachment" + _LONG + b'; filename="a.xlsx"\n\nx',
    ],
)
def test_a_header_without_end_takes_no_time(message: bytes) -> None:
    incoming(Described(1, THEN, len(message), message.partition(b"\n\n")[0] + b"\n\n"), "", THEN)
    attachments(message)
    bounce(message, ())


def test_a_mail_with_a_header_without_end_is_passed_on_whole_where_it_is_attached() -> None:
    inner = b"To: " + b"somebody@example.com, " * 1000 + b"\n\nhello\n"
    (found,) = attachments(b"From: a@example.com\nContent-Type: message/rfc822\n\n" + inner)
    assert b"".join(found.data.split()) == b"".join(inner.split())


@pytest.mark.parametrize("levels", [50, 500, 5_000])
@pytest.mark.parametrize(
    "level", [b"Content-Type: message/rfc822\n\n", b"Content-Type: multipart/mixed; boundary=b\n\n--b\n"]
)
def test_mails_in_mails_without_end_cost_themselves(clerk: Clerk, level: bytes, levels: int) -> None:
    deep = b"From: kexie@example.com\nSubject: x\n" + level * levels + b"Content-Type: text/plain\n\nx\n"
    arrive(clerk.mailbox, [deep, mail(("好.xlsx", XLSX))])
    result = clerk.fetch()
    assert result.stopped is None
    assert "好.xlsx" in names(clerk)
    assert clerk.fetch().seen == 0


def test_the_lock_file_of_an_office_program_that_is_sent_along_does_not_stop_the_form(clerk: Clerk) -> None:
    lock = b"\x06clerk".ljust(165)
    arrive(clerk.mailbox, mail(("~$a.xlsx", lock), (".~lock.a.xlsx#", lock), ("a.xlsx", XLSX)))
    arrive(clerk.mailbox, mail(("~$b.xlsx", XLSX + b"1"), ("b.xlsx", XLSX + b"2"), subject="real ones"))
    result = clerk.fetch()
    assert result.stopped is None
    assert names(clerk) == ["_~$b.xlsx", "a.xlsx", "b.xlsx"]
    (left,) = result.findings
    assert left.code == "mail-others-left"
    assert "_~$a.xlsx、~lock.a.xlsx#" in left.message


def test_a_file_that_is_open_costs_its_mail_and_is_tried_again(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(clerk.mailbox, [mail(("a.xlsx", XLSX)), mail(("b.xlsx", XLSX), subject="another")])
    with monkeypatch.context() as patch:
        patch.setattr(
            "kepu_xls.workspace.open_elsewhere", lambda path: path if path.name == "a.xlsx" else None
        )
        first = clerk.fetch()
    assert (first.exit_code, codes(first)) == (1, ["file-open-elsewhere"])
    assert names(clerk) == ["b.xlsx"]
    clerk.fetch()
    assert names(clerk) == ["a.xlsx", "b.xlsx"]
