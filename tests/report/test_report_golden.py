"""The workbook part by part against a golden one; written anew by ``pytest --update-golden``."""

from __future__ import annotations

import re
import shutil
import zipfile
from datetime import date
from pathlib import Path

import pytest
from report_data import MADE, build, task_of

from kepu_xls.appearance import ReportSettings
from kepu_xls.model import Answer, Finding, Indicator, IndicatorValue, Place, Severity
from kepu_xls.outcome import Consolidated, Light, TrendPoint, UnitState
from kepu_xls.report import write_report

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "report"
# what may differ: nothing but the moment of making
MASKS = (
    (re.compile(r"2019年3月25日 09:30"), "（制表时间）"),
    (re.compile(r"(<dcterms:(?:created|modified) [^>]*>)[^<]*"), r"\1（制表时间）"),
)
# the same fonts on every machine: none of them has another to fall back to
LOOK = ReportSettings(title_fonts=("小标宋",), heading_fonts=("黑体",), body_fonts=("仿宋",))


def small() -> Consolidated:
    """Two projects, three units, one light of each kind, one of everything that a sheet can hold."""
    tasks = [
        task_of("1.1.1", "甲局", "乙局、丙局"),
        task_of("1.1.2", "乙局", text="=不是公式"),
        task_of("1.2.1", "丙局", project="（二）另一项目"),
        task_of("2.1.1", "甲局", part="二、基础工程"),
    ]
    said = {
        "1.1.1": {
            "甲局": {
                "status": "滞后",
                "percent": 30,
                "progress": "办了会。",
                "problems": "缺经费",
                "funds": 1.5,
            },
            "乙局": {"status": "推进中", "progress": "派了人。", "activities": 3, "attendance": 120},
        },
        "1.1.2": {"乙局": {"status": "推进中", "percent": 50, "expected_date": "2020-06-30"}},
        "2.1.1": {"甲局": {"unchanged": "是", "status": "已完成", "percent": 100}},
    }
    before = {**said, "1.1.1": {"甲局": {"status": "推进中", "percent": 35}}}
    finding = Finding("x", Severity.WARNING, "问题", "办法", Place("甲局.xlsx", "表", "C9"), "甲局", "1.1.1")
    lights = {"1.1.1": Light("红", "状态为滞后"), "1.1.2": Light("黄", "落后14.5个百分点")}
    return build(
        tasks,
        said,
        before=before,
        states={"甲局": {"warnings": 1, "received": MADE}, "丙局": {"state": UnitState.MISSING}},
        indicators=(Indicator("1.1.1", "大屏", 10, "个", date(2020, 12, 31)),),
        indicator_values=(IndicatorValue("甲局", "1.1.1", "大屏", Answer(value=4), "另2个在装"),),
        findings=(finding,),
        lights={**lights, "1.2.1": Light("绿", "进度正常"), "2.1.1": Light("蓝", "已完成")},
        trend=tuple(TrendPoint(f"2019-W{week}", week * 5.0, 2, 3) for week in (10, 11, 12)),
    )


def parts(workbook: Path) -> dict[str, str]:
    """Each part of the package, one element a line, with the masks on."""
    found = {}
    with zipfile.ZipFile(workbook) as package:
        for name in package.namelist():
            text = package.read(name).decode().replace("><", ">\n<")
            for what, instead in MASKS:
                text = what.sub(instead, text)
            found[name] = text + "\n"
    return found


def test_the_workbook_is_the_golden_one_part_by_part(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    write_report(small(), LOOK, tmp_path / "report.xlsx")
    made = parts(tmp_path / "report.xlsx")
    if request.config.getoption("--update-golden"):
        shutil.rmtree(GOLDEN, ignore_errors=True)
        for name, text in made.items():
            (GOLDEN / name).parent.mkdir(parents=True, exist_ok=True)
            (GOLDEN / name).write_text(text, encoding="utf-8")
    golden = {
        path.relative_to(GOLDEN).as_posix(): path.read_text(encoding="utf-8")
        for path in GOLDEN.rglob("*")
        if path.is_file()
    }
    assert sorted(made) == sorted(golden)
    for name, text in made.items():
        assert text == golden[name], f"{name} differs; if that is meant: pytest --update-golden"
