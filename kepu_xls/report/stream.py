"""A worksheet whose rows are written as they come and put aside until it is: memory stays flat."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name

from kepu_xls.report.sheet import Content, Page

_HELD = 1 << 20
"""So many characters of rows are held in memory; more are put into a file."""
_DAY_ZERO = date(1899, 12, 30).toordinal()
_SPECIAL = re.compile("[&<>\x00-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9a-fA-F]{4}_")
_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


class StreamedPage(Page):
    """A worksheet that is given its rows as XML, which wait in a file without a name."""

    def __init__(self) -> None:
        super().__init__()
        self._aside = SpooledTemporaryFile(_HELD, "w+", encoding="utf-8", newline="")  # noqa: SIM115 - until it is written

    def stream(self, rows: int, columns: int, source: Iterable[str]) -> None:
        """Take ``rows`` rows, each of ``columns`` cells, from ``source``."""
        self.dim_rowmin, self.dim_rowmax = 0, rows - 1
        self.dim_colmin, self.dim_colmax = 0, columns - 1
        for some in source:  # its `writelines` would hold them all before it looks how many there are
            self._aside.write(some)

    def let_go(self) -> None:
        """Remove the rows that were put aside."""
        self._aside.close()

    def _write_sheet_data(self) -> None:
        self._xml_start_tag("sheetData")
        self._aside.seek(0)
        copyfileobj(self._aside, self.fh)
        self._xml_end_tag("sheetData")


class RowWriter:
    """Writes rows of one table as XML: ``formats`` are those of its columns.

    Text is written into its cell; what is said again and again stands once, in the workbook's table of
    strings, where it must be known before the workbook is closed: ``shared`` gives its place there.
    """

    def __init__(self, formats: Sequence[Format], shared: dict[str, int]) -> None:
        self._known: dict[Content, str] = {
            text: f' t="s"><v>{place}</v></c>' for text, place in shared.items()
        }
        self._known |= dict.fromkeys((None, ""), "/>")
        self._columns = [
            (f'<c r="{xl_col_to_name(index)}', f'" s="{form._get_xf_index()}"')  # noqa: SLF001 - no other way
            for index, form in enumerate(formats)
        ]

    def row(self, number: int, height: float, cells: Sequence[Content]) -> str:
        """Write a row, ``number`` counted from 1, ``height`` in points."""
        known = self._known.get
        written = [
            f"{head}{number}{look}{known(content) or _written(content)}"
            for (head, look), content in zip(self._columns, cells, strict=True)
        ]
        return f'<row r="{number}" ht="{height:g}" customHeight="1">{"".join(written)}</row>'


def _written(content: Content) -> str:
    match content:
        case str():
            return _inline(content)
        case int() | float():
            return f"><v>{content:.16G}</v></c>"
        case date():
            return f"><v>{content.toordinal() - _DAY_ZERO}</v></c>"
        case _:
            raise TypeError(content)


def _inline(text: str) -> str:
    """Write a text into its cell, with what XML cannot hold in the escapes of the format (``_x0007_``)."""
    space = ' xml:space="preserve"' if text[0].isspace() or text[-1].isspace() else ""
    if _SPECIAL.search(text):
        text = _SPECIAL.sub(_escaped, text)
    return f' t="inlineStr"><is><t{space}>{text}</t></is></c>'


def _escaped(found: re.Match[str]) -> str:
    return _escape(found[0])


@cache
def _escape(found: str) -> str:
    if found in _MARKUP:
        return _MARKUP[found]
    return f"_x005F{found}" if len(found) > 1 else f"_x{ord(found):04X}_"
