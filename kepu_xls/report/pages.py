"""How the rows of a table fall on pages, and where a text too high for one is parted.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from kepu_xls.appearance import TypeSizes
from kepu_xls.model import Record
from kepu_xls.report import layout

_WORTHWHILE = 0.2  # share of a page that must be free before a piece that will be parted is begun on it
_WORTHWHILE_FIRST = (
    0.3  # the same for the first piece of a group: a project does not begin at the foot of a page
)
_LOOK_BACK = 5  # lines that may be left empty for a page to end with the end of a paragraph
_FEWEST = 4  # lines that stand on a page by themselves
_LEAST_LAST = 0.3  # share of a page that the last one holds at least
_LEAST_WITH_BLOCK = 0.5  # the same where a block stands below the table: not without some rows of it
_SHARES = (1.0, 0.97, 0.94, 0.91, 0.88, 0.84, 0.8)  # of a page's height, tried for that
_WHOLE = 0.2  # share of a page up to which a piece is not parted


class Piece(Record, frozen=True):
    """A measured row of the table: ``height`` of all that stays whole, ``lines`` of the long texts by column.

    ``overleaf`` is the height of what is said again where it goes on, ``size`` that of the type.
    A ``heading`` stays with what follows it; ``first`` begins a group, whose name needs ``label`` points in
    the rows that it has on a page together.
    """

    height: float
    lines: dict[int, tuple[str, ...]] = {}  # noqa: RUF012 - msgspec copies the default
    overleaf: float = 0.0
    heading: bool = False
    first: bool = False
    label: float = 0.0
    size: float = TypeSizes().body

    @property
    def longest(self) -> int:
        """Lines of the longest of the long texts."""
        return max(map(len, self.lines.values()), default=0)

    @property
    def full_height(self) -> float:
        """Points that the piece takes when it is not parted."""
        return max(self.height, layout.lines_height(self.longest, self.size) if self.longest else 0.0)

    def parted(self, room: float) -> tuple[Piece, Piece]:
        """Part it into what fits into ``room`` points, and the rest."""
        count = layout.lines_within(room, self.size)
        if 0 < self.longest - count < _FEWEST:
            count = max(self.longest - _FEWEST, 1)
        ends = {column: _end(lines, count) for column, lines in self.lines.items()}
        here = {column: lines[: ends[column]] for column, lines in self.lines.items()}
        rest = {column: lines[ends[column] :] for column, lines in self.lines.items()}
        return (
            Piece(height=self.height, lines=here, label=self.label, size=self.size),
            Piece(height=self.overleaf, lines=rest, overleaf=self.overleaf, label=self.label, size=self.size),
        )


def _end(lines: Sequence[str], most: int) -> int:
    """Give how many lines to take, ``most`` at most: to the end of a paragraph where one ends near."""
    if len(lines) <= most:
        return len(lines)
    near = range(most, max(most - _LOOK_BACK, 0), -1)
    return next((count for count in near if lines[count - 1].endswith("\n")), most)


class Part(Record, frozen=True):
    """What of a piece stands on one page: heights of its rows, and what of its long texts is said here.

    ``continued``: it began in an earlier part.
    """

    piece: int
    page: int
    heights: tuple[float, ...]
    texts: dict[int, str]
    continued: bool


def paginate(pieces: Sequence[Piece], page: float, first: float) -> list[Part]:
    """Give each piece its place on pages of ``page`` points, of which the first has ``first`` left."""
    filling = _Filling(page, first)
    for index, piece in enumerate(pieces):
        filling.place(index, piece, pieces[index + 1 : index + 2])
    filling.end_run()
    return filling.parts


class _Filling:
    """Pages while they are filled: ``run`` is where the rows of a group begin on the page that is open."""

    def __init__(self, page: float, first: float) -> None:
        self.parts: list[Part] = []
        self.page, self.room, self.number = page, first, 0
        self.run, self.label = 0, 0.0

    def place(self, index: int, piece: Piece, following: Sequence[Piece]) -> None:
        """Put a piece where it reads best."""
        if piece.first or piece.heading:
            self.end_run()
        begins = self.run == len(self.parts)
        least = _least(piece, self.page) + (
            sum(_needed(one, self.page) for one in following) if piece.heading else 0.0
        )
        if self.room < self.page and max(least, piece.label if begins else 0.0) > self.room:
            self._turn()
        remaining, continued = piece, False
        while remaining.longest and remaining.full_height > self.room:
            here, remaining = remaining.parted(self.room)
            self._put(_part(index, self.number, here, continued=continued), piece.label)
            self._turn()
            continued = True
        self._put(_part(index, self.number, remaining, continued=continued), piece.label)

    def _put(self, part: Part, label: float) -> None:
        self.parts.append(part)
        self.room -= sum(part.heights)
        self.label = label

    def _turn(self) -> None:
        self.end_run()
        self.number, self.room = self.number + 1, self.page

    def end_run(self) -> None:
        """Make the rows of a group on this page together as high as its name, which stands beside them."""
        rows = self.parts[self.run :]
        lacking = min(self.label - sum(sum(part.heights) for part in rows), self.room)
        if rows and lacking > 0:
            self.room -= lacking
            self.parts[self.run :] = [_higher(part, lacking / len(rows)) for part in rows]
        self.run, self.label = len(self.parts), 0.0


def _higher(part: Part, by: float) -> Part:
    return msgspec.structs.replace(part, heights=_heights(sum(part.heights) + by))


def unpaged(pieces: Iterable[Piece]) -> Iterator[Part]:
    """Give each piece its rows and leave pages to the printing program; every row stands by itself."""
    for index, piece in enumerate(pieces):
        remaining, continued = piece, False
        while remaining.longest and remaining.full_height > layout.HIGHEST_ROW:
            here, remaining = remaining.parted(layout.HIGHEST_ROW)
            yield _part(index, 0, here, continued=continued)
            continued = True
        yield _part(index, 0, remaining, continued=continued)


def balanced(pieces: Sequence[Piece], page: float, first: float) -> list[Part]:
    """Paginate so that the last page is not nearly empty: on slightly lower pages, where that helps."""
    tried = [paginate(pieces, page * share, first * share) for share in _SHARES]
    full = (parts for parts in tried if not parts or _last_page(parts) >= page * _LEAST_LAST)
    return next(full, tried[0])


def _last_page(parts: Sequence[Part]) -> float:
    """Give the points used on the last page; all there are where it is the only one."""
    last = parts[-1].page
    used = sum(height for part in parts if part.page == last for height in part.heights)
    return used if last else float("inf")


def last_turn(heights: Sequence[float], page: float, first: float, after: float = 0.0) -> int | None:
    """Say before which row to turn the last page, so that it is not nearly empty; None where all is well.

    Rows of these heights are printed one below the other, none parted, then a block ``after`` points high.
    """
    room, start = first, 0
    for index, height in enumerate(heights):
        if height > room:
            room, start = page, index
        room -= height
    if after > room:
        room, start = page, len(heights)
    if not start:
        return None
    turned = start
    used = sum(heights[start:]) + after
    least = page * (_LEAST_WITH_BLOCK if after else _LEAST_LAST)
    while used < least and turned > 1:
        turned -= 1
        used += heights[turned]
    return turned if turned < start or start == len(heights) else None


def _needed(piece: Piece, page: float) -> float:
    """Give the points that must be free for a piece to be begun together with its group."""
    return max(_least(piece, page), piece.label)


def _least(piece: Piece, page: float) -> float:
    """Give the points that must be free for a piece to be begun."""
    if not piece.lines or piece.full_height <= page * _WHOLE:
        return piece.full_height
    worthwhile = page * (_WORTHWHILE_FIRST if piece.first else _WORTHWHILE)
    return min(max(worthwhile, piece.height), piece.full_height)


def _part(index: int, page: int, piece: Piece, *, continued: bool) -> Part:
    texts = {column: layout.rejoin(lines) for column, lines in piece.lines.items()}
    return Part(piece=index, page=page, heights=_heights(piece.full_height), texts=texts, continued=continued)


def _heights(height: float) -> tuple[float, ...]:
    """Share a height among as few rows as may be: cells merged over them hold what one row cannot."""
    count = max(1, -int(-height // layout.HIGHEST_ROW))
    return (height / count,) * count
