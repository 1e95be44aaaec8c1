"""`kepu plan …` as a clerk uses it: import over a master that has been worked in, check, show."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from driving import ROOT, kepu


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace whose clerk has filled in a contact, an alias, and decided about two indicators."""
    root = tmp_path / "w"
    assert kepu("init", str(root)).code == 0
    edit(root, "单位", "区科协", 邮箱="kexie@example.com", 别名="区科学技术协会", 联系人="办公室")
    edit(root, "指标", "“科普智慧云”互动大屏", 确认="是", 目标值=12)
    edit(root, "指标", "国家级科普教育基地", 确认="否")
    return root


def edit(root: Path, sheet: str, name: str, **values: object) -> None:
    """Set cells of the row that has a name in it, by their column heads."""
    path = root / "templates" / "master.xlsx"
    book = openpyxl.load_workbook(path)
    heads = {str(cell.value): cell.column for cell in book[sheet][1]}
    row = next(row for row in book[sheet].iter_rows() if name in {cell.value for cell in row})
    for head, value in values.items():
        book[sheet].cell(row[0].row, heads[head]).value = value
    book.save(path)


def rows(root: Path, sheet: str) -> dict[str, dict[str, object]]:
    table = list(
        openpyxl.load_workbook(root / "templates" / "master.xlsx")[sheet].iter_rows(values_only=True)
    )
    key = {"任务": 0, "单位": 0, "指标": 1}[sheet]
    return {str(row[key]): dict(zip(map(str, table[0]), row, strict=True)) for row in table[1:] if row[key]}


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The plan's next edition: a task reworded, a unit renamed in one task."""
    text = (ROOT / "templates" / "plan.txt").read_text(encoding="utf-8")
    path = tmp_path / "新方案.txt"
    path.write_text(text.replace("实施社区科普标准化建设", "推进社区科普标准化建设", 1), encoding="utf-8")
    return path


def test_importing_the_same_again_changes_nothing(workspace: Path) -> None:
    before = (workspace / "templates" / "master.xlsx").read_bytes()
    run = kepu("-C", str(workspace), "plan", "import", str(ROOT / "templates" / "plan.txt"))
    assert run.code == 0
    assert "没有改动" in run.out
    assert (workspace / "templates" / "master.xlsx").read_bytes() == before


def test_without_a_yes_nothing_is_written_and_the_changes_are_shown(workspace: Path, newer: Path) -> None:
    before = (workspace / "templates" / "master.xlsx").read_bytes()
    run = kepu("-C", str(workspace), "plan", "import", str(newer))
    assert run.code == 1
    assert "2.2.1" in run.out
    assert "--yes" in run.out
    assert (workspace / "templates" / "master.xlsx").read_bytes() == before


def test_with_yes_the_clerks_own_work_stays(workspace: Path, newer: Path) -> None:
    run = kepu("-C", str(workspace), "plan", "import", str(newer), "--yes", "--json")
    assert run.code == 0
    assert run.json["written"]
    assert [(one["name"], one["field"]) for one in run.json["changes"]] == [("2.2.1", "主要任务")]
    assert "推进社区科普标准化建设" in str(rows(workspace, "任务")["2.2.1"]["主要任务"])
    unit = rows(workspace, "单位")["区科协"]
    assert (unit["邮箱"], unit["别名"], unit["联系人"]) == ("kexie@example.com", "区科学技术协会", "办公室")
    indicators = rows(workspace, "指标")
    assert indicators["“科普智慧云”互动大屏"]["目标值"] == 12
    assert indicators["国家级科普教育基地"]["确认"] == "否"


@pytest.mark.skipif(not hasattr(os, "forkpty"), reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("answer", "code", "written"), [(b"y\n", 0, True), (b"n\n", 1, False)])
def test_on_a_terminal_the_clerk_is_asked(
    workspace: Path, newer: Path, answer: bytes, code: int, *, written: bool
) -> None:
    before = (workspace / "templates" / "master.xlsx").read_bytes()
    ours, theirs = pty.openpty()
    os.write(ours, answer)
    process = subprocess.Popen(
        [sys.executable, "-m", "kepu_xls", "-C", str(workspace), "plan", "import", str(newer)],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )
    out, _ = process.communicate()
    os.close(theirs)
    os.close(ours)
    assert process.returncode == code
    assert "吗" in out.decode()
    assert ((workspace / "templates" / "master.xlsx").read_bytes() != before) is written


def test_check_finds_faults_at_their_cells(workspace: Path) -> None:
    assert kepu("-C", str(workspace), "plan", "check").code == 0
    edit(workspace, "任务", "2.2.1", 牵头单位="区科邪")
    run = kepu("-C", str(workspace), "plan", "check", "--json")
    assert run.code == 1
    wrong = [one for one in run.json["findings"] if one["severity"] == "error"]
    assert [(one["file"], one["sheet"], one["cell"][0]) for one in wrong] == [("master.xlsx", "任务", "E")]
    assert "区科协" in wrong[0]["message"] + wrong[0]["remedy"]  # a suggestion


def test_show_draws_tasks_and_units(workspace: Path) -> None:
    run = kepu("-C", str(workspace), "plan", "show")
    assert run.code == 0
    assert "2.6.4" in run.out
    assert "kexie@example.com" in run.out
    assert "35 项任务，20 个单位" in run.out


def test_init_overwrites_nothing(workspace: Path) -> None:
    before = {path: path.read_bytes() for path in workspace.rglob("*") if path.is_file()}
    run = kepu("init", str(workspace))
    assert run.code == 0
    assert {path: path.read_bytes() for path in workspace.rglob("*") if path.is_file()} == before


def test_init_with_a_document_that_is_no_plan_lays_out_nothing(tmp_path: Path) -> None:
    run = kepu("init", str(tmp_path / "w"), "--plan", str(ROOT / "LICENSE"))
    assert run.code == 2
    assert not (tmp_path / "w").exists()
