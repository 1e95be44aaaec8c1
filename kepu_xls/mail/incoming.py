"""What a message in the mailbox is, by its headers and the server's description of it.  Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from email.message import Message
from email.utils import getaddresses
from enum import StrEnum

from kepu_xls import mime
from kepu_xls.mail.attachments import may_be_form
from kepu_xls.mail.imap import Described
from kepu_xls.model import Record


class Kind(StrEnum):
    """What a message is; only a REPLY is fetched whole, for its attachments, and a BOUNCE, for its reason."""

    REPLY = "reply"
    WORDS = "words"  # nothing is attached that may be a form
    BOUNCE = "bounce"
    AUTOMATIC = "automatic"
    RECEIPT = "receipt"
    OWN = "own"


class Incoming(Record, frozen=True):
    """A message as its headers have it; addresses in small letters, ``sent`` and ``arrived`` in local time.

    ``mark`` is the same for the same message under another UID; empty where it has no Message-ID.
    """

    uid: int
    kind: Kind
    arrived: datetime
    size: int
    senders: tuple[str, ...]
    answers_to: tuple[str, ...]
    subject: str
    message_id: str
    sent: datetime | None
    mark: str

    @property
    def sender(self) -> str:
        """The address that people see as the sender's."""
        return self.senders[0] if self.senders else ""


_AUTOMATIC = re.compile(
    r"\s*[\[【(（]?\s*(?:自动回复|自动答复|自动回覆|auto(?:matic)?[ -]?reply|out of office)", re.IGNORECASE
)
_BOUNCERS = ("mailer-daemon", "postmaster", "mailerdaemon")
_BOUNCED = re.compile(
    r"退信|undeliver|returned mail|failure notice|delivery (?:status notification|has failed|failure)",
    re.IGNORECASE,
)


def incoming(described: Described, ours: str, now: datetime) -> Incoming:
    """Tell what a message is; ``ours`` is the address that letters go out from.

    ``now`` stands in for times that cannot be read.
    """
    head = mime.parsed(described.headers)
    sent = mime.sent(head)
    message_id = mime.header(head, "message-id").strip()
    senders = addresses(head, "from") or addresses(head, "sender")
    return Incoming(
        uid=described.uid,
        kind=_kind(head, senders, ours, described),
        arrived=described.arrived or sent or now,
        size=described.size,
        senders=senders,
        answers_to=addresses(head, "reply-to"),
        subject=" ".join(mime.words(mime.header(head, "subject")).split()),
        message_id=message_id,
        sent=sent,
        mark=_mark(described) if message_id else "",
    )


def unread(described: Described, now: datetime) -> Incoming:
    """Say of a message whose headers the email package fails on no more than that it is there."""
    return Incoming(
        described.uid, Kind.REPLY, described.arrived or now, described.size, (), (), "", "", None, ""
    )


def addresses(head: Message, wanted: str) -> tuple[str, ...]:
    """Give the addresses of a header, in small letters, each once."""
    found = getaddresses([mime.header(head, wanted)])
    return tuple(dict.fromkeys(address.strip().lower() for _, address in found if "@" in address))


def _mark(described: Described) -> str:
    """Recognise a message that was numbered anew, or moved away and back."""
    return hashlib.sha256(b"%d\n%s" % (described.size, b"".join(described.headers.split()))).hexdigest()


def _kind(head: Message, senders: tuple[str, ...], ours: str, described: Described) -> Kind:
    report = str(head.get_param("report-type") or "").lower() if _type(head) == "multipart/report" else None
    if report == "disposition-notification":
        return Kind.RECEIPT
    if report is not None or _bounced(head, senders):
        return Kind.BOUNCE
    if mime.header(head, "x-kepu-letter") and ours.lower() in senders:
        return Kind.OWN  # from others it is our letter, filled in and sent on by "edit as new"
    if _answers_by_itself(head):
        return Kind.AUTOMATIC
    return Kind.REPLY if _brings_something(head, described) else Kind.WORDS


def _bounced(head: Message, senders: tuple[str, ...]) -> bool:
    """Tell a bounce that does not say so as the standard has it: NetEase's and QQ's are for people."""
    daemon = any(one.partition("@")[0] in _BOUNCERS for one in senders)
    nobody = mime.header(head, "return-path").strip() == "<>"
    subject = mime.words(mime.header(head, "subject"))
    return (daemon or nobody) and bool(_BOUNCED.search(subject))


def _answers_by_itself(head: Message) -> bool:
    """Tell an absence notice.  ``auto-generated`` is none: an office system may send real reports."""
    said = mime.header(head, "auto-submitted").strip().lower()
    subject = mime.words(mime.header(head, "subject"))
    return (
        said.startswith("auto-replied")
        or bool(mime.header(head, "x-autoreply"))
        or bool(_AUTOMATIC.match(subject))
    )


def _type(head: Message) -> str:
    return head.get_content_type()


def _brings_something(head: Message, described: Described) -> bool:
    """Tell whether anything may be attached, without having seen it."""
    if described.structure is not None:
        with suppress(LookupError, TypeError, ValueError):  # not as the standard has it: looked at as a whole
            parts = list(_parts(described.structure))
            if parts:
                return any(may_be_form(name, kind) for name, kind in parts)
    if not head.keys():  # nothing was said of it
        return True
    kind = _type(head)
    return not kind.startswith("text/") or bool(mime.name(head))


def _parts(structure: tuple[object, ...]) -> Iterator[tuple[str, str]]:
    """Give the name and type of each leaf that the server describes (RFC 3501, 7.4.2)."""
    waiting: list[tuple[object, ...]] = [structure]
    while waiting:
        part = waiting.pop()
        if isinstance(part[0], list):  # as IMAPClient puts the parts of a multipart
            waiting.extend(part[0])
            continue
        kind = b"/".join(one for one in part[:2] if isinstance(one, bytes)).decode("ascii", "replace").lower()
        yield _name(part), kind


def _name(part: tuple[object, ...]) -> str:
    """Read a leaf's name as its headers would have it."""
    pairs = [one for one in (part[2], *(_disposition(one) for one in part[8:])) if isinstance(one, tuple)]
    reading = Message()
    for number, values in enumerate(pairs):
        texts = [one.decode("utf-8", "surrogateescape") for one in values if isinstance(one, bytes)]
        told = "".join(
            f'; {key}="{value}"' if "*" not in key else f"; {key}={value}"
            for key, value in zip(texts[::2], texts[1::2], strict=False)
        )
        reading["Content-Disposition" if number else "Content-Type"] = (
            "attachment" if number else "a/b"
        ) + told
    return mime.name(reading)


def _disposition(one: object) -> object:
    if isinstance(one, tuple) and len(one) == 2 and isinstance(one[1], tuple):  # noqa: PLR2004 - kind, parameters
        return one[1]
    return None
