"""[mail] of the configuration: no password in it, mailboxes that are some; where the password is kept."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import keyring
import pytest
from builders import ROOT, at
from keyring.errors import KeyringError
from mail_rig.dovecot import Dovecot
from mail_rig.smtp import SmtpServer

from kepu_xls import config
from kepu_xls.commands.doctor import doctor
from kepu_xls.errors import InputError, SurroundingsError
from kepu_xls.mail import passwords
from kepu_xls.mail.connecting import trusting, unreached
from kepu_xls.workspace import Workspace

TEXT = (ROOT / "config.toml").read_text(encoding="utf-8")


def refused(before: str, after: str) -> InputError:
    assert before in TEXT
    with pytest.raises(InputError) as failure:
        config.parse(TEXT.replace(before, after, 1))
    return failure.value


@pytest.mark.parametrize("key", ["password", "smtp_pass", "授权码"])
@pytest.mark.parametrize("table", ["[mail]\n", "[mail.smtp]                   # 发信\n"])
def test_a_password_in_the_configuration_is_refused_and_not_repeated(table: str, key: str) -> None:
    found = refused(table, f'{table}"{key}" = "hunter2"\n').finding
    assert found.code == "config-password-key"
    assert "kepu mail login" in found.remedy
    assert "hunter2" not in repr(found)
    line = TEXT[: TEXT.index(table)].count("\n") + 2
    assert found.place.cell == f"第{line}行"


def test_another_unknown_key_is_only_unknown() -> None:
    assert refused("[mail]\n", "[mail]\nadress = 1\n").finding.code == "config-unknown-key"


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ('address = "" ', 'address = "甲@例.com" ', "address"),
        ('reply_to = "" ', 'reply_to = "a b@example.com" ', "reply_to"),
        ("cc = [] ", 'cc = ["a@example.com", "b"] ', "cc"),
        ("cc = [] ", 'cc = [""] ', "cc"),
    ],
)
def test_a_mailbox_that_is_none_is_named_with_its_line(before: str, after: str, key: str) -> None:
    found = refused(before, after).finding
    assert found.code == "config-mail-address"
    assert f"“{key}”" in found.message
    assert found.place.cell == f"第{TEXT[: TEXT.index(before)].count(chr(10)) + 1}行"


def test_a_fault_below_mail_imap_is_not_looked_for_below_mail_smtp() -> None:
    table = TEXT.index("[mail.imap]")
    place = TEXT.index("port = 0", table)
    with pytest.raises(InputError) as failure:
        config.parse(TEXT[:place] + TEXT[place:].replace("port = 0", 'port = "993"', 1))
    assert failure.value.finding.place.cell == f"第{TEXT[:place].count(chr(10)) + 1}行"


def test_the_environment_goes_before_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_password", lambda service, login: f"{service} {login}")
    assert passwords.known("a@example.com") == "kepu_xls a@example.com"
    monkeypatch.setenv("KEPU_MAIL_PASSWORD", "from outside")
    assert passwords.known("a@example.com") == "from outside"


class SystemsOwnError(Exception):
    """As pywintypes and D-Bus have theirs."""


@pytest.mark.parametrize(
    "error",
    [
        KeyringError("locked"),
        RuntimeError("no backend"),
        OSError("no bus"),
        ImportError("keyringrc.cfg names what is not there"),
        SystemsOwnError("1312"),
    ],
)
def test_a_keyring_that_does_not_work_knows_nothing_and_says_so_when_storing(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails(*_: str) -> None:
        raise error

    monkeypatch.delenv("KEPU_MAIL_PASSWORD", raising=False)
    monkeypatch.setattr(keyring, "get_password", fails)
    monkeypatch.setattr(keyring, "set_password", fails)
    assert passwords.known("a@example.com") is None
    with pytest.raises(SurroundingsError) as failure:
        passwords.keep("a@example.com", "hunter2")
    assert failure.value.finding.code == "mail-no-keyring"
    assert "hunter2" not in repr(failure.value.finding)


def test_a_keyring_that_keeps_nothing_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_password", lambda *_: None)
    monkeypatch.setattr(keyring, "set_password", lambda *_: None)
    with pytest.raises(SurroundingsError) as failure:
        passwords.keep("a@example.com", "hunter2")
    assert failure.value.finding.code == "mail-no-keyring"


@pytest.fixture
def silent_keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A keyring that never answers; the logins that it was asked for."""
    end = Event()
    asked: list[str] = []
    monkeypatch.delenv("KEPU_MAIL_PASSWORD", raising=False)
    monkeypatch.setattr(passwords, "_PATIENCE", 0.01)
    monkeypatch.setattr(passwords, "_PATIENCE_TO_KEEP", 0.01)

    def silent(_: str, login: str, *_more: str) -> None:
        asked.append(login)
        end.wait(30)
        raise KeyringError("nobody waits any more")

    monkeypatch.setattr(keyring, "get_password", silent)
    monkeypatch.setattr(keyring, "set_password", silent)
    yield asked
    end.set()


