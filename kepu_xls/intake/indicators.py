"""The sheet of indicators: which row is which indicator, and the figure reached.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kepu_xls.identity import INDICATOR_COLUMNS, INDICATOR_KEYS, NUMBER_KEY, TASK_KEY
from kepu_xls.intake.grid import Grid, Raw, address
from kepu_xls.intake.labels import fold
from kepu_xls.intake.locate import plain_number
from kepu_xls.model import Field, FieldType, Indicator, Record

FIGURE = Field(key="@value", label=INDICATOR_COLUMNS[INDICATOR_KEYS.index("@value")], type=FieldType.DECIMAL)
NOTE = Field(key="@note", label=INDICATOR_COLUMNS[INDICATOR_KEYS.index("@note")])
_NAME = "@indicator"
_KEYS = {key: key for key in (TASK_KEY, *INDICATOR_KEYS)}
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


def indicator_rows(grids: Iterable[Grid], own: tuple[Indicator, ...]) -> Iterator[IndicatorRow]:
    """Give the rows of every indicator table, matched to the unit's indicators by task and name."""
    for grid in grids:
        columns, heads = _columns(grid)
        if not {_NAME, FIGURE.key} <= columns.keys():
            continue
        for row in sorted(grid.cells.keys() - heads):
            if name := grid.text(row, columns[_NAME]).strip():
                yield _row(grid, columns, row, name, own)


def _columns(grid: Grid) -> tuple[dict[str, int], frozenset[int]]:
    """Find the columns by the key row, then by the header; what people saw counts."""
    columns: dict[str, int] = {}
    rows = set()
    for wordings in (_KEYS, _HEADS):
        for row, cells in grid.cells.items():
            found = {
                wordings[word]: column
                for column, value in cells.items()
                if isinstance(value, str)
                and (word := value.strip() if wordings is not _HEADS else fold(value)) in wordings
            }
            if {_NAME, FIGURE.key} <= found.keys():
                columns |= found
                rows.add(row)
                break
    return columns, frozenset(rows)


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
