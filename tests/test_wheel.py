"""The wheel works far from any checkout, with what `kepu init` lays out inside it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from driving import ROOT


def _run(*command: str, cwd: Path, site: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(site), "PYTHONUTF8": "1"}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def test_an_installed_wheel_lays_out_a_workspace_and_writes_forms(tmp_path: Path) -> None:
    site = tmp_path / "site"
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    wheel = next(tmp_path.glob("*.whl"))
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), str(wheel)],
        check=True,
        capture_output=True,
    )
    where = _run(sys.executable, "-c", "import kepu_xls; print(kepu_xls.__file__)", cwd=tmp_path, site=site)
    assert str(site) in where.stdout
    made = _run(sys.executable, "-m", "kepu_xls", "init", "x", cwd=tmp_path, site=site)
    assert made.returncode == 0, made.stderr
    forms = _run(sys.executable, "-m", "kepu_xls", "-C", "x", "forms", cwd=tmp_path, site=site)
    assert forms.returncode == 0, forms.stderr
    assert len(list((tmp_path / "x" / "outbox").rglob("*.xlsx"))) == 20
