"""What reading a file has to know besides the file: the periods that were opened, and our secret."""

from __future__ import annotations

from kepu_xls.model import OpenPeriod, Record


class ReadingContext(Record, frozen=True):
    """``periods``: all that were opened, by name; ``current``: the one merged; ``secret``: signs forms."""

    periods: dict[str, OpenPeriod]
    secret: bytes
    current: str
