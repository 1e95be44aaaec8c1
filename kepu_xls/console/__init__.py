"""The one place that prints: results as text or JSON, progress, failures, exit codes."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

import click
import msgspec

from kepu_xls.commands.results import ChangeLine, Result
from kepu_xls.console import showing_fetch, showing_mail  # noqa: F401 - adds what `show` knows
from kepu_xls.console.showing import show
from kepu_xls.console.terminal import Terminal, clean
from kepu_xls.errors import KepuError
from kepu_xls.model import Finding

T = TypeVar("T")

_PATIENCE = 1.0
"""Seconds of work after which a progress bar appears."""


class Console:
    """Shows results and progress; ``as_json`` puts one object on stdout and nothing else."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json
        self._terminal = Terminal()

    def finish(self, result: Result) -> int:
        """Show a result and give the command's exit code."""
        if self.as_json:
            self._json(result)
        else:
            show(result, self._terminal)
        return result.exit_code

    def fail(self, error: KepuError) -> int:
        """Show a failure in two lines and give its exit code."""
        self.problem(error.finding)
        return error.exit_code

    def problem(self, finding: Finding) -> None:
        """Show what stops a command: on stderr, or as ``{"error": …}`` with ``--json``."""
        if self.as_json:
            self._json({"error": msgspec.to_builtins(finding)})
            return
        place = f"{finding.place}：" if str(finding.place) else ""
        click.secho(f"出错了：{clean(place)}{clean(finding.message)}", fg="red", err=True)
        if finding.remedy:
            click.echo(f"怎么办：{clean(finding.remedy)}", err=True)

    @staticmethod
    def _json(value: object) -> None:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
        sys.stdout.flush()

    def say(self, text: str) -> None:
        """Print a line for people; nothing with ``--json``."""
        if not self.as_json:
            self._terminal.say(text)

    def track(self, items: Iterable[T], label: str, total: int) -> Iterator[T]:
        """Pass items through; on a terminal a bar appears once the work has taken over a second."""
        if self.as_json or not sys.stderr.isatty():
            yield from items
            return
        from rich.progress import Progress  # noqa: PLC0415 - only for people who watch

        started = time.monotonic()
        with Progress(transient=True, disable=False) as bar:
            task = bar.add_task(label, total=total, visible=False)
            for item in items:
                yield item
                bar.update(task, advance=1, visible=time.monotonic() - started > _PATIENCE)

    def agree(self, changes: tuple[ChangeLine, ...], *, yes: bool) -> bool:
        """Show what an import would change and ask; without a terminal only ``yes`` agrees."""
        if yes:
            return True
        if self.as_json:
            return False
        self._terminal.changes(changes)
        if not sys.stdin.isatty():
            click.echo("没有改动任务总表。确认要改，请加 --yes 再运行一次。")
            return False
        return click.confirm("按上面所列改动任务总表吗？", default=False)
