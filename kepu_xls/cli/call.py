"""What a command line says to all its commands, and the options that several of them have."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from kepu_xls.commands.results import Result
    from kepu_xls.commands.session import Session
    from kepu_xls.console import Console
    from kepu_xls.workspace import Workspace


class Call:
    """What a command line says to all its commands."""

    def __init__(self, folder: Path | None, *, debug: bool) -> None:
        self._folder = folder
        self.debug = debug
        self.console = console(as_json=False)

    def json(self) -> None:
        """Answer with one JSON object on stdout."""
        self.console = console(as_json=True)

    def workspace(self) -> Workspace:
        """Find the workspace: ``-C``, ``KEPU_WORKSPACE``, else upward from here."""
        from kepu_xls import workspace  # noqa: PLC0415 - only where a command needs one

        return workspace.find(_here(), self._folder)

    def run(self, command: Callable[[Session], Result], *, writing: bool) -> None:
        """Open the workspace, run a command in it, show its result and leave with its exit code."""
        from kepu_xls.commands import session  # noqa: PLC0415 - as above

        with session.opened(self.workspace(), now(), writing=writing) as one:
            result = command(one)
        self.finish(result)

    def finish(self, result: Result) -> None:
        """Show a result and leave with its exit code."""
        sys.exit(self.console.finish(result))


def _here() -> Path:
    from kepu_xls.errors import InputError  # noqa: PLC0415 - as above

    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise InputError("folder-gone") from error


def console(*, as_json: bool) -> Console:
    """Give the console, which `kepu --help` does without."""
    from kepu_xls.console import Console  # noqa: PLC0415 - as said

    return Console(as_json=as_json)


def now() -> datetime:
    """Read the clock: local time without a zone, as clerks and file systems have it, to the second."""
    return datetime.now().replace(microsecond=0)  # noqa: DTZ005 - local time is meant


def _json(context: click.Context, _option: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click calls it
    call = context.find_object(Call)
    if value and call is not None:
        call.json()


json_option = click.option(
    "--json", is_flag=True, expose_value=False, callback=_json, help="只输出一个 JSON 对象，供其他程序使用"
)
period_option = click.option(
    "--period", metavar="期次", help="如 2019-W12、2019-03、2019-Q1、2019-H1、2019；不写就是最近开启的一期"
)
