"""How a sheet of a form behaves on screen and on paper: protection, filter, panes, page set-up."""

from __future__ import annotations

from copy import copy

from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.pagebreak import ColBreak, RowBreak
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.protection import SheetProtection
from openpyxl.worksheet.worksheet import Worksheet

_PAGES = "第 &P 页 共 &N 页"


def protect(sheet: Worksheet) -> None:
    """Lock all but the inputs, without a password; filtering, sorting and resizing stay allowed."""
    # False: not forbidden.  A new object, because the clerk may have protected the template with a password.
    sheet.protection = SheetProtection(
        sheet=True, autoFilter=False, sort=False, formatColumns=False, formatRows=False
    )


def set_up_page(sheet: Worksheet, header_row: int, area: str) -> None:
    """Print one page wide with the header on each page; paper, margins and the clerk's own footer stay."""
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.page_setup.scale = None
    sheet.print_title_rows = f"{header_row}:{header_row}"
    sheet.print_area = area
    sheet.row_breaks, sheet.col_breaks = RowBreak(), ColBreak()  # the template's would cut elsewhere
    if not sheet.HeaderFooter.oddFooter:
        footer = sheet.HeaderFooter.oddFooter = HeaderFooterItem()
        footer.center.text = _PAGES


def copy_page(source: Worksheet, target: Worksheet, header_row: int, area: str) -> None:
    """Set up a sheet for the paper of another one."""
    target.page_setup.paperSize = source.page_setup.paperSize
    target.page_setup.orientation = source.page_setup.orientation
    target.page_margins = copy(source.page_margins)
    target.print_options.horizontalCentered = True
    set_up_page(target, header_row, area)
