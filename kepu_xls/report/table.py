"""A table that prints well: columns that fill the page, and rows as high as their text.

A text too high for a row or page runs on over further ones; what says whose it is, is said again there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from kepu_xls.errors import InputError
from kepu_xls.model import Place, Record
from kepu_xls.report import layout
from kepu_xls.report.pages import Part, Piece, balanced, last_turn, unpaged
from kepu_xls.report.sheet import Content, Sheet, text_of
from kepu_xls.report.widths import Need, shared

_OVERLEAF = "（接上页）"
_WIDEST = 90.0  # of a column whose width goes by its texts
_STRETCH = 2.0  # how far a column of fixed width gives way to a long number


class Column(Record, frozen=True):
    """A column, at least ``width`` wide; ``flexible`` ones share what room the page has left.

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

    @property
    def name(self) -> str:
        """The label as the configuration names it."""
        return self.label.replace("\n", "")


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


def draw(sheet: Sheet, heading: Heading, columns: Sequence[Column], items: Sequence[Item]) -> int:
    """Write a table to be read: heading, header row and items, with pages turned where it reads best.

    Gives the first row below it.  Raises InputError where the configuration names a column that is not there.
    """
    table = _Table(sheet, columns, items)
    table.heading(heading)
    table.paged_body()
    return table.row


def draw_filtered(
    sheet: Sheet, heading: Heading, columns: Sequence[Column], items: Sequence[Item], after: float = 0.0
) -> int:
    """Write a table to be filtered and sorted: nothing merged down, pages turned by the printing program.

    Room is kept for a block ``after`` points high below it.  Gives and raises as ``draw`` does.
    """
    table = _Table(sheet, columns, items, layout.FILTER_BUTTON)
    table.heading(heading)
    table.flowing_body(after)
    table.filter()
    return table.row


def _chosen(sheet: Sheet, columns: Sequence[Column]) -> list[int]:
    """Give which columns the configuration wants, in its order; all where it says nothing."""
    names = [column.name for column in columns]
    wanted = sheet.settings.columns.get(sheet.worksheet.name) or names
    for name in wanted:
        if name not in names:
            known, place = "、".join(names), Place("config.toml", cell="[report.columns]")
            raise InputError(
                "report-column-unknown", place, sheet=sheet.worksheet.name, column=name, known=known
            )
    return [names.index(name) for name in wanted]


