"""The light of each task, and its reason: the first rule of the configuration that holds wins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from kepu_xls.checks import table
from kepu_xls.checks.expressions import Columns, OfRow, compiled, written
from kepu_xls.model import OpenPeriod
from kepu_xls.outcome import Light, TaskRow
from kepu_xls.rulebook import LightRule, ReadLight, RuleFault, Value, names_in, read_light


def lights_of(
    lights: Sequence[LightRule],
    opened: OpenPeriod,
    rows: Sequence[TaskRow],
    plan_start: date,
    plan_end: date,
) -> dict[str, Light]:
    """Give each task's light, by its number; a task for which no rule holds has none.

    Rules that the fields of the period, as it was opened, cannot answer are passed over.
    """
    read = _understood(lights, opened)
    terms = {name: light.terms[name] for light in read for name in _names(light)}
    columns = table.of_tasks(terms, opened, rows, plan_start, plan_end)
    choices = [(light.colour, _holds(light, columns), written(light.reason, columns)) for light in read]
    found: dict[str, Light] = {}
    for number, row in enumerate(rows):
        lit = next(((colour, reason) for colour, holds, reason in choices if holds(number)), None)
        if lit is not None:
            found[row.task.number] = Light(lit[0], lit[1](number))
    return found


def _holds(light: ReadLight, columns: Columns) -> OfRow:
    return compiled(light.when, columns) if light.when else lambda _: True


def _understood(lights: Sequence[LightRule], opened: OpenPeriod) -> list[ReadLight]:
    read: list[ReadLight] = []
    for light in lights:
        try:
            read.append(read_light(light, opened.fields))
        except RuleFault:  # the configuration was checked; the period was opened with other fields
            continue
    return read


def _names(light: ReadLight) -> tuple[str, ...]:
    filled_in = (name for part in light.reason if isinstance(part, Value) for name in names_in(part.node))
    return (*(names_in(light.when) if light.when else ()), *filled_in)
