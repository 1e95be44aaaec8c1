"""The rig as pytest fixtures: servers live as long as a run, mailboxes and troubles as long as a test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count

import pytest

from mail_rig import dovecot as dovecot_server
from mail_rig import postfix as postfix_server
from mail_rig import processes
from mail_rig.certificates import Authority, Certificate
from mail_rig.dovecot import Dovecot, dovecot
from mail_rig.mailbox import Mailbox
from mail_rig.postfix import Postfix, postfix
from mail_rig.smtp import Security, SmtpServer, smtp_server
from mail_rig.wire import Wire, wire

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Certificates: ``file`` to trust; ``right``, ``wrong`` and ``expired`` for servers."""
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def imap_server(authority: Authority) -> Iterator[Dovecot]:
    """A real Dovecot with the right certificate."""
    _skip_where(dovecot_server.missing())
    with dovecot(authority.right) as server:
        yield server


@pytest.fixture(scope="session")
def mail_server(imap_server: Dovecot, authority: Authority) -> Iterator[Postfix]:
    """A real Postfix before ``imap_server``: what it takes arrives in the mailboxes."""
    _skip_where(postfix_server.missing())
    with postfix(imap_server, authority.right) as server:
        yield server


@pytest.fixture
def mailbox(imap_server: Dovecot) -> Mailbox:
    """An empty mailbox of an address that no other test has."""
    return imap_server.mailbox(f"clerk{next(_NUMBERS)}@example.com")


@pytest.fixture
def serve_smtp(authority: Authority) -> Iterator[Callable[..., SmtpServer]]:
    """Start an SMTP server in this process: ``serve_smtp("starttls", authority.wrong, login=False)``."""
    with ExitStack() as servers:

        def serve(
            security: Security = "none", certificate: Certificate = authority.right, *, login: bool = True
        ) -> SmtpServer:
            return servers.enter_context(smtp_server(security, certificate.context(), login=login))

        yield serve


@pytest.fixture
def smtp(serve_smtp: Callable[..., SmtpServer]) -> SmtpServer:
    """An SMTP server without TLS, which troubles can be set to."""
    return serve_smtp()


@pytest.fixture
def lay_wire(authority: Authority) -> Iterator[Callable[..., Wire]]:
    """Lay a wire before a port, as in ``lay_wire(imap_server.imap, tls=True, wants_id=True)``."""
    with ExitStack() as wires:

        def lay(to: int, *, tls: bool = False, reads_lines: bool = True, wants_id: bool = False) -> Wire:
            context = authority.right.context() if tls else None
            return wires.enter_context(wire(to, tls=context, reads_lines=reads_lines, wants_id=wants_id))

        yield lay


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that refuses every connection."""
    with processes.closed_port() as port:
        yield port


def _skip_where(reason: str | None) -> None:
    """Skip with the reason, if there is one; in CI everything has to be there."""
    if reason is None:
        return
    if os.environ.get("CI"):
        pytest.fail(f"{reason}: in CI it has to be")
    pytest.skip(reason)
