"""Marks and holes of return copies: for what units answer, for what stands in the list, for notes."""

from __future__ import annotations

from kepu_xls import identity
from kepu_xls.forms import marks
from kepu_xls.model import Field

FIGURE, REMARK = marks.mark(32), marks.mark(33)
"""An indicator's figure, and what is said about it."""
ERRORS, CUTOFF, FINGERPRINT = map(marks.mark, range(34, 37))
ADDRESS, ABOUT, LABEL, ENTERED, MESSAGE, REMEDY = map(marks.mark, range(37, 43))
"""What a line of the list says."""
REMINDERS = marks.mark(43)
NOTE = marks.mark(44)
"""Text of a note."""

_FIRST_FIELD = 256


def marks_of(fields: tuple[Field, ...], form_fields: tuple[Field, ...]) -> dict[str, str]:
    """Give the marks of answers by the keys of their fields."""
    return {
        field.key: marks.mark(number) for number, field in enumerate((*fields, *form_fields), _FIRST_FIELD)
    }


def is_question(text: str) -> bool:
    """Tell whether a cell with this mark may have to be put right: answers, figures, and a row's number."""
    return text in (FIGURE, marks.TASK) or (len(text) == 1 and text >= marks.mark(_FIRST_FIELD))


SHEETS = (identity.FORM_SHEET, identity.INDICATOR_SHEET)
"""The sheets on which there are questions."""


LINKS, MERGED, MERGED_COUNT = "links", "merged", "merged count"
"""Holes in the list: its links, the merged cells of its heading, and how many merged areas there are."""


def flagged_on(sheet: str) -> str:
    """Name the hole for the cells that are flagged on a sheet."""
    return f"flagged on {sheet}"
