"""docs/checks.md says what the catalogue and the configuration say; every check is tried in a test."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest
from builders import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
TESTS = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests").rglob("test_*.py")))


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "tools" / "make_checks_docs.py"))


def test_docs_checks_is_what_the_catalogue_says(made: dict[str, Any]) -> None:
    assert made["render"]() == TEXT, "run `make docs`"


def test_every_section_of_the_catalogue_is_checks_or_is_not(made: dict[str, Any]) -> None:
    known = set(made["SECTIONS"]) | set(made["OTHER_SECTIONS"])
    assert set(made["sections"]()) <= known, "say in tools/make_checks_docs.py what the new section holds"
    assert set(made["SECTIONS"]) <= set(made["sections"]())


def test_every_check_has_a_line_and_a_test(made: dict[str, Any]) -> None:
    codes = [rule.code for rule in SETTINGS.rules]
    for section, own in made["sections"]().items():
        if section.startswith("checks"):
            codes += own
    for code in codes:
        assert f"| `{code}` |" in TEXT
        assert f'"{code}"' in TESTS, "no test tries it"
