"""The commands that mail: forms out, reminders, and the mailbox itself."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from kepu_xls.chinese import Command, Group
from kepu_xls.cli.call import Call, json_option, now, period_option

if TYPE_CHECKING:
    from collections.abc import Callable

    from kepu_xls.commands.mail_results import MailResult
    from kepu_xls.commands.mailing import Around, Manner
    from kepu_xls.commands.session import Session

_unit = click.option("--unit", "units", metavar="单位", multiple=True, help="只发给这个单位，可以写几次")
_again = click.option(
    "--again", metavar="单位", multiple=True, help="发过的、结果不明的也再发给这个单位，可以写几次"
)
_arrived = click.option(
    "--arrived",
    metavar="单位",
    multiple=True,
    help="问过了，给这个单位的“结果不明”的信已经收到：只记下来，什么都不发，可以写几次",
)
_drafts = click.option(
    "--drafts", is_flag=True, help="不用服务器，写成邮件草稿（.eml）和可以粘贴到微信的文字（.txt）"
)
_dry_run = click.option("--dry-run", is_flag=True, help="只看会发给谁、发什么，什么都不改")


def _to_units(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of every command that writes to units."""
    return period_option(_unit(_again(_arrived(_drafts(_dry_run(command))))))


@click.command(cls=Command, example="kepu send --dry-run")
@_to_units
@json_option
@click.pass_obj
def send(
    call: Call,
    period: str | None,
    units: tuple[str, ...],
    again: tuple[str, ...],
    arrived: tuple[str, ...],
    *,
    drafts: bool,
    dry_run: bool,
) -> None:
    """把填报表用邮件发给各单位；没有配置发信服务器的，写成邮件草稿，放在 outbox/期次/mail。"""
    from kepu_xls.commands.send import send as verb  # noqa: PLC0415 - heavy

    if arrived:
        _arrived_only(call, "form", period, arrived, alone=not (units or again or drafts), dry_run=dry_run)
    else:
        _post(call, verb, period, units, again, drafts=drafts, dry_run=dry_run)


@click.command(cls=Command, example="kepu remind --dry-run")
@_to_units
@json_option
@click.pass_obj
def remind(
    call: Call,
    period: str | None,
    units: tuple[str, ...],
    again: tuple[str, ...],
    arrived: tuple[str, ...],
    *,
    drafts: bool,
    dry_run: bool,
) -> None:
    """在 [remind] 写的日子，催还没有报的、表要修改的单位（附上退回表）；同一天不催两次。"""
    from kepu_xls.commands.remind import remind as verb  # noqa: PLC0415 - heavy

    if arrived:
        _arrived_only(call, "remind", period, arrived, alone=not (units or again or drafts), dry_run=dry_run)
    else:
        _post(call, verb, period, units, again, drafts=drafts, dry_run=dry_run)


def _post(
    call: Call,
    verb: Callable[[Session, str | None, tuple[str, ...], Manner, Around], MailResult],
    period: str | None,
    units: tuple[str, ...],
    again: tuple[str, ...],
    *,
    drafts: bool,
    dry_run: bool,
) -> None:
    from kepu_xls.commands.mailing import Around, Manner  # noqa: PLC0415 - heavy

    manner = Manner(dry_run=dry_run, drafts=drafts, again=again)
    around = Around(now, track=call.console.track, tell=call.console.say)
    call.run(lambda session: verb(session, period, units, manner, around), writing=not dry_run)


def _arrived_only(
    call: Call, kind: str, period: str | None, units: tuple[str, ...], *, alone: bool, dry_run: bool
) -> None:
    from kepu_xls.commands.arrived import arrived as verb  # noqa: PLC0415 - heavy
    from kepu_xls.errors import InputError  # noqa: PLC0415 - as above
    from kepu_xls.mail.letter import LetterKind  # noqa: PLC0415 - as above

    if not alone:
        raise InputError("mail-arrived-alone")
    call.run(
        lambda session: verb(session, period, LetterKind(kind), units, dry_run=dry_run), writing=not dry_run
    )


@click.group(cls=Group)
def mail() -> None:
    """邮箱：存入密码、试发一封。"""


@mail.command("login", example="kepu mail login")
@json_option
@click.pass_obj
def mail_login(call: Call) -> None:
    """把邮箱的密码（163、126、QQ 等是“授权码”）存入系统的密码库，不写进任何文件。"""
    from kepu_xls.commands.mail import login as verb  # noqa: PLC0415 - heavy

    call.finish(verb(call.workspace(), _password()))


def _password() -> str:
    """Ask for a password without showing it; where nobody sits at a terminal, read a line."""
    if sys.stdin.isatty():
        question = "密码（授权码，输入时不显示）"
        asked: str = click.prompt(question, hide_input=True, default="", show_default=False, err=True)
        return asked.strip()
    return sys.stdin.readline().strip()


@mail.command("test", example="kepu mail test")
@json_option
@click.pass_obj
def mail_test(call: Call) -> None:
    """给本单位的邮箱发一封测试邮件；发不出去的，说明原因。"""
    from kepu_xls.commands.mail import test as verb  # noqa: PLC0415 - heavy

    call.finish(verb(call.workspace(), now()))
