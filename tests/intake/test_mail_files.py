"""Mails dragged out of a mail program: attachments their names, and when they came."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from urllib.parse import quote

import pytest
from container_builders import ARRIVED, contents, opened, tnef, troubles, workbook, zipped

from kepu_xls.model import FileStatus

FORM = workbook(b"one")
OTHER = workbook(b"two")
NAME = "区教育局进展填报表.xlsx"


def mail(*attachments: tuple[str, bytes], date: str = "Mon, 16 Nov 2026 10:00:00 +0800") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "jyj@example.com", "kexie@example.com"
    message["Subject"], message["Date"] = "第12周进展", date
    message.set_content("附上填报表，请查收。")
    message.add_alternative("<p>附上填报表，请查收。</p>", subtype="html")
    for name, data in attachments:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message


def raw_mail(disposition: bytes, kind: bytes = b"application/octet-stream") -> bytes:
    """A mail with one attachment whose headers are these bytes."""
    return (
        b"From: jyj@example.com\r\nTo: kexie@example.com\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n'
        b"--b\r\nContent-Type: " + kind + b"\r\nContent-Transfer-Encoding: base64\r\n"
        b"Content-Disposition: " + disposition + b"\r\n\r\n" + base64.encodebytes(FORM) + b"\r\n--b--\r\n"
    )


def word(text: str, charset: str = "gb2312") -> bytes:
    return b"=?" + charset.encode() + b"?B?" + base64.b64encode(text.encode("gb18030")) + b"?="


def test_each_attachment_is_given_and_the_text_is_not() -> None:
    members = opened("回复.eml", mail((NAME, FORM), ("佐证.jpg", b"\xff\xd8\xff")).as_bytes())
    assert contents(members) == {f"回复.eml::{NAME}": FORM, "回复.eml::佐证.jpg": b"\xff\xd8\xff"}
    assert (members[-1].file.path, members[-1].status) == ("回复.eml", FileStatus.IGNORED)
    assert members[0].file.sha256 == hashlib.sha256(FORM).hexdigest()


@pytest.mark.parametrize(
    "header",
    [
        f"attachment; filename*=UTF-8''{quote(NAME)}".encode(),
        f"attachment; filename*=gb2312''{quote(NAME, encoding='gbk')}".encode(),
        f"attachment;\r\n filename*0*=UTF-8''{quote(NAME[:4])};\r\n filename*1*={quote(NAME[4:])}".encode(),
        b'attachment; filename="' + word(NAME) + b'"',
        b"attachment; filename=" + word(NAME, "GBK"),
        b'attachment;\r\n\tfilename="' + word(NAME[:5]) + b"\r\n " + word(NAME[5:]) + b'"',
        b'attachment; filename="' + NAME.encode("gbk") + b'"',
        b'attachment; filename="' + NAME.encode() + b'"',
        b"attachment; filename=" + NAME.encode("gbk"),
    ],
)
def test_names_arrive_in_every_spelling(header: bytes) -> None:
    assert contents(opened("x.eml", raw_mail(header))) == {f"x.eml::{NAME}": FORM}


def test_a_letter_cut_in_two_between_encoded_words_is_put_together() -> None:
    raw = "区镕.xlsx".encode("gb18030")
    halves = (b"=?gb2312?B?" + base64.b64encode(part) + b"?=" for part in (raw[:3], raw[3:]))
    header = b'attachment; filename="' + b"\r\n ".join(halves) + b'"'
    assert list(contents(opened("x.eml", raw_mail(header)))) == ["x.eml::区镕.xlsx"]


def test_a_name_may_stand_in_the_content_type_alone_or_nowhere() -> None:
    kind = b'application/vnd.ms-excel; name="' + word(NAME) + b'"'
    assert list(contents(opened("x.eml", raw_mail(b"attachment", kind)))) == [f"x.eml::{NAME}"]
    assert list(contents(opened("x.eml", raw_mail(b"attachment")))) == ["x.eml::未命名附件"]


@pytest.mark.parametrize(
    ("charset", "text"), [("no-such", "甲.xlsx"), ("utf-8", "甲.xlsx"), ("big5", "\u9555.xlsx")]
)
def test_a_wrong_charset_does_not_lose_the_attachment(charset: str, text: str) -> None:
    (path, data) = next(
        iter(contents(opened("x.eml", raw_mail(b'a; filename="' + word(text, charset) + b'"'))).items())
    )
    assert data == FORM
    assert path.endswith(".xlsx")


@pytest.mark.parametrize("name", ["../../x.xlsx", "C:\\x.xlsx", "a\x1b/../x.xlsx", "\u202ex.xlsx"])
def test_a_hostile_name_is_shown_harmlessly(name: str) -> None:
    (path,) = contents(opened("x.eml", raw_mail(f"attachment; filename*=UTF-8''{quote(name)}".encode())))
    assert path.removeprefix("x.eml::") in ("x.xlsx", "a_/x.xlsx", "_x.xlsx")


def test_the_mails_date_is_when_its_attachments_arrived() -> None:
    members = opened("x.eml", mail(("包.zip", zipped({"甲.xlsx": FORM}))).as_bytes())
    sent = datetime(2026, 11, 16, 2, tzinfo=UTC).astimezone().replace(tzinfo=None)
    assert [one.file.received for one in members] == [
        sent,
        sent,
        ARRIVED,
    ]  # the file itself came when it came
    in_zip = opened("外.zip", zipped({"x.eml": mail(("甲.xlsx", FORM)).as_bytes()}))
    assert [one.file.received for one in in_zip] == [sent, ARRIVED, ARRIVED]


@pytest.mark.parametrize(
    "date",
    ["", "yesterday", "Mon, 99 Nov 2026 10:00:00 +0800", "Mon, 16 Nov 99999 10:00 +9999", "\U0001f600"],
)
def test_without_a_date_that_can_be_the_files_own_time_serves(date: str) -> None:
    data = mail((NAME, FORM), date="X").as_bytes().replace(b"Date: X", b"Date: " + date.encode())
    assert opened("x.eml", data)[0].file.received == ARRIVED


@pytest.mark.parametrize("days", [3, -500, -17_000])
def test_a_date_after_the_files_own_or_absurdly_before_it_is_not_believed(days: int) -> None:
    other = (ARRIVED + timedelta(days=days)).strftime("%d %b %Y %H:%M:%S +0000")
    assert opened("x.eml", mail((NAME, FORM), date=other).as_bytes())[0].file.received == ARRIVED


def test_a_date_some_months_before_the_files_own_is_believed() -> None:
    sent = (ARRIVED - timedelta(days=200)).strftime("%d %b %Y %H:%M:%S +0000")
    received = opened("x.eml", mail((NAME, FORM), date=sent).as_bytes())[0].file.received
    assert timedelta(days=199) < ARRIVED - received < timedelta(days=201)


def test_a_forwarded_mail_is_opened_in_its_place_and_the_outer_date_counts() -> None:
    inner = mail((NAME, FORM), date="Sun, 01 Nov 2026 10:00:00 +0800")
    outer = mail(("乙.xlsx", OTHER))
    outer.add_attachment(inner)
    members = opened("转.eml", outer.as_bytes())
    assert contents(members) == {"转.eml::乙.xlsx": OTHER, f"转.eml::转发的邮件.eml::{NAME}": FORM}
    assert members[1].file.received == members[0].file.received


def test_a_mail_attached_as_a_file_is_opened_too_but_no_more_than_two_deep() -> None:
    inner = mail((NAME, FORM)).as_bytes()
    middle = mail(("内.eml", inner)).as_bytes()
    assert contents(opened("外.eml", middle)) == {f"外.eml::内.eml::{NAME}": FORM}
    members = opened("外.eml", mail(("中.eml", middle)).as_bytes())
    assert troubles(members)["外.eml::中.eml::内.eml"] == ["container-deep"]


def test_a_forwarded_mail_in_base64_is_opened_too() -> None:
    inner = mail((NAME, FORM)).as_bytes()
    header = b"From: a@example.com\nTo: b@example.com\nMIME-Version: 1.0\nContent-Type: message/rfc822\n"
    data = header + b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(inner)
    assert contents(opened("外.eml", data)) == {f"外.eml::转发的邮件.eml::{NAME}": FORM}


def test_archives_and_winmail_dat_in_a_mail_are_opened() -> None:
    zips = zipped({"包.zip": zipped({"甲.xlsx": FORM})})
    data = mail(("winmail.dat", tnef((b"x", OTHER, "乙.xlsx"))), ("外.zip", zips)).as_bytes()
    assert contents(opened("x.eml", data)) == {
        "x.eml::winmail.dat::乙.xlsx": OTHER,
        "x.eml::外.zip::包.zip::甲.xlsx": FORM,
    }


def test_two_attachments_of_one_name_are_both_given() -> None:
    data = mail((NAME, FORM), (NAME, OTHER)).as_bytes()
    assert list(contents(opened("x.eml", data)).values()) == [FORM, OTHER]


def test_a_mail_without_attachment_is_rejected_with_what_to_ask() -> None:
    members = opened("x.eml", mail().as_bytes())
    assert troubles(members) == {"x.eml": ["mail-without-attachment"]}
    assert members[0].status is FileStatus.REJECTED


def test_a_mail_is_told_by_content_also_as_an_mbox_or_with_a_mark_writes_it() -> None:
    data = mail((NAME, FORM)).as_bytes()
    for start in (b"", b"\r\n", b"\xef\xbb\xbf", b"From jyj@example.com Mon Nov 16 10:00:00 2026\n"):
        assert contents(opened("没有扩展名", start + data)) == {f"没有扩展名::{NAME}": FORM}
    draft = b"X-Unsent: 1\n" + data
    assert contents(opened("草稿.eml", draft)) == {f"草稿.eml::{NAME}": FORM}


@pytest.mark.parametrize(
    "text",
    ["日期: 今天\n来自: 甲\n", "Date: 1\n\nx", "编号,内容\nTo: x, Date: y\n", "Date: 1\nno header\nTo: x\n"],
)
def test_a_text_is_no_mail(text: str) -> None:
    assert contents(opened("表.csv", text.encode())) == {"表.csv": text.encode()}


def test_a_mail_cut_short_gives_what_came() -> None:
    data = mail((NAME, FORM), ("乙.xlsx", OTHER)).as_bytes()
    found = contents(opened("x.eml", data[: data.rindex(b"filename")]))
    assert found[f"x.eml::{NAME}"] == FORM
