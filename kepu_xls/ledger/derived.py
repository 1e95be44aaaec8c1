"""What files come to, kept so that only what changed is worked out again.

Nothing here is a source: all of it follows from files, exceptions, plans and configuration.  ``stale`` units
and the basis of a period say where it does not hold any more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from kepu_xls.ledger import schema
from kepu_xls.ledger.columns import as_json
from kepu_xls.ledger.outcomes import as_blob
from kepu_xls.ledger.store import Store
from kepu_xls.model import Entry, FileStatus, Finding, InboxFile, Record, Scalar
from kepu_xls.outcome import Outline, TrendPoint, UnitStatus

_decode_findings = msgspec.json.Decoder(tuple[Finding, ...]).decode


class Judgement(Record, frozen=True):
    """What became of a file: whose it is, its status, and what was found beyond reading it."""

    file: InboxFile
    unit: str
    status: FileStatus
    findings: tuple[Finding, ...] = ()


class Accepted(Record, frozen=True):
    """An entry that counts: its task, and its outline as it is kept.

    ``filled``: the whole of one that is not as it was read; ``marks``, ``texts``: what of its texts is held
    against other units'.
    """

    task: str
    outline: bytes
    filled: Entry | None = None
    marks: bytes = b""
    texts: bytes = b""

    @classmethod
    def of(
        cls, outline: Outline, filled: Entry | None = None, marks: bytes = b"", texts: bytes = b""
    ) -> Accepted:
        """Make it of an outline that is no longer needed."""
        return cls(outline.entry.task, as_blob(outline), filled, marks, texts)


class UnitOutcome(Record, frozen=True):
    """What a unit's files come to.

    ``accepted``: the entries that count, from the file ``counting``.  ``standing`` is None for a unit of
    which nothing is expected.
    """

    unit: str
    judgements: tuple[Judgement, ...]
    counting: InboxFile | None
    accepted: tuple[Accepted, ...]
    standing: UnitStatus | None


class State(Record, frozen=True):
    """How far a period is settled: with what, whether units were held against each other since, how often."""

    basis: str
    whole: bool
    stamp: int


class Derived(Store):
    """What the ledger holds of what was worked out."""

    def __init__(self, path: Path, *, writing: bool) -> None:
        super().__init__(path, writing=writing)
        self._aside = writing

    def set_aside(self) -> None:
        """Let what is worked out be kept as long as this is open, where the ledger is only read."""
        if self._aside:
            return
        self._aside = True
        with self._failures():
            self._connection.execute(
                "PRAGMA foreign_keys = OFF"
            )  # they do not reach from one file to another
            with self.transaction():
                schema.set_derived_aside(self._connection)

    # ── how far ──

    def state(self, period: str) -> State | None:
        """Tell how far a period is settled, None where it never was."""
        with self._failures():
            rows = self._rows("SELECT basis, whole, stamp FROM settled WHERE period = ?", period)
        return State(rows[0][0], bool(rows[0][1]), rows[0][2]) if rows else None

    def stale(self, period: str) -> tuple[str, ...]:
        """Give the units of a period whose files changed since they were settled; "" for nobody's."""
        with self._failures():
            return tuple(
                unit
                for (unit,) in self._rows("SELECT unit FROM stale WHERE period = ? ORDER BY unit", period)
            )

    def begin(self, period: str, basis: str, expected: Iterable[str]) -> None:
        """Have everything of a period worked out anew, with another basis."""
        with self.transaction():
            execute = self._connection.execute
            for table in ("accepted", "standings", "merged", "remarks"):
                execute(f"DELETE FROM {table} WHERE period = ?", (period,))  # noqa: S608 - our own names
            execute("DELETE FROM judgements WHERE file IN (SELECT id FROM files WHERE period = ?)", (period,))
            execute(
                "INSERT OR IGNORE INTO stale SELECT DISTINCT period, unit FROM files WHERE period = ?",
                (period,),
            )
            self._connection.executemany(
                "INSERT OR IGNORE INTO stale VALUES (?, ?)", ((period, unit) for unit in expected)
            )
            execute(
                "INSERT INTO settled VALUES (?, ?, 0, 1, '') ON CONFLICT (period) DO UPDATE"
                " SET basis = excluded.basis, whole = 0, stamp = stamp + 1",
                (period, basis),
            )

    # ── units ──

    def settle(self, period: str, outcomes: Iterable[UnitOutcome]) -> None:
        """Keep what some units' files come to."""
        with self.transaction():
            changed = [self._settle_one(period, outcome) for outcome in outcomes]
            if any(changed):
                self._connection.execute(
                    "UPDATE settled SET whole = 0, stamp = stamp + 1 WHERE period = ?", (period,)
                )

    def _settle_one(self, period: str, one: UnitOutcome) -> bool:
        """Keep what a unit's files come to; tell whether others have to be held against it again."""
        key = period, one.unit
        execute = self._connection.execute
        execute("DELETE FROM stale WHERE period = ? AND unit = ?", key)
        execute("DELETE FROM accepted WHERE period = ? AND unit = ?", key)
        told_of_others = self._told_of_others(*key)
        file = self._key(one.counting) if one.counting else 0
        rows = [
            (
                period,
                each.task,
                one.unit,
                file,
                as_json(each.filled) if each.filled else None,
                each.outline,
                each.marks,
                each.texts,
            )
            for each in one.accepted
        ]
        self._connection.executemany("INSERT INTO accepted VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        for judged in one.judgements:
            execute(
                "INSERT INTO judgements VALUES (?, ?, ?, ?, '[]') ON CONFLICT (file) DO UPDATE"
                # what was found across units is found again with all others, if this file still counts
                " SET unit = excluded.unit, status = excluded.status, own = excluded.own,"
                " across = excluded.across",
                (self._key(judged.file), judged.unit, judged.status.value, as_json(judged.findings)),
            )
        digest = hashlib.sha256(msgspec.msgpack.encode((file, rows))).hexdigest() if rows else ""
        before = self._rows("SELECT digest FROM standings WHERE period = ? AND unit = ?", *key)
        execute(
            "INSERT OR REPLACE INTO standings VALUES (?, ?, ?, ?)",
            (*key, as_json(one.standing) if one.standing else "", digest),
        )
        return digest != (before[0][0] if before else "") or told_of_others

    def _told_of_others(self, period: str, unit: str) -> bool:
        return bool(
            self._rows(
                "SELECT 1 FROM files f JOIN judgements j ON j.file = f.id"
                " WHERE f.period = ? AND f.unit = ? AND j.across != '[]' LIMIT 1",
                period,
                unit,
            )
        )

    def _key(self, file: InboxFile) -> int:
        ((key,),) = self._rows("SELECT id FROM files WHERE path = ? AND sha256 = ?", file.path, file.sha256)
        return int(key)

    # ── the whole ──

    def across(self, period: str) -> dict[tuple[str, str], tuple[Finding, ...]]:
        """Give by path and content what holding units against each other found in a period's files."""
        with self._failures():
            rows = self._rows(
                "SELECT f.path, f.sha256, j.across FROM files f JOIN judgements j ON j.file = f.id"
                " WHERE f.period = ? AND j.across != '[]'",
                period,
            )
            return {(path, sha256): _decode_findings(record) for path, sha256, record in rows}

    def finish(
        self,
        period: str,
        judged: Iterable[tuple[Judgement, UnitStatus | None]],
        remarks: Iterable[Finding],
        merged: Mapping[str, tuple[int, Mapping[str, Scalar]]],
        point: TrendPoint,
    ) -> None:
        """Keep what holding units against each other gave, and what all of them together come to.

        ``judged``: files with what was found across units alone; ``remarks``: what is no file's; ``merged``:
        how many entries count, and the values, of tasks whose entries are too many to be held.
        """
        with self.transaction():
            execute = self._connection.execute
            for one, standing in judged:
                execute(
                    "UPDATE judgements SET status = ?, across = ? WHERE file = ?",
                    (one.status.value, as_json(one.findings), self._key(one.file)),
                )
                if standing:
                    execute(
                        "UPDATE standings SET record = ? WHERE period = ? AND unit = ?",
                        (as_json(standing), period, standing.unit),
                    )
            execute("DELETE FROM remarks WHERE period = ?", (period,))
            self._connection.executemany(
                "INSERT INTO remarks VALUES (?, ?, ?)",
                ((period, number, as_json(one)) for number, one in enumerate(remarks)),
            )
            execute("DELETE FROM merged WHERE period = ?", (period,))
            self._connection.executemany(
                "INSERT INTO merged VALUES (?, ?, ?, ?)",
                ((period, task, count, as_json(values)) for task, (count, values) in merged.items()),
            )
            execute(
                "UPDATE settled SET whole = 1, stamp = stamp + 1, record = ? WHERE period = ?",
                (as_json(point), period),
            )

    def adopted(self, period: str) -> set[str]:
        """Give the units to which files were put down that do not say whose they are."""
        with self._failures():
            rows = self._rows(
                "SELECT DISTINCT j.unit FROM files f JOIN judgements j ON j.file = f.id"
                " WHERE f.period = ? AND f.unit = '' AND j.unit != ''",
                period,
            )
        return {unit for (unit,) in rows}

    def judgements(self, period: str, units: Sequence[str]) -> dict[tuple[str, str], Judgement]:
        """Give by path and content what became of some units' files, without what was found across units."""
        with self._failures():
            rows = self._rows(
                "SELECT f.path, f.sha256, f.size, f.received, f.unit, j.status, j.own FROM files f"
                " JOIN judgements j ON j.file = f.id WHERE f.period = ?1"
                " AND f.unit IN (SELECT value FROM json_each(?2))",
                period,
                as_json(tuple(units)),
            )
            return {
                (path, sha256): Judgement(
                    msgspec.convert(
                        {"path": path, "sha256": sha256, "size": size, "received": received}, InboxFile
                    ),
                    unit,
                    FileStatus(status),
                    _decode_findings(own),
                )
                for path, sha256, size, received, unit, status, own in rows
            }

    def units_of(self, keys: Iterable[tuple[str, str]]) -> set[str]:
        """Give the units of files named by path and content."""
        with self._failures():
            return {
                unit
                for path, sha256 in keys
                for (unit,) in self._rows(
                    "SELECT unit FROM files WHERE path = ? AND sha256 = ?", path, sha256
                )
            }
