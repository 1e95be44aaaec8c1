"""How wide the columns of a table are: room goes to the column whose texts need it most.  Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kepu_xls.model import Record
from kepu_xls.report import layout

_STEP = 1.5  # characters a column grows by at a time
_SHARP = 6  # how much more the highest cell of a row counts than its neighbours
_BLUNT = 1 / _SHARP
_SAMPLE = 200  # rows looked at: enough to know a table by
_LONGEST_WORD = re.compile(r"[0-9A-Za-z.,:-]+")


class Need(Record, frozen=True):
    """What a column needs: ``least`` is its width where room is scarce, ``most`` where there is plenty.

    ``size`` is that of its type, ``texts`` are its cells; ``flexible`` ones grow with their texts.
    """

    least: float
    most: float
    size: float
    texts: tuple[str, ...]
    flexible: bool


def shared(needs: Sequence[Need], room: float) -> list[float]:
    """Give widths that together fill ``room`` points and make the table as low as they can.

    They are wider where they cannot be that narrow; printing then scales the sheet down.
    """
    widths = [_least(need) for need in needs]
    spare = room - sum(map(layout.column_outer_points, widths))
    columns = {index: _cells(need) for index, need in enumerate(needs) if need.flexible}
    now = {index: _weights(cells, widths[index]) for index, cells in columns.items()}
    wider = {index: _weights(cells, widths[index] + _STEP) for index, cells in columns.items()}
    rows = [sum(weights) for weights in zip(*now.values(), strict=True)]
    for _ in range(int(spare / layout.column_points(_STEP))):
        free = [index for index in columns if widths[index] + _STEP <= needs[index].most]
        if not free:
            break
        best = min(free, key=lambda index: (_total(rows, now[index], wider[index]), widths[index]))
        rows = [row - old + new for row, old, new in zip(rows, now[best], wider[best], strict=True)]
        widths[best] += _STEP
        now[best] = wider[best]
        wider[best] = _weights(columns[best], widths[best] + _STEP)
    return [round(width, 1) for width in widths]


def _least(need: Need) -> float:
    """Give the least width: a number or a code is never parted."""
    words = (word for text in need.texts for word in _LONGEST_WORD.findall(text))
    longest = (
        0.0 if need.flexible else max((layout.text_points(word, need.size) for word in words), default=0)
    )
    return min(max(need.least, longest / layout.POINTS_PER_CHARACTER + 0.7), need.most)


Paragraphs = tuple[float, ...]


def _cells(need: Need) -> list[Paragraphs]:
    """Give the length in points of each paragraph of each cell, of a sample of the rows."""
    texts = need.texts[:: max(1, len(need.texts) // _SAMPLE)]
    return [tuple(layout.text_points(line, need.size) for line in text.split("\n")) for text in texts]


def _weights(cells: Sequence[Paragraphs], width: float) -> list[float]:
    """Estimate the lines of each cell in a column that wide, raised so that a row's highest cell counts most.

    Lines are not rounded: every bit of room counts.
    """
    points = layout.column_points(width)
    weights = {
        cell: sum([1.0 if length <= points else length / points + 0.5 for length in cell]) ** _SHARP
        for cell in set(cells)
    }
    return [weights[cell] for cell in cells]


def _total(rows: Sequence[float], old: Sequence[float], new: Sequence[float]) -> float:
    """Estimate the height of the table once a column has other weights."""
    changed = zip(rows, old, new, strict=True)
    return float(sum([(one if (one := row - was + now) > 0 else 0.0) ** _BLUNT for row, was, now in changed]))
