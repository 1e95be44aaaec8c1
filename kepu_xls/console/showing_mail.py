"""What a clerk sees of letters."""

from __future__ import annotations

from kepu_xls.commands.mail_results import Fate, LetterLine, LoginResult, MailResult, TestResult
from kepu_xls.console.showing import show
from kepu_xls.console.terminal import Terminal

_KILO = 1024
_HEAD = ("单位", "结果", "收件人", "说明")
_DRY_HEAD = ("单位", "结果", "收件人", "抄送", "主题", "附件", "大小", "说明")


@show.register
def _(result: MailResult, terminal: Terminal) -> None:
    if result.letters and result.dry_run:
        terminal.table(_DRY_HEAD, [_dry_row(one) for one in result.letters])
    elif result.letters:
        terminal.table(_HEAD, [_row(one) for one in result.letters])
    terminal.findings(result.findings, remedies=True)
    if result.letters:
        terminal.say(_summary(result))
    if result.letters and result.folder and not result.dry_run:
        terminal.say(
            f"草稿放在 {result.folder}：.eml 用邮件程序打开后发送，.txt 是同样的文字，可以粘贴到微信。"
        )
    if result.stopped:
        terminal.stopped(result.stopped)


def _row(one: LetterLine) -> tuple[str, ...]:
    said = one.answer or one.draft.replace("\\", "/").rpartition("/")[2]
    return one.unit, one.fate.label, "；".join(one.to), said


def _dry_row(one: LetterLine) -> tuple[str, ...]:
    size = f"{-(-one.size // _KILO)} KB" if one.size else ""
    to, cc = "；".join(one.to), "；".join(one.cc)
    return one.unit, one.fate.label, to, cc, one.subject, "、".join(one.attachments), size, one.answer


def _summary(result: MailResult) -> str:
    counts = [(fate, sum(one.fate is fate for one in result.letters)) for fate in Fate]
    said = "，".join(f"{fate.label} {count}" for fate, count in counts if count)
    dry = "（只是查看，什么都没有发、没有改）" if result.dry_run else ""
    return f"{result.period}：{said}{dry}"


@show.register
def _(result: LoginResult, terminal: Terminal) -> None:
    terminal.say(f"{result.login} 的密码已存入系统的密码库。下一步：kepu mail test 试发一封")


@show.register
def _(result: TestResult, terminal: Terminal) -> None:
    terminal.say(f"{result.server} 已收下发给 {result.address} 的测试邮件（{result.answer}）。")
    terminal.say("请到邮箱里查看。")
