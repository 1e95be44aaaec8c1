"""click's own words in Chinese: the headings of help, and what was wrong with a command line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from unicodedata import east_asian_width

import click

_HEADINGS = {"Options": "选项", "Commands": "命令", "Arguments": "参数"}


class _Formatter(click.HelpFormatter):
    """Writes help with Chinese headings, its columns aligned by the width of characters on a terminal."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or "用法：")

    def write_heading(self, heading: str) -> None:
        self.write(f"{'':>{self.current_indent}}{_HEADINGS.get(heading, heading)}：\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        rows = list(rows)
        column = min(max(_columns(term) for term, _ in rows), col_max) + col_spacing
        for term, text in rows:
            gap = " " * max(column - _columns(term), col_spacing)
            self.write(f"{'':>{self.current_indent}}{term}{gap}{text}\n")


def _columns(text: str) -> int:
    """How many columns a text takes on a terminal: full-width characters take two."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


class _Context(click.Context):
    formatter_class = _Formatter


class Command(click.Command):
    """A command whose help is Chinese throughout; ``example`` is a line shown at its end."""

    context_class = _Context

    def __init__(self, *args: Any, example: str, **named: Any) -> None:  # noqa: ANN401 - click's own arguments
        super().__init__(*args, **{"options_metavar": "[选项]", "epilog": f"例：{example}", **named})

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Give click's help option with a Chinese text."""
        return _translated(super().get_help_option(ctx))


class Group(click.Group):
    """A group of commands, Chinese throughout."""

    context_class = _Context
    command_class = Command

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 - click's own arguments
        named.setdefault("options_metavar", "[选项]")
        named.setdefault("subcommand_metavar", "命令 …")
        super().__init__(*args, **named)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        """Name the commands in the order in which they are written, which is that of the work."""
        return list(self.commands)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Give click's help option with a Chinese text."""
        return _translated(super().get_help_option(ctx))


def _translated(option: click.Option | None) -> click.Option | None:
    if option is not None:
        option.help = "显示这段说明"
    return option


def explain(error: click.UsageError) -> str:
    """Say in Chinese what was wrong with a command line, in the place of click's English."""
    match error:
        case click.NoSuchOption():
            return f"没有“{error.option_name}”这个选项"
        case click.MissingParameter():
            return f"缺少参数 {_named(error)}"
        case click.BadParameter():
            return f"{_named(error)} 的值不能用：{_value(error)}"
        case click.BadOptionUsage():
            return f"选项 {error.option_name} 后面要写上它的值"
        case click.NoSuchCommand():
            return f"没有“{error.command_name}”这个命令"
        case _:
            group = error.ctx is not None and isinstance(error.ctx.command, click.Group)
            return "没有写明要运行哪个命令" if group else "命令的写法不对，可能是参数写多了"


def _named(error: click.BadParameter) -> str:
    if error.param is None:
        return ""
    return error.param.opts[0] if isinstance(error.param, click.Option) else error.param.human_readable_name


def _value(error: click.BadParameter) -> str:
    kind = error.param.type if error.param is not None else None
    if isinstance(kind, click.Choice):
        return f"可以写 {'、'.join(map(str, kind.choices))}"
    if isinstance(kind, click.Path):
        return "找不到这个文件" if kind.file_okay else "要写一个文件夹"
    return "请检查写法"


Group.group_class = Group
