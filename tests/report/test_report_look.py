"""The look as it is configured: every option of [report] does what it says."""

from __future__ import annotations

import zipfile
from pathlib import Path

import msgspec
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image
from report_data import SHIPPED, build, task_of, whole_plan

from kepu_xls import config
from kepu_xls.appearance import ReportSettings
from kepu_xls.errors import InputError
from kepu_xls.report import fonts, write_report

TASKS = [task_of("1.1.1", "甲局", "乙局"), task_of("1.2.1", "乙局")]
DATA = build(TASKS, {"1.1.1": {"甲局": {"status": "滞后", "percent": 46, "problems": "缺经费"}}})


def written(folder: Path, **options: object) -> openpyxl.Workbook:
    """Write the report as [report] with these options would have it."""
    settings = msgspec.convert(options, ReportSettings)
    write_report(DATA, settings, folder / "汇总.xlsx", folder)
    return openpyxl.load_workbook(folder / "汇总.xlsx")


def heads(sheet: Worksheet) -> list[str]:
    row = sheet[int(sheet.print_title_rows.split("$")[1].rstrip(":"))]
    return [str(cell.value).replace("\n", "") for cell in row if cell.value]


def cell_of(sheet: Worksheet, text: str) -> openpyxl.cell.Cell:
    return next(cell for row in sheet.iter_rows() for cell in row if cell.value == text)


def part(folder: Path, name: str) -> str:
    with zipfile.ZipFile(folder / "汇总.xlsx") as package:
        return package.read(name).decode()


def test_the_shipped_configuration_states_the_defaults() -> None:
    assert SHIPPED.report == ReportSettings()


@pytest.mark.parametrize(("paper", "sides"), [("A3", (37, 35, 28, 26)), ("A4", (28, 26, 35, 37))])
def test_margins_are_those_of_an_official_document_where_none_are_configured(
    paper: str, sides: tuple[int, ...], tmp_path: Path
) -> None:
    for sheet in written(tmp_path, paper=paper):
        margins = sheet.page_margins
        found = (margins.top, margins.bottom, margins.left, margins.right)
        assert tuple(round(one * 25.4) for one in found) == sides
        assert margins.bottom * 25.4 - 10 == pytest.approx(margins.footer * 25.4)  # inside the margin


def test_a_margin_that_is_configured_leaves_the_others_official(tmp_path: Path) -> None:
    margins = written(tmp_path, margins={"left": 20})["任务进展"].page_margins
    assert (round(margins.left * 25.4), round(margins.right * 25.4)) == (20, 26)


def test_margins_are_those_configured_and_shrink_the_table(tmp_path: Path) -> None:
    def width(sheet: Worksheet) -> float:
        return sum(one.width * (one.max - one.min + 1) for one in sheet.column_dimensions.values())

    wide = {"top": 10, "bottom": 12, "left": 15, "right": 60}
    sheet = written(tmp_path, margins=wide)["任务进展"]
    margins = sheet.page_margins
    assert {side: round(getattr(margins, side) * 25.4) for side in wide} == wide
    assert width(sheet) < width(written(tmp_path)["任务进展"]) - 10


def test_the_first_font_that_is_installed_is_used_and_else_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists = {"title_fonts": ["甲", "乙"], "heading_fonts": ["丙", "丁"], "body_fonts": ["戊", "己"]}
    monkeypatch.setattr(fonts, "installed", lambda: "乙\n丁\n丙")
    sheet = written(tmp_path, **lists)["任务进展"]
    assert sheet["A1"].font.name == "乙"
    assert cell_of(sheet, "项目").font.name == "丙"
    assert cell_of(sheet, "1.1.1的主要任务。").font.name == "戊"
    monkeypatch.setattr(fonts, "installed", lambda: None)
    assert written(tmp_path, **lists)["任务进展"]["A1"].font.name == "甲"


