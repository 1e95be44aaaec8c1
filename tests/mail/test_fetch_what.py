"""What is taken from a message, what is not, and what a clerk is told of it; from a real Dovecot."""

from __future__ import annotations

from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import pytest
from builders import at
from imapclient import IMAPClient
from mail_rig.dovecot import PASSWORD, Dovecot
from mail_rig.mailbox import Mailbox
from mailed import THEN, XLSX, Clerk, arrive, codes, mail

from kepu_xls.commands import receiving
from kepu_xls.errors import SurroundingsError
from kepu_xls.mail import passwords
from kepu_xls.mail.imap import Described
from kepu_xls.mail.incoming import Kind, incoming
from kepu_xls.model import Finding

PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)


@pytest.fixture
def clerk(tmp_path: Path, imap_server: Dovecot, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Clerk:
    monkeypatch.setenv(passwords.VARIABLE, PASSWORD)
    return Clerk(tmp_path, imap_server, mailbox)


def names(clerk: Clerk) -> list[str]:
    return sorted(path.rpartition("/")[2] for path in clerk.inbox())


def kept(clerk: Clerk) -> tuple[Finding, ...]:
    """What the ledger holds that was found in the mail."""
    with clerk.session() as session:
        return session.ledger.mail_findings(THEN - timedelta(days=1), THEN + timedelta(days=1))


# ── names ──


RAW = """\
From: kexie@example.com\r
Subject: =?gb2312?B?{subject}?=\r
Date: Thu, 21 Mar 2019 10:10:00 +0800\r
Message-ID: <raw@example.com>\r
Content-Type: multipart/mixed; boundary=b\r
\r
--b\r
Content-Type: application/octet-stream; {type}\r
Content-Disposition: attachment; {disposition}\r
Content-Transfer-Encoding: base64\r
\r
UEsDBHhs\r
--b--\r
"""
GBK = "区科协进展.xlsx".encode("gbk")


@pytest.mark.parametrize(
    ("kind", "disposition"),
    [
        (b"x=y", b'filename="' + GBK + b'"'),
        (b'name="' + GBK + b'"', b"x=y"),
        (b"x=y", b'filename="=?gb2312?B?x/i/xtCtvfjVuS54bHN4?="'),
        (b"x=y", b"filename*=gb2312''%C7%F8%BF%C6%D0%AD%BD%F8%D5%B9.xlsx"),
        (
            b"x=y",
            (
                b"filename*0*=utf-8''%E5%8C%BA%E7%A7%91; filename*1*=%E5%8D%8F%E8%BF%9B%E5%B1%95;"
                b" filename*2=.xlsx"
            ),
        ),
        (b"name==?UTF-8?B?5Yy656eR5Y2P6L+b5bGVLnhsc3g=?=", b"x=y"),
    ],
    ids=[
        "raw GBK",
        "raw GBK in the type",
        "encoded word in quotes",
        "RFC 2231",
        "RFC 2231 in parts",
        "bare word",
    ],
)
def test_names_however_they_are_written(clerk: Clerk, kind: bytes, disposition: bytes) -> None:
    raw = RAW.encode().replace(b"{type}", kind).replace(b"{disposition}", disposition)
    arrive(clerk.mailbox, raw.replace(b"{subject}", b"tdoxMtbcvfjVuQ=="))
    (file,) = clerk.fetch().files
    assert file.path == "邮件/2019-03-21 1015 区科协/区科协进展.xlsx"
    assert file.subject == "第12周进展"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("../../etc/表.xlsx", "表.xlsx"),
        ("C:\\文件\\表.xlsx", "表.xlsx"),
        ("CON.xlsx", "_CON.xlsx"),
        ("com1.2019.xlsx", "_com1.2019.xlsx"),
        ("表: 第12周?.xlsx", "表_ 第12周_.xlsx"),
        ("表.xlsx. . ", "表.xlsx"),
        (".xlsx", "未命名附件.xlsx"),
        ("表\u202exslx.exe.xlsx", "表_xslx.exe.xlsx"),
        ("很长的名称" * 60 + ".XLSX", "很长的名称" * 13 + ".XLSX"),
    ],
)
def test_names_that_would_do_harm_or_cannot_be_written(clerk: Clerk, name: str, written: str) -> None:
    arrive(clerk.mailbox, mail((name, XLSX)))
    clerk.fetch()
    assert names(clerk) == [written]


