"""Tables saved as text: .csv, and the tab-separated text that is saved as .xls."""

from __future__ import annotations

import csv
import io

from kepu_xls.intake.grid import Grid, Raw

_SHEET = "文本"


class UnreadableTextError(ValueError):
    """The text is in no encoding that people here use."""


def read_text(data: bytes) -> tuple[Grid, ...]:
    """Read a table of text as one sheet; every cell is text.  Raises UnreadableTextError or csv.Error."""
    text = _decoded(data)
    delimiter = max(",\t;", key=text.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    cells: dict[int, dict[int, Raw]] = {
        number: held for number, row in enumerate(rows, 1) if (held := _held(row))
    }
    return (Grid(_SHEET, cells),)


def _held(row: list[str]) -> dict[int, Raw]:
    return {column: value for column, value in enumerate(row, 1) if value.strip()}


def _decoded(data: bytes) -> str:
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableTextError
