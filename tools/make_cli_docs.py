"""Write docs/cli.md from the command line's own ``--help``; ``make docs`` runs it, a test compares."""

from __future__ import annotations

from pathlib import Path

import click

from kepu_xls.cli import kepu

TARGET = Path(__file__).resolve().parents[1] / "docs" / "cli.md"

HEAD = """\
# The command line

Written by `make docs` from `kepu --help`; do not edit.

Exit codes: 0 done; 1 done, but something needs a person; 2 wrong usage or configuration; 3 the surroundings
failed (disk, rights, lock, a report that is open elsewhere, a missing program).
"""


def render() -> str:
    """Give the whole text of docs/cli.md."""
    return HEAD + "".join(_sections(kepu, ["kepu"]))


def _sections(command: click.Command, words: list[str]) -> list[str]:
    context = command.make_context(" ".join(words), [], resilient_parsing=True, terminal_width=100)
    text = command.get_help(context)
    own = f"\n## `{' '.join(words)}`\n\n```text\n{text}\n```\n"
    inner = command.commands if isinstance(command, click.Group) else {}
    return [own, *(part for name, one in inner.items() for part in _sections(one, [*words, name]))]


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8")
