from __future__ import annotations

from datetime import date

import pytest

from kepu_xls.model import Place, Role, Task
from kepu_xls.plan import duties
from kepu_xls.plan.blocks import Cell
from kepu_xls.plan.dates import last_day_meant
from kepu_xls.plan.headings import Column, Mark, columns_of, head, marked, number_in
from kepu_xls.plan.indicators import indicators_of


def row(*heads: str) -> tuple[Cell, ...]:
    return tuple(Cell(text, Place(cell=f"{index}")) for index, text in enumerate(heads))


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("牵头单位", Column.LEAD),
        ("牵头\n部门", Column.LEAD),
        ("牵头单位（部门）", Column.LEAD),
        ("配合单位", Column.PARTICIPANT),
        ("参 加 单 位", Column.PARTICIPANT),
        ("责任单位", Column.RESPONSIBLE),
        ("主要任务", Column.TASK),
        ("2020年工作任务", Column.TASK),
        ("项　目", Column.PROJECT),
        ("完成时限", Column.DEADLINE),
        ("序号", Column.NUMBER),
        ("备注", Column.OTHER),
        ("牵头领导", Column.OTHER),
        ("区科协", None),
        ("推动义务教育均衡发展，落实各项工作任务和措施", None),
    ],
)
def test_heads_of_columns_are_known_by_their_synonyms(text: str, column: Column | None) -> None:
    assert head(text) is column


@pytest.mark.parametrize(
    ("heads", "lead", "participant"),
    [
        (("任务", "责任单位", "责任部门"), (1,), (2,)),
        (("任务", "责任部门", "牵头单位"), (2,), (1,)),
        (("任务", "参加单位", "责任单位"), (2,), (1,)),
        (("任务", "牵头部门", "协办单位"), (1,), (2,)),
    ],
)
def test_responsible_units_lead_unless_others_do(
    heads: tuple[str, ...], lead: tuple[int, ...], participant: tuple[int, ...]
) -> None:
    columns = columns_of(row(*heads))
    assert columns is not None
    assert (columns[Column.LEAD], columns[Column.PARTICIPANT]) == (lead, participant)


@pytest.mark.parametrize("heads", [("主要任务", "备注"), ("姓名", "单位", "电话"), ("牵头单位", "参加单位")])
def test_a_table_without_tasks_and_units_is_no_task_table(heads: tuple[str, ...]) -> None:
    assert columns_of(row(*heads)) is None


@pytest.mark.parametrize(
    ("text", "mark", "ordinal", "rest"),
    [
        ("一、实施行动", Mark.PART, 1, "实施行动"),
        ("第二部分 六大工程", Mark.PART, 2, "六大工程"),
        ("（十二）科普", Mark.PROJECT, 12, "科普"),
        ("(二)科普", Mark.PROJECT, 2, "科普"),
        ("3、加强", Mark.TASK, 3, "加强"),
        ("3.加强", Mark.TASK, 3, "加强"),
        ("１２．加强", Mark.TASK, 12, "加强"),
        ("3）加强", Mark.TASK, 3, "加强"),
        ("（3）加强", Mark.SUBTASK, 3, "加强"),
        ("③加强", Mark.CIRCLED, 3, "加强"),
        ("1.2.3 加强", Mark.TASK, 3, "加强"),
        ("10个互动大屏", None, None, "10个互动大屏"),
        ("2020年完成", None, None, "2020年完成"),
        ("1.5万人参加", None, None, "1.5万人参加"),
        ("三大重点人群", None, None, "三大重点人群"),
        ("一批工作室", None, None, "一批工作室"),
    ],
)
def test_marks_are_told_from_numbers_in_the_text(
    text: str, mark: Mark | None, ordinal: int | None, rest: str
) -> None:
    found = marked(text)
    assert (found.mark, found.ordinal, found.text) == (mark, ordinal, rest)


@pytest.mark.parametrize(
    ("text", "number"), [("十", 10), ("十一", 11), ("二十", 20), ("三十五", 35), ("⑳", 20)]
)
def test_chinese_numbers_are_read(text: str, number: int) -> None:
    assert number_in(text) == number


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2020-12-31", date(2020, 12, 31)),
        ("2020年12月", date(2020, 12, 31)),
        ("2020年2月", date(2020, 2, 29)),
        ("2020.6", date(2020, 6, 30)),
        ("２０２０年６月底前", date(2020, 6, 30)),
        ("2020年6月15日前", date(2020, 6, 15)),
        ("20200615", date(2020, 6, 15)),
        ("2020年底", date(2020, 12, 31)),
        ("2020", date(2020, 12, 31)),
        ("2016—2020年", date(2020, 12, 31)),
        ("2019年上半年", date(2019, 6, 30)),
        ("2019年第三季度", date(2019, 9, 30)),
        ("长期坚持", None),
        ("2020年13月", None),
        ("2020-02-30", None),
    ],
)
def test_deadlines_mean_the_last_day(text: str, day: date | None) -> None:
    assert last_day_meant(text) == day


LEAD, JOIN = Role.LEAD, Role.PARTICIPANT


@pytest.mark.parametrize(
    ("text", "said", "deadline"),
    [
        ("牵头单位：甲、乙；配合单位：丙；完成时限：2020年", [(LEAD, "甲、乙"), (JOIN, "丙")], "2020年"),
        ("牵头:甲局\n参加:丙局", [(LEAD, "甲局"), (JOIN, "丙局")], None),
        ("责任单位：甲局", [(None, "甲局")], None),
        ("甲局牵头，乙局、丙局配合", [(LEAD, "甲局"), (JOIN, "乙局、丙局")], None),
        ("甲局、乙局等按职责分工负责", [(LEAD, "甲局、乙局等")], None),
        ("甲局、乙局", [(None, "甲局、乙局")], None),
        ("", [], None),
    ],
)  # fmt: skip
def test_who_does_what_is_read_from_labels_or_words(
    text: str, said: list[tuple[Role | None, str]], deadline: str | None
) -> None:
    found = duties.read(Cell(text), None)
    assert [(duty.role, duty.cell.text) for duty in found.duties] == said
    assert (found.deadline.text if found.deadline else None) == deadline


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("在全区社区布设10个“科普智慧云”互动大屏，推进建设。", [("“科普智慧云”互动大屏", 10, "个", None)]),
        (
            "到2020年，力争建立国家级基地2个，省级基地3个。",
            [("国家级基地", 2, "个", date(2020, 12, 31)), ("省级基地", 3, "个", date(2020, 12, 31))],
        ),
        (
            "到2025年，公民具备科学素质的比例达到15%以上。",
            [("公民具备科学素质的比例", 15, "%", date(2025, 12, 31))],
        ),
        ("培训农民5万人次。", [("农民", 50000, "人次", None)]),
        ("新建科普场馆１２座", [("科普场馆", 12, "座", None)]),
        ("到2019年，基本实现全覆盖。", []),
        ("实施三大重点人群行动，落实2016-2020年规划，服务“台江制造2025”。", []),
        ("抓好3个方面工作，突出5个重点。", []),
        ("第3个阶段，每2个月一次。", []),
    ],
)
def test_indicators_are_numbers_with_a_measure_and_a_name(
    text: str, found: list[tuple[str, float, str, date | None]]
) -> None:
    task = Task(number="1.1.1", part="甲", project="乙", text=text)
    assert [(one.name, one.target, one.measure, one.deadline) for one in indicators_of(task)] == found
