"""What a clerk sees of each result."""

from __future__ import annotations

import sys
from functools import singledispatch
from pathlib import Path

from kepu_xls import rendering
from kepu_xls.commands.results import (
    BriefResult,
    Chase,
    CheckResult,
    DemoResult,
    DoctorResult,
    FindingsResult,
    FormsResult,
    ImportResult,
    InitResult,
    MergeResult,
    ReportResult,
    Result,
    ShowResult,
    StatusResult,
    TaskHistory,
    UnitHistory,
)
from kepu_xls.commands.rollup_results import RollupResult
from kepu_xls.console.terminal import Terminal
from kepu_xls.model import FileStatus, Severity


@singledispatch
def show(result: Result, terminal: Terminal) -> None:
    """Show a result."""
    raise TypeError(result, terminal)


@show.register
def _(result: InitResult, terminal: Terminal) -> None:
    terminal.say(f"工作文件夹：{result.workspace}")
    for name in result.made:
        terminal.say(f"  新建 {name}")
    if result.imported is None:
        terminal.say("任务总表已经有了，没有改动。")
    else:
        show(result.imported, terminal)
    terminal.say(f"下一步：kepu -C {result.workspace} forms 生成填报表")


@show.register
def _(result: ImportResult, terminal: Terminal) -> None:
    terminal.counts(result.counts)
    terminal.findings(result.findings)
    if result.written:
        terminal.say(f"已写入 {result.master}")
        if result.kept:
            terminal.say(f"原来的任务总表留在 {result.kept}")
    elif not result.changes:
        terminal.say("与现有的任务总表一致，没有改动。")


@show.register
def _(result: CheckResult, terminal: Terminal) -> None:
    terminal.counts(result.counts)
    terminal.findings(result.findings)
    if not result.findings:
        terminal.say("任务总表没有发现问题。")


@show.register
def _(result: ShowResult, terminal: Terminal) -> None:
    plan = result.plan
    terminal.table(rendering.PLAN_TASK_HEAD, [rendering.plan_task_row(one) for one in plan.tasks])
    terminal.table(rendering.PLAN_UNIT_HEAD, [rendering.plan_unit_row(plan, one) for one in plan.units])
    terminal.counts(result.counts)


@show.register
def _(result: FormsResult, terminal: Terminal) -> None:
    terminal.table(
        ("单位", "牵头", "参加", "指标", "填报表"),
        [
            (
                one.unit,
                str(one.lead),
                str(one.participant),
                str(one.indicators),
                one.path.rsplit("/", 1)[-1],
            )
            for one in result.forms
        ],
    )
    terminal.findings(result.findings)
    done = "这一期已经开启过，按原样重新生成了" if result.reissued else "已生成"
    again = f"（第 {result.version} 次发放）" if result.version > 1 else ""
    terminal.say(f"{result.period}{again}：{done} {len(result.forms)} 份填报表，放在 {result.folder}")
    terminal.say(
        f"截止时间：{result.deadline:%Y年%m月%d日 %H:%M}。要开启另一期，请用 kepu forms --period 期次"
    )


@show.register
def _(result: MergeResult, terminal: Terminal) -> None:
    terminal.units(result.statuses)
    refused = [one for one in result.files if one.status is not FileStatus.ACCEPTED]
    if refused:
        terminal.table(
            ("文件", "结果", "单位", "原因"),
            [(one.path, one.status.label, one.unit, rendering.reason(one.findings)) for one in refused],
        )
    terminal.findings(result.findings)
    units = result.units
    terminal.say(
        f"{result.period}：应报 {len(units.expected)} 个单位，已报 {len(units.reported)} 个"
        f"（其中零报告 {len(units.nil)} 个、迟报 {len(units.late)} 个），未报 {len(units.missing)} 个"
        + (f"：{rendering.names(units.missing)}" if units.missing else "")
    )
    terminal.say(f"本次新读取 {result.new_files} 个文件，汇总 {result.entries} 行。")
    for name in result.other_periods:
        of_it = "、".join(one.path for one in result.files if one.period == name)
        terminal.say(f"注意：有文件是 {name} 期的，已计入该期并重写了该期的汇总表（{of_it}）。")
    copies = [one.return_copy for one in result.files if one.return_copy]
    if copies:
        folders = "、".join(dict.fromkeys(str(Path(one).parent) for one in copies))
        terminal.say(f"退回表：{len(copies)} 份，请发给有错误的单位改好发回，放在 {folders}")
    terminal.say(f"汇总表：{result.report}")


