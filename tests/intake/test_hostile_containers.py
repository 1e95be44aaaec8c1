"""What a hostile container does costs that file alone, and names the limit that it passed."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import tracemalloc

import pytest
from container_builders import (
    attribute,
    contents,
    opened,
    raw_zip,
    stored_rar,
    tnef,
    troubles,
    workbook,
    zipped,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kepu_xls.intake import zip_files
from kepu_xls.limits import Limits
from kepu_xls.model import FileStatus

ZEROS = bytes(10 << 20)
GOOD = {"甲.csv": b"1,2"}


def gzipped_tar(data: bytes) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        info = tarfile.TarInfo("x")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def seven_zip(data: bytes) -> bytes:
    py7zr = pytest.importorskip("py7zr", reason="the extra archives is not installed")
    stream = io.BytesIO()
    with py7zr.SevenZipFile(stream, "w") as archive:
        archive.writestr(data, "x")
    return stream.getvalue()


def lying(data: bytes, claimed: int) -> bytes:
    """A zip of one deflated file that declares another size, in both its headers."""
    whole = bytearray(zipped({"x": data}))
    directory = whole.index(b"PK\1\2")
    whole[22:26] = whole[directory + 24 : directory + 28] = struct.pack("<I", claimed)
    return bytes(whole)


@pytest.mark.parametrize("make", [lambda data: zipped({"x": data}), gzip.compress, gzipped_tar, seven_zip])
def test_what_unfolds_to_many_times_its_size_is_refused(make: object) -> None:
    packed = make(ZEROS)  # type: ignore[operator] - a function of bytes
    members = opened("弹.zip", packed)
    assert contents(members) == {}
    assert troubles(members) == {"弹.zip": ["container-ratio"]}
    assert "300 倍" in members[-1].findings[0].message


def test_a_bomb_in_an_archive_leaves_what_came_before_it() -> None:
    members = opened("外.zip", zipped({**GOOD, "弹.zip": zipped({"x": ZEROS}), "后.csv": b"3"}))
    assert contents(members)["外.zip::甲.csv"] == b"1,2"
    assert troubles(members)["外.zip::弹.zip"] == ["container-ratio"]
    assert all(one.data is None or len(one.data) < 1 << 20 for one in members)


def test_many_copies_of_a_small_bomb_add_up() -> None:
    inner = zipped({"x": bytes(1 << 20)})
    limits = Limits(unpacked_mb=8, ratio=10_000)
    members = opened("外.zip", zipped({f"{n}.zip": inner for n in range(30)}), limits=limits)
    assert sum(len(data) for data in contents(members).values()) < 8 << 20
    assert {"container-unpacked"} <= {code for codes in troubles(members).values() for code in codes}
    assert "8 MB" in members[-1].findings[0].message


def test_declared_sizes_are_not_believed() -> None:
    for claimed in (1, len(ZEROS) * 100, 0xFFFFFFFE):
        members = opened("谎.zip", lying(ZEROS, claimed))
        assert contents(members) == {}
        assert {code for codes in troubles(members).values() for code in codes} <= {
            "member-broken",
            "container-ratio",
        }


def test_a_bomb_is_refused_before_it_fills_the_memory() -> None:
    bomb = zipped({"x": bytes(100 << 20)})
    for data in (bomb, gzip.compress(bytes(100 << 20)), bomb[:-30], lying(bytes(100 << 20), 5)):
        tracemalloc.start()
        members = opened("弹.zip", data)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert contents(members) == {}
        assert FileStatus.REJECTED in {one.status for one in members}
        assert peak < 48 << 20


def test_a_member_larger_than_the_inbox_takes_costs_that_member() -> None:
    big = bytes(range(256)) * (5 << 12)
    members = opened("包.zip", zipped({"大.bin": big, **GOOD}), limits=Limits(file_mb=1))
    assert contents(members) == {"包.zip::甲.csv": b"1,2"}
    assert troubles(members) == {"包.zip::大.bin": ["member-too-large"]}


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_matryoshka_is_opened_as_deep_as_the_limit_says(depth: int) -> None:
    data = b"1,2"
    for _ in range(50):
        data = zipped({"x": data})
    members = opened("x", data, limits=Limits(depth=depth))
    assert contents(members) == {}
    assert troubles(members) == {"x" + "::x" * depth: ["container-deep"]}


def test_files_that_share_bytes_are_refused() -> None:
    whole = raw_zip((b"a", b"1" * 100), (b"b", b"2" * 100))
    second = whole.rindex(b"PK\1\2")
    for offset in (0, 20):
        data = whole[: second + 42] + struct.pack("<I", offset) + whole[second + 46 :]
        members = opened("弹.zip", data)
        assert contents(members) == {}
        assert troubles(members) == {"弹.zip": ["container-overlap"]}


def test_more_files_than_the_limit_are_refused_over_all_layers() -> None:
    limits = Limits(members=10)
    inner = zipped({f"{n}.csv": b"1" for n in range(4)})
    data = zipped({"a.zip": inner, "b.zip": inner, "c.zip": inner})
    members = opened("包.zip", data, limits=limits)
    assert len(contents(members)) == 8
    assert {code for codes in troubles(members).values() for code in codes} == {"container-many-members"}
    assert "10 个" in members[-1].findings[0].message


def test_a_directory_of_a_million_entries_is_not_even_built(monkeypatch: pytest.MonkeyPatch) -> None:
    one = raw_zip((b"", b""))
    entry = one[one.index(b"PK\1\2") : one.index(b"PK\5\6")]
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, len(entry) * 1_000_000, 30, 0)  # the count lies
    data = one[:30] + entry * 1_000_000 + end
    monkeypatch.setattr(zip_files.zipfile, "ZipFile", None)  # using it would raise
    assert troubles(opened("弹.zip", data)) == {"弹.zip": ["container-many-members"]}


def test_a_mail_of_endless_parts_is_refused_unparsed() -> None:
    head = b"From: a@example.com\nTo: b@example.com\nMIME-Version: 1.0\n"
    part = b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n'
    data = head + b"".join(part % (n, n) for n in range(5000))
    assert troubles(opened("x.eml", data)) == {"x.eml": ["container-many-members"]}
    wide = head + b'Content-Type: multipart/mixed; boundary="x"\r\r' + b"--x\r\r" * 5000
    assert troubles(opened("x.eml", wide)) == {"x.eml": ["container-many-members"]}
    nested = head + b"".join(part % (n, n) for n in range(1900))  # deeper than Python recurses
    assert troubles(opened("x.eml", nested)) == {"x.eml": ["container-broken"]}


def test_a_gzip_of_endless_pieces_is_refused() -> None:
    assert troubles(opened("x.gz", gzip.compress(b"") * 1000)) == {"x.gz": ["container-many-members"]}


def test_an_endless_header_is_not_searched_to_its_end() -> None:
    head = b"From: a@example.com\nTo: b@example.com\nDate: " + b"1" * 1_000_000
    for kind in (
        b"a;" * 1_000_000,
        b'"' * 1_000_000,
        b"=?gbk?B?" * 200_000,
        b"a*0=b;" * 200_000,
        b"\xff" * 10**6,
    ):
        data = head + b"\nContent-Disposition: attachment; filename=x" + kind + b"\n\nx"
        assert list(contents(opened("x.eml", data)).values()) == [b"x"]


def test_counts_in_winmail_dat_are_not_believed() -> None:
    endless = struct.pack("<I", 0xFFFFFFFF) + struct.pack("<HHI", 0x1002, 0x3701, 0xFFFFFFFF) + bytes(8)
    data = tnef((b"a.csv", b"1,2", "")) + attribute(0x9005, endless)
    assert contents(opened("winmail.dat", data)) == {"winmail.dat::a.csv": b"1,2"}


MAIL = (
    b"From: a@example.com\r\nTo: b@example.com\r\nDate: Mon, 16 Nov 2026 10:00:00 +0800\r\n"
    b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
    b'--b\r\nContent-Type: application/x; name="=?gbk?B?vNc=?="\r\nContent-Transfer-Encoding: base64\r\n'
    b"Content-Disposition: attachment; filename*=gbk''%BC%D7\r\n\r\nMSwy\r\n"
    b"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: a@example.com\r\n\r\nx\r\n--b--\r\n"
)
SEEDS = [
    zipped({"甲.csv": b"1,2" * 50, "子/乙.zip": zipped(GOOD)}),
    raw_zip(("甲.csv".encode("gbk"), b"1,2"), (b"b", b"3")),
    gzipped_tar(b"1,2" * 100),
    gzip.compress(b"1,2" * 100),
    tnef((b"a.csv", b"1,2" * 20, "甲.csv"), (b"b.csv", b"3", "")),
    stored_rar({"a.csv": b"1,2" * 20, "b.csv": b"3"}),
    workbook(),
    MAIL,
]


def never_raises(data: bytes) -> None:
    """Whatever it is, it comes to members that are given or refused, once each."""
    members = opened("x", data, ("123",), Limits(unpacked_mb=4, file_mb=2))
    paths = [one.file.path for one in members]
    assert paths
    assert len(set(paths)) == len(paths)
    assert all(one.data is not None or one.findings for one in members)
    assert all(path.isprintable() for path in paths)
    assert all(".." not in path.replace("::", "/").split("/") for path in paths)


@given(
    st.binary(max_size=300), st.sampled_from([seed[:9] for seed in SEEDS] + [b"", b"7z\xbc\xaf\x27\x1c\0\4"])
)
def test_random_bytes_never_raise(data: bytes, start: bytes) -> None:
    never_raises(start + data)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SEEDS), st.data())
def test_damaged_containers_never_raise(seed: bytes, data: st.DataObject) -> None:
    broken = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(broken) - 1))
        match data.draw(st.integers(0, 3)):
            case 0:
                broken[place] = data.draw(st.integers(0, 255))
            case 1:
                broken[place : place + 4] = b"\xff\xff\xff\xff"
            case 2:
                del broken[place : place + data.draw(st.integers(1, 20))]
                broken = broken or bytearray(b"P")
            case _:
                end = data.draw(st.integers(place, len(broken)))
                broken[place:place] = broken[place:end]
    never_raises(bytes(broken))
