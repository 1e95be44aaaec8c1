"""The return copy as a workbook: the unit's own values, what is wrong marked, and a list of it in front."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import PatternFill
from python_calamine import CalamineWorkbook

from kepu_xls import forms, identity, messages
from kepu_xls.errors import InputError
from kepu_xls.model import Answer, Entry, Finding, IndicatorValue, Place, Role, Scalar, Submission, TiedBy

Content = Callable[..., forms.FormContent]
Convert = Callable[[Path, str, Path], Path]
Restyle = Callable[[Callable[[Workbook], object]], Path]
Return = Callable[..., Path]

KEY_ROW = 5
LONG = "会同各街道开展科技节，覆盖全部学校。" * 40

# key → what was read, as it was typed, what the copy shall show
CASES: dict[str, tuple[Scalar, str, object]] = {
    "status": (None, "差不多了", "差不多了"),
    "percent": (72.5, "７２．５％", "72.5%"),
    "progress": ("=1+1 不是公式", "=1+1 不是公式", "=1+1 不是公式"),
    "activities": (35000, "3.5万", 35000),
    "attendance": (None, "=cmd|'/c calc'!A1", "=cmd|'/c calc'!A1"),
    "funds": (3.5, "3.5万元", 3.5),
    "problems": (None, "无", "无"),
    "next_steps": (LONG, LONG, LONG),
    "expected_date": ("2019-12-31", "2019年12月31日", datetime(2019, 12, 31)),  # noqa: DTZ001 - a day
    "evidence": ("@某文件", "@某文件", "@某文件"),
    "remarks": ("两行\n写的", "两行\n写的", "两行\n写的"),
}


def answer(key: str, cell: str, *, approximate: bool = False) -> Answer:
    value, raw, _ = CASES[key]
    return Answer(value, raw, cell, approximate)


def submission(**changes: Answer) -> Submission:
    """What came back in a file of the unit's own making, where nothing stands where the form has it."""
    answers = {key: answer(key, f"{chr(ord('M') + number)}20") for number, key in enumerate(CASES)}
    return Submission(
        "区科协",
        "2019-W12",
        1,
        TiedBy.LABELS,
        (Entry("区科协", "1.1.3", Role.LEAD, answers | changes, "我的表", 20),),
        {"reporter": Answer("某某", "某某", "D40"), "report_date": Answer(None, "3月32日", "O40")},
        (
            IndicatorValue("区科协", "1.1.3", "互动大屏", Answer(None, "几个", "G5"), "已装在各街道"),
            IndicatorValue("区科协", "1.1.3", "科普教育基地", Answer(2.0, "2", "G6")),
        ),
    )


def told(code: str, cell: str, label: str, raw: str, sheet: str = "我的表", task: str = "1.1.3") -> Finding:
    return messages.finding(
        code,
        Place("来.xls", sheet, cell),
        unit="区科协",
        task=task,
        label=label,
        raw=raw,
        choices="未启动、推进中",
        example="3",
    )


FINDINGS = (
    told("date-impossible", "O40", "填报日期", "3月32日", task=""),
    told("number-unreadable", "G5", "本期累计完成", "几个", "指标"),
    told("number-unreadable", "Q20", "参与人次", "=cmd|'/c calc'!A1"),
    told("choice-unknown", "M20", "进展状态", "差不多了"),
    told("row-without-task", "C33", "", "", task=""),
    told("percent-one", "N20", "完成率(%)", "1"),
)


@pytest.fixture
def returned(content: Content, shipped: Path, tmp_path: Path) -> Return:
    """Write a return copy and give its path."""

    def make(
        findings: tuple[Finding, ...] = FINDINGS,
        said: Submission | None = None,
        template: Path = shipped,
        name: str = "copy.xlsx",
    ) -> Path:
        form = content("区科协")
        made = forms.ReturnContent(form, said or submission(), findings, datetime(2019, 3, 29, 17))  # noqa: DTZ001 - local
        press = forms.ReturnPress(template, form.fields, form.form_fields, tmp_path / "moulds")
        press.renew(made, tmp_path / "returns" / name)
        return tmp_path / "returns" / name

    return make


def field_cell(book: Workbook, key: str, row: int = 7) -> Cell:
    sheet = book[identity.FORM_SHEET]
    column = next(cell.column_letter for cell in sheet[KEY_ROW] if cell.value == key)
    found = sheet[f"{column}{row}"]
    assert isinstance(found, Cell)
    return found


