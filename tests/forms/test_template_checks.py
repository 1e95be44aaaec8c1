from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from kepu_xls import config, forms, identity
from kepu_xls.errors import InputError

Restyle = Callable[[Callable[[Workbook], object]], Path]


def on_sheet(change: Callable[[Worksheet], object]) -> Callable[[Workbook], object]:
    return lambda book: change(book[identity.FORM_SHEET])


def put(cell: str, value: object) -> Callable[[Workbook], object]:
    def change(sheet: Worksheet) -> None:
        sheet[cell] = value

    return on_sheet(change)


def rename(title: str) -> Callable[[Workbook], object]:
    def change(book: Workbook) -> None:
        book[identity.FORM_SHEET].title = title

    return change


# what the clerk did → code, cell, words that the message must have
BROKEN: dict[str, tuple[Callable[[Workbook], object], str, str, str]] = {
    "sheet renamed": (rename("填报表"), "template-no-sheet", "", "填报表"),
    "guide of their own": (
        lambda book: book.create_sheet("填表说明"),
        "template-reserved-sheet",
        "",
        "填表说明",
    ),
    "text in column A": (put("A4", "备注"), "template-column-a", "A4", "A 列"),
    "column A merged": (
        on_sheet(lambda sheet: sheet.merge_cells("A11:B11")),
        "template-column-a",
        "A11",
        "A 列",
    ),
    "task number without its braces": (
        put("B5", "任务编号"),
        "template-column-missing",
        "B5",
        "{{任务编号}}",
    ),
    "task number taken out": (put("B5", "编号"), "template-column-missing", "", "任务编号"),
    "task text taken out": (put("D5", None), "template-column-missing", "", "主要任务"),
    "column in another row": (
        lambda book: (put("H5", "进展状态")(book), put("S3", "{{进展状态}}")(book)),
        "template-header-place",
        "S3",
        "第5行",
    ),
    "model rows emptied": (
        lambda book: (put("E6", None)(book), put("E7", "")(book)),
        "template-no-model-row",
        "B6",
        "第6行",
    ),
    "only the second model row left": (put("E6", ""), "template-no-model-row", "B6", "牵头"),
    "misspelt": (put("H5", "{{进展状况}}"), "template-placeholder-unknown", "H5", "{{进展状态}}"),
    "braces not closed": (put("B3", "填报单位：{{单位"), "template-placeholder-unknown", "B3", "{{单位"),
    "nothing like it": (put("B3", "{{zzz}}"), "template-placeholder-unknown", "B3", "zzz"),
    "misspelt on another sheet": (
        lambda book: book.create_sheet("通知").cell(2, 3, "{{期数}}"),
        "template-placeholder-unknown",
        "C2",
        "{{期次}}",
    ),
    "field twice": (put("R5", "{{佐证材料}}"), "template-placeholder-twice", "R5", "Q5"),
    "input twice": (put("C11", "{{填报人}}"), "template-placeholder-twice", "C11", "D9"),
    "label in the header": (put("H5", "请选{{进展状态}}"), "template-placeholder-alone", "H5", "进展状态"),
    "header merged": (on_sheet(lambda sheet: sheet.merge_cells("K5:L5")), "template-merged", "K5", "K5:L5"),
    "model row merged": (
        on_sheet(lambda sheet: sheet.merge_cells("N6:N7")),
        "template-merged",
        "N6",
        "N6:N7",
    ),
    "reporter taken out": (put("D9", None), "template-form-field-missing", "B9", "填报人"),
    "label of an input changed": (put("B9", "签名："), "template-form-field-label", "D9", "填报人"),
    "format down to row 9999": (put("C9999", " "), "template-too-large", "R9999", "R9999"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_template_is_refused_with_place_and_remedy(
    name: str, restyle: Restyle, settings: config.Config
) -> None:
    change, code, cell, words = BROKEN[name]
    path = restyle(change)
    with pytest.raises(InputError) as caught:
        forms.load_template(path, settings.fields, settings.form_fields)
    finding = caught.value.finding
    assert finding.code == code
    assert finding.place.cell == cell
    assert finding.place.file == "templates/form.xlsx"
    assert words in finding.message + finding.remedy
    assert finding.remedy
    assert "{{{" not in finding.message + finding.remedy


def test_a_missing_template_says_how_to_get_it_back(tmp_path: Path, settings: config.Config) -> None:
    with pytest.raises(InputError) as caught:
        forms.load_template(tmp_path / "form.xlsx", settings.fields, settings.form_fields)
    assert caught.value.finding.code == "template-missing"
    assert "kepu init" in caught.value.finding.remedy


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04 not a zip", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), b"<html></html>"],
    ids=["empty", "cut off", "an xls or encrypted", "a web page"],
)
def test_what_is_no_workbook_is_refused(data: bytes, tmp_path: Path, settings: config.Config) -> None:
    path = tmp_path / "form.xlsx"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        forms.load_template(path, settings.fields, settings.form_fields)
    assert caught.value.finding.code == "template-unreadable"


def test_a_folder_in_its_place_is_refused(tmp_path: Path, settings: config.Config) -> None:
    (tmp_path / "form.xlsx").mkdir()
    with pytest.raises(InputError) as caught:
        forms.load_template(tmp_path / "form.xlsx", settings.fields, settings.form_fields)
    assert caught.value.finding.code == "file-unreadable"


def test_the_shipped_template_fits_the_shipped_configuration(shipped: Path, settings: config.Config) -> None:
    template = forms.load_template(shipped, settings.fields, settings.form_fields)
    layout = template.layout
    sheet, ours = (book[identity.FORM_SHEET] for book in (load_workbook(shipped), template.open()))
    assert list(ours.values) == list(sheet.values)
    widths = {
        field.label: sheet.column_dimensions[get_column_letter(layout.columns[field.key])].width
        for field in settings.fields
    }
    assert widths == {field.label: field.width for field in settings.fields}
