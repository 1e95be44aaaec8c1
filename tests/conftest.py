"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kepu_xls import libreoffice

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def convert() -> Callable[[Path, str, Path], Path]:
    """LibreOffice's conversion (source, format, folder) -> file; skipped where missing, never in CI."""
    if libreoffice.find() is None:
        if os.environ.get("CI"):
            pytest.fail("LibreOffice is missing in CI")
        pytest.skip("LibreOffice is not installed")
    return libreoffice.convert


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write golden files anew")
