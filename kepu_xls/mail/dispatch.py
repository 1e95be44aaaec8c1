"""Letters one after another: paced, on as many connections as it takes, waiting where the server asks."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from kepu_xls import messages
from kepu_xls.errors import SurroundingsError
from kepu_xls.mail.answers import Wait
from kepu_xls.mail.letter import Letter
from kepu_xls.mail.smtp import Accepted, Connection, CutError, LaterError, RefusedError
from kepu_xls.mail_settings import SmtpSettings

_PASSING = (
    "mail-connection-cut",
    "mail-connection-refused",
    "mail-host-unknown",
    "mail-offline",
    "mail-timeout",
)
"""What may pass, where the server had been reached before."""

_AT_ONCE = Wait(0, "mail-later-cut", whole=False)
_SOON = Wait(30, "mail-later-cut", whole=False)
_UNREACHED = Wait(30, "mail-later-cut")
_TRIES = 3
"""So often a letter is tried that the server puts off by itself; then it is left, and the others go."""


class Journal(Protocol):
    """Keeps what happens to a letter, before it happens."""

    def handing_over(self) -> None:
        """Keep that from now on it may have been sent."""

    def not_taken(self) -> None:
        """Keep that it was not sent after all."""


class DeferredError(Exception):
    """A letter was put off again and again; it was not sent."""


class Dispatcher:
    """Sends letters; use it as a context manager, which leaves the server politely where all went well.

    ``connect`` opens a connection, ``sleep`` waits, ``tell`` says to people what is waited for.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        settings: SmtpSettings,
        sleep: Callable[[float], None],
        tell: Callable[[str], None],
    ) -> None:
        self._connect, self._settings, self._sleep, self._tell = connect, settings, sleep, tell
        self._connection: Connection | None = None
        self._reached = False
        self._on_connection = 0
        self._begun = False
        self._patience = settings.patience

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            self._connection.leave() if kind is None else self._connection.drop()

    def send(self, letter: Letter, sender: str, content: bytes, journal: Journal) -> Accepted:
        """Hand a letter over, trying again for as long as that can do no harm.

        Raises RefusedError and DeferredError for this letter alone, UnknownError where nobody knows, and
        SurroundingsError where nothing more can be sent now.
        """
        if self._begun:
            self._sleep(self._settings.pause)
        self._begun = True
        tries = 0
        while True:
            try:
                return self._try(letter, sender, content, journal)
            except LaterError as later:
                journal.not_taken()
                asked, why = later.wait, _words(later.wait, later.answer)
            except CutError as cut:
                journal.not_taken()
                asked, why = _SOON if tries else _AT_ONCE, _words(_SOON, cut)
            except SurroundingsError as error:
                journal.not_taken()
                if not self._reached or error.finding.code not in _PASSING:
                    raise
                asked, why = _UNREACHED, error.finding.message
            self._put_off(asked, tries, why)
            tries += 1

    def _try(self, letter: Letter, sender: str, content: bytes, journal: Journal) -> Accepted:
        connection = self._connected()
        self._on_connection += 1
        try:
            return connection.hand_over(letter, sender, content, journal.handing_over)
        except RefusedError:
            journal.not_taken()
            if not connection.clear():
                self._drop()
            raise
        except LaterError:
            self._leave()
            raise
        except BaseException:  # in the middle of a letter nothing else can be said
            self._drop()
            raise

    def _connected(self) -> Connection:
        if self._connection is not None and self._on_connection >= self._settings.per_connection:
            self._leave()
        if self._connection is None:
            self._connection = self._connect()
            self._reached, self._on_connection = True, 0
        return self._connection

    def _put_off(self, asked: Wait, tries: int, why: str) -> None:
        """Wait as asked, longer each time, as long as patience lasts."""
        if not asked.whole and tries + 1 >= _TRIES:
            raise DeferredError(why)
        seconds = min(asked.seconds * 2**tries, self._patience)
        if asked.seconds and not seconds:
            raise SurroundingsError("mail-patience-over", seconds=f"{self._settings.patience:g}", why=why)
        self._patience -= seconds
        if seconds:
            self._tell(messages.sentence("mail-waiting", seconds=f"{seconds:g}", why=why))
            self._sleep(seconds)

    def _leave(self) -> None:
        if self._connection is not None:
            self._connection.leave()
        self._connection = None

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.drop()
        self._connection = None


def _words(asked: Wait, detail: object) -> str:
    """Say why is waited: in words, and what was heard."""
    return f"{messages.catalogue()[asked.code].what}：{detail}"
