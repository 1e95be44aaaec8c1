"""What lies in the inbox now, held against what is known; and what was written last of what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from kepu_xls.ledger.columns import as_json
from kepu_xls.ledger.store import Store
from kepu_xls.model import InboxFile
from kepu_xls.shown_names import SEPARATOR

_PAST_INSIDE = ":;"  # the first text after all that begins with ``SEPARATOR``

_HERE = (
    "SELECT f.path, f.sha256, f.period FROM temp.present p"
    " JOIN files f ON f.path = p.path AND f.sha256 = p.sha256"
    " UNION SELECT f.path, f.sha256, f.period FROM temp.present p"
    " JOIN files f ON f.path > p.path || ?1 AND f.path < p.path || ?2"
)

_OUTDATED = (
    "SELECT DISTINCT t.path, t.sha256, t.size, t.received FROM files f JOIN files t"
    " ON t.path = iif(instr(f.path, ?2), substr(f.path, 1, instr(f.path, ?2) - 1), f.path)"
    " AND (t.path != f.path OR t.sha256 = f.sha256)"
    " WHERE f.version IS NOT NULL AND substr(f.basis, instr(f.basis, ' ') + 1)"
    " NOT IN (SELECT value FROM json_each(?1))"
    " AND NOT EXISTS (SELECT 1 FROM temp.present p WHERE p.path = t.path AND p.sha256 = t.sha256)"
    " ORDER BY t.path, t.received, t.sha256"
)

# Of one unit and period, as others do not stand against it; or what was no form, as a container.
_LATER = (
    "k.path = f.path AND k.sha256 != f.sha256 AND k.received >= f.received"
    " AND iif(f.version IS NULL, k.version IS NULL,"
    " k.version IS NOT NULL AND k.unit = f.unit AND k.period = f.period)"
)
_IS_OUTDONE = "EXISTS (SELECT 1 FROM outdone o WHERE o.path = {0}.path AND o.sha256 = {0}.sha256)"
_THIS = "f.path = ?1 AND f.sha256 = ?2"
_KNOWN_AGAIN = (
    "EXISTS (SELECT 1 FROM outdone WHERE path = ?1 AND sha256 = ?2)"  # noqa: S608 - our own names
    f" OR EXISTS (SELECT 1 FROM files f, files k WHERE {_THIS} AND {_LATER})"
)
_COUNT_AGAIN = (
    "DELETE FROM outdone WHERE path = ?1 AND sha256 = ?2",
    f"INSERT OR IGNORE INTO outdone SELECT k.path, k.sha256 FROM files f, files k WHERE {_THIS} AND {_LATER}",  # noqa: S608 - as above
    f"INSERT OR IGNORE INTO stale SELECT f.period, f.unit FROM files f WHERE {_THIS}",  # noqa: S608 - as above
    f"UPDATE reports SET due = 1 WHERE period IN (SELECT f.period FROM files f WHERE {_THIS})",  # noqa: S608 - as above
)


class Present(Store):
    """What the ledger knows of the files that lie in the inbox; ``lay_out`` says which these are."""

    def lay_out(self, files: Iterable[InboxFile]) -> None:
        """Say what lies in the inbox, in place of what was said before."""
        with self._failures():
            self._connection.execute(
                "CREATE TEMP TABLE IF NOT EXISTS present (path TEXT NOT NULL, sha256 TEXT NOT NULL,"
                " PRIMARY KEY (path, sha256)) WITHOUT ROWID"
            )
        with self.transaction():
            self._connection.execute("DELETE FROM temp.present")
            self._connection.executemany(
                "INSERT OR IGNORE INTO temp.present VALUES (?, ?)", ((one.path, one.sha256) for one in files)
            )

    def bases(self) -> dict[tuple[str, str], str]:
        """Give by path and content what the files that are known were read against."""
        with self._failures():
            rows = self._rows(
                "SELECT p.path, p.sha256, f.basis FROM temp.present p"
                " JOIN files f ON f.path = p.path AND f.sha256 = p.sha256"
            )
        return {(path, sha256): basis for path, sha256, basis in rows}

    def replaced(self) -> dict[str, datetime]:
        """Give by path of what is new under a name that is known when the last under that name arrived."""
        with self._failures():
            rows = self._rows(
                "SELECT p.path, max(f.received) FROM temp.present p JOIN files f ON f.path = p.path"
                " WHERE NOT EXISTS"
                " (SELECT 1 FROM files k WHERE k.path = p.path AND k.sha256 = p.sha256)"
                " GROUP BY p.path"
            )
        return {path: datetime.fromisoformat(received) for path, received in rows}

    def put_back(self) -> frozenset[tuple[str, str]]:
        """Give by path and content what lies here again in place of others that came after it."""
        with self._failures():
            return frozenset(
                self._rows(
                    "SELECT f.path, f.sha256 FROM temp.present p"  # noqa: S608 - our own names
                    " JOIN files f ON f.path = p.path AND f.sha256 = p.sha256"
                    f" WHERE {_IS_OUTDONE.format('f')}"
                    f" OR EXISTS (SELECT 1 FROM files k WHERE {_LATER} AND NOT {_IS_OUTDONE.format('k')})"
                )
            )

    def count_again(self, keys: Iterable[tuple[str, str]]) -> None:
        """Have what others replaced under its name come before these, by path and content of what lies here.

        Its arrival stays: it is as much in time as it was.
        """
        with self.transaction():
            for key in keys:
                if not self._rows(f"SELECT 1 WHERE {_KNOWN_AGAIN}", *key):
                    continue
                for sql in _COUNT_AGAIN:
                    self._connection.execute(sql, key)

    def outdone(self) -> frozenset[tuple[str, str]]:
        """Give by path and content what was overwritten by what had been there before it."""
        with self._failures():
            return frozenset(self._rows("SELECT path, sha256 FROM outdone"))

    def here(self) -> dict[str, frozenset[tuple[str, str]]]:
        """Give by period the path and content of its files that lie here, or in a container that does."""
        found: dict[str, set[tuple[str, str]]] = {}
        with self._failures():
            for path, sha256, period in self._rows(_HERE, SEPARATOR, _PAST_INSIDE):
                found.setdefault(period, set()).add((path, sha256))
        return {period: frozenset(keys) for period, keys in sorted(found.items())}

    def periods_filed(self, paths: Iterable[str]) -> dict[str, dict[str, str]]:
        """Give by path of what came in before the periods of what was in it, by content; of some paths."""
        found: dict[str, dict[str, str]] = {path: {} for path in paths}
        with self._failures():
            rows = self._connection.execute("SELECT path, sha256, period FROM files WHERE period != ''")
            for path, sha256, period in rows:
                if (top := path.partition(SEPARATOR)[0]) in found:
                    found[top][sha256] = period
        return found

    def outdated(self, issues: Iterable[str]) -> tuple[InboxFile, ...]:
        """Give files that lie here no more and hold what was read against another issue of its period.

        ``issues``: those that hold, as what files are read against ends.  Of what came in a container, the
        container is given.
        """
        with self._failures():
            rows = self._rows(_OUTDATED, as_json(tuple(issues)), SEPARATOR)
        return tuple(
            InboxFile(path, sha256, size, datetime.fromisoformat(received))
            for path, sha256, size, received in rows
        )

    # ── reports ──

    def made_of(self, period: str) -> tuple[str, str]:
        """Give what a period's report was last made of, and the digest of its bytes; empty where unknown."""
        with self._failures():
            rows = self._rows("SELECT made_of, bytes FROM reports WHERE period = ?", period)
        return rows[0] if rows else ("", "")

    def wrote(self, period: str, made_of: str, digest: str) -> None:
        """Keep what a period's report was made of, and the digest of its bytes."""
        with self.transaction():
            self._connection.execute(
                "INSERT OR REPLACE INTO reports VALUES (?, ?, ?, 0)", (period, made_of, digest)
            )

    def outdate(self, periods: Iterable[str]) -> None:
        """Have the reports of periods written again, where there are any."""
        with self.transaction():
            self._connection.executemany(
                "UPDATE reports SET due = 1 WHERE period = ? AND made_of != ''", ((one,) for one in periods)
            )

    def due(self) -> tuple[str, ...]:
        """Give the open periods of which something came in or was decided since their report was written."""
        with self._failures():
            rows = self._rows(
                "SELECT r.period FROM reports r WHERE r.due"
                " AND EXISTS (SELECT 1 FROM periods p WHERE p.period = r.period) ORDER BY r.period"
            )
        return tuple(period for (period,) in rows)