def test_a_file_that_cannot_be_written_costs_its_mail_and_is_tried_again(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = receiving._write  # noqa: SLF001 - the place at which the disk says no

    def too_long(path: Path, data: bytes, arrived: datetime) -> None:
        if path.name == "1.xlsx":
            raise SurroundingsError("surroundings-failed", path=path, detail="File name too long")
        written(path, data, arrived)

    arrive(clerk.mailbox, [mail((f"{number}.xlsx", XLSX), subject=str(number)) for number in range(3)])
    with monkeypatch.context() as broken:
        broken.setattr(receiving, "_write", too_long)
        result = clerk.fetch()
    assert (codes(result), result.exit_code, names(clerk)) == (
        ["surroundings-failed"],
        1,
        ["0.xlsx", "2.xlsx"],
    )
    assert clerk.fetch().findings == ()
    assert sorted(path for path in clerk.inbox() if "1.xlsx" in path) == [
        "邮件/2019-03-21 1015 区科协(2)/1.xlsx"
    ]


def test_attachments_and_mails_of_one_name_lie_beside_each_other(clerk: Clerk) -> None:
    arrive(
        clerk.mailbox,
        [
            mail(("表.xlsx", XLSX), ("表.XLSX", XLSX + b"2"), ("表.xlsx", XLSX + b"3")),
            mail(("表.xlsx", XLSX + b"4"), subject="再报"),
        ],
    )
    clerk.fetch()
    top = "邮件/2019-03-21 1015 区科协"
    assert clerk.inbox() == {
        f"{top}/表.xlsx": XLSX,
        f"{top}/表(2).XLSX": XLSX + b"2",
        f"{top}/表(3).xlsx": XLSX + b"3",
        f"{top}(2)/表.xlsx": XLSX + b"4",
    }


# ── what is a form, what is not ──


def test_containers_go_to_the_inbox_as_they_are(clerk: Clerk) -> None:
    inner = mail(("里面.xlsx", XLSX), subject="原来的邮件")
    outer = mail(("打包.zip", b"PK\3\4"), ("winmail.dat", b"\x78\x9f\x3e\x22"), ("无扩展名", XLSX))
    outer.add_attachment(inner)
    arrive(clerk.mailbox, outer)
    clerk.fetch()
    assert names(clerk) == ["winmail.dat", "打包.zip", "无扩展名", "转发的邮件.eml"]
    assert b"UEsDBCB4bC93" in next(data for path, data in clerk.inbox().items() if path.endswith(".eml"))


def test_winmail_without_a_name(clerk: Clerk) -> None:
    message = mail()
    message.add_attachment(b"\x78\x9f\x3e\x22", maintype="application", subtype="ms-tnef")
    arrive(clerk.mailbox, message)
    clerk.fetch()
    assert names(clerk) == ["winmail.dat"]


def test_a_workbook_named_as_something_else_is_told_by_its_content(clerk: Clerk) -> None:
    arrive(clerk.mailbox, mail(("进展.xlsx", XLSX), ("报表.pdf", XLSX)))
    clerk.fetch()
    assert names(clerk) == ["报表.pdf", "进展.xlsx"]


def test_pictures_of_a_signature_and_scans_stay_in_the_mailbox_and_are_told(clerk: Clerk) -> None:
    message = mail(("进展.xlsx", XLSX), ("盖章扫描件.pdf", b"%PDF-1.4"))
    message.add_attachment(
        PNG, maintype="image", subtype="png", filename="logo.png", disposition="inline", cid="<a>"
    )
    arrive(clerk.mailbox, message)
    result = clerk.fetch()
    assert names(clerk) == ["进展.xlsx"]
    (found,) = result.findings
    assert (found.code, found.severity) == ("mail-others-left", "info")
    assert "盖章扫描件.pdf" in found.message
    assert "logo.png" not in found.message


def test_a_report_typed_into_the_mail_is_for_a_person_to_read(clerk: Clerk) -> None:
    arrive(clerk.mailbox, [mail(text="本周开展科普讲座3场。"), mail(("图.png", PNG), subject="照片")])
    result = clerk.fetch()
    assert clerk.inbox() == {}
    assert codes(result) == ["mail-without-form", "mail-without-form"]
    assert {one.unit for one in result.findings} == {"区科协"}
    assert [one.subject for one in result.skipped] == ["第12周进展", "照片"]
    assert clerk.fetch().findings == (), "told once"
    assert [one.code for one in kept(clerk)] == ["mail-without-form", "mail-without-form"], "and kept"


def test_an_attachment_in_an_alternative_as_apple_mail_sends_it(clerk: Clerk) -> None:
    inner = MIMEMultipart("mixed")
    inner.attach(MIMEText("<p>见附件</p>", "html"))
    sent = message_from_bytes(mail(("进展.xlsx", XLSX)).as_bytes())
    inner.attach(sent.get_payload(1))
    outer = MIMEMultipart("alternative")
    outer["From"], outer["Message-ID"] = "kexie@example.com", "<apple@example.com>"
    outer.attach(MIMEText("见附件", "plain"))
    outer.attach(inner)
    arrive(clerk.mailbox, outer.as_bytes())
    clerk.fetch()
    assert names(clerk) == ["进展.xlsx"]


def test_a_mail_that_is_an_attachment(clerk: Clerk) -> None:
    message = EmailMessage()
    message["From"], message["Message-ID"] = "kexie@example.com", "<only@example.com>"
    message.set_content(XLSX, maintype="application", subtype="octet-stream", filename="进展.xlsx")
    arrive(clerk.mailbox, message)
    clerk.fetch()
    assert names(clerk) == ["进展.xlsx"]


# ── who does not report ──


def test_an_absence_notice_and_a_receipt_and_our_own_mail_are_no_forms(clerk: Clerk) -> None:
    ours = clerk.mailbox.address
    receipt = MIMEMultipart("report", **{"report-type": "disposition-notification"})
    receipt["From"], receipt["Message-ID"] = "kexie@example.com", "<read@example.com>"
    arrive(
        clerk.mailbox,
        [
            mail(("休假.xlsx", XLSX), Auto_Submitted="auto-replied"),
            mail(("休假.xlsx", XLSX), subject="自动回复: 第12周填报"),
            receipt.as_bytes(),
            mail(("区科协.xlsx", XLSX), sender=ours, X_Kepu_Letter="form 2019-W12 abc"),
            mail(("自动生成.xlsx", XLSX), subject="办公系统", Auto_Submitted="auto-generated"),
        ],
    )
    result = clerk.fetch()
    assert names(clerk) == ["自动生成.xlsx"], "an office system may send a unit's report"
    assert [one.reason for one in result.skipped] == ["自动回复", "自动回复", "已读回执", "本程序发出的邮件"]
    assert result.findings == ()


def test_our_own_letter_filled_in_and_sent_on_as_a_new_mail_is_a_reply(clerk: Clerk) -> None:
    arrive(clerk.mailbox, mail(("区科协.xlsx", XLSX), X_Kepu_Letter="form 2019-W12 abc", X_Unsent="1"))
    clerk.fetch()
    assert names(clerk) == ["区科协.xlsx"]


BOUNCE = """\
From: MAILER-DAEMON@mx.example.com
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce@mx.example.com>
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; JIAOYU@example.com
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 User not found

--b
Content-Type: message/rfc822

From: clerk@example.com
Content-Type: multipart/mixed; boundary=c

--c
Content-Disposition: attachment; filename="form.xlsx"

PK
--c--
--b--
"""


def test_a_mail_that_came_back_names_the_unit_and_its_form_is_not_taken(clerk: Clerk) -> None:
    arrive(clerk.mailbox, BOUNCE.format(action="failed").encode())
    result = clerk.fetch()
    assert clerk.inbox() == {}
    (found,) = result.findings
    assert (found.code, found.unit, result.exit_code) == ("mail-bounced", "区教育局", 1)
    assert "jiaoyu@example.com" in found.message
    assert "User not found" in found.message


def test_a_mail_that_is_only_late_is_nothing_to_worry_about(clerk: Clerk) -> None:
    arrive(clerk.mailbox, BOUNCE.format(action="delayed").encode())
    result = clerk.fetch()
    assert (result.findings, result.exit_code) == ((), 0)


def test_a_bounce_that_is_written_for_people(clerk: Clerk) -> None:
    text = "抱歉，您的邮件被退回来了……\n收件人 jiaoyu@example.com 不存在\n"
    arrive(clerk.mailbox, mail(sender="Postmaster@163.example.com", subject="系统退信", text=text))
    (found,) = clerk.fetch().findings
    assert (found.code, found.unit) == ("mail-bounced", "区教育局")


def test_a_stranger_without_a_form_is_passed_over_in_silence(clerk: Clerk) -> None:
    arrive(clerk.mailbox, mail(sender="ad@example.com", subject="优惠"))
    result = clerk.fetch()
    assert (result.seen, result.findings) == (1, ())


def test_a_stranger_with_a_form_is_taken_with_a_warning(clerk: Clerk) -> None:
    arrive(clerk.mailbox, mail(("进展.xlsx", XLSX), sender="someone@example.com"))
    result = clerk.fetch()
    assert [one.path for one in result.files] == ["邮件/2019-03-21 1015 someone@example.com/进展.xlsx"]
    assert codes(result) == ["form-sender-unknown"]
    assert result.exit_code == 0


def test_reply_to_tells_the_unit_where_the_sender_does_not(clerk: Clerk) -> None:
    arrive(clerk.mailbox, mail(("a.xlsx", XLSX), sender="home@example.com", Reply_To="JIAOYU@example.com"))
    assert clerk.fetch().files[0].units == ("区教育局",)


def test_units_may_share_an_address(clerk: Clerk) -> None:
    arrive(clerk.mailbox, mail(("a.xlsx", XLSX), sender="shared@example.com"))
    (file,) = clerk.fetch().files
    assert set(file.units) == {"区教育局", "团区委"}


# ── the window, sizes, damage ──


def test_only_mail_of_the_period_by_local_days(clerk: Clerk) -> None:
    times = {
        "早.xlsx": at("2019-03-14 23:59"),  # three days before Monday the 18th
        "首.xlsx": at("2019-03-15 00:00"),
        "末.xlsx": at("2019-04-08 23:59"),  # ten days after the cut-off, the 29th
        "晚.xlsx": at("2019-04-09 00:00"),
    }
    with clerk.mailbox.imap() as imap:
        for name, when in times.items():
            imap.append("INBOX", mail((name, XLSX), subject=name).as_bytes(), msg_time=when.astimezone())
    result = clerk.fetch()
    assert names(clerk) == ["末.xlsx", "首.xlsx"]
    assert result.seen == 2


def test_what_is_too_large_is_told_each_time_and_never_fetched(clerk: Clerk) -> None:
    arrive(clerk.mailbox, [mail(("大.xlsx", XLSX + bytes(30_000)), subject="大"), mail(("小.xlsx", XLSX))])
    clerk.settings["message_mb"] = 0.02
    for _ in range(2):
        result = clerk.fetch()
        assert (codes(result), result.exit_code) == (["mail-too-large"], 1)
    assert names(clerk) == ["小.xlsx"]
    clerk.settings["message_mb"] = 50.0
    assert clerk.fetch().findings == ()
    assert names(clerk) == ["大.xlsx", "小.xlsx"]


def test_what_was_too_large_and_is_gone_is_not_told_for_ever(clerk: Clerk) -> None:
    arrive(clerk.mailbox, mail(("大.xlsx", XLSX + bytes(30_000))))
    clerk.settings["message_mb"] = 0.02
    clerk.fetch()
    clerk.mailbox.change_uidvalidity(first_uid=7)
    clerk.fetch()
    assert len(kept(clerk)) == 1, "under its new number only"
    with clerk.mailbox.imap() as imap:
        imap.select_folder("INBOX")
        imap.delete_messages([7])
        imap.expunge()
    clerk.fetch()
    assert kept(clerk) == ()


def test_a_message_that_cannot_be_taken_apart_costs_itself_and_is_kept_whole(clerk: Clerk) -> None:
    many = mail(*((f"{number}.xlsx", b"x") for number in range(2100)), subject="太多")
    arrive(clerk.mailbox, [many, mail(("好.xlsx", XLSX))])
    result = clerk.fetch()
    assert names(clerk) == ["好.xlsx"]
    assert codes(result) == ["mail-broken"]
    (kept,) = clerk.workspace.archive.rglob("*.eml")
    assert kept.read_bytes() == many.as_bytes(policy=policy.SMTP)
    assert clerk.workspace.shown(kept) in result.findings[0].message


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"no headers at all",
        (
            b"From: kexie@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
            b"--b\r\nContent-Type: application/x\r\n"
        ),
        (
            b"From: <kexie@example.com\r\nDate: never\r\nSubject: =?x?Q?\xff\xfe?=\r\n"
            b"Content-Type: a/b; name*0*=x'y\r\n\r\nx"
        ),
        b"From: kexie@example.com\r\nContent-Type: multipart/mixed\r\n\r\nno boundary",
        b"Subject: " + b"x" * 20_000 + b"\r\n\r\n",
        b"\0\1\2\3" * 100,
        b"From: =?utf-8?B?abcde?= <kexie@example.com>\r\nSubject: =?utf-8?B?abcde?=\r\n\r\nx",
    ],
)
def test_broken_messages_do_not_stand_in_the_way(clerk: Clerk, broken: bytes) -> None:
    arrive(clerk.mailbox, [broken, mail(("好.xlsx", XLSX))])
    result = clerk.fetch()
    assert result.stopped is None
    assert "好.xlsx" in names(clerk)
    assert clerk.fetch().seen == 0


