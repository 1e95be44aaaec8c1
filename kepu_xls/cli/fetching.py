"""The commands that bring replies in, and the weekly job that a scheduler runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kepu_xls.chinese import Command
from kepu_xls.cli.call import json_option, now, period_option

if TYPE_CHECKING:
    from kepu_xls.cli.call import Call


@click.command(cls=Command, example="kepu fetch")
@period_option
@json_option
@click.pass_obj
def fetch(call: Call, period: str | None) -> None:
    """从邮箱收取各单位发来的表，放进 inbox；每封只收一次，邮箱里的邮件从不删除。"""
    from kepu_xls.commands.fetch import fetch as verb  # noqa: PLC0415 - heavy

    call.run(lambda session: verb(session, period, track=call.console.track), writing=True)


@click.command(cls=Command, example="kepu run")
@period_option
@json_option
@click.pass_obj
def run(call: Call, period: str | None) -> None:
    """收信、合并、看进度，按设置催报：给定时任务用，每步一行，同时记在 outbox/run.log。"""
    from kepu_xls.commands.run import run as verb  # noqa: PLC0415 - heavy

    call.finish(verb(call.workspace(), now, period, say=call.console.say))
