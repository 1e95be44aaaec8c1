"""From the mailbox to the consolidated workbook: arrival, and what the sender tells of a form."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import msgspec
import openpyxl
import pytest
from driving import Run
from mail_rig.dovecot import PASSWORD, Dovecot
from mail_rig.mailbox import Mailbox
from mailed import MAILED_PLAN, THEN, arrive, configure, mail
from small_workspace import GOOD, Small, fill

from kepu_xls.ledger import Ledger
from kepu_xls.mail import passwords
from kepu_xls.workspace import Workspace

PERIOD = "2019-W12"


class Mailed(Small):
    """A workspace with a mailbox and a period that is open."""

    def __init__(self, root: Path, server: Dovecot, mailbox: Mailbox) -> None:
        super().__init__(root, MAILED_PLAN)
        self.mailbox = mailbox
        self.set("[mail]", f'address = "{mailbox.address}"')
        self.set("[mail.imap]", f'host = "{server.host}"', f"port = {server.imap}", 'security = "none"')
        assert self.kepu("forms", "--period", PERIOD).code == 0

    def set(self, table: str, *lines: str) -> None:
        """Say this in a table of config.toml."""
        configure(self.root, table, *lines)

    def filled(self, unit: str) -> bytes:
        """A unit's form, filled in."""
        target = self.root / "filled.xlsx"
        fill(self.form(PERIOD, unit), target, GOOD)
        return target.read_bytes()

    def taken(self, *messages: object) -> Run:
        """Let mail arrive, fetch and merge."""
        arrive(self.mailbox, messages)  # type: ignore[arg-type]
        fetched = self.kepu("fetch", "--json")
        assert fetched.code == 0, fetched.out
        return self.kepu("merge", "--json")


