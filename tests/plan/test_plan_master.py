from __future__ import annotations

import string
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plan_builders import REAL

from kepu_xls.errors import InputError, SurroundingsError
from kepu_xls.model import Indicator, Plan, Task, Unit
from kepu_xls.plan import read_document, read_master, write_master

PLAN = Plan(
    title="方案",
    tasks=(
        Task(
            "1.1.1",
            "甲部",
            "乙项目",
            "=1+1 不是公式",
            ("区教育局",),
            ("区科协", "团区委"),
            date(2020, 12, 31),
        ),
        Task("1.1.2", "甲部", "乙项目", "第二项任务", ("区科协",)),
    ),
    units=(
        Unit("区教育局", ("教育局",), ("jy@example.com", "b@example.com"), "联系人甲", "013800000000"),
        Unit("区科协"),
        Unit("团区委", since=date(2016, 1, 1), until=date(2019, 3, 31), merged_into=("区科协", "区教育局")),
    ),
    indicators=(
        Indicator("1.1.1", "基地", 10, "个", date(2020, 12, 31), confirmed=True),
        Indicator("1.1.1", "覆盖率", 12.5, "%", None, confirmed=False),
        Indicator("1.1.2", "大屏", 3, "块"),
    ),
)


def test_a_master_holds_the_plan_and_gives_it_back(tmp_path: Path) -> None:
    path = tmp_path / "master.xlsx"
    write_master(PLAN, path)
    master = read_master(path, "方案")
    assert master.plan == PLAN
    assert master.findings == ()


@pytest.mark.parametrize(
    ("cell", "addresses"),
    [
        ("a@example.com；b@example.com、c@example.com", ("a@example.com", "b@example.com", "c@example.com")),
        (" a@example.com \n b@example.com,", ("a@example.com", "b@example.com")),
        ("张三 <a@example.com>; 李 四＜ b@example.com ＞", ("a@example.com", "b@example.com")),
        ("张三<a@example.com> 李四<b@example.com>", ("a@example.com", "b@example.com")),
        ("张三 <>", ()),
        ("张三", ("张三",)),
        (None, ()),
    ],
)
def test_addresses_are_told_from_the_names_before_them(
    tmp_path: Path, cell: str | None, addresses: tuple[str, ...]
) -> None:
    path = tmp_path / "master.xlsx"
    write_master(PLAN, path)
    book = openpyxl.load_workbook(path)
    book["单位"]["C2"] = cell
    book.save(path)
    assert read_master(path, "方案").plan.units[0].emails == addresses


def test_sheets_and_columns_are_those_of_the_contract(tmp_path: Path) -> None:
    path = tmp_path / "master.xlsx"
    write_master(PLAN, path)
    book = openpyxl.load_workbook(path)
    assert {sheet.title: [cell.value for cell in sheet[1]] for sheet in book} == {
        "任务": ["编号", "部分", "项目", "主要任务", "牵头单位", "参加单位", "完成时限"],
        "单位": ["名称", "别名", "邮箱", "联系人", "电话", "起用日期", "停用日期", "并入"],
        "指标": ["任务编号", "指标", "目标值", "计量单位", "完成时限", "确认"],
    }
    assert book["任务"]["F2"].value == "区科协、团区委"


def test_what_people_typed_stays_text(tmp_path: Path) -> None:
    path = tmp_path / "master.xlsx"
    write_master(PLAN, path)
    book = openpyxl.load_workbook(path)
    for place, value in (("D2", "=1+1 不是公式"), ("A2", "1.1.1"), ("G2", "2020-12-31")):
        assert (book["任务"][place].value, book["任务"][place].data_type) == (value, "s")
        assert book["任务"][place].number_format == "@"
    assert (book["单位"]["E2"].value, book["单位"]["E2"].number_format) == ("013800000000", "@")
    assert book["指标"]["C2"].data_type == "n"


def test_a_clerk_finds_the_table_ready_to_work_on(tmp_path: Path) -> None:
    path = tmp_path / "master.xlsx"
    write_master(PLAN, path)
    book = openpyxl.load_workbook(path)
    for sheet in book:
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref is not None
        assert sheet.page_setup.orientation == "landscape"
    (choice,) = book["指标"].data_validations.dataValidation
    assert choice.formula1 == '"是,否"'
    assert "F4" in choice.sqref
    (shaded,) = book["指标"].conditional_formatting
    assert "F4" in shaded
    assert "黄色" in book["指标"]["F1"].comment.text


