"""What a message looks like on the wire: every program reads names, subjects and addresses whole."""

from __future__ import annotations

import base64
import re
from datetime import datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import collapse_rfc2231_value
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kepu_xls.intake import open_containers
from kepu_xls.limits import Limits
from kepu_xls.mail.compose import compose
from kepu_xls.mail.letter import Attachment, Letter, LetterKind, Sender
from kepu_xls.mail_settings import is_address
from kepu_xls.model import InboxFile

ME = Sender("clerk@example.com", "区科协办公室")
NAME = "区委宣传部、区文体局_2019-W12_进展填报表.xlsx"
WHEN = datetime(2019, 3, 18, 9, 0)  # noqa: DTZ001 - the program's times are local


def letter(**given: object) -> Letter:
    plain: dict[str, object] = {
        "unit": "区科协",
        "period": "2019-W12",
        "kind": LetterKind.FORM,
        "to": ("kexie@example.com",),
        "cc": (),
        "subject": "请填报第12周进展",
        "text": "区科协：\n\n　　请填报。\n",
        "attachments": (Attachment(NAME, b"PK\x03\x04data"),),
    }
    return Letter(**{**plain, **given})  # type: ignore[arg-type] # what a test gives is right


def parsed(message: bytes) -> EmailMessage:
    return message_from_bytes(message, policy=default)


def said(message: EmailMessage) -> str:
    return str(message.get_body(("plain",)).get_content()).replace("\r\n", "\n")


# how programs find the name of an attachment; each reads the raw header lines, unfolded


def headers(message: bytes, wanted: str) -> list[str]:
    unfolded = re.sub(rb"\r\n[ \t]+", b" ", message).decode("ascii").replace("\r\n", "\n")
    return re.findall(rf"(?im)^{wanted}: (.*)$", unfolded)


def by_rfc_2231(message: bytes) -> str:
    """A program of today: only ``filename*`` counts."""
    disposition = headers(message, "Content-Disposition")[0]
    charset, _, text = re.search(r"filename\*=([^;]*)", disposition)[1].split("'")  # type: ignore[index]
    return unquote(text, charset)


def by_encoded_words(message: bytes, header: str, parameter: str) -> str:
    """An old program: encoded words in quotes, one after the other, and no idea of RFC 2231."""
    value = next(one for one in headers(message, header) if parameter in one)
    quoted = re.search(rf'[ ;]{parameter}="([^"]*)"', value)[1]  # type: ignore[index]
    words = re.findall(r"=\?utf-8\?b\?([^?]*)\?=", quoted, re.IGNORECASE)
    return b"".join(map(base64.b64decode, words)).decode() if words else quoted


def by_python_of_old(message: bytes) -> str:
    part = message_from_bytes(message).get_payload()[1]  # type: ignore[index]
    return str(make_header(decode_header(collapse_rfc2231_value(part.get_filename()).replace("\r\n", ""))))


def by_our_intake(message: bytes) -> str:
    file = InboxFile("信.eml", "0" * 64, len(message), WHEN)
    found = [one.file.path for one in open_containers(file, message, Limits(), ()) if one.data]
    return found[0]


READERS = {
    "RFC 2231": by_rfc_2231,
    "encoded words in the disposition": lambda one: by_encoded_words(one, "Content-Disposition", "filename"),
    "encoded words in the type": lambda one: by_encoded_words(one, "Content-Type", "name"),
    "Python's policy": lambda one: next(iter(parsed(one).iter_attachments())).get_filename(),
    "Python of old": by_python_of_old,
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "name",
    [
        NAME,
        "form.xlsx",
        "区科协_2019-W12_进展填报表.xlsx",
        "𠮷" * 20 + "卫健局（原卫计局）、爱卫办 2019 年第 12 周.xlsx",
        "a b;c=d,e.xlsx",
        "百分之80%.xlsx",
        "=?UTF-8?B?eA==?=.xlsx",
    ],
)
def test_the_name_of_an_attachment_arrives_whole(reader: str, name: str) -> None:
    message = compose(letter(attachments=(Attachment(name, b"data"),)), ME)
    assert READERS[reader](message) == name


def test_our_own_intake_reads_the_name_and_the_content() -> None:
    assert by_our_intake(compose(letter(), ME)).endswith(NAME.rpartition("/")[2])


@settings(deadline=None)
@given(st.text(min_size=1, max_size=120))
def test_whatever_is_typed_as_subject_or_name_adds_no_header_and_breaks_no_line(text: str) -> None:
    one = letter(subject=text, attachments=(Attachment(text, b"data"),))
    message = compose(one, Sender("clerk@example.com", text))
    read = parsed(message)
    assert read.keys() == parsed(compose(letter(), ME)).keys()
    assert [part.get_content() for part in read.iter_attachments()] == [b"data"]
    assert all(len(row) <= 998 for row in message.split(b"\r\n"))
    assert b"\n" not in message.replace(b"\r\n", b"")
    assert message.isascii()


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), min_size=1, max_size=150))
def test_a_subject_without_blanks_and_controls_arrives_as_it_was_typed(text: str) -> None:
    message = compose(letter(subject=text), ME)
    (raw,) = headers(message, "Subject")
    assert str(make_header(decode_header(raw))) == text
    words = re.findall(rb"=\?[^ \r\n]*\?=", message.split(b"Message-ID")[0])
    assert all(len(word) <= 75 for word in words)


