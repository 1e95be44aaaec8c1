"""What a document says of who does something, and no task was read from: told, so that none is lost."""

from __future__ import annotations

from collections.abc import Iterable

from kepu_xls.messages import finding
from kepu_xls.model import Finding
from kepu_xls.plan import duties
from kepu_xls.plan.blocks import Block, Cell, Table, distinct, flat

_SHOWN = 30


def in_cells(cells: Iterable[Cell]) -> tuple[Finding, ...]:
    """Tell of the texts that name who does something: a warning where it reads like a task, else info."""
    found = []
    for cell in cells:
        plain = duties.labelled(cell.text) or bool(duties.parted(cell.text).said)
        if word := duties.mentions(cell.text) or ("牵头" if plain else ""):
            code = "plan-duty-unread" if plain else "plan-duty-mentioned"
            found.append(finding(code, cell.place, word=word, text=_short(cell.text)))
    return tuple(found)


def in_tables(blocks: Iterable[Block]) -> tuple[Finding, ...]:
    """Tell of the tables that name who does something, each once, at the first cell that does."""
    found = []
    for block in blocks:
        if isinstance(block, Table):
            cells = [cell for row in block.rows for cell in distinct(row) if duties.mentions(cell.text)]
            if cells:
                word = duties.mentions(cells[0].text)
                found.append(finding("plan-table-unread", cells[0].place, word=word))
    return tuple(found)


def _short(text: str) -> str:
    line = flat(text)
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"