def test_headers_that_the_email_package_fails_on_do_not_hide_a_form(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise AttributeError

    monkeypatch.setattr("kepu_xls.commands.receiving.incoming", failing)
    arrive(clerk.mailbox, mail(("进展.xlsx", XLSX)))
    clerk.fetch()
    assert names(clerk) == ["进展.xlsx"]


@pytest.mark.parametrize(
    "structure", [(), (b"TEXT",), ([],), ([(b"TEXT", b"PLAIN")], b"MIXED"), (None, 1, 2)]
)
def test_a_structure_that_makes_no_sense_hides_nothing(structure: tuple[object, ...]) -> None:
    headers = b"From: kexie@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    assert incoming(Described(1, THEN, 100, headers, structure), "", THEN).kind is Kind.REPLY


# ── what becomes of fetched mail on the server ──


def test_marked_as_read_only_where_configured_and_only_what_was_taken(clerk: Clerk) -> None:
    arrive(clerk.mailbox, [mail(("a.xlsx", XLSX)), mail(subject="没有附件")])
    clerk.settings["mark_read"] = True
    clerk.fetch()
    assert [one.flags for one in clerk.mailbox.stored()] == [frozenset({"\\Seen"}), frozenset()]


def test_moved_only_where_configured_to_a_folder_with_a_chinese_name(clerk: Clerk) -> None:
    arrive(clerk.mailbox, [mail(("a.xlsx", XLSX)), mail(subject="没有附件")])
    clerk.fetch()
    clerk.settings["move_to"] = "已收/第12周"
    clerk.fetch()
    assert [one.folder for one in clerk.mailbox.stored()] == ["INBOX", "已收/第12周"], (
        "also what was taken before"
    )
    assert clerk.fetch().seen == 0


def test_where_the_server_cannot_move_nothing_is_deleted(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = IMAPClient.has_capability
    monkeypatch.setattr(IMAPClient, "has_capability", lambda self, one: one != "MOVE" and known(self, one))
    arrive(clerk.mailbox, mail(("a.xlsx", XLSX)))
    clerk.settings["move_to"] = "已收"
    assert codes(clerk.fetch()) == ["mail-copied-only"]
    assert [one.folder for one in clerk.mailbox.stored()] == ["INBOX", "已收"]
    assert clerk.fetch().findings == (), "copied once"
    assert len(clerk.mailbox.stored()) == 2


def test_a_folder_with_a_chinese_name(clerk: Clerk) -> None:
    arrive(clerk.mailbox, mail(("a.xlsx", XLSX)), folder="科普/填报")
    clerk.settings["folder"] = "科普/填报"
    assert len(clerk.fetch().files) == 1
    with clerk.mailbox.imap() as imap:
        imap.select_folder("科普/填报")
        imap.move([1], "INBOX")
    clerk.settings["folder"] = "INBOX"
    assert clerk.fetch().files == (), "known in another folder too"
