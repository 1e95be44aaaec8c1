"""What the clerk decided about what counts in a period."""

from __future__ import annotations

from collections.abc import Iterable

from kepu_xls.ledger.store import Store


class Counted(Store):
    """What the ledger holds of exceptions; each makes stale what was worked out for its units."""

    def let_in_late(self, period: str, units: Iterable[str]) -> None:
        """Let units in that report after the cut-off of a period."""
        with self.transaction():
            for unit in units:
                cursor = self._connection.execute(
                    "INSERT OR IGNORE INTO let_in VALUES (?, ?)", (period, unit)
                )
                if cursor.rowcount:
                    self._connection.execute("INSERT OR IGNORE INTO stale VALUES (?, ?)", (period, unit))
                    self._outdate(period)

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
            self._spoil(period, sha256)

    def restore(self, period: str, sha256: str) -> None:
        """Let files of this content count again in a period."""
        with self.transaction():
            self._connection.execute("DELETE FROM voided WHERE period = ? AND sha256 = ?", (period, sha256))
            self._spoil(period, sha256)

    def _spoil(self, period: str, sha256: str) -> None:
        self._connection.execute(
            "INSERT OR IGNORE INTO stale SELECT period, unit FROM files WHERE period = ? AND sha256 = ?",
            (period, sha256),
        )
        self._outdate(period)

    def _outdate(self, period: str) -> None:
        self._connection.execute("UPDATE reports SET due = 1 WHERE period = ?", (period,))

    def voided(self, period: str) -> dict[str, str]:
        """Give the contents that do not count in a period, each with the reason."""
        with self._failures():
            return dict(self._rows("SELECT sha256, why FROM voided WHERE period = ?", period))
