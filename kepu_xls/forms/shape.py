"""What all forms cast from one mould have in common."""

from __future__ import annotations

from kepu_xls.forms.marks import Kinds
from kepu_xls.model import Field, Record, Role

INDICATOR, LINE, HEADING = "indicator", "line", "heading"
"""Kinds of rows beside those of the task table, which are called by their role:
indicators; lines in the list of a return copy; the heading over those that are only reminders."""

KINDS = frozenset((*map(str, Role), INDICATOR, LINE, HEADING))


class Shape(Record, frozen=True):
    """What is asked, and of which kinds there are rows.

    ``noted``: for a return copy, the sheets on which cells are flagged; None for a form.
    """

    fields: tuple[Field, ...]
    form_fields: tuple[Field, ...]
    kinds: Kinds
    noted: tuple[str, ...] | None = None

    @property
    def has_indicators(self) -> bool:
        """Tell whether there is a sheet of indicators."""
        return self.kinds[-1]
