"""What commands load: nothing that they do not need.  Each runs in an interpreter of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from builders import PLAN
from small_workspace import Small

ROOT = Path(__file__).resolve().parents[1]
RUN = """
import json, sys
from kepu_xls.cli import main
try:
    main(sys.argv[1:])
finally:
    sys.stderr.write("\\n" + json.dumps(sorted(sys.modules)))
"""
WORKBOOKS = ("openpyxl", "xlsxwriter", "python_calamine", "xlrd", "docx", "PIL", "msoffcrypto")
TABLES = ("pandas", "numpy", "dask")
DISPLAY = ("rich",)
SELDOM = ("cn2an", "py7zr", "libarchive", "smtplib", "imaplib", "ssl", "cryptography", "multiprocessing")
INSIDE = ("kepu_xls.plan", "email", "tarfile")  # the master; mails and archives, of which none has come
ELSEWHERE = ("rapidfuzz", *INSIDE, "kepu_xls.checks.across_periods", "kepu_xls.checks.across_units")
LOOKING = (*WORKBOOKS, *TABLES, *DISPLAY, *SELDOM)


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which a unit has reported without a fault, and a report of another lies in the inbox."""
    small = Small(tmp_path_factory.mktemp("startup") / "科普", PLAN)
    assert small.kepu("forms", "--period", "2019-W12").code == 0
    small.report("2019-W12", "区教育局")
    assert small.kepu("merge").code == 0
    small.report("2019-W12", "团区委", progress="组织青年志愿者走进三个社区，举办科普讲座五场。")
    return small.root


def loaded(root: Path, *arguments: str) -> set[str]:
    """Run a command and give the modules that it loaded."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, "-C", str(root), *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize(
    ("arguments", "unneeded"),
    [
        (("--help",), (*LOOKING, "msgspec", "sqlite3", "tomllib", "rapidfuzz", "chinese_calendar")),
        (("status", "--help"), (*LOOKING, "sqlite3", "rapidfuzz", "chinese_calendar")),
        (("status",), (*LOOKING, *ELSEWHERE, "kepu_xls.report", "kepu_xls.lock")),
        (("findings",), (*LOOKING, *ELSEWHERE, "kepu_xls.report", "kepu_xls.lock")),
        (("history", "1.1.1"), (*LOOKING, *ELSEWHERE, "kepu_xls.report")),
        (("merge",), ("openpyxl", "docx", "xlrd", "PIL", "msoffcrypto", *TABLES, *DISPLAY, *SELDOM, *INSIDE)),
        (("forms",), ("xlsxwriter", "docx", "xlrd", "msoffcrypto", *TABLES, *DISPLAY, *SELDOM)),
    ],
)
def test_a_command_loads_nothing_heavy_that_it_does_not_need(
    reported: Path, tmp_path: Path, arguments: tuple[str, ...], unneeded: tuple[str, ...]
) -> None:
    home = shutil.copytree(reported, tmp_path / "home")
    assert loaded(home, *arguments) & set(unneeded) == set()


def test_what_a_command_does_need_would_be_seen(reported: Path, tmp_path: Path) -> None:
    home = shutil.copytree(reported, tmp_path / "home")
    assert {"xlsxwriter", "sqlite3", "kepu_xls.report"} <= loaded(home, "merge")
