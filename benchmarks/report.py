"""Writing the consolidated workbook, against a bare XlsxWriter script that writes the cells of its 明细数据.

    python benchmarks/report.py [--rows N] [--rounds N] [--json FILE]

Ours writes the whole workbook of a period from what merging gives: eight sheets, charts, links, row heights.
The bare script has the same cells of 明细数据 ready in lists, and writes them in constant memory, a call a
cell, without heights, widths or looks but for dates.  Both are timed from the data to the closed file, after
all imports, each in a process of its own, in turns.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, datetime
from pathlib import Path
from random import Random
from statistics import median
from zipfile import ZipFile

from xlsxwriter import Workbook, workbook

from kepu_xls import config, merge
from kepu_xls.appearance import ReportSettings
from kepu_xls.model import (
    Answer,
    Entry,
    Finding,
    OpenPeriod,
    Place,
    Plan,
    Role,
    Scalar,
    Severity,
    Task,
    Unit,
)
from kepu_xls.outcome import Consolidated, Light, Source, UnitState, UnitStatus
from kepu_xls.plan import read_document
from kepu_xls.report import figures, write_report
from kepu_xls.report.values import content_of

ROOT = Path(__file__).resolve().parents[1]
SIZES = {
    "quick": {"rows": 446, "rounds": 3},
    "default": {"rows": 40_000, "rounds": 5},
    "full": {"rows": 440_000, "rounds": 1},
}
TARGETS = {40_000: 1.3}
OURS, BARE = "kepu_xls report", "bare XlsxWriter, constant memory"
SETTINGS = config.load(ROOT / "config.toml")
PERIOD = "2019-W12"
ROWS_A_UNIT = 22
_EVERY_LEAD = 20  # one unit in so many leads a task
_MADE = datetime(2019, 3, 25, 9, 30)  # noqa: DTZ001 - the house's moments are local
_DID = (
    "组织科普大篷车进校园活动，走进第三中心小学等5所学校，展出展品42件，接待师生1860人次。",
    "召开专题推进会1次，印发《2019年科普工作要点》，将任务细化分解到各科室，明确责任人和完成时限。",
    "开展“科技点亮生活”主题宣传，发放宣传册3000份；微信公众号推送科普文章12篇，阅读量2.6万次。",
    "举办Python编程与机器人体验课8场，参加青少年320人；选拔15名选手参加市级青少年科技创新大赛。",
    "配合牵头单位完成数据摸底，报送本系统科普基地名单。",
)


def consolidated(rows: int) -> Consolidated:
    """Make what merging gives of so many rows: the tasks of the plan shipped, 22 of them to a unit."""
    opened = _opened(-(-rows // ROWS_A_UNIT))
    entries = [entry for task in opened.plan.tasks for entry in _entries(task)]
    merged = merge.merge_tasks(opened, entries)
    return Consolidated(
        opened=opened,
        made=_MADE,
        plan_start=SETTINGS.plan.start,
        plan_end=SETTINGS.plan.end,
        units=tuple(map(_status, opened.expected)),
        rows=merged,
        lights={row.task.number: Light("绿", "完成率64%，序时进度64.5%") for row in merged},
        findings=tuple(map(_finding, entries[::10])),
        previous=merged,
        previous_period="2019-W11",
        sources=tuple(Source(name, _file(name), _MADE) for name in opened.expected),
    )


def _opened(units: int) -> OpenPeriod:
    """Open a period: the plan's own tasks, each shared by as many units as it takes."""
    given = read_document(ROOT / "templates" / "plan.txt", SETTINGS.plan.title).plan
    names = [f"第{number:05}区{given.units[number % len(given.units)].name}" for number in range(units)]
    shares: list[list[str]] = [[] for _ in given.tasks]
    for number, name in enumerate(names):
        for step in range(ROWS_A_UNIT):
            shares[(number * 7 + step) % len(shares)].append(name)
    tasks = []
    for one, mine in zip(given.tasks, shares, strict=True):
        leads = tuple(mine[::_EVERY_LEAD])
        others = tuple(name for index, name in enumerate(mine) if index % _EVERY_LEAD)
        tasks.append(Task(one.number, one.part, one.project, one.text, leads, others))
    plan = Plan(title=given.title, tasks=tuple(tasks), units=tuple(map(Unit, names)))
    return OpenPeriod(PERIOD, 1, _MADE, _MADE, _MADE, plan, SETTINGS.fields, SETTINGS.form_fields)


def _file(unit: str) -> str:
    return f"{PERIOD}/{unit}_{PERIOD}_进展填报表.xlsx"


def _status(unit: str) -> UnitStatus:
    rows = {"rows": ROWS_A_UNIT, "duties": ROWS_A_UNIT}
    return UnitStatus(unit, UnitState.REPORTED, reported=True, file=_file(unit), received=_MADE, **rows)


