"""The workbook on paper, through LibreOffice: nothing cut off, one page wide, no page to spare."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from PIL import Image
from report_data import MADE, SHIPPED, build, task_of, whole_plan

from kepu_xls import workspace
from kepu_xls.appearance import ReportSettings
from kepu_xls.commands import session
from kepu_xls.commands.consolidation import consolidate
from kepu_xls.commands.demo import demo
from kepu_xls.outcome import Consolidated, UnitState
from kepu_xls.report import SHEETS, write_report

pytestmark = pytest.mark.libreoffice
Convert = Callable[[Path, str, Path], Path]

# a title and the line below it, as they follow each other on the first page of a sheet
TITLES = ("任务进展情况", "单位报送情况", "量化指标完成情况", "与上期对比", "问题与滞后情况", "校验结果")
A3, A4 = (1191, 842), (842, 595)


def printed(data: Consolidated, folder: Path, convert: Convert, paper: str = "A3") -> Path:
    path = folder / "report.xlsx"
    write_report(data, ReportSettings(paper=paper), path)
    return convert(path, "pdf", folder)


def pages_of(pdf: Path) -> list[str]:
    """Text of each page without white space, which paper does not tell apart from line ends."""
    text = subprocess.run(["pdftotext", "-raw", pdf, "-"], capture_output=True, check=True).stdout.decode()
    return [re.sub(r"\s", "", page) for page in text.split("\f")[:-1]]


def body(page: str) -> str:
    """Text of a page without its footer."""
    footer = (
        re.escape(re.sub(r"\s", "", SHIPPED.plan.title))
        + r"任务进展情况汇总2019年第12周\S{0,40}?第\d+页共\d+页"
    )
    return re.sub(footer, "", page)


def task_pages(pages: list[str]) -> list[str]:
    """Pages of 任务进展, by its header row."""
    return [body(page) for page in pages if "牵头单位参加单位" in page]


def sizes_of(pdf: Path) -> set[tuple[int, int]]:
    text = subprocess.run(["pdfinfo", "-l", "9999", pdf], capture_output=True, check=True).stdout.decode()
    return {(round(float(w)), round(float(h))) for w, h in re.findall(r"size:\s+([\d.]+) x ([\d.]+)", text)}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, convert: Convert) -> Path:
    return printed(whole_plan(), tmp_path_factory.mktemp("whole"), convert)


def told(data: Consolidated) -> Counter[str]:
    """The last words of everything that units wrote of progress, problems and plans, and how often."""
    texts = (
        str(entry.value(key) or "")
        for row in data.rows
        for entry in row.entries
        for key in ("progress", "problems", "next_steps")
    )
    return Counter(tail for text in texts if (tail := re.sub(r"\s", "", text)[-6:]))


def assert_last_words_on_paper(data: Consolidated, pdf: Path) -> None:
    table = "".join(task_pages(pages_of(pdf)))
    missing = {tail: count for tail, count in told(data).items() if table.count(tail) < count}
    assert not missing


def filled(pdf: Path, folder: Path) -> list[float]:
    """How far down each page is printed, of what stands between the margins."""
    subprocess.run(["pdftoppm", "-r", "20", "-gray", pdf, folder / "page"], check=True)
    shares = []
    for path in sorted(folder.glob("page-*.pgm")):
        with Image.open(path) as picture:
            upper, lower = picture.height * 28 / 297, picture.height * (297 - 26) / 297
            body = picture.crop((0, 0, picture.width, int(lower) - 1)).point(lambda dot: 255 * (dot < 160))
            box = body.getbbox()
            shares.append(0.0 if box is None else (box[3] - upper) / (lower - upper))
    return shares


HEADS = {
    "任务进展": ("参加单位", "下一步计划"),
    "单位报送": ("应报行数", "电话"),
    "量化指标": ("目标值", "各单位填报"),
    "与上期对比": ("增减", "其他栏目的变化"),
    "问题与滞后": ("类别", "单位反映的问题"),
    "校验结果": ("严重程度", "单元格"),
    "明细数据": ("期次", "来源行"),
}


def sheets_of(pdf: Path) -> list[str]:
    """The sheet of each page, told by the first and the last of its heads, which are on every page of it."""
    found = []
    for number, page in enumerate(pages_of(pdf)):
        on_it = [name for name, heads in HEADS.items() if all(head in page for head in heads)]
        assert number == 0 or on_it, f"page {number + 1} has no whole header row"
        found.append(on_it[0] if number else "总体情况")
    return found


def assert_prints_well(pdf: Path, folder: Path) -> None:
    """Each sheet is one page wide with its header row on every page, and no page is nearly empty."""
    sheets, shares = sheets_of(pdf), filled(pdf, folder)
    assert sorted(set(sheets), key=sheets.index) == [one for one in SHEETS if one in sheets]
    pages = Counter(sheets)
    nearly_empty = [
        (number, sheet, share)
        for number, (sheet, share) in enumerate(zip(sheets, shares, strict=True), 1)
        if pages[sheet] > 1 and share < 0.25
    ]
    assert not nearly_empty


def test_all_that_units_wrote_is_on_paper_to_the_last_word(whole: Path) -> None:
    assert told(whole_plan()).total() > 300
    assert_last_words_on_paper(whole_plan(), whole)


def test_the_demos_report_prints_well_to_the_last_word(tmp_path: Path, convert: Convert) -> None:
    demo(tmp_path / "demo", say=lambda _: None)
    found = workspace.find(tmp_path, tmp_path / "demo")
    with session.opened(found, MADE, writing=True) as opened:
        data = consolidate(opened, session.period_meant(opened, None))
    pdf = printed(data, tmp_path, convert)
    assert_last_words_on_paper(data, pdf)
    assert_prints_well(pdf, tmp_path)
    assert Counter(sheets_of(pdf))["任务进展"] <= 22


def test_a_report_of_two_hundred_units_prints_well_to_the_last_word(tmp_path: Path, convert: Convert) -> None:
    units = [f"第{number}街道办事处" for number in range(1, 201)]
    tasks = [task_of(f"1.1.{n + 1}", units[n], "、".join(units[n + 1 : n + 60])) for n in range(0, 200, 60)]
    said = {
        task.number: {
            unit: {"progress": f"{unit}开展活动{index}场，收尾语{index}号。"}
            for index, unit in enumerate((*task.leads, *task.participants))
        }
        for task in tasks
    }
    missing = {"state": UnitState.MISSING, "reported": False}
    data = build(tasks, said, states=dict.fromkeys(units[::7], missing))
    pdf = printed(data, tmp_path, convert)
    assert_last_words_on_paper(data, pdf)
    assert_prints_well(pdf, tmp_path)
    assert "主要问题" in pages_of(pdf)[0]


def test_even_pages_have_their_own_footer_where_wanted(tmp_path: Path, convert: Convert) -> None:
    look = {
        "odd_even_footers": True,
        "footer_left": "左边",
        "footer_centre": "中",
        "footer_right": "第{page}页",
    }
    path = tmp_path / "report.xlsx"
    write_report(build(TALL), ReportSettings(sheets=("任务进展",), **look), path)
    text = subprocess.run(
        ["pdftotext", "-layout", convert(path, "pdf", tmp_path), "-"], capture_output=True, check=True
    ).stdout.decode()
    feet = [re.sub(r"\s", "", page.strip().splitlines()[-1]) for page in text.split("\f")[:-1]]
    assert feet[:2] == ["左边中第1页", "第2页中左边"]


TALL = [task_of(f"1.1.{number}", text="长" * 700) for number in range(1, 6)]


def test_the_first_page_holds_the_whole_overview_and_each_sheet_begins_a_page(whole: Path) -> None:
    pages = pages_of(whole)
    assert "主要问题" in pages[0]
    assert "任务进展情况汇总" in pages[0]
    starts = [[number for number, page in enumerate(pages) if title in body(page)][-1] for title in TITLES]
    assert [min(starts), *starts] == [1, *sorted(starts)]


def test_pages_are_landscape_numbered_and_one_sheet_wide(whole: Path) -> None:
    pages = pages_of(whole)
    assert sizes_of(whole) == {A3}
    for number, page in enumerate(pages, 1):
        assert f"第{number}页共{len(pages)}页" in page
        assert number == 1 or re.search(
            "主要任务|单位名称|状态|指标|严重", page
        )  # the header row of each sheet


def test_no_page_is_nearly_empty_and_no_sheet_wider_than_one(whole: Path, tmp_path: Path) -> None:
    assert_prints_well(whole, tmp_path)


def test_every_page_of_a_project_names_it(whole: Path) -> None:
    pages = task_pages(pages_of(whole))
    for project in {re.sub(r"（.）", "", row.task.project) for row in whole_plan().rows}:
        assert any(project in page for page in pages)
    assert all(re.search(r"（[一二三四五六]）", page) for page in pages)


@pytest.mark.parametrize("paper", ["A3", "A4"])
def test_a_narrative_over_many_pages_is_printed_to_its_last_words(
    paper: str, tmp_path: Path, convert: Convert
) -> None:
    text = "".join(f"第{number:04d}句举办了科普活动；" for number in range(400))
    tasks = [task_of("1.1.1", "甲局", "乙局"), task_of("1.1.2", "甲局")]
    said = {
        "1.1.1": {"甲局": {"progress": text}, "乙局": {"problems": text}},
        "1.1.2": {"甲局": {"progress": "最后一项"}},
    }
    pdf = printed(build(tasks, said), tmp_path, convert, paper)
    assert sizes_of(pdf) == {A3 if paper == "A3" else A4}
    pages = pages_of(pdf)
    table = "".join(task_pages(pages))
    assert {int(number) for number in re.findall(r"第(\d{4})", table)} == set(range(400))
    assert table.count("第0399") == 2
    assert "最后一项" in table
    assert sum("1.1.1" in page for page in task_pages(pages)) >= 2


def test_a_merged_narrative_of_forty_thousand_characters_is_on_paper_whole(
    tmp_path: Path, convert: Convert
) -> None:
    text = "".join(f"第{number:04d}句科普；" for number in range(4000))
    pages = pages_of(
        printed(build([task_of("1.1.1")], {"1.1.1": {"甲局": {"progress": text}}}), tmp_path, convert)
    )
    table = "".join(task_pages(pages))
    assert {int(number) for number in re.findall(r"第(\d{4})", table)} == set(range(4000))


@pytest.mark.parametrize("tasks", [[], [task_of("1.1.1")]])
def test_a_report_of_nobody_or_of_one_is_a_page_a_sheet(
    tasks: list, tmp_path: Path, convert: Convert
) -> None:
    pdf = printed(build(tasks), tmp_path, convert)
    pages = pages_of(pdf)
    assert len(pages) in (len(SHEETS), len(SHEETS) - 1)  # an empty table may be left unprinted
    assert_prints_well(pdf, tmp_path)


ALONE = {
    "任务进展": ("任务编号", "主要任务", "牵头单位", "参加单位", "本期进展情况", "存在问题", "下一步计划")
}


def test_rows_are_within_a_line_of_what_libreoffice_would_choose(tmp_path: Path, convert: Convert) -> None:
    path, line = tmp_path / "report.xlsx", 20.0  # with the padding of a cell
    write_report(
        whole_plan(), ReportSettings(columns=ALONE), path
    )  # 项目 is merged: LibreOffice leaves it alone
    book = openpyxl.load_workbook(path)
    best = _best_heights(convert(path, "fods", tmp_path), tmp_path, convert)
    for sheet in book.worksheets[1:]:
        rows = {number: row.height for number, row in sheet.row_dimensions.items() if row.height}
        boxes = sheet.merged_cells.ranges
        merged = {number for box in boxes for number in range(box.min_row, box.max_row + 1)}
        off = {number: height - best[sheet.title][number - 1] for number, height in rows.items()}
        for number in set(rows) - merged:
            assert -1 < off[number] < line + 0.06 * rows[number], (sheet.title, number)


def _best_heights(document: Path, folder: Path, convert: Convert) -> dict[str, list[float]]:
    """Let LibreOffice choose all heights anew, and give them in points."""
    text = document.read_text(encoding="utf-8").replace(
        'use-optimal-row-height="false"', 'use-optimal-row-height="true"'
    )
    (folder / "free.fods").write_text(re.sub(r' style:row-height="[^"]*"', "", text), encoding="utf-8")
    (folder / "best").mkdir()
    root = ET.parse(convert(folder / "free.fods", "fods", folder / "best")).getroot()  # noqa: S314 - our own file
    table, style = ("{urn:oasis:names:tc:opendocument:xmlns:" + one + ":1.0}" for one in ("table", "style"))
    heights = {
        one.get(f"{style}name"): float(height.removesuffix("in")) * 72
        for one in root.iter(f"{style}style")
        for found in one.iter(f"{style}table-row-properties")
        if (height := found.get(f"{style}row-height"))
    }
    return {
        str(sheet.get(f"{table}name")): [
            heights.get(row.get(f"{table}style-name"), 0.0)
            for row in sheet.iter(f"{table}table-row")
            for _ in range(min(int(row.get(f"{table}number-rows-repeated", "1")), 1000))
        ]
        for sheet in root.iter(f"{table}table")
    }
