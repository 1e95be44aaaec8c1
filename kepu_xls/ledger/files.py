"""What came in: files, what each said, and what was found wrong with it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from kepu_xls.ledger.columns import as_json, entry_of, file_of
from kepu_xls.ledger.store import Store
from kepu_xls.model import Entry, FileRecord, Finding, InboxFile
from kepu_xls.packed import PackedRecord
from kepu_xls.shown_names import SEPARATOR

_decode_finding = msgspec.json.Decoder(Finding).decode

_COLUMNS = (
    "SELECT id, path, sha256, size, received, status, unit, version, tied_by, form_answers, indicator_values"
    " FROM files WHERE period = ?1"
)
_OF_UNITS = " AND unit IN (SELECT value FROM json_each(?2))"


class Files(Store):
    """What the ledger holds of files.  Whatever is kept makes stale what was worked out for its unit."""

    def keep(self, records: Iterable[tuple[PackedRecord, str]]) -> None:
        """Keep what was learnt of files, all or none, each with what it was read against.

        A file read before is replaced; its arrival stays.
        """
        with self.transaction():
            for record, basis in records:
                self._keep_one(record, basis)

    def _keep_one(self, record: PackedRecord, basis: str) -> None:
        file = record.file
        received = self._forgotten(file) or file.received.isoformat()
        cursor = self._connection.execute(
            "INSERT INTO files (path, sha256, size, received, status, unit, period, basis, version, tied_by,"
            " form_answers, indicator_values)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, CAST(? AS TEXT), CAST(? AS TEXT))",
            (
                file.path,
                file.sha256,
                file.size,
                received,
                record.status,
                record.unit,
                record.period,
                basis,
                *(record.read or (None, None, None, None)),
            ),
        )
        key = cursor.lastrowid
        self._connection.execute("INSERT OR IGNORE INTO stale VALUES (?, ?)", (record.period, record.unit))
        self._connection.execute(
            "INSERT INTO reports VALUES (?, '', '', 1) ON CONFLICT (period) DO UPDATE SET due = 1",
            (record.period,),
        )
        self._connection.executemany(
            "INSERT INTO findings VALUES (?, ?, CAST(? AS TEXT))",
            [(key, number, one) for number, one in enumerate(record.findings)],
        )
        self._connection.executemany(
            "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, CAST(? AS TEXT))",
            [(key, *one) for one in record.entries],
        )

    def _forgotten(self, file: InboxFile) -> str:
        """Forget what was learnt of a file and worked out from it; give its arrival, empty if it is new."""
        before = self._rows(
            "SELECT id, received, period, unit FROM files WHERE path = ? AND sha256 = ?",
            file.path,
            file.sha256,
        )
        for key, received, period, unit in before:
            self._connection.execute("INSERT OR IGNORE INTO stale VALUES (?, ?)", (period, unit))
            self._connection.execute(
                "DELETE FROM accepted WHERE period = ? AND unit = ? AND file = ?", (period, unit, key)
            )
            self._connection.execute("DELETE FROM judgements WHERE file = ?", (key,))
            self._connection.execute("DELETE FROM files WHERE id = ?", (key,))
            return str(received)
        return ""

    def contents(self) -> dict[str, str]:
        """Give by its digest the path of each content that came in, not of what lay in a container."""
        with self._failures():
            return dict(
                self._rows(
                    "SELECT sha256, min(path) FROM files WHERE sha256 != '' AND NOT instr(path, ?)"
                    " GROUP BY sha256 ORDER BY 2",
                    SEPARATOR,
                )
            )

    def files(self, period: str, units: Iterable[str] | None = None) -> tuple[FileRecord, ...]:
        """Give all files filed under a period, or those of some units, in order of their paths, as read."""
        wanted = (period,) if units is None else (period, as_json(tuple(units)))
        chosen = _COLUMNS if units is None else _COLUMNS + _OF_UNITS
        ids = chosen.replace(_COLUMNS, "SELECT id FROM files WHERE period = ?1")
        with self._failures():
            findings: dict[int, list[Finding]] = {}
            for file, record in self._rows(
                f"SELECT file, record FROM findings WHERE file IN ({ids}) ORDER BY file, number",  # noqa: S608 - ours
                *wanted,
            ):
                findings.setdefault(file, []).append(_decode_finding(record))
            entries: dict[int, list[Entry]] = {}
            for file, *columns in self._rows(
                "SELECT file, unit, task, role, answers, sheet, row FROM entries"  # noqa: S608 - as above
                f" WHERE file IN ({ids}) ORDER BY file, row, task",
                *wanted,
            ):
                entries.setdefault(file, []).append(entry_of(*columns))
            rows = self._rows(f"{chosen} ORDER BY path, received, sha256", *wanted)
            return tuple(
                file_of(period, *row[1:], findings=findings.get(row[0], ()), entries=entries.get(row[0], ()))
                for row in rows
            )