def test_sizes_of_type_are_those_configured_and_rows_grow_with_them(tmp_path: Path) -> None:
    sizes = {"title": 30, "subtitle": 14, "heading": 13, "body": 15, "prose": 16}
    book = written(tmp_path, sizes=sizes)
    sheet = book["任务进展"]
    assert (sheet["A1"].font.sz, sheet["A2"].font.sz) == (30, 14)
    assert cell_of(sheet, "项目").font.sz == 13
    task = cell_of(sheet, "1.1.1的主要任务。")
    assert task.font.sz == 15
    assert sheet.row_dimensions[task.row].height > 15 * 1.4
    assert cell_of(book["总体情况"], "主要问题").font.sz == 16


def test_colours_are_those_configured(tmp_path: Path) -> None:
    colours = {"heading": "#111111", "band": "#222222", "grid": "#333333", "official": "#444444"}
    shades = {
        "bad": "#555555",
        "doubtful": "#666666",
        "good": "#777777",
        "plain": "#888888",
        "blue": "#999999",
    }
    book = written(tmp_path, colours={**colours, **shades}, red_head="文件头")
    sheet = book["任务进展"]
    assert cell_of(sheet, "项目").fill.fgColor.rgb == "FF111111"
    assert cell_of(sheet, "一、重点行动").fill.fgColor.rgb == "FF222222"
    assert cell_of(sheet, "1.1.1的主要任务。").border.left.color.rgb == "FF333333"
    assert book["总体情况"]["A1"].font.color.rgb == "FF444444"
    grounds = {
        rule.text: rule.dxf.fill.bgColor.rgb for box in sheet.conditional_formatting for rule in box.rules
    }
    words = {"滞后": "5", "未启动": "6", "已完成": "7", "零报告": "8", "蓝灯": "9"}
    assert {word: grounds[word] for word in words} == {
        word: f"FF{digit * 6}" for word, digit in words.items()
    }


def test_only_the_sheets_wanted_are_written_in_their_order_and_links_lead_nowhere_else(
    tmp_path: Path,
) -> None:
    book = written(tmp_path, sheets=["问题与滞后", "单位报送"])
    assert book.sheetnames == ["问题与滞后", "单位报送"]
    assert cell_of(book["问题与滞后"], "1.1.1").hyperlink is None
    assert cell_of(written(tmp_path)["问题与滞后"], "1.1.1").hyperlink is not None


def test_only_the_columns_wanted_are_written_in_their_order(tmp_path: Path) -> None:
    wanted = {"单位报送": ["状态", "单位", "已报行数"], "任务进展": ["项目", "主要任务", "本期进展情况"]}
    book = written(tmp_path, columns=wanted)
    assert {name: heads(book[name]) for name in wanted} == wanted
    assert len(heads(book["校验结果"])) == 8


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(InputError) as failure:
        written(tmp_path, columns={"单位报送": ["单位", "邮编"]})
    assert "《单位报送》没有“邮编”" in failure.value.finding.message
    assert "到达时间" in failure.value.finding.remedy
    assert not (tmp_path / "汇总.xlsx").exists()


def test_widths_are_those_configured(tmp_path: Path) -> None:
    book = written(tmp_path, widths={"下一步计划": 33, "备注": 21})
    for name, label, width in (("任务进展", "下一步计划", 33), ("明细数据", "备注", 21)):
        column = cell_of(book[name], label).column_letter
        assert book[name].column_dimensions[column].width == pytest.approx(width + 5 / 7, abs=0.2)


def test_title_and_footer_texts_are_those_configured(tmp_path: Path) -> None:
    footers = {
        "footer_left": "{plan}",
        "footer_centre": "—{page}/{pages}—",
        "footer_right": "R&D {period} {made}",
    }
    book = written(tmp_path, title="{period}汇总", **footers)
    assert book["总体情况"]["A1"].value == "2019年第12周（3月18日—3月24日）汇总"
    sheet = part(tmp_path, "xl/worksheets/sheet2.xml")
    assert f"&amp;9 {SHIPPED.plan.title}&amp;C" in sheet
    assert "&amp;9 —&amp;P/&amp;N—&amp;R" in sheet
    assert "&amp;9 R&amp;&amp;D 2019年第12周（3月18日—3月24日） 2019年3月25日 09:30<" in sheet