@pytest.fixture
def here(tmp_path: Path, imap_server: Dovecot, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Mailed:
    monkeypatch.setenv(passwords.VARIABLE, PASSWORD)
    return Mailed(tmp_path / "工作 文件夹", imap_server, mailbox)


def nameless(*tasks: str) -> bytes:
    """A table of a unit that made its own: no identity, no unit, no roles."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["任务编号", "主要任务", "进展状态", "完成率(%)", "本期进展情况"])
    for number in tasks:
        task = MAILED_PLAN.task(number)
        assert task is not None
        sheet.append([number, task.text, "推进中", 60, "已开展两次培训，覆盖三个街道。"])
    data = BytesIO()
    book.save(data)
    return data.getvalue()


def found(run: Run) -> set[str]:
    (file,) = run.json["files"]
    return {one["code"] for one in file["findings"]}


def test_a_form_that_came_by_mail_counts_from_when_its_mail_arrived(here: Mailed) -> None:
    run = here.taken(mail(("表.xlsx", here.filled("区科协")), sender="kexie@example.com"))
    (file,) = run.json["files"]
    assert (file["unit"], file["status"]) == ("区科协", "accepted")
    assert not found(run) & {"form-sender-unknown", "form-sender-other"}
    assert run.json["units"]["reported"] == ["区科协"]
    (path,) = (here.root / "inbox").rglob("表.xlsx")
    assert path.stat().st_mtime == THEN.timestamp()


def test_the_sender_tells_a_form_that_says_of_nobody(here: Mailed) -> None:
    form = nameless("1.1.1", "1.1.2")
    (here.root / "inbox" / "无主.xlsx").parent.mkdir(exist_ok=True)
    (here.root / "inbox" / "无主.xlsx").write_bytes(form)
    assert found(here.kepu("merge", "--json")) >= {"form-unit-ambiguous"}, "two units have just these tasks"
    run = here.taken(mail(("进展.xlsx", form), sender="JIAOYU@EXAMPLE.COM"))
    file = next(one for one in run.json["files"] if one["path"].startswith("邮件/"))
    assert file["unit"] == "区教育局"
    told = next(one for one in file["findings"] if one["code"] == "form-unit-told")
    assert "发件人" in told["message"]


def test_an_address_that_two_units_share_does_not_decide(here: Mailed) -> None:
    run = here.taken(mail(("进展.xlsx", nameless("1.1.1", "1.1.2")), sender="shared@example.com"))
    assert found(run) >= {"form-unit-ambiguous"}


def test_the_sender_never_contradicts_the_form(here: Mailed) -> None:
    run = here.taken(mail(("表.xlsx", here.filled("区科协")), sender="jiaoyu@example.com"))
    (file,) = run.json["files"]
    assert file["unit"] == "区科协"
    warning = next(one for one in file["findings"] if one["code"] == "form-sender-other")
    assert warning["severity"] == "warning"
    assert "区科协" in warning["message"]
    assert "区教育局" in warning["message"]
    assert run.json["units"]["reported"] == ["区科协"]


def test_an_address_that_the_clerk_adds_counts_at_once(here: Mailed) -> None:
    run = here.taken(mail(("进展.xlsx", nameless("1.1.1", "1.1.2")), sender="new@example.com"))
    assert found(run) >= {"form-unit-ambiguous"}
    units = tuple(
        msgspec.structs.replace(one, emails=(*one.emails, "new@example.com")) if one.name == "团区委" else one
        for one in MAILED_PLAN.units
    )
    here.change(msgspec.structs.replace(MAILED_PLAN, units=units))
    run = here.kepu("merge", "--json")
    assert [file["unit"] for file in run.json["files"]] == ["团区委"]
    assert "form-sender-unknown" not in found(run)


def test_merging_needs_no_master_that_can_be_read(here: Mailed) -> None:
    arrive(here.mailbox, mail(("进展.xlsx", nameless("1.1.1", "1.1.2")), sender="jiaoyu@example.com"))
    here.kepu("fetch")
    (here.root / "templates" / "master.xlsx").write_bytes(b"broken")
    run = here.kepu("merge", "--json")
    assert [file["unit"] for file in run.json["files"]] == ["区教育局"]


def test_a_stranger_s_form_is_taken_with_a_warning(here: Mailed) -> None:
    run = here.taken(mail(("表.xlsx", here.filled("区科协")), sender="someone@example.com"))
    assert "form-sender-unknown" in found(run)
    assert run.json["units"]["reported"] == ["区科协"]


def test_whose_a_file_is_that_cannot_be_read_is_known_by_its_mail(here: Mailed) -> None:
    run = here.taken(mail(("表.xlsx", b"PK\3\4 broken"), sender="jiaoyu@example.com"))
    (file,) = run.json["files"]
    assert (file["unit"], file["status"]) == ("区教育局", "rejected")


def test_status_tells_of_mail_that_came_back(here: Mailed) -> None:
    text = "jiaoyu@example.com 不存在"
    arrive(here.mailbox, mail(sender="postmaster@example.com", subject="系统退信", text=text))
    assert here.kepu("fetch").code == 1
    status = here.kepu("status", "--json")
    assert [(one["code"], one["unit"]) for one in status.json["findings"]] == [("mail-bounced", "区教育局")]
    assert "怎么办：请向该单位核对邮箱" in here.kepu("status").out


# ── the same form in several mails ───────────────────────────────────────────────────────────────────


def all_three(here: Mailed, senders: list[str]) -> tuple[Run, dict[str, str]]:
    """Merge the same form of 区科协 that came in mails an hour apart; the warnings of each file, by path."""
    form = here.filled("区科协")
    for hours, sender in enumerate(senders):
        arrive(here.mailbox, mail(("表.xlsx", form), sender=sender), THEN + timedelta(hours=hours))
        assert here.kepu("fetch").code == 0
    run = here.kepu("merge", "--json")
    told = {
        file["path"]: one["message"]
        for file in run.json["files"]
        for one in file["findings"]
        if one["severity"] == "warning"
    }
    return run, told


@pytest.mark.parametrize("last", range(3))
def test_of_the_same_form_in_three_mails_the_last_counts_and_one_warning_names_all(
    here: Mailed, last: int
) -> None:
    senders = ["kexie@example.com", "jiaoyu@example.com", "someone@example.com"]
    run, told = all_three(here, [*senders[last + 1 :], *senders[: last + 1]])
    (counting,) = (one for one in run.json["files"] if one["status"] == "accepted")
    assert "1215" in counting["path"], "the last"
    said = told[counting["path"]]
    assert "3 封邮件" in said
    for sender, unit in zip(senders, ("区科协", "区教育局", "不明单位"), strict=True):
        assert f"{unit}（{sender}，03月21日 1" in said
    listed = here.kepu("findings", "--json").json["findings"]
    assert [one["message"] for one in listed if one["severity"] == "warning"] == [said]
    assert run.json["units"]["reported"] == ["区科协"]


def test_a_unit_that_sends_its_form_from_two_addresses_of_its_own_is_not_warned_of(here: Mailed) -> None:
    units = tuple(
        msgspec.structs.replace(one, emails=(*one.emails, "second@example.com"))
        if one.name == "区科协"
        else one
        for one in MAILED_PLAN.units
    )
    here.change(msgspec.structs.replace(MAILED_PLAN, units=units))
    _, told = all_three(here, ["kexie@example.com", "second@example.com"])
    assert told == {}


def test_a_stranger_who_sends_the_same_twice_is_told_as_one(here: Mailed) -> None:
    _, told = all_three(here, ["someone@example.com", "someone@example.com"])
    assert len(told) == 2
    assert all("不在任务总表" in one for one in told.values())


# ── mail in the report ───────────────────────────────────────────────────────────────────────────────


def on_the_sheet(here: Mailed) -> list[tuple[str, str, str]]:
    """What 校验结果 says of mail: how bad, of which unit, what."""
    (path,) = (here.root / "outbox" / PERIOD).glob("*.xlsx")
    book = openpyxl.load_workbook(path)
    rows = book["校验结果"].iter_rows(values_only=True)
    book.close()
    return [(str(row[0]), str(row[1]), str(row[3])) for row in rows if "邮件" in f"{row[5]}"]


def fetched_and_merged(here: Mailed, *messages: EmailMessage, when: datetime = THEN) -> Run:
    arrive(here.mailbox, messages, when)
    assert here.kepu("fetch").code in (0, 1)
    return here.kepu("merge", "--json")


def test_the_report_says_of_a_unit_that_is_missing_what_came_of_its_mail(here: Mailed) -> None:
    fetched_and_merged(
        here,
        mail(sender="postmaster@example.com", subject="系统退信", text="jiaoyu@example.com 不存在"),
        mail(sender="kexie@example.com", subject="进展", text="都好"),
        mail(sender="stranger@example.com", subject="广告"),
    )
    shown = on_the_sheet(here)
    assert [(severity, unit) for severity, unit, _ in shown] == [("提醒", "区科协"), ("提醒", "区教育局")]
    assert "没有填报表" in shown[0][2]
    assert "退信" in shown[1][2]
    listed = here.kepu("findings", "--json").json["findings"]
    assert {one["code"] for one in listed} >= {"mail-without-form", "mail-bounced"}


def test_an_address_of_two_units_speaks_for_each_that_is_missing(here: Mailed) -> None:
    fetched_and_merged(here, mail(sender="shared@example.com", subject="进展", text="都好"))
    assert [unit for _, unit, _ in on_the_sheet(here)] == ["区教育局", "团区委"]


def test_a_report_is_written_again_when_mail_tells_something_and_says_nothing_once_the_form_is_there(
    here: Mailed,
) -> None:
    assert here.kepu("merge").code == 0
    assert on_the_sheet(here) == []
    fetched_and_merged(here, mail(sender="kexie@example.com", subject="进展", text="都好"))
    assert [unit for _, unit, _ in on_the_sheet(here)] == ["区科协"]
    (path,) = (here.root / "outbox" / PERIOD).glob("*.xlsx")
    before = path.stat().st_mtime_ns
    here.kepu("merge")
    assert path.stat().st_mtime_ns == before, "nothing new: nothing written"
    fetched_and_merged(here, mail(("表.xlsx", here.filled("区科协")), sender="kexie@example.com"))
    assert on_the_sheet(here) == []


def test_mail_that_comes_after_the_cut_off_is_not_in_the_report(here: Mailed) -> None:
    with Ledger(Workspace(here.root).ledger, writing=False) as ledger:
        late = ledger.periods()[PERIOD].cutoff + timedelta(hours=1)
    fetched_and_merged(here, mail(sender="kexie@example.com", subject="进展", text="都好"), when=late)
    assert on_the_sheet(here) == []
    assert "mail-without-form" in here.kepu("status", "--json").out


def test_a_mail_that_says_nothing_of_its_unit_s_form_asks_the_unit_for_nothing(here: Mailed) -> None:
    fetched_and_merged(
        here, mail(sender="postmaster@example.com", subject="系统退信", text="jiaoyu@example.com 不存在")
    )
    chased = here.kepu("status", "--chase", "--json").json["chase"]
    (text,) = (one["text"] for one in chased["units"] if one["unit"] == "区教育局")
    assert "退信" not in text


def test_without_a_server_fetch_says_where_to_put_what_came(here: Mailed) -> None:
    here.set("[mail.imap]", 'host = ""')
    run = here.kepu("fetch")
    assert (run.code, run.err) == (0, "")
    assert str(here.root / "inbox") in run.out
    assert not here.kepu("fetch", "--json").json["configured"]


def test_a_fetch_that_is_broken_off_shows_what_it_has_and_fails(here: Mailed) -> None:
    here.set("[mail.imap]", 'folder = "没有"')
    run = here.kepu("fetch")
    assert run.code == 3
    assert run.err.startswith("出错了：")
    assert here.kepu("fetch", "--json").json["stopped"]["code"] == "imap-folder-missing"


def test_nothing_steers_the_terminal(here: Mailed) -> None:
    arrive(here.mailbox, mail(sender="x@example.com", subject="\x1b[31m红\x07"))
    run = here.kepu("fetch")
    assert "红" in run.out
    assert "\x1b" not in run.out
