"""The periods that were opened, each frozen as its forms were issued."""

from __future__ import annotations

from pathlib import Path

import msgspec

from kepu_xls.ledger.columns import as_json
from kepu_xls.ledger.store import Store
from kepu_xls.model import OpenPeriod, Plan

_decode_period = msgspec.json.Decoder(OpenPeriod).decode
_decode_plan = msgspec.json.Decoder(Plan).decode
_ELSEWHERE = Plan("")  # plans are kept once for all periods that share them


class Periods(Store):
    """What the ledger holds of periods.  What was frozen is read once."""

    def __init__(self, path: Path, *, writing: bool) -> None:
        super().__init__(path, writing=writing)
        self._opened: dict[tuple[str, int], OpenPeriod] = {}
        self._plans: dict[int, Plan] = {}

    def open_period(self, period: OpenPeriod) -> None:
        """Freeze a period, or the next version of one."""
        record = as_json(msgspec.structs.replace(period, plan=_ELSEWHERE))
        with self.transaction():
            self._connection.execute(
                "INSERT INTO periods (period, version, opened, record, plan) VALUES (?, ?, ?, ?, ?)",
                (
                    period.period,
                    period.version,
                    period.opened.isoformat(),
                    record,
                    self._kept(as_json(period.plan)),
                ),
            )

    def _kept(self, plan: str) -> int:
        """Keep a plan, unless it is there, and give its number."""
        for (number,) in self._rows("SELECT id FROM plans WHERE record = ?", plan):
            return int(number)
        return int(self._connection.execute("INSERT INTO plans (record) VALUES (?)", (plan,)).lastrowid or 0)

    def periods(self) -> dict[str, OpenPeriod]:
        """Give the latest version of every period by name, in the order in which they were first opened."""
        with self._failures():
            # the latest is told by its version: a clock may have been set back since the one before
            rows = self._rows(
                "SELECT period, max(version) FROM periods GROUP BY period ORDER BY min(opened), period"
            )
            return {period: self._period(period, version) for period, version in rows}

    def _period(self, period: str, version: int) -> OpenPeriod:
        key = period, version
        if key not in self._opened:
            ((record, plan),) = self._rows(
                "SELECT record, plan FROM periods WHERE period = ? AND version = ?", *key
            )
            self._opened[key] = msgspec.structs.replace(_decode_period(record), plan=self._plan(plan))
        return self._opened[key]

    def _plan(self, number: int) -> Plan:
        if number not in self._plans:
            ((record,),) = self._rows("SELECT record FROM plans WHERE id = ?", number)
            self._plans[number] = _with_names_once(_decode_plan(record))
        return self._plans[number]


def _with_names_once(plan: Plan) -> Plan:
    """Let tasks name units by the units' own strings: a province's plan names each many times."""
    names = {unit.name: unit.name for unit in plan.units}

    def own(given: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(names.get(name, name) for name in given)

    tasks = (
        msgspec.structs.replace(task, leads=own(task.leads), participants=own(task.participants))
        for task in plan.tasks
    )
    return msgspec.structs.replace(plan, tasks=tuple(tasks))
