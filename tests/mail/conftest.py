"""The mail servers of `mail_rig` for all tests of mail, and a workspace that is ready to send."""

from pathlib import Path

import pytest
from mail_rig.fixtures import (
    authority,
    closed_port,
    imap_server,
    lay_wire,
    mail_server,
    mailbox,
    serve_smtp,
    smtp,
)
from sending import lay_out

__all__ = [
    "authority",
    "closed_port",
    "imap_server",
    "lay_wire",
    "mail_server",
    "mailbox",
    "serve_smtp",
    "smtp",
]


@pytest.fixture(scope="session")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose forms lie ready; tests work on copies."""
    root = tmp_path_factory.mktemp("laid") / "w"
    lay_out(root)
    return root
