"""Documents as they come: tables of all shapes, outlines, and files that are no plan at all."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from datetime import date
from io import BytesIO
from pathlib import Path

import docx
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plan_builders import REAL, save, save_word, word_table

from kepu_xls import libreoffice
from kepu_xls.errors import InputError, SurroundingsError
from kepu_xls.plan import PlanReading, read_document

Said = tuple[str, str, str, str, str, str]


def said(reading: PlanReading) -> list[Said]:
    """Give number, part, project, text, leads and participants of each task."""
    return [
        (task.number, task.part, task.project, task.text, "、".join(task.leads), "、".join(task.participants))
        for task in reading.plan.tasks
    ]


def codes(reading: PlanReading) -> set[str]:
    return {finding.code for finding in reading.findings}


def read_text(tmp_path: Path, text: str) -> PlanReading:
    path = tmp_path / "plan.txt"
    path.write_text(text, encoding="utf-8")
    return read_document(path, "方案")


def read_rows(tmp_path: Path, rows: list[list[object]], merged: tuple[str, ...] = ()) -> PlanReading:
    return read_document(save(tmp_path / "plan.xlsx", rows, merged), "方案")


def test_an_outline_is_read_by_its_marks(tmp_path: Path) -> None:
    reading = read_text(
        tmp_path,
        """某县全民科学素质行动实施方案
