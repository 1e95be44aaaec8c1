"""Data for the tests of the report: small tables that tests state themselves, and a whole plan."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

from kepu_xls import config
from kepu_xls.model import (
    Answer,
    Entry,
    Field,
    FileRecord,
    FileStatus,
    Finding,
    InboxFile,
    Indicator,
    IndicatorValue,
    OpenPeriod,
    Place,
    Plan,
    Role,
    Scalar,
    Severity,
    Task,
    Unit,
)
from kepu_xls.outcome import Consolidated, Source, TaskRow, UnitState, UnitStatus

ROOT = Path(__file__).resolve().parents[1]
MADE = datetime(2019, 3, 25, 9, 30)  # noqa: DTZ001 - local time, as the program keeps it
SHIPPED = config.load(ROOT / "config.toml")

Said = dict[str, Scalar]
Reports = dict[str, dict[str, Said]]  # task → unit → what it said


def task_of(number: str, leads: str = "甲局", participants: str = "", **changes: str) -> Task:
    words = {
        "part": "一、重点行动",
        "project": f"（{number[:3]}）项目",
        "text": f"{number}的主要任务。",
        **changes,
    }
    joining = tuple(filter(None, participants.split("、")))
    return Task(number=number, leads=tuple(leads.split("、")), participants=joining, **words)


def merged(task: Task, said: dict[str, Said], fields: tuple[Field, ...]) -> TaskRow:
    """Merge as the merge does, near enough for a report: join texts, add counts, else the first."""
    entries = [
        Entry(
            unit=unit,
            task=task.number,
            role=task.role_of(unit) or Role.PARTICIPANT,
            answers={key: Answer(value=value, raw=str(value)) for key, value in words.items()},
            sheet="进展填报表",
            row=9 + index,
        )
        for index, (unit, words) in enumerate(said.items())
    ]
    entries.sort(key=lambda entry: entry.role is not Role.LEAD)
    values: dict[str, Scalar] = {}
    for field in fields:
        told = [(entry.unit, value) for entry in entries if (value := entry.value(field.key)) is not None]
        numbers = [value for _, value in told if isinstance(value, int | float)]
        if field.merge.value == "join":
            values[field.key] = "\n".join(f"{unit}：{text}" for unit, text in told) or None
        elif field.merge.value == "sum":
            values[field.key] = sum(numbers) if numbers else None
        else:
            values[field.key] = told[0][1] if told else None
    return TaskRow(task=task, values=values, entries=tuple(entries))


def status_of(unit: str, duties: int, said: int, **changes: object) -> UnitStatus:
    state = UnitState.REPORTED if said else UnitState.MISSING
    known: dict[str, object] = {"state": state, "reported": bool(said), "rows": said, "duties": duties}
    return UnitStatus(unit=unit, **{**known, **changes})


def build(
    tasks: list[Task],
    reports: Reports | None = None,
    *,
    fields: tuple[Field, ...] = SHIPPED.fields,
    states: dict[str, dict[str, object]] | None = None,
    indicators: tuple[Indicator, ...] = (),
    before: Reports | None = None,
    **more: object,
) -> Consolidated:
    """Put together what a report is made of, from tasks and what units said of them."""
    reports, states = reports or {}, states or {}
    names = dict.fromkeys(name for task in tasks for name in (*task.leads, *task.participants))
    plan = Plan(
        title=SHIPPED.plan.title, tasks=tuple(tasks), units=tuple(map(Unit, names)), indicators=indicators
    )
    opened = OpenPeriod(
        period="2019-W12",
        version=1,
        opened=MADE - timedelta(days=6),
        deadline=MADE - timedelta(days=3),
        cutoff=MADE + timedelta(days=4),
        plan=plan,
        fields=fields,
        form_fields=SHIPPED.form_fields,
    )
    said = {name: sum(name in units for units in reports.values()) for name in names}
    data: dict[str, object] = {
        "opened": opened,
        "made": MADE,
        "plan_start": date(2016, 1, 1),
        "plan_end": date(2020, 12, 31),
        "units": tuple(
            status_of(name, len(plan.duties_of(name)), said[name], **states.get(name, {})) for name in names
        ),
        "rows": tuple(merged(task, reports.get(task.number, {}), fields) for task in tasks),
        "sources": tuple(Source(name, f"{name}_2019-W12.xlsx", MADE) for name in names if said[name]),
    }
    if before is not None:
        data["previous"] = tuple(merged(task, before.get(task.number, {}), fields) for task in tasks)
        data["previous_period"] = "2019-W11"
    return Consolidated(**{**data, **more})


UNITS = [
    *(
        "区教育局",
        "团区委",
        "区科协",
        "区委宣传部",
        "区委文明办",
        "区人社局",
        "区科技局",
        "区环保局",
        "区卫计局",
        "区民政局",
    ),
    *(
        "区广电局",
        "区妇联",
        "区社科联",
        "区经信局",
        "区财政局",
        "区总工会",
        "区发改局",
        "区委组织部",
        "区委党校",
        "区文体局",
    ),
]
_PROJECTS = (
    ("一、实施三大重点人群科学素质行动", "（一）未成年人科学素质行动", 4, "区教育局、团区委、区科协"),
    ("一、实施三大重点人群科学素质行动", "（二）城镇劳动者科学素质行动", 5, "区人社局、区总工会"),
    ("一、实施三大重点人群科学素质行动", "（三）领导干部和公务员科学素质行动", 5, "区委组织部"),
    ("二、六大基础工程", "（一）科学教育与培训基础工程", 4, "区教育局、区人社局、区科协"),
    ("二、六大基础工程", "（二）社区科普益民工程", 4, "区科协、区民政局"),
    ("二、六大基础工程", "（三）科普资源开发与共建共享工程", 5, "区科协、区科技局"),
    ("二、六大基础工程", "（四）科普信息化建设工程", 2, "区委宣传部、区科协"),
    ("二、六大基础工程", "（五）科普基础设施工程", 2, "区科协、区发改局、区财政局"),
    ("二、六大基础工程", "（六）科普人才建设工程", 4, "区科协、区科技局、区人社局"),
)
_DONE = (
    "组织科普大篷车进校园活动，走进台江第三中心小学、宁化小学等5所学校，展出科普展品42件，接待师生1860人次。",
    "召开专题推进会1次，印发《2019年科普工作要点》，将任务细化分解到各科室，明确责任人和完成时限。",
    "开展“科技点亮生活”主题宣传，发放宣传册3000份；微信公众号推送科普文章12篇，阅读量2.6万次。",
    "举办Python编程与机器人体验课8场，参加青少年320人；选拔15名选手参加市级青少年科技创新大赛。",
    "配合牵头单位完成数据摸底，报送本系统科普基地名单。",
)
_TROUBLES = ("专项经费尚未到位，影响展品更新进度。", "专职人员不足，社区科普员流动较大。")


def real_plan_tasks() -> list[Task]:
    """The 35 tasks of the shipped plan: its own texts, its projects, units near enough."""
    lines = (ROOT / "templates" / "plan.txt").read_text(encoding="utf-8").splitlines()
    texts = [line.strip() for line in lines if len(line) > 60 and not line.strip().startswith("区委")]
    tasks: list[Task] = []
    part_numbers: dict[str, int] = {}
    projects: dict[str, int] = {}
    for part, project, count, leads in _PROJECTS:
        part_number = part_numbers.setdefault(part, len(part_numbers) + 1)
        projects[part] = projects.get(part, 0) + 1
        named = leads.split("、")
        joining = [unit for index, unit in enumerate(UNITS) if unit not in named and (index + count) % 8]
        for index in range(count):
            number = f"{part_number}.{projects[part]}.{index + 1}"
            text = texts[len(tasks) % len(texts)]
            tasks.append(Task(number, part, project, text, tuple(named), tuple(joining)))
    return tasks


def _said(task: Task, unit: str, seed: int) -> Said:
    lead = unit in task.leads
    reached = (seed * 7) % 101
    word = (
        "已完成" if seed % 9 == 0 else "滞后" if seed % 17 == 3 else "未启动" if seed % 23 == 5 else "推进中"
    )
    said: Said = {"status": word, "activities": seed % 4, "attendance": seed * 13 % 900}
    if lead:
        said["percent"] = 100 if word == "已完成" else min(reached, 99)
        said["funds"] = seed % 5 + 0.5
    if lead or seed % 3 == 0:
        said["progress"] = "".join(_DONE[(seed + step) % len(_DONE)] for step in range(2 if lead else 1))
        said["next_steps"] = "按计划继续推进，4月底前完成阶段小结。" if lead else None
    if seed % 17 == 3 or seed % 29 == 0:
        said["problems"] = _TROUBLES[seed % 2]
    if lead:
        said["expected_date"] = "2020-06-30"
    return {key: value for key, value in said.items() if value is not None}


def whole_plan() -> Consolidated:
    """Everything at once: 35 tasks, 20 units, one missing, late, nil, sent back; findings, last week."""
    tasks = real_plan_tasks()
    missing = "区文体局"
    reports = {
        task.number: {
            unit: _said(task, unit, index * 5 + UNITS.index(unit))
            for unit in (*task.leads, *task.participants)
            if unit != missing
        }
        for index, task in enumerate(tasks)
    }
    before = {number: {unit: dict(said) for unit, said in units.items()} for number, units in reports.items()}
    for number in list(before)[::4]:
        for said in before[number].values():
            if "percent" in said:
                said["percent"] = max(0, int(str(said["percent"])) - 8)
            said["status"] = "推进中"
    name = "科普智慧云互动大屏"
    indicators = (
        Indicator("2.2.3", name, 10, "个", date(2020, 12, 31), confirmed=True),
        Indicator("2.5.2", "国家级科普教育基地", 2, "个", date(2020, 12, 31)),
        Indicator("2.5.2", "省级科普教育基地", 3, "个", date(2020, 12, 31)),
        Indicator("2.5.2", "市级科普教育基地", 5, "个", date(2020, 12, 31)),
        Indicator("2.5.2", "区级科普教育基地", 10, "个", date(2020, 12, 31)),
    )
    values = (
        IndicatorValue("区科协", "2.2.3", name, Answer(value=6), "另有2个在安装"),
        IndicatorValue("区民政局", "2.2.3", name, Answer(value=6)),
        IndicatorValue("区科协", "2.5.2", "国家级科普教育基地", Answer(value=2)),
        IndicatorValue("区财政局", "2.5.2", "省级科普教育基地", Answer(value=1)),
    )
    place = Place("区环保局_2019-W12_进展填报表.xlsx", "进展填报表", "G14")
    findings = (
        Finding(
            "x",
            Severity.WARNING,
            "“本期进展情况”与上期完全相同",
            "请补充本期的新进展",
            place,
            "区财政局",
            "2.5.1",
        ),
        Finding(
            "y", Severity.ERROR, "完成率写成“八十多”，读不出数", "请填0到100的数", place, "区环保局", "1.1.2"
        ),
    )
    files = (
        _file("区环保局.xlsx", FileStatus.ACCEPTED_WITH_ERRORS, "区环保局", findings[1:]),
        _file("区妇联 第一次.xls", FileStatus.SUPERSEDED, "区妇联"),
        _file("Thumbs.db", FileStatus.IGNORED),
        _file(
            "通知.docx",
            FileStatus.REJECTED,
            "",
            (Finding("z", Severity.ERROR, "不是电子表格", "请用填报表报送", Place("通知.docx")),),
        ),
    )
    states: dict[str, dict[str, object]] = {
        "区广电局": {"state": UnitState.LATE, "late": True},
        "区社科联": {"state": UnitState.NIL, "nil": True},
        "区环保局": {"state": UnitState.RETURNED, "errors": 1},
        "区财政局": {"warnings": 1},
    }
    for unit in UNITS:
        if unit != missing:
            states.setdefault(unit, {}).update(
                file=f"{unit}_2019-W12_进展填报表.xlsx", received=MADE - timedelta(days=3)
            )
    return build(
        tasks, reports, states=states, indicators=indicators, before=before,
        indicator_values=values, files=files, findings=findings,
    )  # fmt: skip


def _file(path: str, status: FileStatus, unit: str = "", findings: tuple[Finding, ...] = ()) -> FileRecord:
    return FileRecord(InboxFile(path, "0" * 64, 1000, MADE), status, unit=unit, findings=findings)
