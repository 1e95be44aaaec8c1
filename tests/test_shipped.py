"""What is shipped is what the program would make."""

from __future__ import annotations

from pathlib import Path

from driving import ROOT

from kepu_xls import config, plan


def test_the_shipped_master_is_the_import_of_the_shipped_plan(tmp_path: Path) -> None:
    title = config.load(ROOT / "config.toml").plan.title
    made = tmp_path / "master.xlsx"
    plan.write_master(plan.read_document(ROOT / "templates" / "plan.txt", title).plan, made)
    assert made.read_bytes() == (ROOT / "templates" / "master.xlsx").read_bytes(), "run `make templates`"
