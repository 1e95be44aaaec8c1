"""The wire before a server: hears what the client says, and loses, cuts or answers it as a test says.

Before a server without TLS it reads lines, and can itself speak TLS to the client; what a client and a server
encrypt between themselves it can only cut by the byte.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from ssl import SSLContext

from mail_rig import background
from mail_rig.processes import HOST
from mail_rig.troubles import CUT, HALVE_ANSWER, HANG, LOSE_ANSWER, Heard, Times

_CHUNK = 65536


@dataclass
class _Fault:
    """What happens at a client's line that matches; without a pattern, when it connects."""

    when: re.Pattern[bytes] | None
    happens: str
    times: Times


@dataclass
class Wire:
    """A port that leads to a server, and the faults that lie ahead."""

    to: int
    port: int = 0
    host: str = HOST
    reads_lines: bool = True
    wants_id: bool = False
    connections: int = 0
    heard: Heard[bytes] = field(default_factory=Heard)
    """The lines that clients have said, on all connections (none where they are encrypted)."""
    said: int = 0
    """Bytes that the server has said and clients have been given."""
    _faults: list[_Fault] = field(default_factory=list)
    _lengths: list[int] = field(default_factory=list)

    def fault(self, when: str | None, happens: str, *, after: int = 0, times: int | None = 1) -> None:
        """Let something go wrong at a client's line in which ``when`` is found, or (None) on connecting.

        It is CUT, HANG, LOSE_ANSWER, HALVE_ANSWER, or a line that answers in place of the server, with
        ``{tag}`` for IMAP's and surrogates for bytes that are no UTF-8. ``after`` matches pass well before,
        then it happens ``times`` times (None: always).
        """
        pattern = re.compile(when.encode(), re.IGNORECASE) if when is not None else None
        self._faults.append(_Fault(pattern, happens, Times(after, times)))

    def cut_after(self, size: int) -> None:
        """Cut the next connection when the server has said so many bytes; may be told several times."""
        self._lengths.append(size)

    def at_connect(self) -> str | None:
        """What happens to a new connection."""
        self.connections += 1
        return self._struck(lambda when: when is None)

    def at_line(self, line: bytes) -> str | None:
        """What happens to a client's line."""
        self.heard.append(line)
        return self._struck(lambda when: when is not None and bool(when.search(line)))

    def length(self) -> int | None:
        """After how many bytes from the server this connection ends."""
        return self._lengths.pop(0) if self._lengths else None

    def _struck(self, concerned: Callable[[re.Pattern[bytes] | None], bool]) -> str | None:
        return next(
            (each.happens for each in self._faults if concerned(each.when) and each.times.strike()), None
        )


@contextmanager
def wire(
    to: int, *, tls: SSLContext | None = None, reads_lines: bool = True, wants_id: bool = False
) -> Iterator[Wire]:
    """A wire to this port of loopback.

    ``tls``: the client is met with TLS from the first byte, while the server is spoken to in plain.
    ``wants_id``: be like 163 and 126, which let nobody open a folder who has not sent IMAP's ID after login.
    """
    made = Wire(to, reads_lines=reads_lines, wants_id=wants_id)

    def connected(loop: asyncio.AbstractEventLoop) -> asyncio.StreamReaderProtocol:
        return asyncio.StreamReaderProtocol(
            asyncio.StreamReader(loop=loop), _Connection(made).meet, loop=loop
        )

    with background.listening(connected, tls) as port:
        made.port = port
        yield made


class _Connection:
    """One client, and its connection to the server."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._answer: str | None = None
        self._logged_in = self._known = False

    async def meet(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        """Carry everything between the two until one closes, or a fault or the end of the rig ends it."""
        with suppress(asyncio.CancelledError):  # Python 3.11's streams log a task that ends by it as an error
            await self._carry(client, to_client)

    async def _carry(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        try:
            if (happens := self._wire.at_connect()) is not None:
                await self._answer_for_server(happens, client, to_client)
                return
            server, to_server = await asyncio.open_connection(HOST, self._wire.to)
            try:
                await _until_one_ends(
                    self._from_client(client, to_server, to_client), self._from_server(server, to_client)
                )
            finally:
                await _close(to_server)
        finally:
            await _close(to_client)

    async def _from_client(
        self, client: asyncio.StreamReader, to_server: asyncio.StreamWriter, to_client: asyncio.StreamWriter
    ) -> None:
        """What the client says; returns when the connection is to end."""
        encrypted = not self._wire.reads_lines
        while said := await (client.read(_CHUNK) if encrypted else client.readline()):
            if not encrypted:
                happens = self._refused(said) or self._wire.at_line(said.rstrip(b"\r\n"))
                if happens in {LOSE_ANSWER, HALVE_ANSWER}:
                    self._answer = happens
                elif happens is not None:
                    happens = happens.replace("{tag}", _tag(said))
                    if not await self._answer_for_server(happens, client, to_client):
                        return
                    continue
            to_server.write(said)
            await to_server.drain()
            encrypted = encrypted or said.split()[-1:] == [b"STARTTLS"]

    async def _from_server(self, server: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        """What the server says; returns when the connection is to end."""
        left = self._wire.length()
        while said := await server.read(_CHUNK):
            passed = said
            if self._answer:
                passed = said[: len(said) // 2] if self._answer == HALVE_ANSWER else b""
            if left is not None:
                passed = passed[:left]
                left -= len(passed)
            self._wire.said += len(passed)  # before the client can hear it, and the test look
            to_client.write(passed)
            await to_client.drain()
            if self._answer or left == 0:
                return

    async def _answer_for_server(
        self, happens: str, client: asyncio.StreamReader, to_client: asyncio.StreamWriter
    ) -> bool:
        """Let happen what needs no server; whether the connection goes on."""
        if happens == HANG:
            while await client.read(_CHUNK):  # whatever it says, until it loses patience
                pass
        if happens in {CUT, HANG}:
            return False
        to_client.write(happens.encode(errors="surrogateescape") + b"\r\n")
        await to_client.drain()
        return not happens.startswith(("421", "* BYE"))

    def _refused(self, line: bytes) -> str | None:
        """What 163 says to a client that has not told its ID."""
        command = line.upper().split()[1:3]
        self._logged_in |= command[:1] in ([b"LOGIN"], [b"AUTHENTICATE"])
        self._known |= self._logged_in and command[:1] == [b"ID"] and command[1:] != [b"NIL"]
        if (
            self._wire.wants_id
            and not self._known
            and command[:1] in ([b"SELECT"], [b"EXAMINE"], [b"STATUS"])
        ):
            return f"{{tag}} NO {command[0].decode()} Unsafe Login. Please contact kefu@188.com for help"
        return None


def _tag(line: bytes) -> str:
    """What an IMAP command begins with, and its answer."""
    return line.split(b" ", 1)[0].decode(errors="replace")


async def _until_one_ends(*ways: Coroutine[None, None, None]) -> None:
    tasks = [asyncio.create_task(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _close(writer: asyncio.StreamWriter) -> None:
    """Close a side after all that was written to it, or at once where the rig ends."""
    writer.close()
    try:
        await writer.wait_closed()
    except OSError:
        pass  # the other end was faster
    except asyncio.CancelledError:
        writer.transport.abort()
        raise
