"""The tables of the ledger, and how an older ledger is brought up to date."""

from __future__ import annotations

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

# `mails`: every message of the mailbox that was looked at; `mark` and `digest` recognise one that bears
# another UID now.  `deliveries`: which of them brought a file.  `addresses`: those of the units when mail was
# last fetched or merged.
_MAIL_IN = """
CREATE TABLE mails (
    login TEXT NOT NULL, folder TEXT NOT NULL, validity INTEGER NOT NULL, uid INTEGER NOT NULL,
    state TEXT NOT NULL, arrived TEXT NOT NULL, mark TEXT NOT NULL, digest TEXT NOT NULL, place TEXT NOT NULL,
    sender TEXT NOT NULL, reply_to TEXT NOT NULL, subject TEXT NOT NULL, sent TEXT, message_id TEXT NOT NULL,
    findings TEXT NOT NULL, filed INTEGER NOT NULL,
    PRIMARY KEY (login, folder, validity, uid)
) WITHOUT ROWID;
CREATE INDEX mails_by_mark ON mails (mark);
CREATE INDEX mails_by_digest ON mails (digest);
CREATE TABLE deliveries (
    path TEXT NOT NULL, sha256 TEXT NOT NULL, login TEXT NOT NULL, folder TEXT NOT NULL,
    validity INTEGER NOT NULL, uid INTEGER NOT NULL, PRIMARY KEY (path, sha256)
) WITHOUT ROWID;
CREATE TABLE addresses (
    address TEXT NOT NULL, unit TEXT NOT NULL, PRIMARY KEY (address, unit)
) WITHOUT ROWID
"""

# `letters`: a row a letter, written as ``begun`` before it is handed over; `digest` says what it says.
_MAIL_OUT = """
CREATE TABLE letters (
    id INTEGER PRIMARY KEY, period TEXT NOT NULL, unit TEXT NOT NULL, kind TEXT NOT NULL,
    digest TEXT NOT NULL, message_id TEXT NOT NULL, recipients TEXT NOT NULL, state TEXT NOT NULL,
    begun TEXT NOT NULL, ended TEXT, answer TEXT NOT NULL
);
CREATE INDEX letters_by_period ON letters (period, unit)
"""

# A year's weeks share one plan, and a province's is megabytes: it is kept once.
_PLANS_ONCE = """
CREATE TABLE plans (id INTEGER PRIMARY KEY, record TEXT NOT NULL);
INSERT INTO plans (record) SELECT DISTINCT json_extract(record, '$.plan') FROM periods;
ALTER TABLE periods ADD COLUMN plan INTEGER REFERENCES plans (id);
UPDATE periods SET
    plan = (SELECT id FROM plans WHERE plans.record = json_extract(periods.record, '$.plan')),
    record = json_set(record, '$.plan', json('{"title":""}'));
CREATE INDEX files_by_unit ON files (period, unit, path);
DROP INDEX files_by_period;
DROP TABLE accepted
"""