class _Table:
    """A table while it is written: the next row, and how much of the first page is taken.

    ``beside``: points of each head that are taken by something else.
    """

    def __init__(
        self, sheet: Sheet, columns: Sequence[Column], items: Sequence[Item], beside: float = 0.0
    ) -> None:
        chosen = _chosen(sheet, columns)
        self.sheet, self.columns, self.beside = sheet, [columns[index] for index in chosen], beside
        self.items = [
            Line(tuple(item.cells[index] for index in chosen)) if isinstance(item, Line) else item
            for item in items
        ]
        self.widths = self._widths()
        self.row, self.taken = 0, 0.0
        for index, width in enumerate(self.widths):
            sheet.set_width(index, index, width)

    def _widths(self) -> list[float]:
        lines = [item.cells for item in self.items if isinstance(item, Line)]
        needs = []
        for index, column in enumerate(self.columns):
            fixed = self.sheet.settings.widths.get(column.name)
            least = max(column.width, self._width_of_head(column))
            most = _WIDEST if column.flexible else least * _STRETCH
            texts = tuple(text_of(cells[index]) for cells in lines)
            needs.append(
                Need(
                    least=fixed or least,
                    most=fixed or most,
                    size=self.sheet.styles.sizes[column.style],
                    texts=texts,
                    flexible=column.flexible and fixed is None,
                )
            )
        return shared(needs, self.sheet.paper.printable_width)

    def _width_of_head(self, column: Column) -> float:
        """Give the width that a head takes at least, its words in halves."""
        size = self.sheet.styles.sizes["head"]
        points = max(layout.text_points(line, size) for line in column.label.split("\n"))
        half = min(points, max(points / 2, 2 * size)) + size / 2
        return (half + self.beside) / layout.POINTS_PER_CHARACTER + 0.1

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
        size = self.sheet.styles.sizes["head"]
        rooms = [layout.column_points(width) - self.beside for width in self.widths]
        labels = [
            layout.stacked(column.label, room, size) for column, room in zip(self.columns, rooms, strict=True)
        ]
        self.header_height = max(
            layout.text_height(label, room, size) for label, room in zip(labels, rooms, strict=True)
        )
        for index, label in enumerate(labels):
            self.sheet.put(self.row, index, label, "head")
        self.sheet.worksheet.set_row(self.row, self.header_height)
        self.sheet.worksheet.repeat_rows(self.row)
        self.header_row = self.row
        self.row += 1
        self.sheet.worksheet.freeze_panes(self.row, 0)

    @property
    def page(self) -> float:
        """Points of a page below its header row, at the size at which the table is printed."""
        scale = min(1.0, self.sheet.paper.printable_width / self.total)
        return self.sheet.paper.printable_height / scale - self.header_height

    def paged_body(self) -> None:
        """Write the items page by page."""
        parts = balanced(list(self._pieces()), self.page, self.page - self.taken)
        starts = list(accumulate((len(part.heights) for part in parts), initial=self.row))
        for part, start in zip(parts, starts, strict=False):
            self._part(self.items[part.piece], part, start)
        self._groups(parts, starts)
        turns = [
            start
            for (one, other), start in zip(pairwise(parts), starts[1:], strict=False)
            if one.page != other.page
        ]
        self._end(starts[-1], turns)

    def flowing_body(self, after: float) -> None:
        """Write the items one below the other; room is kept for a block ``after`` points high."""
        heights: list[float] = []
        for part in unpaged(self._pieces()):
            self._part(self.items[part.piece], part, self.row + len(heights))
            heights += part.heights
        last = last_turn(heights, self.page, self.page - self.taken, after)
        self._end(self.row + len(heights), [] if last is None else [self.row + last])

    def _end(self, end: int, turns: list[int]) -> None:
        """Turn pages before rows, colour words, and go on to the row at the end."""
        self.sheet.worksheet.set_h_pagebreaks(turns)
        for index, column in enumerate(self.columns):
            if column.shaded:
                self.sheet.shade(self.row, index, end - 1)
        self.row = end

    def filter(self) -> None:
        """Let people filter by the header row."""
        self.sheet.worksheet.autofilter(self.header_row, 0, self.row - 1, self.last)

    def _height(self, column: int, text: str, style: str) -> float:
        return layout.text_height(
            text, layout.column_points(self.widths[column]), self.sheet.styles.sizes[style]
        )

    def _wrapped(self, column: int, text: str) -> tuple[str, ...]:
        size = self.sheet.styles.sizes[self.columns[column].style]
        return tuple(layout.wrap(text, layout.column_points(self.widths[column]), size))

    def _pieces(self) -> Iterator[Piece]:
        return map(self._piece, range(len(self.items)))

    def _piece(self, number: int) -> Piece:
        """Measure an item: what is low is kept whole, a high text becomes lines that can be parted."""
        item, size = self.items[number], self.sheet.styles.sizes["text"]
        if isinstance(item, Band):
            height = layout.text_height(item.text, self.total - 8, self.sheet.styles.sizes["band"])
            return Piece(height=height, heading=True)
        height, overleaf, label, lines = 0.0, 0.0, 0.0, {}
        for index, (column, content) in enumerate(zip(self.columns, item.cells, strict=True)):
            text = text_of(content)
            needed = self._height(index, text, column.style)
            if column.group:
                label = max(label, needed)
            elif column.flexible or needed > layout.HIGHEST_ROW:
                lines[index] = self._wrapped(index, text)
            else:
                height = max(height, needed)
                overleaf = max(overleaf, needed if column.repeats else 0.0)
        first = self._first(number)
        return Piece(height=height, lines=lines, overleaf=overleaf, first=first, label=label, size=size)

    def _first(self, number: int) -> bool:
        """Tell whether an item begins a group."""
        groups = [index for index, column in enumerate(self.columns) if column.group]
        before = self.items[number - 1] if number else None
        return any(_named(self.items[number], index, 0) != _named(before, index, 0) for index in groups)

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
                shown = self._shown(index, content, part)
                self.sheet.merge((start, index, end, index), shown, column.style)

    def _shown(self, index: int, content: Content, part: Part) -> Content:
        """Give what a cell says on this page: its share of a long text; overleaf, what says whose it is."""
        column, share = self.columns[index], part.texts.get(index, "")
        if not part.continued:
            return share or content
        if not column.repeats:
            return share or None
        size, width = self.sheet.styles.sizes[column.style], layout.column_points(self.widths[index])
        room = layout.lines_within(sum(part.heights), size)
        whole = text_of(content)
        fitting = (one for one in (whole, _OVERLEAF + share) if len(layout.wrap(one, width, size)) <= room)
        return next(fitting, share) if share else layout.shortened_to(whole, room, width, size)

    def _groups(self, parts: Sequence[Part], starts: Sequence[int]) -> None:
        """Merge each group's name down over its rows, once a page."""
        for index, column in enumerate(self.columns):
            if not column.group:
                continue
            keys = [(part.page, _named(self.items[part.piece], index, part.piece)) for part in parts]
            for first, last in layout.runs(keys):
                item = self.items[parts[first].piece]
                if isinstance(item, Line):
                    self.sheet.merge(
                        (starts[first], index, starts[last + 1] - 1, index), item.cells[index], column.style
                    )


def _named(item: Item | None, column: int, piece: int) -> Content:
    """Give what groups an item with its neighbours: its cell; a band stands alone."""
    return item.cells[column] if isinstance(item, Line) else piece
