"""What a unit said, as its return copy shows it: as it was understood, or word for word where it was not."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from kepu_xls.digits import in_digits
from kepu_xls.forms.faults import ReturnContent, Spot
from kepu_xls.forms.texts import serial
from kepu_xls.model import Answer, FieldType


def shown_answers(
    content: ReturnContent, doubted: Collection[Spot], *, since_1904: bool
) -> dict[Spot, str | float]:
    """Give what stands in the cells of answers and figures; days as numbers, see ``serial``.

    What was said at ``doubted`` spots is shown as it was typed.
    """
    return {
        spot: _shown(kind, answer, in_doubt=spot in doubted, since_1904=since_1904)
        for spot, kind, answer in _said(content)
    }


def _said(content: ReturnContent) -> Iterator[tuple[Spot, FieldType, Answer]]:
    form, submission = content.form, content.submission
    types = {field.key: field.type for field in (*form.fields, *form.form_fields)}
    for key, answer in submission.form_answers.items():
        if key in types:
            yield Spot(key=key), types[key], answer
    for entry in submission.entries:
        for key, answer in entry.answers.items():
            if key in types:
                yield Spot(entry.task, key), types[key], answer
    for one in submission.indicator_values:
        yield Spot(one.task, indicator=one.indicator), FieldType.DECIMAL, one.answer


def _shown(kind: FieldType, answer: Answer, *, in_doubt: bool, since_1904: bool) -> str | float:
    """Show one answer: typed where it was understood without doubt."""
    value = answer.value
    in_words = answer.raw and kind is not FieldType.TEXT and (in_doubt or answer.approximate)
    if value is None or in_words:
        return answer.raw
    if kind is FieldType.DATE:
        return serial(date.fromisoformat(str(value)), since_1904=since_1904)
    if kind is FieldType.PERCENT and not isinstance(value, str):
        return f"{in_digits(value)}%"
    return value
