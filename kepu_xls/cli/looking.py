"""The commands that look and change nothing; and the demo."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kepu_xls.chinese import Command
from kepu_xls.cli.call import json_option, now, period_option

if TYPE_CHECKING:
    from kepu_xls.chinese import Command
from kepu_xls.cli.call import Call


@click.command(cls=Command, example="kepu status --chase")
@period_option
@click.option(
    "--chase", is_flag=True, help="写好催报的话，可以直接粘贴到微信：发群的、发各单位的，附联系方式"
)
@json_option
@click.pass_obj
def status(call: Call, period: str | None, *, chase: bool) -> None:
    """看谁报了、谁没报、谁的表要改，填得全不全、早报还是迟报（工作日）。"""
    from kepu_xls.commands.status import status as verb  # noqa: PLC0415 - heavy

    call.run(lambda session: verb(session, period, chasing=chase), writing=False)


@click.command(cls=Command, example="kepu findings --unit 区科协 --severity error")
@period_option
@click.option("--unit", "units", metavar="单位", multiple=True, help="只列这个单位的，可以写几次")
@click.option(
    "--severity",
    "severities",
    metavar="级别",
    type=click.Choice(["error", "warning", "info"]),
    multiple=True,
    help="只列这一级的：error 错误、warning 提醒、info 说明，可以写几次",
)
@json_option
@click.pass_obj
def findings(call: Call, period: str | None, units: tuple[str, ...], severities: tuple[str, ...]) -> None:
    """列出检查发现的全部问题，错误在前，每条写明文件和单元格。"""
    from kepu_xls.commands.findings import findings as verb  # noqa: PLC0415 - heavy

    call.run(lambda session: verb(session, period, units, severities), writing=False)


@click.command(cls=Command, example="kepu history 2.3.1")
@click.argument("name", metavar="任务编号或单位")
@json_option
@click.pass_obj
def history(call: Call, name: str) -> None:
    """看一项任务或一个单位历期的情况；单位更名、合并以前的也在内，写旧名称也可以。"""
    from kepu_xls.commands.history import history as verb  # noqa: PLC0415 - heavy

    call.run(lambda session: verb(session, name), writing=False)


@click.command(cls=Command, example="kepu demo 演示")
@click.argument(
    "directory", metavar="[文件夹]", required=False, type=click.Path(file_okay=False, path_type=Path)
)
@json_option
@click.pass_obj
def demo(call: Call, directory: Path | None) -> None:
    """在一个新文件夹里，用真实的任务分解表把全过程演示一遍。"""
    from kepu_xls.commands.demo import demo as verb  # noqa: PLC0415 - heavy

    call.finish(verb(directory, track=call.console.track, say=call.console.say))


@click.command(cls=Command, example="kepu doctor")
@json_option
@click.pass_obj
def doctor(call: Call) -> None:
    """检查配置、模板、台账、收到的原件、邮件服务器、字体和 LibreOffice，什么都不改。"""
    from kepu_xls.commands.doctor import doctor as verb  # noqa: PLC0415 - heavy

    call.finish(verb(call.workspace(), now()))
