"""Rows whose cells differ from unit to unit: what is the same is a pattern, the rest is put in."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from kepu_xls.forms import heights, marks, texts
from kepu_xls.forms.sizes import Sizes
from kepu_xls.model import Record

_CELL = re.compile(r'<c r="([A-Z]+)\d+"([^>]*?)(?:/>|>(.*?)</c>)', re.DOTALL)
_STYLE = re.compile(r' s="(\d+)"')
_GIVEN_ANEW = re.compile(r'\s*\b(?:r|ht|customHeight)="[^"]*"')

Room = tuple[float, float]
"""The width that a text has, and the size of its font."""


class SlotFacts(Record, frozen=True):
    """What a cell with marks says of itself beside its XML.

    ``text``: with its marks; ``room``: what it is fitted into, None where it is not; ``flagged``: the style
    that it has where it is flagged, None where it never is.
    """

    text: str
    room: Room | None
    flagged: int | None


class RowFacts(Record, frozen=True):
    """What a row that was laid out says of itself beside its XML.

    ``least``: its height before it was fitted; ``needed``: what its unchanging cells need.  ``slots``: what
    is to be filled, by column letter.
    """

    least: float | None
    needed: float
    slots: dict[str, SlotFacts]


class Slot(Record, frozen=True):
    """A cell to be filled, in that column.  ``rich``: the XML of a text with fonts of its own inside."""

    column: str
    facts: SlotFacts
    style: int
    rich: str

    def filled(self, words: marks.Words, sizes: Sizes, flagged: Collection[str]) -> tuple[str, float]:
        """Give the cell's XML after its address, and the height that it needs."""
        text, style = self.facts.text, self.style
        if text in flagged and self.facts.flagged is not None:
            style = self.facts.flagged
        value = words[text] if text in words else marks.put(text, words)
        if not isinstance(value, str):
            return f' s="{style}"><v>{value:.16g}</v></c>', 0.0
        written, needed, size = _written(value, self.facts.room)
        if self.rich:
            written = marks.put(self.rich, {mark: texts.escaped(str(word)) for mark, word in words.items()})
        return f' s="{sizes.smaller(style, size) if size else style}"{written}', needed


@lru_cache(maxsize=8192)
def _written(text: str, room: Room | None) -> tuple[str, float, float]:
    """Give a text's XML after its style, the height that it needs, and the smaller font's size if any."""
    clean = texts.storable(text)
    if not clean:
        return "/>", 0.0, 0.0
    space = ' xml:space="preserve"' if clean != clean.strip() else ""
    written = f' t="inlineStr"><is><t{space}>{texts.in_xml(clean)}</t></is></c>'
    if room is None:
        return written, 0.0, 0.0
    width, size = room
    fitting = heights.fitting_size(clean, width, size)
    return written, heights.height(clean, width, fitting), fitting if fitting < size else 0.0


class SlotRow(Record, frozen=True):
    """A row as a ``%`` pattern of its number, its height and its slots."""

    pattern: str
    slots: tuple[Slot, ...]
    least: float | None
    needed: float

    def filled(
        self, number: int, words: marks.Words, sizes: Sizes, flagged: Collection[str] = frozenset()
    ) -> str:
        """Give the row's XML under that number; ``flagged``: the marks of cells that are flagged."""
        needed, values = self.needed, {"number": str(number)}
        for index, slot in enumerate(self.slots):
            values[str(index)], high = slot.filled(words, sizes, flagged)
            needed = max(needed, high)
        height = heights.row_height(self.least, needed)
        values["height"] = f' ht="{height!r}" customHeight="1"' if height is not None else ""
        return self.pattern % values


def slot_row(attributes: str, content: str, facts: RowFacts) -> SlotRow:
    """Make the pattern of a row from its XML and what is known of it."""
    slots: list[Slot] = []
    pattern = f'<row r="%(number)s"%(height)s{_GIVEN_ANEW.sub("", attributes).replace("%", "%%")}>'
    for column, rest, body in _CELL.findall(content):
        pattern += f'<c r="{column}%(number)s"'
        if column in facts.slots:
            pattern += f"%({len(slots)})s"
            slots.append(_slot(column, rest, body, facts.slots[column]))
        else:
            pattern += (f"{rest}>{body}</c>" if body else f"{rest}/>").replace("%", "%%")
    return SlotRow(f"{pattern}</row>", tuple(slots), facts.least, facts.needed)


def _slot(column: str, rest: str, body: str, facts: SlotFacts) -> Slot:
    style = _STYLE.search(rest)
    rich = body.replace("<t>", '<t xml:space="preserve">') if "<r>" in body else ""
    rich = f' t="inlineStr">{rich}</c>' if rich else ""
    return Slot(column, facts, int(style[1]) if style else 0, rich)
