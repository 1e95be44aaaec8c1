"""The consolidated workbook: its eight sheets, put together in their order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import get_args

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError

from kepu_xls import periods, workspace
from kepu_xls.appearance import ReportSettings, SheetName
from kepu_xls.outcome import Consolidated
from kepu_xls.report import (
    comparison,
    detail,
    figures,
    findings,
    indicators,
    logos,
    overview,
    problems,
    sentences,
    survey,
    tasks,
    units,
)
from kepu_xls.report.logos import Logo
from kepu_xls.report.sentences import shortened
from kepu_xls.report.sheet import MOST_ROWS, Footer, Page, Sheet, detail_sheet
from kepu_xls.report.stream import StreamedPage
from kepu_xls.report.styles import DEFAULT_FONT, Styles
from kepu_xls.report.survey import DetailRows
from kepu_xls.report.table import Heading

SHEETS: tuple[str, ...] = get_args(SheetName)
"""All sheets there are, in the order of the contract."""

_FOOTER_TITLE = 60  # characters: a footer holds 255, with its fonts and the rest
_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "use_zip64": True,  # a sheet of a million rows may be larger than 2 GiB before it is packed
}


def write_report(
    data: Consolidated,
    settings: ReportSettings,
    path: Path,
    folder: Path | None = None,
    *,
    detail: DetailRows | None = None,
    most_rows: int = MOST_ROWS,
) -> None:
    """Write the consolidated workbook, whole or not at all; the logo is looked for in ``folder``.

    ``detail`` gives the rows of 明细数据 where ``data`` does not hold them all: the entries of tasks with
    more than ``survey.MANY`` units may be left out there.  ``most_rows`` of them stand on one sheet, more on
    further ones.  The same data give the same bytes.  Raises InputError for a logo that is no picture or a
    column that is not there, SurroundingsError where the file is open elsewhere or cannot be written.
    """
    logo = logos.load((folder or Path()) / settings.logo) if settings.logo else None
    with workspace.replacing(path) as temporary, workspace.failures_explained(path):
        book = Workbook(
            temporary, {**_OPTIONS, "default_format_properties": dict(DEFAULT_FONT)}
        )  # it changes them
        _Report(book, data, settings, detail, most_rows).fill(logo)
        _close(book)


def _close(book: Workbook) -> None:
    """Write the file; XlsxWriter wraps the system's error in one of its own, which is no OSError."""
    try:
        book.close()
    except FileCreateError as error:
        raise (
            error.__context__ if isinstance(error.__context__, OSError) else OSError(str(error))
        ) from error


class _Report:
    """The workbook while it is put together."""

    def __init__(
        self,
        book: Workbook,
        data: Consolidated,
        settings: ReportSettings,
        detail_rows: DetailRows | None,
        most_rows: int,
    ) -> None:
        plan, period, made = data.opened.plan.title, periods.parse(data.opened.period).label, data.made
        when = f"{made.year}年{made.month}月{made.day}日 {made:%H:%M}"
        self.title = settings.title.format(plan=plan, period=period)
        book.set_properties({"title": self.title, "subject": period, "created": made})
        self.book, self.settings, self.plan, self.when = book, settings, plan, f"{period}　　{when}制表"
        self.styles, self.footer = Styles(book, settings), _footer(settings, self.title, plan, period, when)
        self.rows = detail_rows or (lambda: figures.entries(data))
        self.found = survey.survey(data, self.rows)
        self.data, self.most_rows = survey.summed_up(data, self.found), most_rows

    def sheet(self, name: str, kind: type[Page] = Page) -> Sheet:
        """Add a worksheet, set up for print."""
        links = self.most_rows if detail.NAME in self.settings.sheets else 0
        return Sheet(self.book.add_worksheet(name, kind), self.styles, self.settings, self.footer, links)

    def heading(self, name: str, note: str = "") -> Heading:
        """Give the heading of a sheet: its name, whose it is and when it was made, and a note."""
        return Heading(name, (f"{self.plan}　　{self.when}", *((note,) if note else ())))

    def fill(self, logo: Logo | None) -> None:
        """Write the sheets that are configured, in their order."""
        data, found, heading = self.data, self.found, self.heading
        first = Heading(self.title, (self.when,))
        writers: dict[str, Callable[[Sheet], object]] = {
            overview.NAME: lambda one: overview.write(self.book, one, data, first, logo),
            tasks.NAME: lambda one: tasks.write(one, data, heading("任务进展情况")),
            units.NAME: lambda one: units.write(one, data, heading("单位报送情况", units.NOTE), found),
            indicators.NAME: lambda one: indicators.write(
                one, data, heading("量化指标完成情况", indicators.NOTE), found
            ),
            comparison.NAME: lambda one: comparison.write(
                self.book, one, data, heading("与上期对比", sentences.comparison(data))
            ),
            problems.NAME: lambda one: problems.write(
                one, data, heading("问题与滞后情况", problems.NOTE), found
            ),
            findings.NAME: lambda one: findings.write(one, data, heading("校验结果", findings.NOTE), found),
        }
        for name in self.settings.sheets:
            if name == detail.NAME:
                detail.write(self.book, self._detail_sheet, data, self.rows, found, self.most_rows)
            else:
                writers[name](self.sheet(name))

    def _detail_sheet(self, number: int) -> Sheet:
        return self.sheet(detail_sheet(number), StreamedPage)


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
