"""Without a mail server nothing is lost but the sending: drafts to open, texts to paste."""

from __future__ import annotations

import shutil
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from mail_rig.smtp import SmtpServer
from sending import CLERK, JIAOYU, KEXIE, PERIOD, TUAN, Office, codes, fates, line

from kepu_xls.commands.mail_results import Fate
from kepu_xls.mail.drafts import clear
from kepu_xls.mail.letter import LetterKind


@pytest.fixture
def office(laid_out: Path, tmp_path: Path) -> Office:
    shutil.copytree(laid_out, tmp_path / "w")
    return Office(tmp_path / "w")


def drafts(office: Office) -> dict[str, bytes]:
    folder = office.workspace.drafts(PERIOD)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_without_a_server_each_unit_gets_a_message_ready_to_send_and_the_text_for_wechat(
    office: Office,
) -> None:
    result = office.send()
    assert set(fates(result).values()) == {Fate.DRAFT}
    assert result.exit_code == 0
    assert set(drafts(office)) == {
        f"{unit}.{kind}" for unit in (KEXIE, JIAOYU, TUAN) for kind in ("eml", "txt")
    }
    message = message_from_bytes(drafts(office)[f"{JIAOYU}.eml"], policy=default)
    assert message["X-Unsent"] == "1"
    assert message["To"] == "jiaoyu@example.com, office@example.com"
    assert message["From"].addresses[0].addr_spec == CLERK
    assert message["Date"] is None  # the mail program writes when it is sent
    (attached,) = message.iter_attachments()
    assert attached.get_content() == office.form(JIAOYU).read_bytes()
    text = drafts(office)[f"{JIAOYU}.txt"].decode("utf-8-sig").replace("\r\n", "\n")
    body = str(message.get_body(("plain",)).get_content()).replace("\r\n", "\n")
    assert text == f"{message['Subject']}\n\n{body}"
    assert line(result, JIAOYU).draft.endswith(f"{JIAOYU}.eml")


def test_drafts_are_not_taken_for_sent(
    office: Office, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.send()
    assert office.rows() == ()
    monkeypatch.setenv("KEPU_MAIL_PASSWORD", smtp.password)
    office.server = smtp
    assert set(fates(office.send()).values()) == {Fate.SENT}
    assert set(fates(office.send(drafts=True)).values()) == {Fate.DRAFT}
    assert len(smtp.taken) == 3


def test_running_again_gives_the_same_bytes(office: Office) -> None:
    office.send()
    before = drafts(office)
    office.send()
    assert drafts(office) == before


def test_a_unit_without_an_address_gets_its_draft_too_and_is_listed(office: Office) -> None:
    office.know(**{KEXIE: ()})
    result = office.send()
    assert codes(result) == ["mail-draft-without-address"]
    assert result.exit_code == 0
    message = message_from_bytes(drafts(office)[f"{KEXIE}.eml"], policy=default)
    assert message["To"] is None
    assert KEXIE in message["Subject"]


def test_without_any_settings_there_is_a_draft_without_sender(office: Office) -> None:
    office.mail = {"address": ""}
    office.send()
    message = message_from_bytes(drafts(office)[f"{TUAN}.eml"], policy=default)
    assert message["From"] is None
    assert "回复邮箱" not in message.get_body(("plain",)).get_content()


def test_a_dry_run_writes_nothing(office: Office) -> None:
    result = office.send(dry_run=True)
    assert set(fates(result).values()) == {Fate.DRAFT}
    assert not office.workspace.drafts(PERIOD).exists()


def test_drafts_of_others_stay_where_only_one_unit_is_named(office: Office) -> None:
    office.send()
    before = drafts(office)
    office.send(TUAN)
    assert drafts(office) == before


def test_a_stale_draft_goes_unless_somebody_saved_it(office: Office) -> None:
    office.send()
    folder = office.workspace.drafts(PERIOD)
    shutil.copyfile(folder / f"{TUAN}.eml", folder / "旧单位.eml")
    shutil.copyfile(folder / f"{TUAN}.txt", folder / "旧单位.txt")
    (folder / "改过.eml").write_bytes((folder / f"{TUAN}.eml").read_bytes().replace(b"tuan@", b"nobody@"))
    (folder / "改过.txt").write_bytes((folder / f"{TUAN}.txt").read_bytes())
    shutil.copyfile(folder / f"{TUAN}.eml", folder / "话改过.eml")
    (folder / "话改过.txt").write_text("另写的话", encoding="utf-8")
    (folder / "别的信.eml").write_bytes(b"Subject: x\r\n\r\nx\r\n")
    office.send()
    left = set(drafts(office))
    assert {"改过.eml", "改过.txt", "话改过.txt", "别的信.eml"} <= left
    assert not {"旧单位.eml", "旧单位.txt", "话改过.eml"} & left


def test_reminders_and_forms_do_not_take_each_others_drafts_away(office: Office) -> None:
    office.send()
    clear(office.workspace.drafts(PERIOD), LetterKind.REMIND, keep=set())
    assert f"{TUAN}.eml" in drafts(office)


def test_a_draft_is_whole_or_not_there(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    office.send()
    before = drafts(office)
    monkeypatch.setattr("kepu_xls.workspace.os.fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        office.send()
    assert drafts(office) == before
