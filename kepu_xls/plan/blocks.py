"""What documents become before they are understood: paragraphs, and tables of cells, each with its place."""

from __future__ import annotations

from kepu_xls.model import Place, Record


class Cell(Record, frozen=True):
    """A text and where it stands.

    Cells merged into one are one Cell, standing at each position it covers: the same place is the same cell.
    """

    text: str
    place: Place = Place()

    @property
    def blank(self) -> bool:
        """Tell whether there is nothing but white space."""
        return not self.text.strip()


class Paragraph(Record, frozen=True):
    """A paragraph outside of tables, or the name of a sheet (``sheet_name``).

    ``level`` is that of a heading by its style (标题 1), 0 where it is none.
    """

    cell: Cell
    sheet_name: bool = False
    level: int = 0


Row = tuple[Cell, ...]


class Table(Record, frozen=True):
    """A table: rows of cells by column; rows may differ in length.

    ``counted``: where a row ends was told by counting cells, so that one missing would shift the rest.
    """

    rows: tuple[Row, ...]
    counted: bool = False


Block = Paragraph | Table


def distinct(cells: Row) -> Row:
    """Give the cells that say something, each once where it is merged over several positions."""
    seen: dict[Place, Cell] = {}
    for cell in cells:
        if not cell.blank:
            seen.setdefault(cell.place, cell)
    return tuple(seen.values())


def flat(text: str) -> str:
    """Put a text of several lines on one: Chinese runs on, Latin words keep a space between them."""
    line = ""
    for piece in (piece.strip() for piece in text.splitlines()):
        between = " " if line and piece and _latin(line[-1]) and _latin(piece[0]) else ""
        line += between + piece
    return line


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()
