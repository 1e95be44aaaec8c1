"""How mail goes out and comes in: ``[mail]`` and ``[remind]`` of the configuration, as frozen objects."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from kepu_xls.model import Record

_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
)
_LONGEST_ADDRESS = 254

Port = Annotated[int, Meta(ge=0, le=65535)]
Seconds = Annotated[float, Meta(ge=0, le=3600)]


class Security(StrEnum):
    """How a connection is protected: TLS from the start, STARTTLS before the login, or not at all."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class SmtpSettings(Record, frozen=True):
    """``[mail.smtp]``: the server that takes mail; without ``host`` forms are written as drafts.

    ``port`` 0: the usual one for the security.  ``pause`` between two messages, and ``per_connection``
    messages at most on one connection: what the server asks for.  ``patience``: how long the server may be
    waited for in all when it asks to come back later.
    """

    host: str = ""
    port: Port = 0
    security: Security = Security.TLS
    pause: Seconds = 2.0
    per_connection: Annotated[int, Meta(ge=1, le=1000)] = 10
    timeout: Annotated[float, Meta(gt=0, le=600)] = 60.0
    patience: Seconds = 900.0


class ImapSettings(Record, frozen=True):
    """``[mail.imap]``: the mailbox that replies come to; without ``host`` nothing is fetched.

    ``days_before`` a period's first day and ``days_after`` its cut-off bound the messages looked at.  What
    is fetched stays as it is on the server, unless ``mark_read``, or ``move_to`` names a folder.
    """

    host: str = ""
    port: Port = 0
    security: Security = Security.TLS
    folder: str = "INBOX"
    days_before: Annotated[int, Meta(ge=0, le=365)] = 3
    days_after: Annotated[int, Meta(ge=0, le=365)] = 10
    message_mb: Annotated[float, Meta(gt=0, le=1000)] = 50.0
    mark_read: bool = False
    move_to: str = ""
    timeout: Annotated[float, Meta(gt=0, le=600)] = 60.0


class MailSettings(Record, frozen=True):
    """``[mail]``: whose mailbox it is.  The password is in the keyring or the environment, never here.

    ``user`` is what the servers ask for at login, ``address`` where it is empty.  ``contact`` is named in
    letters: whom a unit may ring up.  ``certificates`` names a
    file of further authorities (PEM), for a server of one's own, relative to the workspace.
    """

    address: str = ""
    name: str = ""
    user: str = ""
    reply_to: str = ""
    contact: str = ""
    cc: tuple[str, ...] = ()
    certificates: str = ""
    smtp: SmtpSettings = SmtpSettings()
    imap: ImapSettings = ImapSettings()

    @property
    def login(self) -> str:
        """The name to log in with."""
        return self.user or self.address


class RemindSettings(Record, frozen=True):
    """``[remind]``: on which working days reminders go out, counted from the deadline.

    ``days``: -1 is the working day before, 0 the day itself, 1 the one after.  ``in_run``: whether
    ``kepu run`` reminds too.
    """

    days: tuple[Annotated[int, Meta(ge=-30, le=30)], ...] = (-1, 0, 1, 3)
    in_run: bool = False


def is_address(text: str) -> bool:
    """Tell whether a text is one mail address that every server takes: ASCII, no comments, no blanks."""
    return len(text) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(text) is not None
