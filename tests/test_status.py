"""`kepu status`: who reported, how complete, how early or late; and what to say to those who have to act."""

from __future__ import annotations

import os
from datetime import datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
from builders import PLAN, at, entry, open_period, record
from driving import Run, watched
from small_workspace import Small

from kepu_xls import merge, periods, rating
from kepu_xls.identity import FORM_SHEET
from kepu_xls.model import Answer, Plan, Submission, Task, TiedBy, Unit

OPENED = open_period()
FOOT = {"reporter": Answer("王五"), "report_date": Answer("2019-03-21")}

# ── completeness ─────────────────────────────────────────────────────────────────────────────────────


def submission(unit: str, *entries: dict[str, object], foot: dict[str, Answer] = FOOT) -> Submission:
    tasks = [task.number for task, _ in PLAN.duties_of(unit)]
    rows = tuple(
        entry(unit, task, **values)  # type: ignore[arg-type]
        for task, values in zip(tasks, entries, strict=False)
    )
    return Submission(unit, "2019-W12", 1, TiedBy.IDENTITY, rows, foot)


LEAD = {"status": "推进中", "percent": 60, "progress": "做了工作"}
PARTICIPANT = {"status": "推进中"}


@pytest.mark.parametrize(
    ("entries", "filled", "asked"),
    [
        ((LEAD, PARTICIPANT), 6, 6),  # 区教育局 leads 1.1.1 (3 cells), joins 1.1.2 (1), and signs (2)
        (({**LEAD, "percent": None}, PARTICIPANT), 5, 6),
        (({**LEAD, "percent": 0}, PARTICIPANT), 6, 6),  # nought is an answer
        ((LEAD,), 5, 6),  # a row that did not come back
        (({"unchanged": "是"}, {"unchanged": "是"}), 6, 6),
        (({"remarks": "无"}, {}), 2, 6),  # what is not required counts for nothing
    ],
)
def test_completeness_is_required_cells_filled_of_all_that_were_asked(
    entries: tuple[dict[str, object], ...], filled: int, asked: int
) -> None:
    assert rating.completeness(submission("区教育局", *entries), OPENED) == pytest.approx(
        filled / asked * 100
    )


def test_what_stands_below_the_table_is_required_too() -> None:
    unsigned = submission("区教育局", LEAD, PARTICIPANT, foot={"reporter": Answer(None, raw="/")})
    assert rating.completeness(unsigned, OPENED) == pytest.approx(4 / 6 * 100)


def test_a_unit_that_did_not_report_is_not_complete() -> None:
    (status, *_) = merge.unit_statuses(OPENED, ())
    assert (status.completeness, status.days_late) == (0.0, None)


# ── timeliness ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("received", "days", "late"),
    [
        ("2019-03-22 16:59", 0, False),  # Friday, the deadline is 17:00
        ("2019-03-22 17:01", 0, True),
        ("2019-03-21 23:00", -1, False),
        ("2019-03-18 08:00", -4, False),
        ("2019-03-15 08:00", -5, False),  # a weekend lies between
        ("2019-03-24 12:00", 0, True),  # Sunday: no working day has begun
        ("2019-03-25 08:00", 1, True),
        ("2019-03-29 16:00", 5, True),
    ],
)
def test_arrival_counts_in_working_days_from_the_deadline(received: str, days: int, *, late: bool) -> None:
    one = record("区科协", entry("区科协", "1.1.1", status="推进中"), received=received)
    status = next(one for one in merge.unit_statuses(OPENED, (one,)) if one.unit == "区科协")
    assert (status.days_late, status.late) == (days, late)


def test_a_sunday_that_is_worked_counts_and_a_holiday_does_not() -> None:
    # 2019: 1–4 May off, Sunday 28 April and Sunday 5 May worked
    assert rating.days_late(at("2019-05-05 08:00"), at("2019-04-30 17:00")) == 1
    assert rating.days_late(at("2019-04-27 08:00"), at("2019-04-29 17:00")) == -2


