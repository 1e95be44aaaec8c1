"""Plan documents → tasks and units → master.xlsx, the clerk's own table; and what is wrong with that."""

from kepu_xls import without_numpy  # noqa: F401 - before openpyxl, which some of the following load
from kepu_xls.plan.assemble import PlanReading
from kepu_xls.plan.check import check
from kepu_xls.plan.documents import read_document
from kepu_xls.plan.master import Master, MasterRow, read_master
from kepu_xls.plan.rewrite import rewrite_master
from kepu_xls.plan.update import Change, ChangeKind, Updated, compare, update
from kepu_xls.plan.writer import write_master

__all__ = [
    "Change",
    "ChangeKind",
    "Master",
    "MasterRow",
    "PlanReading",
    "Updated",
    "check",
    "compare",
    "read_document",
    "read_master",
    "rewrite_master",
    "update",
    "write_master",
]
