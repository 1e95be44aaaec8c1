"""Whatever goes wrong between us and the server: nothing is sent twice, nothing silently not."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from mail_rig.certificates import Authority
from mail_rig.smtp import SmtpServer, Stage
from mail_rig.troubles import CUT, HANG
from sending import JIAOYU, KEXIE, TUAN, Office, codes, fates, line, received

from kepu_xls.commands.mail_results import Fate, MailResult
from kepu_xls.errors import InputError, SurroundingsError
from kepu_xls.ledger import LetterState
from kepu_xls.mail import passwords
from kepu_xls.mail.smtp import Connection
from kepu_xls.mail_settings import Security

ALL_ONCE = {"kexie@example.com": 1, "jiaoyu@example.com": 1, "office@example.com": 1, "tuan@example.com": 1}
BEFORE_THE_ANSWER = [Stage.CONNECT, Stage.EHLO, Stage.AUTH, Stage.MAIL, Stage.RCPT, Stage.DATA]


@pytest.fixture
def office(laid_out: Path, tmp_path: Path, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setenv(passwords.VARIABLE, smtp.password)
    shutil.copytree(laid_out, tmp_path / "w")
    return Office(tmp_path / "w", smtp)


def stopped(result: MailResult) -> str:
    assert result.exit_code == 3
    assert result.stopped is not None
    return result.stopped.code


# ── cut and hanging connections ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("at", [Stage.MAIL, Stage.RCPT, Stage.DATA])
@pytest.mark.parametrize("happens", [CUT, HANG])
def test_a_connection_lost_before_the_letter_was_whole_is_made_anew_and_the_letter_sent(
    office: Office, at: Stage, happens: str
) -> None:
    office.smtp = {"timeout": 1.5}
    office.server.trouble(at, happens, after=1)
    result = office.send()
    assert set(fates(result).values()) == {Fate.SENT}
    assert result.exit_code == 0
    assert received(office.server) == ALL_ONCE
    assert office.server.connections == 2


@pytest.mark.parametrize("at", [Stage.CONNECT, Stage.EHLO, Stage.AUTH])
@pytest.mark.parametrize("happens", [CUT, HANG])
def test_a_server_that_never_answered_stops_the_run_and_the_next_goes_on(
    office: Office, at: Stage, happens: str
) -> None:
    office.smtp = {"timeout": 1.5}
    office.server.trouble(at, happens)
    result = office.send()
    assert stopped(result) == ("mail-connection-cut" if happens == CUT else "mail-timeout")
    assert set(fates(result).values()) == {Fate.DEFERRED}
    assert received(office.server) == {}
    assert set(fates(office.send()).values()) == {Fate.SENT}
    assert received(office.server) == ALL_ONCE


@pytest.mark.parametrize("at", [Stage.BODY, Stage.TAKEN])
@pytest.mark.parametrize("happens", [CUT, HANG])
def test_no_answer_after_the_whole_letter_is_unknown_and_never_sent_again_by_itself(
    office: Office, at: Stage, happens: str
) -> None:
    office.smtp = {"timeout": 1.5}
    office.server.trouble(at, happens, after=1)
    first = office.send()
    assert sorted(fates(first).values()) == [Fate.SENT, Fate.SENT, Fate.UNKNOWN]
    unknown = next(unit for unit, fate in fates(first).items() if fate is Fate.UNKNOWN)
    assert codes(first) == ["mail-unknown"]
    assert f"--again {unknown}" in first.findings[0].remedy
    assert first.exit_code == 1
    went = received(office.server)
    second = office.send()
    assert fates(second)[unknown] is Fate.UNKNOWN
    assert codes(second) == ["mail-unknown"]
    assert second.exit_code == 1
    assert received(office.server) == went
    assert fates(office.send(again=(unknown,))) == {unknown: Fate.SENT}
    assert set(fates(office.send()).values()) == {Fate.SENT_BEFORE}


@pytest.mark.parametrize("answer", ["221 2.0.0 Bye", "354 go on", "999 what"])
def test_an_answer_to_the_letter_that_means_neither_yes_nor_no_is_unknown(
    office: Office, answer: str
) -> None:
    office.server.trouble(Stage.BODY, answer, times=None)
    assert set(fates(office.send()).values()) == {Fate.UNKNOWN}
    heard = len(office.server.heard)
    assert set(fates(office.send()).values()) == {Fate.UNKNOWN}
    assert len(office.server.heard) == heard, "nothing is sent again by itself"


def test_a_ledger_that_fails_once_the_letter_is_out_leaves_it_unknown_now_and_later(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise SurroundingsError("disk-full", path="ledger.db")

    with monkeypatch.context() as patch:
        patch.setattr("kepu_xls.ledger.Ledger.settle_letter", full)
        result = office.send()
    assert stopped(result) == "disk-full"
    assert [one.fate for one in result.letters] == [Fate.UNKNOWN, Fate.DEFERRED, Fate.DEFERRED]
    assert codes(result) == ["mail-unknown"]
    again = office.send()
    assert [one.fate for one in again.letters] == [Fate.UNKNOWN, Fate.SENT, Fate.SENT]
    assert max(received(office.server).values()) == 1


def test_a_connection_lost_after_the_answer_changes_nothing(office: Office) -> None:
    office.server.trouble(Stage.ANSWERED, CUT, times=None)
    assert set(fates(office.send()).values()) == {Fate.SENT}
    assert set(fates(office.send()).values()) == {Fate.SENT_BEFORE}
    assert received(office.server) == ALL_ONCE


def test_a_letter_at_which_the_connection_breaks_every_time_is_left_and_the_others_go(office: Office) -> None:
    office.server.trouble(Stage.RCPT, CUT, times=None, address="kexie@example.com")
    result = office.send()
    assert fates(result) == {KEXIE: Fate.DEFERRED, JIAOYU: Fate.SENT, TUAN: Fate.SENT}
    assert codes(result) == ["mail-deferred"]
    assert result.exit_code == 1
    assert "kexie@example.com" not in received(office.server)


# ── asked to come back ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("reply", "waits", "said"),
    [
        ("421 HL:IFC 163 smtp3", 60, "短时间内发得太多"),
        ("450 MI:DMC 163 smtp3", 5, "per_connection"),
        ("451 MI:SFQ 163 smtp3", 300, "15 分钟"),
        ("451 DT:SPM please try again", 120, "两分钟"),
        ("450 4.3.0 try again later", 30, "服务器暂时不能收"),
    ],
)
@pytest.mark.parametrize("at", [Stage.MAIL, Stage.DATA, Stage.BODY])
def test_a_server_that_asks_to_come_back_is_waited_for_on_a_new_connection(
    office: Office, at: Stage, reply: str, waits: float, said: str
) -> None:
    office.server.trouble(at, reply, after=1)
    result = office.send()
    assert set(fates(result).values()) == {Fate.SENT}
    assert received(office.server) == ALL_ONCE
    assert waits in office.waited
    assert office.server.connections == 2
    (told,) = office.told
    assert f"{waits} 秒" in told
    assert reply in told
    assert said in told


def test_a_server_that_closes_over_a_recipient_is_waited_for_as_it_asks(office: Office) -> None:
    office.server.trouble(Stage.RCPT, "421 HL:IFC 163 smtp3", address="jiaoyu@example.com")
    assert set(fates(office.send()).values()) == {Fate.SENT}
    assert [seconds for seconds in office.waited if seconds] == [60]
    assert received(office.server) == ALL_ONCE


def test_waits_grow_and_end_with_patience_and_the_next_run_goes_on(office: Office) -> None:
    office.smtp = {"patience": 900}
    office.server.trouble(Stage.MAIL, "451 MI:SFQ 163", after=1, times=3)
    result = office.send()
    assert stopped(result) == "mail-patience-over"
    assert [each for each in office.waited if each] == [300, 600]
    assert sorted(fates(result).values()) == [Fate.DEFERRED, Fate.DEFERRED, Fate.SENT]
    assert set(fates(office.send()).values()) == {Fate.SENT, Fate.SENT_BEFORE}
    assert received(office.server) == ALL_ONCE


def test_a_greeting_that_asks_to_come_back_is_waited_for(office: Office) -> None:
    office.server.trouble(Stage.CONNECT, "421 HL:ICC 163 too many connections")
    assert set(fates(office.send()).values()) == {Fate.SENT}
    assert 60 in office.waited


def test_a_letter_put_off_by_its_recipient_alone_does_not_hold_up_the_others(office: Office) -> None:
    office.server.trouble(Stage.RCPT, "450 4.2.0 mailbox busy", times=None, address="kexie@example.com")
    result = office.send()
    assert fates(result) == {KEXIE: Fate.DEFERRED, JIAOYU: Fate.SENT, TUAN: Fate.SENT}
    assert codes(result) == ["mail-deferred"]
    assert office.waited.count(30) == 1
    assert set(fates(office.send(TUAN, JIAOYU)).values()) == {Fate.SENT_BEFORE}


# ── refused ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("at", "reply", "said"),
    [
        (Stage.RCPT, "550 5.1.1 User not found: kexie", "没有这个邮箱"),
        (Stage.RCPT, "552 5.2.2 mailbox over quota", "邮箱满了"),
        (Stage.BODY, "554 DT:SPM 163 smtp", "垃圾邮件"),
        (Stage.BODY, "552 5.3.4 message too large", "邮件太大"),
        (Stage.MAIL, "552 exceeded mailsize limit", "邮件太大"),
        (Stage.DATA, "554 no valid recipients", "不收这封信"),
    ],
)
def test_what_one_letter_is_refused_for_is_told_in_words_and_the_others_go(
    office: Office, at: Stage, reply: str, said: str
) -> None:
    office.server.trouble(at, reply)
    result = office.send()
    assert sorted(fates(result).values()) == [Fate.REFUSED, Fate.SENT, Fate.SENT]
    refused = next(one for one in result.letters if one.fate is Fate.REFUSED)
    assert said in refused.answer
    assert reply in refused.answer
    assert result.exit_code == 1
    assert [row.state for row in office.rows()].count(LetterState.REFUSED) == 1
    office.send()
    assert max(received(office.server).values()) == 1


def test_of_several_recipients_one_refused_is_a_warning_that_names_it(office: Office) -> None:
    office.server.trouble(Stage.RCPT, "550 5.1.1 no such user", times=None, address="office@example.com")
    result = office.send()
    assert set(fates(result).values()) == {Fate.SENT}
    assert codes(result) == ["mail-recipient-refused"]
    assert "office@example.com" in result.findings[0].message
    assert received(office.server) == {one: 1 for one in ALL_ONCE if one != "office@example.com"}
    assert fates(office.send())[JIAOYU] is Fate.SENT_BEFORE


def test_a_letter_that_only_those_in_copy_would_get_is_refused(office: Office) -> None:
    office.mail = {"cc": ("leader@example.com",)}
    office.server.trouble(Stage.RCPT, "550 5.1.1 no such user", times=None, address="tuan@example.com")
    result = office.send(TUAN)
    assert fates(result) == {TUAN: Fate.REFUSED}
    assert received(office.server) == {}


@pytest.mark.parametrize(
    ("at", "reply", "code"),
    [
        (Stage.AUTH, "535 Error: authentication failed", "mail-login-refused"),
        (Stage.MAIL, "553 Mail from must equal authorized user", "mail-sender-refused"),
        (Stage.MAIL, "554 MI:STC 163 daily limit", "mail-daily-limit"),
        (Stage.BODY, "554 MI:STC 163 daily limit", "mail-daily-limit"),
        (Stage.CONNECT, "554 IP in blacklist", "mail-server-refused"),
    ],
)
def test_what_concerns_all_letters_stops_the_run_once(
    office: Office, at: Stage, reply: str, code: str
) -> None:
    office.server.trouble(at, reply, times=None)
    result = office.send()
    assert stopped(result) == code
    assert reply.split(maxsplit=1)[1] in result.stopped.message
    assert set(fates(result).values()) == {Fate.DEFERRED}
    assert office.server.connections == 1
    assert not [row for row in office.rows() if row.state.doubtful]


def test_a_wrong_password_stops_the_run_and_is_never_shown(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(passwords.VARIABLE, "wrong-secret")
    result = office.send()
    assert stopped(result) == "mail-login-refused"
    assert "授权码" in result.stopped.remedy
    assert "wrong-secret" not in repr(result)


def test_a_login_challenge_that_is_no_base64_is_told_as_a_refused_login(office: Office) -> None:
    office.server.trouble(Stage.AUTH, "334 A", times=None)
    assert stopped(office.send()) == "mail-login-refused"


def test_a_password_that_no_server_can_be_told_is_told_before_anything_is_tried(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(passwords.VARIABLE, "密码")
    with pytest.raises(InputError) as failure:
        office.send()
    assert failure.value.finding.code == "mail-login-characters"
    assert office.server is not None
    assert office.server.connections == 0


def test_a_server_that_wants_a_login_without_one_known_says_where_to_put_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(passwords.VARIABLE)
    monkeypatch.setattr(passwords, "known", lambda _: None)
    result = office.send()
    assert stopped(result) == "mail-login-missing"
    assert "kepu mail login" in result.stopped.remedy


# ── never reached ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
@pytest.mark.parametrize(
    ("shown", "code"),
    [
        ("wrong", "mail-certificate-host"),
        ("expired", "mail-certificate-expired"),
        ("right", "mail-certificate-unknown"),
    ],
)
def test_a_certificate_that_is_not_right_ends_it_before_the_password(
    office: Office,
    serve_smtp: Callable[..., SmtpServer],
    authority: Authority,
    shown: str,
    code: str,
    security: Security,
) -> None:
    office.server = serve_smtp(security.value, getattr(authority, shown))
    office.smtp = {"security": security}
    if shown != "right":
        office.mail = {"certificates": str(authority.file)}
    assert stopped(office.send()) == code
    assert Stage.AUTH not in office.server.heard
    assert Stage.MAIL not in office.server.heard


def test_encryption_that_is_not_offered_is_not_done_without(office: Office) -> None:
    office.smtp = {"security": Security.STARTTLS}
    assert stopped(office.send()) == "mail-no-starttls"
    assert Stage.AUTH not in office.server.heard


def test_a_port_that_speaks_no_tls_is_told(office: Office) -> None:
    office.smtp = {"security": Security.TLS}
    assert stopped(office.send()) == "mail-not-tls"


def test_a_port_that_refuses_and_a_name_nobody_has_are_told(office: Office, closed_port: int) -> None:
    office.server.port = closed_port
    assert stopped(office.send()) == "mail-connection-refused"
    office.server.host = "no-such-host.invalid"
    result = office.send()
    assert stopped(result) == "mail-host-unknown"
    assert "--drafts" in result.stopped.remedy


def test_the_ledger_failing_before_the_body_sends_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kepu_xls.ledger.letters import Letters  # noqa: PLC0415 - here only

    def full(*_: object) -> int:
        raise SurroundingsError("disk-full", path="ledger.db")

    monkeypatch.setattr(Letters, "keep_letter", full)

    def said(_: Connection) -> None:
        pytest.fail("a farewell in the middle of a letter waits for an answer that never comes")

    monkeypatch.setattr(Connection, "leave", said)
    assert stopped(office.send()) == "disk-full"
    assert received(office.server) == {}


def test_interrupted_while_waiting_the_rest_is_sent_by_the_next_run(office: Office) -> None:
    office.smtp = {"pause": 1}

    class Impatient(list[float]):
        def append(self, _: float) -> None:
            raise KeyboardInterrupt

    office.waited = Impatient()
    with pytest.raises(KeyboardInterrupt):
        office.send()
    office.waited = []
    result = office.send()
    assert sorted(fates(result).values()) == [Fate.SENT, Fate.SENT, Fate.SENT_BEFORE]
    assert received(office.server) == ALL_ONCE
    assert line(result, TUAN).fate is Fate.SENT


def test_a_server_that_goes_away_between_two_letters_is_waited_for(office: Office) -> None:
    office.smtp = {"per_connection": 1}
    office.server.trouble(Stage.CONNECT, CUT, after=1, times=2)
    result = office.send()
    assert set(fates(result).values()) == {Fate.SENT}
    assert [seconds for seconds in office.waited if seconds] == [30, 60]
    assert received(office.server) == ALL_ONCE


def test_a_server_that_stays_away_ends_the_run_with_patience(office: Office) -> None:
    office.smtp = {"per_connection": 1, "patience": 100}
    office.server.trouble(Stage.CONNECT, CUT, after=1, times=None)
    result = office.send()
    assert stopped(result) == "mail-patience-over"
    assert [seconds for seconds in office.waited if seconds] == [30, 60, 10]
    assert "连接断了" in result.stopped.message


def test_a_sender_put_off_every_time_ends_the_run_not_each_letter(office: Office) -> None:
    office.smtp = {"patience": 60}
    office.server.trouble(Stage.MAIL, "450 4.7.1 try again later", times=None)
    result = office.send()
    assert stopped(result) == "mail-patience-over"
    assert set(fates(result).values()) == {Fate.DEFERRED}
    assert [seconds for seconds in office.waited if seconds] == [30, 30]
