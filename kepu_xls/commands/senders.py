"""Whose mail it is: addresses of units, and what the sender says of a file that came by mail."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from kepu_xls import messages
from kepu_xls.commands.mail_window import window
from kepu_xls.commands.session import Session
from kepu_xls.errors import InputError
from kepu_xls.ledger import Delivery
from kepu_xls.model import FileRecord, FileStatus, Finding, OpenPeriod, Place
from kepu_xls.shown_names import SEPARATOR
from kepu_xls.succession import heirs

Addresses = dict[str, tuple[str, ...]]
"""Units by address."""

SentBy = dict[str, tuple[str, ...]]
"""Units from whose address files came, by path."""


def unit_addresses(session: Session, opened: OpenPeriod) -> Addresses:
    """Give the units of each address: the master's of today, and those frozen with the period.

    They are kept in the ledger.  Raises InputError where there is a master that cannot be read.
    """
    from kepu_xls.commands.chase import contacts  # noqa: PLC0415 - reads the master, by openpyxl

    found: dict[str, dict[str, None]] = {}
    for plan in (contacts(session, opened), opened.plan):
        for unit in plan.units:
            for address in unit.emails:
                names = heirs(unit.name, opened.plan) or (unit.name,)
                found.setdefault(address.strip().lower(), {}).update(dict.fromkeys(names))
    addresses = {address: tuple(sorted(names)) for address, names in found.items()}
    if addresses != session.ledger.addresses():
        session.ledger.keep_addresses(addresses)
    return addresses


def units_of(addresses: Addresses, senders: Iterable[str], answers_to: Iterable[str]) -> tuple[str, ...]:
    """Give the units that a mail is from: the sender's address tells, else the one to answer to."""
    for told in (senders, answers_to):
        units = tuple(dict.fromkeys(unit for one in told for unit in addresses.get(one, ())))
        if units:
            return units
    return ()


def senders(session: Session, opened: OpenPeriod) -> SentBy:
    """Give by path the units that a file of the inbox came from, as its mail tells.

    The addresses are looked up anew, so that one that the clerk has added counts at once; a master that
    cannot be read just now, which merging does without, leaves those of last time.
    """
    brought = session.ledger.deliveries()
    if not brought:
        return {}
    try:
        addresses = unit_addresses(session, opened)
    except InputError:
        addresses = session.ledger.addresses()
    return {path: _units(addresses, one) for (path, _), one in brought.items()}


def _units(addresses: Addresses, one: Delivery) -> tuple[str, ...]:
    return units_of(addresses, (one.sender,), one.reply_to.split())


def told_by_mail(
    session: Session, opened: OpenPeriod
) -> Callable[[tuple[FileRecord, ...]], tuple[FileRecord, ...]]:
    """Give what adds to a period's files what their mails tell: whose a rejected one is, odd senders."""
    brought = {path: one for (path, _), one in session.ledger.deliveries().items()}
    addresses = session.ledger.addresses() if brought else {}

    def told(record: FileRecord) -> FileRecord:
        mail = brought.get(record.file.path.partition(SEPARATOR)[0])
        return record if mail is None else _told(record, mail, _present(_units(addresses, mail), opened))

    return lambda records: tuple(map(told, records)) if brought else records


def _present(units: Iterable[str], opened: OpenPeriod) -> tuple[str, ...]:
    """Give units under the names that they bear in a period."""
    return tuple(dict.fromkeys(name for unit in units for name in heirs(unit, opened.plan) or (unit,)))


def _told(record: FileRecord, mail: Delivery, units: tuple[str, ...]) -> FileRecord:
    if record.submission is None:
        unclear = record.status is FileStatus.REJECTED and not record.unit and len(units) == 1
        return msgspec.structs.replace(record, unit=units[0]) if unclear else record
    if record.unit in units:
        return record
    place, names = Place(record.file.path), "、".join(units)
    found = (
        messages.finding("form-sender-other", place, unit=record.unit, sender=mail.sender, names=names)
        if units
        else unknown_sender(record.file.path, mail.sender, record.unit)
    )
    return msgspec.structs.replace(record, findings=(*record.findings, found))


def unknown_sender(path: str, sender: str, unit: str = "") -> Finding:
    """Warn of a sender whom the master does not know."""
    return messages.finding("form-sender-unknown", Place(path), unit=unit, sender=sender or "（没有写明）")


def by_mail(session: Session, opened: OpenPeriod) -> tuple[Finding, ...]:
    """Give what was found in a period's mail beside its files: what came back, was too large, had no form."""
    days = window(session.config.mail.imap, opened)
    return session.ledger.mail_findings(days.begins, days.ends)
