"""Which column is which: by the hidden row of keys, and by the visible header, one row high or two.  Pure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import msgspec

from kepu_xls.identity import TASK_KEY
from kepu_xls.intake.grid import Grid, Raw
from kepu_xls.intake.labels import BARE, GIVEN, Words
from kepu_xls.model import Record

_FEWEST_HEADS = 3
_LONGEST_HEAD = 20
_LONGEST_WORDING = 60
_REMEMBERED, _MOST_KEPT, _LONGEST_KEPT = 128, 120, 1 << 14

_Rows = dict[int, dict[int, Raw]]
_Cells = tuple[tuple[int, Raw], ...]
_Head = tuple[int, str, int]
"""(column, key, how closely its wording fits)"""
_Keys = tuple[tuple[int, ...], dict[str, int], int]
"""(the row of keys, key → column, the column of hidden numbers)"""
_NO_KEYS: _Keys = ((), {}, 0)
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
    keys = _key_row(grid.cells, words.keys)
    if keys[0]:  # one of our own forms, in which every unit's rows are others
        return _found(grid.cells, words, keys)
    if len(set[int]().union(*grid.cells.values())) < _FEWEST_HEADS:  # columns, one for each head
        return None
    rows = _promising(grid.cells)
    length = sum([len(value) for cells in rows.values() for value in cells.values() if type(value) is str])
    if sum(map(len, rows.values())) > _MOST_KEPT or length > _LONGEST_KEPT:
        return _found(rows, words, _NO_KEYS)
    return _kept(tuple([(row, tuple(cells.items())) for row, cells in rows.items()]), words)


def _promising(rows: _Rows) -> _Rows:
    """Give the rows that have enough cells for a header, alone or with the one above or below."""
    none: dict[int, Raw] = {}
    return {
        row: cells
        for row, cells in rows.items()
        if len(cells) >= _FEWEST_HEADS
        or max(len(rows.get(row - 1, none)), len(rows.get(row + 1, none))) + len(cells) >= _FEWEST_HEADS
    }


@lru_cache(_REMEMBERED)  # the guide says the same in every form of a period
def _kept(rows: tuple[tuple[int, _Cells], ...], words: Words) -> Heads | None:
    return _found({row: dict(cells) for row, cells in rows}, words, _NO_KEYS)


def _found(rows: _Rows, words: Words, found: _Keys) -> Heads | None:
    key_row, keys, hidden_numbers = found
    header_rows, labels, doubled = _header(rows, words)
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


def _key_row(rows: _Rows, keys: frozenset[str]) -> _Keys:
    """Find the row that names field keys, with ``@task`` over the hidden numbers; not that of indicators."""
    for row, cells in rows.items():
        if len(cells) <= _FEWEST_HEADS or not _holds(cells, TASK_KEY):  # or no room for as many keys
            continue
        texts = {value.strip(): column for column, value in cells.items() if isinstance(value, str)}
        found = {text: column for text, column in texts.items() if text in keys}
        if len(found) >= _FEWEST_HEADS and TASK_KEY in texts:
            return (row,), found, texts[TASK_KEY]
    return _NO_KEYS


def _holds(cells: dict[int, Raw], part: str) -> bool:
    return any([type(value) is str and part in value for value in cells.values()])  # noqa: C419 - it is faster


def _header(
    rows: _Rows, words: Words
) -> tuple[tuple[int, ...], dict[str, Closeness], dict[str, tuple[int, int]]]:
    """Find the rows that name the most columns, one or two, and for each key (column, closeness)."""
    best: tuple[int, tuple[int, ...], tuple[_Head, ...]] = (_FEWEST_HEADS - 1, (), ())
    for row, cells in rows.items():
        if len(cells) > best[0]:  # a cell names no more than one
            best = _better(best, (row,), _named(cells, words))
            if best[0] == len(words.keys):  # and none names more
                break
    else:  # two rows only where they name more than any one
        for row, cells in rows.items():
            below = rows.get(row + 1, {})
            if len(cells) + len(below) > best[0] and _may_be_lower_half(below):
                heads = _named_by_halves(cells, below, words)
                best = _better(best, (row, row + 1), heads)
    return best[1], *_closest(best[2])


def _better(
    best: tuple[int, tuple[int, ...], tuple[_Head, ...]], rows: tuple[int, ...], heads: tuple[_Head, ...]
) -> tuple[int, tuple[int, ...], tuple[_Head, ...]]:
    score = len({key for _, key, _ in heads})
    return (score, rows, heads) if score > best[0] else best


def _may_be_lower_half(cells: dict[int, Raw]) -> bool:
    """Tell whether a row may be the lower half of a header: short words only, no number."""
    for value in cells.values():
        if not isinstance(value, str) or len(value) > _LONGEST_HEAD or value[:1].isdigit():
            return False
    return bool(cells)


def _named(cells: dict[int, Raw], words: Words) -> tuple[_Head, ...]:
    """Give what a row names."""
    return tuple(
        [
            (column, *meaning)
            for column, text in sorted(_words(cells.items()))
            if (meaning := words.meaning(text)) is not None
        ]
    )


def _named_by_halves(cells: dict[int, Raw], below: dict[int, Raw], words: Words) -> tuple[_Head, ...]:
    """Give what two rows name together; the whole head is tried before its halves."""
    upper, lower = dict(_words(cells.items())), dict(_words(below.items()))
    found, above = [], ""
    for column in sorted(upper.keys() | lower.keys()):
        one, other = upper.get(column, ""), lower.get(column, "")
        above = one or above
        for wording in (one + other, other, one, above + other):
            if wording and (meaning := words.meaning(wording)) is not None:
                found.append((column, *meaning))
                break
    return tuple(found)


def _words(cells: Iterable[tuple[int, Raw]]) -> list[tuple[int, str]]:
    """Give the cells with texts that are short enough for a head."""
    return [
        (column, value) for column, value in cells if type(value) is str and len(value) <= _LONGEST_WORDING
    ]


def _closest(
    heads: tuple[_Head, ...],
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
