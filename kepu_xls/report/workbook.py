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
    findings,
    indicators,
    logos,
    overview,
    problems,
    sentences,
    tasks,
    units,
)
from kepu_xls.report.logos import Logo
from kepu_xls.report.sentences import shortened
from kepu_xls.report.sheet import Footer, Page, Sheet
from kepu_xls.report.styles import DEFAULT_FONT, Styles
from kepu_xls.report.table import Heading

SHEETS: tuple[str, ...] = get_args(SheetName)
"""All sheets there are, in the order of the contract."""

_FOOTER_TITLE = 60  # characters: a footer holds 255, with its fonts and the rest
_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write_report(
    data: Consolidated, settings: ReportSettings, path: Path, folder: Path | None = None
) -> None:
    """Write the consolidated workbook, whole or not at all; the logo is looked for in ``folder``.

    The same data give the same bytes.  Raises InputError for a logo that is no picture or a column that is
    not there, SurroundingsError where the file is open elsewhere or cannot be written.
    """
    logo = logos.load((folder or Path()) / settings.logo) if settings.logo else None
    with workspace.replacing(path) as temporary, workspace.failures_explained(path):
        book = Workbook(
            temporary, {**_OPTIONS, "default_format_properties": dict(DEFAULT_FONT)}
        )  # it changes them
        _fill(book, data, settings, logo)
        _close(book)


def _close(book: Workbook) -> None:
    """Write the file; XlsxWriter wraps the system's error in one of its own, which is no OSError."""
    try:
        book.close()
    except FileCreateError as error:
        raise (
            error.__context__ if isinstance(error.__context__, OSError) else OSError(str(error))
        ) from error


def _fill(book: Workbook, data: Consolidated, settings: ReportSettings, logo: Logo | None) -> None:
    plan, period = data.opened.plan.title, periods.parse(data.opened.period).label
    title = settings.title.format(plan=plan, period=period)
    made = f"{data.made.year}年{data.made.month}月{data.made.day}日 {data.made:%H:%M}"
    book.set_properties({"title": title, "subject": period, "created": data.made})
    styles, footer = Styles(book, settings), _footer(settings, title, plan, period, made)
    links = detail.NAME in settings.sheets
    when = f"{period}　　{made}制表"
    rows = detail.rows(data)

    def heading(name: str, note: str = "") -> Heading:
        return Heading(name, (f"{plan}　　{when}", *((note,) if note else ())))

    writers: dict[str, Callable[[Sheet], object]] = {
        overview.NAME: lambda one: overview.write(book, one, data, Heading(title, (when,)), logo),
        tasks.NAME: lambda one: tasks.write(one, data, heading("任务进展情况")),
        units.NAME: lambda one: units.write(one, data, heading("单位报送情况", units.NOTE), rows),
        indicators.NAME: lambda one: indicators.write(
            one, data, heading("量化指标完成情况", indicators.NOTE), rows
        ),
        comparison.NAME: lambda one: comparison.write(
            book, one, data, heading("与上期对比", sentences.comparison(data))
        ),
        problems.NAME: lambda one: problems.write(one, data, heading("问题与滞后情况", problems.NOTE), rows),
        findings.NAME: lambda one: findings.write(one, data, heading("校验结果", findings.NOTE), rows),
        detail.NAME: lambda one: detail.write(one, data),
    }
    for name in settings.sheets:
        page = book.add_worksheet(name, Page)
        writers[name](Sheet(page, styles, settings, footer, links=links))


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
