"""What is attached to a message: what may be a form goes on, under names that every system takes.  Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from email.message import Message

from kepu_xls import mime
from kepu_xls.model import Record

_LONGEST = 200
"""Bytes in a name: Linux takes 255, and while it is written it is longer."""

_NO_FORM = frozenset(
    f".{one}"
    for one in (
        *("pdf", "doc", "docx", "wps", "wpt", "dot", "dotx", "rtf", "ofd", "ppt", "pptx", "pps", "dps"),
        *("vsd", "vsdx", "dwg", "txt", "md", "htm", "html", "mht", "js", "css", "lnk", "url", "exe", "apk"),
        *("jpg", "jpeg", "jpe", "png", "gif", "bmp", "tif", "tiff", "webp", "heic", "svg", "ico", "emf"),
        *("wmf", "psd", "mp3", "wav", "amr", "m4a", "mp4", "mov", "avi", "wmv", "mkv", "flv"),
        *("ics", "vcf", "p7s", "p7m", "asc", "sig"),
    )
)
"""Ends of names of what is no form and holds none; all else goes to the inbox, where its content tells."""
_LOCKS = ("~$", ".~lock.")
"""Beginnings of the names of files by which WPS, Excel and LibreOffice mark what is open: sent by mistake."""
_NO_FORM_TYPES = ("image/", "audio/", "video/", "text/plain", "text/html", "text/calendar", "multipart/")
_REPORTS = (
    "message/delivery-status",
    "message/disposition-notification",
    "text/rfc822-headers",
    "message/partial",
)
_WRITTEN = (*_NO_FORM_TYPES, *_REPORTS, "text/")
_WORKBOOK_SIGNS = (
    b"xl/workbook",
    b"xl/worksheets/",
    "Workbook\0".encode("utf-16-le"),
    b"opendocument.spreadsheet",
)
_UNNAMED = {
    "message/rfc822": "转发的邮件.eml",
    "application/ms-tnef": "winmail.dat",
    "application/vnd.ms-tnef": "winmail.dat",
}


class Attached(Record, frozen=True):
    """What is attached, under a name that can be written on any system; ``form``: it may be one."""

    name: str
    data: bytes
    form: bool


def may_be_form(name: str, kind: str) -> bool:
    """Tell by name and type whether something attached may be a form, or hold one."""
    if name.startswith(_LOCKS):
        return False
    if name:
        return _suffix(name) not in _NO_FORM and not kind.startswith(_REPORTS)
    return not kind.startswith((*_NO_FORM_TYPES, *_REPORTS))


def attachments(data: bytes) -> tuple[Attached, ...]:
    """Take a message apart: all that is attached to it, without what its sender wrote.

    Pictures and the like come without their content.  What the email package raises for a broken message
    passes through.
    """
    return tuple(_distinct(_found(data)))


def _found(data: bytes) -> Iterator[Attached]:
    for part in mime.leaves(mime.parsed(data)):
        kind, name = part.get_content_type(), mime.name(part)
        if (not name and kind.startswith(_WRITTEN)) or _shown_within(part):
            continue
        content = mime.content(part) or b""
        form = may_be_form(name, kind) or any(sign in content for sign in _WORKBOOK_SIGNS)
        shown = safe(name or _UNNAMED.get(kind, "未命名附件"))
        if kind == "message/rfc822" and not shown.lower().endswith(".eml"):
            shown = f"{shown}.eml"
        yield Attached(shown, content if form else b"", form)


def _shown_within(part: Message) -> bool:
    """Tell the picture of a signature, a letterhead: shown in what was written."""
    within = "inline" in mime.header(part, "content-disposition") or bool(mime.header(part, "content-id"))
    return within and part.get_content_maintype() == "image"


def _distinct(found: Iterable[Attached]) -> Iterator[Attached]:
    """Give each a name of its own, also for Windows, to which large and small letters are the same."""
    seen: set[str] = set()
    for one in found:
        name, number = one.name, 1
        stem, dot, end = one.name.rpartition(".") if "." in one.name else (one.name, "", "")
        while name.lower() in seen:
            number += 1
            name = f"{stem}({number}){dot}{end}"
        seen.add(name.lower())
        yield Attached(name, one.data, one.form)


_LONGEST_END = 8
_FORBIDDEN = frozenset('<>:"/\\|?*')
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)|~\$")
"""Names that mean a device of Windows, or the lock of the file beside it."""


def safe(name: str) -> str:
    """Make a name that every system takes: no path, nothing invisible, not too long; its end is kept.

    Where nothing remains it is called 未命名附件.
    """
    last = re.split(r"[/\\]", name.strip())[-1]
    shown = "".join(map(_letter, unicodedata.normalize("NFC", last))).strip(" ").rstrip(". ")
    end = shown[len(shown) - len(_suffix(shown)) :]
    room = _LONGEST - len(end.encode())
    stem = shown.removesuffix(end).lstrip(". ").encode()[:room].decode(errors="ignore").rstrip(". ")
    stem = stem or "未命名附件"
    return f"_{stem}{end}" if _RESERVED.match(stem) else stem + end


def _letter(letter: str) -> str:
    if unicodedata.category(letter) == "Zs":
        return " "
    return letter if letter.isprintable() and letter not in _FORBIDDEN else "_"


def _suffix(name: str) -> str:
    """Give the end that says what a file is, in small letters; one too long is none."""
    _, dot, end = name.strip().rstrip(". ").rpartition(".")
    return dot + end.lower() if dot and len(end) < _LONGEST_END else ""