# What files come to is worked out from them and can be worked out again; it is kept so that only what changed
# has to be.  `stale` names the units for which it no longer holds, `settled` what it was worked out with.
_DERIVED = """
CREATE TABLE {where}accepted (
    period TEXT NOT NULL, unit TEXT NOT NULL, task TEXT NOT NULL, file INTEGER NOT NULL, record TEXT,
    PRIMARY KEY (period, unit, task)
) WITHOUT ROWID;
CREATE INDEX {where}accepted_by_task ON accepted (period, task, unit);
CREATE TABLE {where}judgements (
    file INTEGER PRIMARY KEY, unit TEXT NOT NULL, status TEXT NOT NULL,
    own TEXT NOT NULL, across TEXT NOT NULL
);
CREATE TABLE {where}standings (
    period TEXT NOT NULL, unit TEXT NOT NULL, record TEXT NOT NULL, digest TEXT NOT NULL,
    PRIMARY KEY (period, unit)
) WITHOUT ROWID;
CREATE TABLE {where}merged (
    period TEXT NOT NULL, task TEXT NOT NULL, entries INTEGER NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY (period, task)
) WITHOUT ROWID;
CREATE TABLE {where}remarks (
    period TEXT NOT NULL, number INTEGER NOT NULL, record TEXT NOT NULL, PRIMARY KEY (period, number)
) WITHOUT ROWID;
CREATE TABLE {where}settled (
    period TEXT PRIMARY KEY, basis TEXT NOT NULL, whole INTEGER NOT NULL, stamp INTEGER NOT NULL,
    record TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE {where}stale (
    period TEXT NOT NULL, unit TEXT NOT NULL, PRIMARY KEY (period, unit)
) WITHOUT ROWID;
CREATE TABLE {where}reports (
    period TEXT PRIMARY KEY, made_of TEXT NOT NULL, bytes TEXT NOT NULL, due INTEGER NOT NULL
) WITHOUT ROWID
"""
# `marks`: what of an entry's texts is held against others', so that they need not be read for it again.
_MARKS = """
ALTER TABLE {where}accepted ADD COLUMN marks BLOB NOT NULL DEFAULT x'';
UPDATE {where}settled SET basis = ''
"""
# What is gone over again and again lies by task: `outline` is an entry without its words.
_OUTLINES = """
DROP TABLE {where}accepted;
CREATE TABLE {where}accepted (
    period TEXT NOT NULL, task TEXT NOT NULL, unit TEXT NOT NULL, file INTEGER NOT NULL, record TEXT,
    outline BLOB NOT NULL, marks BLOB NOT NULL, PRIMARY KEY (period, task, unit)
) WITHOUT ROWID;
CREATE INDEX {where}accepted_by_unit ON accepted (period, unit, task);
UPDATE {where}settled SET basis = ''
"""
# `texts`: those of an entry, normalised: few of the entries that share marks are read.
_TEXTS = """
ALTER TABLE {where}accepted ADD COLUMN texts BLOB NOT NULL DEFAULT x'';
UPDATE {where}settled SET basis = ''
"""
# What was overwritten in the inbox by what had been there before it, by path and content: a source.
_OUTDONE = """
CREATE TABLE IF NOT EXISTS outdone (
    path TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (path, sha256)
) WITHOUT ROWID
"""
_WORKED_OUT = (_DERIVED, _MARKS, _OUTLINES, _TEXTS)
DERIVED = ("accepted", "judgements", "standings", "merged", "remarks", "settled", "stale", "reports")
"""The tables of what is worked out from the others."""

_STEPS: tuple[str, ...] = (
    _FIRST,
    _MAIL_IN,
    _MAIL_OUT,
    _PLANS_ONCE,
    *(step.format(where="") for step in _WORKED_OUT),
    _OUTDONE,
)
"""What leads from each version of the tables to the next; the first makes them."""

VERSION = len(_STEPS)


def found_version(connection: sqlite3.Connection) -> int:
    """Give the version of a ledger's tables; 0 for one that is new."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def set_derived_aside(connection: sqlite3.Connection) -> None:
    """Give a connection that only reads its own copy of what is derived, which hides the ledger's."""
    for step in _WORKED_OUT:
        for statement in step.format(where="temp.").split(";"):
            connection.execute(statement)
    for table in DERIVED:
        connection.execute(f"INSERT INTO temp.{table} SELECT * FROM main.{table}")  # noqa: S608 - our own names


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Make the tables that are missing; to be called inside a transaction."""
    found = found_version(connection)
    for step in _STEPS[found:]:
        for statement in step.split(";"):
            connection.execute(statement)
    if found == 0:
        import secrets  # noqa: PLC0415 - once in a ledger's life, and it loads OpenSSL

        connection.execute("INSERT INTO meta VALUES ('secret', ?)", (secrets.token_hex(32),))
    connection.execute(f"PRAGMA user_version = {VERSION}")
