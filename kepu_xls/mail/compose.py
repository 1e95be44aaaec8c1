"""A letter as the bytes of a message (RFC 5322, MIME) that old Outlook and Foxmail read too.  Pure."""

from __future__ import annotations

import unicodedata
from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import quote

from kepu_xls.mail.letter import Attachment, Letter, Sender

_POLICY = SMTP.clone(refold_source="none")
"""Headers stand as they are written here: Python's folding breaks Chinese ones where old programs stumble."""

_WORD = 45
"""Bytes of UTF-8 in an encoded word: its longest is 75 characters (RFC 2047)."""
_LINE = 70
_WORKBOOK = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


def compose(
    letter: Letter, sender: Sender, *, sent: datetime | None = None, unsent: bool = False, copy: int = 1
) -> bytes:
    """Write a message.  The same letter gives the same bytes, but for ``sent``, its Date.

    ``unsent`` marks a draft, which mail programs open ready to be sent.  ``copy`` numbers a letter that is
    sent once more on purpose.  Addresses have to be checked before (``is_address``).
    """
    message = EmailMessage(policy=_POLICY)
    for name, value in _headers(letter, sender, sent, copy):
        message.set_raw(name, value)
    if unsent:
        message.set_raw("X-Unsent", "1")
    message.set_content(letter.text, cte="base64")
    for one in letter.attachments:
        _attach(message, one)
    if message.is_multipart():
        message.set_boundary(f"=_kepu_{letter.digest[:32]}")
    return message.as_bytes()


def _headers(letter: Letter, sender: Sender, sent: datetime | None, copy: int) -> Iterable[tuple[str, str]]:
    if sender.address:
        yield "From", _named(sender.name, sender.address)
    if letter.to:
        yield "To", ",\r\n ".join(letter.to)
    if letter.cc:
        yield "Cc", ",\r\n ".join(letter.cc)
    if sender.reply_to:
        yield "Reply-To", sender.reply_to
    yield "Subject", encoded(letter.subject, len("Subject: "))
    if sent is not None:
        yield "Date", format_datetime(sent.astimezone())
    yield "Message-ID", letter.message_id(sender, copy)
    yield "X-Kepu-Letter", f"{letter.kind.value} {letter.period} {letter.digest}"


def _named(name: str, address: str) -> str:
    return f"{encoded(name, len('From: '), always=True)}\r\n <{address}>" if name else address


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    """Attach a file, its name said in every way that programs read.

    RFC 2231 in ``filename*`` for those of today, unbroken because some do not join its parts; and, against
    the letter of RFC 2047 but as mail programs in China write it, encoded words in quotes for older ones.
    """
    kind = _WORKBOOK if attachment.name.endswith(".xlsx") else ("application", "octet-stream")
    message.add_attachment(attachment.data, maintype=kind[0], subtype=kind[1])
    part = list(message.iter_attachments())[-1]
    name = _one_line(attachment.name).translate(_UNQUOTED)
    del part["Content-Type"], part["Content-Disposition"]
    part.set_raw("Content-Type", f'{"/".join(kind)};\r\n name="{encoded(name, 7)}"')
    part.set_raw(
        "Content-Disposition",
        f"attachment;\r\n filename=\"{encoded(name, 11)}\";\r\n filename*=UTF-8''{quote(name, safe='')}",
    )


_UNQUOTED = str.maketrans({'"': "'", "\\": "_", "/": "_"})


def encoded(text: str, taken: int, *, always: bool = False) -> str:
    """Write a text as it may stand in a header: as it is where that is safe, else in encoded words.

    No character is cut in two.  ``taken`` characters of the first line stand before it; ``always`` encodes
    also what would mean something beside an address.
    """
    text = _one_line(text)
    plain = text.isascii() and "=?" not in text and len(text) + taken <= _LINE
    if plain and (not always or text.replace(" ", "").isalnum()):
        return text
    words, room = [""], _WORD - taken // 2
    for char in text:
        if len((words[-1] + char).encode()) > room:
            words.append("")
            room = _WORD
        words[-1] += char
    return "\r\n ".join(f"=?UTF-8?B?{b64encode(one.encode()).decode()}?=" for one in words if one)


def _one_line(text: str) -> str:
    """Take out what could begin a line or another header: all control, separator and half characters."""
    unseen = ("Cc", "Cs", "Zl", "Zp")
    kept = "".join(" " if unicodedata.category(char) in unseen else char for char in text)
    return kept.strip()
