"""Where the rows of 明细数据 come from: gone over in outline, read whole only where they are written."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from kepu_xls.model import Entry, FieldType, Record, Task
from kepu_xls.outcome import Consolidated, Outline
from kepu_xls.report import figures


class Portion(Record, frozen=True):
    """Some entries of a task that stand one after the other; ``line``: where the first does, from 0."""

    task: str
    units: tuple[str, ...]
    line: int


class Piece(Record, frozen=True):
    """Rows as XML, ready to stand in a sheet, and the height of each in points."""

    rows: str
    heights: tuple[float, ...]


class Writer(Protocol):
    """Writes entries as rows.  It can be pickled: others may do it."""

    def written(self, portion: Portion, entries: Iterable[Entry]) -> tuple[Piece, ...]:
        """Write the entries of a portion, a piece a sheet."""


class Detail(ABC):
    """All entries that count in a period: by task number, then leads first."""

    @abstractmethod
    def outlines(self) -> Iterable[tuple[Task, Outline]]:
        """Give all of them in their order, with their tasks."""

    @abstractmethod
    def entries(self, task: str, units: Sequence[str]) -> Iterable[Entry]:
        """Give those of some units of a task, in the order of the units."""

    @abstractmethod
    def written(self, writer: Writer, portions: Sequence[Portion]) -> Iterator[Piece]:
        """Have them written, in their order."""


class Held(Detail):
    """Entries that are all held in what a period came to."""

    def __init__(self, data: Consolidated) -> None:
        self._pairs = tuple(figures.entries(data))
        self._texts = frozenset(one.key for one in data.opened.fields if one.type is FieldType.TEXT)
        self._by_place = {(task.number, entry.unit): entry for task, entry in self._pairs}

    def outlines(self) -> Iterator[tuple[Task, Outline]]:
        """Give all of them in their order, with their tasks."""
        return ((task, Outline.of(entry, self._texts)) for task, entry in self._pairs)

    def entries(self, task: str, units: Sequence[str]) -> Iterator[Entry]:
        """Give those of some units of a task, in the order of the units."""
        return (self._by_place[task, unit] for unit in units)

    def written(self, writer: Writer, portions: Sequence[Portion]) -> Iterator[Piece]:
        """Have them written, in their order."""
        for portion in portions:
            yield from writer.written(portion, self.entries(portion.task, portion.units))
