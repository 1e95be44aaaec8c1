"""同上 and 〃 in a task table: what stands in the cell above."""

from __future__ import annotations

import re

from kepu_xls.messages import finding
from kepu_xls.model import Finding
from kepu_xls.plan.blocks import Cell, Row, flat
from kepu_xls.plan.headings import Column
from kepu_xls.plan.layout import Layout

_DITTO = re.compile(r"(?<![^、，,；;\s])(?:同上(?:行|栏)?|同前|〃|″)(?![^、，,；;\s。])")
_QUOTES = ('"', "“", "”", "''", ",,")  # typed for 〃; more than that they are only in a cell of their own
_SHOWN = 20


class Dittos:
    """Remembers, going down a table, what each column said last."""

    def __init__(self) -> None:
        self._last: dict[int, Cell] = {}

    def filled(self, row: Row, layout: Layout) -> tuple[Row, list[Finding]]:
        """Give a row in which every 同上 is replaced by what it stands for, and a finding for each.

        In the column of tasks it is the cell above itself: the row goes on with that task.
        """
        made = list(row)
        found: list[Finding] = []
        for column, indexes in layout.columns.items():
            for index in (index for index in indexes if index < len(row) and column is not Column.OTHER):
                cell, last = made[index], self._last.get(index)
                if last is not None and _says_ditto(cell.text):
                    made[index] = cell = last if column is Column.TASK else _replaced(cell, last)
                    shown = flat(last.text)
                    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
                    found.append(finding("plan-ditto", row[index].place, text=shown))
                if not cell.blank:
                    self._last[index] = cell
        return tuple(made), list(dict.fromkeys(found))


def _says_ditto(text: str) -> bool:
    return text.strip() in _QUOTES or _DITTO.search(text) is not None


def _replaced(cell: Cell, last: Cell) -> Cell:
    alone = cell.text.strip() in _QUOTES
    return Cell(last.text if alone else _DITTO.sub(lambda _: last.text, cell.text), cell.place)
