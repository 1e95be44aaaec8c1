"""What the checks find goes with its file, and lights with their tasks, through the real command line."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from driving import Run, kepu
from test_main_job import send_back

PERIOD = "2019-W12"


@pytest.fixture
def opened(tmp_path: Path) -> Path:
    root = tmp_path / "w"
    assert kepu("init", str(root)).code == 0
    assert kepu("-C", str(root), "forms", "--period", PERIOD, "--unit", "区民政局").code == 0
    return root


def merge(root: Path) -> Run:
    return kepu("-C", str(root), "merge", "--period", PERIOD, "--json")


def codes(run: Run, severity: str) -> set[str]:
    return {
        one["code"] for file in run.json["files"] for one in file["findings"] if one["severity"] == severity
    }


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"status": "已完成", "percent": "80"}, "done-is-100"),
        ({"status": "推进中", "percent": "100"}, "100-is-done"),
        ({"status": "滞后", "percent": "10"}, "lagging-needs-problems"),
    ],
)
def test_a_rule_that_is_broken_sends_the_form_back_with_its_cells(
    opened: Path, answers: dict[str, str], error: str
) -> None:
    send_back(opened, PERIOD, "区民政局", **answers)
    run = merge(opened)
    assert run.code == 1
    (line,) = run.json["files"]
    assert line["status"] == "accepted_with_errors"
    assert line["return_copy"]
    broken = [one for one in line["findings"] if one["severity"] == "error"]
    assert {one["code"] for one in broken} == {error}
    assert all(one["cell"] for one in broken)


def test_a_form_that_keeps_the_rules_is_accepted(opened: Path) -> None:
    send_back(opened, PERIOD, "区民政局", status="已完成", percent="100")
    run = merge(opened)
    assert run.code == 0, codes(run, "error")
    assert run.json["files"][0]["return_copy"] is None


def test_an_own_rule_of_the_clerk_is_kept_too(opened: Path) -> None:
    config = opened / "config.toml"
    rule = (
        '[[rules]]\ncode = "many-people"\nexpect = "参与人次 <= 1000"\n'
        'severity = "warning"\nmessage = "人次太多"\n'
    )
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("\n[[rules]]\n", f"\n{rule}\n[[rules]]\n", 1), encoding="utf-8")
    send_back(opened, PERIOD, "区民政局", attendance="5000")
    run = merge(opened)
    assert run.code == 0
    assert "many-people" in codes(run, "warning")


def test_a_rule_that_cannot_be_understood_is_named_with_its_line(opened: Path) -> None:
    config = opened / "config.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("完成率 == 100", "完成律 == 100", 1), encoding="utf-8")
    run = kepu("-C", str(opened), "merge")
    assert run.code == 2
    assert "完成律" in run.err
    assert "第" in run.err


def test_last_weeks_text_pasted_again_is_told_with_both_places(opened: Path) -> None:
    send_back(opened, PERIOD, "区民政局")
    assert merge(opened).code == 0
    assert kepu("-C", str(opened), "forms", "--period", "2019-W13", "--unit", "区民政局").code == 0
    send_back(opened, "2019-W13", "区民政局", percent="55")
    run = kepu("-C", str(opened), "merge", "--period", "2019-W13", "--json")
    assert {"text-repeated", "progress-fell"} <= codes(run, "warning")
    fell = next(
        one for file in run.json["files"] for one in file["findings"] if one["code"] == "progress-fell"
    )
    assert fell["cell"]
    assert "2019-W12" in fell["message"]


def test_every_task_has_its_light_and_the_reason_with_it(opened: Path) -> None:
    send_back(opened, PERIOD, "区民政局", status="滞后", percent="10", problems="缺少场地")
    run = merge(opened)
    book = openpyxl.load_workbook(run.json["report"])
    texts = " ".join(
        str(cell) for row in book["问题与滞后"].iter_rows(values_only=True) for cell in row if cell
    )
    assert "红" in texts
    assert "滞后" in texts


def test_from_three_periods_on_the_report_draws_the_course_of_things(opened: Path) -> None:
    percents = {PERIOD: "50", "2019-W13": "55", "2019-W14": "65"}
    for period, percent in percents.items():
        assert kepu("-C", str(opened), "forms", "--period", period, "--unit", "区民政局").code == 0
        send_back(opened, period, "区民政局", percent=percent, progress=f"{period}：新建三处社区科普阵地。")
        run = kepu("-C", str(opened), "merge", "--period", period, "--json")
    cells = [
        cell
        for row in openpyxl.load_workbook(run.json["report"])["与上期对比"].iter_rows(values_only=True)
        for cell in row
    ]
    assert {50, 55, 65} <= {cell for cell in cells if isinstance(cell, int | float)}
