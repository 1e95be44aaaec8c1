"""`kepu send` by a server: each unit gets its form once, and what went is known."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec
import openpyxl
import pytest
from mail_rig.certificates import Authority
from mail_rig.smtp import SmtpServer
from sending import (
    CLERK,
    JIAOYU,
    KEXIE,
    PERIOD,
    TUAN,
    Office,
    codes,
    fates,
    lay_out,
    line,
    plan,
    received,
)

from kepu_xls.commands.forms import issue
from kepu_xls.commands.mail_results import Fate
from kepu_xls.errors import InputError
from kepu_xls.ledger import LetterState
from kepu_xls.mail import passwords
from kepu_xls.mail.letter import LetterKind
from kepu_xls.mail_settings import Security
from kepu_xls.model import Severity
from kepu_xls.plan import write_master


@pytest.fixture
def office(laid_out: Path, tmp_path: Path, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setenv(passwords.VARIABLE, smtp.password)
    shutil.copytree(laid_out, tmp_path / "w")
    return Office(tmp_path / "w", smtp)


def test_each_unit_gets_its_own_form_with_who_it_is_from_and_what_is_asked(office: Office) -> None:
    office.mail = {"name": "区科协办公室", "reply_to": "back@example.com", "cc": ("leader@example.com",)}
    office.mail["contact"] = "王五，0591-1234"
    result = office.send()
    assert set(fates(result).values()) == {Fate.SENT}
    assert result.exit_code == 0
    by_to = {taken.recipients: taken for taken in office.server.taken}
    assert set(by_to) == {
        ("kexie@example.com", "leader@example.com"),
        ("jiaoyu@example.com", "office@example.com", "leader@example.com"),
        ("tuan@example.com", "leader@example.com"),
    }
    taken = by_to["jiaoyu@example.com", "office@example.com", "leader@example.com"]
    assert taken.sender == CLERK
    assert taken.login == CLERK
    message = taken.message
    assert message["From"] == f"区科协办公室 <{CLERK}>"
    assert [one.addr_spec for one in message["To"].addresses] == ["jiaoyu@example.com", "office@example.com"]
    assert message["Cc"] == "leader@example.com"
    assert message["Reply-To"] == "back@example.com"
    assert message["Date"].datetime.replace(tzinfo=None) == office.now
    assert message["X-Unsent"] is None
    assert JIAOYU in message["Subject"]
    assert "2019年第12周（3月18日—3月24日）" in message["Subject"]
    text = message.get_body(("plain",)).get_content()
    assert "任务2项，其中牵头1项、参加1项" in text
    assert "3月22日（星期五）17:00" in text
    assert "回复邮箱：back@example.com" in text
    assert "联系人：王五，0591-1234" in text
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == office.form(JIAOYU).name
    assert attached.get_content() == office.form(JIAOYU).read_bytes()


def test_what_was_sent_is_not_sent_again(office: Office) -> None:
    office.send()
    again = office.send()
    assert set(fates(again).values()) == {Fate.SENT_BEFORE}
    assert again.exit_code == 0
    assert set(received(office.server).values()) == {1}
    assert {row.state for row in office.rows()} == {LetterState.SENT}


def test_a_form_that_is_only_made_again_is_the_same_letter(office: Office) -> None:
    office.send()
    form = office.form(KEXIE)
    with ZipFile(form) as made:
        parts = {one.filename: made.read(one) for one in made.infolist()}
    parts["docProps/core.xml"] = re.sub(rb"2019-\d\d-\d\dT", b"2019-11-11T", parts["docProps/core.xml"])
    with ZipFile(form, "w", ZIP_DEFLATED) as again:
        for name, data in parts.items():
            again.writestr(name, data)
    assert b"2019-11-11T" in parts["docProps/core.xml"]
    assert set(fates(office.send()).values()) == {Fate.SENT_BEFORE}


def test_forms_that_are_issued_anew_go_to_all_again_and_say_that_they_replace_the_first(
    office: Office,
) -> None:
    office.send()
    changed = plan()
    task = msgspec.structs.replace(changed.tasks[0], text="改过的任务")
    write_master(msgspec.structs.replace(changed, tasks=(task, *changed.tasks[1:])), office.workspace.master)
    with office.session() as session:
        issue(session, PERIOD, reissue=True)
    assert set(fates(office.send()).values()) == {Fate.SENT}
    bodies = [one.message.get_body(("plain",)).get_content() for one in office.server.taken]
    assert ["第2次发放" in body for body in bodies] == [False] * 3 + [True] * 3
    assert set(fates(office.send()).values()) == {Fate.SENT_BEFORE}


def test_a_form_that_the_clerk_changed_is_sent_anew_and_only_that(office: Office) -> None:
    office.send()
    book = openpyxl.load_workbook(office.form(TUAN))
    book["填表说明"]["B2"] = "请特别注意第三项。"
    book.save(office.form(TUAN))
    result = office.send()
    assert fates(result) == {KEXIE: Fate.SENT_BEFORE, JIAOYU: Fate.SENT_BEFORE, TUAN: Fate.SENT}
    first, second = (one.message["Message-ID"] for one in office.server.taken if "tuan" in one.recipients[0])
    assert first != second


def test_again_sends_to_that_unit_alone_under_another_message_id(office: Office) -> None:
    office.send()
    result = office.send(again=(TUAN,))
    assert fates(result) == {TUAN: Fate.SENT}
    assert received(office.server) == {
        "kexie@example.com": 1,
        "jiaoyu@example.com": 1,
        "office@example.com": 1,
        "tuan@example.com": 2,
    }
    ids = [one.message["Message-ID"] for one in office.server.taken if "tuan" in one.recipients[0]]
    assert len(set(ids)) == 2


def test_only_the_units_named_get_theirs(office: Office) -> None:
    assert fates(office.send(TUAN)) == {TUAN: Fate.SENT}
    assert received(office.server) == {"tuan@example.com": 1}


def test_a_unit_without_an_address_is_listed_and_the_others_go(office: Office) -> None:
    office.know(**{KEXIE: ()})
    result = office.send()
    assert fates(result) == {KEXIE: Fate.HELD, JIAOYU: Fate.SENT, TUAN: Fate.SENT}
    assert codes(result) == ["mail-unit-without-address"]
    assert result.exit_code == 1


def test_an_address_that_is_none_is_named_and_the_good_one_used(office: Office) -> None:
    office.know(**{JIAOYU: ("jiaoyu@example.com", "教育局@例.com"), TUAN: ("a@b@c",)})
    result = office.send()
    assert fates(result) == {KEXIE: Fate.SENT, JIAOYU: Fate.SENT, TUAN: Fate.HELD}
    assert codes(result).count("mail-unit-address-malformed") == 2
    assert result.exit_code == 1
    assert "jiaoyu@example.com" in received(office.server)


def test_an_address_that_changed_after_sending_is_told_not_used(office: Office) -> None:
    office.send()
    office.know(**{TUAN: ("new@example.com",)})
    result = office.send()
    assert fates(result)[TUAN] is Fate.SENT_BEFORE
    assert codes(result) == ["mail-address-changed"]
    assert f"--again {TUAN}" in result.findings[0].remedy
    assert "new@example.com" not in received(office.server)


def test_a_dry_run_shows_everything_and_touches_nothing(office: Office) -> None:
    office.know(**{KEXIE: ()})
    before = {path: path.read_bytes() for path in office.root.rglob("*") if path.is_file()}
    result = office.send(dry_run=True)
    assert fates(result) == {KEXIE: Fate.HELD, JIAOYU: Fate.PLANNED, TUAN: Fate.PLANNED}
    shown = line(result, TUAN)
    assert shown.to == ("tuan@example.com",)
    assert shown.attachments == (office.form(TUAN).name,)
    assert shown.size > office.form(TUAN).stat().st_size
    assert {path: path.read_bytes() for path in office.root.rglob("*") if path.is_file()} == before
    assert office.server.connections == 0


def test_the_form_of_another_unit_is_not_sent(office: Office) -> None:
    shutil.copyfile(office.form(KEXIE), office.form(TUAN))
    result = office.send()
    assert fates(result) == {KEXIE: Fate.SENT, JIAOYU: Fate.SENT, TUAN: Fate.HELD}
    assert codes(result) == ["mail-form-of-other"]
    assert KEXIE in result.findings[0].message
    assert "tuan@example.com" not in received(office.server)


def test_a_form_of_another_workspace_is_not_sent(office: Office, tmp_path: Path) -> None:
    lay_out(tmp_path / "other")
    shutil.copyfile(Office(tmp_path / "other").form(TUAN), office.form(TUAN))
    assert codes(office.send()) == ["mail-form-of-other"]


def test_a_form_that_is_missing_or_broken_or_open_costs_itself(office: Office) -> None:
    office.form(KEXIE).unlink()
    office.form(JIAOYU).write_bytes(b"PK\x03\x04 no workbook")
    office.form(TUAN).with_name(f"~${office.form(TUAN).name}").touch()
    with pytest.raises(InputError) as none:
        office.send(KEXIE)
    assert none.value.finding.code == "mail-no-forms"
    result = office.send()
    assert set(fates(result).values()) == {Fate.HELD}
    assert sorted(codes(result)) == ["mail-form-missing", "mail-form-open", "mail-form-unreadable"]
    assert result.exit_code == 1


def test_a_server_without_an_address_of_ones_own_is_refused(office: Office) -> None:
    office.mail = {"address": ""}
    with pytest.raises(InputError) as failure:
        office.send()
    assert failure.value.finding.code == "mail-no-address"


def test_the_ledger_says_to_whom_what_and_what_the_server_answered_and_no_secret(office: Office) -> None:
    office.send(TUAN)
    (row,) = office.rows()
    assert (row.unit, row.kind, row.recipients) == (TUAN, LetterKind.FORM.value, ("tuan@example.com",))
    assert row.answer == "250 OK"
    assert row.ended is not None
    assert row.message_id == office.server.taken[0].message["Message-ID"]
    assert office.server.password.encode() not in office.workspace.ledger.read_bytes()


def test_letters_are_paced_and_a_connection_carries_so_many(office: Office) -> None:
    office.smtp = {"pause": 2, "per_connection": 2}
    office.send()
    assert office.waited == [2, 2]
    assert [taken.connection for taken in office.server.taken] == [1, 1, 2]


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_connection_is_encrypted_and_verified_with_the_certificates_of_the_configuration(
    office: Office, serve_smtp: Callable[..., SmtpServer], authority: Authority, security: str
) -> None:
    office.server = serve_smtp(security)
    office.smtp = {"security": Security(security)}
    office.mail = {"certificates": str(authority.file)}
    result = office.send()
    assert result.stopped is None
    assert set(fates(result).values()) == {Fate.SENT}
    assert all(taken.encrypted for taken in office.server.taken)


# ── after the cut-off ────────────────────────────────────────────────────────────────────────────────


def cutoff(office: Office) -> datetime:
    with office.session(writing=False) as session:
        return session.ledger.periods()[PERIOD].cutoff


@pytest.mark.parametrize("manner", [{}, {"dry_run": True}, {"drafts": True}])
def test_forms_that_go_out_after_the_cut_off_go_with_one_warning(
    office: Office, manner: dict[str, bool]
) -> None:
    office.now = cutoff(office) + timedelta(minutes=1)
    result = office.send(**manner)
    (late,) = (one for one in result.findings if one.code == "mail-after-cutoff")
    assert late.severity is Severity.WARNING
    assert "停止收取" in late.message
    assert "--accept-late" in late.remedy
    assert not {Fate.HELD, Fate.DEFERRED} & set(fates(result).values())
    assert result.exit_code == 0


def test_until_the_cut_off_nothing_is_said_nor_where_nothing_goes_out(office: Office) -> None:
    office.now = cutoff(office)
    assert "mail-after-cutoff" not in codes(office.send())
    office.now += timedelta(days=1)
    assert "mail-after-cutoff" not in codes(office.send())
    assert "mail-after-cutoff" in codes(office.send(again=(KEXIE,)))
