"""Whose mail it is: addresses of units, and what the sender says of a file that came by mail."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from kepu_xls import messages
from kepu_xls.commands.mail_window import window
from kepu_xls.commands.session import Session
from kepu_xls.errors import InputError
from kepu_xls.ledger import Delivery
from kepu_xls.model import FileRecord, FileStatus, Finding, OpenPeriod, Place, Record, Severity
from kepu_xls.outcome import UnitState, UnitStatus
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


ByMail = Callable[[tuple[FileRecord, ...]], tuple[FileRecord, ...]]
"""Adds to files what their mails tell."""


def told_by_mail(session: Session, opened: OpenPeriod) -> ByMail:
    """Give what adds to a period's files what their mails tell: whose a rejected one is, odd senders.

    It wants all files of a unit at once: the same one may have come by several mails.
    """
    brought = {path: one for (path, _), one in session.ledger.deliveries().items()}
    addresses = session.ledger.addresses() if brought else {}

    def sent(record: FileRecord) -> _Sent | None:
        mail = brought.get(record.file.path.partition(SEPARATOR)[0])
        return None if mail is None else _Sent(mail, _present(_units(addresses, mail), opened))

    def told(records: tuple[FileRecord, ...]) -> tuple[FileRecord, ...]:
        pairs = [(record, sent(record)) for record in records]
        same: dict[tuple[str, str], list[_Sent]] = {}
        for record, one in pairs:
            if one is not None:
                same.setdefault((record.unit, record.file.sha256), []).append(one)
        return tuple(
            record if one is None else _told(record, one, same[record.unit, record.file.sha256])
            for record, one in pairs
        )

    return lambda records: told(records) if brought else records


def _present(units: Iterable[str], opened: OpenPeriod) -> tuple[str, ...]:
    """Give units under the names that they bear in a period."""
    return tuple(dict.fromkeys(name for unit in units for name in heirs(unit, opened.plan) or (unit,)))


class _Sent(Record, frozen=True):
    """A mail that brought a file, and the units that its sender's address is of."""

    mail: Delivery
    units: tuple[str, ...]

    def __str__(self) -> str:
        """Say who sent it, and when it came."""
        who = "、".join(self.units) or "不明单位"
        return f"{who}（{self.mail.sender or '没有写明发件人'}，{self.mail.arrived:%m月%d日 %H:%M}）"


def _told(record: FileRecord, one: _Sent, same: list[_Sent]) -> FileRecord:
    """Add to a file what its mail tells; ``same``: all mails that brought just this for its unit."""
    if record.submission is None:
        unclear = record.status is FileStatus.REJECTED and not record.unit and len(one.units) == 1
        return msgspec.structs.replace(record, unit=one.units[0]) if unclear else record
    found = _odd(record, one, same)
    return msgspec.structs.replace(record, findings=(*record.findings, found)) if found else record


def _odd(record: FileRecord, one: _Sent, same: list[_Sent]) -> Finding | None:
    """Say what is odd about who sent a form, if anything is."""
    place, unit = Place(record.file.path), record.unit
    if len({each.mail.sender for each in same}) > 1 and any(unit not in each.units for each in same):
        mails = "、".join(map(str, sorted(same, key=lambda each: (each.mail.arrived, each.mail.sender))))
        return messages.finding("form-sender-several", place, unit=unit, count=len(same), mails=mails)
    if unit in one.units:
        return None
    if not one.units:
        return unknown_sender(record.file.path, one.mail.sender, unit)
    names = "、".join(one.units)
    return messages.finding("form-sender-other", place, unit=unit, sender=one.mail.sender, names=names)


def unknown_sender(path: str, sender: str, unit: str = "") -> Finding:
    """Warn of a sender whom the master does not know."""
    return messages.finding("form-sender-unknown", Place(path), unit=unit, sender=sender or "（没有写明）")


def by_mail(session: Session, opened: OpenPeriod) -> tuple[Finding, ...]:
    """Give what was found in a period's mail beside its files: what came back, was too large, had no form."""
    days = window(session.config.mail.imap, opened)
    return session.ledger.mail_findings(days.begins, days.ends)


def explaining_silence(
    session: Session, opened: OpenPeriod, units: Iterable[UnitStatus]
) -> tuple[Finding, ...]:
    """Give what was found until the cut-off in the mail of units of which nothing came: it may say why.

    That is for the report, in whose figures nothing is wrong because of it: each is a warning.
    """
    missing = {one.unit for one in units if one.state is UnitState.MISSING}
    begins = window(session.config.mail.imap, opened).begins
    found = session.ledger.mail_findings(begins, opened.cutoff) if missing else ()
    return tuple(_of_missing(opened, found, missing))


def _of_missing(opened: OpenPeriod, found: Iterable[Finding], missing: set[str]) -> Iterator[Finding]:
    for one in found:
        if one.unit and one.severity is not Severity.INFO:
            for unit in _present(one.unit.split("、"), opened):
                if unit in missing:
                    yield msgspec.structs.replace(one, unit=unit, severity=Severity.WARNING)
