"""What is asked in one period, made ready once for all the files that are read against it.  Pure."""

from __future__ import annotations

from datetime import date

from kepu_xls import periods
from kepu_xls.intake.footer import Labels
from kepu_xls.intake.grid import Raw
from kepu_xls.intake.indicators import FIGURE, NOTE
from kepu_xls.intake.labels import Words
from kepu_xls.intake.locate import KnownTasks
from kepu_xls.intake.values import Parsed, plain_text
from kepu_xls.model import Field, FieldType, OpenPeriod, Role, Scalar

_REMEMBERED = 4096
_LONGEST = 24
_KEPT = (str, float, date)


class Asked:
    """An open period with its wordings, tasks and cells in the order in which reading looks for them."""

    def __init__(self, opened: OpenPeriod, words: Words) -> None:
        """``words`` are those of the period's own fields."""
        self.opened, self.plan, self.words = opened, opened.plan, words
        self.last_day = periods.parse(opened.period).last_day
        self.tasks = KnownTasks(opened.plan)
        self.labels = Labels(opened.form_fields)
        self.cells = tuple(map(KnownCells, opened.fields))
        self.form_cells = {field.key: KnownCells(field) for field in opened.form_fields}
        self.figures, self.notes = KnownCells(FIGURE), KnownCells(NOTE)
        self.required = {
            role: tuple(field for field in opened.fields if field.required.covers(role)) for role in Role
        }


class KnownCells:
    """What cells of one field were read as: few choices, dates and figures fill most of a form.

    Kept is only what depends on nothing but the cell's value, and what nothing was said about.
    """

    def __init__(self, field: Field) -> None:
        self.field = field
        self.of_shares = field.type is FieldType.PERCENT
        """A number may be a share of one (50 % kept as 0.5): the cell's number format decides."""
        self._known: dict[Raw, tuple[Scalar, str]] = {}

    def get(self, raw: Raw) -> tuple[Scalar, str] | None:
        """Give the value and the text of a cell, if they are known or running text."""
        if raw.__class__ is bool:  # True is 1, to a dictionary
            return None
        return self._known.get(raw) or plain_text(self.field, raw)

    def keep(self, raw: Raw, parsed: Parsed) -> None:
        """Keep what a cell was read as, where that is plain."""
        answer, findings = parsed
        if findings or answer.approximate or len(self._known) >= _REMEMBERED or type(raw) not in _KEPT:
            return
        if isinstance(raw, str) and len(raw) > _LONGEST:
            return
        if self.of_shares and isinstance(raw, float) and 0 < raw <= 1:
            return
        self._known[raw] = answer.value, answer.raw
