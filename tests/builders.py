"""Small plans, periods and entries for tests: what a test does not say has a plain default."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from kepu_xls import config
from kepu_xls.model import (
    Answer,
    Entry,
    FileRecord,
    FileStatus,
    Finding,
    InboxFile,
    OpenPeriod,
    Plan,
    Scalar,
    Submission,
    Task,
    TiedBy,
    Unit,
)

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = config.load(ROOT / "config.toml")


def at(text: str) -> datetime:
    """A local moment: ``at("2019-03-22 17:00")``."""
    return datetime.fromisoformat(text)


PLAN = Plan(
    title="科学素质行动",
    units=(Unit("区科协", aliases=("区科学技术协会",)), Unit("区教育局"), Unit("团区委")),
    tasks=(
        Task("1.1.1", "人群", "青少年", "开展科技节", leads=("区教育局", "区科协"), participants=("团区委",)),
        Task("1.1.2", "人群", "青少年", "建设工作室", leads=("区科协",), participants=("区教育局", "团区委")),
        Task("1.2.1", "人群", "社区", "布设大屏", leads=("区科协",)),
    ),
)


def open_period(period: str = "2019-W12", plan: Plan = PLAN, version: int = 1) -> OpenPeriod:
    return OpenPeriod(
        period=period,
        version=version,
        opened=at("2019-03-18 09:00"),
        deadline=at("2019-03-22 17:00"),
        cutoff=at("2019-03-29 17:00"),
        plan=plan,
        fields=SETTINGS.fields,
        form_fields=SETTINGS.form_fields,
    )


def entry(unit: str, task: str, plan: Plan = PLAN, row: int = 8, **values: Scalar) -> Entry:
    found = plan.task(task)
    role = found.role_of(unit) if found else None
    assert role is not None, f"{unit} has no part in {task}"
    answers = {
        key: Answer(value, raw="" if value is None else str(value), cell=f"H{row}")
        for key, value in values.items()
    }
    return Entry(unit, task, role, answers, sheet="进展填报表", row=row)


def record(
    unit: str,
    *entries: Entry,
    path: str = "",
    received: str = "2019-03-21 10:00",
    filled_on: str | None = None,
    sha256: str = "",
    period: str = "2019-W12",
    status: FileStatus = FileStatus.ACCEPTED,
    findings: tuple[Finding, ...] = (),
) -> FileRecord:
    path = path or f"{unit}.xlsx"
    answers = {} if filled_on is None else {"report_date": Answer(filled_on)}
    read = status in (FileStatus.ACCEPTED, FileStatus.ACCEPTED_WITH_ERRORS)
    return FileRecord(
        file=InboxFile(path, sha256 or f"sha of {path}", 1, at(received)),
        status=status,
        submission=Submission(unit, period, 1, TiedBy.IDENTITY, entries, answers) if read else None,
        unit=unit,
        period=period,
        findings=findings,
    )