def _finding(entry: Entry) -> Finding:
    place = Place(_file(entry.unit), "进展填报表", "G14")
    what, remedy = "“本期进展情况”与上期完全相同", "请补充本期的新进展"
    return Finding("x", Severity.WARNING, what, remedy, place, entry.unit, entry.task)


def _entries(task: Task) -> list[Entry]:
    """Fill in what each unit of a task says."""
    random = Random(task.number)  # noqa: S311 - play
    made = []
    for number, unit in enumerate((*task.leads, *task.participants)):
        role = Role.LEAD if number < len(task.leads) else Role.PARTICIPANT
        answers = {
            key: Answer(value, str(value)) for key, value in _values(random, unit, number, role).items()
        }
        made.append(Entry(unit, task.number, role, answers, "进展填报表", 9))
    return made


def _values(random: Random, unit: str, number: int, role: Role) -> dict[str, Scalar]:
    lead = role is Role.LEAD
    values: dict[str, Scalar] = {
        "status": random.choice(("推进中", "推进中", "已完成", "滞后")),
        "progress": f"{unit}{random.choice(_DID)}{random.choice(_DID) if lead else ''}第{number}号。",
        "activities": random.randint(0, 40),
        "attendance": random.randint(0, 9000),
    }
    if lead:
        values |= {"percent": random.randint(0, 100), "funds": random.randint(0, 99) / 4}
        values |= {
            "next_steps": f"按计划继续推进，{unit}4月底前完成阶段小结。",
            "expected_date": "2020-06-30",
        }
    if number % 10 == 0:
        values["problems"] = "专项经费尚未到位，影响展品更新进度。"
    return values


def _cells(data: Consolidated) -> list[list[object]]:
    """Give the cells of 明细数据 in lists."""
    files = {source.unit: source.file for source in data.sources}
    fields = data.opened.fields
    header = ["期次", "单位", "角色", "任务编号", "项目", "主要任务"]
    lines: list[list[object]] = [[*header, *(one.label for one in fields), "来源文件", "来源行"]]
    for task, entry in figures.entries(data):
        answers = [content_of(entry.value(field.key), field.type) for field in fields]
        key = [PERIOD, entry.unit, entry.role.label, task.number, task.project, task.text]
        lines.append([*key, *answers, files[entry.unit], entry.row])
    return lines


def _bare(cells: list[list[object]], path: Path) -> None:
    workbook.ZipFile = ZipFile  # ours has it compress less
    book = Workbook(path, {"constant_memory": True})
    sheet, day = book.add_worksheet("明细数据"), book.add_format({"num_format": "yyyy-mm-dd"})
    for number, line in enumerate(cells):
        for column, value in enumerate(line):
            if isinstance(value, str):
                sheet.write_string(number, column, value)
            elif isinstance(value, int | float):
                sheet.write_number(number, column, value)
            elif isinstance(value, date):
                sheet.write_datetime(number, column, datetime.combine(value, datetime.min.time()), day)
    book.close()


def _once(name: str, rows: int) -> dict[str, float]:
    """Be the process that is measured."""
    data = consolidated(rows)
    cells = _cells(data) if name == BARE else []
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.xlsx"
        wall, cpu = time.perf_counter(), time.process_time()
        if name == BARE:
            _bare(cells, path)
        else:
            write_report(data, ReportSettings(), path)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        size = path.stat().st_size / 2**20
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    grown = (most - before) / 1024
    return {"wall": wall, "cpu": cpu, "peak_mb": most / 1024, "grown_mb": grown, "file_mb": size}


def measure(rows: int = 40_000, rounds: int = 5) -> list[dict[str, object]]:
    """Write a report of so many rows, and its bare cells, in turns: a line a program, medians of the rounds.

    ``ratio`` is the median of the rounds' own ratios of wall time; ``peak_mb`` holds the data too,
    ``grown_mb`` is what writing took above that.
    """
    runs: dict[str, list[dict[str, float]]] = {OURS: [], BARE: []}
    for _ in range(rounds):
        for name, found in runs.items():
            command = [sys.executable, __file__, "--once", name, "--rows", str(rows)]
            result = subprocess.run(command, check=True, stdout=subprocess.PIPE)  # noqa: S603 - ourselves
            found.append(json.loads(result.stdout))
    lines: list[dict[str, object]] = []
    for name, found in runs.items():
        line: dict[str, object] = {"suite": "report", "case": "detail rows", "size": rows, "name": name}
        line |= {what: median(run[what] for run in found) for what in found[0]}
        for ratio, what in (("ratio", "wall"), ("cpu_ratio", "cpu")):
            line[ratio] = median(one[what] / bare[what] for one, bare in zip(found, runs[BARE], strict=True))
        lines.append({**line, "target": TARGETS.get(rows) if name == OURS else None})
    return lines


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=40_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--once", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.once:
        json.dump(_once(given.once, given.rows), sys.stdout)
        return
    from run import shown  # noqa: PLC0415 - only where it is a script

    lines = measure(given.rows, given.rounds)
    sys.stdout.write(shown(lines))
    if given.json:
        given.json.write_text(json.dumps(lines, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