def listed(book: Workbook) -> list[list[object]]:
    """The list's rows, from its header on."""
    rows = [list(row)[1:] for row in book[identity.RETURN_SHEET].iter_rows(values_only=True)]
    return rows[next(index for index, row in enumerate(rows) if row[0] == "序号") :]


def test_values_stand_typed_where_they_were_understood_and_as_typed_where_not(returned: Return) -> None:
    book = load_workbook(returned())
    for key, (_, _, shown) in CASES.items():
        if key != "percent":  # a warning is about it
            assert field_cell(book, key).value == shown, key
        assert field_cell(book, key).data_type != "f"
    assert field_cell(book, "expected_date").number_format == "yyyy-mm-dd"
    form = book[identity.FORM_SHEET]
    footer = {str(cell.value): cell for row in form.iter_rows() for cell in row}
    assert "某某" in footer
    assert "3月32日" in footer
    figures = book[identity.INDICATOR_SHEET]
    assert [figures[cell].value for cell in ("G5", "G6", "H5")] == ["几个", 2, "已装在各街道"]


def test_a_value_that_is_doubted_or_approximate_is_shown_as_it_was_typed(returned: Return) -> None:
    book = load_workbook(returned())
    assert field_cell(book, "percent").value == "７２．５％"
    about = Answer(300, "约三百", "Q20", approximate=True)
    book = load_workbook(returned((), submission(attendance=about)))
    assert field_cell(book, "attendance").value == "约三百"
    assert field_cell(book, "percent").value == "72.5%"


def test_identity_keys_and_other_tasks_are_those_of_the_form(
    returned: Return, content: Content, write: Callable[..., Path]
) -> None:
    copy, form = load_workbook(returned()), load_workbook(write(content("区科协")))
    assert copy.sheetnames == [identity.RETURN_SHEET, *form.sheetnames]
    assert copy.active is not None
    assert copy.active.title == identity.RETURN_SHEET
    for name in (identity.IDENTITY_SHEET, identity.GUIDE_SHEET):
        assert list(copy[name].values) == list(form[name].values)
    assert copy[identity.IDENTITY_SHEET].sheet_state == "veryHidden"
    same = [list(book[identity.FORM_SHEET].values) for book in (copy, form)]
    assert [row for number, row in enumerate(same[0], 1) if number < 7 or 7 < number < 42] == [
        row for number, row in enumerate(same[1], 1) if number < 7 or 7 < number < 42
    ]


def test_wrong_cells_are_marked_and_say_why_and_only_they(returned: Return) -> None:
    book = load_workbook(returned())
    form, figures = book[identity.FORM_SHEET], book[identity.INDICATOR_SHEET]
    noted = {cell for row in form.iter_rows() for cell in row if cell.comment}
    wrong = {field_cell(book, "status"), field_cell(book, "attendance")}
    date_cell = next(cell for row in form.iter_rows() for cell in row if cell.value == "3月32日")
    assert noted == {*wrong, date_cell}
    assert [cell.coordinate for row in figures.iter_rows() for cell in row if cell.comment] == ["G5"]
    plain = field_cell(book, "percent").fill.fgColor.rgb
    for cell in (*noted, figures["G5"]):
        assert cell.fill.fgColor.rgb not in (plain, "00000000")
        assert not cell.protection.locked
    note = field_cell(book, "status").comment
    assert note is not None
    assert "差不多了" in note.text
    assert "请从下拉列表中选一项" in note.text


def test_an_empty_cell_keeps_its_mark_under_the_shade_of_what_is_missing(returned: Return) -> None:
    missing = messages.finding(
        "required-missing",
        Place("来.xls", "我的表", "M20"),
        unit="区科协",
        task="1.1.3",
        label="进展状态",
        role="牵头",
    )
    book = load_workbook(returned((missing,), submission(status=Answer(None, "", "M20"))))
    sheet, cell = book[identity.FORM_SHEET], field_cell(book, "status")
    rules = [rule for area in sheet.conditional_formatting if cell.coordinate in area for rule in area.rules]
    assert len(rules) == 2
    first = min(rules, key=lambda rule: rule.priority)
    assert first is rules[0]
    assert first.dxf.fill.bgColor.rgb == cell.fill.fgColor.rgb
    assert len({rule.priority for area in sheet.conditional_formatting for rule in area.rules}) == sum(
        len(area.rules) for area in sheet.conditional_formatting
    )


