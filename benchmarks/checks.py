"""Times rules and lights: 446 rows and up to 40,000, so that a bend in the line shows."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from random import Random

from kepu_xls import checks, config, merge
from kepu_xls.model import Answer, Entry, OpenPeriod, Plan, Scalar, Task, Unit

SETTINGS = config.load(Path(__file__).resolve().parents[1] / "config.toml")
SIZES = (446, 5_000, 10_000, 20_000, 40_000)
UNITS = 13  # of one task: two lead it
TRIES = 5


def period_of(tasks: int) -> OpenPeriod:
    """Open a period in which every unit has a part in every task."""
    names = [f"第{number}局" for number in range(UNITS)]
    plan = Plan(
        title="量测",
        units=tuple(map(Unit, names)),
        tasks=tuple(
            Task(
                f"1.1.{n}", "部分", "项目", f"任务{n}", tuple(names[:2]), tuple(names[2:]), date(2019, 6, 30)
            )
            for n in range(tasks)
        ),
    )
    moment = datetime(2019, 3, 22, 17)  # noqa: DTZ001 - the house's moments are local
    return OpenPeriod("2019-W12", 1, moment, moment, moment, plan, SETTINGS.fields, SETTINGS.form_fields)


def entries_of(opened: OpenPeriod, rows: int) -> list[Entry]:
    """Fill that many rows; about one in ten breaks a rule."""
    random = Random(rows)  # noqa: S311 - play, not secrets
    made: list[Entry] = []
    for task in opened.plan.tasks:
        for unit in opened.expected:
            role = task.role_of(unit)
            if role is not None and len(made) < rows:
                made.append(Entry(unit, task.number, role, _answers(random, len(made) + 7), "进展填报表", 7))
    return made


def _answers(random: Random, row: int) -> dict[str, Answer]:
    values: dict[str, Scalar] = {
        "status": random.choice(("推进中", "推进中", "推进中", "已完成", "滞后")),
        "percent": random.randint(90, 100),
        "progress": "本周走进实验小学，举办讲座两场，五百人次参加" if random.random() > 0.02 else "做了",  # noqa: PLR2004
        "problems": "经费未到位",
        "expected_date": f"2019-{random.randint(3, 12):02}-20",
    }
    return {key: Answer(value, str(value), f"J{row}") for key, value in values.items()}


def best(work: Callable[[], object]) -> float:
    """Give the shortest of a few runs, in seconds of this process: others on the machine do not count."""
    times = []
    for _ in range(TRIES):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    """Print a line a size."""
    sys.stdout.write("    rows   rules s  µs a row  found   lights s   merge s\n")
    for size in SIZES:
        opened = period_of(-(-size // UNITS))
        entries = entries_of(opened, size)
        files = dict.fromkeys(opened.expected, "表.xlsx")

        def rules(
            opened: OpenPeriod = opened, entries: list[Entry] = entries, files: dict[str, str] = files
        ) -> int:
            return len(checks.check_rules(SETTINGS.rules, opened, entries, entries, files))

        start = time.process_time()
        rows = merge.merge_tasks(opened, entries)
        merged = time.process_time() - start
        lit = best(
            lambda opened=opened, rows=rows: checks.lights_of(
                SETTINGS.lights, opened, rows, SETTINGS.plan.start, SETTINGS.plan.end
            )
        )
        taken = best(rules)
        line = f"{size:8,} {taken:9.3f} {taken / size * 1e6:9.1f} {rules():6,} {lit:10.4f} {merged:9.3f}\n"
        sys.stdout.write(line)


if __name__ == "__main__":
    main()
