"""A mailbox over IMAP: one folder, looked at without a trace; every failure told as ours.

163 and 126 open no folder ("Unsafe Login") for a client that has not said its ID after the login.
"""

from __future__ import annotations

import imaplib
import logging
import re
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from imapclient.exceptions import LoginError, ProtocolError

from kepu_xls import __version__
from kepu_xls.errors import SurroundingsError
from kepu_xls.mail.connecting import unreached
from kepu_xls.mail.imap_client import Client, TooLargeError, too_large
from kepu_xls.mail_settings import ImapSettings, Security
from kepu_xls.model import Record
from kepu_xls.shown_names import decoded

# without a handler, what the library logs of a server's Chinese would come out on stderr
logging.getLogger("imapclient").addHandler(logging.NullHandler())

_BATCH = 200
"""So many messages are described by one answer of the server."""
_HEADERS = (
    "FROM", "SENDER", "REPLY-TO", "RETURN-PATH", "SUBJECT", "DATE", "MESSAGE-ID", "CONTENT-TYPE",
    "CONTENT-DISPOSITION", "AUTO-SUBMITTED", "X-AUTOREPLY", "X-KEPU-LETTER",
)  # fmt: skip
_HEAD = f"BODY.PEEK[HEADER.FIELDS ({' '.join(_HEADERS)})]"
_WHEN, _SIZE, _STRUCTURE, _BODY = b"INTERNALDATE", b"RFC822.SIZE", b"BODYSTRUCTURE", b"BODY[]"
_TLS_PORT, _PLAIN_PORT = 993, 143
_UNSAFE = "unsafe login"
_QUOTED = re.compile(r"(?:\\x[0-9a-f]{2})+")
_MEGABYTE = 1 << 20
_ZONES = timedelta(days=1)  # a server's day may have begun when ours had not


class Described(Record, frozen=True):
    """A message before it is fetched: when it arrived (local time), how large it is, and its headers.

    ``structure`` is the server's description of its parts; that and ``arrived`` are None where the server
    gives none that can be read.
    """

    uid: int
    arrived: datetime | None
    size: int
    headers: bytes
    structure: Any = None


class MessageRefusedError(Exception):
    """The server does not give this one message; the text is what it says."""


