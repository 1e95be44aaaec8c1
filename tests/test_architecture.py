"""The house rules: imports point one way, modules stay small, nothing heavy is loaded for help."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "kepu_xls"

# from the ground up: a module may import what stands on a lower line, and its own package
LAYERS = (
    ("__init__", "without_numpy", "on_demand"),
    ("model",),
    ("messages", "outcome", "appearance", "limits", "mail_settings", "districts", "shown_names", "packed"),
    ("errors",),
    ("periods", "identity", "progress", "rulebook", "succession", "mime", "digits"),
    ("config", "workspace", "rating"),
    ("libreoffice", "lock", "ledger", "engine"),
    ("plan", "forms", "mail", "intake", "checks", "merge", "report", "rollup", "demo"),
    ("commands",),
    ("rendering",),
    ("console", "chinese"),
    ("cli",),
    ("__main__",),
)
HEIGHT = {name: number for number, layer in enumerate(LAYERS) for name in layer}
MODULES = sorted(PACKAGE.rglob("*.py"))


def _name(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imported(path: Path) -> set[str]:
    """Every part of kepu_xls that a module imports, inside functions too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            parts = node.module.split(".")
            if parts[0] == "kepu_xls":
                names |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("kepu_xls.")}
    return {
        name if (PACKAGE / name).exists() or (PACKAGE / f"{name}.py").exists() else "__init__"
        for name in names
    }


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_downwards(path: Path) -> None:
    here = _name(path)
    wrong = {name for name in _imported(path) if name != here and HEIGHT[name] >= HEIGHT[here]}
    assert not wrong, f"{path.name} reaches up or sideways to {sorted(wrong)}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_stays_under_400_lines_and_says_what_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    assert ast.get_docstring(ast.parse(text)), "no module docstring"


PURE = ("checks", "rulebook", "merge", "intake/values.py", "intake/locate.py")
WORLDLY = {"os", "pathlib", "sqlite3", "time", "subprocess", "tempfile", "shutil", "socket"}


@pytest.mark.parametrize("place", PURE)
def test_pure_logic_knows_no_files_clock_or_ledger(place: str) -> None:
    paths = [PACKAGE / place] if place.endswith(".py") else sorted((PACKAGE / place).rglob("*.py"))
    assert paths
    for path in paths:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {
            (node.module or "").split(".")[0]
            if isinstance(node, ast.ImportFrom)
            else alias.name.split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        assert not imported & WORLDLY
        assert "ledger" not in _imported(path)
        calls = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not calls & {"now", "today"}


def test_only_the_ledger_knows_sql() -> None:
    knowing = {_name(path) for path in MODULES if "sqlite3" in path.read_text(encoding="utf-8")}
    assert knowing == {"ledger"}


def test_only_the_console_and_the_command_line_print() -> None:
    printing = {
        _name(path)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("print", "click.echo", "click.secho")
    }
    assert printing == {"console", "cli"}


HEAVY = ("pandas", "openpyxl", "xlsxwriter", "docx", "python_calamine", "rich.table", "chinese_calendar")


@pytest.mark.parametrize("arguments", [["--help"], ["merge", "--help"], ["plan", "import", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    script = (
        "import sys\nfrom kepu_xls.cli import main\n"
        f"try: main({arguments!r})\nexcept SystemExit as end: assert not end.code\n"
        f"heavy = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "用法：" in result.stdout
