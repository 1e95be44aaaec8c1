"""What a clerk sees of fetched mail, and of the weekly job."""

from __future__ import annotations

from kepu_xls import messages
from kepu_xls.commands.fetch_results import FetchResult, RunResult
from kepu_xls.console.showing import show
from kepu_xls.console.terminal import Terminal


@show.register
def _(result: FetchResult, terminal: Terminal) -> None:
    if not result.configured:
        terminal.say(messages.sentence("fetch-not-configured", folder=result.inbox))
        return
    if result.files:
        terminal.table(
            ("收到时间", "单位", "发件人", "文件"),
            [
                (f"{one.arrived:%m-%d %H:%M}", "、".join(one.units), one.sender, one.path)
                for one in result.files
            ],
        )
    if result.skipped:
        terminal.table(
            ("收到时间", "发件人", "主题", "没有收的原因"),
            [(f"{one.arrived:%m-%d %H:%M}", one.sender, one.subject, one.reason) for one in result.skipped],
        )
    terminal.findings(result.findings, remedies=True)
    terminal.say(
        f"{result.period}：看了 {result.seen} 封新邮件，收下 {len(result.files)} 个文件，放在 {result.inbox}"
    )
    if result.stopped:
        terminal.stopped(result.stopped)
    elif result.files:
        terminal.say("下一步：kepu merge")


@show.register
def _(result: RunResult, terminal: Terminal) -> None:
    terminal.say(f"记录：{result.log}")
