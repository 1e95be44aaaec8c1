"""A small plan, its opened period, and real forms filled in as people fill them."""

from __future__ import annotations

import hashlib
import io
from datetime import date
from pathlib import Path

import openpyxl
from builders import SETTINGS, at, open_period
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from kepu_xls import identity, periods
from kepu_xls.forms import FormContent, Press, load_template
from kepu_xls.intake import ReadingContext, read_file
from kepu_xls.model import FileRecord, InboxFile, Indicator, OpenPeriod, Plan, Scalar, Task, Unit

ROOT = Path(__file__).resolve().parents[2]
SECRET = b"0123456789abcdef0123456789abcdef"
PERIOD = "2019-W12"
UNIT = "区教育局"
SHEET, HEADER = identity.FORM_SHEET, 6
FIRST, LAST = HEADER + 1, HEADER + 4

PLAN = Plan(
    title="全民科学素质行动计划纲要实施方案（2016—2020年）",
    units=(
        Unit(UNIT, aliases=("教育局",)),
        Unit("区科协"),
        Unit("区妇联"),
        Unit("区民政局"),
        Unit("区财政局"),
    ),
    tasks=(
        Task(
            "1.1.1",
            "一",
            "青少年",
            "推进义务教育阶段的科技教育，完善中小学科学课程体系。",
            (UNIT,),
            ("区科协",),
        ),
        Task("1.1.2", "一", "青少年", "开展校内外结合的科技教育活动，组织科技节、科普日。", (UNIT, "区科协")),
        Task(
            "1.2.1", "一", "农民", "开展农村实用技术培训，提高农民的科学素质。", ("区科协",), (UNIT, "区妇联")
        ),
        Task(
            "1.2.2", "一", "农民", "加强农村科普信息化建设，推动“互联网+农业”的发展。", ("区妇联",), (UNIT,)
        ),
        Task(
            "2.1.1",
            "二",
            "基础",
            "实施科普基础设施工程，建设科普中国e站。",
            ("区科协",),
            ("区民政局", "区财政局"),
        ),
    ),
    indicators=(Indicator("1.1.1", "互动大屏", 10, "个"),),
)
OPENED = open_period(PERIOD, PLAN)
CONTEXT = ReadingContext({PERIOD: OPENED}, SECRET, PERIOD)

ANSWERS: dict[str, dict[str, str | float]] = {
    "1.1.1": {
        "status": "推进中",
        "percent": "80%",
        "progress": "开设科学课",
        "activities": 3,
        "attendance": "1,200人次",
    },
    "1.1.2": {"status": "完成", "percent": 100, "progress": "办了科技节", "funds": "3.5万元"},
    "1.2.1": {"status": "进行中", "progress": "送教下乡", "remarks": "无"},
    "1.2.2": {"unchanged": "√"},
}
VALUES: dict[str, dict[str, Scalar]] = {
    "1.1.1": {
        "status": "推进中",
        "percent": 80,
        "progress": "开设科学课",
        "activities": 3,
        "attendance": 1200,
    },
    "1.1.2": {"status": "已完成", "percent": 100, "progress": "办了科技节", "funds": 3.5},
    "1.2.1": {"status": "推进中", "progress": "送教下乡"},
    "1.2.2": {"unchanged": "是"},
}


def blank_form(path: Path, unit: str = UNIT, opened: OpenPeriod = OPENED) -> Workbook:
    """Write a unit's form with the shipped template, and open it."""
    who = identity.Identity(unit, opened.period, opened.version)
    content = FormContent(
        identity=who,
        signature=identity.sign(SECRET, who),
        plan_title=opened.plan.title,
        period_label=periods.parse(opened.period).label,
        deadline=opened.deadline,
        organiser="区科协",
        duties=opened.plan.duties_of(unit),
        previous={"1.1.1": "2019年第11周开了动员会"},
        fields=opened.fields,
        form_fields=opened.form_fields,
        indicators=opened.plan.indicators_of(unit),
        first_day=date(2016, 1, 1),
    )
    template = ROOT / "templates" / "form.xlsx"
    Press(load_template(template, SETTINGS.fields, SETTINGS.form_fields)).write({path: content})
    return openpyxl.load_workbook(path)


def fill(book: Workbook, answers: dict[str, dict[str, str | float]] | None = None) -> Workbook:
    """Type answers into a form, by its visible header."""
    sheet = book[SHEET]
    labels = {field.label: field.key for field in OPENED.fields}
    columns = {labels[cell.value]: cell.column for cell in sheet[HEADER] if cell.value in labels}
    for row in range(HEADER + 1, sheet.max_row + 1):
        task = sheet.cell(row, 2).value
        for key, value in (ANSWERS if answers is None else answers).get(str(task), {}).items():
            sheet.cell(row, columns[key]).value = value
    beside = {"填报人：": "某某", "联系电话：": 13800000000, "填报日期：": "3月22日"}
    for row in sheet.iter_rows(min_row=HEADER + 1):
        for cell in row:
            if cell.value in beside:
                merged = next((one for one in sheet.merged_cells.ranges if cell.coordinate in one), None)
                sheet.cell(cell.row, (merged.max_col if merged else cell.column) + 1).value = beside[
                    cell.value
                ]
    if identity.INDICATOR_SHEET in book:
        book[identity.INDICATOR_SHEET]["G5"] = "8个"
    return book


def saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read(data: bytes, name: str = "附件.xlsx", context: ReadingContext = CONTEXT) -> FileRecord:
    file = InboxFile(name, hashlib.sha256(data).hexdigest(), len(data), at("2019-03-22 10:00"))
    return read_file(file, data, context)


def values_of(record: FileRecord) -> dict[str, dict[str, Scalar]]:
    """Give what a record's entries say: task → field → value, without what says nothing."""
    assert record.submission is not None, record.findings
    return {
        entry.task: {key: answer.value for key, answer in entry.answers.items() if answer.value is not None}
        for entry in record.submission.entries
    }


def codes(record: FileRecord) -> list[str]:
    return [one.code for one in record.findings]


def rows_of(sheet: Worksheet) -> list[list[object]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def rewritten(book: Workbook, rows: list[list[object]]) -> Workbook:
    """Put other rows into the form sheet, without the merged ranges that openpyxl does not move."""
    position = book.sheetnames.index(SHEET)
    del book[SHEET]
    sheet = book.create_sheet(SHEET, position)
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            sheet.cell(number, column).value = value
    return book
