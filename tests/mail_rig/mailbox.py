"""A mailbox in Dovecot as a test sees it from behind: mail put in, and proof that nothing was touched."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from pathlib import Path

from imapclient import IMAPClient
from imapclient.imap_utf7 import encode

_RECENT = b"\\Recent"
"""Tells only which session saw a message first; a server sets it, no client can."""


@dataclass(frozen=True, order=True)
class Stored:
    """A message as it lies in a folder."""

    folder: str
    uid: int
    flags: frozenset[str]
    digest: str


@dataclass(frozen=True)
class Mailbox:
    """The mailbox of one address."""

    address: str
    home: Path
    host: str
    port: int
    password: str

    def deliver(
        self,
        messages: EmailMessage | bytes | Iterable[EmailMessage | bytes],
        folder: str = "INBOX",
        *,
        received: datetime | None = None,
    ) -> None:
        """Put messages straight into a folder, in their order; thousands take a moment.

        ``received`` is IMAP's INTERNALDATE of them all: now, if left out.
        """
        if isinstance(messages, EmailMessage | bytes):
            messages = [messages]
        maildir = self._folder(folder)
        first = sum(1 for _ in _files(maildir))
        for number, message in enumerate(messages, first):
            content = message if isinstance(message, bytes) else message.as_bytes(policy=SMTP)
            # Dovecot numbers new files by their names: the leading figure keeps the order of delivery
            file = maildir / "new" / f"{1_500_000_000 + number}.M{number}.test"
            file.write_bytes(content)
            if received is not None:
                os.utime(file, (received.timestamp(), received.timestamp()))

    def stored(self) -> list[Stored]:
        """Every message of every folder with its flags, looked at without a trace."""
        with self.imap() as imap:
            found = []
            for kinds, _, folder in imap.list_folders():
                if b"\\Noselect" in kinds:  # a folder that only has folders
                    continue
                imap.select_folder(folder, readonly=True)
                for uid, items in imap.fetch(imap.search(), ["FLAGS", "BODY.PEEK[]"]).items():
                    flags = frozenset(each.decode() for each in items[b"FLAGS"] if each != _RECENT)
                    found.append(Stored(folder, uid, flags, sha256(items[b"BODY[]"]).hexdigest()))
            return sorted(found, key=lambda one: (one.folder, one.uid))

    def messages(self, folder: str = "INBOX") -> list[bytes]:
        """The messages of a folder, whole, by UID."""
        with self.imap() as imap:
            imap.select_folder(folder, readonly=True)
            fetched = imap.fetch(imap.search(), ["BODY.PEEK[]"])
            return [fetched[uid][b"BODY[]"] for uid in sorted(fetched)]

    def wait_for(self, count: int, folder: str = "INBOX", patience: float = 30) -> list[bytes]:
        """The messages of a folder as soon as it has so many: a mail server delivers when it likes."""
        with self.imap() as imap:
            imap.select_folder(folder, readonly=True)
            deadline = time.monotonic() + patience
            while len(imap.search()) < count:
                left = deadline - time.monotonic()
                assert left > 0, f"{len(imap.search())} of {count} messages came in {patience} seconds"
                imap.idle()
                imap.idle_check(
                    timeout=min(left, 1)
                )  # one that came between SEARCH and IDLE is not announced
                imap.idle_done()
        return self.messages(folder)

    def uidvalidity(self, folder: str = "INBOX") -> int:
        """What the folder's UIDs are valid under."""
        with self.imap() as imap:
            return int(imap.select_folder(folder, readonly=True)[b"UIDVALIDITY"])

    def change_uidvalidity(self, folder: str = "INBOX", first_uid: int = 1) -> int:
        """Number all messages of the folder anew, as servers do after a restore; the new UIDVALIDITY."""
        new = self.uidvalidity(folder) + 1
        maildir = self._folder(folder)
        for index in maildir.glob("dovecot.index*"):
            index.unlink()
        uids = maildir / "dovecot-uidlist"
        uids.write_text(f"3 V{new} N{first_uid} G{os.urandom(16).hex()}\n")
        _as_its_folder(uids)
        return new

    @contextmanager
    def imap(self) -> Iterator[IMAPClient]:
        """A plain connection of the test's own, logged in."""
        with IMAPClient(self.host, self.port, ssl=False, timeout=30) as imap:
            imap.login(self.address, self.password)
            yield imap

    def _folder(self, name: str) -> Path:
        """The Maildir of a folder, made if missing."""
        root = self.home / "Maildir"
        maildir = root if name == "INBOX" else root / f".{encode(name).decode().replace('/', '.')}"
        for each in (self.home, root, maildir, *(maildir / part for part in ("cur", "new", "tmp"))):
            if not each.exists():
                each.mkdir()
                _as_its_folder(each)
        return maildir


def _files(maildir: Path) -> Iterator[Path]:
    for part in ("cur", "new"):
        yield from (maildir / part).iterdir()


def _as_its_folder(path: Path) -> None:
    """Root's tests write where Dovecot works under its own account: what they make is to be its own."""
    owner = path.parent.stat()
    if os.geteuid() == 0:
        shutil.chown(path, owner.st_uid, owner.st_gid)
