from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from kepu_xls import config, forms, identity
from kepu_xls.errors import SurroundingsError
from kepu_xls.forms import texts
from kepu_xls.model import Field, FieldType, Plan, Required, Role, Task

Content = Callable[..., forms.FormContent]
Write = Callable[..., Path]

KEY_ROW, HEADER_ROW, FIRST_ROW = 5, 6, 7


def form_sheet(path: Path) -> Worksheet:
    return load_workbook(path)[identity.FORM_SHEET]


def column_of(sheet: Worksheet, key: str) -> str:
    return next(cell.column_letter for cell in sheet[KEY_ROW] if cell.value == key)


def task_numbers(path: Path) -> list[str]:
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name(identity.FORM_SHEET).to_python()
    start = next(index for index, row in enumerate(rows) if row[0] == identity.TASK_KEY) + 2
    return [str(row[0]) for row in rows[start:] if row[0] != ""]


def test_own_tasks_stand_in_the_form_lead_tasks_first(content: Content, write: Write, plan: Plan) -> None:
    path = write(content("区科协"))
    assert task_numbers(path) == [task.number for task, _ in plan.duties_of("区科协")]
    assert task_numbers(path)[:3] == ["1.1.3", "1.1.6", "1.1.1"]
    sheet = form_sheet(path)
    role = column_of(sheet, identity.ROLE_KEY)
    assert [sheet[f"{role}{row}"].value for row in range(FIRST_ROW, FIRST_ROW + 35)] == ["牵头"] * 2 + [
        "参加"
    ] * 33
    assert sheet[f"{role}{FIRST_ROW}"].fill.fgColor.rgb != sheet[f"{role}{FIRST_ROW + 2}"].fill.fgColor.rgb


@hypothesis_settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(roles=st.lists(st.sampled_from(["lead", "participant", "other"]), min_size=1, max_size=12))
def test_every_duty_appears_exactly_once_and_leads_come_first(
    roles: list[str], content: Content, write: Write
) -> None:
    tasks = tuple(
        Task(
            f"1.1.{index}",
            "部分",
            "项目",
            "任务",
            leads=("甲",) if role == "lead" else ("乙",),
            participants=("甲",) if role == "participant" else (),
        )
        for index, role in enumerate(roles, 1)
    )
    duties = Plan("方案", tasks).duties_of("甲")
    if not duties:
        return
    numbers = task_numbers(write(content("区科协", duties=duties, indicators=())))
    leads = [f"1.1.{index}" for index, role in enumerate(roles, 1) if role == "lead"]
    others = [f"1.1.{index}" for index, role in enumerate(roles, 1) if role == "participant"]
    assert numbers == leads + others


def test_header_and_hidden_key_row_name_every_column(
    content: Content, write: Write, settings: config.Config
) -> None:
    sheet = form_sheet(write(content("区科协")))
    expected = identity.CONTEXT_COLUMNS | {field.key: field.label for field in settings.fields}
    keys = [cell.value for cell in sheet[KEY_ROW]]
    assert keys == [identity.TASK_KEY, *expected]
    assert [cell.value for cell in sheet[HEADER_ROW]][1:] == list(expected.values())
    assert sheet.row_dimensions[KEY_ROW].hidden
    assert sheet.column_dimensions["A"].hidden


def test_identity_stands_on_a_hidden_sheet_as_text(content: Content, write: Write) -> None:
    path = write(content("区科协"))
    sheet = load_workbook(path)[identity.IDENTITY_SHEET]
    assert sheet.sheet_state == "veryHidden"
    said = {sheet.cell(row, 1).value: sheet.cell(row, 2).value for row in range(1, 5)}
    whose = identity.Identity("区科协", "2019-W12", 1)
    assert [said[key] for key in ("unit", "period", "version")] == ["区科协", "2019-W12", "1"]
    assert identity.verify(b"secret", whose, str(said["signature"]))


def test_no_placeholder_and_no_formula_is_left(content: Content, write: Write) -> None:
    for sheet in load_workbook(write(content("区科协"))):
        for row in sheet.iter_rows():
            for cell in row:
                assert "{{" not in str(cell.value), cell
                assert cell.data_type != "f", cell


def test_texts_of_the_unit_are_filled_in(content: Content, write: Write) -> None:
    sheet = form_sheet(write(content("区科协")))
    said = "".join(str(cell.value or "") for row in sheet.iter_rows(max_row=4) for cell in row)
    for words in ("区科协", "2019年第12周", "2019年3月22日17:00", "35", "牵头 2 项"):
        assert words in said


