"""Objects of ``model`` as they stand in the ledger's columns."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from kepu_xls.model import (
    Answer,
    Entry,
    FileRecord,
    FileStatus,
    Finding,
    InboxFile,
    IndicatorValue,
    Role,
    Submission,
    TiedBy,
)

decode_answers = msgspec.json.Decoder(dict[str, Answer]).decode
decode_indicators = msgspec.json.Decoder(tuple[IndicatorValue, ...]).decode
_ROLES = {role.value: role for role in Role}


def as_json(value: object) -> str:
    """Give a compound value as it stands in a column."""
    return msgspec.json.encode(value).decode()


def entry_of(unit: str, task: str, role: str, answers: str | bytes, sheet: str, row: int) -> Entry:
    """Make an entry of its columns."""
    return Entry(unit, task, _ROLES[role], decode_answers(answers), sheet, row)


def file_of(
    period: str,
    path: str,
    sha256: str,
    size: int,
    received: str,
    status: str,
    unit: str,
    version: int | None,
    tied_by: str | None,
    form_answers: str | None,
    indicator_values: str | None,
    *,
    findings: Iterable[Finding],
    entries: Iterable[Entry],
) -> FileRecord:
    """Make a file's record of its columns."""
    submission = None
    if version is not None and tied_by is not None:
        submission = Submission(
            unit=unit,
            period=period,
            version=version,
            tied_by=TiedBy(tied_by),
            entries=tuple(entries),
            form_answers=decode_answers(form_answers or "{}"),
            indicator_values=decode_indicators(indicator_values or "[]"),
        )
    return FileRecord(
        file=InboxFile(path, sha256, size, datetime.fromisoformat(received)),
        status=FileStatus(status),
        submission=submission,
        unit=unit,
        period=period,
        findings=tuple(findings),
    )
