"""What lies in the inbox, by name and content; the inbox is only read, and only regular files are opened."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from kepu_xls.intake.sniff import named_as_workbook
from kepu_xls.intake.unpacking import RefusedError
from kepu_xls.limits import Limits
from kepu_xls.messages import finding
from kepu_xls.model import FileRecord, FileStatus, InboxFile, Place, Record, Severity
from kepu_xls.shown_names import Distinct, decoded, harmless

_CHUNK = 1 << 20
_MEGABYTE = 1 << 20
_LARGE = 8 * _MEGABYTE
_PLACEHOLDERS = {".gitkeep", ".gitignore"}
_JUNCTION = 0xA0000003  # Windows' links between folders
_OPEN = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)

_one_large = threading.Lock()


class Inbox(Record, frozen=True):
    """What was found: ``files`` to read; ``refused``, which were never opened and have no ``sha256``.

    ``sources`` tells by ``file.path`` where a file really lies: names that are not text are shown otherwise.
    """

    files: tuple[InboxFile, ...] = ()
    refused: tuple[FileRecord, ...] = ()
    sources: dict[str, str] = msgspec.field(default_factory=dict)


def collect(inbox: Path, limits: Limits) -> Inbox:
    """List everything below the inbox, in order of its path; links are not followed, large files not read.

    A file that vanishes meanwhile is left out.
    """
    files, unread, sources = list[InboxFile](), list[FileRecord](), dict[str, str]()
    names = Distinct()
    for path, name, problem in _walk(inbox):
        shown = names.name(_shown(name))
        if problem:
            unread.append(_refused(shown, path, RefusedError(problem)))
            continue
        try:
            files.append(_described(path, shown, limits))
            sources[shown] = path
        except RefusedError as why:
            if why.reason.code != "file-vanished":
                unread.append(_refused(shown, path, why))
    files.sort(key=lambda file: file.path)
    return Inbox(tuple(files), tuple(sorted(unread, key=lambda record: record.file.path)), sources)


@contextmanager
def content(path: str | Path, limits: Limits) -> Iterator[bytes]:
    """Give a file's content while it is worked on; of large files only one at a time is held in memory.

    Raises RefusedError where it cannot be had any more: vanished, replaced by a link, grown past the limit.
    """
    try:
        large = os.lstat(path).st_size > _LARGE
    except OSError as error:
        raise _problem(error) from error
    with _one_large if large else nullcontext():
        yield b"".join(_chunks(path, limits))


def refused(file: InboxFile, why: RefusedError) -> FileRecord:
    """Make the record of a file that cannot be opened."""
    details: dict[str, Any] = {"name": Path(file.path).name, **why.reason.details}
    found = finding(why.reason.code, Place(file.path), **details)
    status = FileStatus.IGNORED if found.severity is Severity.INFO else FileStatus.REJECTED
    return FileRecord(file, status, findings=(found,))


def _walk(inbox: Path) -> Iterator[tuple[str, str, str]]:
    """Give every path below a folder, its name from there, and the code of what is wrong with it.

    The code is empty where a file is to be opened.
    """
    folders = [(str(inbox), "")]
    while folders:
        folder, above = folders.pop()
        try:
            with os.scandir(folder) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except FileNotFoundError:
            continue
        except OSError:
            yield folder, above.rstrip("/") or ".", "folder-unreadable"
            continue
        for entry in found:
            problem, name = _unfit(entry), above + entry.name
            if problem is None:
                folders.append((entry.path, f"{name}/"))
            if problem is None and not named_as_workbook(entry.name):
                continue
            if entry.name not in _PLACEHOLDERS:
                yield entry.path, name, "file-is-folder" if problem is None else problem


def _unfit(entry: os.DirEntry[str]) -> str | None:
    """Tell why an entry is not to be opened, empty where it is; None for a folder."""
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return ""  # told when it is opened
    if stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) == _JUNCTION:
        return "file-is-link"
    if stat.S_ISDIR(status.st_mode):
        return None
    return "" if stat.S_ISREG(status.st_mode) else "file-is-no-file"


def _described(path: str, shown: str, limits: Limits) -> InboxFile:
    """Describe a file by its content.  Raises RefusedError as ``content`` does."""
    digest, size = hashlib.sha256(), 0
    for chunk in _chunks(path, limits):
        digest.update(chunk)
        size += len(chunk)
    return InboxFile(shown, digest.hexdigest(), size, _modified(path))


def _chunks(path: str | Path, limits: Limits) -> Iterator[bytes]:
    """Read a file piece by piece.  Raises RefusedError, for one too large before anything is read."""
    try:
        # not waiting: a pipe in its place would keep us for ever
        with os.fdopen(os.open(path, _OPEN), "rb", buffering=0) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise RefusedError("file-is-no-file")
            size = status.st_size
            while size <= limits.file_mb * _MEGABYTE:
                chunk = file.read(_CHUNK)
                if not chunk:
                    return
                yield chunk
                size = max(size, file.tell())
            raise RefusedError("file-too-large", limit=limits.file_mb)
    except OSError as error:
        raise _problem(error) from error


def _problem(error: OSError) -> RefusedError:
    if isinstance(error, FileNotFoundError):
        return RefusedError("file-vanished")
    if error.errno == errno.ELOOP:
        return RefusedError("file-is-link")
    if error.errno in (errno.ENXIO, errno.ENODEV):
        return RefusedError("file-is-no-file")
    return RefusedError("file-not-readable", detail=error.strerror or type(error).__name__)


def _refused(shown: str, path: str, why: RefusedError) -> FileRecord:
    try:
        size = os.lstat(path).st_size
    except OSError:
        size = 0
    return refused(InboxFile(shown, "", size, _modified(path)), why)


def _modified(path: str) -> datetime:
    try:
        seconds = os.lstat(path).st_mtime
    except OSError:
        seconds = 0
    try:
        # whole seconds, as the ledger and people write it; local time without a zone, as the model says
        return datetime.fromtimestamp(int(seconds))  # noqa: DTZ006
    except (OverflowError, ValueError, OSError):  # a date that no calendar has
        return datetime(1970, 1, 1)  # noqa: DTZ001


def _shown(name: str) -> str:
    """Show a file's name; one that is not text is read as GB18030, as old archives wrote them."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return harmless(decoded(name.encode("utf-8", "surrogateescape" if os.name != "nt" else "replace")))
    return name
