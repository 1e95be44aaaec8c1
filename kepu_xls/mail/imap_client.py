"""IMAPClient that reads no more than can be meant: what a server announces is only its word.

imaplib sets aside as much memory as a server says that it will send, and keeps whatever comes.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from imapclient import IMAPClient
from imapclient.imap4 import IMAP4WithTimeout
from imapclient.tls import IMAP4_TLS

_ANNOUNCED = re.compile(rb"\{([0-9]+)\}\r?\n?\Z")
_DIGITS = 12
"""No mailbox holds what takes more to announce, and Python does not read numbers of any length."""
_ANSWER = 16 << 20
"""Bytes of the largest answer that is no message: two hundred messages are described in one."""
_LINE = 256
"""Bytes that a line costs us, however short it is."""


class TooLargeError(imaplib.IMAP4.abort):
    """A server announced or sent more than anybody asked for; its connection is of no more use."""


class _Bounded(imaplib.IMAP4):
    """Reads answers of ``largest`` bytes at most, for each command anew.

    ``send``, ``read`` and ``readline`` are what imaplib's documentation offers to override.
    """

    def __init__(self, *arguments: Any) -> None:  # noqa: ANN401 - as its kind of connection has them
        self.largest = self._left = _ANSWER
        super().__init__(*arguments)

    def send(self, data: Any) -> None:  # noqa: ANN401 - bytes of any kind, as imaplib has it
        """Say something to the server, whose answer is reckoned from here."""
        self._left = self.largest
        super().send(data)

    def read(self, size: int) -> bytes:
        """Read what was announced."""
        self._reckon(size)
        return super().read(size)

    def readline(self) -> bytes:
        """Read a line, and refuse what it announces before anybody makes room for it."""
        try:
            line = super().readline()
        except imaplib.IMAP4.error as error:  # longer than imaplib reads; the rest is still to come
            raise TooLargeError(str(error)) from error
        self._reckon(max(len(line), _LINE))
        announced = _ANNOUNCED.search(line)
        if announced and (len(announced[1]) > _DIGITS or int(announced[1]) > self._left):
            raise TooLargeError(f"{{{announced[1][:_DIGITS].decode()}}}")
        return line

    def _reckon(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise TooLargeError(f"> {self.largest}")


class _Plain(_Bounded, IMAP4WithTimeout):  # type: ignore[misc] # imapclient says nothing of its types
    """Without TLS, at least at first."""


class _Tls(_Bounded, IMAP4_TLS):  # type: ignore[misc] # as above
    """With TLS from the first byte."""


class Client(IMAPClient):  # type: ignore[misc] # as above
    """An IMAPClient whose answers are bounded.  Its methods raise TooLargeError, perhaps as the context."""

    def __init__(self, host: str, port: int, *, tls: bool, context: ssl.SSLContext, timeout: float) -> None:
        super().__init__(host, port=port, ssl=tls, ssl_context=context, timeout=timeout)
        self.normalise_times = False  # it would reckon with the zone of today, also for days of summer time
        self._imap.debug = 0  # it would write each message out in words, for a log that nobody keeps

    def _create_IMAP4(self) -> _Bounded:  # noqa: N802 - IMAPClient's name
        timeout = self._timeout.connect
        if self.ssl:
            return _Tls(self.host, self.port, self.ssl_context, timeout)
        return _Plain(self.host, self.port, timeout)

    @contextmanager
    def awaiting(self, size: int) -> Iterator[None]:
        """Take answers that are larger by so many bytes."""
        self._imap.largest = _ANSWER + size
        try:
            yield
        finally:
            self._imap.largest = _ANSWER


def too_large(error: BaseException | None) -> bool:
    """Tell whether a failure comes of an answer that was too large, which imaplib may tell in its own."""
    while error is not None:
        if isinstance(error, TooLargeError):
            return True
        error = error.__cause__ or error.__context__
    return False
