"""A workspace that sends: forms of a small plan lie ready, time is told, waiting takes none."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from builders import PLAN, ROOT, SETTINGS, at
from mail_rig.smtp import SmtpServer

from kepu_xls.commands.forms import issue
from kepu_xls.commands.mail_results import Fate, LetterLine, MailResult
from kepu_xls.commands.mailing import Around, Manner
from kepu_xls.commands.remind import remind
from kepu_xls.commands.send import send
from kepu_xls.commands.session import Session
from kepu_xls.ledger import Ledger, LetterRow
from kepu_xls.mail_settings import MailSettings, Security, SmtpSettings
from kepu_xls.model import Plan
from kepu_xls.plan import write_master
from kepu_xls.workspace import Workspace

PERIOD = "2019-W12"
KEXIE, JIAOYU, TUAN = "区科协", "区教育局", "团区委"
ADDRESSES = {
    KEXIE: ("kexie@example.com",),
    JIAOYU: ("jiaoyu@example.com", "office@example.com"),
    TUAN: ("tuan@example.com",),
}
CLERK = "clerk@example.com"
MONDAY = at("2019-03-18 09:00")
DEADLINE = at("2019-03-22 17:00")


def plan(**addresses: tuple[str, ...]) -> Plan:
    """The small plan with these addresses of its units, else those of ADDRESSES."""
    known = {**ADDRESSES, **addresses}
    units = tuple(msgspec.structs.replace(unit, emails=known[unit.name]) for unit in PLAN.units)
    return msgspec.structs.replace(PLAN, title=SETTINGS.plan.title, units=units)


def lay_out(root: Path) -> None:
    """Lay out a workspace whose forms of PERIOD lie ready."""
    (root / "templates").mkdir(parents=True)
    shutil.copyfile(ROOT / "config.toml", root / "config.toml")
    shutil.copyfile(ROOT / "templates" / "form.xlsx", root / "templates" / "form.xlsx")
    shutil.copytree(ROOT / "templates" / "mail", root / "templates" / "mail")
    office = Office(root)
    office.know()
    with office.session() as session:
        issue(session, PERIOD)


@dataclass
class Office:
    """The clerk's side: a folder, a mail server perhaps, the time, and what was waited for."""

    root: Path
    server: SmtpServer | None = None
    now: datetime = MONDAY
    mail: dict[str, Any] = field(default_factory=dict)
    smtp: dict[str, Any] = field(default_factory=dict)
    waited: list[float] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @property
    def workspace(self) -> Workspace:
        """Where things lie."""
        return Workspace(self.root)

    def know(self, **addresses: tuple[str, ...]) -> None:
        """Write the master, with these addresses."""
        write_master(plan(**addresses), self.workspace.master)

    @contextmanager
    def session(self, *, writing: bool = True) -> Iterator[Session]:
        """The workspace at work."""
        config = msgspec.structs.replace(SETTINGS, mail=self._settings())
        with Ledger(self.workspace.ledger, writing=writing) as ledger:
            yield Session(self.workspace, config, ledger, self.now)

    def _settings(self) -> MailSettings:
        given: dict[str, Any] = {"address": CLERK, **self.mail}
        if self.server is None:
            return MailSettings(**given)
        smtp = {"pause": 0, "security": Security.NONE, "timeout": 5.0, **self.smtp}
        given["smtp"] = SmtpSettings(host=self.server.host, port=self.server.port, **smtp)
        return MailSettings(**given)

    def around(self) -> Around:
        """A clock that stands, waiting that is only noted."""
        return Around(lambda: self.now, sleep=self.waited.append, tell=self.told.append)

    def send(self, *units: str, **manner: Any) -> MailResult:  # noqa: ANN401 - the fields of Manner
        """Send the forms once."""
        with self.session(writing=not manner.get("dry_run")) as session:
            return send(session, PERIOD, units, Manner(**manner), self.around())

    def remind(self, *units: str, **manner: Any) -> MailResult:  # noqa: ANN401 - the fields of Manner
        """Remind once."""
        with self.session(writing=not manner.get("dry_run")) as session:
            return remind(session, PERIOD, units, Manner(**manner), self.around())

    def rows(self) -> tuple[LetterRow, ...]:
        """What the ledger says of letters."""
        with Ledger(self.workspace.ledger, writing=False) as ledger:
            return ledger.letters(PERIOD)

    def form(self, unit: str) -> Path:
        """Where a unit's form lies."""
        return self.workspace.forms(PERIOD) / f"{unit}_{PERIOD}_进展填报表.xlsx"


def fates(result: MailResult) -> dict[str, Fate]:
    """What became of each unit's letter."""
    return {one.unit: one.fate for one in result.letters}


def line(result: MailResult, unit: str) -> LetterLine:
    """A unit's line."""
    return next(one for one in result.letters if one.unit == unit)


def codes(result: MailResult) -> list[str]:
    """What was found, by code."""
    return [one.code for one in result.findings]


def received(server: SmtpServer) -> dict[str, int]:
    """How often each address was sent a message that the server took."""
    counts: dict[str, int] = {}
    for taken in server.taken:
        for address in taken.recipients:
            counts[address] = counts.get(address, 0) + 1
    return counts
