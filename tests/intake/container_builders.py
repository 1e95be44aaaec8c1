"""Archives and mails as others make them, by hand where no library would."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
import zlib
from datetime import datetime

from kepu_xls.intake.containers import Member, open_containers
from kepu_xls.limits import Limits
from kepu_xls.model import InboxFile

ARRIVED = datetime(2026, 11, 20, 9, 30)  # noqa: DTZ001 - local time, as in the model
XLSX_MARK = "[Content_Types].xml"


def opened(
    name: str, data: bytes, passwords: tuple[str, ...] = (), limits: Limits | None = None
) -> tuple[Member, ...]:
    file = InboxFile(name, hashlib.sha256(data).hexdigest(), len(data), ARRIVED)
    return tuple(open_containers(file, data, limits or Limits(), passwords))


def contents(members: tuple[Member, ...]) -> dict[str, bytes]:
    """What is to be read, by its shown path."""
    return {one.file.path: one.data for one in members if one.data is not None}


def troubles(members: tuple[Member, ...]) -> dict[str, list[str]]:
    """The codes of what is wrong, by shown path; containers that opened well are left out."""
    found = {one.file.path: [finding.code for finding in one.findings] for one in members if one.findings}
    return {path: codes for path, codes in found.items() if codes != ["container-opened"]}


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)  # of a fixed date
            info.compress_type = method
            archive.writestr(info, data)
    return stream.getvalue()


def workbook(mark: bytes = b"") -> bytes:
    """As little as makes a zip a workbook."""
    return zipped({XLSX_MARK: b"<Types/>", "xl/workbook.xml": mark})


def raw_zip(*members: tuple[bytes, bytes], flags: int = 0, extra: bytes = b"") -> bytes:
    """A zip of stored files whose names are these bytes."""
    body, directory = b"", b""
    for name, data in members:
        common = struct.pack(
            "<5H3I2H", 20, flags, 0, 0, 0x21, zlib.crc32(data), len(data), len(data), len(name), len(extra)
        )
        directory += b"PK\1\2" + struct.pack("<H", 20) + common
        directory += struct.pack("<3H2I", 0, 0, 0, 0, len(body)) + name + extra
        body += b"PK\3\4" + common + name + extra + data
    count = len(members)
    return (
        body + directory + b"PK\5\6" + struct.pack("<4H2IH", 0, 0, count, count, len(directory), len(body), 0)
    )


_KEYS = (0x12345678, 0x23456789, 0x34567890)


def locked_zip(name: str, data: bytes, password: bytes) -> bytes:
    """A zip of one stored file, encrypted in the old way that Windows programs use."""
    keys = list(_KEYS)

    def crc(byte: int, so_far: int) -> int:
        return zlib.crc32(bytes([byte]), so_far ^ 0xFFFFFFFF) ^ 0xFFFFFFFF

    def stir(byte: int) -> None:
        keys[0] = crc(byte, keys[0])
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = crc(keys[1] >> 24, keys[2])

    def hide(byte: int) -> int:
        word = keys[2] | 2
        hidden = byte ^ ((word * (word ^ 1)) >> 8) & 0xFF
        stir(byte)
        return hidden

    for byte in password:
        stir(byte)
    packed = bytes(map(hide, bytes(11) + bytes([zlib.crc32(data) >> 24]) + data))
    plain = raw_zip((name.encode(), packed), flags=0x801)
    # sizes and checksum are those of the file, not of what it was hidden in
    true = struct.pack("<3I", zlib.crc32(data), len(packed), len(data))
    return plain.replace(struct.pack("<3I", zlib.crc32(packed), len(packed), len(packed)), true)


def stored_rar(members: dict[str, bytes], flags: int = 0) -> bytes:
    """A RAR of version 4 whose files are stored; names in UTF-8, as libarchive takes them without a flag."""

    def block(kind: int, flags: int, rest: bytes) -> bytes:
        head = struct.pack("<BHH", kind, flags, 7 + len(rest)) + rest
        return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head

    body = b"Rar!\x1a\x07\0" + block(0x73, 0, bytes(6))
    for name, data in members.items():
        raw = name.encode()
        rest = struct.pack(
            "<IIBIIBBHI", len(data), len(data), 3, zlib.crc32(data), 0x21, 20, 0x30, len(raw), 0o100644
        )
        body += block(0x74, 0x8000 | flags, rest + raw) + data
    return body + block(0x7B, 0x4000, b"")


def attribute(number: int, data: bytes, level: int = 2) -> bytes:
    """An attribute of a TNEF file."""
    return struct.pack("<BHHI", level, number, 6, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def long_name(name: str) -> bytes:
    """The MAPI properties that carry an attachment's long name, after one of each awkward kind."""
    text = (name + "\0").encode("utf-16-le")
    named = struct.pack("<HH", 3, 0x8001) + bytes(16) + struct.pack("<II", 1, 6) + "ab\0".encode("utf-16-le")
    several = struct.pack("<HHI", 0x1102, 0x3712, 2) + 2 * (struct.pack("<I", 3) + b"abc\0")
    return (
        struct.pack("<I", 4)
        + (named + bytes(2) + bytes(4))
        + struct.pack("<HHI", 0x0B, 0x7FFE, 1)
        + several
        + (struct.pack("<HHII", 0x1F, 0x3707, 1, len(text)) + text + bytes(-len(text) % 4))
    )


def tnef(*attachments: tuple[bytes, bytes, str]) -> bytes:
    """A winmail.dat: for each attachment its short name as bytes, its data and its long name (or none)."""
    body = struct.pack("<IH", 0x223E9F78, 1) + attribute(0x9006, struct.pack("<I", 0x10000), level=1)
    body += attribute(0x8004, "进展报送".encode("gb18030"), level=1)
    for title, data, name in attachments:
        body += attribute(0x9002, bytes(14)) + attribute(0x8010, title + b"\0") + attribute(0x800F, data)
        body += attribute(0x9005, long_name(name)) if name else b""
    return body
