"""The consolidated workbook that is printed for a leader: a module a sheet, written by XlsxWriter."""

from kepu_xls.report.workbook import SHEETS, write_report

__all__ = ["SHEETS", "write_report"]
