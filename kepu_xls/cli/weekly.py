"""The commands of a week: forms out, forms in, the consolidated workbook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kepu_xls.chinese import Command
from kepu_xls.cli.call import json_option, period_option

if TYPE_CHECKING:
    from kepu_xls.chinese import Command
from kepu_xls.cli.call import Call


@click.command(cls=Command, example="kepu forms --period 2019-W12")
@period_option
@click.option("--unit", "units", metavar="单位", multiple=True, help="只生成这个单位的，可以写几次")
@click.option("--reissue", is_flag=True, help="任务总表或栏目改过之后，按新的重新开启这一期")
@json_option
@click.pass_obj
def forms(call: Call, period: str | None, units: tuple[str, ...], *, reissue: bool) -> None:
    """开启一期，在 outbox/期次/forms 里给每个单位生成一份填报表。"""
    from kepu_xls.commands.forms import issue  # noqa: PLC0415 - heavy

    call.run(
        lambda session: issue(session, period, units, reissue=reissue, track=call.console.track), writing=True
    )


@click.command(cls=Command, example="kepu merge")
@period_option
@click.option("--strict", is_flag=True, help="有单位未报时，也以退出码 1 结束")
@click.option(
    "--engine",
    metavar="方式",
    default="auto",
    help="auto 自动（默认）、serial 逐个、threads 多线程、processes 多进程、dask 或 dask://主机:端口 集群",
)
@click.option("--accept-late", metavar="单位", multiple=True, help="收下这个单位过了停收时间才到的表")
@click.option("-v", "--verbose", is_flag=True, help="说明用哪种方式读取、为什么、每秒读几个文件")
@json_option
@click.pass_obj
def merge(
    call: Call, period: str | None, engine: str, accept_late: tuple[str, ...], *, strict: bool, verbose: bool
) -> None:
    """收取 inbox 里的表，检查、合并，写出汇总表；原件保存在 archive，inbox 不会改动。"""
    from kepu_xls.commands import merge as verb  # noqa: PLC0415 - heavy

    call.run(
        lambda session: verb.merge(
            session,
            period,
            strict=strict,
            engine_name=engine,
            accept_late=accept_late,
            track=call.console.track,
            tell=call.console.say if verbose else None,
        ),
        writing=True,
    )


@click.command(cls=Command, example="kepu void 区科协_2019-W12_进展填报表.xlsx --why 误发了草稿")
@click.argument("name", metavar="文件")
@click.option("--why", metavar="原因", required=True, help="为什么作废，会写进汇总表")
@period_option
@json_option
@click.pass_obj
def void(call: Call, name: str, why: str, period: str | None) -> None:
    """作废一个已收的文件，重新合并；文件本身仍在，随时可以恢复。"""
    from kepu_xls.commands.void import void as verb  # noqa: PLC0415 - heavy

    call.run(lambda session: verb(session, name, why, period), writing=True)


@click.command(cls=Command, example="kepu restore 区科协_2019-W12_进展填报表.xlsx")
@click.argument("name", metavar="文件")
@period_option
@json_option
@click.pass_obj
def restore(call: Call, name: str, period: str | None) -> None:
    """恢复一个作废过的文件，重新合并。"""
    from kepu_xls.commands.void import restore as verb  # noqa: PLC0415 - heavy

    call.run(lambda session: verb(session, name, period), writing=True)


@click.command(cls=Command, example="kepu report --pdf")
@period_option
@click.option("--pdf", is_flag=True, help="同时用 LibreOffice 导出 PDF")
@json_option
@click.pass_obj
def report(call: Call, period: str | None, *, pdf: bool) -> None:
    """按台账重新写出汇总表，不读 inbox。"""
    from kepu_xls.commands.report import rewrite  # noqa: PLC0415 - heavy

    call.run(lambda session: rewrite(session, period, pdf=pdf), writing=True)


@click.command(cls=Command, example="kepu brief --period 2019-W12")
@period_option
@json_option
@click.pass_obj
def brief(call: Call, period: str | None) -> None:
    """写一份公文格式的简报（Word 文档，一两页）：报送、进展、滞后任务、未报单位、主要问题，供修改。"""
    from kepu_xls.commands.brief import brief as verb  # noqa: PLC0415 - heavy

    call.run(lambda session: verb(session, period), writing=True)


@click.command(cls=Command, example="kepu rollup 台江区=汇总_2019-W12.xlsx 鼓楼区.xlsx 各区汇总")
@click.argument("reports", metavar="汇总表…", nargs=-1, required=True)
@click.option(
    "--output",
    metavar="文件",
    type=click.Path(dir_okay=False, path_type=Path),
    help="写到哪个文件；不写就放在 outbox 里",
)
@json_option
@click.pass_obj
def rollup(call: Call, reports: tuple[str, ...], output: Path | None) -> None:
    """把各地区的汇总表合成一份，地区之间作比较；合成的还可以再往上合成。

    给出文件，或者放着这些文件的文件夹。地区名称取自文件名或所在文件夹；看不出来的，写成 地区=文件。
    """
    from kepu_xls.commands.rollup import roll_up  # noqa: PLC0415 - heavy

    call.run(lambda session: roll_up(session, reports, output, call.console.track), writing=True)
