"""Plan documents → a plan: what a file is, is told by its content, never by its name."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from kepu_xls import libreoffice
from kepu_xls.errors import InputError, KepuError, SurroundingsError
from kepu_xls.model import Place
from kepu_xls.plan import excel, paragraphs, table, text
from kepu_xls.plan.assemble import PlanReading, assemble
from kepu_xls.plan.blocks import Block

_LARGEST_FILE = 50_000_000
_LARGEST_TEXT = 5_000_000
_LARGEST_UNPACKED = 300_000_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class Kind(NamedTuple):
    """A kind of document: what people call it, and how to read it or into what to convert it first."""

    label: str
    blocks: Callable[[bytes, str], tuple[Block, ...]] | None = None
    suffix: str = ""
    converts_to: str = ""


def _blocks_of_word(data: bytes, file: str) -> tuple[Block, ...]:
    from kepu_xls.plan import word  # noqa: PLC0415 - python-docx, for Word documents alone

    return word.blocks_of(data, file)


_DOCX = Kind("Word 文档", _blocks_of_word)
_XLSX = Kind("Excel 工作簿", excel.blocks_of)
_DOC = Kind("旧版 Word 文档", None, ".doc", "docx")
_XLS = Kind("旧版 Excel 工作簿", None, ".xls", "xlsx")
_ODT = Kind("OpenDocument 文档", None, ".odt", "docx")
_ODS = Kind("OpenDocument 表格", None, ".ods", "xlsx")
_RTF = Kind("RTF 文档", None, ".rtf", "docx")
_STARTS = (
    (b"%PDF", "PDF 文件"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"BM", "图片"),
)


def read_document(path: Path, title: str) -> PlanReading:
    """Read a plan document: text, .docx, .xlsx; .doc, .xls, .rtf, .odt and .ods by way of LibreOffice.

    ``title`` becomes the plan's.  Raises InputError where the file is missing, broken, no document, or has
    no tasks.
    """
    data = _bytes(path)
    kind = _kind(data, path.name)
    blocks = _text_blocks(data, path.name) if kind is None else _blocks(data, kind, path.name)
    reading = table.read(blocks)
    if not reading.drafts:
        reading = paragraphs.read(blocks)
    if not reading.drafts:
        raise InputError("plan-no-tasks", Place(file=path.name), name=path.name)
    made = assemble(title, reading.drafts)
    return PlanReading(made.plan, (*reading.findings, *made.findings))


def _bytes(path: Path) -> bytes:
    if not path.exists():
        raise InputError("file-missing", path=path)
    if not path.is_file():
        raise InputError("plan-file-kind", name=path.name, kind="不是普通文件")
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise InputError("plan-file-too-large", name=path.name)
        return path.read_bytes()
    except OSError as error:
        raise InputError("file-unreadable", path=path, detail=error.strerror or error) from error


def _kind(data: bytes, name: str) -> Kind | None:
    """Tell the kind of a file; None for what may be text.  Raises InputError for what is nothing we read."""
    if data[:2] == b"PK":
        return _zip_kind(data, name)
    if data[:8] == _OLE:
        return _ole_kind(data, name)
    if data[:5] == b"{\\rtf":
        return _RTF
    for start, label in _STARTS:
        if data.startswith(start):
            raise InputError("plan-file-kind", Place(file=name), name=name, kind=label)
    return None


def _zip_kind(data: bytes, name: str) -> Kind:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = {part.filename for part in archive.infolist()}
            size = sum(part.file_size for part in archive.infolist())
            opendocument = (
                archive.read("mimetype") if "mimetype" in parts and size < _LARGEST_UNPACKED else b""
            )
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise InputError("plan-file-broken", Place(file=name), name=name) from error
    if size > _LARGEST_UNPACKED:
        raise InputError("plan-file-too-large", Place(file=name), name=name)
    for part, kind in (("word/document.xml", _DOCX), ("xl/workbook.xml", _XLSX)):
        if part in parts:
            return kind
    for ending, kind in ((b"opendocument.text", _ODT), (b"opendocument.spreadsheet", _ODS)):
        if opendocument.strip().endswith(ending):
            return kind
    raise InputError("plan-file-kind", Place(file=name), name=name, kind="压缩包")


def _ole_kind(data: bytes, name: str) -> Kind:
    """Tell .doc from .xls by the names of their streams, which stand in the file as UTF-16."""
    for stream, kind in (("WordDocument", _DOC), ("Workbook", _XLS)):
        if stream.encode("utf-16-le") in data:
            return kind
    # a .docx or .xlsx with a password is such a file too
    raise InputError("plan-file-broken", Place(file=name), name=name)


def _text_blocks(data: bytes, name: str) -> tuple[Block, ...]:
    if len(data) > _LARGEST_TEXT:
        raise InputError("plan-file-too-large", Place(file=name), name=name)
    decoded = text.decoded(data)
    if decoded is None:
        raise InputError("plan-file-kind", Place(file=name), name=name, kind="无法识别")
    if decoded.lstrip().startswith("<"):
        raise InputError("plan-file-kind", Place(file=name), name=name, kind="网页")
    return text.blocks_of(decoded, name)


def _blocks(data: bytes, kind: Kind, name: str) -> tuple[Block, ...]:
    """Read a document, converted first where it has to be.  A broken one fails in any way its reader can."""
    if kind.blocks is None:
        data = _converted(data, kind, name)
        kind = _zip_kind(data, name)
    if kind.blocks is None:
        raise InputError("plan-file-broken", Place(file=name), name=name)
    try:
        return kind.blocks(data, name)
    except excel.TooLargeError as error:
        raise InputError("plan-file-too-large", Place(file=name), name=name) from error
    except KepuError:
        raise
    except (
        Exception
    ) as error:  # the readers have no common exception; whatever they meet, the file is at fault
        raise InputError("plan-file-broken", Place(file=name), name=name) from error


def _converted(data: bytes, kind: Kind, name: str) -> bytes:
    """Convert a copy under a name that fits its content: LibreOffice goes by the suffix."""
    if libreoffice.find() is None:
        target = f".{kind.converts_to}"
        raise InputError(
            "plan-needs-libreoffice", Place(file=name), name=name, kind=kind.label, target=target
        )
    with tempfile.TemporaryDirectory(prefix="kepu-plan-") as folder:
        source = Path(folder) / f"plan{kind.suffix}"
        source.write_bytes(data)
        try:
            return libreoffice.convert(source, kind.converts_to, Path(folder)).read_bytes()
        except SurroundingsError as error:  # LibreOffice is there, so what it cannot open is broken
            raise InputError("plan-file-broken", Place(file=name), name=name) from error
