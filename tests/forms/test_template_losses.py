"""What a form would silently lack is refused; what survives is let through."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
import xlsxwriter
from openpyxl import load_workbook
from PIL import Image as Picture

from kepu_xls import config, forms, identity
from kepu_xls.errors import InputError

Draw = Callable[[xlsxwriter.Workbook, xlsxwriter.worksheet.Worksheet, BytesIO], object]


def drawn(draw: Draw, shipped: Path, path: Path) -> Path:
    """The shipped template's cells, and what ``draw`` puts beside them on a sheet 通知."""
    data = BytesIO()
    Picture.new("RGB", (40, 20), "red").save(data, "PNG")
    sheet = load_workbook(shipped)[identity.FORM_SHEET]
    with xlsxwriter.Workbook(path) as book:
        form = book.add_worksheet(identity.FORM_SHEET)
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    form.write_string(cell.row - 1, cell.column - 1, str(cell.value))
        draw(book, book.add_worksheet("通知"), data)
    return path


def chart(book: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet, _: BytesIO) -> None:
    made = book.add_chart({"type": "column"})
    sheet.write_column("D1", [1, 2, 3])
    made.add_series({"values": "=通知!$D$1:$D$3"})
    sheet.insert_chart("E5", made)


LOST: dict[str, tuple[Draw, str, str, str]] = {
    "text box": (
        lambda _, sheet, __: sheet.insert_textbox("N9", "盖章处"),
        "通知",
        "N9",
        "文本框或图形“盖章处”",
    ),
    "picture in the header": (
        lambda _, sheet, data: sheet.set_header(
            "&C&G", {"image_center": "logo.png", "image_data_center": data}
        ),
        "通知",
        "",
        "页眉",
    ),
    "background": (
        lambda _, sheet, data: sheet.set_background(data),
        "通知",
        "",
        "背景",
    ),
    "button": (lambda _, sheet, __: sheet.insert_button("P12", {"caption": "x"}), "通知", "", "控件"),
    "check box in a cell": (lambda _, sheet, __: sheet.insert_checkbox("B2", False), "", "", "复选框"),  # noqa: FBT003 - XlsxWriter's signature
    "picture in a cell": (
        lambda _, sheet, data: sheet.embed_image("B2", "logo.png", {"image_data": data}),
        "",
        "",
        "嵌入单元格的图片",
    ),
    "sparkline": (lambda _, sheet, __: sheet.add_sparkline("B2", {"range": "A1:A3"}), "通知", "", "迷你图"),
}


@pytest.mark.parametrize("name", LOST)
def test_what_a_form_would_lack_is_refused_with_sheet_and_cell(
    name: str, shipped: Path, tmp_path: Path, settings: config.Config
) -> None:
    draw, sheet, cell, words = LOST[name]
    path = drawn(draw, shipped, tmp_path / "form.xlsx")
    with pytest.raises(InputError) as caught:
        forms.load_template(path, settings.fields, settings.form_fields)
    finding = caught.value.finding
    assert (finding.code, finding.place.sheet, finding.place.cell) == ("template-picture", sheet, cell)
    assert words in finding.message
    assert finding.remedy


KEPT: dict[str, Draw] = {
    "comment": lambda _, sheet, __: sheet.write_comment("J5", "请写清楚"),
    "picture": lambda _, sheet, data: sheet.insert_image("P9", "logo.png", {"image_data": data}),
    "chart": chart,
    "header in words": lambda _, sheet, __: sheet.set_header("&C内部资料"),
}


@pytest.mark.parametrize("name", KEPT)
@pytest.mark.parametrize("saved_again", [False, True], ids=["as it is", "saved again by LibreOffice"])
def test_what_survives_is_no_reason_to_refuse(
    name: str,
    saved_again: bool,  # noqa: FBT001 - a parameter of pytest
    shipped: Path,
    tmp_path: Path,
    settings: config.Config,
    convert: Callable[[Path, str, Path], Path],
) -> None:
    path = drawn(KEPT[name], shipped, tmp_path / "form.xlsx")
    if saved_again:
        path = convert(path, "xlsx", tmp_path / "again")
    book = forms.load_template(path, settings.fields, settings.form_fields).open()
    with BytesIO() as buffer:
        book.save(buffer)
        parts = ZipFile(buffer).namelist()
    signs = {"comment": "comments", "picture": "media/", "chart": "charts/"}
    assert any(signs.get(name, "") in part for part in parts)


def test_a_picture_that_WPS_embedded_in_a_cell_is_refused(  # noqa: N802 - WPS is its name
    shipped: Path, tmp_path: Path, settings: config.Config
) -> None:
    path = tmp_path / "form.xlsx"
    path.write_bytes(shipped.read_bytes())
    with ZipFile(path, "a") as archive:
        archive.writestr(
            "xl/cellimages.xml",
            "<etc:cellImages xmlns:etc='http://www.wps.cn/officeDocument/2017/etCustomData'/>",
        )
    with pytest.raises(InputError) as caught:
        forms.load_template(path, settings.fields, settings.form_fields)
    assert "嵌入单元格的图片" in caught.value.finding.message


@pytest.mark.parametrize("element", ["xdr:cxnSp", "xdr:grpSp", "mc:AlternateContent"])
def test_lines_groups_and_newer_shapes_are_refused(
    element: str, shipped: Path, tmp_path: Path, settings: config.Config
) -> None:
    made = drawn(LOST["text box"][0], shipped, tmp_path / "drawn.xlsx")
    path = tmp_path / "form.xlsx"
    with ZipFile(made) as old, ZipFile(path, "w") as new:
        for part in old.namelist():
            text = old.read(part)
            if part.startswith("xl/drawings/drawing"):
                text = text.replace(
                    b"<xdr:sp ",
                    b"<xdr:sp xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006' ",
                )
                text = text.replace(b"<xdr:sp ", f"<{element} ".encode()).replace(
                    b"</xdr:sp>", f"</{element}>".encode()
                )
            new.writestr(part, text)
    with pytest.raises(InputError) as caught:
        forms.load_template(path, settings.fields, settings.form_fields)
    assert (caught.value.finding.code, caught.value.finding.place.cell) == ("template-picture", "N9")
