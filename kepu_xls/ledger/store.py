"""A SQLite file as the ledger uses it: opened, brought up to date, and its failures told as ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from kepu_xls.errors import SurroundingsError
from kepu_xls.ledger import schema
from kepu_xls.workspace import failures_explained

_PATIENCE = 30.0
"""Seconds to wait for another process that is just writing."""


class Store:
    """An open ledger file; use it as a context manager.

    ``writing`` makes it where it is missing; without, nothing is ever written, and a missing one reads as
    empty.  Raises SurroundingsError where the file is damaged, was written by a newer program, or cannot be
    written.
    """

    def __init__(self, path: Path, *, writing: bool) -> None:
        self._path, self._writing = path, writing
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
                if "locked" in str(error):
                    raise SurroundingsError("ledger-locked", path=self._path) from error
                if "full" in str(error):
                    raise SurroundingsError("disk-full", path=self._path) from error
                if "readonly" in str(error) or "unable to open" in str(error):
                    raise SurroundingsError("folder-read-only", path=self._path) from error
                raise SurroundingsError("ledger-broken", path=self._path, detail=error) from error
            except (sqlite3.DatabaseError, msgspec.DecodeError) as error:
                raise SurroundingsError("ledger-broken", path=self._path, detail=error) from error

    def _prepare(self) -> None:
        found = schema.found_version(self._connection)
        if found > schema.VERSION:
            raise SurroundingsError("ledger-newer", found=found, known=schema.VERSION)
        if found == schema.VERSION:
            return
        if (
            not self._writing and found
        ):  # an older one that is only read: a copy in memory is brought up to date
            older, self._connection = self._connection, sqlite3.connect(":memory:", isolation_level=None)
            with closing(older):
                older.backup(self._connection)
        with self.transaction():
            schema.bring_up_to_date(self._connection)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything inside happen, or nothing of it."""
        with self._failures():
            # who only reads writes nothing but what is put aside for the moment
            self._connection.execute("BEGIN IMMEDIATE" if self._writing else "BEGIN")
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


def _connect(path: Path, *, writing: bool) -> sqlite3.Connection:
    if writing:
        return sqlite3.connect(path, isolation_level=None, timeout=_PATIENCE)
    if not path.exists() or path.stat().st_size == 0:
        return sqlite3.connect(":memory:", isolation_level=None)
    if path.with_name(f"{path.name}-journal").exists():
        _roll_back(path)
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=_PATIENCE)


def _roll_back(path: Path) -> None:
    """Have SQLite undo what a killed process left half-written, which who only reads may not.

    What a living process is just writing has its lock, and stays.
    """
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=_PATIENCE)) as connection:
        schema.found_version(connection)