def test_text_that_looks_like_a_formula_stays_text(content: Content, write: Write) -> None:
    duties = ((Task("1.1.1", "=A1", "=SUM(A1)", '=cmd|"/c calc"!A1', leads=("区科协",)), Role.LEAD),)
    path = write(
        content(
            "=1+1",
            duties=duties,
            indicators=(),
            plan_title="=1",
            previous={"1.1.1": "=HYPERLINK(0)\x07+\x00"},
        )
    )
    sheet = form_sheet(path)
    shown = [sheet.cell(FIRST_ROW, column) for column in range(2, 7)]
    assert [cell.value for cell in shown] == [
        "1.1.1",
        "=SUM(A1)",
        '=cmd|"/c calc"!A1',
        "牵头",
        "=HYPERLINK(0)+",
    ]
    assert {cell.data_type for cell in (*shown, sheet["B1"])} == {"s"}
    assert load_workbook(path)[identity.IDENTITY_SHEET]["B1"].data_type == "s"


def test_dropdowns_point_at_defined_names(content: Content, write: Write, settings: config.Config) -> None:
    book = load_workbook(write(content("区科协")))
    sheet = book[identity.FORM_SHEET]
    lists = {str(one.sqref): one for one in sheet.data_validations.dataValidation if one.type == "list"}
    letter = column_of(sheet, "status")
    rule = lists[f"{letter}{FIRST_ROW}:{letter}{FIRST_ROW + 34}"]
    assert rule.formula1 == "kepu_status"
    assert rule.errorStyle == "stop"
    ((title, area),) = book.defined_names["kepu_status"].destinations
    status = next(field for field in settings.fields if field.key == "status")
    assert title == identity.IDENTITY_SHEET
    assert [row[0].value for row in book[title][area]] == list(status.choices)


# type, lowest, highest (43542: 2019-03-18, the period's first day), number format
BOUNDS = {
    "attendance": ("whole", "0", "1000000000000", "0"),
    "funds": ("decimal", "0", "1000000000000", "General"),
    "expected_date": ("date", "43542", "73050", "yyyy-mm-dd"),
}


@pytest.mark.parametrize("key", BOUNDS)
def test_numbers_and_dates_are_bounded_but_only_asked_about(content: Content, write: Write, key: str) -> None:
    sheet = form_sheet(write(content("区科协")))
    letter = column_of(sheet, key)
    (rule,) = [
        one for one in sheet.data_validations.dataValidation if str(one.sqref).startswith(f"{letter}7:")
    ]
    number_format = sheet[f"{letter}{FIRST_ROW}"].number_format
    assert (rule.type, rule.formula1, rule.formula2, number_format) == BOUNDS[key]
    assert (rule.operator, rule.errorStyle) == ("between", "warning")
    assert rule.prompt
    assert rule.error


def test_a_percentage_is_kept_as_typed_and_checked_by_a_formula(content: Content, write: Write) -> None:
    sheet = form_sheet(write(content("区科协")))
    letter = column_of(sheet, "percent")
    (rule,) = [one for one in sheet.data_validations.dataValidation if one.type == "custom"]
    assert str(rule.sqref) == f"{letter}7:{letter}41"
    assert sheet[f"{letter}7"].number_format == "@"
    assert rule.errorStyle == "warning"
    assert len(rule.formula1) < 256  # a longer one makes Excel repair the file


def test_only_inputs_are_unlocked_and_filter_and_resizing_are_allowed(
    content: Content, write: Write, settings: config.Config
) -> None:
    sheet = form_sheet(write(content("区科协")))
    unlocked = {cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked}
    asked = {column_of(sheet, field.key) for field in settings.fields}
    table = {f"{letter}{row}" for letter in asked for row in range(FIRST_ROW, FIRST_ROW + 35)}
    assert table <= unlocked
    assert {sheet[cell].row for cell in unlocked - table} == {FIRST_ROW + 36}  # the form-level inputs
    assert sheet.protection.sheet
    assert sheet.protection.password is None
    forbidden = sheet.protection
    assert [forbidden.autoFilter, forbidden.formatColumns, forbidden.formatRows] == [False] * 3
    assert sheet.auto_filter.ref == f"B{HEADER_ROW}:R{FIRST_ROW + 34}"
    assert sheet.freeze_panes == f"E{FIRST_ROW}"


