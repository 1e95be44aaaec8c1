"""The command line: one thin function a verb.  What is heavy is imported when its command runs."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kepu_xls import __version__
from kepu_xls.chinese import Group, explain

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
        self.console = _console(as_json=False)

    def json(self) -> None:
        """Answer with one JSON object on stdout."""
        self.console = _console(as_json=True)

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


def _console(*, as_json: bool) -> Console:
    from kepu_xls.console import Console  # noqa: PLC0415 - `kepu --help` needs none

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


class _Root(Group):
    """The edge: every failure of a command ends here, as two lines of Chinese and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own signature
        """Run a command; no traceback comes out, unless ``--debug`` asks for it."""
        from kepu_xls.errors import KepuError, SurroundingsError  # noqa: PLC0415 - `kepu --help` needs none

        try:
            return super().invoke(ctx)
        except (click.UsageError, click.exceptions.Exit):
            raise
        except KepuError as error:
            failure = error
        except BrokenPipeError:  # the reader, `head` perhaps, has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        except (click.Abort, KeyboardInterrupt):
            failure = SurroundingsError("interrupted")
        except Exception as error:
            if ctx.find_object(Call) is None or ctx.obj.debug:
                raise
            failure = SurroundingsError("internal-error", detail=f"{type(error).__name__}: {error}")
        if ctx.obj.debug:
            raise failure
        sys.exit(ctx.obj.console.fail(failure))


@click.group(cls=_Root)
@click.version_option(__version__, "--version", message="kepu %(version)s", help="显示版本")
@click.option(
    "-C",
    "folder",
    type=click.Path(exists=False, file_okay=False, path_type=Path),
    envvar="KEPU_WORKSPACE",
    metavar="文件夹",
    help="工作文件夹；不写就从当前文件夹往上找 config.toml",
)
@click.option("--debug", is_flag=True, help="出错时显示详细的内部信息")
@click.pass_context
def kepu(context: click.Context, folder: Path | None, *, debug: bool) -> None:
    """任务分解表的填报与汇总：生成各单位填报表，收取、检查、合并，写出可以打印的汇总表。

    \b
    一周的工作：
      kepu forms   生成填报表，发给各单位
                   收到的表放进 inbox 文件夹
      kepu merge   检查、合并，写出汇总表
      kepu status  看谁还没报
    """  # noqa: D301 - \b is click's mark for lines that stay as they are
    context.obj = Call(folder, debug=debug)


@kepu.command(example="kepu init 科普任务 --plan 任务分解表.docx")
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


@kepu.group()
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


@kepu.command(example="kepu forms --period 2019-W12")
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


@kepu.command(example="kepu merge")
@period_option
@click.option("--strict", is_flag=True, help="有单位未报时，也以退出码 1 结束")
@click.option(
    "--engine", metavar="方式", default="auto", help="auto 自动（默认）、serial 逐个、threads 多线程"
)
@click.option("--accept-late", metavar="单位", multiple=True, help="收下这个单位过了停收时间才到的表")
@json_option
@click.pass_obj
def merge(call: Call, period: str | None, engine: str, accept_late: tuple[str, ...], *, strict: bool) -> None:
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
        ),
        writing=True,
    )


@kepu.command(example="kepu void 区科协_2019-W12_进展填报表.xlsx --why 误发了草稿")
@click.argument("name", metavar="文件")
@click.option("--why", metavar="原因", required=True, help="为什么作废，会写进汇总表")
@period_option
@json_option
@click.pass_obj
def void(call: Call, name: str, why: str, period: str | None) -> None:
    """作废一个已收的文件，重新合并；文件本身仍在，随时可以恢复。"""
    from kepu_xls.commands.void import void as verb  # noqa: PLC0415 - heavy

    call.run(lambda session: verb(session, name, why, period), writing=True)


@kepu.command(example="kepu restore 区科协_2019-W12_进展填报表.xlsx")
@click.argument("name", metavar="文件")
@period_option
@json_option
@click.pass_obj
def restore(call: Call, name: str, period: str | None) -> None:
    """恢复一个作废过的文件，重新合并。"""
    from kepu_xls.commands.void import restore as verb  # noqa: PLC0415 - heavy

    call.run(lambda session: verb(session, name, period), writing=True)


@kepu.command(example="kepu report --pdf")
@period_option
@click.option("--pdf", is_flag=True, help="同时用 LibreOffice 导出 PDF")
@json_option
@click.pass_obj
def report(call: Call, period: str | None, *, pdf: bool) -> None:
    """按台账重新写出汇总表，不读 inbox。"""
    from kepu_xls.commands.report import rewrite  # noqa: PLC0415 - heavy

    call.run(lambda session: rewrite(session, period, pdf=pdf), writing=True)


@kepu.command(example="kepu brief --period 2019-W12")
@period_option
@json_option
@click.pass_obj
def brief(call: Call, period: str | None) -> None:
    """写一份公文格式的简报（Word 文档，一两页）：报送、进展、滞后任务、未报单位、主要问题，供修改。"""
    from kepu_xls.commands.brief import brief as verb  # noqa: PLC0415 - heavy

    call.run(lambda session: verb(session, period), writing=True)


@kepu.command(example="kepu status --chase")
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


@kepu.command(example="kepu findings --unit 区科协 --severity error")
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


@kepu.command(example="kepu history 2.3.1")
@click.argument("name", metavar="任务编号或单位")
@json_option
@click.pass_obj
def history(call: Call, name: str) -> None:
    """看一项任务或一个单位历期的情况；单位更名、合并以前的也在内，写旧名称也可以。"""
    from kepu_xls.commands.history import history as verb  # noqa: PLC0415 - heavy

    call.run(lambda session: verb(session, name), writing=False)


@kepu.command(example="kepu demo 演示")
@click.argument(
    "directory", metavar="[文件夹]", required=False, type=click.Path(file_okay=False, path_type=Path)
)
@json_option
@click.pass_obj
def demo(call: Call, directory: Path | None) -> None:
    """在一个新文件夹里，用真实的任务分解表把全过程演示一遍。"""
    from kepu_xls.commands.demo import demo as verb  # noqa: PLC0415 - heavy

    call.finish(verb(directory, track=call.console.track, say=call.console.say))


@kepu.command(example="kepu doctor")
@json_option
@click.pass_obj
def doctor(call: Call) -> None:
    """检查配置、模板、台账、字体和 LibreOffice，什么都不改。"""
    from kepu_xls.commands.doctor import doctor as verb  # noqa: PLC0415 - heavy

    call.finish(verb(call.workspace(), now()))


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; what click itself refuses ends here, in Chinese."""
    try:
        kepu.main(arguments, prog_name="kepu", standalone_mode=False)
    except click.UsageError as error:
        sys.exit(_wrong_usage(error, as_json="--json" in (arguments or sys.argv)))


def _wrong_usage(error: click.UsageError, *, as_json: bool) -> int:
    from kepu_xls import messages  # noqa: PLC0415 - only where something is wrong

    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return 2
    where = error.ctx.command_path if error.ctx else "kepu"
    _console(as_json=as_json).problem(messages.finding("usage-wrong", what=explain(error), where=where))
    return 2


if os.name == "nt":  # a redirected stdout of Windows speaks the local code page: never fail on a character
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
