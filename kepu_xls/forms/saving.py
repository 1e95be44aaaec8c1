"""Saving a workbook of openpyxl's in memory, part by part."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import cast
from zipfile import ZipFile

from openpyxl import Workbook
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter


def saved(book: Workbook) -> dict[str, bytes]:
    """Give the parts that ``book.save`` writes, by name, as they stand in the file.

    Its zip and its files in the folder for temporary ones take a third of the time, and are not needed.
    """
    book.properties.modified = datetime.now(UTC).replace(tzinfo=None)
    parts = _Parts()
    _Writer(book, cast(ZipFile, parts)).write_data()
    return parts.data


class _Parts:
    """Stands for the zip into which openpyxl writes."""

    def __init__(self) -> None:
        self.data: dict[str, bytes] = {}

    def writestr(self, name: str, data: str | bytes) -> None:
        """Keep a part."""
        self.data[name] = data.encode() if isinstance(data, str) else data

    def namelist(self) -> list[str]:
        """Tell the parts kept so far: openpyxl lists their types by it."""
        return list(self.data)


class _Writer(ExcelWriter):
    """Writes as openpyxl does, but for the file that it makes for each sheet."""

    def write_worksheet(self, ws: Worksheet) -> None:
        """Write a sheet into memory."""
        # What openpyxl's own does, whose attributes are neither public nor typed.
        ws._drawing = drawing = SpreadsheetDrawing()  # type: ignore[attr-defined]  # noqa: SLF001
        drawing.charts, drawing.images = ws._charts, ws._images  # type: ignore[attr-defined]  # noqa: SLF001
        writer = WorksheetWriter(ws, BytesIO())
        writer.write()
        ws._rels = writer._rels  # type: ignore[attr-defined]  # noqa: SLF001
        self._archive.writestr(ws.path[1:], writer.read())  # type: ignore[attr-defined]
        self.manifest.append(ws)