def test_missing_required_cells_are_shaded_by_role(content: Content, write: Write) -> None:
    sheet = form_sheet(write(content("区科协")))
    shaded = {
        str(area.sqref): rule.formula[0]
        for area, rules in sheet.conditional_formatting._cf_rules.items()  # noqa: SLF001 - no public list
        for rule in rules
    }
    status, percent, unchanged = (column_of(sheet, key) for key in ("status", "percent", "unchanged"))
    assert shaded[f"{status}7:{status}8"] == f'AND(${unchanged}7<>"是",LEN(TRIM({status}7))=0)'
    assert shaded[f"{status}9:{status}41"] == f'AND(${unchanged}9<>"是",LEN(TRIM({status}9))=0)'
    assert f"{percent}7:{percent}8" in shaded  # required of leads only
    assert not any(area.startswith(f"{percent}9") for area in shaded)


def test_header_colour_says_what_is_required(content: Content, write: Write) -> None:
    sheet = form_sheet(write(content("区科协")))

    def colour(key: str) -> str:
        return str(sheet[f"{column_of(sheet, key)}{HEADER_ROW}"].fill.fgColor.rgb)

    assert len({colour("status"), colour("percent"), colour("remarks")}) == 3
    assert colour("percent") == colour("progress")
    legend = {str(cell.value): cell.fill.fgColor.rgb for cell in sheet[4] if cell.value}
    assert legend["必填"] == colour("status")
    assert legend["牵头任务必填"] == colour("percent")


def test_form_level_inputs_stand_right_of_their_labels(content: Content, write: Write) -> None:
    sheet = form_sheet(write(content("区科协")))
    row = [cell for cell in sheet[FIRST_ROW + 36] if cell.value is not None]
    assert [cell.value for cell in row] == ["填报人：", "联系电话：", "审核人：", "填报日期："]
    assert sheet["D43"].number_format == "@"
    assert not sheet["D43"].protection.locked
    assert {str(area) for area in sheet.merged_cells.ranges} >= {"B43:C43", "G43:I43", "O43:P43"}


def test_page_is_landscape_one_wide_with_repeated_header_and_page_numbers(
    content: Content, write: Write
) -> None:
    sheet = form_sheet(write(content("区科协")))
    assert sheet.page_setup.orientation == "landscape"
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == f"${HEADER_ROW}:${HEADER_ROW}"
    assert sheet.oddFooter.center.text == "第 &P 页 共 &N 页"


def test_indicators_have_a_sheet_only_where_there_are_any(content: Content, write: Write) -> None:
    path = write(content("区科协"))
    assert load_workbook(path).sheetnames == ["进展填报表", "量化指标填报", "填表说明", "_kepu"]
    sheet = load_workbook(path)[identity.INDICATOR_SHEET]
    assert [cell.value for cell in sheet[3]] == [identity.TASK_KEY, *identity.INDICATOR_KEYS]
    assert [cell.value for cell in sheet[4]][1:] == list(identity.INDICATOR_COLUMNS)
    assert [cell.value for cell in sheet[5]] == [
        "1.1.3",
        "1.1.3",
        "互动大屏",
        10,
        "个",
        "2020-12-31",
        None,
        None,
    ]
    assert [cell.protection.locked for cell in sheet[5]] == [True] * 6 + [False] * 2
    assert sheet.row_dimensions[3].hidden
    assert sheet.column_dimensions["A"].hidden
    assert load_workbook(write(content("区妇联"))).sheetnames == ["进展填报表", "填表说明", "_kepu"]


def test_guide_describes_every_field_and_how_to_report_nothing(
    content: Content, write: Write, settings: config.Config
) -> None:
    rows = (
        CalamineWorkbook.from_path(write(content("区科协")))
        .get_sheet_by_name(identity.GUIDE_SHEET)
        .to_python()
    )
    said = {row[0]: tuple(row[1:]) for row in rows}
    for field in (*settings.fields, *settings.form_fields):
        assert said[field.label][2] == field.hint
    assert said["进展状态"][:2] == ("都必填", "从下拉列表中选：未启动、推进中、已完成、滞后")
    assert said["完成率(%)"][:2] == ("牵头单位必填", "百分数（0 到 100），如 80 或 80%")
    text = "\n".join(str(row[0]) for row in rows)
    assert "零报告" in text
    assert "2019年3月22日17:00" in text


