"""The job that engines do for ``kepu merge``: one file of the inbox → archive → what was learnt of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path, PurePath
from typing import Any, ClassVar

import msgspec

from kepu_xls import checks, intake, workspace
from kepu_xls.engine import Packing
from kepu_xls.intake import ReadingContext
from kepu_xls.limits import Limits
from kepu_xls.model import FileRecord, InboxFile, OpenPeriod, Record, status_of
from kepu_xls.packed import PackedRecord
from kepu_xls.workspace import Workspace


class Item(Record, frozen=True):
    """A file to read, and where it lies: what is shown of a name may be another.

    ``filed``: the periods in which it, or what lies in it, was filed when it was last read, by content.
    """

    file: InboxFile
    source: str
    filed: dict[str, str] = msgspec.field(default_factory=dict)


class Learnt(Record, frozen=True, array_like=True):
    """A record each for what lies inside a file, and for itself, ready for the ledger.

    ``original``: where it is kept; ``data``: its content, where the reader could not keep it there.
    """

    records: tuple[PackedRecord, ...]
    original: str = ""
    data: bytes | None = None


class Reading(Record, Packing[Learnt], frozen=True):
    """Everything that reading depends on besides the file; an ``engine.Job``.

    ``hands_back``: originals are handed back, as whoever reads may not see the archive.
    """

    kind: ClassVar[Any] = Learnt
    workspace: Workspace
    periods: dict[str, OpenPeriod]
    secret: bytes
    current: str
    limits: Limits
    passwords: tuple[str, ...]
    senders: dict[str, tuple[str, ...]]
    hands_back: bool = False

    @contextmanager
    def started(self) -> Iterator[Callable[[Item], Learnt]]:
        """Get ready to read: with a child process that is started when something dangerous comes."""
        context = ReadingContext(
            periods=self.periods,
            secret=self.secret,
            current=self.current,
            limits=self.limits,
            senders=self.senders,
        )
        with context.child:
            yield lambda item: self._read(item, context)

    def lost(self, item: Item) -> Learnt:
        """Refuse a file over which its reader died."""
        return self._refused(item, intake.RefusedError("file-kills-reader"))

    def _read(self, item: Item, context: ReadingContext) -> Learnt:
        """Keep the original, then open, read and check it."""
        try:
            with _content(item.source, self.limits) as data:
                # it may have been replaced since it was listed: what is archived and read is what is kept
                digest = hashlib.sha256(data).hexdigest()
                file = msgspec.structs.replace(item.file, sha256=digest, size=len(data))
                kept = self.workspace.archived(digest, PurePath(item.source).suffix)
                if not self.hands_back:
                    keep_original(kept, data)
                found = self._records(file, data, context, item.filed)
                return Learnt(
                    tuple(PackedRecord.of(self.checked(record, item.filed)) for record in found),
                    str(kept),
                    data if self.hands_back else None,
                )
        except intake.RefusedError as why:
            return self._refused(item, why)

    def _refused(self, item: Item, why: intake.RefusedError) -> Learnt:
        record = intake.refused(msgspec.structs.replace(item.file, sha256=""), why)
        return Learnt((PackedRecord.of(self.checked(record, item.filed)),))

    def _records(
        self, file: InboxFile, data: bytes, context: ReadingContext, filed: dict[str, str]
    ) -> Iterator[FileRecord]:
        """Read a file, or each of those that lie in it."""
        for member in intake.open_containers(file, data, self.limits, self.passwords):
            if member.data is None:
                yield FileRecord(member.file, member.status, findings=member.findings)
                continue
            record = intake.read_file(member.file, member.data, context, filed.get(member.file.sha256, ""))
            yield msgspec.structs.replace(record, findings=(*member.findings, *record.findings))

    def checked(self, record: FileRecord, filed: Mapping[str, str]) -> FileRecord:
        """Add what the checks find; what says no period stays where it was filed, or is of the one merged."""
        if record.submission is None:
            period = record.period or filed.get(record.file.sha256) or self.current
            return msgspec.structs.replace(record, period=period)
        opened = self.periods[record.period]
        found = (*record.findings, *checks.check_submission(record.submission, opened, record.file.path))
        return msgspec.structs.replace(record, status=status_of(found), findings=found)


def _content(source: str, limits: Limits) -> AbstractContextManager[bytes]:
    """Give a file's content, wherever it lies."""
    if intake.is_remote(source):
        return intake.remote_content(source, limits)
    return intake.content(source, limits)


def keep_original(kept: Path, data: bytes) -> None:
    """Keep an original, unless it is there; what a machine that fell left unfinished is no original."""
    with workspace.failures_explained(kept):
        there = kept.exists() and kept.read_bytes() == data
    if not there:
        # forced to the disk with others, before the ledger speaks of it
        with workspace.replacing(kept, forced=True) as temporary:
            temporary.write_bytes(data)
