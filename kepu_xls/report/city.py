"""The consolidated workbook of several districts, put together; it can be rolled up again."""

from __future__ import annotations

from pathlib import Path

from kepu_xls import periods
from kepu_xls.appearance import ReportSettings
from kepu_xls.districts import RolledUp
from kepu_xls.report import rolled_up
from kepu_xls.report.book import Book, written
from kepu_xls.report.sheet import detail_sheet
from kepu_xls.report.stream import StreamedPage
from kepu_xls.report.table import Heading

_TITLE = "各地区任务进展情况汇总"
_RANKED = (
    "按平均完成率由高到低排列。平均完成率：该地区有填报的任务的完成率（以牵头单位所填为准）的平均数；"
    "累计数为各单位填报数之和。"
)
_SAME = "编号和文字都相同的任务，各地区放在一起比较；完成率以牵头单位所填为准。"


def write_rolled_up(data: RolledUp, settings: ReportSettings, path: Path) -> None:
    """Write the consolidated workbook of several districts, whole or not at all.

    Raises SurroundingsError where the file is open elsewhere or cannot be written.
    """
    with written(path) as workbook:
        book = Book(
            workbook,
            settings,
            title=_TITLE,
            plan=f"{len(data.districts)}个地区",
            period="、".join(periods.parse(one).label for one in data.periods),
            made=data.made,
            rows_of_detail=0,
        )
        rolled_up.overview(workbook, book.sheet(rolled_up.OVERVIEW), data, Heading(_TITLE, (book.when,)))
        rolled_up.comparison(book.sheet(rolled_up.COMPARISON), data, book.heading("地区对比", _RANKED))
        rolled_up.tasks(book.sheet(rolled_up.TASKS), data, book.heading("各地区任务进展对比", _SAME))
        for name, table, title in (
            (rolled_up.UNITS, data.units, "各地区单位报送情况"),
            (rolled_up.INDICATORS, data.indicators, "各地区量化指标完成情况"),
        ):
            rolled_up.together(book.sheet(name), table, book.heading(title), "各地区的汇总表里都没有这张表。")
        rolled_up.detail(workbook, lambda number: book.sheet(detail_sheet(number), StreamedPage), data.detail)