def test_a_unit_without_lead_tasks_gets_a_form(content: Content, write: Write) -> None:
    path = write(content("区妇联"))
    assert len(task_numbers(path)) == 35
    sheet = form_sheet(path)
    percent = column_of(sheet, "percent")
    areas = [str(one.sqref) for one in sheet.conditional_formatting]
    assert not any(area.startswith(percent) for area in areas)


def test_a_single_task_makes_a_form(content: Content, write: Write, plan: Plan) -> None:
    path = write(content("区科协", duties=plan.duties_of("区科协")[:1]))
    assert task_numbers(path) == ["1.1.3"]
    assert form_sheet(path)["B9"].value == "填报人："


def test_a_field_added_to_the_configuration_gets_a_column(
    content: Content, write: Write, settings: config.Config
) -> None:
    added = Field("mood", "群众评价", FieldType.CHOICE, Required.ALL, choices=("好", "一般"), width=9)
    sheet = form_sheet(write(content("区科协", fields=(*settings.fields, added))))
    assert (sheet["S5"].value, sheet["S6"].value) == ("mood", "群众评价")
    assert sheet["S7"].border.left.style == sheet["R7"].border.left.style == "thin"
    assert not sheet["S7"].protection.locked
    assert sheet.column_dimensions["S"].width == 9
    assert sheet.auto_filter.ref == "B6:S41"
    assert any(one.formula1 == "kepu_mood" for one in sheet.data_validations.dataValidation)


def test_without_the_unchanged_field_every_empty_required_cell_is_shaded(
    content: Content, write: Write, settings: config.Config, restyle: Callable[..., Path]
) -> None:
    fields = tuple(field for field in settings.fields if field.key != "unchanged")
    template = restyle(lambda book: book[identity.FORM_SHEET].__setitem__("G5", "序号"))
    path = write(content("区科协", fields=fields), template)
    formulas = [rule.formula[0] for area in form_sheet(path).conditional_formatting for rule in area.rules]
    assert formulas
    assert not any("是" in formula for formula in formulas)
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name(identity.GUIDE_SHEET).to_python()
    assert "零报告" not in str(rows)


def test_every_row_is_high_enough_for_its_text(content: Content, write: Write) -> None:
    sheet = form_sheet(write(content("区科协")))
    text = column_of(sheet, identity.TEXT_KEY)
    per_line = int((sheet.column_dimensions[text].width * 5.25 - 4) / 10.5)
    for row in range(FIRST_ROW, FIRST_ROW + 35):
        lines = -(-len(str(sheet[f"{text}{row}"].value)) // per_line)
        assert (sheet.row_dimensions[row].height or 0) >= lines * 10.5 * 1.3


def test_a_text_too_long_for_any_row_is_whole_and_in_a_smaller_font(content: Content, write: Write) -> None:
    long = "开展科普进社区活动，" * 60
    sheet = form_sheet(write(content("区科协", previous={"1.1.3": long})))
    cell = sheet[f"{column_of(sheet, identity.PREVIOUS_KEY)}{FIRST_ROW}"]
    assert cell.value == long
    assert cell.font.sz < 10.5
    assert sheet.row_dimensions[FIRST_ROW].height <= 409


def test_the_form_opens_on_the_task_table(content: Content, write: Write) -> None:
    book = load_workbook(write(content("区科协")))
    assert book.active.title == identity.FORM_SHEET
    assert [sheet.sheet_view.tabSelected for sheet in book] == [True, False, False, False]


def test_an_open_form_is_left_alone(content: Content, write: Write) -> None:
    path = write(content("区科协"))
    before = path.read_bytes()
    path.with_name("~$form.xlsx").touch()
    with pytest.raises(SurroundingsError):
        write(msgspec.structs.replace(content("区科协"), organiser="别处"))
    assert path.read_bytes() == before
    assert sorted(one.name for one in path.parent.iterdir()) == ["form.xlsx", "~$form.xlsx"]


def test_the_file_is_a_sound_zip_without_parts_named_twice(content: Content, write: Write) -> None:
    with zipfile.ZipFile(BytesIO(write(content("区科协")).read_bytes())) as archive:
        assert archive.testzip() is None
        assert len(set(archive.namelist())) == len(archive.namelist())


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20), st.integers(1, 40_000))
@hypothesis_settings(max_examples=40, deadline=None)
def test_what_is_written_is_never_longer_than_excel_takes(piece: str, times: int) -> None:
    stored = texts.storable(piece * times)
    assert len(stored.encode("utf-16-le")) <= 2 * 32_767
    assert texts.fits(stored)
    assert texts.storable(stored) == stored
