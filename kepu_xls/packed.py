"""What was learnt of a file, packed where it was read: bytes travel cheaper than objects.

They are in JSON, as the ledger keeps them; nobody on the way has to look at them.
"""

from __future__ import annotations

import msgspec

from kepu_xls.model import FileRecord, InboxFile, Record

_encode = msgspec.json.Encoder().encode


class PackedRecord(Record, frozen=True, array_like=True):
    """A ``FileRecord`` whose findings and answers are JSON.

    ``read``: version, by what the file is tied, answers of the form, values of indicators; None where there
    is no submission.  ``entries``: task, unit, role, sheet, row and answers of each.
    """

    file: InboxFile
    status: str
    unit: str
    period: str
    findings: tuple[bytes, ...]
    read: tuple[int, str, bytes, bytes] | None
    entries: tuple[tuple[str, str, str, str, int, bytes], ...]

    @classmethod
    def of(cls, record: FileRecord) -> PackedRecord:
        """Pack what was learnt."""
        said, read = record.submission, None
        if said is not None:
            answers, values = _encode(said.form_answers), _encode(said.indicator_values)
            read = said.version, said.tied_by.value, answers, values
        entries = [
            (one.task, one.unit, one.role.value, one.sheet, one.row, _encode(one.answers))
            for one in (said.entries if said else ())
        ]
        return cls(
            file=record.file,
            status=record.status.value,
            unit=record.unit,
            period=record.period,
            findings=tuple(map(_encode, record.findings)),
            read=read,
            entries=tuple(entries),
        )
