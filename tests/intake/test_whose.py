"""Whose form a file is, and of which period: told, or refused naming the candidates; never guessed."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from builders import open_period
from filled_forms import (
    CONTEXT,
    HEADER,
    OPENED,
    PERIOD,
    PLAN,
    SECRET,
    SHEET,
    UNIT,
    VALUES,
    blank_form,
    codes,
    fill,
    read,
    saved,
    values_of,
)
from openpyxl import Workbook

from kepu_xls import identity
from kepu_xls.intake import ReadingContext
from kepu_xls.intake.whose import named_periods, named_units
from kepu_xls.model import FileStatus, Plan, Severity, TiedBy, Unit
from kepu_xls.periods import Kind

LABELS = ["任务编号", "主要任务", "承担角色", "进展状态", "本期进展情况"]


def table(tasks: list[tuple[str, str]], title: str = "", *, roles: bool = True) -> bytes:
    """A table made by hand: (task, role) a row, below a title; no identity at all."""
    book = Workbook()
    book.active.append([title])
    book.active.append([label for label in LABELS if roles or label != "承担角色"])
    for number, role in tasks:
        task = PLAN.task(number)
        row = [number, task.text if task else "", role, "推进中", "做了工作"]
        book.active.append(row if roles else [*row[:2], *row[3:]])
    return saved(book)


EDUCATION = [("1.1.1", "牵头"), ("1.1.2", "牵头"), ("1.2.1", "参加"), ("1.2.2", "参加")]


def test_the_one_unit_whose_tasks_and_roles_match_is_it() -> None:
    record = read(table(EDUCATION))
    assert (record.unit, record.submission and record.submission.tied_by) == (UNIT, TiedBy.LABELS)
    assert "form-unit-told" in codes(record)


def test_some_of_a_units_tasks_are_enough_where_only_one_unit_has_them_all() -> None:
    assert read(table(EDUCATION[1:3])).unit == UNIT


def test_two_units_with_the_same_tasks_are_named_and_the_file_refused() -> None:
    record = read(table([("2.1.1", "参加")]))
    assert (record.status, codes(record)[0]) == (FileStatus.REJECTED, "form-unit-ambiguous")
    assert "区民政局" in record.findings[0].message
    assert "区财政局" in record.findings[0].message


@pytest.mark.parametrize(
    "title", ["填报单位：区财政局", "单位: 区财政局（盖章）", "区财政局2019年第12周进展情况"]
)
def test_a_name_on_the_sheet_decides_between_units_with_the_same_tasks(title: str) -> None:
    assert read(table([("2.1.1", "参加")], title)).unit == "区财政局"


def test_a_name_in_the_cell_beside_its_label_decides_too() -> None:
    book = Workbook()
    for row in (["报送单位", None, "区财政局"], LABELS, ["2.1.1", "", "参加", "推进中", "做了工作"]):
        book.active.append(row)
    assert read(saved(book)).unit == "区财政局"


def test_the_name_of_the_file_decides_last() -> None:
    assert read(table([("2.1.1", "参加")]), "周报/区财政局第12周(1).xlsx").unit == "区财政局"


def test_a_name_after_the_label_that_contradicts_the_tasks_is_refused_naming_both() -> None:
    record = read(table(EDUCATION, "填报单位：区民政局"))
    assert codes(record)[0] == "form-unit-ambiguous"
    assert UNIT in record.findings[0].message
    assert "区民政局" in record.findings[0].message


def test_a_mention_of_the_receiving_unit_does_not_contradict_the_tasks() -> None:
    assert read(table(EDUCATION, "请于周五前报送区科协")).unit == UNIT


@pytest.mark.parametrize(
    "title", ["请于 2019年3月22日17:00 前报区财政局", "填好后请报送区财政局", "请于周五前发回区财政局"]
)
def test_whom_a_form_is_to_go_to_does_not_decide_whose_it_is(title: str) -> None:
    record = read(table([("2.1.1", "参加")], title))
    assert (record.status, codes(record)[0]) == (FileStatus.REJECTED, "form-unit-ambiguous")


def test_the_form_of_a_unit_that_the_plan_knows_no_more_is_nobody_elses(tmp_path: Path) -> None:
    book = fill(blank_form(tmp_path / "form.xlsx", "区民政局"))
    book[SHEET]["B1"] = "区财政局汇总的进展填报表"
    units = tuple(Unit("区民生局") if one.name == "区民政局" else one for one in PLAN.units)
    *others, last = PLAN.tasks
    last = msgspec.structs.replace(last, participants=("区民生局", "区财政局"))
    renamed = msgspec.structs.replace(PLAN, units=units, tasks=(*others, last))
    context = ReadingContext({PERIOD: open_period(PERIOD, renamed)}, SECRET, PERIOD)
    record = read(saved(book), "交区财政局.xlsx", context)
    assert (record.status, record.unit) == (FileStatus.REJECTED, "")
    assert "form-unit-ambiguous" in codes(record)


def test_tasks_that_no_unit_has_together_and_no_name_are_refused() -> None:
    record = read(table([("1.1.1", "牵头"), ("2.1.1", "参加")]))
    assert (record.status, codes(record)[0]) == (FileStatus.REJECTED, "form-unit-unknown")


def test_an_alias_names_its_unit() -> None:
    assert named_units("教育局周报", PLAN) == {UNIT}


def test_a_name_inside_a_longer_name_is_not_named() -> None:
    plan = Plan("", units=(Unit("团区委"), Unit("区委"), Unit("区委宣传部")))
    assert named_units("区委宣传部、团区委", plan) == {"区委宣传部", "团区委"}


def test_a_signature_that_fails_is_a_warning_and_the_form_is_still_used(tmp_path: Path) -> None:
    book = fill(blank_form(tmp_path / "form.xlsx"))
    book[identity.IDENTITY_SHEET]["B4"] = "0" * 64
    record = read(saved(book))
    assert values_of(record) == VALUES
    assert record.status is FileStatus.ACCEPTED
    (finding,) = (one for one in record.findings if one.code == "form-signature-wrong")
    assert finding.severity is Severity.WARNING


def test_a_form_that_names_another_unit_than_it_was_made_for_is_refused_naming_both(tmp_path: Path) -> None:
    book = fill(blank_form(tmp_path / "form.xlsx"))
    book[SHEET]["B3"] = "填报单位：区民政局"
    record = read(saved(book))
    assert (record.status, codes(record)[0]) == (FileStatus.REJECTED, "form-unit-contradicts")
    assert UNIT in record.findings[0].message
    assert "区民政局" in record.findings[0].message


def test_a_form_with_another_units_whole_table_pasted_over_is_refused_naming_both(tmp_path: Path) -> None:
    book = fill(blank_form(tmp_path / "form.xlsx"))
    other = fill(blank_form(tmp_path / "other.xlsx", "区科协"))
    book[SHEET]["B3"] = None
    for row in other[SHEET].iter_rows(min_row=HEADER + 1, max_row=HEADER + 4, max_col=18):
        for cell in row:
            book[SHEET][cell.coordinate].value = cell.value
    record = read(saved(book))
    assert (record.status, codes(record)[0]) == (FileStatus.REJECTED, "form-unit-contradicts")
    assert UNIT in record.findings[0].message
    assert "区科协" in record.findings[0].message


def test_a_garbled_identity_is_as_good_as_none(tmp_path: Path) -> None:
    book = fill(blank_form(tmp_path / "form.xlsx"))
    book[identity.IDENTITY_SHEET]["B2"] = "这一周"
    record = read(saved(book))
    assert (record.unit, record.period, values_of(record)) == (UNIT, PERIOD, VALUES)
    assert record.submission is not None
    assert record.submission.tied_by is TiedBy.LABELS


def test_a_copy_of_the_whole_plan_with_own_rows_filled_is_its_senders() -> None:
    book = Workbook()
    book.active.append(LABELS)
    roles = dict(EDUCATION)
    for task in PLAN.tasks:
        said = ["推进中", "做了工作"] if task.number in roles else []
        book.active.append([task.number, task.text, roles.get(task.number, ""), *said])
    record = read(saved(book))
    assert (record.unit, set(values_of(record))) == (UNIT, set(roles))
    assert not [one for one in record.findings if one.severity is Severity.ERROR]


def test_two_forms_in_one_file_are_refused_naming_both(tmp_path: Path) -> None:
    book = fill(blank_form(tmp_path / "form.xlsx"))
    other = book.copy_worksheet(book[identity.IDENTITY_SHEET])
    other["B1"] = "区妇联"
    record = read(saved(book))
    assert (record.status, codes(record)[0]) == (FileStatus.REJECTED, "form-two-identities")
    assert "区妇联" in record.findings[0].message


def test_a_unit_renamed_since_is_known_by_its_alias(tmp_path: Path) -> None:
    book = fill(blank_form(tmp_path / "form.xlsx"))
    renamed = msgspec.structs.replace(
        PLAN,
        units=(Unit("区教育体育局", aliases=(UNIT,)), *PLAN.units[1:]),
        tasks=tuple(
            msgspec.structs.replace(
                task,
                leads=tuple("区教育体育局" if one == UNIT else one for one in task.leads),
                participants=tuple("区教育体育局" if one == UNIT else one for one in task.participants),
            )
            for task in PLAN.tasks
        ),
    )
    context = ReadingContext({PERIOD: open_period(PERIOD, renamed)}, SECRET, PERIOD)
    record = read(saved(book), context=context)
    assert record.unit == "区教育体育局"
    assert values_of(record) == VALUES


LAST_WEEK = open_period("2019-W11", PLAN)
TWO_PERIODS = ReadingContext({"2019-W11": LAST_WEEK, PERIOD: OPENED}, SECRET, PERIOD)


def test_another_periods_form_is_filed_under_its_own_period_and_said_so(tmp_path: Path) -> None:
    book = fill(blank_form(tmp_path / "form.xlsx", opened=LAST_WEEK))
    record = read(saved(book), context=TWO_PERIODS)
    assert (record.period, record.submission and record.submission.period) == ("2019-W11", "2019-W11")
    assert "form-other-period" in codes(record)


def test_a_form_of_a_period_that_was_never_opened_is_refused_naming_it(tmp_path: Path) -> None:
    book = fill(blank_form(tmp_path / "form.xlsx", opened=LAST_WEEK))
    record = read(saved(book), context=CONTEXT)
    assert (record.status, codes(record), record.period) == (
        FileStatus.REJECTED,
        ["form-period-not-open"],
        "2019-W11",
    )


def test_a_period_in_the_title_counts_where_there_is_no_identity() -> None:
    record = read(table(EDUCATION, "进展情况（2019年第11周）"), context=TWO_PERIODS)
    assert record.period == "2019-W11"
    assert {"form-period-told", "form-other-period"} <= set(codes(record))


def test_a_period_in_the_name_of_the_file_counts_next() -> None:
    assert read(table(EDUCATION), "教育局2019-W11.xlsx", TWO_PERIODS).period == "2019-W11"


def test_two_periods_in_the_title_are_refused_naming_both() -> None:
    record = read(table(EDUCATION, "2019年第11周、2019年第12周进展"), context=TWO_PERIODS)
    assert (record.status, codes(record)[0]) == (FileStatus.REJECTED, "form-two-periods")


def test_without_any_period_the_one_being_merged_is_assumed_with_a_warning() -> None:
    record = read(table(EDUCATION), context=TWO_PERIODS)
    assert (record.period, "form-period-assumed" in codes(record)) == (PERIOD, True)


def test_an_older_issue_of_the_form_is_told(tmp_path: Path) -> None:
    book = fill(blank_form(tmp_path / "form.xlsx"))
    newer = ReadingContext({PERIOD: open_period(PERIOD, PLAN, version=2)}, SECRET, PERIOD)
    record = read(saved(book), context=newer)
    assert (record.submission and record.submission.version, "form-old-version" in codes(record)) == (1, True)


@pytest.mark.parametrize("version", ["9" * 20, "9" * 5000, "１２", "-1", "1.5"])
def test_an_issue_that_no_form_has_is_not_believed(tmp_path: Path, version: str) -> None:
    """The ledger keeps no number past 2**63; Python reads none of 5,000 figures."""
    book = fill(blank_form(tmp_path / "form.xlsx"))
    sheet = book[identity.IDENTITY_SHEET]
    for row in range(1, sheet.max_row + 1):
        if sheet.cell(row, 1).value == identity.VERSION_KEY:
            sheet.cell(row, 2).value = version
    record = read(saved(book))
    assert record.submission is not None
    assert record.submission.version == 0
    assert {"form-signature-wrong", "form-old-version"} <= set(codes(record))


def test_without_roles_the_tasks_alone_must_tell() -> None:
    record = read(table([("1.1.1", ""), ("1.1.2", "")], roles=False))
    assert codes(record)[0] == "form-unit-ambiguous"
    assert "区科协" in record.findings[0].message


@pytest.mark.parametrize(
    ("text", "kind", "periods"),
    [
        ("工作进展2019年第12周（3月18日—3月24日）", Kind.WEEK, {"2019-W12"}),
        ("区科协_2019-W12_填报表", Kind.WEEK, {"2019-W12"}),
        ("区科协_2019w12", Kind.WEEK, {"2019-W12"}),
        ("2019年12周", Kind.WEEK, {"2019-W12"}),
        ("2019年第60周", Kind.WEEK, set()),
        ("2019年3月进展", Kind.MONTH, {"2019-03"}),
        ("2019-03", Kind.MONTH, {"2019-03"}),
        ("填报日期：2019年3月22日", Kind.MONTH, set()),
        ("2019-03-22", Kind.MONTH, set()),
        ("2019年第一季度", Kind.QUARTER, {"2019-Q1"}),
        ("2019年1季度", Kind.QUARTER, {"2019-Q1"}),
        ("2019-Q1", Kind.QUARTER, {"2019-Q1"}),
        ("2019年上半年", Kind.HALF, {"2019-H1"}),
        ("2019-H2", Kind.HALF, {"2019-H2"}),
        ("2019年度总结", Kind.YEAR, {"2019"}),
        ("实施方案（2016—2020年）", Kind.YEAR, set()),
        ("2019年3月", Kind.YEAR, set()),
    ],
)
def test_periods_are_known_in_every_spelling(text: str, kind: Kind, periods: set[str]) -> None:
    assert named_periods(text, [kind]) == periods


def test_the_header_row_stays_where_the_form_template_has_it(tmp_path: Path) -> None:
    assert blank_form(tmp_path / "form.xlsx")[SHEET].cell(HEADER, 2).value == "任务编号"


REPORT_HEADS = [
    "期次",
    "单位",
    "角色",
    "任务编号",
    "项目",
    "主要任务",
    "进展状态",
    "本期进展情况",
    "来源文件",
]


def _listed(heads: list[str], rows: list[list[str]]) -> bytes:
    book = Workbook()
    for row in [heads, *rows]:
        book.active.append(row)
    return saved(book)


@pytest.mark.parametrize("second", [("区教育局", "1.1.2"), ("区妇联", "1.2.2")])
def test_the_reports_own_list_is_no_form_whatever_the_file_is_called(second: tuple[str, str]) -> None:
    rows = [
        [PERIOD, unit, "牵头", task, "", PLAN.task(task).text, "推进中", "做了工作", "a.xlsx"]
        for unit, task in ((UNIT, "1.1.1"), second)
    ]
    record = read(_listed(REPORT_HEADS, rows), "区教育局_明细.xlsx")
    assert (record.status, codes(record)[-1]) == (FileStatus.REJECTED, "form-consolidated")


def _with_units(*units: str) -> bytes:
    tasks = ("1.1.1", "1.1.2", "1.2.2")
    rows = [[unit, task, "推进中", "做了工作"] for unit, task in zip(units, tasks, strict=True)]
    return _listed(["单位", "任务编号", "进展状态", "本期进展情况"], rows)


def test_a_table_whose_column_of_units_names_several_is_no_form() -> None:
    record = read(_with_units(UNIT, "区科协", UNIT), "区教育局.xlsx")
    assert (record.status, codes(record)[-1]) == (FileStatus.REJECTED, "form-consolidated")


def test_a_column_of_units_that_names_one_tells_the_unit() -> None:
    assert read(_with_units(UNIT, UNIT, UNIT)).unit == UNIT
    other = read(_with_units("区民政局", "区民政局", "区民政局"), "区教育局.xlsx")
    assert (other.status, codes(other)[-1]) == (FileStatus.REJECTED, "form-unit-ambiguous")


def test_the_reports_table_of_tasks_is_no_form() -> None:
    heads = ["任务编号", "主要任务", "牵头单位", "参加单位", "进展状态", "本期进展情况"]
    rows = [
        [task.number, task.text, "\n".join(task.leads), "\n".join(task.participants), "推进中", "做了工作"]
        for task in PLAN.tasks
    ]
    record = read(_listed(heads, rows), "区财政局_汇总.xlsx")
    assert (record.status, codes(record)[-1]) == (FileStatus.REJECTED, "form-consolidated")
    own = read(_listed(heads, [row if row[0] == "2.1.1" else row[:4] for row in rows]), "区财政局.xlsx")
    assert own.unit == "区财政局"


@pytest.mark.parametrize(
    ("title", "name", "said"),
    [
        ("工作任务进展填报表　2019年第11周（3月11日—3月17日）", "a.xlsx", "2019-W11"),
        ("工作任务进展填报表（第11周）", "a.xlsx", "第11周"),
        ("", "区教育局_2019-W13_填报表.xlsx", "2019-W13"),
        ("", "区教育局第13周.xlsx", "第13周"),
    ],
)
def test_a_period_that_people_read_and_the_identity_denies_is_told_naming_both(
    tmp_path: Path, title: str, name: str, said: str
) -> None:
    book = fill(blank_form(tmp_path / "form.xlsx"))
    if title:
        book[SHEET]["B2"] = title
    record = read(saved(book), name)
    told = [one for one in record.findings if one.code == "form-period-contradicts"]
    assert (record.period, values_of(record)) == (PERIOD, VALUES)
    assert [(one.severity, PERIOD in one.message, said in one.message) for one in told] == [
        (Severity.WARNING, True, True)
    ]


@pytest.mark.parametrize(
    "name", ["附件.xlsx", "区教育局_2019-W12_填报表.xlsx", "第12周（上周为第11周）.xlsx"]
)
def test_the_same_period_in_title_and_name_is_no_contradiction(tmp_path: Path, name: str) -> None:
    record = read(saved(fill(blank_form(tmp_path / "form.xlsx"))), name)
    assert "form-period-contradicts" not in codes(record)
