"""Servers of Debian's packages as ordinary processes: free ports, waiting until they answer, ending them."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

HOST = "127.0.0.1"
_SEARCHED = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/lib/postfix/sbin"
"""Servers lie where only root's PATH looks, and Postfix's `master` where none does."""

_ENDS_WITH_US = ("setpriv", "--pdeathsig", "TERM")
"""util-linux's way of ending a server that keeps its rights (Dovecot) also where the tests are killed."""

_PATIENCE = 30.0
"""Seconds until a server that does not answer counts as not started."""


class NotStartedError(Exception):
    """A server ended or stayed silent; the text is what it wrote."""


def program(name: str) -> str | None:
    """Where a server's program lies, None where its package is not installed."""
    return shutil.which(name, path=_SEARCHED)


def _free_ports(count: int) -> tuple[int, ...]:
    """So many ports of loopback that nobody listens on at this moment."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((HOST, 0))
        return tuple(each.getsockname()[1] for each in sockets)


@contextmanager
def closed_port() -> Iterator[int]:
    """A port of loopback that refuses every connection, and that nobody else can take."""
    with socket.socket() as held:
        held.bind((HOST, 0))
        yield held.getsockname()[1]


@contextmanager
def folder_for_servers() -> Iterator[Path]:
    """A temporary folder that servers under accounts of their own can enter, unlike pytest's.

    Its path is short: that of a Unix socket has at most 107 bytes.
    """
    folder = Path(mkdtemp(prefix="kepu-mail-"))
    folder.chmod(0o755)  # the accounts of the servers pass through
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def running(
    count: int, prepare: Callable[..., list[str]], log: Path, account: str | None = None
) -> Iterator[tuple[int, ...]]:
    """A server as a process on so many free ports; ended by its own id afterwards.

    ``prepare`` gets the ports, writes the configuration and returns the command. ``account``: whose rights
    the server has, where the tests run as root. Raises NotStartedError.
    """
    process, ports = _started(count, prepare, log, account)
    try:
        yield ports
    finally:
        _end(process)


def _started(
    count: int, prepare: Callable[..., list[str]], log: Path, account: str | None
) -> tuple[subprocess.Popen[bytes], tuple[int, ...]]:
    """The process, once it answers. Another process may take a port before it does: then with other ports."""
    rights = {"user": account, "group": account, "extra_groups": []} if account and os.geteuid() == 0 else {}
    for tries_left in (2, 1, 0):
        ports = _free_ports(count)
        command = [*_ENDS_WITH_US, *prepare(*ports)]
        with log.open("ab") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                **rights,
            )
        try:
            for port in ports:
                _wait_for(port, process, log)
        except BaseException as failed:
            _end(process)
            if not tries_left or not isinstance(failed, NotStartedError):
                raise
        else:
            break
    return process, ports


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            try:
                process.wait(timeout=0.02)  # the pause between two tries ends early if the server does
            except subprocess.TimeoutExpired:
                continue
            break
        else:
            return
    raise NotStartedError(f"{process.args!r}: nothing on port {port}\n{log.read_text(errors='replace')}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask the server to end with its children; take it down if it does not."""
    process.terminate()
    try:
        process.wait(timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    with suppress(ProcessLookupError):  # children may outlive it by a moment, and write to its folder
        os.killpg(process.pid, signal.SIGKILL)
