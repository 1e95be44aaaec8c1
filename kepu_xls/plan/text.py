"""Plain text → blocks: paragraphs, tables whose cells each start with a tab, or rows parted by tabs."""

from __future__ import annotations

import re
from itertools import groupby

from kepu_xls.model import Place, Record
from kepu_xls.plan.blocks import Block, Cell, Paragraph, Row, Table
from kepu_xls.plan.headings import columns_of, head

_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_WIDEST = 12


def decoded(data: bytes) -> str | None:
    """Read bytes as UTF-8, UTF-16 with its mark, or GB18030; None where they are no text."""
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if _CONTROLS.search(text) else text
    return None


def blocks_of(text: str, file: str) -> tuple[Block, ...]:
    """Turn a text into paragraphs and tables; places are true line numbers (``第12行``)."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    cells = tuple(Cell(line, Place(file=file, cell=f"第{number}行")) for number, line in enumerate(lines, 1))
    if any(columns_of(_parted(cell)) for cell in cells if "\t" in cell.text):
        return _tabbed_rows(cells)
    return _tabbed_cells(cells)


def _parted(line: Cell) -> Row:
    """Part a line at its tabs; each cell keeps the line's place, told apart by its column."""
    pieces = line.text.split("\t")
    return tuple(
        Cell(piece, Place(file=line.place.file, cell=f"{line.place.cell}第{column}列"))
        for column, piece in enumerate(pieces, 1)
    )


def _tabbed_rows(lines: Row) -> tuple[Block, ...]:
    """Read a table copied out of Word or Excel: a line is a row, its cells parted by tabs."""
    blocks: list[Block] = []
    for is_row, group in groupby(lines, key=lambda line: "\t" in line.text):
        if is_row:
            blocks.append(Table(tuple(_parted(line) for line in group)))
        else:
            blocks.extend(Paragraph(line) for line in group if not line.blank)
    return tuple(blocks)


class _Tabbed(Record, frozen=True):
    """A cell that may run over several lines, with all of them."""

    lines: Row

    @property
    def cell(self) -> Cell:
        """The whole cell; its place is the first line that says something."""
        first = next((line for line in self.lines if not line.blank), self.lines[0])
        return Cell("\n".join(line.text for line in self.lines).strip(), first.place)


def _tabbed_cells(lines: Row) -> tuple[Block, ...]:
    """Read a text in which a tab at the start of a line begins a cell; other lines go on with it."""
    blocks: list[Block] = []
    cells: list[list[Cell]] = []
    for line in lines:
        if line.text.startswith("\t"):
            cells.append([line])
        elif cells:
            cells[-1].append(line)
        elif not line.blank:
            blocks.append(Paragraph(line))
    return (*blocks, *_gathered([_Tabbed(tuple(cell)).cell for cell in cells]))


def _gathered(cells: list[Cell]) -> list[Block]:
    """Gather cells into rows as wide as the header above them; a cell just before a header is a heading."""
    if not (width := _header_at(cells, 0)) and not any(_header_at(cells, at) for at in range(len(cells))):
        return [Paragraph(cell) for cell in cells if not cell.blank]
    rows: list[Row] = []
    at = 0
    while at < len(cells):
        here = _header_at(cells, at)
        width = here or width
        size = 1 if not width or (not here and _header_at(cells, at + 1)) else width
        rows.append(tuple(cells[at : at + size]))
        at += size
    return [Table(tuple(rows), counted=True)]


def _header_at(cells: list[Cell], at: int) -> int:
    """Tell how many cells from there on are a header; 0 where there is none."""
    size = 0
    while size < _WIDEST and at + size < len(cells) and head(cells[at + size].text) is not None:
        size += 1
    return size if columns_of(tuple(cells[at : at + size])) else 0
