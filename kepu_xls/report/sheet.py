"""One sheet of the workbook being written: paper and footer as on all of them, cells by their kind."""

from __future__ import annotations

from datetime import date, datetime, time
from html import escape

from xlsxwriter.worksheet import Worksheet

from kepu_xls.appearance import ReportSettings
from kepu_xls.model import Record, Scalar
from kepu_xls.report import layout
from kepu_xls.report.styles import Styles

DETAIL_SHEET = "明细数据"
MOST_ROWS = 1_048_575
"""Rows of a sheet below its header; more of 明细数据 stand on further sheets."""
_MOST_LINKS = 65_530  # a sheet holds no more

_BELOW = 10.0  # millimetres from the type area to the foot of the footer: 7 between them, as in GB/T 9704
_DEFAULT_PIXELS = 59  # XlsxWriter's default column: 64 pixels, 5 of them padding


class Link(Record, frozen=True):
    """A text that leads to a line of 明细数据, counted from 0 without the header, over all its sheets."""

    text: str
    line: int


Content = Scalar | date | datetime | Link


def text_of(content: Content) -> str:
    """Give a cell's content as the text that its room is measured by."""
    match content:
        case None:
            return ""
        case Link():
            return content.text
        case float():
            return f"{content:.1f}"
        case datetime():
            return content.strftime("%m-%d %H:%M")
        case _:
            return str(content)


def detail_sheet(number: int) -> str:
    """Name the sheets of 明细数据, counted from 0: the second is 明细数据2."""
    return f"{DETAIL_SHEET}{number + 1}" if number else DETAIL_SHEET


class Footer(Record, frozen=True):
    """What stands at the foot of a page, left, in the middle and right, in the codes of a workbook.

    ``mirrored``: on even pages left and right change places, for paper printed on both sides.
    """

    left: str
    centre: str
    right: str
    mirrored: bool = False

    def code(self, font: str, *, even: bool = False) -> str:
        """Write it as a workbook keeps it."""
        left, right = (self.right, self.left) if even else (self.left, self.right)
        look = f'&"{font},Regular"&9 '  # a space, for a text that begins with a digit
        parts = (("&L", left), ("&C", self.centre), ("&R", right))
        return "".join(f"{side}{look}{text}" for side, text in parts if text)


def as_text(text: str) -> str:
    """Give a text as XlsxWriter wants it: one in ``<r>…</r>`` it takes for the markup of a rich string."""
    if text.startswith("<r>") and text.endswith("</r>"):
        return f'<r><t xml:space="preserve">{escape(text, quote=False)}</t></r>'
    return text


class Page(Worksheet):  # type: ignore[misc]  # XlsxWriter is not typed
    """A worksheet that can have another footer on even pages, which XlsxWriter does not know."""

    even_footer = ""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:  # noqa: FBT001, FBT002 - its own
        """Leave ``shade``'s formulas as they are: XlsxWriter looks through each with 155 patterns."""
        if formula.startswith("LEFT("):
            return formula
        prepared: str = super()._prepare_formula(formula, expand_future_functions)
        return prepared

    def _write_header_footer(self) -> None:
        if not self.even_footer:
            super()._write_header_footer()
            return
        self._xml_start_tag("headerFooter", [("differentOddEven", 1), ("scaleWithDoc", 0)])
        self._write_odd_footer()
        self._xml_data_element("evenFooter", self.even_footer)
        self._xml_end_tag("headerFooter")


class Sheet:
    """A worksheet with its look and paper; ``put`` writes content by its kind, text always as a string.

    ``rows_of_detail``: how many rows a sheet of 明细数据 has, 0 where there is none to be led to.
    """

    def __init__(
        self, worksheet: Page, styles: Styles, settings: ReportSettings, footer: Footer, rows_of_detail: int
    ) -> None:
        self.worksheet, self.styles, self.settings = worksheet, styles, settings
        self.rows_of_detail, self.links_left = rows_of_detail, _MOST_LINKS if rows_of_detail else 0
        self.paper = layout.paper_of(settings)
        worksheet.set_landscape()
        worksheet.set_paper(self.paper.code)
        sides = ("left", "right", "top", "bottom")
        margins = self.paper.margins
        worksheet.set_margins(**{side: getattr(margins, side) / 25.4 for side in sides})
        worksheet.fit_to_pages(1, 0)
        worksheet.center_horizontally()
        worksheet.hide_gridlines(2)
        distance = max(margins.bottom - _BELOW, margins.bottom / 2) / 25.4
        look = {"margin": distance, "scale_with_doc": False}  # as large where the table is printed smaller
        worksheet.set_footer(footer.code(styles.body_font), look)
        if footer.mirrored:
            worksheet.even_footer = footer.code(styles.body_font, even=True)

    def set_width(self, first: int, last: int, width: float) -> None:
        """Make columns ``width`` characters wide.

        XlsxWriter marks a column of exactly its default width as not set, and LibreOffice then takes its own.
        """
        default = round(width * 7) == _DEFAULT_PIXELS
        self.worksheet.set_column(first, last, width + 1 / 7 if default else width)

    def put(self, row: int, column: int, content: Content, style: str) -> None:
        """Write a cell.  A text longer than a cell holds must have been cut before."""
        sheet, form = self.worksheet, self.styles[style]
        match content:
            case None | "":
                sheet.write_blank(row, column, None, form)
            case Link() if not self.links_left:
                sheet.write_string(row, column, content.text, form)
            case Link():
                self.links_left -= 1
                number, line = divmod(content.line, self.rows_of_detail)
                target = f"internal:'{detail_sheet(number)}'!A{line + 2}"
                sheet.write_url(row, column, target, form, as_text(content.text))
            case date():
                moment = content if isinstance(content, datetime) else datetime.combine(content, time())
                sheet.write_datetime(row, column, moment, form)
            case int() | float():
                sheet.write_number(row, column, content, form)
            case _:
                sheet.write_string(row, column, as_text(content), form)

    def merge(self, box: tuple[int, int, int, int], content: Content, style: str) -> None:
        """Write one cell over several: ``box`` is first row, first column, last row, last column."""
        if box[:2] != box[2:]:
            self.worksheet.merge_range(*box, "", self.styles[style])
        self.put(box[0], box[1], content, style)

    def height_of(self, text: str, width: float, style: str) -> float:
        """Give the height of a row for a text across ``width`` points."""
        size = self.styles.sizes[style]
        return min(max(layout.text_height(text, width, size), size * 1.8), layout.HIGHEST_ROW)

    def paragraph(self, row: int, columns: tuple[int, int], width: float, text: str, style: str) -> float:
        """Write a text across columns, ``width`` points together, in a row high enough for it."""
        height = self.height_of(text, width, style)
        self.worksheet.set_row(row, height)
        self.merge((row, columns[0], row, columns[1]), text, style)
        return height

    def shade(self, first: int, column: int, last: int) -> None:
        """Colour the words that stand for a state in a column."""
        for word, form in self.styles.shades:
            rule = {"type": "text", "criteria": "begins with", "value": word, "format": form}
            self.worksheet.conditional_format(first, column, last, column, rule)
