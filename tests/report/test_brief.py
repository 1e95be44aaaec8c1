"""The brief: an official document of one or two pages, from the same figures as the workbook."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from docx.shared import Pt
from report_data import SHIPPED, build, task_of, whole_plan

from kepu_xls.appearance import BriefSettings, ReportSettings
from kepu_xls.errors import SurroundingsError
from kepu_xls.outcome import Consolidated, Light, UnitState
from kepu_xls.report import figures, sentences
from kepu_xls.report.brief import write_brief

Convert = Callable[[Path, str, Path], Path]
TASKS = [task_of("1.1.1", "甲局", "乙局"), task_of("1.2.1", "乙局")]
LOOK = ReportSettings(title_fonts=("小标宋",), heading_fonts=("黑体",), body_fonts=("仿宋",))


def written(data: Consolidated, folder: Path, settings: BriefSettings | None = None) -> Path:
    path = folder / "简报.docx"
    write_brief(data, LOOK, settings or BriefSettings(), "区科协", path)
    return path


def paragraphs(path: Path) -> list[str]:
    return [one.text for one in docx.Document(str(path)).paragraphs]


def test_the_brief_says_what_the_workbook_says(tmp_path: Path) -> None:
    data = whole_plan()
    text = paragraphs(written(data, tmp_path))
    heads = [one for one in text if re.match("[一二三四五]、", one)]
    assert heads == ["一、报送情况", "二、总体进展", "三、滞后任务", "四、未报和迟报单位", "五、主要问题"]
    assert sentences.progress(data) in text
    assert sentences.comparison(data) in text
    assert sentences.reporting(figures.reporting(data.units)) in text
    assert "未报1个：区文体局；迟报1个：区广电局。" in text
    assert text[:2] == [f"{SHIPPED.plan.title}任务进展情况简报", "2019年第12周（3月18日—3月24日）"]
    assert text[-2:] == ["区科协", "2019年3月25日"]


def test_the_layout_is_that_of_an_official_document(tmp_path: Path) -> None:
    document = docx.Document(str(written(whole_plan(), tmp_path)))
    section = document.sections[0]
    margins = (section.top_margin, section.left_margin, section.bottom_margin, section.right_margin)
    assert [round(one.mm) for one in margins] == [37, 28, 35, 26]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    title, body = document.paragraphs[0], document.paragraphs[4]
    assert (title.runs[0].font.name, title.runs[0].font.size) == ("小标宋", Pt(22))
    assert (body.runs[0].font.name, body.runs[0].font.size) == ("仿宋", Pt(16))
    assert 'w:eastAsia="仿宋"' in body.runs[0]._r.xml  # noqa: SLF001 - python-docx does not tell
    assert 28 <= body.paragraph_format.line_spacing.pt <= 30
    assert body.paragraph_format.first_line_indent == Pt(32)
    for footer in (section.footer, section.even_page_footer):
        assert footer.paragraphs[0].text == "—  —"
        assert "PAGE" in footer.paragraphs[0]._p.xml  # noqa: SLF001 - as above


def test_title_addressee_and_signature_are_those_configured(tmp_path: Path) -> None:
    settings = BriefSettings(title="{period}简报", addressee="领导小组", signature="办公室")
    text = paragraphs(written(build(TASKS), tmp_path, settings))
    assert text[0] == "2019年第12周（3月18日—3月24日）简报"
    assert "领导小组：" in text
    assert text[-2] == "办公室"


@pytest.mark.parametrize("tasks", [[], TASKS])
def test_the_brief_is_true_where_nobody_reported_and_where_nothing_is_asked(
    tasks: list, tmp_path: Path
) -> None:
    text = paragraphs(written(build(tasks), tmp_path))
    assert "没有滞后的任务。" in text
    assert "没有单位反映问题。" in text
    assert "没有上期数据，不作比较。" in text
    assert ("本期没有任务。" in text) == (not tasks)
    assert ("未报2个：甲局、乙局。" in text) == bool(tasks)


def test_control_characters_that_somebody_typed_do_no_harm(tmp_path: Path) -> None:
    said = {"1.1.1": {"甲局": {"status": "滞后", "problems": "缺\x0b经\x00费\ud800"}}}
    assert "甲局反映：缺 经费" in "".join(paragraphs(written(build(TASKS, said), tmp_path)))


def test_a_brief_that_is_open_elsewhere_stays_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "简报.docx").write_bytes(b"old")
    (tmp_path / "~$简报.docx").touch()
    with pytest.raises(SurroundingsError):
        written(build(TASKS), tmp_path)
    assert (tmp_path / "简报.docx").read_bytes() == b"old"


def crowded() -> Consolidated:
    """As much as can go wrong: 200 units that did not report, 40 tasks that lag, problems everywhere."""
    units = [f"第{number}街道办事处" for number in range(200)]
    tasks = [task_of(f"1.{n}.1", units[n], text=f"任务{n}" * 30) for n in range(40)]
    tasks.append(task_of("2.1.1", units[40], "、".join(units[41:])))
    said = {
        task.number: {task.leads[0]: {"status": "滞后", "percent": n, "problems": "问题很多，" * 30}}
        for n, task in enumerate(tasks)
    }
    late = {unit: {"state": UnitState.LATE, "late": True} for unit in units[:40]}
    lights = {task.number: Light("红", "已超过完成时限2019年1月31日，完成率仍未达到100%") for task in tasks}
    return build(tasks, said, before=said, states=late, lights=lights)


@pytest.mark.libreoffice
@pytest.mark.parametrize("data", [whole_plan(), build(TASKS), crowded()], ids=["whole", "none", "crowded"])
def test_the_brief_is_one_or_two_pages_with_numbered_feet(
    data: Consolidated, tmp_path: Path, convert: Convert
) -> None:
    pdf = convert(written(data, tmp_path), "pdf", tmp_path)
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, check=True).stdout.decode()
    pages = text.split("\f")[:-1]
    assert 1 <= len(pages) <= 2
    feet = [page.strip().splitlines()[-1].replace(" ", "") for page in pages]
    assert feet == ["—1—", "—2—"][: len(pages)]
    assert "2019年3月25日" in re.sub(r"\s", "", pages[-1])
