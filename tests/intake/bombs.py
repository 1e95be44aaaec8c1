"""Hand-made files that do harm to programs that read without looking."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
ROOT = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
_BOOK = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
    '<sheet name="表" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
LINKS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
)
SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"


def sheet(rows: str, before: str = "") -> str:
    """Write a sheet's XML around its rows."""
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData></worksheet>'


def workbook(**parts: str | bytes | Iterable[bytes]) -> bytes:
    """Write an .xlsx: ``sheet``, ``strings`` and ``book`` replace what stands there, else a harmless one."""
    found: dict[str, str | bytes | Iterable[bytes]] = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": parts.get("root", ROOT),
        "xl/workbook.xml": parts.get("book", _BOOK),
        "xl/_rels/workbook.xml.rels": parts.get("links", LINKS),
        SHEET: parts.get("sheet", sheet('<row r="1"><c r="A1"><v>1</v></c></row>')),
        STRINGS: parts.get("strings", f'<sst xmlns="{MAIN}"><si><t>a</t></si></sst>'),
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in found.items():
            with archive.open(name, "w", force_zip64=not isinstance(content, str | bytes)) as part:
                for chunk in _pieces(content):
                    part.write(chunk)
    return stream.getvalue()


def _pieces(content: str | bytes | Iterable[bytes]) -> Iterable[bytes]:
    if isinstance(content, str):
        return (content.encode(),)
    return (content,) if isinstance(content, bytes) else content


def far_corner() -> bytes:
    """Two kilobytes that take seventeen billion cells when read dense."""
    return workbook(
        sheet=sheet(
            '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
        )
    )


def laughs() -> bytes:
    """A billion laughs: entities of entities."""
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return workbook(
        strings=f'<!DOCTYPE x [<!ENTITY a0 "ha">{levels}]><sst xmlns="{MAIN}"><si><t>&a9;</t></si></sst>'
    )


def zeros(gigabytes: int) -> bytes:
    """A sheet of zero bytes, a thousandth of that when packed.

    The packed stream is put together from one block, since packing gigabytes takes half a minute.
    """
    size = gigabytes << 30
    block = 1 << 20
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    first = packer.compress(b"\0" * block) + packer.flush(zlib.Z_FULL_FLUSH)
    last = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS).flush()
    return with_packed(workbook(), SHEET, first * (size // block) + last, size)


def lying(declared: int = 100, size: int = 600 << 20) -> bytes:
    """A sheet that unpacks to far more than the directory says."""
    blank = b" " * size
    packer = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    return with_packed(workbook(), SHEET, packer.compress(blank) + packer.flush(), declared)


def with_packed(data: bytes, name: str, packed: bytes, declared: int) -> bytes:
    """Put a part's packed bytes and declared size into a zip by hand, as no program would."""
    stream, directory = bytearray(), bytearray()
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        for entry in source.infolist():
            raw = packed if entry.filename == name else source.read(entry)
            method = 8 if entry.filename == name else 0
            size = declared if entry.filename == name else len(raw)
            crc = 0 if entry.filename == name else zlib.crc32(raw)
            label = entry.filename.encode()
            extra = b""
            shown = size
            if size > 0xFFFFFFFE:
                extra, shown = struct.pack("<HHQ", 1, 8, size), 0xFFFFFFFF
            sizes = struct.pack("<III2H", crc, len(raw), shown, len(label), len(extra))
            directory += b"PK\1\2" + struct.pack("<6H", 45, 45, 0, method, 0, 33) + sizes
            directory += struct.pack("<3H2I", 0, 0, 0, 0, len(stream)) + label + extra
            stream += b"PK\3\4" + struct.pack("<5H", 45, 0, method, 0, 33) + sizes + label + extra + raw
        count = len(source.infolist())
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(directory), len(stream), 0)
    return bytes(stream + directory) + end


def looping_xls() -> bytes:
    """One kilobyte: an OLE file whose directory is followed by itself, for ever."""
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    header += struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<9I", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<I", 0) + b"\xff\xff\xff\xff" * 108
    table = struct.pack("<2I", 0xFFFFFFFD, 1) + b"\xff\xff\xff\xff" * 126
    names = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0")
        + struct.pack("<HBB3I", 2 * len(name) + 2, kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
        + b"\0" * 36
        + struct.pack("<IQ", 1, 1 << 20)
        for name, kind, child in (("Root Entry", 5, 1), ("Workbook", 2, 0xFFFFFFFF), ("", 0, 0), ("", 0, 0))
    )
    return header + table + names


def deep(levels: int = 100_000) -> bytes:
    """XML nested far deeper than any stack."""
    return workbook(sheet=sheet("<a>" * levels + "</a>" * levels))


def many_strings(count: int) -> bytes:
    """A table of shared strings longer than any form's."""
    return workbook(strings=f'<sst xmlns="{MAIN}">{"<si><t>a</t></si>" * count}</sst>')


def copied_string() -> bytes:
    """A string of a megabyte that fifty thousand cells share: each reader's cell gets a copy."""
    row = "".join('<c t="s"><v>0</v></c>' for _ in range(500))
    rows = "".join(f'<row r="{number}">{row}</row>' for number in range(1, 101))
    return workbook(sheet=sheet(rows), strings=f'<sst xmlns="{MAIN}"><si><t>{"x" * (1 << 20)}</t></si></sst>')


def many_sheets(count: int = 5_000) -> bytes:
    """One sheet of forty thousand cells, named thousands of times."""
    named = "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="rId1"/>' for n in range(1, count + 1))
    book = f'<workbook xmlns="{MAIN}" xmlns:r="{_RELATIONS}"><sheets>{named}</sheets></workbook>'
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="2000"><c r="T2000"><v>1</v></c></row>'
    return workbook(book=book, sheet=sheet(rows))


def many_parts(count: int = 20_000) -> bytes:
    """A zip with a directory that takes far more memory than the file."""
    stream = io.BytesIO(workbook())
    with zipfile.ZipFile(stream, "a") as archive:
        for number in range(count):
            archive.writestr(f"xl/{number}", b"")
    return stream.getvalue()


def full() -> bytes:
    """A sheet with more in it than any form: half a million cells."""
    row = "<row>" + "<c><v>1</v></c>" * 50 + "</row>"
    return workbook(sheet=sheet(row * 10_001))
