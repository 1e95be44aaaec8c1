"""The sheet of indicators: which row is which indicator, and the figure reached.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache

from kepu_xls.identity import INDICATOR_COLUMNS, INDICATOR_KEYS, NUMBER_KEY, TASK_KEY
from kepu_xls.intake.grid import Grid, Raw, address, text_length
from kepu_xls.intake.labels import fold
from kepu_xls.intake.locate import plain_number
from kepu_xls.model import Field, FieldType, Indicator, Plan, Record

FIGURE = Field(key="@value", label=INDICATOR_COLUMNS[INDICATOR_KEYS.index("@value")], type=FieldType.DECIMAL)
NOTE = Field(key="@note", label=INDICATOR_COLUMNS[INDICATOR_KEYS.index("@note")])
_REMEMBERED, _MOST_ROWS, _MOST_CELLS, _LONGEST_KEPT = 128, 40, 400, 1 << 14
_NAME = "@indicator"
_KEYS = {TASK_KEY, *INDICATOR_KEYS}
_HEADS = {fold(label): key for label, key in zip(INDICATOR_COLUMNS, INDICATOR_KEYS, strict=True)}


class IndicatorRow(Record, frozen=True):
    """A row of an indicator table.  ``indicator`` is None where it is not one of the unit's."""

    sheet: str
    row: int
    name: str
    indicator: Indicator | None
    figure: Raw
    figure_cell: str
    note: Raw = None
    note_cell: str = ""


def indicator_rows(
    grids: Iterable[Grid], plan: Plan, unit: str, task_rows: Mapping[str, AbstractSet[int]]
) -> Iterator[IndicatorRow]:
    """Give the rows of every indicator table, matched to the unit's indicators by task and name.

    ``task_rows``: by sheet, the rows that answer a task; none of them is the head of such a table.
    """
    for grid in grids:
        columns, heads = _columns(grid, task_rows.get(grid.name, frozenset()))
        if not {_NAME, FIGURE.key} <= columns.keys():
            continue
        own = plan.indicators_of(unit)
        for row in sorted(grid.cells.keys() - heads):
            if name := grid.text(row, columns[_NAME]).strip():
                yield _row(grid, columns, row, name, own)


def _columns(grid: Grid, no_heads: AbstractSet[int]) -> tuple[dict[str, int], frozenset[int]]:
    """Find the columns by the key row, then by the header; what people saw counts."""
    rows = [
        (row, tuple(cells.items()))
        for row, cells in grid.cells.items()
        if row not in no_heads and len(cells) > 1  # the name and the figure
    ]
    small = len(rows) <= _MOST_ROWS and sum([len(cells) for _, cells in rows]) <= _MOST_CELLS
    kept = small and text_length([raw for _, cells in rows for _, raw in cells]) <= _LONGEST_KEPT
    return (_named_in if kept else _named_in.__wrapped__)(tuple(rows))


@lru_cache(_REMEMBERED)  # forms of a period say the same around their tables
def _named_in(
    rows: tuple[tuple[int, tuple[tuple[int, Raw], ...]], ...],
) -> tuple[dict[str, int], frozenset[int]]:
    columns: dict[str, int] = {}
    heads = set()
    for meaning in (_key, _head):
        for row, cells in rows:
            texts = ((column, value) for column, value in cells if isinstance(value, str))
            named = {key: column for column, text in texts if (key := meaning(text))}
            if FIGURE.key in named and _NAME in named:
                columns |= named
                heads.add(row)
                break
    return columns, frozenset(heads)


def _key(text: str) -> str:
    word = text.strip()
    return word if word in _KEYS else ""


def _head(text: str) -> str:
    return _HEADS.get(fold(text), "")


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
        figure=grid.at(row, figure),
        figure_cell=address(row, figure),
        note=grid.at(row, note),
        note_cell=address(row, note) if note else "",
    )
