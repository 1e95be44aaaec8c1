"""Builds the same task tables as Word, Excel and text, the way districts write them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import docx
import openpyxl
from docx.table import Table as WordTable
from docx.table import _Cell

from kepu_xls.model import Plan, Task

REAL = Path(__file__).resolve().parents[2] / "templates" / "plan.txt"
HEADER = ("项目", "主要任务", "牵头单位", "参加单位")
NUMERALS = "一二三四五六七八九十"


def write_cell(cell: _Cell, text: str) -> None:
    """Write a cell, a paragraph a line."""
    first, *rest = text.split("\n")
    cell.paragraphs[0].text = first
    for line in rest:
        cell.add_paragraph(line)


def word_table(document: docx.document.Document, rows: list[tuple[str, ...]]) -> WordTable:
    """Add a table of these rows."""
    table = document.add_table(len(rows), max(map(len, rows)))
    for row, values in zip(table.rows, rows, strict=True):
        for cell, value in zip(row.cells, values, strict=False):
            write_cell(cell, value)
    return table


def save_word(document: docx.document.Document, path: Path) -> None:
    """Save with a paragraph at the end, as Word does: LibreOffice's .doc loses a table without one."""
    document.add_paragraph("")
    document.save(str(path))


def save(path: Path, rows: Sequence[Sequence[object]], merged: tuple[str, ...] = ()) -> Path:
    """Save a workbook of one sheet with these rows."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    for area in merged:
        book.active.merge_cells(area)
    book.save(path)
    return path


def groups(plan: Plan) -> list[list[list[Task]]]:
    """Give the tasks by part and project."""
    parts = [list(part) for _, part in groupby(plan.tasks, key=lambda task: task.part)]
    return [[list(project) for _, project in groupby(part, key=lambda task: task.project)] for part in parts]


def units(names: tuple[str, ...], separator: str = "、") -> str:
    """Write a list of units."""
    return separator.join(names)


def part_title(index: int, part: list[list[Task]]) -> str:
    """Write the heading of a part: ``一、名称``."""
    return f"{NUMERALS[index]}、{part[0][0].part}"


def task_rows(part: list[list[Task]]) -> list[tuple[str, str, str, str]]:
    """Write one part as the rows of the real table; a project stands only on its first row."""
    return [
        (
            f"（{NUMERALS[index]}）{task.project}" if number == 1 else "",
            f"{number}、{task.text}",
            units(task.leads),
            units(task.participants) + "等",
        )
        for index, project in enumerate(part)
        for number, task in enumerate(project, 1)
    ]