一、指导思想
坚持服务大局。
二、工作目标
到2025年，建成科普基地20个。
三、重点任务
（一）青少年行动
1.提升教学水平。引导变革方式。（牵头单位：县教育局；配合单位：县科协、团县委；完成时限：2025年12月）
2．推进高中科学教育。
（1）改进课程。
（2）建设实验室。
责任单位：县教育局、县财政局
（二）农民行动
1.开展科技培训。（县农业局牵头，县科协、县妇联等
配合）
2.实施振兴行动（县农业局、县科协负责）
四、保障措施
（一）加强领导。
""",
    )
    project, other = "青少年行动", "农民行动"
    text = "推进高中科学教育。（1）改进课程。（2）建设实验室。"
    assert said(reading)[:2] == [
        ("3.1.1", "重点任务", project, "提升教学水平。引导变革方式。", "县教育局", "县科协、团县委"),
        ("3.1.2", "重点任务", project, text, "县教育局、县财政局", ""),
    ]
    assert said(reading)[-1] == ("3.2.2", "重点任务", other, "实施振兴行动", "县农业局、县科协", "")
    assert reading.plan.tasks[0].deadline == date(2025, 12, 31)


@pytest.mark.parametrize(
    ("said_by", "leads", "participants"),
    [
        (
            "（牵头单位：区农业局（区委农办）、区科协；配合单位：团区委）",
            "区农业局（区委农办）、区科协",
            "团区委",
        ),
        ("（牵头单位：区科协；配合单位：团区委", "区科协", "团区委"),
        ("〔牵头单位：区科协；参加单位：团区委〕", "区科协", "团区委"),
        ("（含场馆）（区科协牵头，团区委配合）", "区科协", "团区委"),
        ("\n（牵头单位：区科协；\n配合单位：团区委）", "区科协", "团区委"),
        ("\n牵头单位：区科协\n配合单位：团区委\n完成时限：2020年", "区科协", "团区委"),
    ],
)
def test_who_does_it_is_found_however_the_bracket_is_written(
    said_by: str, leads: str, participants: str, tmp_path: Path
) -> None:
    reading = read_text(tmp_path, f"（一）行动\n1.建设场馆{said_by}\n2.办活动（牵头单位：区妇联）\n")
    (first, second) = said(reading)
    assert first[4:] == (leads, participants)
    assert first[3].startswith("建设场馆")
    assert second == ("1.1.2", "", "行动", "办活动", "区妇联", "")


def test_headings_by_style_and_automatic_numbers_are_seen(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("青少年部分", 1)
    document.add_heading("校内行动", 2)
    for text in ("甲任务（牵头单位：区教育局）", "乙任务（牵头单位：区科协）"):
        document.add_paragraph(text, style="List Number")
    document.add_heading("校外行动", 2)
    document.add_paragraph("丙任务（牵头单位：区科协）")
    path = tmp_path / "plan.docx"
    save_word(document, path)
    assert said(read_document(path, "方案")) == [
        ("1.1.1", "青少年部分", "校内行动", "甲任务", "区教育局", ""),
        ("1.1.2", "青少年部分", "校内行动", "乙任务", "区科协", ""),
        ("1.2.1", "青少年部分", "校外行动", "丙任务", "区科协", ""),
    ]


def test_measures_under_a_task_are_the_tasks_of_a_project(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["任务分工方案"],
        ["序号", "重点任务", "具体措施", "牵头单位", "配合单位", "完成时限"],
        [1, "青少年行动", "加强教育", "区教育局", "区科协", "2020年底"],
        [2, None, "开展竞赛", "区科协", "区教育局", "2020年6月底前"],
        [3, "农民行动", "开展培训", "区农业局", "区科协", "持续推进"],
        ["注：本表自发文之日起执行"],
    ]
    reading = read_rows(tmp_path, rows, ("A1:F1", "B3:B4", "A6:F6"))
    assert [task[:4] for task in said(reading)] == [
        ("1.1.1", "", "青少年行动", "加强教育"),
        ("1.1.2", "", "青少年行动", "开展竞赛"),
        ("1.2.1", "", "农民行动", "开展培训"),
    ]
    days = [task.deadline for task in reading.plan.tasks]
    assert days == [date(2020, 12, 31), date(2020, 6, 30), None]
    assert "plan-deadline-unread" in codes(reading)


@pytest.mark.parametrize("merged", [("C1:D1",), ("A1:A2", "B1:B2", "C1:D1", "E1:E2")])
def test_a_header_of_two_rows_is_one(merged: tuple[str, ...], tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["序号", "任务", "责任单位", None, "完成时间"],
        [None, None, "牵头单位", "配合单位", None],
        [1, "任务甲", "区教育局", "区科协", "2020.12"],
        [2, "任务乙", "区科协", "区教育局", "2020-6-30"],
    ]
    assert said(read_rows(tmp_path, rows, merged)) == [
        ("1.1.1", "", "", "任务甲", "区教育局", "区科协"),
        ("1.1.2", "", "", "任务乙", "区科协", "区教育局"),
    ]


@pytest.mark.parametrize(("merged", "told"), [(("A2:A4", "B2:B3"), False), ((), True)])
def test_units_on_several_rows_belong_to_one_task(
    merged: tuple[str, ...], *, told: bool, tmp_path: Path
) -> None:
    rows: list[list[object]] = [
        ["项目", "任务", "牵头单位", "配合单位"],
        ["青少年行动", "任务甲", "区教育局", "区科协"],
        [None, None, None, "区妇联"],
        [None, "任务乙", "区科协", "区妇联"],
    ]
    reading = read_rows(tmp_path, rows, merged)
    assert [task[3:] for task in said(reading)] == [
        ("任务甲", "区教育局", "区科协、区妇联"),
        ("任务乙", "区科协", "区妇联"),
    ]
    assert ("plan-row-continued" in codes(reading)) is told


def test_several_tasks_listed_in_one_cell_come_apart(tmp_path: Path) -> None:
    rows: list[list[object]] = [["主要任务", "牵头单位"], ["1、甲\n接着甲\n2、乙", "区教育局"]]
    reading = read_rows(tmp_path, rows)
    assert said(reading) == [
        ("1.1.1", "", "", "甲接着甲", "区教育局", ""),
        ("1.1.2", "", "", "乙", "区教育局", ""),
    ]
    assert "plan-tasks-split" in codes(reading)


def test_marks_in_brackets_tell_who_leads(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["工作任务", "责任单位"],
        ["甲", "区教育局（牵头）、区科协"],
        ["乙", "区科协、区妇联"],
    ]
    reading = read_rows(tmp_path, rows)
    assert [task[4:] for task in said(reading)] == [("区教育局", "区科协"), ("区科协、区妇联", "")]


def test_units_without_a_word_on_roles_all_lead_and_it_is_told(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, [["工作任务", "责任单位"], ["甲", "区教育局、区科协"]])
    assert reading.plan.tasks[0].leads == ("区教育局", "区科协")
    assert "plan-roles-unstated" in codes(reading)


@pytest.mark.parametrize(
    ("ordinals", "numbers", "told"),
    [
        (["1", "2", "3"], ["1.1.1", "1.1.2", "1.1.3"], None),
        (["1", "", "3"], ["1.1.1", "1.1.2", "1.1.3"], "plan-number-missing"),
        (["1", "1", "2"], ["1.1.1", "1.1.2", "1.1.3"], "plan-number-repeated"),
        (["1", "2", "4"], ["1.1.1", "1.1.2", "1.1.4"], "plan-number-skipped"),
        (["", "", ""], ["1.1.1", "1.1.2", "1.1.3"], "plan-numbers-by-position"),
    ],
)
def test_numbers_are_the_documents_or_repaired_and_told(
    ordinals: list[str], numbers: list[str], told: str | None, tmp_path: Path
) -> None:
    rows: list[list[object]] = [["主要任务", "牵头单位"]]
    rows += [[f"{ordinal}、任务" if ordinal else "任务", "区科协"] for ordinal in ordinals]
    reading = read_rows(tmp_path, rows)
    assert [task.number for task in reading.plan.tasks] == numbers
    assert codes(reading) == ({told} if told else set())


def test_numbers_of_three_levels_are_kept_and_give_the_order(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["编号", "主要任务", "牵头单位"],
        ["2.1.1", "乙", "区科协"],
        ["1.3.2", "甲", "区妇联"],
    ]
    reading = read_rows(tmp_path, rows)
    assert [(task.number, task.text) for task in reading.plan.tasks] == [("1.3.2", "甲"), ("2.1.1", "乙")]
    assert [unit.name for unit in reading.plan.units] == ["区科协", "区妇联"]
    assert reading.findings == ()


def test_other_tables_of_a_document_are_passed_over(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("附件1")
    word_table(document, [("文号", "密级"), ("〔2016〕1号", "普通")])
    for part, unit in (("三大行动", "区教育局"), ("六大工程", "区科协")):
        document.add_paragraph(part)
        word_table(document, [("工作任务", "主责单位"), (f"{part}任务", unit)])
    path = tmp_path / "plan.docx"
    save_word(document, path)
    assert [task[:4] for task in said(read_document(path, "方案"))] == [
        ("1.1.1", "三大行动", "三大行动", "三大行动任务"),
        ("2.1.1", "六大工程", "六大工程", "六大工程任务"),
    ]


def test_columns_of_a_text_table_that_are_not_read_are_counted(tmp_path: Path) -> None:
    heads = ("序号", "重点任务", "牵头部门", "配合部门", "完成时限", "备注")
    rows = [("1", "甲任务", "区教育局", "区科协", "2020年", ""), ("2", "乙任务", "区科协", "", "", "无")]
    cells = "\n\n".join("".join(f"\t{cell}\n" for cell in row) for row in (heads, *rows))
    reading = read_text(tmp_path, cells)
    assert said(reading) == [
        ("1.1.1", "", "", "甲任务", "区教育局", "区科协"),
        ("1.1.2", "", "", "乙任务", "区科协", ""),
    ]
    assert reading.findings == ()


def test_a_cell_missing_in_a_text_table_is_told(tmp_path: Path) -> None:
    text = REAL.read_text(encoding="utf-8").rstrip("\n").rsplit("\n\t", 1)[0]
    assert "plan-cells-left" in codes(read_text(tmp_path, text))


def test_a_stray_mark_in_the_last_cell_of_a_sheet_does_no_harm(tmp_path: Path) -> None:
    path = save(tmp_path / "plan.xlsx", [["主要任务", "牵头单位"], ["甲", "区科协"]])
    book = openpyxl.load_workbook(path)
    book.active["XFD1048576"] = "x"
    book.save(path)
    assert len(read_document(path, "方案").plan.tasks) == 1


def with_part(path: Path, name: str, old: bytes, new: bytes) -> bytes:
    """Give a zip file with one part changed."""
    made = BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            data = source.read(part)
            target.writestr(part, data.replace(old, new) if part == name else data)
    return made.getvalue()


def bad_files(folder: Path) -> dict[str, bytes]:
    word, excel = (
        folder / "good.docx",
        save(folder / "good.xlsx", [["主要任务", "牵头单位"], ["甲", "区科协"]]),
    )
    save_word(docx.Document(), word)
    sheet = "xl/worksheets/sheet1.xml"
    giant = b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    bomb = BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 310_000_000)
    return {
        "plan-no-tasks:empty.txt": b"",
        "plan-no-tasks:prose.txt": "今天天气很好。\n一、没有任务".encode(),
        "plan-no-tasks:empty.docx": word.read_bytes(),
        "plan-file-kind:binary.txt": bytes(range(256)) * 16,
        "plan-file-kind:nul.xlsx": b"\0" * 100,
        "plan-file-kind:picture.docx": b"\x89PNG\r\n\x1a\n" + b"x" * 50,
        "plan-file-kind:scan.docx": b"%PDF-1.4",
        "plan-file-kind:page.doc": "<html><table><tr><td>主要任务</td></tr></table></html>".encode(),
        "plan-file-kind:package.docx": with_part(word, "", b"", b"").replace(b"word/", b"wurd/"),
        "plan-file-broken:cut.docx": word.read_bytes()[:-200],
        "plan-file-broken:cut.xlsx": excel.read_bytes()[:700],
        "plan-file-broken:noxml.docx": with_part(word, "word/document.xml", b"<", b"["),
        "plan-file-broken:noxml.xlsx": with_part(excel, sheet, b"<", b"["),
        "plan-file-broken:locked.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600,
        "plan-file-too-large:giant.xlsx": with_part(excel, sheet, b"</sheetData>", giant),
        "plan-file-too-large:bomb.docx": bomb.getvalue(),
    }


def test_what_is_no_plan_is_refused_with_its_name_and_a_remedy(tmp_path: Path) -> None:
    for case, content in bad_files(tmp_path).items():
        code, name = case.split(":")
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(InputError) as raised:
            read_document(path, "方案")
        finding = raised.value.finding
        assert finding.code == code, case
        assert name in finding.message
        assert finding.remedy


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="file-missing"):
        read_document(tmp_path / "none.docx", "方案")
    with pytest.raises(InputError, match="plan-file-kind"):
        read_document(tmp_path, "方案")


def test_an_old_document_without_libreoffice_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libreoffice, "find", lambda: None)
    path = tmp_path / "plan.doc"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"))
    with pytest.raises(InputError, match="plan-needs-libreoffice") as raised:
        read_document(path, "方案")
    assert ".docx" in raised.value.finding.remedy


def test_an_old_document_that_libreoffice_cannot_open_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(source: Path, to: str, folder: Path) -> Path:
        raise SurroundingsError("libreoffice-failed", path=source, detail=f"{to} {folder}")

    monkeypatch.setattr(libreoffice, "find", lambda: Path("soffice"))
    monkeypatch.setattr(libreoffice, "convert", fail)
    path = tmp_path / "plan.rtf"
    path.write_bytes(b"{\\rtf1 cut")
    with pytest.raises(InputError, match="plan-file-broken"):
        read_document(path, "方案")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=200)
    | st.text(st.sampled_from("\t\n、，（）一二1.①：牵头单位主要任务区科协等"), max_size=200).map(str.encode)
)
def test_any_bytes_are_a_plan_or_refused(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libreoffice, "find", lambda: None)
    path = tmp_path / "plan.txt"
    path.write_bytes(content)
    try:
        reading = read_document(path, "方案")
    except InputError:
        return
    assert reading.plan.tasks


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 10**6), byte=st.integers(0, 255), excel=st.booleans())
def test_a_damaged_document_is_read_or_refused(at: int, byte: int, *, excel: bool, tmp_path: Path) -> None:
    path = tmp_path / ("plan.xlsx" if excel else "plan.docx")
    if excel:
        save(path, [["主要任务", "牵头单位"], ["甲", "区科协"]])
    else:
        document = docx.Document()
        word_table(document, [("主要任务", "牵头单位"), ("甲", "区科协")])
        save_word(document, path)
    data = bytearray(path.read_bytes())
    data[at % len(data)] = byte
    path.write_bytes(data)
    with suppress(InputError):
        assert read_document(path, "方案").plan.tasks


HEAD = ("项目", "序号", "主要任务", "牵头单位", "参加单位")


def read_word_table(tmp_path: Path, rows: list[tuple[str, ...]]) -> PlanReading:
    document = docx.Document()
    word_table(document, rows)
    path = tmp_path / "plan.docx"
    save_word(document, path)
    return read_document(path, "方案")


def test_the_row_before_a_header_that_repeats_is_a_task_like_any_other(tmp_path: Path) -> None:
    rows = [
        HEAD,
        ("青少年", "1", "任务A", "区教育局", "区科协"),
        ("", "2", "任务B", "区卫健局", "团区委"),
        HEAD,
        ("农民", "1", "任务C", "区科协", "区教育局"),
        ("", "2", "没有单位的任务", "", ""),
        HEAD,
        ("", "3", "任务D", "区科协", ""),
    ]
    reading = read_word_table(tmp_path, rows)
    assert [task[0:4:3] for task in said(reading)] == [
        ("1.1.1", "任务A"),
        ("1.1.2", "任务B"),
        ("1.2.1", "任务C"),
        ("1.2.2", "没有单位的任务"),
        ("1.2.3", "任务D"),
    ]
    assert codes(reading) == {"plan-lead-missing"}


def test_a_full_row_before_the_first_header_is_told(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["附件1"],
        ["填报单位：区科协", "日期：", "共1页"],
        ["任务零", "区科协", "团区委"],
        ["主要任务", "牵头单位", "参加单位"],
        ["任务一", "区科协", "团区委"],
    ]
    reading = read_rows(tmp_path, rows)
    assert len(reading.plan.tasks) == 1
    assert [one.place.cell for one in reading.findings if one.code == "plan-row-unread"] == ["A3"]


def test_as_above_is_the_cell_above_and_nobody_is_nobody(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["项目", "主要任务", "牵头单位", "参加单位", "完成时限"],
        ["甲", "任务一", "区科协", "区教育局,团区委;区妇联", "2022年"],
        ["同上", "任务二", "同上", "同上", "同上"],
        ["乙", "任务三", "区教育局", "〃、区文旅局", "2023年"],
        ["乙", "任务四", "区科协", "/", "-"],
        ["乙", "任务五", "区科协", "无", "无"],
        ["乙", "任务六", "区科协", "—", None],
    ]
    reading = read_rows(tmp_path, rows)
    joined = "区教育局、团区委、区妇联"
    assert [(task[2], *task[4:]) for task in said(reading)] == [
        ("甲", "区科协", joined),
        ("甲", "区科协", joined),
        ("乙", "区教育局", f"{joined}、区文旅局"),
        ("乙", "区科协", ""),
        ("乙", "区科协", ""),
        ("乙", "区科协", ""),
    ]
    assert [task.deadline for task in reading.plan.tasks][1:4] == [
        date(2022, 12, 31),
        date(2023, 12, 31),
        None,
    ]
    told = [one.place.cell for one in reading.findings if one.code == "plan-ditto"]
    assert told == ["A3", "C3", "D3", "E3", "D4"]
    assert "plan-deadline-unread" not in codes(reading)
    assert {unit.name for unit in reading.plan.units} == {"区科协", "区文旅局", *joined.split("、")}


@pytest.mark.parametrize(
    "total",
    [
        ("合计", "", "", "", ""),
        ("", "", "合计", "3", ""),
        ("小 计", "2", "", "", ""),
        ("总计：2项", "", "", "", ""),
    ],
)
def test_totals_are_no_tasks_and_told(total: tuple[str, ...], tmp_path: Path) -> None:
    reading = read_word_table(
        tmp_path,
        [HEAD, ("青少年", "1", "任务A", "区教育局", ""), total, ("农民", "1", "任务B", "区科协", "")],
    )
    assert [(task.project, task.text) for task in reading.plan.tasks] == [
        ("青少年", "任务A"),
        ("农民", "任务B"),
    ]
    assert [one.place.cell[:6] for one in reading.findings if one.code == "plan-total-skipped"] == [
        "表1第3行第"
    ]


def read_paragraphs(tmp_path: Path, *paragraphs: str) -> PlanReading:
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)  # a line break where the text has one
    path = tmp_path / "plan.docx"
    save_word(document, path)
    return read_document(path, "方案")


BRACKET = "（牵头单位：区教育局；配合单位：区科协；完成时限：2020年12月）"


def test_a_task_without_a_bracket_is_a_task_among_others(tmp_path: Path) -> None:
    reading = read_paragraphs(
        tmp_path,
        "一、重点任务",
        "（一）青少年行动",
        f"1.开展航模比赛{BRACKET}",
        "2.建设科技馆5座。牵头单位：区科技局；配合单位：区文旅局；完成时限：2020年12月",
        f"3.办展览{BRACKET}",
        "4.办讲座。完成时限：2020年12月",
        "牵头单位：区妇联",
        "（二）普及行动",
        "普及农业技术。\n牵头单位：区农业局\n配合单位：区科协\n完成时限：2020年12月",
    )
    units = ("区教育局", "区科协")
    assert [(task[0], *task[2:]) for task in said(reading)] == [
        ("1.1.1", "青少年行动", "开展航模比赛", *units),
        ("1.1.2", "青少年行动", "建设科技馆5座。", "区科技局", "区文旅局"),
        ("1.1.3", "青少年行动", "办展览", *units),
        ("1.1.4", "青少年行动", "办讲座。", "区妇联", ""),
        ("1.2.1", "普及行动", "普及农业技术。", "区农业局", "区科协"),
    ]
    assert {task.deadline for task in reading.plan.tasks} == {date(2020, 12, 31)}


@pytest.mark.parametrize("styled", [True, False])
def test_headings_with_one_unnumbered_task_each_are_projects(styled: bool, tmp_path: Path) -> None:  # noqa: FBT001 - pytest's
    document = docx.Document()
    for level, text in (
        (1, "一、重点人群行动"),
        (2, "（一）未成年人科学素质行动"),
        (0, f"开展航模比赛{BRACKET}"),
        (2, "（二）农民科学素质行动"),
        (0, f"开展科技下乡{BRACKET}"),
        (1, "二、基础工程"),
        (2, "（一）经费保障工程"),
        (0, f"保障经费投入{BRACKET}"),
    ):
        if styled and level:
            document.add_heading(text, level)
        else:
            document.add_paragraph(text)
    path = tmp_path / "plan.docx"
    save_word(document, path)
    assert [task[:4] for task in said(read_document(path, "方案"))] == [
        ("1.1.1", "重点人群行动", "未成年人科学素质行动", "开展航模比赛"),
        ("1.2.1", "重点人群行动", "农民科学素质行动", "开展科技下乡"),
        ("2.1.1", "基础工程", "经费保障工程", "保障经费投入"),
    ]


def test_a_title_with_its_units_below_is_still_a_task(tmp_path: Path) -> None:
    reading = read_text(
        tmp_path, "一、重点任务\n（一）建设科技馆\n牵头单位：区科协\n（二）办展览\n牵头单位：区教育局\n"
    )
    assert [(task.part, task.text) for task in reading.plan.tasks] == [
        ("重点任务", "建设科技馆"),
        ("重点任务", "办展览"),
    ]


def test_levels_written_as_figures_are_part_project_and_task(tmp_path: Path) -> None:
    reading = read_paragraphs(
        tmp_path,
        "1 重点人群行动",
        "1.1 青少年行动",
        f"1.1.1 开展航模比赛{BRACKET}",
        f"1.1.2 办夏令营{BRACKET}",
        "1.2 农民行动",
        f"1.2.1 下乡{BRACKET}",
        "2 基础工程",
        "2.1 设施工程",
        f"2.1.1 建设2个科普馆{BRACKET}",
    )
    assert [task[:4] for task in said(reading)] == [
        ("1.1.1", "重点人群行动", "青少年行动", "开展航模比赛"),
        ("1.1.2", "重点人群行动", "青少年行动", "办夏令营"),
        ("1.2.1", "重点人群行动", "农民行动", "下乡"),
        ("2.1.1", "基础工程", "设施工程", "建设2个科普馆"),
    ]
    assert reading.findings == ()


def test_numbers_of_three_levels_that_repeat_are_repaired_and_told(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["编号", "主要任务", "牵头单位"],
        ["1.1.1", "甲", "区科协"],
        ["1.1.1", "乙", "区妇联"],
    ]
    reading = read_rows(tmp_path, rows)
    assert [task.number for task in reading.plan.tasks] == ["1.1.1", "1.1.2"]
    assert codes(reading) == {"plan-number-repeated"}


def test_whoever_is_named_where_no_task_was_read_is_told_with_the_place(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph(f"1.没有进表的任务{BRACKET}")
    word_table(document, [("事项名", "联系人", "牵头单位"), ("甲", "乙", "区科协")])
    word_table(document, [("主要任务", "牵头单位"), ("任务一", "区科协"), ("注：牵头单位排第一", "")])
    document.add_paragraph("各配合单位要积极支持。")
    path = tmp_path / "plan.docx"
    save_word(document, path)
    reading = read_document(path, "方案")
    assert [task.text for task in reading.plan.tasks] == ["任务一"]
    told = {(one.code, one.place.cell) for one in reading.findings} - {
        ("plan-numbers-by-position", "表2第2行第1列")
    }
    assert told == {
        ("plan-duty-unread", "第1段"),
        ("plan-table-unread", "表1第1行第3列"),
        ("plan-duty-mentioned", "表2第3行第1列"),
        ("plan-duty-mentioned", "第2段"),
    }


def test_among_paragraphs_too_it_is_told(tmp_path: Path) -> None:
    reading = read_text(
        tmp_path, f"1.办比赛{BRACKET}\n二、保障\n各牵头单位要重视。\n各责任单位：按月报送。\n"
    )
    assert [task.text for task in reading.plan.tasks] == ["办比赛"]
    told = {(one.code, one.place.cell) for one in reading.findings}
    assert told == {("plan-duty-mentioned", "第3行"), ("plan-duty-unread", "第4行")}
