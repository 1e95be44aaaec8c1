from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from python_calamine import CalamineWorkbook

from kepu_xls import forms, identity

pytestmark = pytest.mark.libreoffice

Content = Callable[..., forms.FormContent]
Write = Callable[..., Path]
Convert = Callable[[Path, str, Path], Path]


def cells(path: Path) -> dict[str, list[list[object]]]:
    """All cells of all sheets, trailing blanks cut off."""
    book = CalamineWorkbook.from_path(path)
    sheets = {}
    for name in book.sheet_names:
        rows = [list(row) for row in book.get_sheet_by_name(name).to_python()]
        for row in rows:
            while row and row[-1] == "":
                row.pop()
        while rows and not rows[-1]:
            rows.pop()
        sheets[name] = rows
    return sheets


def fill(path: Path) -> None:
    """Fill the first task as a unit would."""
    book = load_workbook(path)
    sheet = book[identity.FORM_SHEET]
    for cell, value in (
        ("H7", "推进中"),
        ("I7", "80%"),
        ("J7", "=不是公式"),
        ("K7", 3),
        ("P7", "2019年12月31日"),
    ):
        sheet[cell] = value
        if isinstance(value, str):
            sheet[cell].data_type = "s"
    book.save(path)


@pytest.mark.parametrize("suffix", ["xlsx", "xls", "ods"])
def test_a_filled_form_saved_again_keeps_values_identity_and_keys(
    suffix: str, content: Content, write: Write, convert: Convert, tmp_path: Path
) -> None:
    path = write(content("区科协"))
    fill(path)
    (tmp_path / "saved").mkdir()
    saved = convert(path, suffix, tmp_path / "saved")
    assert cells(saved) == cells(path)
    table = cells(saved)[identity.FORM_SHEET]
    assert table[6][7:11] == ["推进中", "80%", "=不是公式", 3]
    assert table[6][15] == "2019年12月31日"


def test_lists_bounds_shades_and_locks_survive_an_xls(
    content: Content, write: Write, convert: Convert, tmp_path: Path
) -> None:
    folders = [tmp_path / name for name in ("old", "new")]
    for folder in folders:
        folder.mkdir()
    path = write(content("区科协"))
    again = convert(convert(path, "xls", folders[0]), "xlsx", folders[1])
    before, after = load_workbook(path), load_workbook(again)
    assert {"kepu_status", "kepu_unchanged"} <= set(after.defined_names)
    assert after[identity.IDENTITY_SHEET].sheet_state != "visible"
    rules = [
        {
            (str(one.sqref), one.type, one.errorStyle)
            for one in book[identity.FORM_SHEET].data_validations.dataValidation
        }
        for book in (before, after)
    ]
    assert rules[0] == rules[1]
    sheet = after[identity.FORM_SHEET]
    assert sheet.protection.sheet
    assert sheet.row_dimensions[5].hidden
    assert [sheet[cell].protection.locked for cell in ("D7", "H7")] == [True, False]
    assert len(sheet.conditional_formatting) > 0


def test_the_form_prints_one_page_wide_with_page_numbers(
    content: Content, write: Write, convert: Convert, tmp_path: Path
) -> None:
    pdf = convert(write(content("区妇联")), "pdf", tmp_path)
    text = subprocess.run(
        ["pdftotext", "-layout", str(pdf), "-"], capture_output=True, check=True
    ).stdout.decode()
    pages = text.split("\f")[:-1]
    form_pages = [page for page in pages if "任务编" in page]
    assert all(
        "本期进展情况" in page and "备注" in page for page in form_pages
    )  # nothing runs over to the side
    assert f"第1页共{len(pages)}页" in "".join(pages[0].split())
    assert "填报人" in form_pages[-1]
    assert "@task" not in text
    assert identity.UNIT_KEY not in text


def test_a_template_saved_by_another_program_still_works(
    content: Content, write: Write, convert: Convert, shipped: Path, tmp_path: Path
) -> None:
    (tmp_path / "saved").mkdir()
    saved = convert(shipped, "xlsx", tmp_path / "saved")
    forms_of = [
        write(content("区科协"), template, f"{template.parent.name}.xlsx") for template in (shipped, saved)
    ]
    assert cells(forms_of[0]) == cells(forms_of[1])
    sheets = [load_workbook(path)[identity.FORM_SHEET] for path in forms_of]
    areas = [{str(area) for area in sheet.merged_cells.ranges} for sheet in sheets]
    assert areas[0] == areas[1]
    for column in "BDFJ":
        widths = [sheet.column_dimensions[column].width for sheet in sheets]
        assert widths[0] == pytest.approx(widths[1], abs=0.5)
    locks = [[cell.protection.locked for cell in sheet[7]] for sheet in sheets]
    assert locks[0] == locks[1]


def test_the_percent_rule_takes_what_people_type(
    content: Content, write: Write, convert: Convert, tmp_path: Path
) -> None:
    sheet = load_workbook(write(content("区科协")))[identity.FORM_SHEET]
    (rule,) = [one for one in sheet.data_validations.dataValidation if one.type == "custom"]
    typed = {"80": True, "80%": True, "８０％": True, "０": True, "120": False, "-5": False, "约八成": False}
    book = Workbook()
    for row, text in enumerate(typed, 1):
        cell = book.active.cell(row, 1, text)
        cell.number_format = "@"
        book.active.cell(row, 2, "=" + rule.formula1.replace("I7", f"A{row}"))
    book.save(tmp_path / "percent.xlsx")
    (tmp_path / "saved").mkdir()
    saved = convert(tmp_path / "percent.xlsx", "xlsx", tmp_path / "saved")
    sheet = load_workbook(saved, data_only=True).active
    assert {str(row[0].value): row[1].value for row in sheet.iter_rows()} == typed
