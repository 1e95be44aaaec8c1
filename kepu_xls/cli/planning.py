"""The commands before the first week: a workspace, and its master task table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kepu_xls.chinese import Command, Group
from kepu_xls.cli.call import json_option, now

if TYPE_CHECKING:
    from kepu_xls.chinese import Command, Group
from kepu_xls.cli.call import Call


@click.command(cls=Command, example="kepu init 科普任务 --plan 任务分解表.docx")
@click.argument("directory", metavar="文件夹", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--plan",
    "document",
    metavar="文件",
    type=click.Path(path_type=Path),
    help="任务分解表（txt、docx、doc、xlsx）；不写就用随程序提供的那一份",
)
@json_option
@click.pass_obj
def init(call: Call, directory: Path, document: Path | None) -> None:
    """建立一个工作文件夹：配置、模板、任务总表；已有的文件一概不动。"""
    from kepu_xls.commands import plan  # noqa: PLC0415 - heavy

    call.finish(plan.init(directory, document, now()))


@click.group(cls=Group)
def plan() -> None:
    """任务总表：导入、检查、查看（templates/master.xlsx，用 WPS 打开即可修改）。"""


@plan.command("import", example="kepu plan import 任务分解表.docx")
@click.argument("document", metavar="文件", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="不再询问，直接按列出的改动写入")
@json_option
@click.pass_obj
def plan_import(call: Call, document: Path, *, yes: bool) -> None:
    """把任务分解表导入为 templates/master.xlsx；已填的联系人、别名和已确认的指标都会保留。"""
    from kepu_xls.commands import plan as verbs  # noqa: PLC0415 - heavy

    call.run(
        lambda session: verbs.import_plan(
            session, document, lambda changes: call.console.agree(changes, yes=yes)
        ),
        writing=True,
    )


@plan.command("check", example="kepu plan check")
@json_option
@click.pass_obj
def plan_check(call: Call) -> None:
    """检查任务总表：写错的单位、重复的编号、没有牵头单位的任务等，逐条指出在哪一格。"""
    from kepu_xls.commands import plan as verbs  # noqa: PLC0415 - heavy

    call.run(verbs.check, writing=False)


@plan.command("show", example="kepu plan show")
@json_option
@click.pass_obj
def plan_show(call: Call) -> None:
    """列出任务和单位。"""
    from kepu_xls.commands import plan as verbs  # noqa: PLC0415 - heavy

    call.run(verbs.show, writing=False)
