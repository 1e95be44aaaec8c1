"""Roll-up: the consolidated workbooks of districts → what a city's consolidated workbook shows."""

from kepu_xls.rollup.combining import roll_up
from kepu_xls.rollup.naming import district_name
from kepu_xls.rollup.reading import NoReportError, read_report

__all__ = ["NoReportError", "district_name", "read_report", "roll_up"]
