"""The real table as other districts would send it comes out as the same plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
import pytest
from plan_builders import (
    HEADER,
    NUMERALS,
    REAL,
    groups,
    part_title,
    save,
    save_word,
    task_rows,
    units,
    word_table,
)

from kepu_xls.model import Finding, Plan, Severity, Task
from kepu_xls.plan import read_document
from kepu_xls.plan.blocks import Table
from kepu_xls.plan.text import blocks_of as text_blocks

Parts = list[list[list[Task]]]
Convert = Callable[[Path, str, Path], Path]


@pytest.fixture(scope="module")
def real() -> Plan:
    return read_document(REAL, "方案").plan


def word_tables_a_part_each(parts: Parts, path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("《方案》工作任务分解表")
    for index, part in enumerate(parts):
        document.add_paragraph(part_title(index, part))
        table = word_table(document, [HEADER, *task_rows(part)])
        at = 1
        for project in part:
            last = at + len(project) - 1
            table.cell(at, 0).merge(table.cell(last, 0))
            if len({task.leads for task in project}) == 1:
                for row in range(at + 1, last + 1):
                    table.cell(row, 2).text = ""
                table.cell(at, 2).merge(table.cell(last, 2))
            at = last + 1
    save_word(document, path)


def word_cells_of_several_paragraphs(parts: Parts, path: Path) -> None:
    document = docx.Document()
    for index, part in enumerate(parts):
        document.add_paragraph(part_title(index, part))
        rows = [
            (
                f"{project[:3]}\n{project[3:5]}\n{project[5:]}" if project else "",
                text.replace("。", "。\n"),
                leads.replace("、", "\n"),
                others,
            )
            for project, text, leads, others in task_rows(part)
        ]
        word_table(document, [HEADER, *rows])
    save_word(document, path)


def word_one_table_with_full_width_rows(parts: Parts, path: Path) -> None:
    document = docx.Document()
    rows: list[tuple[str, ...]] = []
    wide = []
    for index, part in enumerate(parts):
        wide.append(len(rows))
        rows += [(part_title(index, part), "", "", ""), HEADER, *task_rows(part)]
    table = word_table(document, rows)
    for row in wide:
        table.cell(row, 0).merge(table.cell(row, 3))
    save_word(document, path)


def word_table_split_without_a_second_header(parts: Parts, path: Path) -> None:
    document = docx.Document()
    for index, part in enumerate(parts):
        document.add_paragraph(part_title(index, part))
        rows = task_rows(part)
        word_table(document, [HEADER, *rows[:3]])
        document.add_paragraph("")
        word_table(document, rows[3:])
    save_word(document, path)


def excel_merged_with_titles(parts: Parts, path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["全民科学素质行动工作任务分解表"])
    sheet.merge_cells("A1:D1")
    sheet.append([])
    for index, part in enumerate(parts):
        sheet.append([part_title(index, part)])
        at = sheet.max_row
        sheet.merge_cells(f"A{at}:D{at}")
        sheet.append(HEADER)
        for row in task_rows(part):
            sheet.append(row)
        at += 2
        for project in part:
            sheet.merge_cells(f"A{at}:A{at + len(project) - 1}")
            at += len(project)
    book.save(path)


def excel_unmerged_header_once(parts: Parts, path: Path) -> None:
    rows: list[list[str]] = [["工作任务分解表"], list(HEADER)]
    for index, part in enumerate(parts):
        rows += [[part_title(index, part)], *map(list, task_rows(part))]
    save(path, rows)


def excel_part_column_and_running_numbers(parts: Parts, path: Path) -> None:
    rows: list[list[object]] = [
        ["序号", "部分", "完成时限", "项目", "责任部门", "牵头部门", "重点任务", "备注"]
    ]
    for part in parts:
        for index, (project, text, leads, others) in enumerate(task_rows(part)):
            name = part[0][0].part if index == 0 else None
            bare = text.split("、", 1)[1]
            rows.append([len(rows), name, None, project[3:] or None, others, leads, bare, None])
    save(path, rows)


def excel_a_sheet_a_part(parts: Parts, path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for part in parts:
        sheet = book.create_sheet(part[0][0].part)
        sheet.append(["任务分解表"])
        sheet.append(["类别", "具体任务", "主办单位", "协办单位"])
        for project, text, leads, others in task_rows(part):
            sheet.append(
                [project, text.replace("、", ".", 1), leads.replace("、", "，"), others.replace("、", "\n")]
            )
    book.save(path)


def excel_without_project_column(parts: Parts, path: Path) -> None:
    rows: list[list[object]] = [["序号", "工作任务", "责任单位", "配合单位"]]
    for index, part in enumerate(parts):
        rows.append([NUMERALS[index], part[0][0].part])
        for place, project in enumerate(part):
            rows.append([f"（{NUMERALS[place]}）", project[0].project])
            for number, task in enumerate(project, 1):
                rows.append([number, task.text, units(task.leads, "/"), units(task.participants, "；")])
    save(path, rows)


def excel_units_in_one_cell(parts: Parts, path: Path) -> None:
    rows: list[list[object]] = [["工作任务", "责任单位"]]
    for index, part in enumerate(parts):
        rows.append([part_title(index, part)])
        for place, project in enumerate(part):
            rows.append([f"（{NUMERALS[place]}）{project[0].project}"])
            for number, task in enumerate(project, 1):
                said = f"牵头：{units(task.leads)}；配合：{units(task.participants, ' ')}"
                rows.append([f"{number}．{task.text}", said])
    save(path, rows)


def text_rows_parted_by_tabs(parts: Parts, path: Path) -> None:
    lines = []
    for index, part in enumerate(parts):
        lines += [part_title(index, part), "\t".join(HEADER), *("\t".join(row) for row in task_rows(part))]
    path.write_text("\n".join(lines), encoding="utf-8")


def paragraphs(parts: Parts, pattern: str) -> list[str]:
    lines = ["全民科学素质行动实施方案", ""]
    for index, part in enumerate(parts):
        lines.append(part_title(index, part))
        for place, project in enumerate(part):
            lines.append(f"（{NUMERALS[place]}）{project[0].project}")
            for number, task in enumerate(project, 1):
                said = pattern.format(leads=units(task.leads), others=units(task.participants))
                lines.append(f"　　{number}.{task.text}{said}")
    return lines


def word_paragraphs(parts: Parts, path: Path) -> None:
    document = docx.Document()
    for line in paragraphs(parts, "（牵头单位：{leads}；配合单位：{others}）"):
        document.add_paragraph(line)
    save_word(document, path)


def text_paragraphs(parts: Parts, path: Path) -> None:
    path.write_text(
        "\n".join(paragraphs(parts, "（牵头单位：{leads}；参加单位：{others}等）")), encoding="utf-8"
    )


def text_paragraphs_half_width(parts: Parts, path: Path) -> None:
    lines = paragraphs(parts, "(责任单位: {leads}; 协办单位: {others})")
    path.write_text("\r\n".join(lines), encoding="gb18030")


def text_paragraphs_in_words(parts: Parts, path: Path) -> None:
    path.write_text("\n".join(paragraphs(parts, "（{leads}牵头，{others}配合）")), encoding="utf-8")


def text_units_on_a_line_of_their_own(parts: Parts, path: Path) -> None:
    lines = paragraphs(parts, "\n　　牵头单位：{leads}\n　　配合单位：{others}")
    path.write_text("\n".join(lines), encoding="utf-8")


@pytest.mark.parametrize(
    ("write", "suffix"),
    [
        (word_tables_a_part_each, ".docx"),
        (word_cells_of_several_paragraphs, ".docx"),
        (word_one_table_with_full_width_rows, ".docx"),
        (word_table_split_without_a_second_header, ".docx"),
        (excel_merged_with_titles, ".xlsx"),
        (excel_unmerged_header_once, ".xlsx"),
        (excel_part_column_and_running_numbers, ".xlsx"),
        (excel_a_sheet_a_part, ".xlsx"),
        (excel_without_project_column, ".xlsx"),
        (excel_units_in_one_cell, ".xlsx"),
        (text_rows_parted_by_tabs, ".txt"),
        (word_paragraphs, ".docx"),
        (text_paragraphs, ".txt"),
        (text_paragraphs_half_width, ".txt"),
        (text_paragraphs_in_words, ".txt"),
        (text_units_on_a_line_of_their_own, ".txt"),
    ],
)
def test_the_same_table_in_another_shape_is_the_same_plan(
    write: Callable[[Parts, Path], None], suffix: str, real: Plan, tmp_path: Path
) -> None:
    path = tmp_path / f"任务{suffix}"
    write(groups(real), path)
    reading = read_document(path, "方案")
    assert reading.plan == real
    # what was repaired in the original is repaired; the unit on both sides of 2.2.4 is the document's own
    warned = [one.code for one in reading.findings if one.severity is not Severity.INFO]
    assert warned == ["plan-unit-both-roles"]


@pytest.mark.parametrize(
    ("write", "suffix", "place"),
    [
        (word_tables_a_part_each, ".docx", "表2第9行第4列"),
        (word_one_table_with_full_width_rows, ".docx", "表1第26行第4列"),
        (excel_merged_with_titles, ".xlsx", "Sheet › D28"),
        (text_rows_parted_by_tabs, ".txt", "第26行第4列"),
        (text_paragraphs, ".txt", "第31行"),
    ],
)
def test_findings_name_the_cell_as_a_person_counts_it(
    write: Callable[[Parts, Path], None], suffix: str, place: str, real: Plan, tmp_path: Path
) -> None:
    path = tmp_path / f"任务{suffix}"
    write(groups(real), path)
    (both,) = found(read_document(path, "方案").findings, "plan-unit-both-roles")
    assert str(both.place) == f"{path.name} › {place}"


def found(findings: tuple[Finding, ...], code: str) -> list[Finding]:
    return [one for one in findings if one.code == code]


def the_original_cells() -> list[tuple[str, ...]]:
    """Give the cells of the real document as they are, with all their faults."""
    table = next(
        block for block in text_blocks(REAL.read_text(encoding="utf-8"), "") if isinstance(block, Table)
    )
    return [tuple(cell.text for cell in row) for row in table.rows]


def original_in_word(path: Path) -> None:
    document = docx.Document()
    rows: list[tuple[str, ...]] = []
    for row in reversed(the_original_cells()):
        if len(row) > 1:
            rows.insert(0, row)
            continue
        word_table_before(document, row[0], rows)
        rows = []
    save_word(document, path)


def word_table_before(document: docx.document.Document, heading: str, rows: list[tuple[str, ...]]) -> None:
    """Put a heading and its table at the beginning of a document."""
    table = word_table(document, rows)
    paragraph = document.add_paragraph(heading)
    body = document.element.body
    body.insert(0, table._tbl)  # noqa: SLF001 - python-docx can only append
    body.insert(0, paragraph._p)  # noqa: SLF001 - as above


def original_in_excel(path: Path) -> None:
    rows = the_original_cells()
    wide = tuple(f"A{number}:D{number}" for number, row in enumerate(rows, 1) if len(row) == 1)
    save(path, rows, wide)


@pytest.mark.parametrize(
    ("write", "suffix", "missing", "cut"),
    [
        (
            original_in_word,
            ".docx",
            ["表1第9行第2列", "表1第11行第2列", "表1第12行第2列"],
            ["表1第2行第3列", "表1第3行第3列", "表1第4行第3列", "表1第5行第3列", "表1第9行第3列"],
        ),
        (original_in_excel, ".xlsx", ["B10", "B12", "B13"], ["C3", "C4", "C5", "C6", "C10"]),
    ],
)
def test_the_original_with_its_faults_is_repaired_the_same_way(
    write: Callable[[Path], None], suffix: str, missing: list[str], cut: list[str], real: Plan, tmp_path: Path
) -> None:
    path = tmp_path / f"任务{suffix}"
    write(path)
    reading = read_document(path, "方案")
    assert reading.plan == real
    assert [one.place.cell for one in found(reading.findings, "plan-number-missing")] == missing
    assert [one.place.cell for one in found(reading.findings, "plan-name-cut")] == cut
    assert len(found(reading.findings, "plan-separator-doubled")) == 1
    assert len(found(reading.findings, "plan-unit-both-roles")) == 1


@pytest.mark.libreoffice
@pytest.mark.parametrize(
    ("write", "suffix", "old"),
    [(word_tables_a_part_each, ".docx", "doc"), (excel_merged_with_titles, ".xlsx", "xls")],
)
def test_an_old_format_is_converted_first(
    write: Callable[[Parts, Path], None], suffix: str, old: str, real: Plan, tmp_path: Path, convert: Convert
) -> None:
    path = tmp_path / f"任务{suffix}"
    write(groups(real), path)
    # the name says nothing true; the content tells
    wrong = convert(path, old, tmp_path).rename(tmp_path / "任务.txt")
    assert read_document(wrong, "方案").plan == real
