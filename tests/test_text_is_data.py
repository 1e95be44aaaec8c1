"""Text that people typed is data: in the workbook, in JSON, on the terminal."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest
from driving import Run, kepu
from python_calamine import CalamineWorkbook

from kepu_xls.identity import FORM_SHEET, TASK_KEY

PERIOD = "2019-W12"
LONG = (
    "区里办了一场活动，" * 3640 + "最后一句到此为止。"
)  # 32,769 characters are past Excel's cell: cut to 32,767 below
NASTY = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    '=HYPERLINK("http://example.com","点我")',
    "https://example.com/佐证",
    "{=1}",
    LONG,
    "<b>粗体</b> & 'quoted' \"both\"",
    "100%",
)


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run]:
    """A form of twelve tasks, each with a nasty progress text, under a nasty name, merged."""
    root = tmp_path_factory.mktemp("nasty") / "w"
    assert kepu("init", str(root)).code == 0
    assert kepu("-C", str(root), "forms", "--period", PERIOD, "--unit", "区人社局").code == 0
    form = next((root / "outbox" / PERIOD / "forms").iterdir())
    book = openpyxl.load_workbook(form)
    sheet = book[FORM_SHEET]
    head = next(row for row in sheet.iter_rows() if row[0].value == TASK_KEY)
    columns = {str(cell.value): cell.column for cell in head}
    rows = [row for row in range(head[0].row + 2, sheet.max_row + 1) if sheet.cell(row, 1).value]
    for row, text in zip(rows, NASTY, strict=False):
        sheet.cell(row, columns["status"]).value = "推进中"
        sheet.cell(row, columns["percent"]).value = "50"
        cell = sheet.cell(row, columns["progress"])
        cell.value = text
        cell.data_type = "s"
    book.save(root / "inbox" / "回复\u202exslx.表 (1)\u200b.xlsx")
    return root, kepu("-C", str(root), "merge", "--json")


def test_every_text_arrives_as_it_was_typed(merged: tuple[Path, Run]) -> None:
    _, run = merged
    sheet = CalamineWorkbook.from_path(run.json["report"]).get_sheet_by_name("明细数据").to_python()
    column = sheet[0].index("本期进展情况")
    texts = [str(row[column]) for row in sheet[1:]]
    for text in NASTY:
        assert any(text.strip() in one or text.strip()[:30_000] in one for one in texts), text[:40]


def test_no_cell_is_a_formula_or_a_link_to_the_outside(merged: tuple[Path, Run]) -> None:
    _, run = merged
    book = openpyxl.load_workbook(run.json["report"])
    assert not [
        cell.coordinate
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]
    with zipfile.ZipFile(run.json["report"]) as parts:
        relations = b"".join(parts.read(name) for name in parts.namelist() if name.endswith(".rels"))
    assert b"External" not in relations


def test_the_terminal_gets_no_escape_codes_and_nothing_that_turns_its_direction(
    merged: tuple[Path, Run],
) -> None:
    root, _ = merged
    run = kepu("-C", str(root), "merge")
    shown = run.out + run.err
    assert not [char for char in "\x1b\x07\u202e\u200b" if char in shown]
    assert "xslx" in shown  # the name is shown all the same


def test_json_tells_the_name_as_it_is(merged: tuple[Path, Run]) -> None:
    _, run = merged
    assert "回复\u202exslx.表 (1)\u200b.xlsx" in [one["path"] for one in run.json["files"]]


def test_next_weeks_form_shows_it_as_text_too(merged: tuple[Path, Run], tmp_path: Path) -> None:
    root, _ = merged
    copy = tmp_path / "w"
    shutil.copytree(root, copy)
    run = kepu("-C", str(copy), "forms", "--period", "2019-W13", "--unit", "区人社局", "--json")
    assert run.code == 0, run.err
    book = openpyxl.load_workbook(run.json["forms"][0]["path"])
    cells = [cell for row in book[FORM_SHEET].iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert any("=cmd|" in str(cell.value) for cell in cells)
