"""Archives in the inbox: told by content, opened, and each file inside shown where it lies."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import struct
import sys
import tarfile
import zipfile
import zlib

import pytest
from container_builders import (
    ARRIVED,
    contents,
    locked_zip,
    opened,
    raw_zip,
    stored_rar,
    tnef,
    troubles,
    workbook,
    zipped,
)

from kepu_xls.intake.sniff import Kind, sniff
from kepu_xls.limits import Limits
from kepu_xls.model import FileStatus

FORM = workbook(b"one")
OTHER = workbook(b"two")


def tarred(*members: tuple[tarfile.TarInfo | str, bytes], mode: str = "w") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in members:
            info = tarfile.TarInfo(name) if isinstance(name, str) else name
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def seven_zip(members: dict[str, bytes], **settings: object) -> bytes:
    py7zr = pytest.importorskip("py7zr", reason="the extra archives is not installed")
    stream = io.BytesIO()
    with py7zr.SevenZipFile(stream, "w", **settings) as archive:
        for name, data in members.items():
            archive.writestr(data, name)
    return stream.getvalue()


@pytest.mark.parametrize("data", [FORM, b"", b"a,b\n1,2\n", b"\x89PNG\r\n\x1a\n", b"PK", b"Re: hello"])
def test_a_file_that_holds_no_files_is_given_as_it_is(data: bytes) -> None:
    (member,) = opened("甲.xlsx", data)
    assert (member.file.path, member.data, member.findings) == ("甲.xlsx", data, ())


@pytest.mark.parametrize(
    "parts",
    [
        {"[Content_Types].xml": b"", "word/document.xml": b""},
        {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b""},
        {"_rels/.rels": b"", "[Content_Types].xml": b""},
    ],
)
def test_a_workbook_or_document_is_no_archive_though_it_is_a_zip(parts: dict[str, bytes]) -> None:
    whole = zipped(parts)
    for data in (whole, whole[:-30]):  # also where it was cut short
        (member,) = opened("表.zip", data)
        assert member.data == data


def test_a_zip_is_told_by_content_and_its_files_carry_its_name_their_own_hash_and_its_time() -> None:
    data = zipped({"子/": b"", "子/甲.xlsx": FORM, "乙.xlsx": OTHER})
    first, second, outer = opened("报送/三月.xlsx", data)
    assert first.file.path == "报送/三月.xlsx::子/甲.xlsx"
    assert first.file.sha256 == hashlib.sha256(FORM).hexdigest()
    assert (first.file.size, first.file.received, first.data) == (len(FORM), ARRIVED, FORM)
    assert second.file.path == "报送/三月.xlsx::乙.xlsx"
    assert (outer.file.path, outer.data, outer.status) == ("报送/三月.xlsx", None, FileStatus.IGNORED)
    assert [one.code for one in outer.findings] == ["container-opened"]
    assert "2 个文件" in outer.findings[0].message


@pytest.mark.parametrize(
    ("raw", "flags", "shown"),
    [
        ("区教育局.xlsx".encode("gbk"), 0, "区教育局.xlsx"),
        ("区教育局.xlsx".encode(), 0x800, "区教育局.xlsx"),
        ("区教育局.xlsx".encode(), 0, "区教育局.xlsx"),  # macOS sets no flag
        ("一.xlsx".encode("gbk"), 0, "一.xlsx"),  # valid UTF-8 by accident
        ("联通镕.xlsx".encode("gb18030"), 0, "联通镕.xlsx"),
        (b"a\\b\\c.xlsx", 0, "a/b/c.xlsx"),
        (b"\xff\xfe\xff.xlsx", 0, "___.xlsx"),
        (b"\xff\xfe.xlsx", 0x800, "__.xlsx"),
        ("表\u202exslx.exe".encode(), 0x800, "表_xslx.exe"),
        (b"\x1b[2J\r\n.xlsx", 0, "_[2J__.xlsx"),
        (b"../../etc/x.xlsx", 0, "etc/x.xlsx"),
        (b"/abs/x.xlsx", 0, "abs/x.xlsx"),
        (b"C:\\users\\x.xlsx", 0, "users/x.xlsx"),
        (b"\\\\server\\share\\x.xlsx", 0, "server/share/x.xlsx"),
        (b"..", 0, "未命名"),
        (b"a::b.xlsx", 0, "a__b.xlsx"),
        ("长".encode() * 200 + b".xlsx", 0x800, "…" + "长" * 114 + ".xlsx"),
    ],
)
def test_names_are_shown_as_they_were_meant_and_do_no_harm(raw: bytes, flags: int, shown: str) -> None:
    found = contents(opened("包.zip", raw_zip((raw, FORM), flags=flags)))
    assert found == {f"包.zip::{shown}": FORM}


def test_the_unicode_name_that_winrar_writes_beside_the_local_one_is_taken() -> None:
    raw = b"??.xlsx"
    field = b"\1" + struct.pack("<I", zlib.crc32(raw)) + "教育.xlsx".encode()
    data = raw_zip((raw, FORM), extra=struct.pack("<HH", 0x7075, len(field)) + field)
    assert contents(opened("包.zip", data)) == {"包.zip::教育.xlsx": FORM}


def test_two_files_of_one_name_are_both_given() -> None:
    data = raw_zip((b"a/x.xlsx", FORM), (b"a/x.xlsx", OTHER), (b"a/x.xlsx", b"3"), (b"x", b"4"), (b"x", b"5"))
    assert contents(opened("包.zip", data)) == {
        "包.zip::a/x.xlsx": FORM,
        "包.zip::a/x(2).xlsx": OTHER,
        "包.zip::a/x(3).xlsx": b"3",
        "包.zip::x": b"4",
        "包.zip::x(2)": b"5",
    }


def test_archives_are_opened_two_deep_and_no_deeper() -> None:
    inner = zipped({"丙.xlsx": FORM})
    middle = zipped({"乙.zip": inner, "二.xlsx": OTHER})
    assert contents(opened("甲.zip", middle)) == {
        "甲.zip::乙.zip::丙.xlsx": FORM,
        "甲.zip::二.xlsx": OTHER,
    }
    members = opened("外.zip", zipped({"甲.zip": middle}))
    assert contents(members) == {"外.zip::甲.zip::二.xlsx": OTHER}
    assert troubles(members) == {"外.zip::甲.zip::乙.zip": ["container-deep"]}
    assert "2 层" in next(one for one in members if one.status is FileStatus.REJECTED).findings[0].message


@pytest.mark.parametrize("name", ["~$甲.xlsx", "__MACOSX/._甲.xlsx", "Thumbs.db"])
def test_what_programs_leave_behind_is_passed_on_unopened(name: str) -> None:
    archive = zipped({"x": b"y"})
    assert contents(opened("包.zip", zipped({name: archive}))) == {f"包.zip::{name}": archive}
    assert sniff(f"包.zip::{name}", archive) is Kind.SYSTEM


def test_an_empty_archive_is_rejected() -> None:
    assert troubles(opened("空.zip", zipped({}))) == {"空.zip": ["container-empty"]}
    assert troubles(opened("空.zip", zipped({"子/": b""}))) == {"空.zip": ["container-empty"]}


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_every_way_of_packing_is_read(method: int) -> None:
    assert contents(opened("包.zip", zipped({"x.xlsx": FORM * 50}, method))) == {"包.zip::x.xlsx": FORM * 50}


def test_a_way_of_packing_that_is_not_known_costs_that_file() -> None:
    data = bytearray(raw_zip((b"a.csv", b"1,2"), (b"b.csv", b"3,4")))
    directory = data.index(b"PK\1\2")
    data[8:10] = data[directory + 10 : directory + 12] = struct.pack("<H", 98)
    members = opened("包.zip", bytes(data))
    assert contents(members) == {"包.zip::b.csv": b"3,4"}
    assert troubles(members) == {"包.zip::a.csv": ["member-method"]}


@pytest.mark.parametrize("password", ["kepu2019", "密码"])
def test_a_password_of_the_configuration_opens_a_zip(password: str) -> None:
    data = locked_zip("甲.xlsx", FORM, password.encode("gb18030"))
    assert contents(opened("包.zip", data, ("错的", password))) == {"包.zip::甲.xlsx": FORM}


def test_a_zip_with_an_unknown_password_is_rejected_once_and_its_open_files_are_given() -> None:
    data = locked_zip("甲.xlsx", FORM, b"secret")
    members = opened("包.zip", data, ("wrong",))
    assert contents(members) == {}
    assert troubles(members) == {"包.zip": ["container-locked"]}
    mixed = zipped({"内.zip": data, "乙.xlsx": OTHER})
    assert contents(opened("包.zip", mixed)) == {"包.zip::乙.xlsx": OTHER}


def test_of_a_zip_whose_encryption_no_password_opens_here_none_is_asked_for_the_configuration() -> None:
    data = bytearray(locked_zip("甲.xlsx", FORM, b"secret"))
    data[8:10] = struct.pack("<H", 99)  # AES, as WinZip and 7-Zip write it
    place = data.index(b"PK\1\2") + 10
    data[place : place + 2] = struct.pack("<H", 99)
    members = opened("包.zip", bytes(data), ("secret",))
    assert contents(members) == {}
    assert troubles(members) == {"包.zip": ["container-cipher"]}
    assert "config" not in members[-1].findings[0].message + members[-1].findings[0].remedy


@pytest.mark.parametrize("name", ["表.xlsx", "包.zip", "表"])
@pytest.mark.parametrize("first", ["docProps/app.xml", "[Content_Types].xml", "_rels/.rels", "mimetype"])
def test_a_workbook_cut_short_is_one_file_and_broken(name: str, first: str) -> None:
    whole = zipped({first: b"<a/>", "xl/media/image1.png": bytes(range(256)), "xl/workbook.xml": FORM})
    cut = whole[: len(whole) * 8 // 10]
    assert contents(opened(name, cut)) == {name: cut}
    assert sniff(name, cut) is Kind.BROKEN


def test_what_is_named_as_a_workbook_and_holds_none_is_broken_not_an_archive() -> None:
    for data in (
        zipped({"app.xml": b"<a/>"}),
        zipped({"app.xml": b"<a/>"})[:40],
        zipped({"_rels/.rels": b""}),
    ):
        assert contents(opened("表.xlsx", data)) == {"表.xlsx": data}
        assert sniff("表.xlsx", data) is Kind.BROKEN
    assert contents(opened("表.zip", zipped({"app.xml": b"<a/>"}))) == {"表.zip::app.xml": b"<a/>"}


def test_a_zip_cut_short_still_gives_the_files_that_came_whole() -> None:
    whole = zipped({"甲.xlsx": FORM, "子/": b"", "乙.xlsx": OTHER, "丙.bin": bytes(range(256)) * 40})
    members = opened("包.zip", whole[: whole.index(b"PK\1\2")])  # the directory is lost
    assert list(contents(members)) == ["包.zip::甲.xlsx", "包.zip::乙.xlsx", "包.zip::丙.bin"]
    assert troubles(members) == {"包.zip": ["container-broken"]}
    members = opened("包.zip", whole[: whole.index("丙.bin".encode()) + 60])
    assert list(contents(members)) == ["包.zip::甲.xlsx", "包.zip::乙.xlsx"]
    assert troubles(members) == {"包.zip::丙.bin": ["member-broken"], "包.zip": ["container-broken"]}


def test_a_streamed_zip_cut_short_is_read_without_sizes() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    stream = Pipe()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("甲.csv", b"a,b\n" * 500)
        archive.writestr("乙.csv", b"c,d\n" * 500)
    data = stream.getvalue()
    members = opened("包.zip", data[: data.index(b"PK\1\2")])
    assert contents(members) == {"包.zip::甲.csv": b"a,b\n" * 500, "包.zip::乙.csv": b"c,d\n" * 500}


def test_a_file_that_fails_its_checksum_costs_that_file() -> None:
    data = bytearray(raw_zip((b"a.xlsx", FORM), (b"b.xlsx", OTHER)))
    data[data.index(FORM) + 5] ^= 1
    members = opened("包.zip", bytes(data))
    assert contents(members) == {"包.zip::b.xlsx": OTHER}
    assert troubles(members) == {"包.zip::a.xlsx": ["member-broken"]}


def test_links_pipes_and_devices_in_archives_are_refused() -> None:
    info = zipfile.ZipInfo("link.xlsx")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(info, "/etc/passwd")
        archive.writestr("甲.xlsx", FORM)
    members = opened("包.zip", stream.getvalue())
    assert contents(members) == {"包.zip::甲.xlsx": FORM}
    assert troubles(members) == {"包.zip::link.xlsx": ["member-no-file"]}
    odd = [tarfile.TarInfo(f"{kind!r}") for kind in range(3)]
    for one, kind in zip(odd, (tarfile.SYMTYPE, tarfile.FIFOTYPE, tarfile.LNKTYPE), strict=True):
        one.type, one.linkname = kind, "甲.xlsx"
    members = opened("包.tar", tarred(("甲.xlsx", FORM), *((one, b"") for one in odd)))
    assert contents(members) == {"包.tar::甲.xlsx": FORM}
    assert list(troubles(members).values()) == [["member-no-file"]] * 3


def test_tar_and_gzip_are_opened_as_one() -> None:
    plain = tarred(("子/甲.xlsx", FORM), ("../乙.xlsx", OTHER))
    expected = {"子/甲.xlsx": FORM, "乙.xlsx": OTHER}
    for name, data in (("包.tar", plain), ("包.tar.gz", gzip.compress(plain))):
        assert contents(opened(name, data)) == {f"{name}::{key}": value for key, value in expected.items()}
    assert contents(opened("甲.xlsx.gz", gzip.compress(FORM))) == {"甲.xlsx.gz::甲.xlsx": FORM}
    packed = gzip.compress(FORM)
    named = packed[:3] + b"\x08" + packed[4:10] + "里.xlsx".encode("gbk") + b"\0" + packed[10:]
    assert contents(opened("外.gz", named)) == {"外.gz::里.xlsx": FORM}


def test_a_tar_or_gzip_cut_short_is_rejected_and_what_came_whole_is_given() -> None:
    data = tarred(("甲.xlsx", FORM), ("乙.xlsx", OTHER))
    members = opened("包.tar", data[: data.index(OTHER) + 10])
    assert contents(members) == {"包.tar::甲.xlsx": FORM}
    assert troubles(members)
    packed = gzip.compress(FORM)
    assert troubles(opened("甲.gz", packed[:-9])) == {"甲.gz": ["container-broken"]}
    assert not contents(opened("甲.gz", packed[:-9]))


def test_an_xz_or_bz2_file_is_left_to_the_reader() -> None:
    data = bz2.compress(FORM)
    assert contents(opened("甲.bz2", data)) == {"甲.bz2": data}


def test_a_7z_is_opened_with_folders_and_chinese_names() -> None:
    data = seven_zip({"子/甲.xlsx": FORM, "乙.xlsx": OTHER, "空.txt": b""})
    assert contents(opened("包.7z", data)) == {
        "包.7z::子/甲.xlsx": FORM,
        "包.7z::乙.xlsx": OTHER,
        "包.7z::空.txt": b"",
    }


@pytest.mark.parametrize("names_too", [False, True])
def test_a_7z_with_a_password_is_opened_by_the_configuration(names_too: bool) -> None:  # noqa: FBT001 - a row
    password = "密码1"  # noqa: S105 - of this test alone
    data = seven_zip({"甲.xlsx": FORM}, password=password, header_encryption=names_too)
    assert contents(opened("包.7z", data, ("错", password))) == {"包.7z::甲.xlsx": FORM}
    members = opened("包.7z", data, ("错",))
    assert contents(members) == {}
    assert troubles(members) == {"包.7z": ["container-locked"]}


def test_a_rar_is_opened_by_libarchive() -> None:
    try:
        import libarchive  # noqa: F401, PLC0415 - only to see whether it is there
    except (ImportError, OSError, TypeError, AttributeError):
        pytest.skip("libarchive is not installed")
    data = stored_rar({"dir\\one.xlsx": FORM, "two.xlsx": OTHER})
    assert contents(opened("包.rar", data)) == {"包.rar::dir/one.xlsx": FORM, "包.rar::two.xlsx": OTHER}
    cut = opened("包.rar", data[:-200])
    assert contents(cut) == {"包.rar::dir/one.xlsx": FORM}
    assert "包.rar" in troubles(cut)
    locked = opened("包.rar", stored_rar({"one.xlsx": FORM}, flags=4))
    assert contents(locked) == {}
    assert troubles(locked) == {"包.rar": ["container-locked"]}


@pytest.mark.parametrize(
    ("missing", "data"),
    [("libarchive", stored_rar({"a.xlsx": FORM})), ("py7zr", b"7z\xbc\xaf\x27\x1c" + bytes(40))],
)
def test_without_its_library_a_rar_or_7z_is_to_be_unpacked_by_hand(
    missing: str, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("rar_files", "seven_zip"):
        monkeypatch.delitem(sys.modules, f"kepu_xls.intake.{module}", raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    members = opened("包.rar", data)
    assert troubles(members) == {"包.rar": ["container-unpack-please"]}
    assert "请解压后再放入" in members[0].findings[0].remedy


def test_winmail_dat_is_opened_under_long_short_and_gbk_names() -> None:
    data = tnef(
        (b"JIAOYU~1.XLS", FORM, "区教育局进展.xlsx"),
        ("区妇联.xlsx".encode("gbk"), OTHER, ""),
        (b"", b"zeros at the end\0\0\0", ""),
    )
    assert contents(opened("winmail.dat", data)) == {
        "winmail.dat::区教育局进展.xlsx": FORM,
        "winmail.dat::区妇联.xlsx": OTHER,
        "winmail.dat::未命名": b"zeros at the end\0\0\0",
    }
    members = opened("winmail.dat", data[: data.rindex(OTHER) + 20])
    assert contents(members) == {"winmail.dat::区教育局进展.xlsx": FORM, "winmail.dat::区妇联.xlsx": b""}
    assert troubles(members) == {"winmail.dat": ["container-broken"]}


def test_a_file_larger_than_the_inbox_takes_is_not_read() -> None:
    limits = Limits(file_mb=1)
    (member,) = opened("大.xlsx", bytes((1 << 20) + 1), limits=limits)
    assert (member.data, member.status) == (None, FileStatus.REJECTED)
    assert troubles((member,)) == {"大.xlsx": ["file-too-large"]}
    assert "1 MB" in member.findings[0].message
