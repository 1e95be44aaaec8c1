"""``kepu rollup`` as a city's clerk uses it, on consolidated workbooks that our report writes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from driving import ROOT, kepu
from python_calamine import CalamineWorkbook
from report_data import SHIPPED, Reports, build, task_of

from kepu_xls import report
from kepu_xls.model import Answer, Indicator, IndicatorValue
from kepu_xls.outcome import UnitState

TASKS = [task_of("1.1.1", "甲局", "乙局"), task_of("1.1.2", "乙局")]
SHEETS = ["总体情况", "地区对比", "任务进展", "单位报送", "量化指标", "明细数据"]


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """The workspace of a city."""
    root = tmp_path / "市"
    (root / "templates").mkdir(parents=True)
    shutil.copyfile(ROOT / "config.toml", root / "config.toml")
    return root


def district(path: Path, reports: Reports, *, late: bool = False, reached: float = 1) -> Path:
    """A district's consolidated workbook."""
    screen = Indicator("1.1.1", "互动大屏", 10, "个", confirmed=True)
    data = build(
        TASKS,
        reports,
        states={"甲局": {"state": UnitState.LATE, "late": True}} if late else {},
        indicators=(screen,),
        indicator_values=(IndicatorValue("甲局", "1.1.1", "互动大屏", Answer(reached)),),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    report.write_report(data, SHIPPED.report, path)
    return path


def said(percent: float, status: str = "推进中") -> dict[str, object]:
    return {"status": status, "percent": percent, "progress": "开展培训", "activities": 2, "funds": 1.5}


def table(path: Path, sheet: str) -> list[list[object]]:
    """The rows of a sheet from its header on."""
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python()
    heads = [number for number, row in enumerate(rows) if "地区" in row]
    return [row for row in rows[heads[0] :] if any(row)]


def two(tmp_path: Path) -> tuple[Path, Path]:
    one = district(
        tmp_path / "鼓楼区.xlsx", {"1.1.1": {"甲局": said(40), "乙局": said(90)}, "1.1.2": {"乙局": said(60)}}
    )
    other = district(
        tmp_path / "台江区" / "outbox" / "2019-W12" / "汇总_2019-W12.xlsx",
        {"1.1.1": {"甲局": said(100, "已完成")}},
        late=True,
        reached=10,
    )
    return one, other


def test_districts_stand_side_by_side(tmp_path: Path, city: Path) -> None:
    run = kepu("-C", str(city), "rollup", *map(str, two(tmp_path)), "--json")
    assert run.code == 0, run.err
    made = Path(run.json["report"])
    assert made == city / "outbox" / "2019-W12" / "各地区汇总_2019-W12.xlsx"
    assert [
        (one["name"], one["expected"], one["reported"], one["late"], one["missing"])
        for one in run.json["districts"]
    ] == [
        ("鼓楼区", 2, 2, 0, 0),
        ("台江区", 2, 1, 1, 1),
    ]
    assert [(one["percent"], one["finished"], one["met"]) for one in run.json["districts"]] == [
        (50.0, 0, 0),
        (100.0, 1, 1),
    ]
    assert CalamineWorkbook.from_path(made).sheet_names == SHEETS
    assert [row[:2] for row in table(made, "地区对比")[1:]] == [[1.0, "台江区"], [2.0, "鼓楼区"]]
    rows = table(made, "明细数据")
    assert rows[0][:5] == ["地区", "期次", "单位", "角色", "任务编号"]
    assert [(row[0], row[2], row[4]) for row in rows[1:]] == [
        ("鼓楼区", "甲局", "1.1.1"),
        ("鼓楼区", "乙局", "1.1.1"),
        ("鼓楼区", "乙局", "1.1.2"),
        ("台江区", "甲局", "1.1.1"),
    ]
    assert [row[:2] for row in table(made, "单位报送")[1:]] == [
        ["鼓楼区", "甲局"], ["鼓楼区", "乙局"], ["台江区", "乙局"], ["台江区", "甲局"],
    ]  # fmt: skip


def test_what_was_rolled_up_can_be_rolled_up_again(tmp_path: Path, city: Path) -> None:
    once = tmp_path / "福州市.xlsx"
    assert kepu("-C", str(city), "rollup", *map(str, two(tmp_path)), "--output", str(once)).code == 0
    other = district(tmp_path / "莆田市.xlsx", {"1.1.1": {"甲局": said(10)}})
    run = kepu(
        "-C", str(city), "rollup", str(once), str(other), "--output", str(tmp_path / "省.xlsx"), "--json"
    )
    assert [(one["name"], one["expected"], one["tasks"]) for one in run.json["districts"]] == [
        ("福州市", 4, 3),
        ("莆田市", 2, 1),
    ]
    places = [row[0] for row in table(tmp_path / "省.xlsx", "明细数据")[1:]]
    assert places == ["福州市/鼓楼区"] * 3 + ["福州市/台江区", "莆田市"]


def _junk(path: Path) -> None:
    path.write_text("不是表格")


def _form(path: Path) -> None:
    shutil.copyfile(ROOT / "templates" / "form.xlsx", path)


def _cut(path: Path) -> None:
    district(path, {})
    path.write_bytes(path.read_bytes()[:3000])


@pytest.mark.parametrize(
    ("spoil", "code", "says"),
    [
        (_junk, "rollup-refused", "读不出来"),
        (_cut, "rollup-refused", "读不出来"),
        (_form, "rollup-no-report", "不是汇总表"),
    ],
)
def test_one_bad_file_costs_that_file(
    tmp_path: Path, city: Path, spoil: Callable[[Path], None], code: str, says: str
) -> None:
    good, bad = two(tmp_path)[0], tmp_path / "晋安区.xlsx"
    spoil(bad)
    run = kepu("-C", str(city), "rollup", str(good), str(bad), "--json")
    assert run.code == 1
    assert [one["code"] for one in run.json["findings"]] == [code]
    assert says in run.json["findings"][0]["message"]
    assert [one["name"] for one in run.json["districts"]] == ["鼓楼区"]


def test_a_district_that_asks_otherwise_is_told(tmp_path: Path, city: Path) -> None:
    good, other = two(tmp_path)
    book = openpyxl.load_workbook(other)
    book["明细数据"]["I1"] = "进度"
    book.save(other)
    run = kepu("-C", str(city), "rollup", str(good), str(other), "--json")
    assert [(one["code"], one["file"]) for one in run.json["findings"]] == [
        ("rollup-column-missing", other.name)
    ]


def test_periods_that_differ_are_told(tmp_path: Path, city: Path) -> None:
    good, other = two(tmp_path)
    book = openpyxl.load_workbook(other)
    book["明细数据"]["A2"] = "2019-W11"
    book.save(other)
    run = kepu("-C", str(city), "rollup", str(good), str(other), "--json")
    assert [one["code"] for one in run.json["findings"]] == ["rollup-periods-differ"]
    assert run.json["report"].endswith("各地区汇总_多期.xlsx")


def test_a_folder_and_a_name_can_be_given(tmp_path: Path, city: Path) -> None:
    two(tmp_path / "各区")
    lone = district(tmp_path / "汇总_2019-W12.xlsx", {"1.1.1": {"甲局": said(10)}})
    run = kepu("-C", str(city), "rollup", str(tmp_path / "各区"), f"仓山区={lone}", "--json")
    assert [one["name"] for one in run.json["districts"]] == ["台江区", "鼓楼区", "仓山区"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (["没有.xlsx"], "rollup-not-there"),
        (["空"], "rollup-folder-empty"),
        (["鼓楼区.xlsx", "鼓楼区=台江区/outbox/2019-W12/汇总_2019-W12.xlsx"], "rollup-name-twice"),
        (["outbox/2019-W12/汇总_2019-W12.xlsx"], "rollup-no-name"),
        (["坏.xlsx"], "rollup-nothing"),
    ],
)
def test_what_cannot_be_rolled_up_is_refused(tmp_path: Path, city: Path, given: list[str], code: str) -> None:
    two(tmp_path)
    (tmp_path / "空").mkdir()
    _junk(tmp_path / "坏.xlsx")
    district(tmp_path / "outbox" / "2019-W12" / "汇总_2019-W12.xlsx", {})
    run = kepu("-C", str(city), "rollup", *given, "--json", cwd=tmp_path)
    assert (run.code, run.json["error"]["code"]) == (2, code)
    assert not (city / "outbox").exists()
