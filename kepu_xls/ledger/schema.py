"""The tables of the ledger, and how an older ledger is brought up to date."""

from __future__ import annotations

import secrets
import sqlite3

# A file is known by its path in the inbox and its content; `basis` says what it was read against,
# so that it is read again only where that has changed.  `accepted` holds the entries that count,
# after 本期无变化 was filled in.
_FIRST = """
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

_STEPS: tuple[str, ...] = (_FIRST,)
"""What leads from each version of the tables to the next; the first makes them."""

VERSION = len(_STEPS)


def found_version(connection: sqlite3.Connection) -> int:
    """Give the version of a ledger's tables; 0 for one that is new."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Make the tables that are missing; to be called inside a transaction."""
    found = found_version(connection)
    for step in _STEPS[found:]:
        for statement in step.split(";"):
            connection.execute(statement)
    if found == 0:
        connection.execute("INSERT INTO meta VALUES ('secret', ?)", (secrets.token_hex(32),))
    connection.execute(f"PRAGMA user_version = {VERSION}")
