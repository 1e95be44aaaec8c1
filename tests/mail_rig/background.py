"""An event loop on a thread: servers that run in this process beside the test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ssl import SSLContext
from threading import Thread
from typing import Any

from mail_rig.processes import HOST


@contextmanager
def listening(
    protocol: Callable[[asyncio.AbstractEventLoop], asyncio.BaseProtocol], tls: SSLContext | None = None
) -> Iterator[int]:
    """The port of loopback on which each connection gets a protocol; all of them end afterwards."""
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(_quiet_about_clients)
    server = loop.run_until_complete(loop.create_server(lambda: protocol(loop), HOST, 0, ssl=tls))
    thread = Thread(target=loop.run_forever, name="mail rig", daemon=True)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(server.close)  # nothing is accepted any more while the rest ends
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(_end_tasks())
        loop.run_until_complete(_end_connections(loop))
        loop.close()


def _quiet_about_clients(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A client that refuses a certificate or goes away is what tests are about, no error here."""
    if not isinstance(context.get("exception"), OSError):
        loop.default_exception_handler(context)


async def _end_tasks() -> None:
    """Cancel what still waits (a server that hangs on purpose), and let its transports close."""
    for _ in range(
        5
    ):  # what was just accepted begins: a task cancelled before would not close its connection
        await asyncio.sleep(0)
    while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
        for task in tasks:
            task.cancel()  # once is not enough: a task may wait again while it closes its connection
        await asyncio.sleep(0)
    for _ in range(3):  # closing a transport takes a few turns of the loop
        await asyncio.sleep(0)


async def _end_connections(loop: asyncio.AbstractEventLoop) -> None:
    """Close what was accepted but has no task yet: only the loop knows of such a connection."""
    for _ in range(20):  # what was accepted a moment ago becomes a connection in the next turn or two
        for transport in list(loop._transports.values()):  # type: ignore[attr-defined]  # noqa: SLF001 - as said
            transport.abort()
        await asyncio.sleep(0)
