"""The consolidated workbook: its eight sheets, put together in their order."""

from __future__ import annotations

from pathlib import Path

from xlsxwriter import Workbook

from kepu_xls import periods, workspace
from kepu_xls.config import ReportSettings
from kepu_xls.outcome import Consolidated
from kepu_xls.report import comparison, detail, findings, indicators, overview, problems, tasks, units
from kepu_xls.report.layout import PAPERS
from kepu_xls.report.sentences import shortened
from kepu_xls.report.sheet import Sheet
from kepu_xls.report.styles import DEFAULT_FONT, Styles
from kepu_xls.report.table import Heading

SHEETS = (
    overview.NAME,
    tasks.NAME,
    units.NAME,
    indicators.NAME,
    comparison.NAME,
    problems.NAME,
    findings.NAME,
    detail.NAME,
)

_FOOTER_TITLE = 80  # characters: a footer holds 255, with its fonts and the rest
_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_format_properties": DEFAULT_FONT,
}


def write_report(data: Consolidated, settings: ReportSettings, path: Path) -> None:
    """Write the consolidated workbook, whole or not at all.

    The same data give the same bytes.  Raises SurroundingsError where the file is open elsewhere or cannot be
    written.
    """
    with workspace.replacing(path) as temporary, workspace.failures_explained(path):
        book = Workbook(temporary, _OPTIONS)
        _fill(book, data, settings)
        book.close()


def _fill(book: Workbook, data: Consolidated, settings: ReportSettings) -> None:
    title = f"{data.opened.plan.title}任务进展情况汇总"
    period = periods.parse(data.opened.period).label
    made = f"{data.made.year}年{data.made.month}月{data.made.day}日 {data.made:%H:%M}"
    book.set_properties({"title": title, "subject": period, "created": data.made})
    styles, paper = Styles(book, settings), PAPERS[settings.paper]
    footer = f"{shortened(title, _FOOTER_TITLE)}  {period}  {made}制表".replace("&", "&&")
    sheets = {name: Sheet(book.add_worksheet(name), styles, paper, footer) for name in SHEETS}
    when = f"{period}　　{made}制表"
    rows = detail.rows(data)

    def heading(name: str, note: str = "") -> Heading:
        return Heading(name, (f"{data.opened.plan.title}　　{when}", *((note,) if note else ())))

    overview.write(book, sheets[overview.NAME], data, Heading(title, (when,)))
    tasks.write(sheets[tasks.NAME], data, heading("任务进展情况"))
    units.write(sheets[units.NAME], data, heading("单位报送情况", units.NOTE), rows)
    indicators.write(sheets[indicators.NAME], data, heading("量化指标完成情况", indicators.NOTE))
    comparison.write(sheets[comparison.NAME], data, heading("与上期对比"))
    problems.write(sheets[problems.NAME], data, heading("问题与滞后情况"))
    findings.write(sheets[findings.NAME], data, heading("校验结果", findings.NOTE), rows)
    detail.write(sheets[detail.NAME], data)
