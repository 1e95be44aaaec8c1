"""openpyxl is loaded without numpy; whoever needs numpy himself has it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "name", ["forms import load_template", "plan import write_master", "demo import Story"]
)
def test_openpyxl_loads_no_numpy_and_numpy_can_be_loaded_later(name: str) -> None:
    script = (
        f"import sys; from kepu_xls.{name};"
        " assert 'openpyxl' in sys.modules; assert 'numpy' not in sys.modules;"
        "import numpy; assert numpy.arange(3).sum() == 3"
    )
    subprocess.run([sys.executable, "-c", script], env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True)


def test_numpy_that_is_loaded_already_stays() -> None:
    script = (
        "import sys, numpy; from kepu_xls.forms import load_template; assert sys.modules['numpy'] is numpy"
    )
    subprocess.run([sys.executable, "-c", script], env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True)


def test_forms_as_such_do_without_openpyxl() -> None:
    script = "import sys; from kepu_xls.forms import ReturnPress; assert 'openpyxl' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True)
