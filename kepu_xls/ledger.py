"""The ledger: what was opened, what came in, and what counts.  The only module that knows SQL.

One SQLite file a workspace.  It may lie on a network drive, so it keeps to rollback journals (no WAL), and
the workspace's own lock says who writes.  Times are local, in ISO 8601; compound values are JSON of
``model``'s objects.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from kepu_xls.errors import SurroundingsError
from kepu_xls.model import (
    Answer,
    Entry,
    FileRecord,
    FileStatus,
    Finding,
    InboxFile,
    IndicatorValue,
    OpenPeriod,
    Role,
    Submission,
    TiedBy,
)
from kepu_xls.workspace import failures_explained

SCHEMA_VERSION = 1

_PATIENCE = 30.0
"""Seconds to wait for another process that is just writing."""

# A file is known by its path in the inbox and its content; `basis` says what it was read against,
# so that it is read again only where that has changed.  `accepted` holds the entries that count,
# after 本期无变化 was filled in.
_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE periods (
    period TEXT NOT NULL, version INTEGER NOT NULL, opened TEXT NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY (period, version)
) WITHOUT ROWID;
CREATE TABLE files (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL,
    received TEXT NOT NULL, status TEXT NOT NULL, unit TEXT NOT NULL, period TEXT NOT NULL,
    basis TEXT NOT NULL, version INTEGER, tied_by TEXT, form_answers TEXT, indicator_values TEXT,
    UNIQUE (path, sha256)
);
CREATE INDEX files_by_period ON files (period, unit);
CREATE TABLE entries (
    file INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE, task TEXT NOT NULL, unit TEXT NOT NULL,
    role TEXT NOT NULL, sheet TEXT NOT NULL, row INTEGER NOT NULL, answers TEXT NOT NULL,
    PRIMARY KEY (file, task)
) WITHOUT ROWID;
CREATE TABLE findings (
    file INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE, number INTEGER NOT NULL,
    record TEXT NOT NULL, PRIMARY KEY (file, number)
) WITHOUT ROWID;
CREATE TABLE accepted (
    period TEXT NOT NULL, unit TEXT NOT NULL, task TEXT NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY (period, unit, task)
) WITHOUT ROWID;
CREATE TABLE let_in (
    period TEXT NOT NULL, unit TEXT NOT NULL, PRIMARY KEY (period, unit)
) WITHOUT ROWID;
CREATE TABLE voided (
    period TEXT NOT NULL, sha256 TEXT NOT NULL, why TEXT NOT NULL, PRIMARY KEY (period, sha256)
) WITHOUT ROWID;
"""

_decode_answers = msgspec.json.Decoder(dict[str, Answer]).decode
_decode_indicators = msgspec.json.Decoder(tuple[IndicatorValue, ...]).decode
_decode_finding = msgspec.json.Decoder(Finding).decode
_decode_entry = msgspec.json.Decoder(Entry).decode
_decode_period = msgspec.json.Decoder(OpenPeriod).decode


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


class Ledger:
    """An open ledger; use it as a context manager.

    ``writing`` makes it where it is missing; without, nothing is ever written, and a missing one reads as
    empty.  Raises SurroundingsError where the file is damaged, was written by a newer program, or cannot be
    written.
    """

    def __init__(self, path: Path, *, writing: bool) -> None:
        self._path = path
        with self._failures():
            self._connection = _connect(path, writing=writing)
            try:
                self._connection.execute("PRAGMA foreign_keys = ON")
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Turn SQLite's failures into ours."""
        with failures_explained(self._path):
            try:
                yield
            except sqlite3.OperationalError as error:
                if "full" in str(error):
                    raise SurroundingsError("disk-full", path=self._path) from error
                if "readonly" in str(error) or "unable to open" in str(error):
                    raise SurroundingsError("folder-read-only", path=self._path) from error
                raise SurroundingsError("ledger-broken", path=self._path, detail=error) from error
            except (sqlite3.DatabaseError, msgspec.DecodeError) as error:
                raise SurroundingsError("ledger-broken", path=self._path, detail=error) from error

    def _prepare(self) -> None:
        found = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        if found > SCHEMA_VERSION:
            raise SurroundingsError("ledger-newer", found=found, known=SCHEMA_VERSION)
        if found == 0:
            self._create()

    def _create(self) -> None:
        with self.transaction():
            for statement in _SCHEMA.split(";"):
                self._connection.execute(statement)
            self._connection.execute("INSERT INTO meta VALUES ('secret', ?)", (secrets.token_hex(32),))
            self._connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything inside happen, or nothing of it."""
        with self._failures():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._connection.in_transaction:  # SQLite has rolled back by itself where the disk is full
                    self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, values).fetchall()

    @property
    def secret(self) -> bytes:
        """The workspace's own key for signing forms."""
        with self._failures():
            return bytes.fromhex(self._rows("SELECT value FROM meta WHERE name = 'secret'")[0][0])

    def open_period(self, period: OpenPeriod) -> None:
        """Freeze a period, or the next version of one."""
        with self.transaction():
            self._connection.execute(
                "INSERT INTO periods VALUES (?, ?, ?, ?)",
                (period.period, period.version, period.opened.isoformat(), _json(period)),
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
                _json(submission.form_answers),
                _json(submission.indicator_values),
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
            [(cursor.lastrowid, number, _json(one)) for number, one in enumerate(record.findings)],
        )
        self._connection.executemany(
            "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (cursor.lastrowid, one.task, one.unit, one.role.value, one.sheet, one.row, _json(one.answers))
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

    def accept(self, period: str, entries: Iterable[Entry]) -> None:
        """Keep the entries that count in a period, in place of those that counted before."""
        with self.transaction():
            self._connection.execute("DELETE FROM accepted WHERE period = ?", (period,))
            self._connection.executemany(
                "INSERT INTO accepted VALUES (?, ?, ?, ?)",
                [(period, one.unit, one.task, _json(one)) for one in entries],
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


def _connect(path: Path, *, writing: bool) -> sqlite3.Connection:
    if writing:
        return sqlite3.connect(path, isolation_level=None, timeout=_PATIENCE)
    if not path.exists() or path.stat().st_size == 0:
        return sqlite3.connect(":memory:", isolation_level=None)
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=_PATIENCE)
