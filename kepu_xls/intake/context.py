"""What reading a file has to know besides the file: open periods, our secret, limits, and who reads."""

from __future__ import annotations

from functools import cached_property

import msgspec

from kepu_xls.intake.asked import Asked
from kepu_xls.intake.labels import Words
from kepu_xls.intake.reading_child import ReadingChild
from kepu_xls.limits import Limits
from kepu_xls.model import Field, OpenPeriod, Record


class ReadingContext(Record, frozen=True, dict=True):
    """``periods``: all that were opened, by name; ``current``: the one merged; ``secret``: signs forms.

    ``senders`` are the units from whose address a file came by mail, by its path in the inbox.  ``child``
    reads what may kill its reader; use it as a context where many files are read, so that it stops at once
    when that is interrupted.  What depends on the periods alone is made ready once a context.
    """

    periods: dict[str, OpenPeriod]
    secret: bytes
    current: str
    limits: Limits = Limits()
    senders: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    child: ReadingChild = msgspec.field(default_factory=ReadingChild)

    def asked(self, period: str) -> Asked | None:
        """Give what is asked in a period; None where it was never opened."""
        if period not in self.periods:
            return None
        found = self._asked.get(period)
        if found is None:
            opened = self.periods[period]
            own = {field.key: field for field in opened.fields}
            found = Asked(opened, self.words if own == self._fields else Words(opened.fields))
            self._asked[period] = found
        return found

    @cached_property
    def words(self) -> Words:
        """The wordings of all periods' fields, a later period's in place of an earlier one's."""
        return Words(self._fields.values())

    @cached_property
    def _fields(self) -> dict[str, Field]:
        return {field.key: field for opened in self.periods.values() for field in opened.fields}

    @cached_property
    def _asked(self) -> dict[str, Asked]:
        return {}
