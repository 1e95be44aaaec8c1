"""A template follows the configuration: what is asked no more goes, what is new comes."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.drawing.image import Image
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image as Picture

from kepu_xls import config, forms, identity
from kepu_xls.errors import InputError
from kepu_xls.model import Field, FieldType, Required

Content = Callable[..., forms.FormContent]
Write = Callable[..., Path]
Restyle = Callable[[Callable[[Workbook], object]], Path]


def logo() -> Image:
    data = BytesIO()
    Picture.new("RGB", (40, 20), "red").save(data, "PNG")
    return Image(data)


def read(path: Path) -> Worksheet:
    return load_workbook(path)[identity.FORM_SHEET]


def without(fields: tuple[Field, ...], *keys: str) -> tuple[Field, ...]:
    return tuple(field for field in fields if field.key not in keys)


def renamed(fields: tuple[Field, ...], key: str, label: str, **changes: object) -> tuple[Field, ...]:
    return tuple(
        msgspec.structs.replace(field, label=label, **changes) if field.key == key else field
        for field in fields
    )


def keys(sheet: Worksheet) -> list[str]:
    row = next(row for row in range(1, 20) if sheet.cell(row, 1).value == identity.TASK_KEY)
    return [str(cell.value) for cell in sheet[row][1:] if cell.value]


def everything(sheet: Worksheet) -> set[str]:
    return {str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None}


def merged(sheet: Worksheet) -> set[str]:
    return {str(area) for area in sheet.merged_cells.ranges}


def test_a_field_taken_out_of_the_configuration_takes_its_column_along(
    content: Content, write: Write, settings: config.Config
) -> None:
    fields = without(settings.fields, "evidence")
    sheet = read(write(content("区科协", fields=fields)))
    assert keys(sheet)[-2:] == ["expected_date", "remarks"]
    assert sheet.max_column == 17
    assert (sheet["P6"].value, sheet["Q6"].value) == ("预计完成时间", "备注")
    assert (sheet.column_dimensions["P"].width, sheet.column_dimensions["Q"].width) == (11, 8)
    assert {"B1:Q1", "B2:Q2", "K3:Q3"} <= merged(sheet)
    assert (sheet.auto_filter.ref, sheet.freeze_panes) == ("B6:Q41", "E7")
    assert sheet.print_area == "'进展填报表'!$B$1:$Q$44"
    before = read(write(content("区科协"), name="before.xlsx"))
    assert everything(before) - everything(sheet) == {"佐证材料", "evidence"}
    assert sheet["P4"].fill.fgColor.rgb == before["P4"].fill.fgColor.rgb  # the legend
    assert sheet["Q7"].fill.fgColor.rgb == before["R7"].fill.fgColor.rgb


def test_what_is_left_out_is_told(shipped: Path, settings: config.Config) -> None:
    fields, form_fields = without(settings.fields, "evidence"), without(settings.form_fields, "phone")
    told = forms.load_template(shipped, fields, form_fields).findings
    assert [(one.code, one.severity.value, one.place.cell) for one in told] == [
        ("template-field-unasked", "info", "Q5"),
        ("template-field-unasked", "info", "G9"),
    ]
    assert "佐证材料" in told[0].message
    assert "[[form_fields]]" in told[1].message
    assert forms.load_template(shipped, settings.fields, settings.form_fields).findings == ()


ALL = ("unchanged", "status", "percent", "progress", "activities", "attendance", "funds", "problems")
ALL += ("next_steps", "expected_date", "evidence", "remarks")


@pytest.mark.parametrize("key", ALL)
def test_whichever_field_goes_nothing_else_of_the_template_goes_with_it(
    key: str, content: Content, write: Write, settings: config.Config
) -> None:
    fields = without(settings.fields, key)
    sheet = read(write(content("区科协", fields=fields)))
    before = read(write(content("区科协"), name="before.xlsx"))
    label = next(field.label for field in settings.fields if field.key == key)
    assert everything(before) - everything(sheet) == {label, key}
    assert [one for one in keys(sheet) if one[0] != "@"] == [field.key for field in fields]
    for field in fields:
        column = keys(sheet).index(field.key) + 2
        assert sheet.cell(6, column).value == field.label
        assert sheet.column_dimensions[sheet.cell(6, column).column_letter].width == field.width
        assert not sheet.cell(7, column).protection.locked
    for area in sheet.merged_cells.ranges:
        assert area.max_col <= 17
        assert (area.max_col, area.max_row) > (area.min_col, area.min_row)
    unlocked = [
        cell.value for row in sheet.iter_rows(min_row=43) for cell in row if not cell.protection.locked
    ]
    assert unlocked
    assert not any(unlocked)


def test_all_fields_but_two_may_go(content: Content, write: Write, settings: config.Config) -> None:
    fields = tuple(field for field in settings.fields if field.key in ("status", "progress"))
    path = write(content("区科协", fields=fields))
    sheet = read(path)
    assert keys(sheet)[-2:] == ["status", "progress"]
    said = everything(sheet)
    assert {
        "填报人：",
        "联系电话：",
        "审核人：",
        "填报日期：",
        "（单位盖章）",
        "牵头任务必填",
        "表头颜色：",
    } <= said


def test_pictures_right_of_a_column_that_goes_move_with_their_cells(
    content: Content, write: Write, restyle: Restyle, settings: config.Config
) -> None:
    def change(book: Workbook) -> None:
        for cell in ("C1", "R10"):
            book[identity.FORM_SHEET].add_image(logo(), cell)

    sheet = read(write(content("区科协", fields=without(settings.fields, "funds")), restyle(change)))
    assert [(one.anchor._from.col, one.anchor._from.row + 1) for one in sheet._images] == [(2, 1), (16, 44)]  # noqa: SLF001


def test_a_new_field_gets_a_column_right_of_the_clerks_own(
    content: Content, write: Write, restyle: Restyle, settings: config.Config
) -> None:
    fields = (*settings.fields, Field("extra", "媒体报道", FieldType.INTEGER, width=12))
    path = restyle(lambda book: book[identity.FORM_SHEET].__setitem__("S5", "科协意见"))
    sheet = read(write(content("区科协", fields=fields), path))
    assert [sheet[f"{letter}6"].value for letter in "RST"] == ["备注", "科协意见", "媒体报道"]
    assert [sheet[f"{letter}7"].protection.locked for letter in "RST"] == [False, True, False]
    assert sheet.column_dimensions["T"].width == 12
    assert sheet["T7"].fill.fgColor.rgb == sheet["R7"].fill.fgColor.rgb


def test_a_field_may_be_exchanged_for_another(
    content: Content, write: Write, settings: config.Config
) -> None:
    fields = (*without(settings.fields, "evidence", "funds"), Field("extra", "媒体报道", FieldType.INTEGER))
    sheet = read(write(content("区科协", fields=fields)))
    assert keys(sheet)[-3:] == ["expected_date", "remarks", "extra"]
    assert sheet.max_column == 17


def test_a_renamed_field_keeps_its_column_where_its_old_name_is_a_synonym(
    content: Content, write: Write, settings: config.Config, shipped: Path
) -> None:
    fields = renamed(settings.fields, "evidence", "证明文件", synonyms=("佐证材料",))
    sheet = read(write(content("区科协", fields=fields)))
    assert (sheet["Q5"].value, sheet["Q6"].value) == ("evidence", "证明文件")
    assert forms.load_template(shipped, fields, settings.form_fields).findings == ()


@pytest.mark.parametrize(
    ("table", "key", "label", "cell"),
    [("fields", "funds", "投入资金(万元)", "M5"), ("form_fields", "phone", "办公电话", "G9")],
)
def test_a_name_like_the_new_one_is_refused_with_the_cell_and_what_to_write(
    table: str, key: str, label: str, cell: str, shipped: Path, settings: config.Config
) -> None:
    both = {"fields": settings.fields, "form_fields": settings.form_fields}
    both[table] = renamed(both[table], key, label)
    with pytest.raises(InputError) as caught:
        forms.load_template(shipped, both["fields"], both["form_fields"])
    assert (caught.value.finding.code, caught.value.finding.place.cell) == (
        "template-placeholder-unknown",
        cell,
    )
    assert f"{{{{{label}}}}}" in caught.value.finding.message


def test_a_form_level_field_that_goes_leaves_no_trace(
    content: Content, write: Write, settings: config.Config
) -> None:
    sheet = read(write(content("区科协", form_fields=without(settings.form_fields, "phone"))))
    before = read(write(content("区科协"), name="before.xlsx"))
    assert everything(before) - everything(sheet) == {"联系电话："}
    old, new = before["G43"], sheet["G43"]
    assert (old.border.bottom.style, old.fill.fill_type, old.protection.locked) == ("thin", "solid", False)
    assert (new.border.bottom, new.fill.fill_type, new.protection.locked) == (None, None, True)


def test_new_form_level_fields_stand_below_the_others_and_look_like_the_last(
    content: Content, write: Write, settings: config.Config
) -> None:
    new = (
        Field("leader", "分管领导", FieldType.TEXT, required=Required.ALL),
        Field("stamp_date", "盖章日期", FieldType.DATE),
    )
    sheet = read(write(content("区科协", form_fields=(*settings.form_fields, *new))))
    assert [sheet[f"N{row}"].value for row in range(43, 47)] == [
        "填报日期：",
        "分管领导：",
        "盖章日期：",
        "（单位盖章）",
    ]
    assert {"O44:P44", "O45:P45", "N46:P46"} <= merged(sheet)
    assert [sheet.row_dimensions[row].height for row in (43, 44, 45, 46)] == [24, 24, 24, 36]
    assert [sheet[f"O{row}"].protection.locked for row in (44, 45, 46)] == [False, False, True]
    assert [sheet[f"O{row}"].number_format for row in (44, 45)] == ["@", "yyyy-mm-dd"]
    assert sheet["O44"].border.bottom.style == sheet["O43"].border.bottom.style
    assert any("O44" in str(area.sqref) for area in sheet.conditional_formatting)


def test_a_form_may_have_quite_other_form_level_fields(content: Content, write: Write) -> None:
    new = (Field("leader", "分管领导", FieldType.TEXT),)
    sheet = read(write(content("区科协", form_fields=new)))
    assert sheet["N44"].value == "分管领导："
    assert (sheet["O44"].border.bottom.style, sheet["O44"].protection.locked) == ("thin", False)
    assert not {"填报人：", "审核人："} & everything(sheet)


def test_a_template_without_any_gets_its_first_form_level_field(
    content: Content, write: Write, restyle: Restyle
) -> None:
    def change(book: Workbook) -> None:
        book[identity.FORM_SHEET].delete_rows(9, 2)

    new = (Field("leader", "分管领导", FieldType.TEXT),)
    sheet = read(write(content("区科协", form_fields=new), restyle(change)))
    (cell,) = (cell for row in sheet.iter_rows() for cell in row if cell.value == "分管领导：")
    assert cell.row > 41
    assert not sheet.cell(cell.row, cell.column + 1).protection.locked


def test_fields_and_form_level_fields_may_change_at_once(
    content: Content, write: Write, settings: config.Config, convert: Callable[..., Path], tmp_path: Path
) -> None:
    fields = (*without(settings.fields, "progress", "attendance"), Field("extra", "媒体报道", FieldType.TEXT))
    form_fields = (*without(settings.form_fields, "reviewer"), Field("leader", "分管领导", FieldType.TEXT))
    path = write(content("区科协", fields=fields, form_fields=form_fields))
    assert {"媒体报道", "分管领导：", "填报日期："} <= everything(read(path))
    assert {"媒体报道", "分管领导：", "填报日期："} <= everything(read(convert(path, "xlsx", tmp_path)))


@pytest.mark.parametrize(
    ("cell", "typed", "write_instead"),
    [("J5", "本期进展情况", "{{本期进展情况}}"), ("I5", "{完成率（%） }", "{{完成率(%)}}")],
)
def test_a_header_typed_without_its_braces_is_refused(
    cell: str, typed: str, write_instead: str, restyle: Restyle, settings: config.Config
) -> None:
    path = restyle(lambda book: book[identity.FORM_SHEET].__setitem__(cell, typed))
    with pytest.raises(InputError) as caught:
        forms.load_template(path, settings.fields, settings.form_fields)
    assert (caught.value.finding.code, caught.value.finding.place.cell) == ("template-header-plain", cell)
    assert write_instead in caught.value.finding.remedy


def test_an_input_typed_without_its_braces_is_refused(restyle: Restyle, settings: config.Config) -> None:
    path = restyle(lambda book: book[identity.FORM_SHEET].__setitem__("D9", "填报人"))
    with pytest.raises(InputError) as caught:
        forms.load_template(path, settings.fields, settings.form_fields)
    assert caught.value.finding.code == "template-form-field-missing"
    assert "{{填报人}}" in caught.value.finding.remedy
