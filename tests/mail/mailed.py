"""A workspace that fetches: its ledger, its configuration, and mail that arrives when a test says."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import msgspec
from builders import PLAN, SETTINGS, at, open_period
from mail_rig.dovecot import Dovecot
from mail_rig.mailbox import Mailbox

from kepu_xls.commands.fetch import fetch
from kepu_xls.commands.fetch_results import FetchResult
from kepu_xls.commands.session import Session
from kepu_xls.ledger import Ledger
from kepu_xls.mail_settings import ImapSettings, MailSettings, Security
from kepu_xls.model import Plan
from kepu_xls.workspace import Workspace

ADDRESSES = {"区科协": ("kexie@example.com",), "区教育局": ("JiaoYu@example.com", "shared@example.com"),
             "团区委": ("shared@example.com",)}  # fmt: skip
UNITS = tuple(msgspec.structs.replace(unit, emails=ADDRESSES[unit.name]) for unit in PLAN.units)
MAILED_PLAN: Plan = msgspec.structs.replace(PLAN, units=UNITS)
THEN = at("2019-03-21 10:15")
XLSX = b"PK\3\4 xl/workbook.xml"
"""No workbook, but what fetching takes for one."""


def mail(
    *attachments: tuple[str, bytes],
    sender: str = "区科协 <kexie@example.com>",
    subject: str = "第12周进展",
    text: str = "请查收。\n",
    **headers: str,
) -> EmailMessage:
    """A mail as a unit sends it."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "clerk@example.com", subject
    message["Date"] = "Thu, 21 Mar 2019 10:10:00 +0800"
    message["Message-ID"] = f"<{hash((sender, subject, attachments))}@example.com>"
    for name, value in headers.items():
        title = name.replace("_", "-")
        del message[title]
        message[title] = value
    message.set_content(text)
    for name, data in attachments:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message


def arrive(
    mailbox: Mailbox,
    messages: EmailMessage | bytes | Iterable[EmailMessage | bytes],
    when: datetime = THEN,
    folder: str = "INBOX",
) -> None:
    """Let mail arrive at a moment: the server's INTERNALDATE."""
    mailbox.deliver(messages, folder)
    for path in mailbox._folder(folder).joinpath("new").iterdir():  # noqa: SLF001 - the rig leaves times to us
        os.utime(path, (when.timestamp(), when.timestamp()))


@dataclass
class Clerk:
    """A workspace whose clerk fetches."""

    root: Path
    server: Dovecot
    mailbox: Mailbox
    port: int | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    certificates: str = ""

    def __post_init__(self) -> None:
        """Open a period."""
        self.workspace = Workspace(self.root)
        with Ledger(self.workspace.ledger, writing=True) as ledger:
            if not ledger.periods():
                ledger.open_period(open_period(plan=MAILED_PLAN))

    @contextmanager
    def session(self) -> Iterator[Session]:
        """The workspace at work."""
        imap: dict[str, Any] = {"security": Security.NONE, "timeout": 30.0, **self.settings}
        settings = MailSettings(
            address=self.mailbox.address,
            certificates=self.certificates,
            imap=ImapSettings(host=self.server.host, port=self.port or self.server.imap, **imap),
        )
        config = msgspec.structs.replace(SETTINGS, mail=settings)
        with Ledger(self.workspace.ledger, writing=True) as ledger:
            yield Session(self.workspace, config, ledger, at("2019-03-22 09:00"))

    def fetch(self) -> FetchResult:
        """Fetch once."""
        with self.session() as session:
            return fetch(session)

    def inbox(self) -> dict[str, bytes]:
        """What lies in the inbox, by path."""
        return {
            path.relative_to(self.workspace.inbox).as_posix(): path.read_bytes()
            for path in sorted(self.workspace.inbox.rglob("*"))
            if path.is_file()
        }


def codes(result: FetchResult) -> list[str]:
    """The findings of a look into the mailbox."""
    return [one.code for one in result.findings]


def configure(root: Path, table: str, *lines: str) -> None:
    """Say this in a table of a workspace's config.toml, in place of what stands there."""
    path = root / "config.toml"
    before, _, after = path.read_text(encoding="utf-8").partition(f"\n{table}")
    head, _, rest = after.partition("\n[")
    keys = {line.split(" = ")[0] for line in lines}
    kept = [line for line in head.splitlines()[1:] if line.split(" = ")[0] not in keys]
    text = "\n".join([f"{before}\n{table}", *lines, *kept])
    path.write_text(f"{text}\n\n[{rest}", encoding="utf-8")
