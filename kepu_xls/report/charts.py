"""The charts of the first page: fed from cells on it, told apart by words and stripes, never by colour."""

from __future__ import annotations

from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.chart import Chart

from kepu_xls.model import Record
from kepu_xls.report.styles import Styles

_BORDER = {"color": "#000000", "width": 0.75}
_DARK = {"fill": {"color": "#44546A"}, "border": _BORDER}
_STRIPED = {
    "pattern": {"pattern": "wide_upward_diagonal", "fg_color": "#808080", "bg_color": "#FFFFFF"},
    "border": _BORDER,
}
_SIZE = 10


class Cells(Record, frozen=True):
    """Where a chart's figures stand: labels and values are columns, rows from ``first`` to ``last``."""

    sheet: str
    first: int
    last: int
    labels: int
    values: tuple[int, ...]

    def column(self, number: int) -> list[Any]:
        """Give a column of the table as XlsxWriter wants a range."""
        return [self.sheet, self.first, number, self.last, number]


def counts(
    book: Workbook, styles: Styles, title: str, cells: Cells, unit: str, *, number: str = "0"
) -> Chart:
    """Draw a count for each of a few words: one column a word, its number (by that format) above it."""
    chart = book.add_chart({"type": "column"})
    chart.add_series(
        {
            "name": title,
            "categories": cells.column(cells.labels),
            "values": cells.column(cells.values[0]),
            **_DARK,
            "data_labels": {"value": True, "font": _font(styles), "num_format": f'{number}"{unit}"'},
            "gap": 60,
        }
    )
    chart.set_legend({"none": True})
    chart.set_y_axis({"visible": False, "major_gridlines": {"visible": False}, "min": 0})
    chart.set_x_axis({"num_font": _font(styles)})
    _dress(chart, styles, title)
    return chart


def progress(book: Workbook, styles: Styles, title: str, cells: Cells) -> Chart:
    """Draw what each project reached beside what the time gone by would ask for."""
    chart = book.add_chart({"type": "bar"})
    white = {"color": "#FFFFFF"}  # a number is read also where it stands before the other bar
    labels = {"data_labels": {"value": True, "font": _font(styles), "num_format": "0.0", "fill": white}}
    series = (("平均完成率(%)", {**_DARK, **labels}), ("序时进度(%)", _STRIPED))
    for (name, look), column in zip(series, cells.values, strict=True):
        chart.add_series(
            {
                "name": name,
                "categories": cells.column(cells.labels),
                "values": cells.column(column),
                "gap": 35,
                **look,
            }
        )
    chart.set_y_axis({"reverse": True, "num_font": _font(styles)})
    chart.set_x_axis({"min": 0, "max": 105, "visible": False, "major_gridlines": {"visible": False}})
    chart.set_legend({"position": "bottom", "font": _font(styles)})
    _dress(chart, styles, title)
    return chart


def trend(book: Workbook, styles: Styles, title: str, cells: Cells) -> Chart:
    """Draw how a figure went from period to period: a line with marks, its number above each."""
    chart = book.add_chart({"type": "line"})
    chart.add_series(
        {
            "name": title,
            "categories": cells.column(cells.labels),
            "values": cells.column(cells.values[0]),
            "line": {"color": "#000000", "width": 1.5},
            "marker": {"type": "circle", "size": 6, "fill": {"color": "#FFFFFF"}, "border": _BORDER},
            "data_labels": {"value": True, "position": "above", "font": _font(styles), "num_format": "0.0"},
        }
    )
    chart.set_legend({"none": True})
    chart.set_y_axis({"min": 0, "max": 110, "visible": False, "major_gridlines": {"visible": False}})
    chart.set_x_axis({"num_font": _font(styles)})
    _dress(chart, styles, title)
    return chart


def _font(styles: Styles) -> dict[str, Any]:
    return {"name": styles.body_font, "size": _SIZE}


def _dress(chart: Chart, styles: Styles, title: str) -> None:
    chart.set_title({"name": title, "name_font": {"name": styles.heading_font, "size": 12, "bold": False}})
    chart.set_chartarea({"border": {"color": "#7F7F7F"}})