class Folder:
    """A folder that is open; ``validity`` is what its UIDs are valid under.

    ``enter`` makes a connection on which the folder is open, and says that validity; ``longest``: bytes of
    the longest message that is read.
    """

    def __init__(self, enter: Callable[[], tuple[Client, int]], longest: int) -> None:
        self._enter, self._longest = enter, longest
        self._client, self.validity = enter()

    def between(self, first: date, last: date) -> tuple[int, ...]:
        """Give the UIDs of what arrived between two days, and perhaps on the days beside them."""
        with _making_sense():
            found = self._client.search(["SINCE", first - _ZONES, "BEFORE", last + 2 * _ZONES])
            return tuple(sorted(set(found)))

    def described(self, uids: tuple[int, ...]) -> Iterator[Described]:
        """Describe messages, as many as are still there."""
        for start in range(0, len(uids), _BATCH):
            yield from self._batch(uids[start : start + _BATCH])

    def _batch(self, uids: tuple[int, ...]) -> Iterator[Described]:
        found = self._said_of(uids, _STRUCTURE)
        if found is None:  # a structure that cannot be read must not cost the rest
            found = self._said_of(uids)
        if found is None:
            yield from self._one_by_one(uids)
            return
        for uid in uids:
            if uid in found:  # else it was deleted a moment ago
                yield _described(uid, found[uid])

    def _said_of(self, uids: tuple[int, ...], *more: bytes) -> Any:  # noqa: ANN401 - as IMAPClient gives it
        """Ask for what describes messages; None where it is too long, or with a structure too deep."""
        try:
            with _making_sense():
                return self._client.fetch(uids, [_WHEN, _SIZE, *more, _HEAD])
        except ProtocolError:
            if more:
                return None
            raise
        except imaplib.IMAP4.abort as error:
            if not too_large(error):
                raise
            self._again()
            return None

    def _one_by_one(self, uids: tuple[int, ...]) -> Iterator[Described]:
        """Describe messages of which some have headers without end; of those nothing is said."""
        for uid in uids:
            found = self._said_of((uid,))
            if found is None:
                yield Described(uid, None, 0, b"")
            elif uid in found:
                yield _described(uid, found[uid])

    def _again(self) -> None:
        """Go on with another connection: what is still to come would be taken for the next answer."""
        self.drop()
        self._client, validity = self._enter()
        if validity != self.validity:  # the numbers mean other messages now: the next look begins anew
            raise imaplib.IMAP4.abort("UIDVALIDITY")

    def leave(self) -> None:
        """End politely; all is done, and whether the server hears us does not matter."""
        with suppress(imaplib.IMAP4.error, OSError), _making_sense():
            self._client.logout()
        self.drop()  # where the farewell failed, the connection is still open

    def drop(self) -> None:
        """End without farewell: a server that has fallen silent would keep us waiting again."""
        with suppress(OSError):
            self._client.shutdown()

    def message(self, uid: int, size: int) -> bytes | None:
        """Fetch one message whole, which does not mark it as read; None where it is gone.

        Raises MessageRefusedError where the server says no, gives nothing of a message that has a size, or
        gives more than the longest.
        """
        try:
            with _making_sense(), self._client.awaiting(self._longest):
                items = self._client.fetch([uid], ["BODY.PEEK[]"]).get(uid)
        except imaplib.IMAP4.abort as error:
            if not too_large(error):  # the connection, not this message
                raise
            self._again()
            raise MessageRefusedError(f"> {self._longest // _MEGABYTE} MB") from error
        except imaplib.IMAP4.error as error:
            raise MessageRefusedError(_said(error)) from error
        if items is None:
            return None
        data = items.get(_BODY)
        if not isinstance(data, bytes) or (size and not data):
            raise MessageRefusedError("0 B")
        return data

    def mark_read(self, uids: Iterable[int]) -> None:
        """Mark messages as read."""
        with _making_sense():
            self._client.add_flags(list(uids), [rb"\Seen"], silent=True)

    def move(self, uids: Iterable[int], to: str) -> bool:
        """Move messages to a folder, which is made where missing.

        False: this server cannot move, they were copied and still lie here too; nothing is ever deleted.
        """
        with _making_sense():
            if not self._client.folder_exists(to):
                self._client.create_folder(to)
            if self._client.has_capability("MOVE"):
                self._client.move(list(uids), to)
                return True
            self._client.copy(list(uids), to)
            return False


def _described(uid: int, items: Mapping[bytes, Any]) -> Described:
    """Describe a message by what the server said of it, which may be nothing."""
    headers = next((value for key, value in items.items() if key.startswith(b"BODY[HEADER")), None)
    size = items.get(_SIZE)
    return Described(
        uid,
        _local(items.get(_WHEN)),
        size if isinstance(size, int) else 0,
        headers or b"",
        items.get(_STRUCTURE),
    )


def _local(when: datetime | None) -> datetime | None:
    return when and when.astimezone().replace(tzinfo=None)


@contextmanager
def opened(
    settings: ImapSettings, login: str, password: str, certificates: ssl.SSLContext
) -> Iterator[Folder]:
    """Open the folder of the settings: read-only, unless they say what becomes of fetched messages.

    Raises SurroundingsError, also for whatever happens to the connection while it is used: no connection,
    a certificate that cannot be trusted, a login refused, a folder that is not there, a server that says no.
    """
    with _failures(settings):
        longest = int(settings.message_mb * _MEGABYTE)
        folder = Folder(partial(_entered, settings, login, password, certificates), longest)
        try:
            yield folder
        except BaseException:
            folder.drop()
            raise
        folder.leave()


