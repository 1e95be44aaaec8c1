"""The documents that are made from the program are up to date."""

from __future__ import annotations

import runpy
from pathlib import Path

import click
import pytest

from kepu_xls.cli import kepu

ROOT = Path(__file__).resolve().parents[1]


def test_docs_cli_is_what_help_says() -> None:
    made = runpy.run_path(str(ROOT / "tools" / "make_cli_docs.py"))
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == made["render"](), "run `make docs`"


def _commands(group: click.Group, prefix: str = "") -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []
    for name, command in group.commands.items():
        inner = isinstance(command, click.Group)
        found += _commands(command, f"{prefix}{name} ") if inner else [(f"{prefix}{name}", command)]
    return found


@pytest.mark.parametrize(("name", "command"), _commands(kepu))
def test_every_command_has_a_help_text_an_example_and_a_place_in_the_readme(
    name: str, command: click.Command
) -> None:
    assert command.help
    assert f"例：kepu {name}" in str(command.epilog)
    assert all(
        getattr(parameter, "help", "") for parameter in command.params if isinstance(parameter, click.Option)
    )
    assert f"kepu {name}" in (ROOT / "README.md").read_text(encoding="utf-8")
