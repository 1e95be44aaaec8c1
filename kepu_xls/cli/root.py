"""``kepu`` itself: its own options, and the edge at which every failure ends."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import Any

import click

from kepu_xls import __version__
from kepu_xls.chinese import Group, explain
from kepu_xls.cli.call import Call, console

_GARBAGE = 50_000
"""So many new objects are made before looking for cycles: ours are many, frozen, and make next to none."""


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


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; what click itself refuses ends here, in Chinese."""
    gc.set_threshold(_GARBAGE)
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
    console(as_json=as_json).problem(messages.finding("usage-wrong", what=explain(error), where=where))
    return 2


if os.name == "nt":  # a redirected stdout of Windows speaks the local code page: never fail on a character
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
