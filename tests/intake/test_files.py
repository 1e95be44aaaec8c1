"""Files that are no workbook, broken workbooks, and what lies about in an inbox: listed, never a crash."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import docx
import pytest
from builders import at
from filled_forms import CONTEXT, VALUES, blank_form, codes, fill, read, saved, values_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from kepu_xls.config import Limits
from kepu_xls.intake import collect, loading, reading
from kepu_xls.intake.grid import Grid
from kepu_xls.intake.sniff import Kind, sniff
from kepu_xls.model import FileRecord, FileStatus, InboxFile, TiedBy

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 50


def word() -> bytes:
    stream = io.BytesIO()
    docx.Document().save(stream)
    return stream.getvalue()


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return saved(fill(blank_form(tmp_path_factory.mktemp("form") / "form.xlsx")))


IGNORED = [
    ("~$表.xlsx", b"x" * 165, "file-left-by-program"),
    (".~lock.表.xlsx#", b",x,", "file-left-by-program"),
    ("子/Thumbs.db", OLE + b"\0" * 600, "file-left-by-program"),
    ("desktop.ini", b"[.ShellClassInfo]", "file-left-by-program"),
    (".DS_Store", b"\0\0\0\1Bud1", "file-left-by-program"),
    ("照片.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 50, "file-picture"),
    ("照片.png", PNG, "file-picture"),
    ("总结.docx", word(), "file-document"),
    ("总结.doc", OLE + b"\0" * 512 + "WordDocument\0".encode("utf-16-le"), "file-document"),
    ("扫描.pdf", b"%PDF-1.7\n", "file-document"),
    ("说明.txt", "请查收".encode("gb18030"), "file-other"),
]


@pytest.mark.parametrize(("name", "data", "code"), IGNORED)
def test_what_never_was_a_workbook_is_ignored_and_listed(name: str, data: bytes, code: str) -> None:
    record = read(data, name)
    assert (record.status, codes(record)) == (FileStatus.IGNORED, [code])


REJECTED = [
    ("表.xlsx", b"", "file-empty"),
    ("表.xlsx", b"\0" * 900, "file-empty"),
    ("表.xls", b"<html><body><table><tr><td>1</td></tr></table></body></html>", "file-html"),
    ("表.xlsx", PNG, "file-no-workbook"),
    ("表.xlsx", b"%PDF-1.7\n", "file-no-workbook"),
    ("表.xlsx", word(), "file-no-workbook"),
    ("表.xlsx", bytes(range(256)) * 8, "file-no-workbook"),
    ("表.csv", "任务编号,主要任务\n1.1.1,甲\n".encode("gb18030"), "form-table-missing"),
    ("表.xls", OLE + b"\0" * 600, "file-broken"),
    ("表.xls", OLE + b"\xff" * 600 + "Workbook\0".encode("utf-16-le"), "file-broken"),
    ("表.xlsx", OLE + b"\0" * 512 + "EncryptedPackage\0".encode("utf-16-le"), "file-encrypted"),
    ("附件.zip", zipped(**{"表.xlsx": b"x"}), "file-archive"),
    ("附件.rar", b"Rar!\x1a\x07\x00" + b"\0" * 20, "file-archive"),
    ("表.xlsx", zipped(**{"[Content_Types].xml": b"<x/>"}), "file-broken"),
    ("表.xlsx", zipped(**{"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<no"}), "file-broken"),
]


@pytest.mark.parametrize(("name", "data", "code"), REJECTED)
def test_what_was_meant_as_a_form_and_cannot_be_read_is_rejected_with_a_remedy(
    name: str, data: bytes, code: str
) -> None:
    record = read(data, name)
    assert (record.status, codes(record)) == (FileStatus.REJECTED, [code])
    assert record.findings[0].remedy
    assert record.findings[0].place.file == name


def test_the_content_tells_not_the_name(good: bytes) -> None:
    assert values_of(read(good, "进展.doc")) == VALUES
    assert values_of(read(good, "没有扩展名")) == VALUES


@pytest.mark.parametrize(
    ("name", "encoding", "delimiter"),
    [
        ("表.csv", "utf-8-sig", ","),
        ("表.csv", "gb18030", ","),
        ("表.xls", "utf-16", "\t"),
        ("表.csv", "utf-8", ";"),
    ],
)
def test_a_sheet_saved_as_text_is_read(name: str, encoding: str, delimiter: str, tmp_path: Path) -> None:
    sheet = fill(blank_form(tmp_path / "form.xlsx"))["进展填报表"]
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter).writerows(
        [cell.value for cell in row] for row in sheet.iter_rows()
    )
    record = read(stream.getvalue().encode(encoding), name)
    assert values_of(record) == VALUES
    assert record.submission is not None
    assert record.submission.tied_by is TiedBy.LABELS


def test_a_workbook_without_a_task_table_is_rejected() -> None:
    book = Workbook()
    book.active.append(["姓名", "电话"])
    record = read(saved(book))
    assert (record.status, codes(record)[-1]) == (FileStatus.REJECTED, "form-table-missing")


def test_the_guide_is_not_taken_for_the_table(tmp_path: Path) -> None:
    book = fill(blank_form(tmp_path / "form.xlsx"))
    del book["进展填报表"]
    record = read(saved(book))
    assert (record.status, codes(record)) == (FileStatus.REJECTED, ["form-table-missing"])


def test_a_workbook_cut_short_anywhere_is_rejected(good: bytes) -> None:
    for part in range(1, 20):
        record = read(good[: len(good) * part // 20])
        assert record.status is FileStatus.REJECTED
        assert "file-not-understood" not in codes(record)


def with_sheet(good: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Change the XML of the first sheet."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as source, zipfile.ZipFile(stream, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, change(data) if name.endswith("sheet1.xml") else data)
    return stream.getvalue()


@pytest.mark.parametrize(
    "address", [b"A99999999999", b"A4294967295", b"XFE1", b"A1048577", b"ZZZZ1", b"1A", b""]
)
def test_a_cell_beyond_every_sheet_does_not_reach_calamine(good: bytes, address: bytes) -> None:
    record = read(with_sheet(good, lambda xml: xml.replace(b'r="B2"', b'r="' + address + b'"', 1)))
    assert (record.status, codes(record)) == (FileStatus.REJECTED, ["file-broken"])


def test_a_document_type_in_a_sheet_is_refused(good: bytes) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'
    record = read(with_sheet(good, lambda _: bomb))
    assert (record.status, codes(record)) == (FileStatus.REJECTED, ["file-forbidden-xml"])


def test_a_formula_without_result_is_told_at_its_cell(tmp_path: Path) -> None:
    book = fill(blank_form(tmp_path / "form.xlsx"))
    book["进展填报表"]["K7"] = "=SUM(A1:A2)"
    record = read(saved(book))
    assert [(one.code, one.place.cell) for one in record.findings if one.severity == "error"] == [
        ("cell-formula-uncomputed", "K7")
    ]
    assert record.status is FileStatus.ACCEPTED_WITH_ERRORS


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_damaged_byte_costs_the_file_at_most(good: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(good) - 1))
    broken = good[:place] + data.draw(st.binary(min_size=1, max_size=30)) + good[place + 1 :]
    record = read(broken)
    assert record.status in FileStatus
    assert "file-not-understood" not in codes(record)


@given(data=st.binary(max_size=300), start=st.sampled_from([b"", OLE, b"PK\x03\x04", b"<html", b"%PDF"]))
def test_no_bytes_raise(data: bytes, start: bytes) -> None:
    assert read(start + data, "表.xlsx").status in (FileStatus.REJECTED, FileStatus.IGNORED)


WORDS = [
    *(
        "任务编号",
        "主要任务",
        "承担角色",
        "进展状态",
        "完成率(%)",
        "备注",
        "@task",
        "@number",
        "status",
        "unit",
        "period",
    ),
    *(
        "1.1.1",
        "1.1.2",
        "2.1.1",
        "9.9.9",
        "牵头",
        "推进中",
        "80%",
        "区教育局",
        "2019-W12",
        "填报人：",
        "单位：",
        "指标",
    ),
    *(
        "@indicator",
        "@value",
        "本期累计完成",
        "互动大屏",
        "推进义务教育阶段的科技教育，完善中小学科学课程体系。",
    ),
]
CELLS = st.sampled_from(WORDS) | st.text(max_size=6) | st.floats() | st.booleans() | st.datetimes()


@given(
    rows=st.lists(st.dictionaries(st.integers(1, 8), CELLS, min_size=1, max_size=8), min_size=1, max_size=8)
)
def test_no_grid_is_beyond_understanding(rows: list[dict[int, str | float | bool | datetime]]) -> None:
    grid = Grid("表", dict(enumerate(rows, 1)))
    record = understand((grid,))
    assert "file-not-understood" not in codes(record), record.findings


def understand(grids: tuple[Grid, ...]) -> FileRecord:
    file = InboxFile("表.xlsx", "0" * 64, 1, at("2019-03-22 10:00"))
    return reading._understand(file, grids, CONTEXT, lambda *_: None)  # noqa: SLF001 - the pure part, without bytes


def test_interrupting_is_not_taken_for_a_broken_file(good: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(loading, "read_plain", interrupted)
    with pytest.raises(KeyboardInterrupt):
        read(good)


def test_a_panic_in_the_reader_costs_that_file_alone(good: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass

    def panicking(*_: object) -> None:
        raise PanicException

    monkeypatch.setattr(loading, "read_plain", lambda _: None)  # nothing is plain: calamine reads
    monkeypatch.setattr(loading.grid, "read", panicking)
    assert codes(read(good)) == ["file-broken-inside"]


@pytest.mark.libreoffice
def test_an_xls_whose_sectors_run_in_a_circle_does_not_reach_calamine(
    convert: Callable[[Path, str, Path], Path], good: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(good)
    data = bytearray(convert(path, "xls", tmp_path).read_bytes())
    allocation = 512 + int.from_bytes(data[76:80], "little") * 512
    directory = data[48:52]
    place = allocation + 4 * int.from_bytes(directory, "little")
    data[place : place + 4] = directory  # the directory's first sector says that it is followed by itself
    assert codes(read(bytes(data), "表.xls")) == ["file-broken"]


def test_collecting_lists_every_file_by_path_with_content_size_and_time(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name, data in ((".gitkeep", b""), ("b/二.xlsx", b"22"), ("a.xls", b"1"), ("~$a.xls", b"x")):
        (tmp_path / name).write_bytes(data)
    (tmp_path / "link.xlsx").symlink_to(tmp_path / "a.xls")
    (tmp_path / "folder").symlink_to(tmp_path / "b", target_is_directory=True)
    os.mkfifo(tmp_path / "pipe.xlsx")
    os.utime(tmp_path / "a.xls", (1_553_000_000, 1_553_000_000))
    files = collect(tmp_path, Limits()).files
    assert [(file.path, file.size) for file in files] == [("a.xls", 1), ("b/二.xlsx", 2), ("~$a.xls", 1)]
    assert files[0].sha256 == "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"
    assert files[0].received == datetime.fromtimestamp(1_553_000_000)  # noqa: DTZ006 - local time is what is meant


def test_an_encrypted_archive_or_damaged_directory_is_only_broken() -> None:
    assert sniff("表.xlsx", b"PK\x03\x04" + b"\0" * 100) is Kind.BROKEN
