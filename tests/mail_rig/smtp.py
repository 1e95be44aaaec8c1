"""An SMTP server in this process that remembers what it took, and fails where and how a test says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from enum import StrEnum
from ssl import SSLContext
from typing import Literal

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from mail_rig import background
from mail_rig.dovecot import PASSWORD
from mail_rig.processes import HOST
from mail_rig.troubles import CUT, HANG, Heard, Times

Security = Literal["none", "starttls", "tls"]


class Stage(StrEnum):
    """Where in a conversation something goes wrong."""

    CONNECT = "the greeting"
    EHLO = "EHLO"
    STARTTLS = "STARTTLS"
    AUTH = "AUTH"
    MAIL = "MAIL FROM"
    RCPT = "RCPT TO"
    DATA = "DATA, before the body"
    BODY = "the body came, and is not taken"
    TAKEN = "the message was taken, and the client does not hear of it"
    ANSWERED = "the message was taken and its answer sent"


@dataclass
class _Trouble:
    """What happens at a stage, perhaps to one recipient only."""

    at: Stage
    happens: str
    address: str | None
    times: Times

    def strikes(self, at: Stage, address: str) -> bool:
        """Whether it happens now; counts."""
        concerned = self.address is None or self.address.lower() == address.lower()
        return at is self.at and concerned and self.times.strike()


@dataclass(frozen=True)
class Taken:
    """A message that the server took responsibility for."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    connection: int
    """Which connection brought it, from 1."""
    encrypted: bool
    login: str | None

    @property
    def message(self) -> EmailMessage:
        """The message, parsed."""
        return message_from_bytes(self.content, policy=default)


@dataclass
class SmtpServer:
    """A running server: where it listens, what it took, and the troubles that lie ahead."""

    port: int = 0
    host: str = HOST
    password: str = PASSWORD
    taken: Heard[Taken] = field(default_factory=Heard)
    """In the order in which they came."""
    connections: int = 0
    heard: Heard[Stage] = field(default_factory=Heard)
    """Every stage that a client reached, in order."""
    _troubles: list[_Trouble] = field(default_factory=list)

    def trouble(
        self, at: Stage, happens: str, *, after: int = 0, times: int | None = 1, address: str | None = None
    ) -> None:
        """Let something go wrong at a stage: CUT, HANG, or a reply such as ``450 4.7.0 MI:DMC``.

        ``after``: how often the stage passes well before; ``times``: how often it then happens (None:
        always); ``address``: only to this recipient. What was told first is looked at first.
        """
        self._troubles.append(_Trouble(at, happens, address, Times(after, times)))

    def struck(self, at: Stage, address: str = "") -> str | None:
        """What goes wrong at this moment."""
        self.heard.append(at)
        return next((each.happens for each in self._troubles if each.strikes(at, address)), None)


@contextmanager
def smtp_server(
    security: Security = "none", certificate: SSLContext | None = None, *, login: bool = True
) -> Iterator[SmtpServer]:
    """A server for one test; with ``login`` it takes nothing without PASSWORD, whoever the user."""
    server = SmtpServer()
    starttls = certificate if security == "starttls" else None

    def conversation(loop: asyncio.AbstractEventLoop) -> SMTP:
        return _Conversation(server, loop=loop, tls_context=starttls, login=login)

    with background.listening(conversation, certificate if security == "tls" else None) as port:
        server.port = port
        yield server


class _Conversation(SMTP):
    """One connection. A trouble is looked for before aiosmtpd does what a command asks."""

    def __init__(
        self,
        server: SmtpServer,
        *,
        loop: asyncio.AbstractEventLoop,
        tls_context: SSLContext | None,
        login: bool,
    ) -> None:
        super().__init__(
            _Taking(server),
            loop=loop,
            hostname="localhost",
            tls_context=tls_context,
            require_starttls=tls_context is not None,
            auth_require_tls=False,  # a server without TLS takes logins too: some inner networks have such
            authenticator=_Taking(server).authenticate,
        )
        self._server = server
        self._login = login  # not aiosmtpd's auth_required, which warns where there is no TLS
        self.number = 0
        """Which connection this is."""

    async def push(self, status: str | bytes) -> None:
        """Send a line; the first is the greeting."""
        if not self.number:
            self._server.connections += 1
            self.number = self._server.connections
            if await self.troubled(Stage.CONNECT):
                return
        if status:  # a handler whose answer was replaced by a trouble has none left
            await super().push(status)

    async def smtp_EHLO(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's names, here and below
        """Begin, unless trouble comes first."""
        if not await self.troubled(Stage.EHLO):
            await super().smtp_EHLO(arg)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802
        """Encrypt, unless trouble comes first."""
        if not await self.troubled(Stage.STARTTLS):
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
        """Log in, unless trouble comes first."""
        if not await self.troubled(Stage.AUTH):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        """Begin a message, unless trouble comes first."""
        if await self.troubled(Stage.MAIL):
            return
        if self._login and not self.session.authenticated:
            await self.push("530 5.7.0 Authentication required")
            return
        await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        """Take a recipient, unless trouble comes first."""
        if not await self.troubled(Stage.RCPT, _address(arg)):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Take the body, unless trouble comes first."""
        if await self.troubled(Stage.DATA):
            return
        before = len(self._server.taken)
        await super().smtp_DATA(arg)
        if len(self._server.taken) > before:
            await self.troubled(Stage.ANSWERED)

    async def troubled(self, at: Stage, address: str = "") -> bool:
        """Let happen what is to happen here; whether that was the client's answer."""
        happens = self._server.struck(at, address)
        if happens is None:
            return False
        if happens not in {CUT, HANG}:
            await super().push(happens)
        if happens == CUT or happens.startswith("421"):  # by RFC 5321 a server closes after 421
            self.transport.close()
        if happens in {CUT, HANG} or happens.startswith("421"):
            await self._for_ever()
        return True

    async def _for_ever(self) -> None:
        """Wait until the connection is lost, or the server ends: both cancel this."""
        transport = self.transport
        try:
            await asyncio.Event().wait()
        finally:
            transport.abort()


@dataclass(frozen=True)
class _Taking:
    """aiosmtpd's handler: logins and messages."""

    server: SmtpServer

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: LoginPassword
    ) -> AuthResult:
        """Any user with the one password."""
        return AuthResult(
            success=data.password.decode() == self.server.password, handled=False, auth_data=data
        )

    async def handle_exception(self, error: Exception) -> str:
        """A client that goes away in the handshake is no news; anything else the client gets to hear."""
        return f"500 {error!r}"

    async def handle_DATA(  # noqa: N802
        self, conversation: _Conversation, session: Session, envelope: Envelope
    ) -> str:
        """Take responsibility for a message, and say so."""
        if await conversation.troubled(Stage.BODY):
            return ""
        login = session.auth_data.login.decode() if session.authenticated else None
        self.server.taken.append(
            Taken(
                sender=envelope.mail_from or "",
                recipients=tuple(envelope.rcpt_tos),
                content=envelope.original_content or b"",
                connection=conversation.number,
                encrypted=conversation.transport.get_extra_info("sslcontext") is not None,
                login=login,
            )
        )
        if await conversation.troubled(Stage.TAKEN):
            return ""
        return "250 OK"


def _address(arg: str | None) -> str:
    """What stands in the angle brackets of ``TO:<a@example.com>``."""
    return (arg or "").partition("<")[2].partition(">")[0]
