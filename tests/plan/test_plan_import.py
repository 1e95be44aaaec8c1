"""`kepu plan import` onto a master that is there: what is shown and kept, and a master that is broken."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from driving import kepu

from kepu_xls.rendering import differing

FIRST = "主要任务\t牵头单位\n任务甲：推进科普场馆建设，改善基础条件\t区科协\n任务乙\t区科协\n"
INSERTED = FIRST.replace("任务甲", "新任务\t区教育局\n任务甲").replace("改善基础", "改善全区基础")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "first.txt").write_text(FIRST, encoding="utf-8")
    (tmp_path / "second.txt").write_text(INSERTED, encoding="utf-8")
    root = tmp_path / "w"
    assert kepu("init", str(root), "--plan", str(tmp_path / "first.txt")).code == 0
    return root


def test_changes_show_what_differs_and_the_old_master_is_kept(workspace: Path) -> None:
    master = workspace / "templates" / "master.xlsx"
    before = master.read_bytes()
    document = str(workspace.parent / "second.txt")
    run = kepu("-C", str(workspace), "plan", "import", document)
    assert run.code == 1
    assert "改动\t任务\t1.1.1\t主要任务\t" in run.out
    assert "改善全区基础" in run.out
    assert "新增\t任务\t1.1.3\t主要任务\t\t新任务" in run.out
    assert not (workspace / "archive").exists() or not list((workspace / "archive").glob("master-*"))
    run = kepu("-C", str(workspace), "plan", "import", document, "--yes", "--json")
    assert run.code == 0
    assert run.json["kept"].startswith("archive/master-")
    assert (workspace / run.json["kept"]).read_bytes() == before
    assert [(one["kind"], one["label"], one["name"]) for one in run.json["changes"]][-1] == (
        "added",
        "新增",
        "区教育局",
    )
    numbers = [cell.value for cell in openpyxl.load_workbook(master)["任务"]["A"]]
    assert numbers == ["编号", "1.1.1", "1.1.2", "1.1.3"]


def test_a_master_that_cannot_be_opened_is_put_aside_with_a_yes(workspace: Path) -> None:
    master = workspace / "templates" / "master.xlsx"
    master.write_bytes(b"PK\x03\x04cut")
    run = kepu("-C", str(workspace), "plan", "check")
    assert run.code == 2
    assert "--yes" in run.err
    document = str(workspace.parent / "first.txt")
    assert kepu("-C", str(workspace), "plan", "import", document).code == 1
    assert master.read_bytes() == b"PK\x03\x04cut"
    run = kepu("-C", str(workspace), "plan", "import", document, "--yes", "--json")
    assert run.code == 0
    assert (workspace / run.json["kept"]).read_bytes() == b"PK\x03\x04cut"
    assert kepu("-C", str(workspace), "plan", "show").code == 0


def test_numbers_that_a_period_has_used_are_not_given_again(workspace: Path) -> None:
    assert kepu("-C", str(workspace), "forms", "--period", "2019-W12").code == 0
    other = workspace.parent / "other.txt"
    other.write_text("主要任务\t牵头单位\n另一项\t区科协\n", encoding="utf-8")
    run = kepu("-C", str(workspace), "plan", "import", str(other), "--yes", "--json")
    assert [one["name"] for one in run.json["changes"] if one["kind"] == "added"] == ["2.1.1"]


def test_of_two_long_texts_the_part_that_differs_is_shown() -> None:
    assert differing("", "新任务") == ("", "新任务")
    long = "甲" * 30
    assert differing(f"{long}旧{long}", f"{long}新的{long}") == (
        f"…{'甲' * 6}旧{'甲' * 6}…",
        f"…{'甲' * 6}新的{'甲' * 6}…",
    )
    assert differing(long, f"{long}乙") == (f"…{'甲' * 6}", f"…{'甲' * 6}乙")
