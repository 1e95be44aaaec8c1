"""The one place that prints: results as text or JSON, progress, failures, exit codes."""

from __future__ import annotations

import sys
import time
import unicodedata
from collections.abc import Iterable, Iterator
from functools import singledispatchmethod
from pathlib import Path
from typing import TypeVar

import click
import msgspec

from kepu_xls import rendering
from kepu_xls.commands.results import (
    BriefResult,
    ChangeLine,
    Chase,
    CheckResult,
    DemoResult,
    DoctorResult,
    FindingLine,
    FindingsResult,
    FormsResult,
    ImportResult,
    InitResult,
    MergeResult,
    PlanCounts,
    ReportResult,
    Result,
    ShowResult,
    StatusResult,
    TaskHistory,
    UnitHistory,
)
from kepu_xls.errors import KepuError
from kepu_xls.model import FileStatus, Finding, Scalar, Severity
from kepu_xls.outcome import UnitState, UnitStatus

T = TypeVar("T")

_PATIENCE = 1.0
"""Seconds of work after which a progress bar appears."""

_COLOURS = {
    UnitState.REPORTED: "green",
    UnitState.NIL: "cyan",
    UnitState.LATE: "yellow",
    UnitState.MISSING: "red",
    UnitState.RETURNED: "magenta",
}
_UNSEEN = ("Cc", "Cf", "Cs")
"""Unicode's categories of control, format and surrogate characters."""
_ALIKE = 6
"""So many findings of one kind are listed on a terminal; the rest are counted."""


def clean(text: str) -> str:
    """Make text that people typed harmless on a terminal: no escape codes, no marks that turn it round."""
    return "".join(
        char if char == "\n" or unicodedata.category(char) not in _UNSEEN else "\N{REPLACEMENT CHARACTER}"
        for char in text
    )


