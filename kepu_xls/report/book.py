"""A workbook for print being written: its sheets all on the same paper, with the same footer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from zipfile import ZipFile

from xlsxwriter import Workbook, workbook
from xlsxwriter.exceptions import FileCreateError

from kepu_xls import workspace
from kepu_xls.appearance import ReportSettings
from kepu_xls.report.sentences import shortened
from kepu_xls.report.sheet import Footer, Page, Sheet
from kepu_xls.report.stream import StreamedPage
from kepu_xls.report.styles import DEFAULT_FONT, Styles
from kepu_xls.report.table import Heading

_FOOTER_TITLE = 60  # characters: a footer holds 255, with its fonts and the rest
_LEVEL = 3
"""How hard a workbook is compressed: half the time of zlib's own level, for files a fourteenth larger."""

workbook.ZipFile = partial(ZipFile, compresslevel=_LEVEL)  # it has no option for how hard
_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "use_zip64": True,  # a sheet of a million rows may be larger than 2 GiB before it is packed
}


@contextmanager
def written(path: Path) -> Iterator[Workbook]:
    """Write a workbook, whole or not at all.

    Raises SurroundingsError where the file is open elsewhere or cannot be written.
    """
    with workspace.replacing(path) as temporary, workspace.failures_explained(path):
        look = dict(DEFAULT_FONT)  # XlsxWriter changes it
        book = Workbook(temporary, {**_OPTIONS, "default_format_properties": look})
        try:
            yield book
            _close(book)
        finally:
            for page in book.worksheets():
                if isinstance(page, StreamedPage):
                    page.let_go()


def _close(book: Workbook) -> None:
    """Write the file; XlsxWriter wraps the system's error in one of its own, which is no OSError."""
    try:
        book.close()
    except FileCreateError as error:
        raise (
            error.__context__ if isinstance(error.__context__, OSError) else OSError(str(error))
        ) from error


class Book:
    """The workbook, its styles, and what stands above and below on every page.

    ``plan`` and ``period`` are as people read them; ``title`` is what the whole is called.
    ``rows_of_detail``: how many rows a sheet of 明细数据 has, 0 where there is none to be led to.
    """

    def __init__(
        self,
        book: Workbook,
        settings: ReportSettings,
        *,
        title: str,
        plan: str,
        period: str,
        made: datetime,
        rows_of_detail: int,
    ) -> None:
        when = f"{made.year}年{made.month}月{made.day}日 {made:%H:%M}"
        book.set_properties({"title": title, "subject": period, "created": made})
        self.book, self.settings, self.title, self.styles = book, settings, title, Styles(book, settings)
        self.when = f"{period}　　{when}制表"
        self._plan, self._rows_of_detail = plan, rows_of_detail
        self._footer = _footer(settings, title, plan, period, when)

    def sheet(self, name: str, kind: type[Page] = Page) -> Sheet:
        """Add a worksheet, set up for print."""
        worksheet = self.book.add_worksheet(name, kind)
        return Sheet(worksheet, self.styles, self.settings, self._footer, self._rows_of_detail)

    def heading(self, name: str, note: str = "") -> Heading:
        """Give the heading of a sheet: its name, whose it is and when it was made, and a note."""
        return Heading(name, (f"{self._plan}　　{self.when}", *((note,) if note else ())))


def _footer(settings: ReportSettings, title: str, plan: str, period: str, made: str) -> Footer:
    """Fill in the texts of the footer; the numbers of pages are left to the printing program."""
    words = {"title": shortened(title, _FOOTER_TITLE), "plan": shortened(plan, _FOOTER_TITLE)}
    words = {
        name: text.replace("&", "&&") for name, text in {**words, "period": period, "made": made}.items()
    }

    def filled(text: str) -> str:
        return text.replace("&", "&&").format(**words, page="&P", pages="&N")

    left, centre, right = map(filled, (settings.footer_left, settings.footer_centre, settings.footer_right))
    return Footer(left, centre, right, mirrored=settings.odd_even_footers)
