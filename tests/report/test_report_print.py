"""The workbook on paper, through LibreOffice: nothing cut off, one page wide, no page to spare."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image
from report_data import MADE, SHIPPED, build, task_of, whole_plan

from kepu_xls import workspace
from kepu_xls.appearance import OFFICIAL_MARGINS, ReportSettings
from kepu_xls.commands import session
from kepu_xls.commands.consolidation import consolidate
from kepu_xls.commands.demo import demo
from kepu_xls.outcome import Consolidated, UnitState
from kepu_xls.report import SHEETS, layout, write_report

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
            margins = OFFICIAL_MARGINS["A3"]
            upper, lower = (picture.height * one / 297 for one in (margins.top, 297 - margins.bottom))
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
    "明细数据": ("角色", "佐证材料"),
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
    data = demos()
    pdf = printed(data, tmp_path, convert)
    assert_last_words_on_paper(data, pdf)
    assert_prints_well(pdf, tmp_path)
    assert Counter(sheets_of(pdf))["任务进展"] <= 25


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


LINE = 20.0  # points of a line, with the padding of a cell
MANY_LINES = (
    0.12  # LibreOffice lets a comma begin a line, as Excel and WPS do not: it needs fewer lines in ten
)
ALONE = (
    *("任务编号", "主要任务", "牵头单位", "参加单位", "完成率(%)", "进展状态", "本期进展情况"),
    *("存在问题", "下一步计划", "有关数据"),
)
LONG = {
    "progress": "".join(f"第{number}次活动Python课，参加12.5%；" for number in range(120)),
    "status": "推进中",
}


def demos() -> Consolidated:
    """What the demo's ledger holds."""
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder) / "demo"
        demo(directory, say=lambda _: None)
        with session.opened(workspace.find(directory, directory), MADE, writing=True) as opened:
            return consolidate(opened, session.period_meant(opened, None))


def longest() -> Consolidated:
    """Texts higher than a row and a page, in a project with a long name, beside low rows."""
    project = "（一）领导干部和公务员科学素质行动与基层科普服务能力提升工程"
    tasks = [task_of(f"1.1.{number}", "甲局", "乙局", project=project) for number in range(1, 6)]
    return build(tasks, {"1.1.2": {"甲局": LONG, "乙局": LONG}, "1.1.4": {"甲局": LONG}})


@pytest.mark.parametrize("made", [whole_plan, demos, longest])
def test_rows_are_within_a_line_of_what_libreoffice_would_choose(
    made: Callable[[], Consolidated], tmp_path: Path, convert: Convert
) -> None:
    columns = {"任务进展": ALONE}  # without 项目, which is merged over rows of their own
    boxes = list(_boxes(made(), tmp_path, convert, ReportSettings(columns=columns)))
    assert len(boxes) >= 20
    for name, rows, ours, best in boxes:
        if name != "明细数据" or ours < layout.HIGHEST_ROW:  # there one entry stays one row
            assert -1 < ours - sum(best) < LINE + MANY_LINES * ours, (name, rows)


@pytest.mark.parametrize("made", [whole_plan, longest])
def test_the_rows_of_a_project_are_as_high_as_its_name_and_no_higher_than_they_must_be(
    made: Callable[[], Consolidated], tmp_path: Path, convert: Convert
) -> None:
    found = {}
    for columns in (("项目", *ALONE), ("项目", "任务编号")):
        look = ReportSettings(columns={"任务进展": columns}, sheets=("任务进展",))
        found[columns] = [box for box in _boxes(made(), tmp_path, convert, look) if box[1][0] > 3]
    for _, rows, ours, (first, *others) in found["项目", *ALONE]:  # the name stands in the first row
        assert ours > max(first, sum(others)) - 1, rows
        assert ours < first + sum(others) + (1 + len(others)) * LINE + MANY_LINES * ours, rows
    for _, rows, ours, (first, *others) in found["项目", "任务编号"]:
        assert -1 < ours - max(first, sum(others)) < (1 + len(others)) * LINE, rows


Box = tuple[str, tuple[int, int], float, list[float]]


def _boxes(data: Consolidated, folder: Path, convert: Convert, look: ReportSettings) -> Iterator[Box]:
    """Give rows that stand alone, and those under one merged cell: sheet, place, height, best heights."""
    path = folder / "report.xlsx"
    write_report(data, look, path)
    best = _best_heights(convert(path, "fods", folder), folder, convert)
    for sheet in openpyxl.load_workbook(path).worksheets[1:] or openpyxl.load_workbook(path).worksheets:
        heights = {number: row.height for number, row in sheet.row_dimensions.items() if row.height}
        for first, last in _places(sheet, sorted(heights)):
            rows = range(first, last + 1)
            chosen = [best[sheet.title][number - 1] for number in rows]
            yield sheet.title, (first, last), sum(heights[number] for number in rows), chosen


def _places(sheet: Worksheet, rows: list[int]) -> Iterator[tuple[int, int]]:
    """Give first and last row under each cell that is merged down, the highest such cells, and rows alone."""
    boxes = sheet.merged_cells.ranges
    across = {box.min_row for box in boxes if box.min_col < box.max_col}
    down = {(box.min_row, box.max_row) for box in boxes if box.min_col == box.max_col}
    outer = [
        (first, last)
        for first, last in down
        if not any(above <= first and last <= below for above, below in down - {(first, last)})
    ]
    inside = {number for first, last in outer for number in range(first, last + 1)}
    yield from outer
    yield from ((number, number) for number in rows if number not in inside | across)


def _best_heights(document: Path, folder: Path, convert: Convert) -> dict[str, list[float]]:
    """Let LibreOffice choose all heights anew, and give them in points."""
    text = document.read_text(encoding="utf-8").replace(
        'use-optimal-row-height="false"', 'use-optimal-row-height="true"'
    )
    # a cell merged over rows counts for none of them: let it stand in its first row
    text = re.sub(r'table:number-columns-spanned="1" table:number-rows-spanned="\d+"', "", text)
    (folder / "free.fods").write_text(re.sub(r' style:row-height="[^"]*"', "", text), encoding="utf-8")
    (folder / "best").mkdir(exist_ok=True)
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
