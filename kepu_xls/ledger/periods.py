"""The periods that were opened, each frozen as its forms were issued."""

from __future__ import annotations

import msgspec

from kepu_xls.ledger.store import Store, as_json
from kepu_xls.model import OpenPeriod

_decode_period = msgspec.json.Decoder(OpenPeriod).decode


class Periods(Store):
    """What the ledger holds of periods."""

    def open_period(self, period: OpenPeriod) -> None:
        """Freeze a period, or the next version of one."""
        with self.transaction():
            self._connection.execute(
                "INSERT INTO periods VALUES (?, ?, ?, ?)",
                (period.period, period.version, period.opened.isoformat(), as_json(period)),
            )

    def periods(self) -> dict[str, OpenPeriod]:
        """Give the latest version of every period by name, in the order in which they were first opened."""
        with self._failures():
            rows = self._rows("SELECT record FROM periods ORDER BY opened, version")
            opened: dict[str, OpenPeriod] = {}
            for (record,) in rows:
                period = _decode_period(record)
                opened[period.period] = period
            return opened
