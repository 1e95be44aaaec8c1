"""What counts in a period, and what the clerk decided about that."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from kepu_xls.ledger.store import Store, as_json
from kepu_xls.model import Entry

_decode_entry = msgspec.json.Decoder(Entry).decode


class Counted(Store):
    """What the ledger holds of the entries that count, and of exceptions."""

    def accept(self, period: str, entries: Iterable[Entry]) -> None:
        """Keep the entries that count in a period, in place of those that counted before."""
        with self.transaction():
            self._connection.execute("DELETE FROM accepted WHERE period = ?", (period,))
            self._connection.executemany(
                "INSERT INTO accepted VALUES (?, ?, ?, ?)",
                [(period, one.unit, one.task, as_json(one)) for one in entries],
            )

    def accepted(self, period: str) -> tuple[Entry, ...]:
        """Give the entries that count in a period, by unit and task."""
        with self._failures():
            rows = self._rows("SELECT record FROM accepted WHERE period = ? ORDER BY unit, task", period)
            return tuple(_decode_entry(record) for (record,) in rows)

    def let_in_late(self, period: str, units: Iterable[str]) -> None:
        """Let units in that report after the cut-off of a period."""
        with self.transaction():
            self._connection.executemany(
                "INSERT OR IGNORE INTO let_in VALUES (?, ?)", [(period, unit) for unit in units]
            )

    def let_in(self, period: str) -> frozenset[str]:
        """Give the units that were let in after the cut-off of a period."""
        with self._failures():
            return frozenset(
                unit for (unit,) in self._rows("SELECT unit FROM let_in WHERE period = ?", period)
            )

    def void(self, period: str, sha256: str, why: str) -> None:
        """Keep that files of this content do not count in a period, and why."""
        with self.transaction():
            self._connection.execute("INSERT OR REPLACE INTO voided VALUES (?, ?, ?)", (period, sha256, why))

    def restore(self, period: str, sha256: str) -> None:
        """Let files of this content count again in a period."""
        with self.transaction():
            self._connection.execute("DELETE FROM voided WHERE period = ? AND sha256 = ?", (period, sha256))

    def voided(self, period: str) -> dict[str, str]:
        """Give the contents that do not count in a period, each with the reason."""
        with self._failures():
            return dict(self._rows("SELECT sha256, why FROM voided WHERE period = ?", period))
