"""What came in: files, what each said, and what was found wrong with it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from kepu_xls.ledger.store import Store, as_json
from kepu_xls.model import (
    Answer,
    Entry,
    FileRecord,
    FileStatus,
    Finding,
    InboxFile,
    IndicatorValue,
    Role,
    Submission,
    TiedBy,
)

_decode_answers = msgspec.json.Decoder(dict[str, Answer]).decode
_decode_indicators = msgspec.json.Decoder(tuple[IndicatorValue, ...]).decode
_decode_finding = msgspec.json.Decoder(Finding).decode


class Files(Store):
    """What the ledger holds of files."""

    def known_files(self) -> dict[tuple[str, str], tuple[str, str]]:
        """Give of every file known, by its path and content, what it was read against and its period."""
        with self._failures():
            rows = self._rows("SELECT path, sha256, basis, period FROM files")
        return {(path, sha256): (basis, period) for path, sha256, basis, period in rows}

    def last_arrivals(self) -> dict[str, datetime]:
        """Give by path when the last content known under it arrived."""
        with self._failures():
            rows = self._rows("SELECT path, max(received) FROM files GROUP BY path")
        return {path: datetime.fromisoformat(received) for path, received in rows}

    def keep(self, records: Iterable[tuple[FileRecord, str]]) -> None:
        """Keep what was learnt of files, all or none, each with what it was read against.

        A file read before is replaced; its arrival stays.
        """
        with self.transaction():
            for record, basis in records:
                self._keep_one(record, basis)

    def _keep_one(self, record: FileRecord, basis: str) -> None:
        file, submission = record.file, record.submission
        before = self._rows(
            "SELECT id, received FROM files WHERE path = ? AND sha256 = ?", file.path, file.sha256
        )
        received = before[0][1] if before else file.received.isoformat()
        for row in before:
            self._connection.execute("DELETE FROM files WHERE id = ?", (row[0],))
        read = (
            (
                submission.version,
                submission.tied_by.value,
                as_json(submission.form_answers),
                as_json(submission.indicator_values),
            )
            if submission
            else (None, None, None, None)
        )
        cursor = self._connection.execute(
            "INSERT INTO files (path, sha256, size, received, status, unit, period, basis, version, tied_by,"
            " form_answers, indicator_values) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                file.path,
                file.sha256,
                file.size,
                received,
                record.status.value,
                record.unit,
                record.period,
                basis,
                *read,
            ),
        )
        self._connection.executemany(
            "INSERT INTO findings VALUES (?, ?, ?)",
            [(cursor.lastrowid, number, as_json(one)) for number, one in enumerate(record.findings)],
        )
        self._connection.executemany(
            "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    cursor.lastrowid,
                    one.task,
                    one.unit,
                    one.role.value,
                    one.sheet,
                    one.row,
                    as_json(one.answers),
                )
                for one in (submission.entries if submission else ())
            ],
        )

    def files(self, period: str) -> tuple[FileRecord, ...]:
        """Give all files filed under a period, in order of their paths."""
        with self._failures():
            rows = self._rows(
                "SELECT id, path, sha256, size, received, status, unit, version, tied_by, form_answers,"
                " indicator_values FROM files WHERE period = ? ORDER BY path, received, sha256",
                period,
            )
            return tuple(self._file(period, *row) for row in rows)

    def _file(
        self,
        period: str,
        key: int,
        path: str,
        sha256: str,
        size: int,
        received: str,
        status: str,
        unit: str,
        version: int | None,
        tied_by: str | None,
        form_answers: str | None,
        indicator_values: str | None,
    ) -> FileRecord:
        findings = self._rows("SELECT record FROM findings WHERE file = ? ORDER BY number", key)
        submission = None
        if version is not None and tied_by is not None:
            submission = Submission(
                unit=unit,
                period=period,
                version=version,
                tied_by=TiedBy(tied_by),
                entries=self._entries(key),
                form_answers=_decode_answers(form_answers or "{}"),
                indicator_values=_decode_indicators(indicator_values or "[]"),
            )
        return FileRecord(
            file=InboxFile(path, sha256, size, datetime.fromisoformat(received)),
            status=FileStatus(status),
            submission=submission,
            unit=unit,
            period=period,
            findings=tuple(_decode_finding(record) for (record,) in findings),
        )

    def _entries(self, file: int) -> tuple[Entry, ...]:
        rows = self._rows(
            "SELECT unit, task, role, answers, sheet, row FROM entries WHERE file = ? ORDER BY row", file
        )
        return tuple(
            Entry(unit, task, Role(role), _decode_answers(answers), sheet, row)
            for unit, task, role, answers, sheet, row in rows
        )
