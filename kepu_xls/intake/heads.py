"""Which column is which: by the hidden row of keys, and by the visible header, one row high or two.  Pure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import chain

import msgspec

from kepu_xls.identity import TASK_KEY
from kepu_xls.intake.grid import Grid, Raw
from kepu_xls.intake.labels import BARE, GIVEN, Words
from kepu_xls.model import Record

_FEWEST_HEADS = 3
_LONGEST_HEAD = 20
_LONGEST_WORDING = 60
_REMEMBERED = 1024

_Cells = tuple[tuple[int, Raw], ...]
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


def find_heads(grid: Grid, words: Words) -> Heads | None:
    """Find the columns by the hidden key row and the visible header; None where there is no task table."""
    key_row, keys, hidden_numbers = _key_row(grid, words.keys)
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


def _key_row(grid: Grid, keys: frozenset[str]) -> tuple[tuple[int, ...], dict[str, int], int]:
    """Find the row that names field keys, with ``@task`` over the hidden numbers; not that of indicators."""
    for row, cells in grid.cells.items():
        if len(cells) <= _FEWEST_HEADS:  # no room for as many keys and @task
            continue
        texts = {value.strip(): column for column, value in cells.items() if isinstance(value, str)}
        found = {text: column for text, column in texts.items() if text in keys}
        if len(found) >= _FEWEST_HEADS and TASK_KEY in texts:
            return (row,), found, texts[TASK_KEY]
    return (), {}, 0


def _header(
    grid: Grid, words: Words
) -> tuple[tuple[int, ...], dict[str, Closeness], dict[str, tuple[int, int]]]:
    """Find the rows that name the most columns, one or two, and for each key (column, closeness)."""
    best: tuple[int, tuple[int, ...], tuple[tuple[int, str, int], ...]] = (_FEWEST_HEADS - 1, (), ())
    singles = ((row,) for row in grid.cells)
    doubles = ((row, row + 1) for row in grid.cells if _may_be_lower_half(grid, row + 1))
    for rows in chain(singles, doubles):  # two rows only where they name more than any one
        if sum(len(grid.cells[row]) for row in rows) <= best[0]:  # a cell names no more than one
            continue
        heads = _meant(tuple(tuple(grid.cells[row].items()) for row in rows), words)
        score = len({key for _, key, _ in heads})
        if score > best[0]:
            best = (score, rows, heads)
        if score == len(words.keys):  # and none names more
            break
    return best[1], *_closest(best[2])


def _may_be_lower_half(grid: Grid, row: int) -> bool:
    """Tell whether a row may be the lower half of a header: short words only, no number."""
    cells = grid.cells.get(row, {})
    return bool(cells) and all(
        isinstance(value, str) and len(value) <= _LONGEST_HEAD and not value[:1].isdigit()
        for value in cells.values()
    )


@lru_cache(_REMEMBERED)  # header and guide say the same in every form of a period
def _meant(rows: tuple[_Cells, ...], words: Words) -> tuple[tuple[int, str, int], ...]:
    """Give (column, key, closeness) of each column named; the whole head is tried before its halves."""
    texts = [dict(_words(cells)) for cells in rows]
    found, above = [], ""
    for column in sorted({column for row in texts for column in row}):
        parts = [row.get(column, "") for row in texts]
        above = parts[0] or above
        for wording in ("".join(parts), *reversed(parts), above + parts[-1] if len(rows) > 1 else ""):
            if wording and (meaning := words.meaning(wording)) is not None:
                found.append((column, *meaning))
                break
    return tuple(found)


def _words(cells: _Cells) -> Iterator[tuple[int, str]]:
    """Give the cells with texts that are short enough for a head."""
    for column, value in cells:
        if isinstance(value, str) and len(value) <= _LONGEST_WORDING:
            yield column, value


def _closest(
    heads: tuple[tuple[int, str, int], ...],
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
