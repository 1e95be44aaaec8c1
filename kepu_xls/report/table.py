"""A table that prints well: columns that fill the page, and rows as high as their text.

A text too high for a row or page runs on over further ones; a group's name is repeated on each page it
reaches.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

from kepu_xls.model import Record
from kepu_xls.report import layout
from kepu_xls.report.pages import Part, Piece, paginate, unpaged
from kepu_xls.report.sheet import Content, Sheet, text_of
from kepu_xls.report.styles import SIZES


class Column(Record, frozen=True):
    """A column.  ``flexible`` ones share what room the page has left.

    ``repeats``: said again where a row goes on overleaf; ``group``: merged down over neighbours that say the
    same; ``shaded``: its words are coloured.
    """

    label: str
    width: float
    style: str = "text"
    flexible: bool = False
    repeats: bool = False
    group: bool = False
    shaded: bool = False


class Line(Record, frozen=True):
    """A row of the table, one content a column."""

    cells: tuple[Content, ...]


class Band(Record, frozen=True):
    """A heading across the whole table."""

    text: str


class Heading(Record, frozen=True):
    """What stands above a table: the title, and lines below it."""

    title: str
    lines: tuple[str, ...] = ()


Item = Line | Band
_OVERLEAF = "（续上页）"
_STRETCH = (0.7, 1.8)  # how far a flexible column may depart from its width


def fitted(columns: Sequence[Column], room: float) -> list[float]:
    """Give the columns' widths so that together they fill ``room`` points.

    They are wider where they cannot be that narrow; printing then scales the sheet down.
    """
    fixed = sum(layout.column_outer_points(column.width) for column in columns if not column.flexible)
    flexible = sum(layout.column_outer_points(column.width) for column in columns if column.flexible)
    if not flexible:
        return [column.width for column in columns]
    stretch = min(max((room - fixed) / flexible, _STRETCH[0]), _STRETCH[1])
    return [round(column.width * (stretch if column.flexible else 1), 1) for column in columns]


def draw(sheet: Sheet, heading: Heading, columns: Sequence[Column], items: Sequence[Item]) -> None:
    """Write a table to be read: heading, header row and items, with pages turned where it reads best."""
    table = _Table(sheet, columns)
    table.heading(heading)
    table.body(items, pages=True)


def draw_filtered(sheet: Sheet, heading: Heading, columns: Sequence[Column], items: Sequence[Item]) -> None:
    """Write a table to be filtered and sorted: nothing merged down, pages turned by the printing program."""
    table = _Table(sheet, columns)
    table.heading(heading)
    table.body(items, pages=False)
    table.filter()


class _Table:
    """A table while it is written: the next row, and how much of the first page is taken."""

    def __init__(self, sheet: Sheet, columns: Sequence[Column]) -> None:
        self.sheet, self.columns = sheet, columns
        self.widths = fitted(columns, sheet.paper.printable_width)
        self.row, self.taken = 0, 0.0
        for index, width in enumerate(self.widths):
            sheet.set_width(index, index, width)

    @property
    def last(self) -> int:
        """The last column."""
        return len(self.columns) - 1

    @property
    def total(self) -> float:
        """Points of all columns together."""
        return sum(map(layout.column_outer_points, self.widths))

    def heading(self, heading: Heading) -> None:
        """Write title and lines below it, then the header row, which is frozen and repeated on each page."""
        texts = [(heading.title, "title"), *((line, "subtitle") for line in heading.lines[:1])]
        texts += [(line, "note") for line in heading.lines[1:]]
        for text, style in texts:
            self.taken += self.sheet.paragraph(self.row, (0, self.last), self.total - 8, text, style)
            self.row += 1
        labels = tuple(column.label for column in self.columns)
        height = max(self._height(index, label, "head") for index, label in enumerate(labels))
        for index, label in enumerate(labels):
            self.sheet.put(self.row, index, label, "head")
        self.sheet.worksheet.set_row(self.row, height)
        self.sheet.worksheet.repeat_rows(self.row)
        self.header_row, self.header_height = self.row, height
        self.row += 1
        self.sheet.worksheet.freeze_panes(self.row, 0)

    def body(self, items: Sequence[Item], *, pages: bool) -> None:
        """Write the items, page by page where ``pages`` says that we and not the printer turn them."""
        pieces = [self._piece(item) for item in items]
        scale = min(1.0, self.sheet.paper.printable_width / self.total)
        page = self.sheet.paper.printable_height / scale - self.header_height
        parts = paginate(pieces, page, page - self.taken) if pages else unpaged(pieces)
        starts = list(accumulate((len(part.heights) for part in parts), initial=self.row))
        for part, start in zip(parts, starts, strict=False):
            self._part(items[part.piece], part, start)
        self._groups(items, parts, starts)
        turns = [
            start
            for (one, other), start in zip(pairwise(parts), starts[1:], strict=False)
            if one.page != other.page
        ]
        self.sheet.worksheet.set_h_pagebreaks(turns)
        for index, column in enumerate(self.columns):
            if column.shaded:
                self.sheet.shade(self.row, index, starts[-1] - 1)
        self.row = starts[-1]

    def filter(self) -> None:
        """Let people filter by the header row."""
        self.sheet.worksheet.autofilter(self.header_row, 0, self.row - 1, self.last)

    def _height(self, column: int, text: str, style: str) -> float:
        return layout.text_height(text, layout.column_points(self.widths[column]), SIZES[style])

    def _piece(self, item: Item) -> Piece:
        """Measure an item: what is low is kept whole, a high text becomes lines that can be parted."""
        if isinstance(item, Band):
            return Piece(height=layout.text_height(item.text, self.total - 8, SIZES["band"]), heading=True)
        height, lines = 0.0, {}
        for index, (column, content) in enumerate(zip(self.columns, item.cells, strict=True)):
            text = text_of(content)
            needed = self._height(index, text, column.style)
            if needed > layout.HIGHEST_ROW / 2 and not column.group:
                lines[index] = tuple(
                    layout.wrap(text, layout.column_points(self.widths[index]), SIZES[column.style])
                )
            else:
                height = max(height, needed)
        return Piece(height=height, lines=lines)

    def _part(self, item: Item, part: Part, start: int) -> None:
        """Write what of an item stands on one page, merged over its rows."""
        end = start + len(part.heights) - 1
        for row, height in enumerate(part.heights, start):
            self.sheet.worksheet.set_row(row, height)
        if isinstance(item, Band):
            self.sheet.merge((start, 0, end, self.last), item.text, "band")
            return
        for index, (column, content) in enumerate(zip(self.columns, item.cells, strict=True)):
            if not column.group:
                shown = part.texts.get(index, content if column.repeats or not part.continued else None)
                if column.repeats and part.continued and not shown:
                    shown = _OVERLEAF
                self.sheet.merge((start, index, end, index), shown, column.style)

    def _groups(self, items: Sequence[Item], parts: Sequence[Part], starts: Sequence[int]) -> None:
        """Merge each group's name down over its rows, once a page."""
        for index, column in enumerate(self.columns):
            if not column.group:
                continue
            keys = [(part.page, _named(items[part.piece], index, part.piece)) for part in parts]
            for first, last in layout.runs(keys):
                item = items[parts[first].piece]
                if isinstance(item, Line):
                    self.sheet.merge(
                        (starts[first], index, starts[last + 1] - 1, index), item.cells[index], column.style
                    )


def _named(item: Item, column: int, piece: int) -> Content:
    """Give what groups an item with its neighbours: its cell; a band stands alone."""
    return item.cells[column] if isinstance(item, Line) else piece