def test_the_list_names_every_error_in_the_order_of_the_form_and_warnings_below(returned: Return) -> None:
    book = load_workbook(returned())
    rows = listed(book)
    head = rows[0].index
    errors = rows[1:6]
    assert [row[0] for row in errors] == [1, 2, 3, 4, 5]
    where = [(row[head("任务编号")], row[head("栏目")], row[head("原来填的内容")]) for row in errors]
    assert where[:4] == [
        ("1.1.3", "进展状态", "差不多了"),
        ("1.1.3", "参与人次", "=cmd|'/c calc'!A1"),
        ("表尾", "填报日期", "3月32日"),
        ("1.1.3", "互动大屏", "几个"),
    ]
    assert "我的表 › C33" in str(where[4][2])
    assert errors[4][head("单元格")] == "—"
    assert "提醒" in str(rows[6][0])
    assert [row[:2] for row in rows[7:]] == [[1, field_cell(book, "percent").coordinate]]
    assert str(rows[1][head("请这样改")]).startswith("请从下拉列表中选一项")


def test_links_lead_to_the_cell_in_this_workbook(returned: Return) -> None:
    book = load_workbook(returned())
    sheet = book[identity.RETURN_SHEET]
    links = [cell for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    assert len(links) == 5
    for cell in links:
        assert cell.hyperlink.target is None  # nothing outside
        name, _, coordinate = str(cell.hyperlink.location).rpartition("!")
        target = book[name.strip("'")][coordinate]
        assert str(cell.value).endswith(coordinate)
        if sheet.cell(cell.row, 6).value not in (None, "1"):
            assert target.value == sheet.cell(cell.row, 6).value
    assert links[0].hyperlink.location == f"'{identity.FORM_SHEET}'!{field_cell(book, 'status').coordinate}"


def test_the_head_says_whose_by_when_and_to_whom(returned: Return) -> None:
    sheet = load_workbook(returned())[identity.RETURN_SHEET]
    said = "".join(str(cell.value or "") for row in sheet.iter_rows(max_row=4) for cell in row)
    for words in ("区科协", "2019年第12周", "需修改 5 处", "2019年3月22日17:00", "2019年3月29日17:00"):
        assert words in said


def test_nothing_in_it_is_a_formula_and_what_no_workbook_holds_is_left_out(returned: Return) -> None:
    nasty = '\ud800=HYPERLINK("http://example.com")\x07' + "长" * 40_000
    said = submission(status=Answer(None, nasty, "M20"), progress=Answer(nasty, nasty, "O20"))
    path = returned((told("choice-unknown", "M20", "进展状态", nasty),), said)
    for sheet in load_workbook(path):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", cell.coordinate
                assert len(str(cell.value or "")) <= 32_767
                assert cell.hyperlink is None or cell.hyperlink.target is None


def test_rows_and_notes_are_large_enough_for_what_they_say(returned: Return) -> None:
    few, many = (
        load_workbook(returned(tuple([told("choice-unknown", "M20", "进展状态", "甲" * 20)] * count)))
        for count in (1, 4)
    )
    notes = [field_cell(book, "status").comment for book in (few, many)]
    assert notes[0] is not None
    assert notes[1] is not None
    assert len(notes[1].text) > 3 * len(notes[0].text)
    height = many[identity.FORM_SHEET].row_dimensions[7].height
    assert height is not None
    assert height > 380  # 720 characters in a column of 16
    sheet = many[identity.RETURN_SHEET]
    assert all((sheet.row_dimensions[row].height or 0) >= 24 for row in range(6, sheet.max_row + 1))


def test_the_list_is_printed_on_a4_across_one_page_wide_with_its_header_on_each(returned: Return) -> None:
    sheet = load_workbook(returned())[identity.RETURN_SHEET]
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$5:$5"
    assert sheet.protection.sheet


def test_a_restyled_template_gives_a_restyled_copy(returned: Return, restyle: Restyle) -> None:
    def change(book: Workbook) -> None:
        sheet = book[identity.FORM_SHEET]
        heads = {cell.value: cell for row in sheet.iter_rows() for cell in row}
        heads["{{主要任务}}"].fill = PatternFill("solid", fgColor="FF112233")
        one, other = heads["{{进展状态}}"], heads["{{备注}}"]
        one.value, other.value = other.value, one.value

    book = load_workbook(returned(template=restyle(change)))
    form = book[identity.FORM_SHEET]
    status = next(cell for cell in form[7] if cell.value == "差不多了")
    assert status.comment
    assert status.column_letter == "R"
    assert book[identity.RETURN_SHEET]["B5"].fill.fgColor.rgb == "FF112233"
    assert book[identity.RETURN_SHEET]["C6"].value == "L7"
    assert [row[1] for row in listed(book)[1:3]] == ["L7", "R7"]


def test_a_template_may_not_take_the_lists_name(content: Content, restyle: Restyle) -> None:
    template = restyle(lambda book: book.create_sheet(identity.RETURN_SHEET))
    form = content("区科协")
    with pytest.raises(InputError) as caught:
        forms.load_template(template, form.fields, form.form_fields)
    assert caught.value.finding.code == "template-reserved-sheet"


def test_a_copy_tells_what_it_was_made_from(
    content: Content, returned: Return, shipped: Path, tmp_path: Path
) -> None:
    form = content("区科协")
    press = forms.ReturnPress(shipped, form.fields, form.form_fields, tmp_path / "moulds")
    made = forms.ReturnContent(form, submission(), FINDINGS, datetime(2019, 3, 29, 17))  # noqa: DTZ001 - local
    assert forms.made_from(returned()) == press.fingerprint(made)
    for other in (
        msgspec.structs.replace(made, findings=FINDINGS[1:]),
        msgspec.structs.replace(made, submission=submission(status=Answer("推进中", "推进中", "M20"))),
        msgspec.structs.replace(made, form=content("区科协", previous={})),
    ):
        assert press.fingerprint(other) != press.fingerprint(made)


def test_what_is_no_copy_of_ours_tells_nothing(
    content: Content, write: Callable[..., Path], returned: Return, tmp_path: Path
) -> None:
    (tmp_path / "text.xlsx").write_bytes(b"no workbook")
    (tmp_path / "cut.xlsx").write_bytes(returned().read_bytes()[:3000])
    (tmp_path / "folder.xlsx").mkdir()
    saved = tmp_path / "saved.xlsx"
    book = load_workbook(returned())
    book.save(saved)
    for path in (
        tmp_path / "none.xlsx",
        tmp_path / "text.xlsx",
        tmp_path / "cut.xlsx",
        tmp_path / "folder.xlsx",
        saved,
        write(content("区科协")),
    ):
        assert forms.made_from(path) == "", path.name


@pytest.mark.libreoffice
@pytest.mark.parametrize("suffix", ["xlsx", "xls", "ods"])
def test_libreoffice_opens_it_and_saves_all_values(
    suffix: str, returned: Return, convert: Convert, tmp_path: Path
) -> None:
    path = returned()
    (tmp_path / "saved").mkdir()
    saved = convert(path, suffix, tmp_path / "saved")
    before, after = CalamineWorkbook.from_path(path), CalamineWorkbook.from_path(saved)
    assert after.sheet_names == before.sheet_names
    for name in before.sheet_names:
        old, new = (
            [value for row in book.get_sheet_by_name(name).to_python() for value in row if value != ""]
            for book in (before, after)
        )
        assert new == old, name
    if suffix == "xlsx":
        assert forms.made_from(saved) == ""
        book = load_workbook(saved)
        assert field_cell(book, "status").comment
        links = [cell for row in book[identity.RETURN_SHEET].iter_rows() for cell in row if cell.hyperlink]
        assert len(links) == 5


@pytest.mark.libreoffice
def test_the_list_comes_first_on_paper_and_whole(returned: Return, convert: Convert, tmp_path: Path) -> None:
    many = tuple(told("number-unreadable", "Q20", "参与人次", f"第{number}种写法") for number in range(60))
    pdf = convert(returned(many), "pdf", tmp_path)
    text = subprocess.run(
        ["pdftotext", "-layout", str(pdf), "-"], capture_output=True, check=True
    ).stdout.decode()
    pages = [page for page in text.split("\f") if "什么地方不对" in page]
    assert len(pages) > 1
    assert pages[0] == text.split("\f", maxsplit=1)[0]
    assert all("改好打√" in page for page in pages)  # nothing runs over to the side
    assert all(f"第{number}种写法" in "".join(pages) for number in range(60))
