"""A letter before it is a message: what is said to whom, what is attached, what makes it the same."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from kepu_xls.model import Record

_PROPERTIES = "docProps/core.xml"
"""Says when a workbook was saved; two made of the same differ in nothing else."""


class LetterKind(StrEnum):
    """What a letter is for."""

    FORM = "form"
    REMIND = "remind"
    TEST = "test"


class Attachment(Record, frozen=True):
    """A file that goes with a letter, under the name that its receiver sees."""

    name: str
    data: bytes


class Sender(Record, frozen=True):
    """Whose letters these are; ``address`` is empty where no mailbox is configured (drafts)."""

    address: str = ""
    name: str = ""
    reply_to: str = ""


class Letter(Record, frozen=True):
    """What is said to one unit.  ``day``: a reminder is a new one every day (ISO 8601), others have none."""

    unit: str
    period: str
    kind: LetterKind
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    text: str
    attachments: tuple[Attachment, ...] = ()
    day: str = ""

    @property
    def digest(self) -> str:
        """Tell by one word what is said and attached; a form that was only made again is the same."""
        said = (self.kind.value, self.period, self.unit, self.day, self.subject, self.text)
        attached = ((one.name, _content(one.data)) for one in self.attachments)
        return hashlib.sha256(repr((said, tuple(attached))).encode("utf-8", "backslashreplace")).hexdigest()

    def message_id(self, sender: Sender, copy: int = 1) -> str:
        """Give the Message-ID, the same every time; further copies sent on purpose are numbered."""
        domain = sender.address.rpartition("@")[2] or "kepu.invalid"
        number = f".{copy}" if copy > 1 else ""
        return f"<kepu.{self.period}.{self.digest[:32]}{number}@{domain}>"


def _content(data: bytes) -> str:
    """Tell what is in a file: for a workbook its parts, whenever it was saved."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            listed = archive.infolist()
    except (BadZipFile, ValueError, NotImplementedError):
        return hashlib.sha256(data).hexdigest()
    parts = sorted((one.filename, one.CRC) for one in listed if one.filename != _PROPERTIES)
    return hashlib.sha256(repr(parts).encode("utf-8", "backslashreplace")).hexdigest()
