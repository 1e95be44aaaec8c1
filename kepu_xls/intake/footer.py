"""The questions that stand once in a form, not in every row: 填报人, 联系电话, 审核人, 填报日期.  Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from kepu_xls.intake.grid import Grid, Held, Raw
from kepu_xls.intake.labels import fold
from kepu_xls.model import Field

_REMEMBERED, _LONGEST_REMEMBERED = 1024, 200


class Labels:
    """The wordings of form-level fields, and how they stand in a cell: alone, or before a colon."""

    def __init__(self, fields: Iterable[Field]) -> None:
        fields = tuple(fields)
        self._keys = {fold(word): field.key for field in fields for word in field.synonyms}
        self._keys |= {fold(field.label): field.key for field in fields}
        words = sorted(
            {word for field in fields for word in (field.label, *field.synonyms)}, key=len, reverse=True
        )
        spaced = [r"\s*".join(re.escape(sign) for sign in word) for word in words]
        self._named = (
            re.compile(rf"(?P<label>{'|'.join(spaced)})\s*(?:[(（][^()（）]*[)）]\s*)?[:：]")
            if words
            else None
        )
        self._known = lru_cache(_REMEMBERED)(self._segments)

    def segments(self, raw: Raw) -> list[tuple[str, str]]:
        """Split ``填报人：甲 审核人：乙`` into (key, value); a bare label is one with an empty value."""
        if not isinstance(raw, str):
            return []
        return self._known(raw) if len(raw) <= _LONGEST_REMEMBERED else self._segments(raw)

    def _segments(self, raw: str) -> list[tuple[str, str]]:
        if key := self._keys.get(fold(raw)):
            return [(key, "")]
        found = list(self._named.finditer(raw)) if self._named else []
        if not found or raw[: found[0].start()].strip():
            return []
        ends = [match.start() for match in found[1:]] + [len(raw)]
        return [
            (self._keys[fold(match["label"])], raw[match.end() : end].strip(" \t\r\n_＿"))
            for match, end in zip(found, ends, strict=True)
        ]


def form_cells(grid: Grid, labels: Labels, table_rows: frozenset[int]) -> dict[str, Held]:
    """Find the form-level answers outside the table; without an answer, the cell where it belongs."""
    found: dict[str, Held] = {}
    for row, cells in grid.cells.items():
        if row in table_rows:
            continue
        for column, raw in sorted(cells.items()) if len(cells) > 1 else cells.items():
            for key, value in labels.segments(raw):
                cell = Held(value, row, column) if value else _beside(grid, labels, row, column)
                if key not in found or (found[key].raw is None and cell.raw is not None):
                    found[key] = cell
    return found


def _beside(grid: Grid, labels: Labels, row: int, column: int) -> Held:
    """Look right of a label for what is not another label; else the first cell right of it, empty."""
    for later in sorted(one for one in grid.cells[row] if one > column):
        raw = grid.at(row, later)
        if labels.segments(raw):
            break
        return Held(raw, row, later)
    return Held(None, row, grid.spans.get((row, column), (row, column))[1] + 1)
