"""Which file of a unit counts in a period, and what becomes of the others.  Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from kepu_xls import messages
from kepu_xls.digits import in_digits
from kepu_xls.model import Entry, Field, FileRecord, FileStatus, OpenPeriod, Place, Submission


def choose(
    opened: OpenPeriod,
    records: Sequence[FileRecord],
    let_in: Collection[str] = (),
    voided: Mapping[str, str] | None = None,
    outdone: Collection[tuple[str, str]] = (),
) -> tuple[FileRecord, ...]:
    """Tell which file of each unit counts: the last by (填报日期, arrival, name), whole.

    In and out: all files of the period, in the same order.  What the clerk ``voided`` (content hash → why)
    and what arrived after the cut-off is refused, but for units that were ``let_in``; of the rest one a unit
    counts and the others become superseded, with a finding that names it and says what differs.  What is
    ``outdone`` (path, content), overwritten by what had been there before it, comes before no other.
    """
    dated = [_doubted_if_dated_ahead(record) for record in records]
    standing = [_refused_if_void(record, voided or {}) for record in dated]
    in_time = [_refused_if_after_cutoff(opened, record, let_in) for record in standing]
    best: dict[str, FileRecord] = {}
    for record in counting(in_time):
        rival = best.get(record.unit)
        if rival is None or _rank(record, outdone) > _rank(rival, outdone):
            best[record.unit] = record
    return tuple(_judged(opened, record, best.get(record.unit)) for record in in_time)


def _refused_if_void(record: FileRecord, voided: Mapping[str, str]) -> FileRecord:
    why = voided.get(record.file.sha256)
    if record.submission is None or why is None:
        return record
    finding = messages.finding("file-void", Place(file=record.file.path), unit=record.unit, why=why)
    return msgspec.structs.replace(record, status=FileStatus.REJECTED, findings=(*record.findings, finding))


def _refused_if_after_cutoff(opened: OpenPeriod, record: FileRecord, let_in: Collection[str]) -> FileRecord:
    if record.status is FileStatus.REJECTED or record.submission is None or record.unit in let_in:
        return record
    if record.file.received <= opened.cutoff:
        return record
    finding = messages.finding(
        "file-after-cutoff",
        Place(file=record.file.path),
        unit=record.unit,
        received=f"{record.file.received:%Y-%m-%d %H:%M}",
        cutoff=f"{opened.cutoff:%Y-%m-%d %H:%M}",
    )
    return msgspec.structs.replace(record, status=FileStatus.REJECTED, findings=(*record.findings, finding))


def _rank(record: FileRecord, outdone: Collection[tuple[str, str]]) -> tuple[bool, str, datetime, str]:
    """Order a unit's files: a date that is missing, or lies after the arrival, says nothing."""
    arrived = record.file.received
    filled_on = _filled_on(record)
    day = arrived.date().isoformat()
    standing = (record.file.path, record.file.sha256) not in outdone
    return (standing, min(filled_on, day) if filled_on else day, arrived, record.file.path)


def _filled_on(record: FileRecord) -> str:
    answer = record.submission.form_answers.get("report_date") if record.submission else None
    return str(answer.value or "") if answer else ""


def _doubted_if_dated_ahead(record: FileRecord) -> FileRecord:
    """Tell of a 填报日期 that lies after the day on which the file came."""
    if record.submission is None or _filled_on(record) <= record.file.received.date().isoformat():
        return record
    answer = record.submission.form_answers["report_date"]
    sheet = next((entry.sheet for entry in record.submission.entries), "")
    finding = messages.finding(
        "report-date-ahead", Place(record.file.path, sheet, answer.cell), unit=record.unit, date=answer.value
    )
    return msgspec.structs.replace(record, findings=(*record.findings, finding))


def _judged(opened: OpenPeriod, record: FileRecord, winner: FileRecord | None) -> FileRecord:
    if winner is None or record is winner or record.status is FileStatus.REJECTED or not record.submission:
        return record
    place = Place(file=record.file.path)
    if record.file.sha256 == winner.file.sha256:
        finding = messages.finding("file-duplicate", place, unit=record.unit, other=winner.file.path)
    else:
        differs = _differences(opened, record.submission, winner.submission)
        finding = messages.finding(
            "file-superseded", place, unit=record.unit, other=winner.file.path, differs=differs
        )
    return msgspec.structs.replace(record, status=FileStatus.SUPERSEDED, findings=(*record.findings, finding))


_SHOWN_DIFFERENCES = 3


def _differences(opened: OpenPeriod, old: Submission, new: Submission | None) -> str:
    """Say in a few words where two submissions of a unit differ: ``任务 1.1.1 完成率(%)：60→65``."""
    after = {entry.task: entry for entry in new.entries} if new else {}
    told = [
        f"任务 {entry.task} {field.label}：{_brief(entry, field)}→{_brief(after.get(entry.task), field)}"
        for entry in old.entries
        for field in opened.fields
        if entry.value(field.key) != (after[entry.task].value(field.key) if entry.task in after else None)
    ]
    if not told:
        return "各栏内容相同"
    more = f"等 {len(told)} 处" if len(told) > _SHOWN_DIFFERENCES else ""
    return f"不同之处：{'；'.join(told[:_SHOWN_DIFFERENCES])}{more}"


_BRIEF = 12


def _brief(entry: Entry | None, field: Field) -> str:
    value = entry.value(field.key) if entry else None
    if value is None:
        return "空"
    text = in_digits(value) if isinstance(value, int | float) else value
    return text if len(text) <= _BRIEF else f"{text[:_BRIEF]}…"


def counting(records: Iterable[FileRecord]) -> tuple[FileRecord, ...]:
    """Keep the files that count: after ``choose``, at most one a unit."""
    good = (FileStatus.ACCEPTED, FileStatus.ACCEPTED_WITH_ERRORS)
    return tuple(record for record in records if record.status in good and record.submission is not None)
