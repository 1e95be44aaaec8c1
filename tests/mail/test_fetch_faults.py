"""Whatever happens to the connection: nothing is fetched twice, nothing is lost, and it is said in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from mail_rig.certificates import Authority
from mail_rig.dovecot import PASSWORD, Dovecot
from mail_rig.mailbox import Mailbox
from mail_rig.troubles import CUT, HALVE_ANSWER, HANG, LOSE_ANSWER
from mail_rig.wire import Wire, wire
from mailed import XLSX, Clerk, arrive, mail

from kepu_xls.commands.fetch_results import FetchResult
from kepu_xls.errors import InputError, SurroundingsError
from kepu_xls.ledger import Ledger
from kepu_xls.mail import passwords
from kepu_xls.mail_settings import Security


@pytest.fixture
def clerk(tmp_path: Path, imap_server: Dovecot, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Clerk:
    monkeypatch.setenv(passwords.VARIABLE, PASSWORD)
    return Clerk(tmp_path, imap_server, mailbox)


@contextmanager
def wired(clerk: Clerk, **how: bool) -> Iterator[Wire]:
    """The clerk's connection runs over a wire for a while."""
    with wire(clerk.server.imap, **how) as one:
        clerk.port = one.port
        try:
            yield one
        finally:
            clerk.port = None


def stopped_by(result: FetchResult) -> str:
    assert result.exit_code == 3
    assert result.stopped is not None
    return result.stopped.code


def five_forms(clerk: Clerk) -> list[str]:
    """Five mails with a form each, and two without; gives what the inbox is to hold in the end."""
    arrive(
        clerk.mailbox,
        [
            *(
                mail((f"表{number}.xlsx", XLSX + b"%d" % number), subject=f"第{number}份")
                for number in range(5)
            ),
            mail(subject="收到"),
            mail(subject="广告", sender="ad@example.com"),
        ],
    )
    return [f"表{number}.xlsx" for number in range(5)]


def names(clerk: Clerk) -> list[str]:
    return sorted(path.rpartition("/")[2] for path in clerk.inbox())


STAGES = [
    "LOGIN",
    " ID ",
    "EXAMINE",
    "SEARCH",
    r"FETCH .*STRUCTURE",
    r"FETCH 1 .*PEEK\[\]",
    r"FETCH 3 .*PEEK\[\]",
]


ENDS = [CUT, LOSE_ANSWER, HALVE_ANSWER, "* BYE too busy"]


@pytest.mark.parametrize(
    ("stage", "happens"),
    [(None, CUT), (None, "* BYE too busy"), *((stage, happens) for stage in STAGES for happens in ENDS)],
)
def test_a_connection_that_ends_at_any_stage_loses_and_doubles_nothing(
    clerk: Clerk, stage: str | None, happens: str
) -> None:
    expected = five_forms(clerk)
    there = clerk.mailbox.stored()
    with wired(clerk) as one:
        one.fault(stage, happens)
        assert stopped_by(clerk.fetch()) in ("mail-connection-cut", "imap-refused")
        before = names(clerk)
        result = clerk.fetch()
    assert result.stopped is None
    assert names(clerk) == expected
    assert len(before) + len(result.files) == len(expected), "what was taken before was not taken again"
    assert clerk.mailbox.stored() == there
    assert clerk.fetch().seen == 0


@pytest.mark.parametrize("stage", STAGES)
def test_a_server_that_falls_silent_is_waited_for_no_longer_than_configured(clerk: Clerk, stage: str) -> None:
    expected = five_forms(clerk)
    clerk.settings["timeout"] = 0.4
    with wired(clerk) as one:
        one.fault(stage, HANG)
        assert stopped_by(clerk.fetch()) == "mail-timeout"
    clerk.settings["timeout"] = 30.0
    clerk.fetch()
    assert names(clerk) == expected


