"""Mails as their senders' programs wrote them: headers, parts, and the names of attachments.

Only what every reader of mails needs: those saved in the inbox, and those in the mailbox.
"""

from __future__ import annotations

import re
from binascii import a2b_base64
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email import policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesFeedParser
from email.utils import collapse_rfc2231_value, parsedate_to_datetime

from kepu_xls.shown_names import decoded

_LONGEST_HEADER = 8192
"""The email package takes time that grows with the square of a header's length."""
_PIECE = 8192
_GB = re.compile(r"(?i)\b(?:gb2312|gbk|x-gbk|cp936|gb_2312-80)(?=['?])")
_WRAPPED = re.compile(r"\r?\n[ \t]*")
_NAMES = (("content-disposition", "filename"), ("content-type", "name"))


class _Bounded(policy.Compat32):
    """Reads what describes a part no further than anybody writes: the parser itself looks into it."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Take a header from its lines, as the email package does."""
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_LONGEST_HEADER] if name.lower().startswith("content-") else value


def parsed(data: bytes) -> Message:
    """Parse a mail; what is broken in it shows in its parts.

    It is fed in pieces, as the email package's own parser does, which first makes two texts of the whole.
    """
    parser = BytesFeedParser(policy=_Bounded())
    data = data.lstrip(b"\xef\xbb\xbf\r\n")
    for start in range(0, len(data), _PIECE):
        parser.feed(data[start : start + _PIECE])
    return parser.close()


def leaves(message: Message) -> Iterator[Message]:
    """Go through the parts in order, without entering forwarded mails, and without recursion."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        content = part.get_payload()
        if isinstance(content, list) and part.get_content_type() != "message/rfc822":
            waiting.extend(one for one in reversed(content) if isinstance(one, Message))
        else:
            yield part


def content(part: Message) -> bytes | None:
    """Give the bytes of a part; a forwarded mail as it was, also where it came in base64.

    None where a forwarded mail has nothing in it.
    """
    inside = part.get_payload()
    if not isinstance(inside, list):
        return _payload(part)
    inner = inside[0] if inside else None
    if not isinstance(inner, Message):
        return None
    if not inner.keys():  # not parsed: its encoding hid the headers
        inner["Content-Transfer-Encoding"] = str(part.get("Content-Transfer-Encoding", "8bit"))
        return _payload(inner)
    return inner.as_bytes()


def _payload(part: Message) -> bytes:
    """Decode a part; base64 that is as it should be without the email package's five copies of it."""
    if header(part, "content-transfer-encoding").lower() == "base64":
        written = part.get_payload()
        if isinstance(written, str):
            with suppress(ValueError):  # broken: the email package makes the best of it
                return a2b_base64(written)
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def name(part: Message) -> str:
    """Give an attachment's name, however its sender's program wrote it; empty where it has none."""
    for wanted, parameter in _NAMES:
        text = header(part, wanted)
        if not text:
            continue
        reading = Message()
        reading[wanted] = _GB.sub("gb18030", text)
        value = reading.get_param(parameter, header=wanted)
        if value:
            return words(value if isinstance(value, str) else collapse_rfc2231_value(value))
    return ""


def header(part: Message, wanted: str) -> str:
    """Read a header as it stands, ``wanted`` in small letters; bytes that are not ASCII are UTF-8 or GBK."""
    for title, value in part.raw_items():
        if title.lower() == wanted:
            text = str(value)[:_LONGEST_HEADER]
            if not text.isascii():
                text = decoded(text.encode("utf-8", "surrogateescape"))
            return _WRAPPED.sub(" ", text)
    return ""


def words(text: str) -> str:
    """Decode ``=?gb2312?B?…?=``, also where a letter is cut in two between such words."""
    if "=?" not in text:
        return text
    joined = re.sub(r"\?=\s*=\?", "?= =?", _GB.sub("gb18030", text))
    try:
        parts = decode_header(joined)
    except HeaderParseError:  # damaged base64
        return text
    return "".join(part if isinstance(part, str) else _in_charset(part, charset) for part, charset in parts)


def _in_charset(raw: bytes, charset: str | None) -> str:
    try:
        return raw.decode(charset or "ascii")
    except (LookupError, UnicodeDecodeError):
        return decoded(raw)


def sent(message: Message) -> datetime | None:
    """Give the mail's date in local time, where it has one that can be."""
    try:
        when = parsedate_to_datetime(header(message, "date"))
        aware = when if when.tzinfo else when.replace(tzinfo=UTC)  # -0000: the sender gave no zone
        return aware.astimezone().replace(tzinfo=None, microsecond=0)
    except (TypeError, ValueError, OverflowError, OSError, IndexError):
        return None  # each is how a date that cannot be is told; the file's own time serves
