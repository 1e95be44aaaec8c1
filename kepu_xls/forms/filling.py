"""What is filled into a mould to make a unit's form."""

from __future__ import annotations

from kepu_xls.forms import marks
from kepu_xls.forms.content import FormContent
from kepu_xls.forms.mould import Filling, Row
from kepu_xls.forms.shape import INDICATOR, Shape


def shape_of(content: FormContent, noted: tuple[str, ...] | None = None) -> Shape:
    """Tell the shape of a form; ``noted``: see ``Shape``."""
    return Shape(content.fields, content.form_fields, marks.Size.of(content).kinds, noted)


def rows_of(content: FormContent) -> dict[str, list[marks.Words]]:
    """Give what the marks of each row stand for, by the kind of row."""
    words: dict[str, list[marks.Words]] = {}
    for task, role in content.duties:
        words.setdefault(str(role), []).append(marks.task_words(task, role, content.previous))
    for one in content.indicators:
        words.setdefault(INDICATOR, []).append(marks.indicator_words(one))
    return words


def form_filling(content: FormContent) -> Filling:
    """Give all that is filled into a form."""
    rows = {kind: [Row(kind, words) for words in some] for kind, some in rows_of(content).items()}
    return Filling(marks.Size.of(content).counts, Row("", marks.form_words(content)), rows, {})
