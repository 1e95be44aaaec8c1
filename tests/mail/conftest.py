"""The mail servers of `mail_rig` for all tests of mail."""

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
