"""Times the checks across periods and units: 446 rows and 40,000, so that a bend in the line shows."""

from __future__ import annotations

import sys
import time
from datetime import datetime
from pathlib import Path
from random import Random

from kepu_xls import config
from kepu_xls.checks.across_periods import check_across_periods
from kepu_xls.checks.across_units import check_tasks, check_texts
from kepu_xls.checks.phrases import check_phrases
from kepu_xls.model import Answer, Entry, OpenPeriod, Plan, Role, Scalar, Task, Unit

SETTINGS = config.load(Path(__file__).resolve().parents[1] / "config.toml")
SIZES = (446, 5_000, 10_000, 20_000, 40_000)
WEEKS = ("2019-W12", "2019-W11", "2019-W10", "2019-W09", "2019-W08")
CLAUSES = tuple(
    f"{day}日在{place}{done}{number}场，{people}人次参加"
    for day in range(1, 29)
    for place in ("实验小学", "科技馆", "社区广场", "人力资源市场", "家庭医生工作站")
    for done in ("举办讲座", "开展义诊", "布设展览")
    for number, people in ((1, 53), (3, 278), (12, 1417))
)


def plan_of(tasks: int, units: int) -> Plan:
    """Make a plan in which each task has two leads and some participants, 13 units in all."""
    names = [f"第{number}局" for number in range(units)]
    duties = [[names[(number * 7 + step) % units] for step in range(13)] for number in range(tasks)]
    return Plan(
        title="量测",
        units=tuple(map(Unit, names)),
        tasks=tuple(
            Task(
                f"1.{n // 50 + 1}.{n % 50 + 1}",
                "部分",
                "项目",
                f"任务{n}",
                tuple(those[:2]),
                tuple(those[2:]),
            )
            for n, those in enumerate(duties)
        ),
    )


def entries_of(plan: Plan, rows: int, week: int) -> list[Entry]:
    """Fill that many rows; texts are put together from clauses that many share, some are copied."""
    random = Random(week)  # noqa: S311 - play, not secrets
    said = [(task.number, unit) for task in plan.tasks for unit in (*task.leads, *task.participants)][:rows]
    made: list[Entry] = []
    for number, (task, unit) in enumerate(said):
        text = "；".join(random.choices(CLAUSES, k=3)) if random.random() > 0.02 else CLAUSES[0] * 2  # noqa: PLR2004
        values: dict[str, Scalar] = {
            "status": "推进中",
            "percent": 60 - week + random.randint(0, 3),
            "progress": text,
            "activities": random.randint(1, 12),
            "attendance": random.randint(20, 1500),
        }
        answers = {key: Answer(value, str(value), f"J{number + 7}") for key, value in values.items()}
        role = Role.LEAD if number % 13 < 2 else Role.PARTICIPANT  # noqa: PLR2004 - as in plan_of
        made.append(Entry(unit, task, role, answers, "进展填报表", number + 7))
    return made


def measure(rows: int) -> None:
    """Print one line: rows, seconds of processor time of each check, findings."""
    plan = plan_of(-(-rows // 13), max(20, rows // 40))
    moment = datetime(2019, 3, 18, 9)  # noqa: DTZ001 - local time, as everywhere
    periods = [
        (
            OpenPeriod(week, 1, moment, moment, moment, plan, SETTINGS.fields, ()),
            entries_of(plan, rows, n),
        )
        for n, week in enumerate(WEEKS)
    ]
    (opened, now), *history = periods
    files = {unit.name: f"{unit.name}.xlsx" for unit in plan.units}
    spent: list[float] = []
    count = 0
    for check in (
        lambda: check_across_periods(opened, now, history, files, SETTINGS.checks),
        lambda: check_tasks(opened, now, files, SETTINGS.checks),
        lambda: check_texts(opened, now, files, SETTINGS.checks, ()),
        lambda: check_phrases(opened, now, files, SETTINGS.checks),
    ):
        start = time.process_time()
        count += len(check())
        spent.append(time.process_time() - start)
    each = sum(spent) / rows * 1e6
    seconds = "  ".join(f"{one:8.3f} s" for one in spent)
    sys.stdout.write(f"{rows:6} rows  {seconds}  {each:7.0f} µs a row  {count} findings\n")


if __name__ == "__main__":
    sys.stdout.write("             across periods  across units  phrases\n")
    for size in SIZES:
        measure(size)