def _entered(
    settings: ImapSettings, login: str, password: str, certificates: ssl.SSLContext
) -> tuple[Client, int]:
    """Connect, log in and open the folder; gives what its UIDs are valid under."""
    client = _connected(settings, certificates)
    try:
        with _making_sense():
            _log_in(client, login, password)
        return client, _selected(client, settings)
    except BaseException:
        with suppress(OSError):
            client.shutdown()
        raise


def _connected(settings: ImapSettings, certificates: ssl.SSLContext) -> Client:
    host, port = settings.host, _port(settings)
    with _making_sense():
        client = Client(
            host,
            port,
            tls=settings.security is Security.TLS,
            context=certificates,
            timeout=settings.timeout,
        )
    if settings.security is Security.STARTTLS:
        try:
            with _making_sense():
                client.starttls(certificates)
        except BaseException as error:
            client.shutdown()
            if isinstance(error, imaplib.IMAP4.error) and not isinstance(error, imaplib.IMAP4.abort):
                raise SurroundingsError("mail-no-starttls", host=host, port=port) from error
            raise
    return client


def _log_in(client: Client, login: str, password: str) -> None:
    try:
        client.login(login, password)
    except LoginError as error:
        if too_large(error):
            raise TooLargeError(str(error)) from error
        if isinstance(error.__context__, imaplib.IMAP4.abort):  # the connection ended over it
            raise error.__context__ from error
        said = _said(error)
        raise SurroundingsError("mail-login-refused", login=login, answer=said) from error
    if client.has_capability("ID"):
        try:
            client.id_({"name": "kepu_xls", "version": __version__, "vendor": "kepu_xls"})
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            pass  # a server that insists on it says so when the folder is to be opened


def _selected(client: Client, settings: ImapSettings) -> int:
    changing = settings.mark_read or bool(settings.move_to)
    try:
        with _making_sense():
            answer = client.select_folder(settings.folder, readonly=not changing)
            return int(answer.get(b"UIDVALIDITY", 0))
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        said = _said(error)
        if _UNSAFE in said.lower():
            raise SurroundingsError("imap-unsafe-login", host=settings.host) from error
        raise SurroundingsError(
            "imap-folder-missing", host=settings.host, folder=settings.folder, said=said
        ) from error


@contextmanager
def _making_sense() -> Iterator[None]:
    """Tell an answer that IMAPClient stumbles over, in whatever way, as one against the protocol."""
    try:
        yield
    except OSError:  # TLS has failures that are values, too
        raise
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise ProtocolError(f"{type(error).__name__}: {error}") from error


@contextmanager
def _failures(settings: ImapSettings) -> Iterator[None]:
    """Tell what happens to a connection in our words."""
    try:
        yield
    except imaplib.IMAP4.abort as error:
        if too_large(error):
            raise SurroundingsError("imap-answer-too-large", host=settings.host) from error
        raise unreached(error, settings.host, _port(settings)) from error
    except imaplib.IMAP4.error as error:
        if isinstance(error.__cause__, UnicodeError) and not isinstance(error.__cause__, UnicodeDecodeError):
            raise unreached(error, settings.host, _port(settings)) from error  # no name of a host can be so
        raise SurroundingsError("imap-refused", host=settings.host, said=_said(error)) from error
    except (OSError, EOFError) as error:
        raise unreached(error, settings.host, _port(settings)) from error


def _port(settings: ImapSettings) -> int:
    return settings.port or (_TLS_PORT if settings.security is Security.TLS else _PLAIN_PORT)


def _said(error: Exception) -> str:
    """Give what a server said, short; failures of imaplib may quote bytes, and so hide Chinese."""
    text = " ".join(str(one) for one in error.args) or type(error).__name__
    shown = _QUOTED.sub(lambda found: decoded(bytes.fromhex(found[0].replace("\\x", ""))), text)
    return shown.removeprefix("b'").removesuffix("'")[:200]
