"""What reading a form is, in this process or in others: the job that ``reading.py`` measures."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from kepu_xls import checks, intake
from kepu_xls.engine import Packing
from kepu_xls.model import FileRecord, FileStatus, InboxFile, OpenPeriod, Record, status_of
from kepu_xls.packed import PackedRecord

Item = tuple[bytes, str]
"""A form's bytes, and where it lies: other processes read it there, as those of ``kepu merge`` do."""

_MOMENT = datetime(2019, 3, 22, 16)  # noqa: DTZ001 - the house's moments are local


def read(data: bytes, name: str, context: intake.ReadingContext) -> FileRecord:
    """Do what ``kepu merge`` does with a file's bytes, from the digest to the checks; the archive apart."""
    file = InboxFile(name, hashlib.sha256(data).hexdigest(), len(data), _MOMENT)
    (member,) = intake.open_containers(file, data, context.limits, ())
    record = intake.read_file(member.file, member.data or b"", context)
    if record.submission is None:
        return record
    opened = context.periods[record.period]
    found = (*record.findings, *checks.check_submission(record.submission, opened, file.path))
    return msgspec.structs.replace(record, status=status_of(found), findings=found)


class ReadingForms(Record, Packing[PackedRecord], frozen=True):
    """An ``engine.Job``: records travel back as ``kepu merge`` has them travel."""

    kind: ClassVar[Any] = PackedRecord
    opened: OpenPeriod
    secret: bytes

    @contextmanager
    def started(self) -> Iterator[Callable[[str], PackedRecord]]:
        """Get ready to read."""
        context = self.context()
        with context.child:
            yield lambda path: PackedRecord.of(read(Path(path).read_bytes(), path, context))

    def context(self) -> intake.ReadingContext:
        """Give what reading needs to know."""
        return intake.ReadingContext({self.opened.period: self.opened}, self.secret, self.opened.period)

    def lost(self, item: str) -> PackedRecord:
        """Refuse a form over which its reader died: none of these does that."""
        return PackedRecord.of(FileRecord(InboxFile(item, "", 0, _MOMENT), FileStatus.REJECTED))
