"""What a file is: its content tells, not its name."""

from __future__ import annotations

import codecs
import io
import re
import zipfile
from enum import StrEnum

from kepu_xls.intake.plain_zip import part_names
from kepu_xls.shown_names import SEPARATOR


class Kind(StrEnum):
    """What a file turned out to be."""

    XLSX = "xlsx"  # also .xlsm
    XLSB = "xlsb"
    XLS = "xls"  # also .et of WPS
    ODS = "ods"
    ENCRYPTED = "encrypted"
    ARCHIVE = "archive"
    HTML = "html"
    TEXT = "text"
    PICTURE = "picture"
    DOCUMENT = "document"
    SYSTEM = "system"
    EMPTY = "empty"
    BROKEN = "broken"  # begins as a workbook, but is cut short or damaged
    UNKNOWN = "unknown"


WORKBOOKS = frozenset({Kind.XLSX, Kind.XLSB, Kind.XLS, Kind.ODS})

_MOST_PARTS = 65_535
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STARTS = (
    (b"%PDF-", Kind.DOCUMENT),
    (b"{\\rtf", Kind.DOCUMENT),
    (b"\xff\xd8\xff", Kind.PICTURE),
    (b"\x89PNG\r\n\x1a\n", Kind.PICTURE),
    (b"GIF8", Kind.PICTURE),
    (b"BM", Kind.PICTURE),
    (b"II*\0", Kind.PICTURE),
    (b"MM\0*", Kind.PICTURE),
    (b"Rar!\x1a\x07", Kind.ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", Kind.ARCHIVE),
    (b"\x1f\x8b", Kind.ARCHIVE),
)
_STREAMS = (  # names of OLE streams, in the order in which they decide
    ("EncryptedPackage", Kind.ENCRYPTED),
    ("Workbook", Kind.XLS),
    ("Book", Kind.XLS),
    ("WordDocument", Kind.DOCUMENT),
    ("PowerPoint Document", Kind.DOCUMENT),
)
_PARTS = (
    ("xl/workbook.xml", Kind.XLSX),
    ("xl/workbook.bin", Kind.XLSB),
    ("word/document.xml", Kind.DOCUMENT),
    ("ppt/presentation.xml", Kind.DOCUMENT),
)
DOCUMENT_PARTS = {
    *(part for part, _ in _PARTS),
    *("[content_types].xml", "_rels/.rels", "mimetype", "meta-inf/manifest.xml"),
    # what is left of one that was cut short: openpyxl writes the parts above last
    *("docprops/app.xml", "docprops/core.xml", "xl/styles.xml", "xl/theme/theme1.xml"),
    *("xl/worksheets/sheet1.xml", "xl/sharedstrings.xml"),
}
"""By any of these, in small letters, a zip is (or was) a workbook or document, and no archive."""
_SOMETHING = re.compile(rb"[^\0 \r\n\t]")
_MIMETYPE_SIZE = 80
_TEXT_CHUNK = 1 << 20
_SYSTEM_NAMES = {"thumbs.db", "desktop.ini", ".ds_store"}
_SUFFIXES = {".xlsx", ".xlsm", ".xlsb", ".xls", ".et", ".ett", ".ods", ".csv", ".xlt", ".xltx"}


def sniff(name: str, data: bytes) -> Kind:
    """Tell what a file is.

    The name counts only for what programs leave about (``~$…``, ``Thumbs.db``), and for a zip of no known
    kind that is named as a workbook: it is a broken one.
    """
    if left_by_program(name):
        return Kind.SYSTEM
    if not _SOMETHING.search(data):
        return Kind.EMPTY
    if data.startswith(_OLE):
        return _of_ole(data)
    if data.startswith(b"PK"):
        zipped = _of_zip(data)
        return Kind.BROKEN if zipped is Kind.ARCHIVE and named_as_workbook(name) else zipped
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return Kind.PICTURE
    kind = next((kind for start, kind in _STARTS if data.startswith(start)), None)
    return kind or _of_text(data)


def named_as_workbook(name: str) -> bool:
    """Tell whether its sender meant a file to be a workbook, by the end of its name."""
    stem, dot, suffix = _last(name).rpartition(".")
    return bool(stem) and f"{dot}{suffix}".lower() in _SUFFIXES


def left_by_program(path: str) -> bool:
    """Tell whether a file, also one within another, is called as programs call what they leave about."""
    name = _last(path.rpartition(SEPARATOR)[2])
    return (
        name.startswith(("~$", "._"))
        or (name.startswith(".~lock.") and name.endswith("#"))
        or name.lower() in _SYSTEM_NAMES
    )


def _last(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def _of_ole(data: bytes) -> Kind:
    for stream, kind in _STREAMS:
        if f"{stream}\0".encode("utf-16-le") in data:
            return kind
    return Kind.BROKEN


def _of_zip(data: bytes) -> Kind:
    # no part without it; to read a million would fill the memory, and one that is well formed has fewer
    if part_names(data) is None and data.count(b"PK\1\2") > _MOST_PARTS:
        return Kind.ARCHIVE
    try:
        names = zipped_names(data)
        mimetype = _begin(data, "mimetype") if "mimetype" in names else b""
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError, KeyError):
        return Kind.BROKEN  # each is how zipfile says that a directory or member cannot be read
    if mimetype.startswith(b"application/vnd.oasis.opendocument"):
        return Kind.ODS if b"spreadsheet" in mimetype else Kind.DOCUMENT
    if "[content_types].xml" in names:
        return next((kind for part, kind in _PARTS if part in names), Kind.BROKEN)
    return Kind.BROKEN if names & DOCUMENT_PARTS else Kind.ARCHIVE


def _of_text(data: bytes) -> Kind:
    head = data[:4096]
    if any(
        mark in head.lower()
        for mark in (b"<html", b"<table", b"<!doctype html", b"urn:schemas-microsoft-com")
    ):
        return Kind.HTML
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Kind.UNKNOWN
    decodable = (_decodable(data, encoding) for encoding in ("utf-8", "gb18030", "utf-16"))
    return Kind.TEXT if any(decodable) else Kind.UNKNOWN


def zipped_names(data: bytes) -> set[str]:
    """Give the names in a zip, in small letters.  Raises what zipfile raises for a broken directory."""
    names = part_names(data)
    if names is None:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = tuple(archive.namelist())
    return {name.replace("\\", "/").lower() for name in names}


def _begin(data: bytes, part: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(part) as stream:
        return stream.read(_MIMETYPE_SIZE)


def _decodable(data: bytes, encoding: str) -> bool:
    """Tell whether all of it is text in an encoding, without holding that text."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for place in range(0, len(data), _TEXT_CHUNK):
            decoder.decode(data[place : place + _TEXT_CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeError:  # also UTF-16 that does not say so
        return False
    return True
