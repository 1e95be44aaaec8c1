"""Mails saved as .eml: their attachments, under the names their senders gave them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import policy
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.utils import collapse_rfc2231_value, parsedate_to_datetime

from kepu_xls.intake.shown_names import decoded, harmless
from kepu_xls.intake.unpacking import Allowance, ContainerRefusedError, Found, RefusedError

_HEAD = 1 << 16
_LONGEST_HEADER = 8192  # the email package takes time that grows with the square of a header's length
_LINES_A_FILE = 4  # that begin with --: each part begins with one, and so do signatures
_HEADER = re.compile(rb"([A-Za-z][A-Za-z0-9-]*):|[ \t]")
_TELLING = {
    b"from", b"to", b"subject", b"date", b"message-id", b"mime-version",
    b"received", b"return-path", b"content-type", b"x-mailer", b"x-unsent",
}  # fmt: skip
_GB = re.compile(r"(?i)\b(?:gb2312|gbk|x-gbk|cp936|gb_2312-80)(?=['?])")


def is_mail(data: bytes) -> bool:
    """Tell a mail by the headers that it begins with."""
    lines = data[:_HEAD].lstrip(b"\xef\xbb\xbf\r\n").splitlines()
    if lines and lines[0].startswith(b"From "):  # as an mbox writes it
        del lines[0]
    seen = set()
    for line in lines:
        if not line:
            break
        header = _HEADER.match(line)
        if header is None:
            return False
        seen.add((header[1] or b"").lower())
    return len(seen & _TELLING) >= 2  # noqa: PLR2004 - one alone may be a line of text


def read_mail(data: bytes, allowance: Allowance) -> Iterator[Found]:
    """Give each attachment, also pictures in the text; forwarded mails come whole.

    Raises ContainerRefusedError for limits; what the email package raises for a broken mail passes through.
    """
    if data.count(b"\n--") + data.count(b"\r--") > allowance.most_members * _LINES_A_FILE:
        raise ContainerRefusedError("container-many-members", limit=allowance.most_members)
    message = BytesParser(policy=policy.compat32).parsebytes(data.lstrip(b"\xef\xbb\xbf\r\n"))
    sent = _sent(message)
    for part in _leaves(message):
        name = _name(part)
        if not name and part.get_content_maintype() in ("text", "multipart"):
            continue  # what the sender wrote
        allowance.admit()
        shown = harmless(name or _UNNAMED.get(part.get_content_maintype(), "未命名附件"))
        try:
            yield Found(shown, allowance.gather([_content(part)]), received=sent)
        except ContainerRefusedError:
            raise
        except RefusedError as refusal:
            yield Found(shown, refused=refusal.reason, received=sent)


_UNNAMED = {"message": "转发的邮件.eml", "image": "图片"}


def _leaves(message: Message) -> Iterator[Message]:
    """Go through the parts in order, without entering forwarded mails, and without recursion."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        content = part.get_payload()
        if isinstance(content, list) and part.get_content_type() != "message/rfc822":
            waiting.extend(one for one in reversed(content) if isinstance(one, Message))
        else:
            yield part


def _content(part: Message) -> bytes:
    """Give the bytes of an attachment; a forwarded mail as it was, also where it came in base64."""
    content = part.get_payload()
    if isinstance(content, list):
        inner = content[0] if content else None
        if not isinstance(inner, Message):
            raise RefusedError("member-broken")
        if not inner.keys():  # not parsed: its encoding hid the headers
            inner["Content-Transfer-Encoding"] = str(part.get("Content-Transfer-Encoding", "8bit"))
            return _payload(inner)
        return inner.as_bytes()
    return _payload(part)


def _payload(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _name(part: Message) -> str:
    """Give an attachment's name, however its sender's program wrote it; empty where it has none."""
    for header, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        text = _header(part, header)
        if not text:
            continue
        reading = Message()
        reading[header] = _GB.sub("gb18030", text)
        value = reading.get_param(parameter, header=header)
        if value:
            name = value if isinstance(value, str) else collapse_rfc2231_value(value)
            return _words(name)
    return ""


def _header(part: Message, wanted: str) -> str:
    """Read a header as text; the bytes of one that is not ASCII are UTF-8 or GBK."""
    for name, value in part.raw_items():
        if name.lower() == wanted:
            text = str(value)[:_LONGEST_HEADER]
            if not text.isascii():
                text = decoded(text.encode("utf-8", "surrogateescape"))
            return re.sub(r"\r?\n[ \t]*", " ", text)
    return ""


def _words(text: str) -> str:
    """Decode ``=?gb2312?B?…?=``, also where a letter is cut in two between such words."""
    if "=?" not in text:
        return text
    joined = re.sub(r"\?=\s*=\?", "?= =?", text)
    return "".join(
        part if isinstance(part, str) else _in_charset(part, charset)
        for part, charset in decode_header(joined)
    )


def _in_charset(raw: bytes, charset: str | None) -> str:
    try:
        return raw.decode(charset or "ascii")
    except (LookupError, UnicodeDecodeError):
        return decoded(raw)


def _sent(message: Message) -> datetime | None:
    """Give the mail's date in local time, where it has one that can be."""
    try:
        when = parsedate_to_datetime(_header(message, "date"))
        aware = when if when.tzinfo else when.replace(tzinfo=UTC)  # -0000: the sender gave no zone
        return aware.astimezone().replace(tzinfo=None, microsecond=0)
    except (TypeError, ValueError, OverflowError, OSError, IndexError):
        return None  # each is how a date that cannot be is told; the file's own time serves
