"""Mails saved as .eml: their attachments, under the names their senders gave them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kepu_xls.intake.unpacking import Allowance, ContainerRefusedError, Found, RefusedError
from kepu_xls.shown_names import harmless

_HEAD = 1 << 16
_LINES_A_FILE = 4  # that begin with --: each part begins with one, and so do signatures
_HEADER = re.compile(rb"([A-Za-z][A-Za-z0-9-]*):|[ \t]")
_TELLING = {
    b"from", b"to", b"subject", b"date", b"message-id", b"mime-version",
    b"received", b"return-path", b"content-type", b"x-mailer", b"x-unsent",
}  # fmt: skip


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
    from kepu_xls import mime  # noqa: PLC0415 - all of Python's email package, which other files do without

    message = mime.parsed(data)
    sent = mime.sent(message)
    for part in mime.leaves(message):
        name = mime.name(part)
        if not name and part.get_content_maintype() in ("text", "multipart"):
            continue  # what the sender wrote
        allowance.admit()
        shown = harmless(name or _UNNAMED.get(part.get_content_maintype(), "未命名附件"))
        try:
            yield Found(shown, allowance.gather([_whole(mime.content(part))]), received=sent)
        except ContainerRefusedError:
            raise
        except RefusedError as refusal:
            yield Found(shown, refused=refusal.reason, received=sent)


_UNNAMED = {"message": "转发的邮件.eml", "image": "图片"}


def _whole(content: bytes | None) -> bytes:
    if content is None:
        raise RefusedError("member-broken")
    return content
