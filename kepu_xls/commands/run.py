"""``kepu run``: the weekly job for a scheduler: fetch, merge, status and, if configured, reminders."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

import msgspec

from kepu_xls import messages
from kepu_xls.commands.fetch import fetch
from kepu_xls.commands.fetch_results import FetchResult, RunResult, RunStep
from kepu_xls.commands.mail_results import Fate
from kepu_xls.commands.mailing import Around, Manner
from kepu_xls.commands.merge import merge
from kepu_xls.commands.remind import remind
from kepu_xls.commands.results import FindingLine, MergeResult, UnitLists
from kepu_xls.commands.session import Session, opened, period_meant
from kepu_xls.commands.status import status
from kepu_xls.errors import KepuError
from kepu_xls.model import FileStatus, Severity
from kepu_xls.workspace import Workspace, failures_explained

_LARGEST_LOG = 1 << 20

Outcome = tuple[int, str]
"""A step's exit code, and what came of it in one line: counts and units, nothing that people wrote."""


def run(
    workspace: Workspace,
    clock: Callable[[], datetime],
    period: str | None = None,
    *,
    say: Callable[[str], None],
) -> RunResult:
    """Do the weekly job step by step; one that fails does not keep the next from what is there.

    Each step is told by ``say`` and in the log as it ends.  Raises, and logs, what keeps the job from
    beginning: another run that holds the lock, a configuration that is wrong, no period that is open.
    """
    told = _Log(workspace, clock, say)
    try:
        with opened(workspace, clock(), writing=True) as session:
            meant = period_meant(session, period).period
            steps = [told.step(name, work, session, meant) for name, work in _steps(session, clock)]
    except KepuError as failure:
        told.line("没有运行", failure.exit_code, _words(failure))
        raise
    return RunResult(meant, tuple(steps), str(workspace.run_log))


Step = Callable[[Session, str], Outcome]


def _steps(session: Session, clock: Callable[[], datetime]) -> Iterator[tuple[str, Step]]:
    yield "收信", _fetch
    yield "合并", _merge
    yield "进度", _status
    if session.config.remind.in_run:
        yield "催报", partial(_remind, clock)


class _Log:
    """Tells what each step came to: to whoever listens, and in a file, as schedulers drop what is said."""

    def __init__(
        self, workspace: Workspace, clock: Callable[[], datetime], say: Callable[[str], None]
    ) -> None:
        self._path, self._clock, self._say = workspace.run_log, clock, say

    def step(self, name: str, work: Step, session: Session, period: str) -> RunStep:
        """Do a step; its failure is what came of it.  What else is raised is logged and passes through."""
        try:
            code, text = work(msgspec.structs.replace(session, now=self._clock()), period)
        except KepuError as failure:
            code, text = failure.exit_code, _words(failure)
        except BaseException as error:
            self.line(name, 3, f"中断（{type(error).__name__}）")
            raise
        self.line(name, code, text)
        return RunStep(name, code, text)

    def line(self, name: str, code: int, text: str) -> None:
        line = f"{self._clock():%Y-%m-%d %H:%M:%S} {name}（{code}）{' '.join(text.split())}"
        self._say(line)
        try:
            with failures_explained(self._path):
                self._append(line)
        except KepuError as failure:  # the job itself matters more
            self._say(_words(failure))

    def _append(self, line: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if self._path.exists() and self._path.stat().st_size > _LARGEST_LOG:
            self._path.replace(self._path.with_name("run.1.log"))
        # with a mark at its beginning, by which old editors of Windows know UTF-8
        with self._path.open("a", encoding="utf-8-sig", errors="replace") as file:
            file.write(f"{line}\n")


def _words(failure: KepuError) -> str:
    return "。".join(filter(None, (failure.finding.message, failure.finding.remedy)))


def _fetch(session: Session, period: str) -> Outcome:
    result = fetch(session, period)
    if not result.configured:
        return 0, messages.catalogue()["fetch-not-configured"].what
    counts = f"看了 {result.seen} 封新邮件，收下 {len(result.files)} 个文件{_to_do(result)}"
    if result.stopped:
        counts = f"{counts}。中途停下：{result.stopped.message}。{result.stopped.remedy}"
    return result.exit_code, counts


def _to_do(result: FetchResult) -> str:
    """Count what a person has to look at, by kind."""
    bounced = [one.unit or "不明单位" for one in result.findings if one.code == "mail-bounced"]
    wrong = sum(one.severity is Severity.ERROR for one in result.findings) - len(bounced)
    doubtful = sum(one.severity is Severity.WARNING for one in result.findings)
    return "".join((
        f"，退信 {len(bounced)} 封（{'、'.join(dict.fromkeys(bounced))}）" if bounced else "",
        f"，没能收下 {wrong} 封" if wrong else "",
        f"，要看一下的 {doubtful} 处" if doubtful else "",
        "，详情见 kepu status" if bounced or wrong or doubtful else "",
    ))  # fmt: skip


def _merge(session: Session, period: str) -> Outcome:
    result = merge(session, period)
    gone = "".join(f"，{one.message}" for one in result.findings if one.code == "inbox-missing")
    counts = f"新读取 {result.new_files} 个文件，汇总 {result.entries} 行"
    return result.exit_code, f"{counts}{_returned(result)}{gone}"


def _returned(result: MergeResult) -> str:
    wrong = (FileStatus.REJECTED, FileStatus.ACCEPTED_WITH_ERRORS)
    count = sum(one.status in wrong for one in result.files)
    return f"，{count} 个文件有错误或未采用，详情见 kepu findings" if count else ""


def _status(session: Session, period: str) -> Outcome:
    result = status(session, period)
    return result.exit_code, f"{period}：{_lists(result.units)}"


def _remind(clock: Callable[[], datetime], session: Session, period: str) -> Outcome:
    result = remind(session, period, (), Manner(), Around(clock))
    counts = [(fate, sum(one.fate is fate for one in result.letters)) for fate in Fate]
    text = "，".join(f"{fate.label} {count} 封" for fate, count in counts if count)
    why = result.stopped.message if result.stopped else "" if text else _first(result.findings)
    return result.exit_code, "。".join(filter(None, (text, why))) or "没有要催的"


def _first(findings: tuple[FindingLine, ...]) -> str:
    return next((one.message for one in findings), "")


def _lists(units: UnitLists) -> str:
    names = f"：{'、'.join(units.missing)}" if units.missing else ""
    counts = tuple(map(len, (units.expected, units.reported, units.missing)))
    return "应报 {} 个单位，已报 {} 个，未报 {} 个".format(*counts) + names