# ── through the real command line ────────────────────────────────────────────────────────────────────

SMALL = Plan(
    "",
    units=(
        Unit("区科协", contact="张三", phone="0591-1"),
        Unit("区教育局"),
        Unit("团区委"),
        Unit("区妇联"),
        Unit("区农业局", contact="李四", phone="0591-2", emails=("a@example.com", "b@example.com")),
    ),
    tasks=(
        Task("1.1.1", "一", "甲", "开展科技节活动", leads=("区科协",), participants=("区教育局", "团区委")),
        Task("1.1.2", "一", "甲", "治理身边的污染", leads=("区教育局",), participants=("区妇联", "区农业局")),
        Task("1.1.3", "一", "甲", "建设科普画廊", leads=("区教育局",)),
    ),
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """A week with a unit in each state, as the clerk sees it before the deadline."""
    one = Small(tmp_path_factory.mktemp("status") / "科普", SMALL)
    opened = one.kepu("forms", "--period", "2019-W11", "--json")
    one.report("2019-W11", "区妇联")
    assert one.kepu("merge").code == 0
    opened = one.kepu("forms", "--period", "2019-W12", "--json")
    due = datetime.fromisoformat(opened.json["deadline"])
    one.report("2019-W12", "区科协")
    one.report("2019-W12", "区教育局", percent="150", attendance="很多")
    after = datetime.combine(periods.add_working_days(due.date(), 1), time(9))
    one.report("2019-W12", "团区委", received=after)
    one.report("2019-W12", "区妇联", unchanged="是", status=None, percent=None, progress=None)
    assert one.kepu("merge").code == 1
    return one


def test_status_is_one_line_a_unit_parted_by_tabs(small: Small) -> None:
    run = small.kepu("status")
    assert run.code == 0
    head, *rows = [line.split("\t") for line in run.out.splitlines()[:6]]
    lines = [dict(zip(head, row, strict=True)) for row in rows]
    told = {one["单位"]: (one["状态"], one["行数"], one["错误"], one["完整率"]) for one in lines}
    assert told == {
        "区科协": ("已报", "1/1", "", "100%"),
        "区教育局": ("退回", "3/3", "6", "77%"),  # two of nine required cells hold no figure
        "团区委": ("迟报", "1/1", "", "100%"),
        "区妇联": ("零报告", "1/1", "", "100%"),
        "区农业局": ("未报", "0/1", "", ""),
    }
    early_or_late = {one["单位"]: one["早晚"] for one in lines}
    assert early_or_late["团区委"] == "迟 1 天"
    assert early_or_late["区科协"].startswith("早 ")
    assert early_or_late["区农业局"] == ""
    assert lines[0]["文件"] == "区科协2019-W12.xlsx"
    assert "\x1b" not in run.out


def test_status_as_json_has_the_contracts_lists_and_no_texts(small: Small) -> None:
    result = small.kepu("status", "--json").json
    assert result["units"]["missing"] == ["区农业局"]
    assert result["units"]["late"] == ["团区委"]
    assert result["units"]["nil"] == ["区妇联"]
    by_unit = {one["unit"]: one for one in result["statuses"]}
    assert by_unit["团区委"]["days_late"] == 1
    assert by_unit["区教育局"]["completeness"] == pytest.approx(7 / 9 * 100)
    assert result["chase"] is None


def chase(small: Small) -> Run:
    return small.kepu("status", "--chase", "--json")


def test_the_group_is_told_who_is_missing_and_until_when(small: Small) -> None:
    run = chase(small)
    due = datetime.fromisoformat(run.json["deadline"])
    group = run.json["chase"]["group"]
    assert "1 个：区农业局" in group
    assert f"请于{due.month}月{due.day}日（星期{'一二三四五六日'[due.weekday()]}）17:00前报区科协" in group
    assert not any(
        unit in group for unit in ("区教育局", "团区委", "区妇联")
    )  # the others are nobody's business


def test_each_unit_that_has_to_act_has_a_text_of_its_own(small: Small) -> None:
    texts = {one["unit"]: one["text"] for one in chase(small).json["chase"]["units"]}
    assert set(texts) == {"区教育局", "区农业局"}
    assert "还没有收到" in texts["区农业局"]
    assert "有 6 处需要修改" in texts["区教育局"]
    rows = texts["区教育局"].splitlines()
    assert "150" in rows[1]
    cells = rows[1].removeprefix("1. ").split("：")[0].split("、")
    sheet = openpyxl.load_workbook(small.root / "inbox" / "区教育局2019-W12.xlsx")[FORM_SHEET]
    assert [sheet[cell].value for cell in cells] == ["150", "150", "150"][: len(cells)]


def test_the_contacts_are_those_of_the_master_today(small: Small) -> None:
    contacts = {one["unit"]: one for one in chase(small).json["chase"]["contacts"]}
    assert set(contacts) == {"区教育局", "区农业局"}
    assert contacts["区农业局"] == {
        "unit": "区农业局",
        "contact": "李四",
        "phone": "0591-2",
        "emails": ["a@example.com", "b@example.com"],
    }
    lines = small.kepu("status", "--chase").out.splitlines()
    assert "区农业局\t李四\t0591-2\ta@example.com；b@example.com" in lines


def test_more_faults_than_a_message_holds_are_counted(tmp_path: Path) -> None:
    one = Small(tmp_path / "科普", SMALL)
    one.kepu("forms", "--period", "2019-W12")
    wrong = {
        "percent": "甲",
        "activities": "乙",
        "attendance": "丙",
        "funds": "丁",
        "expected_date": "戊",
        "status": "己",
    }
    one.report("2019-W12", "区科协", **wrong)
    one.kepu("merge")
    text = next(x["text"] for x in chase(one).json["chase"]["units"] if x["unit"] == "区科协")
    assert "有 6 处需要修改" in text
    assert "5. " in text
    assert "6. " not in text
    assert "另有 1 处" in text


def test_once_all_have_reported_the_group_is_thanked(tmp_path: Path) -> None:
    plan = Plan(
        "", units=SMALL.units[:1], tasks=(Task("1.1.1", "一", "甲", "开展科技节活动", leads=("区科协",)),)
    )
    one = Small(tmp_path / "科普", plan)
    one.kepu("forms", "--period", "2019-W12")
    one.report("2019-W12", "区科协")
    one.kepu("merge")
    told = chase(one).json["chase"]
    assert "都已收到" in told["group"]
    assert (told["units"], told["contacts"]) == ([], [])


def test_working_days_between_days_of_an_unknown_year_are_monday_to_friday() -> None:
    monday = datetime(2037, 1, 5).date()  # noqa: DTZ001 - a day of the calendar
    assert periods.working_days(monday, monday + timedelta(days=7)) == 5


# ── many units ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(os.name == "nt", reason="POSIX")
def test_of_more_units_than_a_screen_takes_those_come_first_that_have_to_act(tmp_path: Path) -> None:
    units = [f"第{number:03}街道" for number in range(120)]
    task = Task("1.1.1", "科普", "项目", "开展科普活动", (units[0],), tuple(units[1:]))
    small = Small(tmp_path, Plan("", (task,), tuple(map(Unit, units))))
    small.kepu("forms", "--period", "2019-W12")
    for unit in units[:30]:
        small.report("2019-W12", unit, received=at("2019-03-21 10:00"))
    small.kepu("merge")
    watched_rows = [line for line in watched("-C", str(tmp_path), "status").splitlines() if "街道" in line]
    assert len(watched_rows) == 100
    assert all("未报" in line for line in watched_rows[:90])
    assert "……另有 20 行" in watched("-C", str(tmp_path), "status")
    merged = watched("-C", str(tmp_path), "merge")
    assert "未报 90 个：第030街道、" in merged
    assert "第059街道等" in merged
    lines = small.kepu("status").out.splitlines()
    assert [line.split("\t")[0] for line in lines if "街道" in line] == units
