"""What has to be filled, and is not: by role in each row, and once in the form.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kepu_xls.messages import finding
from kepu_xls.model import Answer, Entry, Field, Finding, OpenPeriod, Place, Required, Role, Submission


def check_submission(submission: Submission, opened: OpenPeriod, file: str) -> tuple[Finding, ...]:
    """Find what a submission leaves out, each at its true cell in ``file``.

    ``opened`` is the submission's own period.  A cell that holds something unreadable is not missing: reading
    has told of it.  Rows that say 本期无变化 need nothing else.
    """
    required = {role: tuple(field for field in opened.fields if field.required.covers(role)) for role in Role}
    return (
        *_missing_columns(submission, opened, required, file),
        *(one for entry in submission.entries for one in _missing_answers(entry, required[entry.role], file)),
        *_missing_form_answers(submission, opened, file),
    )


def _missing_answers(entry: Entry, required: Iterable[Field], file: str) -> Iterator[Finding]:
    if entry.unchanged:
        return
    for field in required:
        answer = entry.answers.get(field.key)
        if answer is not None and _is_blank(answer):
            place = Place(file, entry.sheet, answer.cell)
            yield finding(
                "required-missing",
                place,
                unit=entry.unit,
                task=entry.task,
                label=field.label,
                role=entry.role.label,
            )


def _missing_columns(
    submission: Submission, opened: OpenPeriod, required: Mapping[Role, Iterable[Field]], file: str
) -> Iterator[Finding]:
    """Tell of a required column that is gone once, not in every row."""
    lacking: dict[str, Entry] = {}
    for entry in submission.entries:
        if not entry.unchanged:
            gone = [field.key for field in required[entry.role] if field.key not in entry.answers]
            lacking = dict.fromkeys(gone, entry) | lacking if gone else lacking
    for field in opened.fields:
        if field.key in lacking:
            place = Place(file, lacking[field.key].sheet)
            yield finding("required-column-missing", place, unit=submission.unit, label=field.label)


def _missing_form_answers(submission: Submission, opened: OpenPeriod, file: str) -> Iterator[Finding]:
    sheet = submission.entries[0].sheet if submission.entries else ""
    for field in opened.form_fields:
        answer = submission.form_answers.get(field.key)
        if _asked(field, submission) and (answer is None or _is_blank(answer)):
            place = Place(file, sheet, answer.cell if answer else "")
            yield finding("form-field-missing", place, unit=submission.unit, label=field.label)


def _asked(field: Field, submission: Submission) -> bool:
    required = field.required
    return required is Required.ALL or any(required.covers(one.role) for one in submission.entries)


def _is_blank(answer: Answer) -> bool:
    return answer.value is None and answer.raw == ""