@pytest.mark.parametrize(
    "evil", ["\r\nBcc: a@example.com", "\nBcc: a@example.com", "\u2028Bcc: x", "\x85Bcc: x"]
)
def test_a_line_break_in_a_name_makes_no_header(evil: str) -> None:
    one = letter(unit=f"区科协{evil}", subject=f"请{evil}", attachments=(Attachment(f"表{evil}.xlsx", b""),))
    message = parsed(compose(one, Sender("clerk@example.com", f"名{evil}")))
    assert message["Bcc"] is None
    assert len(message.get_all("Subject", [])) == 1


def test_the_sender_several_recipients_and_copies_are_read_as_addresses() -> None:
    one = letter(to=("a@example.com", "b@example.com"), cc=("c@example.com", "d@example.com"))
    message = parsed(
        compose(one, Sender("clerk@example.com", '办公室, "甲" <x@example.com>', "back@example.com"))
    )
    assert [each.addr_spec for each in message["From"].addresses] == ["clerk@example.com"]
    assert message["From"].addresses[0].display_name == '办公室, "甲" <x@example.com>'
    assert [each.addr_spec for each in message["To"].addresses] == ["a@example.com", "b@example.com"]
    assert [each.addr_spec for each in message["Cc"].addresses] == ["c@example.com", "d@example.com"]
    assert message["Reply-To"] == "back@example.com"


def test_an_ascii_name_that_means_something_in_a_header_is_no_second_sender() -> None:
    message = parsed(compose(letter(), Sender("clerk@example.com", "Boss <boss@example.com>,")))
    assert [each.addr_spec for each in message["From"].addresses] == ["clerk@example.com"]


def test_text_and_workbook_come_through_as_they_were() -> None:
    data = bytes(range(256)) * 500
    message = parsed(compose(letter(text="一\n\n.\n二\n", attachments=(Attachment(NAME, data),)), ME))
    assert said(message) == "一\n\n.\n二\n"
    (part,) = message.iter_attachments()
    assert part.get_content() == data
    assert part.get_content_type().endswith("spreadsheetml.sheet")
    assert not message.defects


def test_a_letter_without_attachments_is_plain_text() -> None:
    message = parsed(compose(letter(attachments=()), ME))
    assert message.get_content_type() == "text/plain"
    assert said(message) == "区科协：\n\n　　请填报。\n"


def test_the_message_id_is_that_of_unit_period_and_content() -> None:
    first = letter()
    assert first.message_id(ME) == letter().message_id(ME)
    assert re.fullmatch(r"<kepu\.2019-W12\.[0-9a-f]{32}@example\.com>", first.message_id(ME))
    others = [
        letter(unit="团区委"),
        letter(period="2019-W13"),
        letter(subject="别的"),
        letter(text="别的\n"),
        letter(attachments=(Attachment(NAME, b"other"),)),
        letter(attachments=()),
        letter(kind=LetterKind.REMIND, day="2019-03-21"),
        letter(kind=LetterKind.REMIND, day="2019-03-22"),
    ]
    assert len({one.message_id(ME) for one in (first, *others)}) == len(others) + 1
    assert letter(to=("x@example.com",)).digest == first.digest
    assert first.message_id(ME, copy=2) != first.message_id(ME)
    assert parsed(compose(first, ME))["Message-ID"] == first.message_id(ME)


def test_ours_are_recognised_by_a_header_and_the_date_has_a_zone() -> None:
    message = parsed(compose(letter(), ME, sent=WHEN))
    assert message["X-Kepu-Letter"] == f"form 2019-W12 {letter().digest}"
    assert message["Date"].datetime.utcoffset() is not None
    assert message["Date"].datetime.replace(tzinfo=None) == WHEN
    assert message["X-Unsent"] is None


def test_the_same_letter_gives_the_same_bytes() -> None:
    assert compose(letter(), ME, unsent=True) == compose(letter(), ME, unsent=True)


@pytest.mark.parametrize("good", ["a@example.com", "a.b+c@mail.example.com", "x_1@localhost"])
def test_an_address(good: str) -> None:
    assert is_address(good)


@pytest.mark.parametrize(
    "bad",
    [
        *("", "a", "a@", "@b", "a b@example.com", "a@b@c", "甲@example.com", "a@例.com", "<a@example.com>"),
        *("a@example.com\r\nBcc: b@c", "a@example.com\n", "a@example.com,b@example.com", "a..b@example.com"),
        *("a@-x.com", "a" * 250 + "@b.com"),
    ],
)
def test_what_is_no_address(bad: str) -> None:
    assert not is_address(bad)
