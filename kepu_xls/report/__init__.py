"""The consolidated workbook that is printed for a leader, a module a sheet; the brief that goes with it."""

from kepu_xls.report.brief import write_brief
from kepu_xls.report.workbook import SHEETS, write_report

__all__ = ["SHEETS", "write_brief", "write_report"]