@show.register
def _(result: ReportResult, terminal: Terminal) -> None:
    terminal.say(f"汇总表：{result.report}")
    if result.pdf:
        terminal.say(f"PDF：{result.pdf}")


@show.register
def _(result: BriefResult, terminal: Terminal) -> None:
    terminal.say(f"简报：{result.brief}（初稿，请用 WPS 修改后使用）")


@show.register
def _(result: StatusResult, terminal: Terminal) -> None:
    if result.chase:
        _chase(result.chase, terminal)
        return
    terminal.units(result.statuses)
    terminal.findings(result.findings, remedies=True)
    units = result.units
    terminal.say(
        f"{result.period}：应报 {len(units.expected)}，已报 {len(units.reported)}，"
        f"未报 {len(units.missing)}；截止 {result.deadline:%m月%d日 %H:%M}"
    )


def _chase(chase: Chase, terminal: Terminal) -> None:
    terminal.say(f"── 发到群里 ──\n{chase.group}\n")
    for one in chase.units:
        terminal.say(f"── 发给{one.unit} ──\n{one.text}\n")
    if chase.contacts:
        terminal.say("── 联系方式 ──")
        terminal.table(rendering.CONTACT_HEAD, [rendering.contact_row(one) for one in chase.contacts])


@show.register
def _(result: FindingsResult, terminal: Terminal) -> None:
    if not sys.stdout.isatty():
        terminal.table(rendering.FINDING_HEAD, [rendering.finding_row(one) for one in result.findings])
        return
    for one in result.findings:
        terminal.finding(one)
        terminal.say(f"         {one.remedy}")
    counts = "，".join(
        f"{severity.label} {sum(one.severity is severity for one in result.findings)} 处"
        for severity in Severity
    )
    terminal.say(f"{result.period}：{counts}")


@show.register
def _(result: TaskHistory, terminal: Terminal) -> None:
    terminal.table(("期次", "报送单位", *result.labels.values()), rendering.task_rows(result))
    terminal.say(f"任务 {result.task}（{result.project}）：{result.text}")
    terminal.course([one.values.get("percent") for one in result.periods])


@show.register
def _(result: UnitHistory, terminal: Terminal) -> None:
    terminal.table(rendering.UNIT_HEAD, rendering.unit_rows(result))
    if result.divided_into:
        terminal.say(f"{result.unit}已停用，职能分到了 {'、'.join(result.divided_into)}")
    if result.parts_of:
        terminal.say(f"{result.unit}承接了 {'、'.join(result.parts_of)} 的一部分，未计入上表")
    terminal.course([one.percent for one in result.periods])


@show.register
def _(result: DoctorResult, terminal: Terminal) -> None:
    for line in result.lines:
        terminal.mark(f"{line.what}：{line.detail}", good=line.good)


@show.register
def _(result: DemoResult, terminal: Terminal) -> None:
    show(result.merge, terminal)
    terminal.say(f"演示文件夹：{result.folder}（可以随意翻看，删掉也没有关系）")


@show.register
def _(result: RollupResult, terminal: Terminal) -> None:
    terminal.table(rendering.DISTRICT_HEAD, [rendering.district_row(one) for one in result.districts])
    terminal.findings(result.findings)
    terminal.say(f"汇总了 {len(result.districts)} 个地区，明细 {result.rows} 行。")
    terminal.say(f"各地区汇总表：{result.report}")
