"""What the mailbox held: each message looked at, once and for all, and the files that came with it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from kepu_xls.ledger.columns import as_json
from kepu_xls.ledger.store import Store
from kepu_xls.model import Finding, Record

_decode_findings = msgspec.json.Decoder(tuple[Finding, ...]).decode


class MailState(StrEnum):
    """How far a message has come.  TAKING and FAILED are gone through again; the others never."""

    TAKING = "taking"  # its place is chosen, its files may lie there in part
    TAKEN = "taken"
    PASSED = "passed"  # nothing to take
    FAILED = "failed"


class Account(Record, frozen=True):
    """A folder of a mailbox, and what its UIDs are valid under."""

    login: str
    folder: str
    validity: int


class KnownMail(Record, frozen=True):
    """A message as the ledger knows it.

    ``mark`` and ``digest`` recognise it under another UID: by its headers, and by the whole of it; empty
    where unknown.  ``place`` is the folder of its files, relative to the inbox.  ``sender`` and what follows
    are kept of messages that brought files alone.
    """

    uid: int
    state: MailState
    arrived: datetime
    mark: str = ""
    digest: str = ""
    place: str = ""
    sender: str = ""
    reply_to: str = ""
    subject: str = ""
    sent: datetime | None = None
    message_id: str = ""
    findings: tuple[Finding, ...] = ()


class Delivery(Record, frozen=True):
    """The mail that brought a file: ``sender`` and ``reply_to`` are addresses in small letters."""

    sender: str
    reply_to: str
    subject: str
    arrived: datetime
    message_id: str


class Mailbox(Store):
    """What the ledger holds of mail that came in."""

    def mails(self, account: Account) -> dict[int, tuple[MailState, str]]:
        """Give state and place of every message known in a folder, by its UID."""
        with self._failures():
            rows = self._rows(
                "SELECT uid, state, place FROM mails WHERE login = ? AND folder = ? AND validity = ?",
                *_key(account),
            )
        return {uid: (MailState(state), place) for uid, state, place in rows}

    def places(self) -> frozenset[str]:
        """Give the folders that messages were given, also those of messages still on their way."""
        with self._failures():
            return frozenset(place for (place,) in self._rows("SELECT place FROM mails WHERE place != ''"))

    def knows_mail(self, account: Account, *, mark: str = "", digest: str = "") -> bool:
        """Tell whether a message of this mailbox was dealt with before, under whatever UID and folder."""
        with self._failures():
            found = self._rows(
                "SELECT 1 FROM mails WHERE login = ? AND state IN ('taken', 'passed')"
                " AND (mark != '' AND mark = ? OR digest != '' AND digest = ?) LIMIT 1",
                account.login,
                mark,
                digest,
            )
        return bool(found)

    def keep_mails(self, account: Account, mails: Iterable[KnownMail]) -> None:
        """Keep what is known of messages, all or none."""
        with self.transaction():
            for one in mails:
                self._keep_mail(account, one)

    def deliver(self, account: Account, mail: KnownMail, files: Iterable[tuple[str, str]]) -> None:
        """Keep at once that a message is taken and which files it brought: path in the inbox, SHA-256."""
        with self.transaction():
            self._keep_mail(account, mail)
            self._connection.executemany(
                "INSERT OR REPLACE INTO deliveries VALUES (?, ?, ?, ?, ?, ?)",
                [(path, sha256, *_key(account), mail.uid) for path, sha256 in files],
            )

    def _keep_mail(self, account: Account, one: KnownMail) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO mails VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
            (
                *_key(account),
                one.uid,
                one.state.value,
                one.arrived.isoformat(),
                one.mark,
                one.digest,
                one.place,
                one.sender,
                one.reply_to,
                one.subject,
                one.sent.isoformat() if one.sent else None,
                one.message_id,
                as_json(one.findings),
            ),
        )

    def forget_failures(self, account: Account, here: Iterable[int]) -> None:
        """Forget messages that could not be had and are not here any more, or bear another UID now."""
        with self.transaction():
            failed = self._rows(
                "SELECT validity, uid FROM mails WHERE login = ? AND folder = ? AND state = 'failed'",
                account.login,
                account.folder,
            )
            for validity, uid in set(failed) - {(account.validity, uid) for uid in here}:
                gone = msgspec.structs.replace(account, validity=validity)
                self._connection.execute(
                    "DELETE FROM mails WHERE login = ? AND folder = ? AND validity = ? AND uid = ?",
                    (*_key(gone), uid),
                )

    def unfiled(self, account: Account) -> frozenset[int]:
        """Give the UIDs of messages that were taken, and neither marked nor moved on the server yet."""
        with self._failures():
            rows = self._rows(
                "SELECT uid FROM mails WHERE login = ? AND folder = ? AND validity = ?"
                " AND state = 'taken' AND filed = 0",
                *_key(account),
            )
        return frozenset(uid for (uid,) in rows)

    def filed(self, account: Account, uids: Iterable[int]) -> None:
        """Keep that messages were marked or moved on the server."""
        with self.transaction():
            self._connection.executemany(
                "UPDATE mails SET filed = 1 WHERE login = ? AND folder = ? AND validity = ? AND uid = ?",
                [(*_key(account), uid) for uid in uids],
            )

    def deliveries(self) -> dict[tuple[str, str], Delivery]:
        """Give by path and content the mail that brought a file of the inbox."""
        with self._failures():
            rows = self._rows(
                "SELECT path, sha256, sender, reply_to, subject, arrived, message_id FROM deliveries"
                " JOIN mails USING (login, folder, validity, uid)"
            )
        return {(path, sha256): _delivery(*rest) for path, sha256, *rest in rows}

    def keep_addresses(self, addresses: dict[str, tuple[str, ...]]) -> None:
        """Keep whose each address is now, in place of what was known."""
        with self.transaction():
            self._connection.execute("DELETE FROM addresses")
            self._connection.executemany(
                "INSERT INTO addresses VALUES (?, ?)",
                [(address, unit) for address, units in addresses.items() for unit in units],
            )

    def addresses(self) -> dict[str, tuple[str, ...]]:
        """Give the units of each address, as last kept."""
        with self._failures():
            rows = self._rows("SELECT address, unit FROM addresses ORDER BY address, unit")
        found: dict[str, tuple[str, ...]] = {}
        for address, unit in rows:
            found[address] = (*found.get(address, ()), unit)
        return found

    def mail_findings(self, first: datetime, before: datetime) -> tuple[Finding, ...]:
        """Give what was found in messages that arrived in a stretch of time, each once, by their time."""
        with self._failures():
            rows = self._rows(
                "SELECT findings FROM mails WHERE findings != '[]' AND arrived >= ? AND arrived < ?"
                " ORDER BY arrived, uid",
                first.isoformat(),
                before.isoformat(),
            )
            return tuple(dict.fromkeys(one for (found,) in rows for one in _decode_findings(found)))


def _key(account: Account) -> tuple[str, str, int]:
    return account.login, account.folder, account.validity


def _delivery(*row: Any) -> Delivery:  # noqa: ANN401 - the columns of a row
    sender, reply_to, subject, arrived, message_id = row
    return Delivery(sender, reply_to, subject, datetime.fromisoformat(arrived), message_id)
