"""Texts that say nothing: 正在推进, 按计划有序推进各项工作.  Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kepu_xls.checks.wording import normalised, says_nothing
from kepu_xls.config import CheckSettings
from kepu_xls.messages import finding
from kepu_xls.model import Entry, Field, Finding, OpenPeriod, Place


def check_phrases(
    opened: OpenPeriod, entries: Sequence[Entry], files: Mapping[str, str], settings: CheckSettings
) -> tuple[Finding, ...]:
    """Find texts made of nothing but the configuration's empty phrases.

    ``files``: unit → the file that counts.  Rows without change, and what was taken over, are left alone.
    """
    fields = [field for field in opened.fields if field.key in settings.texts]
    return tuple(one for entry in entries for one in _empty(fields, entry, files, settings))


def _empty(
    fields: Sequence[Field], entry: Entry, files: Mapping[str, str], settings: CheckSettings
) -> Iterator[Finding]:
    if entry.unchanged:
        return
    for field in fields:
        answer = entry.answers.get(field.key)
        if answer is None or answer.carried:
            continue
        text = str(answer.value or "")
        if says_nothing(normalised(text), settings.empty_phrases, settings.fillers):
            place = Place(files.get(entry.unit, ""), entry.sheet, answer.cell)
            yield finding(
                "text-says-nothing",
                place,
                unit=entry.unit,
                task=entry.task,
                label=field.label,
                text=text.strip(),
            )