def test_cut_anywhere_by_the_byte(clerk: Clerk) -> None:
    expected = five_forms(clerk)
    with wired(clerk) as one:
        clerk.fetch()
        whole = one.said
    for path in clerk.inbox():
        (clerk.workspace.inbox / path).unlink()
    clerk.workspace.ledger.unlink()
    with wired(clerk) as one:
        clerk.__post_init__()
        for size in range(0, whole, whole // 23):
            one.cut_after(size)
            clerk.fetch()
        result = clerk.fetch()
    assert result.stopped is None
    assert names(clerk) == expected


def test_no_for_one_message_costs_that_message_and_it_is_tried_again(clerk: Clerk) -> None:
    expected = five_forms(clerk)
    with wired(clerk) as one:
        one.fault(r"FETCH 2 .*PEEK\[\]", "{tag} NO [SERVERBUG] Internal error")
        result = clerk.fetch()
        assert [found.code for found in result.findings if found.severity == "error"] == ["mail-not-given"]
        assert (result.exit_code, result.stopped) == (1, None)
        assert names(clerk) == [name for name in expected if name != "表1.xlsx"]
        again = clerk.fetch()
    assert [file.path.rpartition("/")[2] for file in again.files] == ["表1.xlsx"]
    assert again.findings == ()


@pytest.mark.parametrize("stage", ["EXAMINE", "SEARCH", "FETCH .*STRUCTURE"])
def test_no_for_everything_says_what_the_server_said(clerk: Clerk, stage: str) -> None:
    with wired(clerk) as one:
        arrive(clerk.mailbox, mail())
        one.fault(stage, "{tag} NO not today")
        result = clerk.fetch()
    assert stopped_by(result) in ("imap-refused", "imap-folder-missing")
    assert "not today" in result.stopped.message  # type: ignore[union-attr]


# ── getting in ──


@pytest.mark.parametrize("security", list(Security))
def test_every_kind_of_protection(clerk: Clerk, authority: Authority, security: Security) -> None:
    arrive(clerk.mailbox, mail(("a.xlsx", XLSX)))
    clerk.settings["security"], clerk.certificates = security, str(authority.file)
    clerk.port = clerk.server.imaps if security is Security.TLS else clerk.server.imap
    assert [file.path.rpartition("/")[2] for file in clerk.fetch().files] == ["a.xlsx"]


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_a_certificate_that_nobody_vouches_for_gets_no_password(clerk: Clerk, security: Security) -> None:
    clerk.settings["security"] = security
    clerk.port = clerk.server.imaps if security is Security.TLS else clerk.server.imap
    assert stopped_by(clerk.fetch()) == "mail-certificate-unknown"
    assert f"<{clerk.mailbox.address}>" not in clerk.server.log(), "nobody tried to log in"


@pytest.mark.parametrize(
    ("which", "code"), [("wrong", "mail-certificate-host"), ("expired", "mail-certificate-expired")]
)
def test_a_certificate_of_another_host_or_time(
    clerk: Clerk, authority: Authority, which: str, code: str
) -> None:
    certificate = getattr(authority, which)
    clerk.settings["security"], clerk.certificates = Security.TLS, str(authority.file)
    with wire(clerk.server.imap, tls=certificate.context()) as one:
        clerk.port = one.port
        assert stopped_by(clerk.fetch()) == code
    assert not one.heard


def test_starttls_that_is_not_offered_is_no_reason_to_go_on_without(
    clerk: Clerk, authority: Authority
) -> None:
    clerk.settings["security"], clerk.certificates = Security.STARTTLS, str(authority.file)
    with wired(clerk) as one:
        one.fault("STARTTLS", "{tag} NO not here")
        assert stopped_by(clerk.fetch()) == "mail-no-starttls"
        assert not any(b"LOGIN" in line for line in one.heard)


def test_a_wrong_password_hints_at_the_authorisation_code(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(passwords.VARIABLE, "not-this-one")
    result = clerk.fetch()
    assert stopped_by(result) == "mail-login-refused"
    assert "授权码" in result.stopped.remedy  # type: ignore[union-attr]
    assert "not-this-one" not in str(result)


def test_without_a_password_nothing_is_tried(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(passwords.VARIABLE)
    monkeypatch.setattr(passwords, "known", lambda _login: None)
    with pytest.raises(InputError) as failure:
        clerk.fetch()
    assert failure.value.finding.code == "imap-password-missing"


def test_a_server_like_163_lets_in_who_says_its_id(clerk: Clerk) -> None:
    arrive(clerk.mailbox, mail(("a.xlsx", XLSX)))
    with wired(clerk, wants_id=True) as one:
        assert len(clerk.fetch().files) == 1
        said = [line.split()[1].upper() for line in one.heard]
    assert said.index(b"LOGIN") < said.index(b"ID") < said.index(b"EXAMINE")


def test_unsafe_login_is_told_in_words(clerk: Clerk) -> None:
    with wired(clerk) as one:
        one.fault("EXAMINE", "{tag} NO EXAMINE Unsafe Login. Please contact kefu@188.com for help")
        result = clerk.fetch()
    assert stopped_by(result) == "imap-unsafe-login"
    assert "授权码" in result.stopped.remedy  # type: ignore[union-attr]


def test_a_server_that_is_not_there(clerk: Clerk) -> None:
    with wired(clerk) as one:
        gone = one.port
    clerk.port = gone
    assert stopped_by(clerk.fetch()) == "mail-connection-refused"


def test_a_folder_that_is_not_there(clerk: Clerk) -> None:
    clerk.settings["folder"] = "没有这个"
    result = clerk.fetch()
    assert stopped_by(result) == "imap-folder-missing"
    assert "没有这个" in result.stopped.message  # type: ignore[union-attr]


# ── numbered anew, and broken off on our side ──


def test_uids_that_are_given_anew_bring_only_what_is_new(clerk: Clerk) -> None:
    expected = five_forms(clerk)
    clerk.fetch()
    clerk.mailbox.change_uidvalidity(first_uid=40)
    arrive(clerk.mailbox, mail(("新.xlsx", XLSX + b"new"), subject="新"))
    result = clerk.fetch()
    assert [file.path.rpartition("/")[2] for file in result.files] == ["新.xlsx"]
    assert names(clerk) == sorted([*expected, "新.xlsx"])
    assert result.findings == ()
    assert clerk.fetch().seen == 0


def test_a_message_without_message_id_is_known_by_all_that_it_is(clerk: Clerk) -> None:
    message = mail(("a.xlsx", XLSX))
    del message["Message-ID"]
    arrive(clerk.mailbox, message)
    clerk.fetch()
    clerk.mailbox.change_uidvalidity()
    result = clerk.fetch()
    assert (result.seen, result.files) == (1, ())


def test_a_message_that_comes_twice_is_taken_once(clerk: Clerk) -> None:
    message = mail(("a.xlsx", XLSX))
    arrive(clerk.mailbox, [message, message])
    assert len(clerk.fetch().files) == 1


@pytest.mark.parametrize("at", ["keep_mails", "deliver"])
def test_killed_while_a_message_is_kept_leaves_no_second_copy(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    expected = five_forms(clerk)
    with monkeypatch.context() as broken:
        broken.setattr(Ledger, at, _killed)
        with pytest.raises(KeyboardInterrupt):
            clerk.fetch()
    clerk.fetch()
    assert names(clerk) == expected


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_full_disk_stops_and_the_next_look_goes_on(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = five_forms(clerk)
    with monkeypatch.context() as broken:
        broken.setattr("kepu_xls.commands.receiving._write", _full)
        assert stopped_by(clerk.fetch()) == "disk-full"
    assert len(clerk.fetch().files) == len(expected)
    assert names(clerk) == expected


def _full(path: Path, *_: object) -> None:
    raise SurroundingsError("disk-full", path=path)