@pytest.mark.usefixtures("silent_keyring")
def test_a_keyring_that_never_answers_is_not_waited_for_without_end() -> None:
    with pytest.raises(SurroundingsError) as failure:
        passwords.known("a@example.com")
    assert failure.value.finding.code == "mail-keyring-silent"
    assert "KEPU_MAIL_PASSWORD" in failure.value.finding.remedy
    assert passwords.at_hand("a@example.com") is None, "a server that wants no login can still be used"
    with pytest.raises(SurroundingsError) as failure:
        passwords.keep("a@example.com", "hunter2")
    assert failure.value.finding.code == "mail-no-keyring"


def test_nobody_waits_for_the_keyring_where_the_environment_says_the_password(
    silent_keyring: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEPU_MAIL_PASSWORD", "from outside")
    assert passwords.known("outside@example.com") == "from outside"
    assert "outside@example.com" not in silent_keyring


def test_doctor_waits_once_for_a_keyring_that_never_answers_and_names_the_variable(
    silent_keyring: list[str], smtp: SmtpServer, tmp_path: Path, imap_server: Dovecot
) -> None:
    text = TEXT.replace('address = ""', 'address = "looked@example.com"', 1)
    for table, port in (("[mail.smtp]", smtp.port), ("[mail.imap]", imap_server.imap)):
        before, after = text.split(table)
        after = after.replace('host = ""', 'host = "127.0.0.1"', 1).replace("port = 0", f"port = {port}", 1)
        text = before + table + after.replace('security = "tls"', 'security = "none"', 1)
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    looked = {one.what: one for one in doctor(Workspace(tmp_path), at("2019-03-18 09:00")).lines}
    assert silent_keyring.count("looked@example.com") == 1
    for what in ("发信", "收信"):
        assert not looked[what].good
        assert "KEPU_MAIL_PASSWORD" in looked[what].detail
    assert "可以连接" in looked["发信"].detail


@pytest.mark.parametrize("said", ["", "  ", "\r\n"])
def test_an_environment_that_says_nothing_is_no_password(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setattr(keyring, "get_password", lambda *_: "of the keyring")
    monkeypatch.setenv("KEPU_MAIL_PASSWORD", said)
    assert passwords.known("a@example.com") == "of the keyring"


def test_blanks_around_a_password_as_set_of_windows_leaves_them_are_none_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KEPU_MAIL_PASSWORD", "ABCDEF \r\n")
    assert passwords.known("a@example.com") == "ABCDEF"


@pytest.mark.parametrize(
    ("login", "password"),
    [("a@example.com", "口令"), ("a@example.com", "ＡＢＣ"), ("a@example.com", "A\nB"), ("科普", "ABC")],
)
def test_a_login_that_no_server_can_be_told_is_told_as_that_and_not_kept(
    monkeypatch: pytest.MonkeyPatch, login: str, password: str
) -> None:
    kept: list[object] = []
    monkeypatch.setattr(keyring, "set_password", lambda *one: kept.append(one))
    monkeypatch.setenv("KEPU_MAIL_PASSWORD", password)
    for ask in (lambda: passwords.known(login), lambda: passwords.keep(login, password)):
        with pytest.raises(InputError) as failure:
            ask()
        assert failure.value.finding.code == "mail-login-characters"
        assert password not in str(failure.value.finding)
    assert kept == []


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "mail-host-unknown"),
        (UnicodeError("label empty or too long"), "mail-host-unknown"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "mail-offline"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "mail-offline"),
        (ConnectionRefusedError(), "mail-connection-refused"),
        (TimeoutError("timed out"), "mail-timeout"),
        (ssl.SSLEOFError("EOF occurred"), "mail-connection-cut"),
        (ssl.SSLError("WRONG_VERSION_NUMBER"), "mail-not-tls"),
        (ConnectionResetError("reset"), "mail-connection-cut"),
    ],
)
def test_why_a_server_was_not_reached_is_told_in_words(error: Exception, code: str) -> None:
    failure = unreached(error, "smtp.example.com", 465)
    assert failure.finding.code == code
    assert "smtp.example.com" in failure.finding.message


def test_what_stands_behind_a_failure_is_told() -> None:
    behind = RuntimeError()
    behind.__cause__ = TimeoutError()
    assert unreached(behind, "smtp.example.com", 465).finding.code == "mail-timeout"


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_certificates_that_cannot_be_read_are_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "own.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as failure:
        trusting(tmp_path, "own.pem")
    assert failure.value.finding.code == "mail-certificates-unreadable"
    assert "own.pem" in failure.value.finding.message
