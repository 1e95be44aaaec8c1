"""Nothing is lost, ever: a merge killed at any moment and run again ends as if it had never been killed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from driving import ROOT, kepu

from kepu_xls.identity import FORM_SHEET, TASK_KEY

PERIOD = "2019-W12"
POINTS = 16
"""So many moments, spread over the whole run, at which the process is killed."""


def fill(form: Path, target: Path, percent: str) -> None:
    book = openpyxl.load_workbook(form)
    sheet = book[FORM_SHEET]
    head = next(row for row in sheet.iter_rows() if row[0].value == TASK_KEY)
    columns = {str(cell.value): cell.column for cell in head}
    for row in range(head[0].row + 2, sheet.max_row + 1):
        if sheet.cell(row, 1).value:
            sheet.cell(row, columns["status"]).value = "推进中"
            sheet.cell(row, columns["percent"]).value = percent
            sheet.cell(row, columns["progress"]).value = "已完成两批次培训，覆盖三个街道。"
    book.save(target)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a merge behind it and three new files in the inbox, one with errors."""
    root = tmp_path_factory.mktemp("ready") / "w"
    assert kepu("init", str(root)).code == 0
    units = ("区委党校", "区文体局", "区财政局")
    named = [word for unit in units for word in ("--unit", unit)]
    assert kepu("-C", str(root), "forms", "--period", PERIOD, *named).code == 0
    forms = sorted((root / "outbox" / PERIOD / "forms").iterdir())
    fill(forms[0], root / "inbox" / "第一份.xlsx", "50")
    assert kepu("-C", str(root), "merge").code in (0, 1)
    fill(forms[0], root / "inbox" / "又一份.xlsx", "60")
    fill(forms[1], root / "inbox" / "子文件夹.xlsx", "150")
    fill(forms[2], root / "inbox" / "第三份.xlsx", "70")
    return root


def merged(root: Path) -> tuple[dict[str, object], list[str], list[tuple[object, ...]]]:
    """What a merge comes to: its JSON, all files but the ledger, and the detail of the report."""
    run = kepu("-C", str(root), "merge", "--json")
    assert run.code == 1, run.err
    text = re.sub(re.escape(str(root)), "", run.out)
    files = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    detail = list(openpyxl.load_workbook(run.json["report"])["明细数据"].iter_rows(values_only=True))
    return {"json": re.sub(r'"new_files": \d+', "", text)}, files, detail


def run_killed(root: Path, when: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "tests" / "killing.py"), str(when), "-C", str(root), "merge"]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=_environment())


def _environment() -> dict[str, str]:
    """The child finds the program where this test does, and writes nothing but its work."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def test_a_merge_killed_at_any_moment_ends_as_if_it_never_had_been(ready: Path, tmp_path: Path) -> None:
    reference = tmp_path / "reference"
    shutil.copytree(ready, reference)
    counted = run_killed(reference, 0)
    total = int(re.findall(r"changes=(\d+)", counted.stderr)[0])
    assert total > POINTS
    expected = merged(reference)
    for number in range(POINTS):
        when = 1 + number * (total - 1) // (POINTS - 1)
        root = tmp_path / f"killed-{when}"
        shutil.copytree(ready, root)
        inbox = {path: path.read_bytes() for path in (root / "inbox").rglob("*") if path.is_file()}
        assert run_killed(root, when).returncode == -signal.SIGKILL
        assert merged(root) == expected, f"killed before change {when} of {total}"
        assert {path: path.read_bytes() for path in (root / "inbox").rglob("*") if path.is_file()} == inbox
        shutil.rmtree(root)


def test_a_full_disk_leaves_the_last_good_report(ready: Path, tmp_path: Path) -> None:
    root = tmp_path / "w"
    shutil.copytree(ready, root)
    report = root / "outbox" / PERIOD / f"汇总_{PERIOD}.xlsx"
    before = report.read_bytes()
    limit = (
        f"ulimit -f 8; trap '' XFSZ; exec {sys.executable} -m kepu_xls -C '{root}' merge"  # 8 blocks of 1 KiB
    )
    run = subprocess.run(
        ["bash", "-c", limit], capture_output=True, text=True, check=False, env=_environment()
    )
    assert run.returncode == 3, run.stderr
    assert "磁盘空间不足" in run.stderr
    assert report.read_bytes() == before
    reference = tmp_path / "reference"
    shutil.copytree(ready, reference)
    assert merged(root) == merged(reference)


def test_of_two_merges_at_once_one_works_and_the_other_names_it(ready: Path, tmp_path: Path) -> None:
    root = tmp_path / "w"
    shutil.copytree(ready, root)
    commands = [[sys.executable, "-m", "kepu_xls", "-C", str(root), "merge"]] * 2
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment())
        for command in commands
    ]
    ended = [(process.communicate(), process.returncode) for process in running]
    codes = sorted(code for _, code in ended)
    assert codes in ([1, 1], [1, 3])  # 1: done, a cell is wrong; both may finish where one was quick
    for (_, err), code in ended:
        assert code != 3 or "另一个 kepu 正在" in err.decode()
    reference = tmp_path / "reference"
    shutil.copytree(ready, reference)
    assert merged(root) == merged(reference)
