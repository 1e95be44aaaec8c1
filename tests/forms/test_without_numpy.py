"""openpyxl is loaded without numpy; whoever needs numpy himself has it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("package", ["forms", "plan", "demo"])
def test_openpyxl_loads_no_numpy_and_numpy_can_be_loaded_later(package: str) -> None:
    script = (
        f"import sys, kepu_xls.{package};"
        " assert 'openpyxl' in sys.modules; assert 'numpy' not in sys.modules;"
        "import numpy; assert numpy.arange(3).sum() == 3"
    )
    subprocess.run([sys.executable, "-c", script], env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True)


def test_numpy_that_is_loaded_already_stays() -> None:
    script = "import sys, numpy, kepu_xls.forms; assert sys.modules['numpy'] is numpy"
    subprocess.run([sys.executable, "-c", script], env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True)