class Console:
    """Shows results and progress; ``as_json`` puts one object on stdout and nothing else."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json

    def finish(self, result: Result) -> int:
        """Show a result and give the command's exit code: 0, or 1 where a person is needed."""
        if self.as_json:
            self._json(msgspec.to_builtins(result))
        else:
            self._show(result)
        return 1 if result.needs_person else 0

    def fail(self, error: KepuError) -> int:
        """Show a failure in two lines and give its exit code."""
        self.problem(error.finding)
        return error.exit_code

    def problem(self, finding: Finding) -> None:
        """Show what stops a command: on stderr, or as ``{"error": …}`` with ``--json``."""
        if self.as_json:
            self._json({"error": msgspec.to_builtins(finding)})
            return
        place = f"{finding.place}：" if str(finding.place) else ""
        click.secho(f"出错了：{clean(place)}{clean(finding.message)}", fg="red", err=True)
        if finding.remedy:
            click.echo(f"怎么办：{clean(finding.remedy)}", err=True)

    @staticmethod
    def _json(value: object) -> None:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
        sys.stdout.flush()

    def say(self, text: str) -> None:
        """Print a line for people; nothing with ``--json``."""
        if not self.as_json:
            click.echo(clean(text))

    def track(self, items: Iterable[T], label: str, total: int) -> Iterator[T]:
        """Pass items through; on a terminal a bar appears once the work has taken over a second."""
        if self.as_json or not sys.stderr.isatty():
            yield from items
            return
        from rich.progress import Progress  # noqa: PLC0415 - only for people who watch

        started = time.monotonic()
        with Progress(transient=True, disable=False) as bar:
            task = bar.add_task(label, total=total, visible=False)
            for item in items:
                yield item
                bar.update(task, advance=1, visible=time.monotonic() - started > _PATIENCE)

    def agree(self, changes: tuple[ChangeLine, ...], *, yes: bool) -> bool:
        """Show what an import would change and ask; without a terminal only ``yes`` agrees."""
        if yes:
            return True
        if self.as_json:
            return False
        self._changes(changes)
        if not sys.stdin.isatty():
            click.echo("没有改动任务总表。确认要改，请加 --yes 再运行一次。")
            return False
        return click.confirm("按上面所列改动任务总表吗？", default=False)

    @singledispatchmethod
    def _show(self, result: Result) -> None:
        raise TypeError(result)

    @_show.register
    def _(self, result: InitResult) -> None:
        self.say(f"工作文件夹：{result.workspace}")
        for name in result.made:
            self.say(f"  新建 {name}")
        if result.imported is None:
            self.say("任务总表已经有了，没有改动。")
        else:
            self._show(result.imported)
        self.say(f"下一步：kepu -C {result.workspace} forms 生成填报表")

    @_show.register
    def _(self, result: ImportResult) -> None:
        self._counts(result.counts)
        self._findings(result.findings)
        if result.written:
            self.say(f"已写入 {result.master}")
            if result.kept:
                self.say(f"原来的任务总表留在 {result.kept}")
        elif not result.changes:
            self.say("与现有的任务总表一致，没有改动。")

    @_show.register
    def _(self, result: CheckResult) -> None:
        self._counts(result.counts)
        self._findings(result.findings)
        if not result.findings:
            self.say("任务总表没有发现问题。")

    @_show.register
    def _(self, result: ShowResult) -> None:
        plan = result.plan
        self._table(rendering.PLAN_TASK_HEAD, [rendering.plan_task_row(one) for one in plan.tasks])
        self._table(rendering.PLAN_UNIT_HEAD, [rendering.plan_unit_row(plan, one) for one in plan.units])
        self._counts(result.counts)

    @_show.register
    def _(self, result: FormsResult) -> None:
        self._table(
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
        self._findings(result.findings)
        done = "这一期已经开启过，按原样重新生成了" if result.reissued else "已生成"
        again = f"（第 {result.version} 次发放）" if result.version > 1 else ""
        self.say(f"{result.period}{again}：{done} {len(result.forms)} 份填报表，放在 {result.folder}")
        self.say(
            f"截止时间：{result.deadline:%Y年%m月%d日 %H:%M}。要开启另一期，请用 kepu forms --period 期次"
        )

    @_show.register
    def _(self, result: MergeResult) -> None:
        self._units(result.statuses)
        refused = [one for one in result.files if one.status is not FileStatus.ACCEPTED]
        if refused:
            self._table(
                ("文件", "结果", "单位", "原因"),
                [(one.path, one.status.label, one.unit, rendering.reason(one.findings)) for one in refused],
            )
        self._findings(result.findings)
        units = result.units
        self.say(
            f"{result.period}：应报 {len(units.expected)} 个单位，已报 {len(units.reported)} 个"
            f"（其中零报告 {len(units.nil)} 个、迟报 {len(units.late)} 个），未报 {len(units.missing)} 个"
            + (f"：{'、'.join(units.missing)}" if units.missing else "")
        )
        self.say(f"本次新读取 {result.new_files} 个文件，汇总 {result.entries} 行。")
        for name in result.other_periods:
            of_it = "、".join(one.path for one in result.files if one.period == name)
            self.say(f"注意：有文件是 {name} 期的，已计入该期并重写了该期的汇总表（{of_it}）。")
        copies = [one.return_copy for one in result.files if one.return_copy]
        if copies:
            folders = "、".join(dict.fromkeys(str(Path(one).parent) for one in copies))
            self.say(f"退回表：{len(copies)} 份，请发给有错误的单位改好发回，放在 {folders}")
        self.say(f"汇总表：{result.report}")

    @_show.register
    def _(self, result: ReportResult) -> None:
        self.say(f"汇总表：{result.report}")
        if result.pdf:
            self.say(f"PDF：{result.pdf}")

    @_show.register
    def _(self, result: BriefResult) -> None:
        self.say(f"简报：{result.brief}（初稿，请用 WPS 修改后使用）")

    @_show.register
    def _(self, result: StatusResult) -> None:
        if result.chase:
            self._chase(result.chase)
            return
        self._units(result.statuses)
        self._findings(result.findings)
        units = result.units
        self.say(
            f"{result.period}：应报 {len(units.expected)}，已报 {len(units.reported)}，"
            f"未报 {len(units.missing)}；截止 {result.deadline:%m月%d日 %H:%M}"
        )

    def _chase(self, chase: Chase) -> None:
        self.say(f"── 发到群里 ──\n{chase.group}\n")
        for one in chase.units:
            self.say(f"── 发给{one.unit} ──\n{one.text}\n")
        if chase.contacts:
            self.say("── 联系方式 ──")
            self._table(rendering.CONTACT_HEAD, [rendering.contact_row(one) for one in chase.contacts])

    @_show.register
    def _(self, result: FindingsResult) -> None:
        if not sys.stdout.isatty():
            self._table(rendering.FINDING_HEAD, [rendering.finding_row(one) for one in result.findings])
            return
        for one in result.findings:
            self._finding(one)
            self.say(f"         {one.remedy}")
        counts = "，".join(
            f"{severity.label} {sum(one.severity is severity for one in result.findings)} 处"
            for severity in Severity
        )
        self.say(f"{result.period}：{counts}")

    @_show.register
    def _(self, result: TaskHistory) -> None:
        self._table(("期次", "报送单位", *result.labels.values()), rendering.task_rows(result))
        self.say(f"任务 {result.task}（{result.project}）：{result.text}")
        self._course([one.values.get("percent") for one in result.periods])

    @_show.register
    def _(self, result: UnitHistory) -> None:
        self._table(rendering.UNIT_HEAD, rendering.unit_rows(result))
        if result.divided_into:
            self.say(f"{result.unit}已停用，职能分到了 {'、'.join(result.divided_into)}")
        if result.parts_of:
            self.say(f"{result.unit}承接了 {'、'.join(result.parts_of)} 的一部分，未计入上表")
        self._course([one.percent for one in result.periods])

    def _course(self, percents: list[Scalar]) -> None:
        if len(percents) > 1:
            self.say(f"完成率走势（由远到近）：{rendering.sparkline(percents)}")

    @_show.register
    def _(self, result: DoctorResult) -> None:
        for line in result.lines:
            click.secho(
                "  正常  " if line.good else "  注意  ", fg="green" if line.good else "yellow", nl=False
            )
            click.echo(clean(f"{line.what}：{line.detail}"))

    @_show.register
    def _(self, result: DemoResult) -> None:
        self._show(result.merge)
        self.say(f"演示文件夹：{result.folder}（可以随意翻看，删掉也没有关系）")

    def _units(self, statuses: tuple[UnitStatus, ...]) -> None:
        self._table(
            rendering.STATUS_HEAD,
            [rendering.status_row(one) for one in statuses],
            colours=[_COLOURS[one.state] for one in statuses],
        )

    def _counts(self, counts: PlanCounts) -> None:
        self.say(
            f"{counts.parts} 个部分，{counts.projects} 个项目，{counts.tasks} 项任务，{counts.units} 个单位；"
            f"牵头 {counts.lead_links} 项次，参加 {counts.participant_links} 项次；"
            f"指标 {counts.indicators} 个"
        )

    def _changes(self, changes: tuple[ChangeLine, ...]) -> None:
        self._table(
            ("改动", "对象", "名称", "栏目", "原来", "改为"),
            [
                (
                    one.label,
                    one.subject,
                    one.name,
                    one.field,
                    *rendering.differing(one.before, one.after),
                )
                for one in changes
            ],
        )

    def _findings(self, findings: tuple[FindingLine, ...]) -> None:
        by_code: dict[str, list[FindingLine]] = {}
        for one in sorted(findings, key=lambda one: list(Severity).index(one.severity)):
            by_code.setdefault(one.code, []).append(one)
        for alike in by_code.values():
            for one in alike[:_ALIKE]:
                self._finding(one)
            if len(alike) > _ALIKE:
                self.say(f"         ……同样的另有 {len(alike) - _ALIKE} 处，加 --json 可以看到全部")

    @staticmethod
    def _finding(one: FindingLine) -> None:
        place = " ".join(part for part in (one.file, one.sheet, one.cell) if part)
        colour = {"error": "red", "warning": "yellow"}.get(one.severity.value)
        click.secho(f"  [{one.severity.label}] ", fg=colour, nl=False)
        click.echo(clean(f"{place}：{one.message}" if place else one.message))

    def _table(
        self,
        head: tuple[str, ...],
        rows: list[tuple[str, ...]],
        colours: list[str] | None = None,
    ) -> None:
        """Draw a table; plain lines parted by tabs where there is no terminal."""
        if not sys.stdout.isatty():
            for row in (head, *rows):
                click.echo("\t".join(clean(cell).replace("\n", " ") for cell in row))
            return
        from rich.console import Console as Terminal  # noqa: PLC0415 - only for people who watch
        from rich.table import Table  # noqa: PLC0415 - as above
        from rich.text import Text  # noqa: PLC0415 - as above

        table = Table(*head, row_styles=[])
        for number, row in enumerate(rows):
            style = colours[number] if colours else ""
            table.add_row(*(Text(clean(cell)) for cell in row), style=style)
        Terminal().print(table)