def test_the_same_plan_gives_the_same_bytes(tmp_path: Path) -> None:
    one, other = tmp_path / "one.xlsx", tmp_path / "other.xlsx"
    write_master(PLAN, one)
    write_master(PLAN, other)
    assert one.read_bytes() == other.read_bytes()


def test_the_shipped_master_is_the_shipped_plan() -> None:
    shipped = read_master(REAL.with_name("master.xlsx"), "方案")
    assert shipped.plan == read_document(REAL, "方案").plan


def test_a_master_that_is_open_elsewhere_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "master.xlsx"
    write_master(PLAN, path)
    before = path.read_bytes()
    (tmp_path / "~$master.xlsx").touch()
    with pytest.raises(SurroundingsError):
        write_master(Plan("别的"), path)
    assert path.read_bytes() == before


words = st.text(
    st.sampled_from(string.ascii_letters + "区科协教育局任务一二（）“”·<>&'\"=+@-%#"), min_size=1, max_size=12
).filter(lambda text: text == text.strip())
days = st.none() | st.dates(date(1990, 1, 1), date(2099, 12, 31))
names = st.lists(words, max_size=3, unique=True).map(tuple)
mails = st.lists(st.from_regex(r"[a-z]{1,5}@example\.com", fullmatch=True), max_size=2, unique=True).map(
    tuple
)
numbers = st.tuples(*[st.integers(1, 30)] * 3).map(lambda parts: ".".join(map(str, parts)))


a_unit = st.builds(
    Unit, words, emails=mails, contact=words, phone=words, since=days, until=days, merged_into=names
)
a_task = st.builds(Task, numbers, words, words, words, names, names, days)
targets = st.integers(0, 10**9).map(float) | st.floats(0, 1e6).map(lambda target: round(target, 3))
an_indicator = st.builds(
    Indicator, numbers, words, targets, words, days, st.sampled_from([True, False, None])
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    tasks = draw(st.lists(a_task, max_size=5, unique_by=lambda task: task.number))
    return Plan(
        title="方案",
        tasks=tuple(sorted(tasks, key=lambda task: task.sort_key)),
        units=tuple(draw(st.lists(a_unit, max_size=4, unique_by=lambda unit: unit.name))),
        indicators=tuple(draw(st.lists(an_indicator, max_size=4))),
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=plans())
def test_any_plan_comes_back_from_a_master(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "master.xlsx"
    write_master(plan, path)
    assert read_master(path, "方案").plan == plan


def edited(tmp_path: Path, **changes: object) -> Path:
    """Write a master and set cells by sheet and place: ``任务_D2="…"``."""
    path = tmp_path / "master.xlsx"
    write_master(PLAN, path)
    book = openpyxl.load_workbook(path)
    for where, value in changes.items():
        sheet, place = where.split("_")
        book[sheet][place] = value
    book.save(path)
    return path


def test_blank_rows_titles_merges_and_further_columns_do_not_matter(tmp_path: Path) -> None:
    path = edited(tmp_path)
    book = openpyxl.load_workbook(path)
    tasks = book["任务"]
    tasks.insert_rows(1, 2)
    tasks["A1"] = "任务总表"
    tasks.merge_cells("A1:G1")
    tasks.insert_rows(5)
    tasks.insert_cols(3)
    tasks["C3"] = "我的备注"
    tasks["C4"] = "记一笔"
    tasks["B6"] = None
    tasks.merge_cells("B4:B6")
    book["单位"]["XFD9000"] = " "
    book.save(path)
    master = read_master(path, "方案")
    assert master.plan == PLAN
    assert [row.row for row in master.task_rows] == [4, 6]
    assert master.task_rows[1].place("参加单位").cell == "G6"


def test_tasks_are_given_in_order_of_their_numbers_with_their_own_rows(tmp_path: Path) -> None:
    master = read_master(edited(tmp_path, 任务_A2="1.1.10", 任务_A3="1.1.9"), "方案")
    assert [task.number for task in master.plan.tasks] == ["1.1.9", "1.1.10"]
    assert [row.row for row in master.task_rows] == [3, 2]


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2020年12月", date(2020, 12, 31)),
        ("2020年底", date(2020, 12, 31)),
        ("2020年", date(2020, 12, 31)),
        ("2020/6/5", date(2020, 6, 5)),
        (date(2020, 6, 5), date(2020, 6, 5)),
        (2020, date(2020, 12, 31)),
    ],
)
def test_deadlines_are_read_however_they_are_typed(typed: object, day: date, tmp_path: Path) -> None:
    assert read_master(edited(tmp_path, 任务_G2=typed), "方案").plan.tasks[0].deadline == day


