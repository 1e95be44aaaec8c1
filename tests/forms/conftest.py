"""A plan with every kind of unit, and forms made from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from openpyxl import Workbook, load_workbook

from kepu_xls import config, forms, identity
from kepu_xls.model import Indicator, Plan, Task, Unit

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "templates" / "form.xlsx"

TEXT = "推进义务教育阶段的科技教育，完善中小学科学课程体系，更新中小学科技教育内容，加强对探究性学习的指导。"

# 区科协 leads 1.1 and joins the rest; 区妇联 only joins; 区教育局 leads nearly all of 35 tasks.
PLAN = Plan(
    title="全民科学素质行动计划纲要实施方案（2016—2020年）",
    tasks=tuple(
        Task(
            number=f"1.{1 + index // 12}.{1 + index % 12}",
            part="一、重点人群",
            project=f"（{'一二三'[index // 12]}）科学素质行动",
            text=TEXT * (1 + index % 4),
            leads=("区科协",) if index in (2, 5) else ("区教育局",),
            participants=("区教育局", "区妇联") if index in (2, 5) else ("区科协", "区妇联"),
        )
        for index in range(35)
    ),
    units=(Unit("区科协"), Unit("区教育局"), Unit("区妇联")),
    indicators=(
        Indicator("1.1.3", "互动大屏", 10, "个", date(2020, 12, 31)),
        Indicator("1.1.3", "科普教育基地", 2, "个"),
    ),
)


@pytest.fixture(scope="session")
def settings() -> config.Config:
    return config.load(ROOT / "config.toml")


@pytest.fixture
def content(settings: config.Config) -> Callable[..., forms.FormContent]:
    """Content of a unit's form: ``content("区科协", period_label="…")``."""

    def make(unit: str, **changes: Any) -> forms.FormContent:  # noqa: ANN401 - any field of FormContent
        whose = identity.Identity(unit, "2019-W12", 1)
        made = forms.FormContent(
            identity=whose,
            signature=identity.sign(b"secret", whose),
            plan_title=PLAN.title,
            period_label="2019年第12周（3月18日—3月24日）",
            deadline=datetime(2019, 3, 22, 17),  # noqa: DTZ001 - deadlines are local time
            organiser="区科协",
            duties=PLAN.duties_of(unit),
            previous={"1.1.3": "开展讲座3场。\n=2+3 不是公式"},
            fields=settings.fields,
            form_fields=settings.form_fields,
            indicators=PLAN.indicators_of(unit),
            first_day=date(2019, 3, 18),
        )
        return msgspec.structs.replace(made, **changes)

    return make


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a form and give its path: ``write(content, template_path, fields=…)``."""

    def make(of: forms.FormContent, template: Path = SHIPPED, name: str = "form.xlsx") -> Path:
        loaded = forms.load_template(template, of.fields, of.form_fields)
        forms.Press(loaded).write({tmp_path / "out" / name: of})
        return tmp_path / "out" / name

    return make


@pytest.fixture
def restyle(tmp_path: Path) -> Callable[[Callable[[Workbook], object]], Path]:
    """Change a copy of the shipped template as a clerk would, and give its path."""

    def make(change: Callable[[Workbook], object]) -> Path:
        book = load_workbook(SHIPPED)
        change(book)
        path = tmp_path / "templates" / "form.xlsx"
        path.parent.mkdir(exist_ok=True)
        book.save(path)
        return path

    return make


@pytest.fixture
def shipped() -> Path:
    return SHIPPED


@pytest.fixture
def plan() -> Plan:
    return PLAN
