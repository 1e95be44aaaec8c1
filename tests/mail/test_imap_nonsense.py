"""Servers that announce what nobody asked for, or answer in no language: told in words, in bounded memory."""

from __future__ import annotations

import ssl
import tracemalloc
from pathlib import Path

import pytest
from mail_rig.dovecot import PASSWORD, Dovecot
from mail_rig.mailbox import Mailbox
from mail_rig.wire import wire
from mailed import XLSX, Clerk, arrive, codes, mail

from kepu_xls.commands.fetch_results import FetchResult
from kepu_xls.errors import SurroundingsError
from kepu_xls.mail import imap, passwords
from kepu_xls.mail_settings import ImapSettings, Security

_MEGABYTE = 1 << 20


@pytest.fixture
def clerk(tmp_path: Path, imap_server: Dovecot, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Clerk:
    monkeypatch.setenv(passwords.VARIABLE, PASSWORD)
    return Clerk(tmp_path, imap_server, mailbox)


def names(clerk: Clerk) -> list[str]:
    return sorted(path.rpartition("/")[2] for path in clerk.inbox())


def fetched(clerk: Clerk, asked: str | None, answer: str, *, times: int | None = None) -> FetchResult:
    """Fetch from a server that answers so to a command; None: greets so."""
    with wire(clerk.server.imap) as one:
        clerk.port = one.port
        one.fault(asked, answer, times=times)
        result = clerk.fetch()
    clerk.port = None
    return result


_STAGES = [None, "CAPABILITY", "LOGIN", " ID ", "EXAMINE", "SEARCH"]
_TOO_LARGE = {
    "announced beyond all memory": "* OK {99999999999}",
    "announced, and there might be memory": "* OK {4000000000}",
    "announced by more digits than Python reads": f"* OK {{{'9' * 5000}}}",
    "a line without end": "* OK " + "x" * 3_000_000,
    "lines without end": "* OK still here\r\n" * 80_000,
}
_NONSENSE = [
    "* \udcff\udcfe",
    "{tag} OK \udcff\udcfe",
    "* CAPABILITY IMAP4rev1 \udcff\r\n{tag} OK done",
    "* OK [\udcff \udcfe] so\r\n{tag} OK done",
    "* OK [CAPABILITY \udcff] so\r\n{tag} OK done",
    "* OK [UIDVALIDITY \udcff] so\r\n{tag} OK done",
    "* OK [UIDVALIDITY 1 ) (] so\r\n{tag} OK done",
    "* SEARCH \udcff\r\n{tag} OK done",
    "* SEARCH " + "9" * 5000 + "\r\n{tag} OK done",
    "* ID (\udcff\r\n{tag} OK done",
    "+ \udcff",
    "",
    "{tag}",
]


@pytest.mark.parametrize("asked", _STAGES)
@pytest.mark.parametrize("answer", _TOO_LARGE.values(), ids=_TOO_LARGE)
def test_an_answer_too_large_to_be_meant_is_told_as_that(
    clerk: Clerk, asked: str | None, answer: str
) -> None:
    arrive(clerk.mailbox, mail(("a.xlsx", XLSX)))
    result = fetched(clerk, asked, answer)
    assert result.stopped is not None
    if asked is None and answer.startswith("* OK still"):  # one line greets, then the connection ends
        assert result.stopped.code == "mail-connection-cut"
        return
    assert result.stopped.code == "imap-answer-too-large"
    assert clerk.server.host in result.stopped.message
    clerk.fetch()
    assert names(clerk) == ["a.xlsx"]


@pytest.mark.parametrize("asked", _STAGES)
@pytest.mark.parametrize("answer", _NONSENSE)
def test_an_answer_in_no_language_ends_in_words_or_does_no_harm(
    clerk: Clerk, asked: str | None, answer: str
) -> None:
    clerk.settings = {"timeout": 0.3}  # some of these leave the answer out
    arrive(clerk.mailbox, mail(("a.xlsx", XLSX)))
    result = fetched(clerk, asked, answer)
    assert result.stopped is None or result.stopped.code.startswith(("imap-", "mail-"))
    clerk.settings = {}
    clerk.fetch()
    assert names(clerk) == ["a.xlsx"]


@pytest.mark.parametrize("answer", _TOO_LARGE.values(), ids=_TOO_LARGE)
def test_a_description_too_large_to_be_meant_costs_no_message(clerk: Clerk, answer: str) -> None:
    arrive(clerk.mailbox, [mail((f"{number}.xlsx", XLSX)) for number in range(3)])
    result = fetched(clerk, "FETCH .*HEADER", answer, times=3)
    assert result.stopped is None
    assert names(clerk) == ["0.xlsx", "1.xlsx", "2.xlsx"]


@pytest.mark.parametrize("answer", _TOO_LARGE.values(), ids=_TOO_LARGE)
def test_a_message_too_large_to_be_meant_costs_itself_and_is_tried_again(clerk: Clerk, answer: str) -> None:
    clerk.settings = {"message_mb": 1}
    arrive(clerk.mailbox, [mail((f"{number}.xlsx", XLSX)) for number in range(2)])
    result = fetched(clerk, r"FETCH 1 .*PEEK\[\]", answer)
    assert result.stopped is None
    assert codes(result) == ["mail-not-given"]
    assert names(clerk) == ["1.xlsx"]
    clerk.fetch()
    assert names(clerk) == ["0.xlsx", "1.xlsx"]


@pytest.mark.parametrize("asked", ["STORE", "LIST", "CREATE", "UID MOVE", "LOGOUT"])
@pytest.mark.parametrize(
    "answer", ["* LIST \udcff\r\n{tag} NO", "* LIST (a\r\n{tag} BAD \udcff", "* OK {99999999999}"]
)
def test_nonsense_when_messages_are_moved_loses_nothing(clerk: Clerk, asked: str, answer: str) -> None:
    clerk.settings = {"mark_read": True, "move_to": "收过的"}
    arrive(clerk.mailbox, mail(("a.xlsx", XLSX)))
    result = fetched(clerk, asked, answer)
    assert result.stopped is None or result.stopped.code.startswith(("imap-", "mail-"))
    assert names(clerk) == ["a.xlsx"]
    assert clerk.fetch().stopped is None
    assert [one.folder for one in clerk.mailbox.stored()] == ["收过的"]


@pytest.mark.parametrize("security", Security)
@pytest.mark.parametrize("host", ["imap..example.com", "邮 件", "x" * 300])
def test_a_host_whose_name_cannot_be_one_is_told_as_unknown(host: str, security: Security) -> None:
    settings = ImapSettings(host=host, security=security)
    with (
        pytest.raises(SurroundingsError) as failure,
        imap.opened(settings, "a@example.com", "x", ssl.create_default_context()),
    ):
        pass
    assert failure.value.finding.code == "mail-host-unknown"


def test_what_is_announced_is_never_set_aside_before_it_comes(clerk: Clerk) -> None:
    tracemalloc.start()
    try:
        fetched(clerk, "SEARCH", "* OK {4000000000}")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 32 * _MEGABYTE
