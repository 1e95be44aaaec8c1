"""The consolidated workbook that is printed for a leader, a module a sheet.

The brief that goes with it is in ``brief``, which loads what writes Word documents.
"""

from kepu_xls.report.city import write_rolled_up
from kepu_xls.report.entries import Detail, Piece, Portion, Writer
from kepu_xls.report.workbook import SHEETS, write_report

__all__ = ["SHEETS", "Detail", "Piece", "Portion", "Writer", "write_report", "write_rolled_up"]
