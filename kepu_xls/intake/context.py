"""What reading a file has to know besides the file: open periods, our secret, limits, and who reads."""

from __future__ import annotations

import msgspec

from kepu_xls.intake.reading_child import ReadingChild
from kepu_xls.limits import Limits
from kepu_xls.model import OpenPeriod, Record


class ReadingContext(Record, frozen=True):
    """``periods``: all that were opened, by name; ``current``: the one merged; ``secret``: signs forms.

    ``child`` reads what may kill its reader; use it as a context where many files are read, so that it stops
    at once when that is interrupted.
    """

    periods: dict[str, OpenPeriod]
    secret: bytes
    current: str
    limits: Limits = Limits()
    child: ReadingChild = msgspec.field(default_factory=ReadingChild)
