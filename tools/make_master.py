"""Write templates/master.xlsx from templates/plan.txt, as ``kepu plan import`` would; a test compares."""

from __future__ import annotations

from pathlib import Path

from kepu_xls import config, plan

ROOT = Path(__file__).resolve().parents[1]

if __name__ == "__main__":
    title = config.load(ROOT / "config.toml").plan.title
    reading = plan.read_document(ROOT / "templates" / "plan.txt", title)
    plan.write_master(reading.plan, ROOT / "templates" / "master.xlsx")