def test_even_footers_are_mirrored_only_where_wanted(tmp_path: Path) -> None:
    written(tmp_path, odd_even_footers=True, footer_left="左", footer_right="右")
    sheet = part(tmp_path, "xl/worksheets/sheet2.xml")
    assert 'differentOddEven="1"' in sheet
    assert sheet.index("<oddFooter>") < sheet.index("左") < sheet.index("右") < sheet.index("<evenFooter>")
    even = sheet.partition("<evenFooter>")[2]
    assert even.index("右") < even.index("左")
    written(tmp_path)
    assert "evenFooter" not in part(tmp_path, "xl/worksheets/sheet2.xml")


def test_an_official_head_stands_above_the_title(tmp_path: Path) -> None:
    sheet = written(tmp_path, red_head="区全民科学素质工作领导小组办公室文件")["总体情况"]
    assert sheet["A1"].value == "区全民科学素质工作领导小组办公室文件"
    assert sheet["A1"].font.color.rgb == "FFFF0000"
    assert sheet["A1"].border.bottom.style == "thick"
    assert SHIPPED.plan.title in sheet["A2"].value


@pytest.mark.parametrize("kind", ["png", "jpg"])
def test_a_logo_stands_in_the_corner_of_the_first_page_at_its_height(kind: str, tmp_path: Path) -> None:
    Image.new("RGB", (300, 200), "red").save(tmp_path / f"logo.{kind}")
    (image,) = written(tmp_path, logo=f"logo.{kind}")["总体情况"]._images  # noqa: SLF001 - told nowhere else
    drawing = part(tmp_path, "xl/drawings/drawing1.xml")
    assert image.ref
    assert f'cy="{48 * 12700}"' in drawing


def test_a_logo_that_is_no_picture_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"no picture")
    Image.new("RGB", (3, 2)).save(tmp_path / "logo.gif")
    for name in ("missing.png", "broken.png", "logo.gif"):
        with pytest.raises(InputError) as failure:
            written(tmp_path, logo=name)
        assert name in failure.value.finding.message
    assert not (tmp_path / "汇总.xlsx").exists()


SHIPPED_TEXT = (Path(__file__).resolve().parents[2] / "config.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("shipped", "broken", "code"),
    [
        ('sheets = ["总体情况", ', 'sheets = ["总体情况", "总体情况", ', "config-report-sheets"),
        ('sheets = ["总体情况", ', 'sheets = ["目录", ', "config-wrong-value"),
        ('title = "{plan}任务进展情况汇总"', 'title = "{plam}任务进展情况汇总"', "config-report-text"),
        ('footer_centre = ""', 'footer_centre = "{"', "config-report-text"),
        ('title = "{plan}任务进展情况简报"', 'title = "{page}"', "config-report-text"),
        ('band = "#EFEFEF"', 'band = "grey"', "config-wrong-value"),
        ("body = 10 ", "body = 2 ", "config-wrong-value"),
        ("# left = 28", "left = 100", "config-wrong-value"),
        ("odd_even_footers = false", 'odd_even_footers = "nein"', "config-wrong-type"),
    ],
)
def test_a_look_that_cannot_be_had_is_named_with_its_line(shipped: str, broken: str, code: str) -> None:
    assert shipped in SHIPPED_TEXT
    with pytest.raises(InputError) as failure:
        config.parse(SHIPPED_TEXT.replace(shipped, broken, 1))
    finding = failure.value.finding
    line = next(n for n, text in enumerate(SHIPPED_TEXT.splitlines(), 1) if shipped in text)
    assert finding.code == code
    assert finding.place.cell == f"第{line}行"


def test_the_whole_plan_is_written_on_a4_too(tmp_path: Path) -> None:
    write_report(whole_plan(), ReportSettings(paper="A4"), tmp_path / "a4.xlsx")
    assert openpyxl.load_workbook(tmp_path / "a4.xlsx")["任务进展"].page_setup.paperSize == 9
