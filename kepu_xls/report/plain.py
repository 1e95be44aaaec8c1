"""A plain table for filtering and for other programs: header in row 1, nothing merged, rows as they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from xlsxwriter import Workbook

from kepu_xls.model import Record
from kepu_xls.report import layout
from kepu_xls.report.entries import Piece
from kepu_xls.report.pages import last_turn
from kepu_xls.report.sheet import Content, Sheet, as_text
from kepu_xls.report.stream import RowWriter, StreamedPage

_PIXEL = 0.75  # points


class PlainColumns(Record, frozen=True):
    """The columns of a plain table: heads, names of styles, widths in characters.

    Those outside ``printed`` are for the screen only.  ``frozen``: so many stay in view.
    """

    header: tuple[str, ...]
    styles: tuple[str, ...]
    widths: tuple[float, ...]
    printed: slice
    frozen: int


class PlainRows:
    """Writes rows of a plain table; it can be pickled, so that others may do it."""

    def __init__(self, sizes: Sequence[float], rooms: Sequence[float], body: RowWriter) -> None:
        self._body, self._least = body, layout.lines_height(1, sizes[0])
        self._measures = [
            (layout.sure_to_fit(room, size), room, size, layout.sure_to_hold(room, size))
            for room, size in zip(rooms, sizes, strict=True)
        ]

    def piece(self, first: int, lines: Iterable[Sequence[Content]]) -> Piece:
        """Write lines from row ``first`` on, counted from 1."""
        heights, rows = list[float](), list[str]()
        for number, line in enumerate(lines, first):
            heights.append(self._height(line))
            rows.append(self._body.row(number, heights[-1], line))
        return Piece("".join(rows), tuple(heights))

    def _height(self, line: Sequence[Content]) -> float:
        """Give the height of a row.

        A row stays one row, for whoever counts them, so a very long text is cut off here on paper.
        """
        most = self._least
        for content, (short, room, size, sure) in zip(line, self._measures, strict=True):
            if isinstance(content, str) and (len(content) > short or "\n" in content):
                lines = layout.lines_within(most, size)
                if "\n" in content or not layout.surely_within(content, sure, lines):
                    most = max(most, layout.text_height(content, room, size))
        return min(-(-most // _PIXEL) * _PIXEL, layout.HIGHEST_ROW)


class PlainTable:
    """A table that may go on over several sheets; ``rows`` writes its rows.

    ``known``: texts that many rows have, each of which is kept once in the file.
    """

    def __init__(self, book: Workbook, sheet: Sheet, columns: PlainColumns, known: Iterable[str]) -> None:
        self._columns, self._paper = columns, sheet.paper
        rooms = [layout.column_points(width) for width in columns.widths]
        beside = [room - layout.FILTER_BUTTON for room in rooms]
        size = sheet.styles.sizes["head"]
        self._header_height = max(map(layout.text_height, columns.header, beside, [size] * len(beside)))
        place = book.str_table._get_shared_string_index  # noqa: SLF001 - no other way
        places = {text: place(as_text(text)) for text in known}
        self._head = RowWriter([sheet.styles["head"]] * len(columns.header), places)
        body = RowWriter([sheet.styles[style] for style in columns.styles], places)
        self.rows = PlainRows([sheet.styles.sizes[style] for style in columns.styles], rooms, body)

    def set_up(self, sheet: Sheet, rows: int, pieces: Iterator[Piece]) -> None:
        """Write so many rows from ``pieces`` to a sheet, and say where its last page is turned."""
        page, columns = sheet.worksheet, self._columns
        for index, width in enumerate(columns.widths):
            sheet.set_width(index, index, width)
        page.repeat_rows(0)
        page.freeze_panes(1, columns.frozen)
        page.autofilter(0, 0, rows, len(columns.header) - 1)
        on_paper = range(len(columns.header))[columns.printed]
        page.print_area(0, on_paper[0], rows, on_paper[-1])
        heights: list[float] = []
        page.stream(rows + 1, len(columns.header), self._rows(rows, pieces, heights))
        self._break_last(page, heights)

    def _rows(self, rows: int, pieces: Iterator[Piece], heights: list[float]) -> Iterator[str]:
        """Give the rows of a sheet, and note their heights."""
        yield self._head.row(1, self._header_height, self._columns.header)
        while len(heights) < rows:
            piece = next(pieces)
            heights += piece.heights
            yield piece.rows

    def _break_last(self, page: StreamedPage, heights: Sequence[float]) -> None:
        width = sum(map(layout.column_outer_points, self._columns.widths[self._columns.printed]))
        room = (
            self._paper.printable_height * max(1.0, width / self._paper.printable_width) - self._header_height
        )
        last = last_turn(heights, room, room)
        page.set_h_pagebreaks([] if last is None else [last + 1])
