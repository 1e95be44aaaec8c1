"""How the rows of a table fall on pages, and where a text too high for one is parted.  Pure."""

from __future__ import annotations

from collections.abc import Sequence

from kepu_xls.model import Record
from kepu_xls.report import layout
from kepu_xls.report.styles import BODY_SIZE

_WORTHWHILE = 0.25  # share of a page that must be free before a piece that will be parted is begun on it
_LOOK_BACK = 8  # lines that may be left empty for a page to end with the end of a paragraph
_WHOLE = 0.5  # share of a page up to which a piece is not parted


class Piece(Record, frozen=True):
    """A measured row of the table: ``height`` of all that stays whole, ``lines`` of the long texts by column.

    A ``heading`` stays with what follows it.
    """

    height: float
    lines: dict[int, tuple[str, ...]] = {}  # noqa: RUF012 - msgspec copies the default
    heading: bool = False

    @property
    def full_height(self) -> float:
        """Points that the piece takes when it is not parted."""
        longest = max(map(len, self.lines.values()), default=0)
        return max(self.height, layout.lines_height(longest, BODY_SIZE) if longest else 0.0)

    def parted(self, room: float) -> tuple[Piece, Piece]:
        """Part it into what fits into ``room`` points, and the rest; what stays whole is in both."""
        count = layout.lines_within(room, BODY_SIZE)
        ends = {column: _end(lines, count) for column, lines in self.lines.items()}
        here = {column: lines[: ends[column]] for column, lines in self.lines.items()}
        rest = {column: lines[ends[column] :] for column, lines in self.lines.items()}
        return Piece(height=self.height, lines=here), Piece(height=self.height, lines=rest)


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
    parts: list[Part] = []
    number, room = 0, first
    for index, piece in enumerate(pieces):
        if room < page and _turns(piece, pieces[index + 1 : index + 2], room, page):
            number, room = number + 1, page
        remaining, continued = piece, False
        while remaining.lines and remaining.full_height > room:
            here, remaining = remaining.parted(room)
            parts.append(_part(index, number, here, continued=continued))
            number, room, continued = number + 1, page, True
        parts.append(_part(index, number, remaining, continued=continued))
        room -= remaining.full_height
    return parts


def unpaged(pieces: Sequence[Piece]) -> list[Part]:
    """Give each piece its rows and leave pages to the printing program; every row stands by itself."""
    parts = []
    for index, piece in enumerate(pieces):
        remaining, continued = piece, False
        while remaining.lines and remaining.full_height > layout.HIGHEST_ROW:
            here, remaining = remaining.parted(layout.HIGHEST_ROW)
            parts.append(_part(index, 0, here, continued=continued))
            continued = True
        parts.append(_part(index, 0, remaining, continued=continued))
    return parts


def _turns(piece: Piece, following: Sequence[Piece], room: float, page: float) -> bool:
    """Tell whether to turn the page before a piece: it does not fit, and to part it would not read well."""
    least = _least(piece, page) + (sum(_least(one, page) for one in following) if piece.heading else 0.0)
    return least > room


def _least(piece: Piece, page: float) -> float:
    """Give the points that must be free for a piece to be begun."""
    if not piece.lines or piece.full_height <= page * _WHOLE:
        return piece.full_height
    return max(page * _WORTHWHILE, piece.height)


def _part(index: int, page: int, piece: Piece, *, continued: bool) -> Part:
    texts = {column: layout.rejoin(lines) for column, lines in piece.lines.items()}
    return Part(piece=index, page=page, heights=_heights(piece.full_height), texts=texts, continued=continued)


def _heights(height: float) -> tuple[float, ...]:
    """Share a height among as few rows as may be: cells merged over them hold what one row cannot."""
    count = max(1, -int(-height // layout.HIGHEST_ROW))
    return (height / count,) * count
