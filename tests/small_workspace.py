"""A workspace with a small plan, driven through the real command line: master, forms, filled forms."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

import msgspec
import openpyxl
from builders import SETTINGS
from driving import ROOT, Run, kepu

from kepu_xls.identity import FORM_SHEET, TASK_KEY
from kepu_xls.model import Plan
from kepu_xls.plan import write_master

GOOD: dict[str, object] = {"status": "推进中", "percent": "60", "progress": "已开展两次培训，覆盖三个街道。"}
FOOT = {"填报人": "王五", "填报日期": "2019-03-21"}


class Small:
    """A workspace of one test."""

    def __init__(self, root: Path, plan: Plan) -> None:
        self.root = root
        (root / "templates").mkdir(parents=True)
        shutil.copyfile(ROOT / "config.toml", root / "config.toml")
        shutil.copyfile(ROOT / "templates" / "form.xlsx", root / "templates" / "form.xlsx")
        self.change(plan)

    def change(self, plan: Plan) -> None:
        """The clerk's master says this from now on."""
        titled = msgspec.structs.replace(plan, title=SETTINGS.plan.title)
        write_master(titled, self.root / "templates" / "master.xlsx")

    def kepu(self, *arguments: str, env: dict[str, str] | None = None) -> Run:
        """Run a command here."""
        return kepu("-C", str(self.root), *arguments, env=env)

    def form(self, period: str, unit: str) -> Path:
        """Where a unit's form lies."""
        return self.root / "outbox" / period / "forms" / f"{unit}_{period}_进展填报表.xlsx"

    def report(
        self,
        period: str,
        unit: str,
        *,
        form: Path | None = None,
        received: datetime | None = None,
        tasks: set[str] | None = None,
        **answers: object,
    ) -> Path:
        """A unit fills its form (another, where given), the same on each row, and sends it back."""
        target = self.root / "inbox" / f"{unit}{period}.xlsx"
        target.parent.mkdir(exist_ok=True)
        fill(form or self.form(period, unit), target, {**GOOD, **answers}, tasks)
        if received:
            os.utime(target, (received.timestamp(), received.timestamp()))
        return target


def fill(form: Path, target: Path, answers: dict[str, object], tasks: set[str] | None = None) -> None:
    """Fill a form's task rows (or those named) and its foot, as a unit does."""
    book = openpyxl.load_workbook(form)
    sheet = book[FORM_SHEET]
    head = next(row for row in sheet.iter_rows() if row[0].value == TASK_KEY)
    columns = {str(cell.value): cell.column for cell in head}
    for row in range(head[0].row + 2, sheet.max_row + 1):
        number = sheet.cell(row, 1).value
        if number and (tasks is None or number in tasks):
            for key, value in answers.items():
                sheet.cell(row, columns[key]).value = value  # type: ignore[assignment]
    for row in sheet.iter_rows():
        for cell in row:
            if (label := str(cell.value or "").rstrip("：")) in FOOT:
                area = next((one for one in sheet.merged_cells.ranges if cell.coordinate in one), None)
                last = area.max_col if area else cell.column
                sheet.cell(cell.row, last + 1).value = FOOT[label]
    book.save(target)
