"""The sheet of indicators: which row is which indicator, and the figure reached.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache

from kepu_xls.identity import INDICATOR_COLUMNS, INDICATOR_KEYS, NUMBER_KEY, TASK_KEY
from kepu_xls.intake.grid import Grid, Held
from kepu_xls.intake.labels import fold
from kepu_xls.intake.locate import plain_number
from kepu_xls.model import Field, FieldType, Indicator, Plan, Record

FIGURE = Field(key="@value", label=INDICATOR_COLUMNS[INDICATOR_KEYS.index("@value")], type=FieldType.DECIMAL)
NOTE = Field(key="@note", label=INDICATOR_COLUMNS[INDICATOR_KEYS.index("@note")])
_REMEMBERED, _LONGEST_HEAD = 1024, 60
_NAME = "@indicator"
_NEEDED = {_NAME, FIGURE.key}
_KEYS = {TASK_KEY, *INDICATOR_KEYS}
_HEADS = {fold(label): key for label, key in zip(INDICATOR_COLUMNS, INDICATOR_KEYS, strict=True)}


class IndicatorRow(Record, frozen=True):
    """A row of an indicator table.

    ``indicator`` is None where it is not one of the unit's, ``note`` where the table has no such column.
    """

    sheet: str
    row: int
    name: str
    indicator: Indicator | None
    figure: Held
    note: Held | None


def indicator_rows(
    grids: Iterable[Grid], plan: Plan, unit: str, task_rows: Mapping[str, AbstractSet[int]]
) -> Iterator[IndicatorRow]:
    """Give the rows of every indicator table, matched to the unit's indicators by task and name.

    ``task_rows``: by sheet, the rows that answer a task; none of them is the head of such a table.
    """
    for grid in grids:
        columns, heads = _columns(grid, task_rows.get(grid.name, frozenset()))
        if not columns:
            continue
        own = plan.indicators_of(unit)
        for row in sorted(grid.cells.keys() - heads):
            if name := grid.text(row, columns[_NAME]).strip():
                yield _row(grid, columns, row, name, own)


def _columns(grid: Grid, no_heads: AbstractSet[int]) -> tuple[dict[str, int], frozenset[int]]:
    """Find the columns by the key row, then by the header; what people saw counts."""
    columns: tuple[dict[str, int], dict[str, int]] = ({}, {})
    rows = set[int]()
    for row, cells in grid.cells.items():
        if row in no_heads or len(cells) < len(_NEEDED):
            continue
        said = [
            (column, meanings)
            for column, value in cells.items()
            if type(value) is str and len(value) <= _LONGEST_HEAD and any(meanings := _meanings(value))
        ]
        for place, known in enumerate(columns) if len(said) >= len(_NEEDED) else ():
            named = {meanings[place]: column for column, meanings in said if meanings[place]}
            if not known and named.keys() >= _NEEDED:
                known.update(named)
                rows.add(row)
    return columns[0] | columns[1], frozenset(rows)


@lru_cache(_REMEMBERED)  # forms of a period say the same around their tables
def _meanings(text: str) -> tuple[str, str]:
    """Give the key that a cell means in the row of keys and in the header; empty where it means none."""
    word = text.strip()
    return word if word in _KEYS else "", _HEADS.get(fold(text), "")


def _row(
    grid: Grid, columns: dict[str, int], row: int, name: str, own: tuple[Indicator, ...]
) -> IndicatorRow:
    numbers = (grid.text(row, columns.get(key, 0)) for key in (NUMBER_KEY, TASK_KEY))
    task = next((plain_number(number) for number in numbers if number), "")
    fits = [one for one in own if fold(one.name) == fold(name) and task in ("", one.task)]
    figure, note = columns[FIGURE.key], columns.get(NOTE.key, 0)
    return IndicatorRow(
        sheet=grid.name,
        row=row,
        name=name,
        indicator=fits[0] if len(fits) == 1 else None,
        figure=Held(grid.at(row, figure), row, figure),
        note=Held(grid.at(row, note), row, note) if note else None,
    )
