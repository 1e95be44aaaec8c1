"""The consolidated workbook: its eight sheets, put together in their order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import get_args

from xlsxwriter import Workbook

from kepu_xls import periods
from kepu_xls.appearance import ReportSettings, SheetName
from kepu_xls.outcome import Consolidated
from kepu_xls.report import (
    comparison,
    detail,
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
from kepu_xls.report.book import Book, written
from kepu_xls.report.entries import Detail, Held
from kepu_xls.report.logos import Logo
from kepu_xls.report.sheet import MOST_ROWS, Sheet, detail_sheet
from kepu_xls.report.stream import StreamedPage
from kepu_xls.report.table import Heading

SHEETS: tuple[str, ...] = get_args(SheetName)
"""All sheets there are, in the order of the contract."""
_HELD = 2_000  # a report of so many rows is put together in memory, without a file on the disk for each part


def write_report(
    data: Consolidated,
    settings: ReportSettings,
    path: Path,
    folder: Path | None = None,
    *,
    detail: Detail | None = None,
    most_rows: int = MOST_ROWS,
) -> None:
    """Write the consolidated workbook, whole or not at all; the logo is looked for in ``folder``.

    ``detail`` gives the entries of 明细数据 where ``data`` does not hold them all: the entries of tasks with
    more than ``outcome.MANY`` units may be left out there.  ``most_rows`` of them stand on one sheet, more on
    further ones.  The same data give the same bytes.  Raises InputError for a logo that is no picture or a
    column that is not there, SurroundingsError where the file is open elsewhere or cannot be written.
    """
    logo = logos.load((folder or Path()) / settings.logo) if settings.logo else None
    with written(path) as book:
        _Report(book, data, settings, detail, most_rows).fill(logo)


class _Report:
    """The workbook while it is put together."""

    def __init__(
        self,
        book: Workbook,
        data: Consolidated,
        settings: ReportSettings,
        entries: Detail | None,
        most_rows: int,
    ) -> None:
        plan, period = data.opened.plan.title, periods.parse(data.opened.period).label
        self.book = Book(
            book,
            settings,
            title=settings.title.format(plan=plan, period=period),
            plan=plan,
            period=period,
            made=data.made,
            rows_of_detail=most_rows if detail.NAME in settings.sheets else 0,
        )
        self.entries = entries or Held(data)
        self.found = survey.survey(data, self.entries)
        book.in_memory = self.found.lines <= _HELD
        self.data, self.most_rows = survey.summed_up(data, self.found), most_rows

    def fill(self, logo: Logo | None) -> None:
        """Write the sheets that are configured, in their order."""
        data, found, heading, book = self.data, self.found, self.book.heading, self.book.book
        first = Heading(self.book.title, (self.book.when,))
        writers: dict[str, Callable[[Sheet], object]] = {
            overview.NAME: lambda one: overview.write(book, one, data, first, logo),
            tasks.NAME: lambda one: tasks.write(one, data, heading("任务进展情况")),
            units.NAME: lambda one: units.write(one, data, heading("单位报送情况", units.NOTE), found),
            indicators.NAME: lambda one: indicators.write(
                one, data, heading("量化指标完成情况", indicators.NOTE), found
            ),
            comparison.NAME: lambda one: comparison.write(
                book, one, data, heading("与上期对比", sentences.comparison(data))
            ),
            problems.NAME: lambda one: problems.write(
                one, data, heading("问题与滞后情况", problems.NOTE), found
            ),
            findings.NAME: lambda one: findings.write(one, data, heading("校验结果", findings.NOTE), found),
        }
        sheets = {name: self._sheets(name) for name in self.book.settings.sheets}
        if detail.NAME in sheets:  # first: nothing else is held yet, and who helps can then go
            detail.write(book, sheets.pop(detail.NAME), data, self.entries, found, self.most_rows)
        for name, (sheet,) in sheets.items():
            writers[name](sheet)

    def _sheets(self, name: str) -> list[Sheet]:
        """Add a sheet; of 明细数据 as many as its rows need."""
        if name != detail.NAME:
            return [self.book.sheet(name)]
        count = max(1, -(-self.found.lines // self.most_rows))
        return [self.book.sheet(detail_sheet(number), StreamedPage) for number in range(count)]
