"""Mails that came back: to whom they could not be delivered, and what the server said of it.  Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email.message import Message

from kepu_xls import mime
from kepu_xls.model import Record
from kepu_xls.shown_names import decoded

_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_RECIPIENTS = ("final-recipient", "original-recipient")
_LONGEST = 120


class Bounce(Record, frozen=True):
    """``addresses`` that a mail did not reach, in small letters; ``reason``: what the server said, short.

    ``final`` is False where the server still tries.
    """

    addresses: tuple[str, ...]
    reason: str
    final: bool = True


def bounce(data: bytes, known: Iterable[str]) -> Bounce:
    """Read a mail that came back: what it says by the standard (RFC 3464), else which ``known`` it names.

    What the email package raises for a broken message passes through.
    """
    message = mime.parsed(data)
    told = [one for one in message.walk() if mime.header(one, "final-recipient")]
    found = [address for one in told if not _arrived(one) for address in _recipients(one)]
    reasons = [mime.header(one, "diagnostic-code") or mime.header(one, "status") for one in told]
    if told and not found:
        return Bounce((), "", final=False)
    if not found:
        named = {address.lower() for text in _texts(message) for address in _ADDRESS.findall(text)}
        found = sorted(named & set(known))
    return Bounce(tuple(dict.fromkeys(found)), _short(next((one for one in reasons if one), "")))


def _arrived(report: Message) -> bool:
    """Tell what was only late, or was delivered after all."""
    return mime.header(report, "action").strip().lower() in ("delivered", "delayed", "relayed", "expanded")


def _recipients(report: Message) -> Iterator[str]:
    for wanted in _RECIPIENTS:
        address = mime.header(report, wanted).rpartition(";")[2].strip(" <>").lower()
        if "@" in address:
            yield address


def _texts(message: Message) -> Iterator[str]:
    """Give what is written in a message, without the mail that came back."""
    for part in mime.leaves(message):
        if part.get_content_maintype() == "text":
            yield decoded(mime.content(part) or b"")


def _short(text: str) -> str:
    words = " ".join(text.rpartition(";")[2].split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
