"""What went out by mail: a row a letter, written before it is handed over and again when its end is known."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from kepu_xls.ledger.columns import as_json
from kepu_xls.ledger.store import Store
from kepu_xls.model import Record

_decode_addresses = msgspec.json.Decoder(tuple[str, ...]).decode


class LetterState(StrEnum):
    """What is known of a letter; one that is still ``begun`` was cut short, so nobody knows its end."""

    BEGUN = "begun"
    SENT = "sent"
    REFUSED = "refused"
    DEFERRED = "deferred"
    UNKNOWN = "unknown"

    @property
    def doubtful(self) -> bool:
        """Tell whether it may have been sent, or not."""
        return self in (LetterState.BEGUN, LetterState.UNKNOWN)


class LetterRow(Record, frozen=True):
    """A letter as the ledger keeps it: to whom, of what content (``digest``), when, and how it ended."""

    period: str
    unit: str
    kind: str
    digest: str
    message_id: str
    recipients: tuple[str, ...]
    state: LetterState
    begun: datetime
    ended: datetime | None = None
    answer: str = ""


class Letters(Store):
    """What the ledger holds of letters."""

    def keep_letter(self, row: LetterRow) -> int:
        """Keep a letter at once; gives its number, to settle it by."""
        with self.transaction():
            cursor = self._connection.execute(
                "INSERT INTO letters (period, unit, kind, digest, message_id, recipients, state, begun,"
                " ended, answer) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    row.period,
                    row.unit,
                    row.kind,
                    row.digest,
                    row.message_id,
                    as_json(row.recipients),
                    row.state.value,
                    row.begun.isoformat(),
                    row.ended.isoformat() if row.ended else None,
                    row.answer,
                ),
            )
        return int(cursor.lastrowid or 0)

    def settle_letter(self, number: int, state: LetterState, ended: datetime, answer: str) -> None:
        """Keep how a letter ended, and what the server said to it."""
        with self.transaction():
            self._connection.execute(
                "UPDATE letters SET state = ?, ended = ?, answer = ? WHERE id = ?",
                (state.value, ended.isoformat(), answer, number),
            )

    def confirm_letters(self, period: str, unit: str, kind: str, ended: datetime, answer: str) -> None:
        """Keep of a unit's letters of which nobody knew that they were sent after all."""
        with self.transaction():
            self._connection.execute(
                "UPDATE letters SET state = 'sent', ended = ?, answer = ?"
                " WHERE period = ? AND unit = ? AND kind = ? AND state IN ('begun', 'unknown')",
                (ended.isoformat(), answer, period, unit, kind),
            )

    def letters(self, period: str) -> tuple[LetterRow, ...]:
        """Give the letters of a period, in the order in which they were begun."""
        with self._failures():
            rows = self._rows(
                "SELECT unit, kind, digest, message_id, recipients, state, begun, ended, answer FROM letters"
                " WHERE period = ? ORDER BY id",
                period,
            )
            return tuple(_row(period, *row) for row in rows)


def _row(
    period: str,
    unit: str,
    kind: str,
    digest: str,
    message_id: str,
    recipients: str,
    state: str,
    begun: str,
    ended: str | None,
    answer: str,
) -> LetterRow:
    return LetterRow(
        period,
        unit,
        kind,
        digest,
        message_id,
        _decode_addresses(recipients),
        LetterState(state),
        datetime.fromisoformat(begun),
        datetime.fromisoformat(ended) if ended else None,
        answer,
    )
