"""What letters to units have in common: who sends them, to which addresses, and the words that fill them."""

from __future__ import annotations

from kepu_xls import messages, periods
from kepu_xls.commands.chase import contact, contacts, moment
from kepu_xls.commands.session import Session
from kepu_xls.mail.letter import Attachment, Letter, LetterKind, Sender
from kepu_xls.mail.wording import Template, fill
from kepu_xls.mail_settings import is_address
from kepu_xls.model import Finding, OpenPeriod, Plan, Record, Role


class Prepared(Record, frozen=True):
    """A unit's letter, None where there cannot be one, and what the clerk should know of it."""

    unit: str
    letter: Letter | None
    findings: tuple[Finding, ...] = ()


class Writer:
    """Writes letters of one period: knows today's addresses and the words that all letters share.

    Raises InputError where there is a master that cannot be read.
    """

    def __init__(self, session: Session, opened: OpenPeriod) -> None:
        self._session, self._opened = session, opened
        self._contacts: Plan = contacts(session, opened)

    def write(
        self,
        unit: str,
        kind: LetterKind,
        template: Template,
        attachments: tuple[Attachment, ...],
        words: dict[str, str],
    ) -> Prepared:
        """Write a unit's letter; addresses that are none are left out, and told."""
        known = dict.fromkeys(contact(unit, self._contacts).emails)
        wrong = [one for one in known if not is_address(one)]
        files = "、".join(one.name for one in attachments)
        subject, text = fill(template, {**self._shared(unit), "files": files, **words})
        letter = Letter(
            unit=unit,
            period=self._opened.period,
            kind=kind,
            to=tuple(one for one in known if one not in wrong),
            cc=self._copies(known),
            subject=subject,
            text=text,
            attachments=attachments,
            day=f"{self._session.now:%Y-%m-%d}" if kind is LetterKind.REMIND else "",
        )
        told = (
            messages.finding("mail-unit-address-malformed", unit=unit, address=address) for address in wrong
        )
        return Prepared(unit, letter, tuple(told))

    def _copies(self, known: dict[str, None]) -> tuple[str, ...]:
        """Give who gets a copy: each once, and nobody whom the letter goes to anyway."""
        taken = {one.casefold() for one in known}
        return tuple(
            one for one in dict.fromkeys(self._session.config.mail.cc) if one.casefold() not in taken
        )

    def _shared(self, unit: str) -> dict[str, str]:
        opened, settings = self._opened, self._session.config
        roles = [role for _, role in opened.plan.duties_of(unit)]
        indicators = len(opened.plan.indicators_of(unit))
        return {
            "unit": unit,
            "period": periods.parse(opened.period).label,
            "plan": opened.plan.title,
            "organiser": settings.forms.organiser,
            "deadline": moment(opened.deadline),
            "cutoff": moment(opened.cutoff),
            "tasks": str(len(roles)),
            "lead": str(roles.count(Role.LEAD)),
            "participant": str(roles.count(Role.PARTICIPANT)),
            "indicators": str(indicators or ""),
            "version": str(opened.version) if opened.version > 1 else "",
            "address": settings.mail.reply_to or settings.mail.address,
            "contact": settings.mail.contact,
        }


def sender(session: Session) -> Sender:
    """Give whose letters they are."""
    mail = session.config.mail
    return Sender(mail.address, mail.name or session.config.forms.organiser, mail.reply_to)
