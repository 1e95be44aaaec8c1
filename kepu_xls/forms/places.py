"""Where the questions of a form stand: in which row of which kind, and in which cell."""

from __future__ import annotations

from kepu_xls import identity
from kepu_xls.forms import marks, questions
from kepu_xls.forms.content import FormContent
from kepu_xls.forms.faults import Spot
from kepu_xls.forms.shape import INDICATOR
from kepu_xls.model import Record, Role


class Where(Record, frozen=True):
    """A question of a form, whatever mould it is cast from.

    ``kind`` and ``index``: which row of which kind; an empty kind and 0 for inputs below the table.
    """

    sheet: str
    kind: str
    index: int
    mark: str


class CellPlace(Record, frozen=True):
    """A cell of a return copy."""

    sheet: str
    row: int
    letters: str

    @property
    def column(self) -> int:
        """The number of its column."""
        return column_number(self.letters)

    @property
    def address(self) -> str:
        """Its address on the sheet."""
        return f"{self.letters}{self.row}"

    @property
    def order(self) -> tuple[str, int, int]:
        """Order as in the form: the task table comes first."""
        return ("" if self.sheet == identity.FORM_SHEET else self.sheet, self.row, self.column)


def column_number(letters: str) -> int:
    """Give the number of a column."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


class Questions:
    """The questions that one form asks."""

    def __init__(self, form: FormContent) -> None:
        lead = form.count(Role.LEAD)
        self._tasks = {
            task.number: (str(role), index if role is Role.LEAD else index - lead)
            for index, (task, role) in enumerate(form.duties)
        }
        self._indicators = {(one.task, one.name): index for index, one in enumerate(form.indicators)}
        marks_of = questions.marks_of(form.fields, form.form_fields)
        self._columns = {field.key: marks_of[field.key] for field in form.fields}
        self._inputs = {field.key: marks_of[field.key] for field in form.form_fields}

    def where(self, spot: Spot) -> Where | None:
        """Find a question; None where the form does not ask it.  A row is known by its number."""
        if spot.indicator:
            index = self._indicators.get((spot.task, spot.indicator))
            return (
                None if index is None else Where(identity.INDICATOR_SHEET, INDICATOR, index, questions.FIGURE)
            )
        if not spot.task:
            mark = self._inputs.get(spot.key)
            return Where(identity.FORM_SHEET, "", 0, mark) if mark else None
        row = self._tasks.get(spot.task)
        mark = self._columns.get(spot.key) if spot.key else marks.TASK
        return Where(identity.FORM_SHEET, *row, mark) if row and mark else None
