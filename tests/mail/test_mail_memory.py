"""What one mail costs in memory: some times its size, whatever it is made of."""

from __future__ import annotations

import email
import random
import tracemalloc
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mail_rig.dovecot import PASSWORD, Dovecot
from mail_rig.mailbox import Mailbox
from mailed import XLSX, Clerk, arrive, mail

from kepu_xls import mime
from kepu_xls.mail import passwords

_SIZE = 6_000_000
_MOST = 5


@pytest.fixture
def clerk(tmp_path: Path, imap_server: Dovecot, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Clerk:
    monkeypatch.setenv(passwords.VARIABLE, PASSWORD)
    return Clerk(tmp_path, imap_server, mailbox)


def _attached() -> EmailMessage:
    return mail(("大.xlsx", XLSX + random.Random(0).randbytes(_SIZE * 3 // 4)))  # noqa: S311 - no secret


def _forwarded() -> bytes:
    head = b"From: kexie@example.com\r\nSubject: x\r\nContent-Type: message/rfc822\r\n\r\n"
    return head + _attached().as_bytes()


def _bounced() -> bytes:
    head = (
        b"From: postmaster@example.com\r\nSubject: x\r\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: text/plain\r\n\r\nx\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
    )
    return head + _attached().as_bytes() + b"\r\n--b--\r\n"


@pytest.mark.parametrize(
    "message",
    [_attached().as_bytes(), _forwarded(), _bounced()],
    ids=["attached", "forwarded", "bounced"],
)
def test_a_mail_costs_a_few_times_its_size(clerk: Clerk, message: bytes) -> None:
    arrive(clerk.mailbox, mail(("小.xlsx", XLSX)))
    clerk.fetch()  # what is loaded once
    arrive(clerk.mailbox, message)
    tracemalloc.start()
    try:
        result = clerk.fetch()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert result.seen == 1
    assert result.stopped is None
    assert peak < _MOST * len(message)


@given(
    encoding=st.sampled_from(["base64", "BASE64", "base64 ", "7bit", "quoted-printable", "x-uuencode"]),
    written=st.lists(st.sampled_from([*"AbC0+/=_-", "\r", "\n", " ", "\xff", "QUJD", "QQ==\r\n"])).map(
        "".join
    ),
)
def test_content_is_what_the_email_package_makes_of_it(encoding: str, written: str) -> None:
    head = f"Content-Transfer-Encoding: {encoding}\n\n"
    message = (head + written).encode("latin-1")
    expected = email.message_from_bytes(message)
    assert mime.content(mime.parsed(message)) == expected.get_payload(decode=True)


@given(st.lists(st.sampled_from([b"--b", b"--b--", b"\r", b"\n", b"\r\n", b"x" * 8190])))
def test_a_mail_in_pieces_is_the_mail_as_a_whole(parts: list[bytes]) -> None:
    message = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"".join(parts)
    assert mime.parsed(message).as_bytes() == email.message_from_bytes(message).as_bytes()