def test_a_month_that_excel_made_a_first_is_still_the_month(tmp_path: Path) -> None:
    path = edited(tmp_path, 任务_G2=date(2020, 12, 1))
    book = openpyxl.load_workbook(path)
    book["任务"]["G2"].number_format = 'yyyy"年"m"月"'
    book.save(path)
    assert read_master(path, "方案").plan.tasks[0].deadline == date(2020, 12, 31)


def test_numbers_typed_where_text_belongs_are_read_as_typed(tmp_path: Path) -> None:
    master = read_master(edited(tmp_path, 单位_E2=13800000000, 指标_C2="1,200"), "方案")
    assert master.plan.units[0].phone == "13800000000"
    assert master.plan.indicators[0].target == 1200


@pytest.mark.parametrize(
    ("place", "typed", "code"),
    [
        ("任务_G2", "尽快", "master-date-unread"),
        ("单位_F2", "去年", "master-date-unread"),
        ("指标_C2", "若干", "master-target-unread"),
        ("指标_C2", "nan", "master-target-unread"),
        ("指标_F2", "对", "master-confirmed-unread"),
        ("任务_E2", "教育局", "master-alias-used"),
    ],
)
def test_what_cannot_be_read_is_told_at_its_cell(place: str, typed: str, code: str, tmp_path: Path) -> None:
    (finding,) = read_master(edited(tmp_path, **{place: typed}), "方案").findings
    assert (finding.code, f"{finding.place.sheet}_{finding.place.cell}") == (code, place)


def test_a_unit_named_by_an_alias_counts_under_its_name(tmp_path: Path) -> None:
    master = read_master(edited(tmp_path, 任务_F3="教育局；区科协"), "方案")
    assert master.plan.tasks[1].participants == ("区教育局", "区科协")


@pytest.mark.parametrize("sheet", ["任务", "单位", "指标"])
def test_a_missing_sheet_is_refused_by_name(sheet: str, tmp_path: Path) -> None:
    path = edited(tmp_path)
    book = openpyxl.load_workbook(path)
    del book[sheet]
    book.save(path)
    with pytest.raises(InputError) as raised:
        read_master(path, "方案")
    assert raised.value.finding.code == "master-sheet-missing"
    assert sheet in raised.value.finding.message


@pytest.mark.parametrize("place", ["任务_A1", "任务_E1", "单位_C1", "指标_C1"])
def test_a_missing_column_is_refused_by_sheet_and_name(place: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        read_master(edited(tmp_path, **{place: "别的"}), "方案")
    finding = raised.value.finding
    assert finding.code == "master-column-missing"
    assert finding.place.sheet == place[:2]


def test_a_missing_or_broken_master_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.xlsx"
    with pytest.raises(InputError, match="master-missing"):
        read_master(path, "方案")
    for content in (b"", b"not a workbook", b"PK\x03\x04cut"):
        path.write_bytes(content)
        with pytest.raises(InputError, match="master-broken"):
            read_master(path, "方案")


@pytest.mark.parametrize(
    ("typed", "units", "told"),
    [
        ("区教育局 区科协", ("区教育局", "区科协"), True),
        ("区教育局　教育局 团区委", ("区教育局", "团区委"), True),
        ("区 教 育 局 区科协、团区委", ("区教育局", "区科协", "团区委"), True),
        ("区 科 协", ("区科协",), False),
        ("区教育局 区某某局", ("区教育局区某某局",), False),
    ],
)
def test_blanks_part_names_that_are_known(
    typed: str, units: tuple[str, ...], *, told: bool, tmp_path: Path
) -> None:
    master = read_master(edited(tmp_path, 任务_F3=typed), "方案")
    assert master.plan.tasks[1].participants == units
    places = [one.place.cell for one in master.findings if one.code == "master-blank-parted"]
    assert places == (["F3"] if told else [])
