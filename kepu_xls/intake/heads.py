"""Which column is which: by the hidden row of keys, and by the visible header, one row high or two.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import msgspec

from kepu_xls.identity import TASK_KEY
from kepu_xls.intake.grid import Grid
from kepu_xls.intake.labels import BARE, GIVEN, Meanings, meaning
from kepu_xls.model import Record

_FEWEST_HEADS = 3
_LONGEST_HEAD = 20
_LONGEST_WORDING = 60

Closeness = tuple[int, int]
"""(column, how closely its head fits)"""


class Heads(Record, frozen=True):
    """Which column is which: key of a field or given column → column.  ``rows``: those of keys and header.

    ``disagreeing``: fields for which the hidden key row and the visible header name different columns (the
    visible one counts); ``doubled``: fields that two columns claim, with both.
    """

    columns: dict[str, int]
    rows: frozenset[int]
    hidden_numbers: int = 0
    has_keys: bool = False
    disagreeing: tuple[str, ...] = ()
    doubled: dict[str, tuple[int, int]] = msgspec.field(default_factory=dict)


def find_heads(grid: Grid, words: Meanings) -> Heads | None:
    """Find the columns by the hidden key row and the visible header; None where there is no task table."""
    key_row, keys, hidden_numbers = _key_row(grid, {key for key, _ in words.values()})
    header_rows, labels, doubled = _header(grid, words)
    if not keys and not labels:
        return None
    columns, disagreeing = _reconciled(keys, labels)
    if len(columns) < _FEWEST_HEADS or not set(columns) - set(GIVEN):
        return None
    return Heads(
        columns=columns,
        rows=frozenset({*key_row, *header_rows}),
        hidden_numbers=hidden_numbers,
        has_keys=bool(keys),
        disagreeing=disagreeing,
        doubled=doubled,
    )


def _key_row(grid: Grid, keys: set[str]) -> tuple[tuple[int, ...], dict[str, int], int]:
    """Find the row that names field keys, with ``@task`` over the hidden numbers; not that of indicators."""
    for row, cells in grid.cells.items():
        texts = {value.strip(): column for column, value in cells.items() if isinstance(value, str)}
        found = {text: column for text, column in texts.items() if text in keys}
        if len(found) >= _FEWEST_HEADS and TASK_KEY in texts:
            return (row,), found, texts[TASK_KEY]
    return (), {}, 0


def _header(
    grid: Grid, words: Meanings
) -> tuple[tuple[int, ...], dict[str, Closeness], dict[str, tuple[int, int]]]:
    """Find the rows that name the most columns, one or two, and for each key (column, closeness)."""
    best: tuple[int, tuple[int, ...], list[tuple[int, str, int]]] = (0, (), [])
    meant = cache(lambda wording: meaning(wording, words))  # a large sheet says the same words in many rows
    singles = [(row,) for row in grid.cells]
    doubles = [(row, row + 1) for row in grid.cells if _may_be_lower_half(grid, row + 1)]
    for rows in (*singles, *doubles):  # two rows only where they name more than any one
        heads = list(_meant(grid, rows, meant))
        score = len({key for _, key, _ in heads})
        if score > best[0]:
            best = (score, rows, heads)
    if best[0] < _FEWEST_HEADS:
        return (), {}, {}
    return best[1], *_closest(best[2])


def _may_be_lower_half(grid: Grid, row: int) -> bool:
    """Tell whether a row may be the lower half of a header: short words only, no number."""
    cells = grid.cells.get(row, {})
    return bool(cells) and all(
        isinstance(value, str) and len(value) <= _LONGEST_HEAD and not value[:1].isdigit()
        for value in cells.values()
    )


def _meant(
    grid: Grid, rows: tuple[int, ...], meant: Callable[[str], tuple[str, int] | None]
) -> Iterator[tuple[int, str, int]]:
    """Give (column, key, closeness) of each column named; the whole head is tried before its halves."""
    columns = sorted({column for row in rows for column in grid.cells[row]})
    above = ""
    for column in columns:
        parts = [_word(grid, row, column) for row in rows]
        above = parts[0] or above
        for wording in ("".join(parts), *reversed(parts), above + parts[-1] if len(rows) > 1 else ""):
            if wording and (found := meant(wording)) is not None:
                yield column, *found
                break


def _word(grid: Grid, row: int, column: int) -> str:
    """Give a cell's text where it is short enough for a head."""
    value = grid.at(row, column)
    return value if isinstance(value, str) and len(value) <= _LONGEST_WORDING else ""


def _closest(
    heads: list[tuple[int, str, int]],
) -> tuple[dict[str, Closeness], dict[str, tuple[int, int]]]:
    """Choose one column a key: the closest wording, then the leftmost; two equally close are told."""
    chosen: dict[str, Closeness] = {}
    doubled: dict[str, tuple[int, int]] = {}
    for column, key, rank in heads:
        if key not in chosen or rank < chosen[key][1]:
            chosen[key] = (column, rank)
            doubled.pop(key, None)
        elif rank == chosen[key][1] and key not in GIVEN:
            doubled[key] = (chosen[key][0], column)
    return chosen, doubled


def _reconciled(keys: dict[str, int], labels: dict[str, Closeness]) -> tuple[dict[str, int], tuple[str, ...]]:
    """Join both: where they disagree, what people saw (a label, not a mere synonym) counts."""
    columns = {key: column for key, (column, _) in labels.items()}
    labelled = {column: key for key, (column, rank) in labels.items() if rank <= BARE}
    disagreeing = []
    for key, column in keys.items():
        if labelled.get(column, key) != key or (key in labels and labels[key][1] <= BARE):
            if columns.get(key, 0) != column:
                disagreeing.append(key)
        else:
            columns[key] = column
    return columns, tuple(disagreeing)
