"""What the files of a period came to, as it was worked out and kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from kepu_xls.ledger.columns import as_json, decode_indicators, entry_of, file_of
from kepu_xls.ledger.store import Store
from kepu_xls.model import Answer, Entry, FileRecord, Finding, IndicatorValue, Record, Role, Scalar
from kepu_xls.outcome import Outline, Source, TrendPoint, UnitStatus

_decode_entry = msgspec.json.Decoder(Entry).decode
_decode_findings = msgspec.json.Decoder(tuple[Finding, ...]).decode
_decode_finding = msgspec.json.Decoder(Finding).decode
_decode_standing = msgspec.json.Decoder(UnitStatus).decode
_decode_point = msgspec.json.Decoder(TrendPoint).decode
_decode_values = msgspec.json.Decoder(dict[str, Scalar]).decode

# what is decoded comes as bytes, which spares making strings of it
_COLUMNS = (
    "SELECT CAST(a.record AS BLOB), e.unit, e.task, e.role, CAST(e.answers AS BLOB), e.sheet, e.row FROM"
)
_JOINED = "JOIN entries e ON e.file = a.file AND e.task = a.task"
_ENTRY = f"{_COLUMNS} accepted a {_JOINED} WHERE a.period = ?1"
_ENTRY_AT = (
    f"{_COLUMNS} json_each(?2) w CROSS JOIN accepted a ON a.period = ?1"
    f" AND a.unit = json_extract(w.value, '$[0]') AND a.task = json_extract(w.value, '$[1]') {_JOINED}"
)
_OUTLINES = (
    "SELECT unit, task, outline FROM accepted WHERE period = ? AND task IN (SELECT value FROM json_each(?))"
)
_OF_UNITS = " AND unit IN (SELECT value FROM json_each(?))"
_LISTED = "(SELECT value FROM json_each({}))"


class _Blob(Record, frozen=True, array_like=True):
    """An outline as it stands in a column."""

    role: Role
    sheet: str
    row: int
    answers: dict[str, Answer]
    texts: dict[str, int]


_decode_blob = msgspec.msgpack.Decoder(_Blob).decode


def as_blob(outline: Outline) -> bytes:
    """Give an outline as it stands in a column."""
    one = outline.entry
    return msgspec.msgpack.encode(_Blob(one.role, one.sheet, one.row, one.answers, outline.texts))


def _outline_of(unit: str, task: str, blob: bytes) -> Outline:
    one = _decode_blob(blob)
    return Outline(Entry(unit, task, one.role, one.answers, one.sheet, one.row), one.texts)


class Outcomes(Store):
    """What the ledger holds of what counts, reading only; ``Derived`` keeps it."""

    def accepted(
        self, period: str, units: Iterable[str] | None = None, tasks: Iterable[str] | None = None
    ) -> Iterator[Entry]:
        """Give the entries that count in a period, of some units or tasks or of all.

        They come by unit and task, but by task and unit where only tasks are named.
        """
        wanted: list[Any] = [period]
        sql = _ENTRY
        for column, names in (("unit", units), ("task", tasks)):
            if names is not None:
                wanted.append(as_json(tuple(names)))
                sql += f" AND a.{column} IN {_LISTED.format(f'?{len(wanted)}')}"
        # of some tasks, by their index: in order of units SQLite would go over the whole period each time
        order = "a.unit, a.task" if tasks is None or units is not None else "a.task, a.unit"
        with self._failures():
            for record, *columns in self._connection.execute(f"{sql} ORDER BY {order}", wanted):
                yield entry_of(*columns) if record is None else _decode_entry(record)

    def accepted_at(self, period: str, places: Iterable[tuple[str, str]]) -> Iterator[Entry]:
        """Give the entries that count in a period of some units and tasks, in their order."""
        with self._failures():
            for record, *columns in self._connection.execute(_ENTRY_AT, (period, as_json(tuple(places)))):
                yield entry_of(*columns) if record is None else _decode_entry(record)

    def outlines(
        self, period: str, tasks: Iterable[str], units: Iterable[str] | None = None
    ) -> Iterator[Outline]:
        """Give the entries that count of some tasks, of all units or some, without their words.

        They come by task and unit.
        """
        names = [period, as_json(tuple(tasks)), *(() if units is None else (as_json(tuple(units)),))]
        sql = _OUTLINES if units is None else _OUTLINES + _OF_UNITS
        with self._failures():
            for columns in self._connection.execute(sql + " ORDER BY task, unit", names):
                yield _outline_of(*columns)

    def marks(self, period: str) -> Iterator[tuple[str, str, bytes, bytes]]:
        """Give unit, task, marks and normalised texts of each entry that counts in a period."""
        with self._failures():
            yield from self._connection.execute(
                "SELECT unit, task, marks, texts FROM accepted WHERE period = ? ORDER BY task, unit",
                (period,),
            )

    def accepted_units(self, period: str, task: str) -> tuple[str, ...]:
        """Give the units of which an entry of a task counts."""
        with self._failures():
            rows = self._rows("SELECT unit FROM accepted WHERE period = ? AND task = ?", period, task)
        return tuple(unit for (unit,) in rows)

    def accepted_count(self, period: str) -> int:
        """Count the entries that count in a period."""
        with self._failures():
            return int(self._rows("SELECT count(*) FROM accepted WHERE period = ?", period)[0][0])

    def sources(self, period: str) -> tuple[Source, ...]:
        """Give the file that counts of each unit, in order of their paths."""
        with self._failures():
            rows = self._rows(
                "SELECT f.unit, f.path, f.received FROM files f JOIN judgements j ON j.file = f.id"
                " WHERE f.period = ? AND j.status IN ('accepted', 'accepted_with_errors')"
                " AND f.version IS NOT NULL ORDER BY f.path, f.received, f.sha256",
                period,
            )
        return tuple(Source(unit, path, datetime.fromisoformat(received)) for unit, path, received in rows)

    def counting(self, period: str) -> Iterator[tuple[str, str]]:
        """Give path and content of the files that count in a period."""
        with self._failures():
            yield from self._connection.execute(
                "SELECT f.path, f.sha256 FROM files f JOIN judgements j ON j.file = f.id WHERE f.period = ?"
                " AND j.status IN ('accepted', 'accepted_with_errors') AND f.version IS NOT NULL",
                (period,),
            )

    def standings(self, period: str) -> dict[str, UnitStatus]:
        """Give where each expected unit of a period stands."""
        with self._failures():
            rows = self._rows("SELECT record FROM standings WHERE period = ? AND record != ''", period)
            return {one.unit: one for one in map(_decode_standing, (record for (record,) in rows))}

    def judged(self, period: str) -> tuple[FileRecord, ...]:
        """Give all files of a period with their final status and all that was found; not their entries."""
        columns = (
            "f.path, f.sha256, f.size, f.received, coalesce(j.status, f.status), coalesce(j.unit, f.unit),"
            " f.version, f.tied_by, '{}', '[]'"
        )
        with self._failures():
            read: dict[int, list[Finding]] = {}
            for file, record in self._rows(
                "SELECT n.file, n.record FROM files f JOIN findings n ON n.file = f.id WHERE f.period = ?"
                " ORDER BY n.file, n.number",
                period,
            ):
                read.setdefault(file, []).append(_decode_finding(record))
            rows = self._connection.execute(
                f"SELECT f.id, coalesce(j.own, '[]'), coalesce(j.across, '[]'), {columns} FROM files f"  # noqa: S608 - ours
                " LEFT JOIN judgements j ON j.file = f.id WHERE f.period = ?"
                " ORDER BY f.path, f.received, f.sha256",
                (period,),
            )
            return tuple(
                file_of(
                    period,
                    *row,
                    findings=(*read.pop(key, ()), *_decode_findings(own), *_decode_findings(across)),
                    entries=(),
                )
                for key, own, across, *row in rows
            )

    def told(self, period: str) -> int:
        """Count the units of which an entry counts."""
        with self._failures():
            rows = self._rows("SELECT count(*) FROM standings WHERE period = ? AND digest != ''", period)
        return int(rows[0][0])

    def indicator_values(self, period: str) -> tuple[IndicatorValue, ...]:
        """Give what counts of indicators, by the path of the file that it is from."""
        with self._failures():
            rows = self._rows(
                "SELECT f.indicator_values FROM files f JOIN judgements j ON j.file = f.id WHERE f.period = ?"
                " AND j.status IN ('accepted', 'accepted_with_errors') AND f.version IS NOT NULL"
                " ORDER BY f.path, f.received, f.sha256",
                period,
            )
            return tuple(value for (record,) in rows for value in decode_indicators(record or "[]"))

    def remarks(self, period: str) -> tuple[Finding, ...]:
        """Give what was found in a period that is no file's."""
        with self._failures():
            rows = self._rows("SELECT record FROM remarks WHERE period = ? ORDER BY number", period)
            return tuple(_decode_finding(record) for (record,) in rows)

    def merged(self, period: str) -> dict[str, tuple[int, dict[str, Scalar]]]:
        """Give by task how many entries count and what they were merged to, where they are many."""
        with self._failures():
            rows = self._rows("SELECT task, entries, record FROM merged WHERE period = ?", period)
            return {task: (count, _decode_values(record)) for task, count, record in rows}

    def point(self, period: str) -> TrendPoint | None:
        """Give what a period that was settled came to, in short."""
        with self._failures():
            rows = self._rows("SELECT record FROM settled WHERE period = ? AND record != ''", period)
            return _decode_point(rows[0][0]) if rows else None
