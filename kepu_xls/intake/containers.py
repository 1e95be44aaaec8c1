"""Files that hold files: archives and mails are opened, and encrypted workbooks decrypted.

What is inside is told by content, never by name; nothing is written to disk; whatever a hostile file
does costs that file alone.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

import msgspec

from kepu_xls.intake import encryption, mail_files, tar_files, winmail, zip_files
from kepu_xls.intake.encryption import Outcome
from kepu_xls.intake.sniff import left_by_program
from kepu_xls.intake.unpacking import Allowance, ContainerRefusedError, Found, Reason
from kepu_xls.limits import Limits
from kepu_xls.messages import finding
from kepu_xls.model import FileStatus, Finding, InboxFile, Place, Record, Severity
from kepu_xls.shown_names import SEPARATOR, Distinct

_MEGABYTE = 1 << 20
_CLOCKS_DIFFER = timedelta(days=1)
_LONGEST_UNDERWAY = timedelta(days=400)  # a mail of before that comes from a clock that was never set


class Member(Record, frozen=True):
    """A file to read, or (``data`` is None) one that is not to be read, and why.

    ``data`` is what is to be read: of an encrypted workbook, the decrypted one; ``file`` is as it was sent.
    """

    file: InboxFile
    data: bytes | None
    findings: tuple[Finding, ...] = ()

    @property
    def status(self) -> FileStatus:
        """What becomes of a file that is not to be read."""
        wrong = any(one.severity is Severity.ERROR for one in self.findings)
        return FileStatus.REJECTED if wrong else FileStatus.IGNORED


class _Form(StrEnum):
    """What a container is."""

    ZIP = "zip"
    RAR = "rar"
    SEVEN_ZIP = "7z"
    TAR = "tar"
    GZIP = "gzip"
    MAIL = "mail"
    WINMAIL = "winmail"


# what may lie in what is limited for each of these by itself: a mail may bring a zip in a zip
_LAYERS = {_Form.MAIL: "邮件", _Form.WINMAIL: "winmail.dat"}
_ARCHIVE = "压缩包"

_STARTS = (
    (b"PK\3\4", _Form.ZIP),
    (b"PK\5\6", _Form.ZIP),
    (b"PK\7\x08", _Form.ZIP),
    (b"Rar!\x1a\x07", _Form.RAR),
    (b"7z\xbc\xaf\x27\x1c", _Form.SEVEN_ZIP),
    (b"\x1f\x8b\x08", _Form.GZIP),
    (winmail.SIGNATURE, _Form.WINMAIL),
)


def open_containers(
    file: InboxFile, data: bytes, limits: Limits, passwords: tuple[str, ...]
) -> Iterator[Member]:
    """Give what is to be read of a file of the inbox: itself, or each file inside it, one by one.

    A container comes last itself, with ``data`` None: opened, or what is wrong with it.  A file inside is
    called ``outer.zip::dir/inner.xlsx``.  Nothing that the bytes may hold raises, but MemoryError.
    """
    if len(data) > limits.file_mb * _MEGABYTE:
        yield Member(file, None, (oversized(file, limits),))
        return
    yield from _Opening(limits, passwords, Allowance(limits, len(data))).members(file, data, ())


def oversized(file: InboxFile, limits: Limits) -> Finding:
    """Say that a file is larger than the inbox takes: to be asked by its size, before it is read."""
    return _finding(Reason("file-too-large", {"limit": limits.file_mb}), file)


class _Opening:
    """One file of the inbox being opened: what may still come out of it."""

    def __init__(self, limits: Limits, passwords: tuple[str, ...], allowance: Allowance) -> None:
        self._limits = limits
        self._passwords = passwords
        self._allowance = allowance

    def members(self, file: InboxFile, data: bytes, layers: tuple[str, ...]) -> Iterator[Member]:
        """Give what is to be read of a file, which lies within ``layers``."""
        form = _form(file.path, data)
        if form is None:
            yield self._decrypted(file, data) if encryption.is_encrypted(data) else Member(file, data)
            return
        layer = _LAYERS.get(form, _ARCHIVE)
        if layers.count(layer) >= self._limits.depth:
            details: dict[str, str | int] = {"layer": layer, "limit": self._limits.depth}
            yield Member(file, None, (_finding(Reason("container-deep", details), file),))
            return
        yield from self._inside(file, data, form, (*layers, layer))

    def _inside(self, file: InboxFile, data: bytes, form: _Form, layers: tuple[str, ...]) -> Iterator[Member]:
        names, problems, count = Distinct(), list[Reason](), 0
        for found in _guarded(self._reader(file, data, form), form, problems):
            count += 1
            name = names.name(found.name)
            received = (
                _received(file, found.received) if layers.count(_LAYERS[_Form.MAIL]) == 1 else file.received
            )
            if found.data is None:
                inner = msgspec.structs.replace(file, path=f"{file.path}{SEPARATOR}{name}", size=0)
                yield Member(inner, None, tuple(_finding(why, inner) for why in (found.refused,) if why))
            else:
                yield from self.members(_inner(file, name, found.data, received), found.data, layers)
        if not problems:
            empty = "mail-without-attachment" if form in _LAYERS else "container-empty"
            problems = [Reason("container-opened", {"count": count}) if count else Reason(empty)]
        yield Member(file, None, tuple(_finding(why, file) for why in problems))

    def _reader(self, file: InboxFile, data: bytes, form: _Form) -> Iterator[Found]:
        allowance = self._allowance
        match form:
            case _Form.ZIP:
                yield from zip_files.read_zip(data, allowance, self._passwords)
            case _Form.TAR:
                yield from tar_files.read_tar(data, allowance)
            case _Form.GZIP:
                yield from tar_files.read_gzip(data, allowance, _base(file.path))
            case _Form.MAIL:
                yield from mail_files.read_mail(data, allowance)
            case _Form.WINMAIL:
                yield from winmail.read_winmail(data, allowance)
            case _Form.RAR:
                yield from _optional("rar_files").read_rar(data, allowance)
            case _Form.SEVEN_ZIP:
                yield from _optional("seven_zip").read_7z(data, allowance, self._passwords)

    def _decrypted(self, file: InboxFile, data: bytes) -> Member:
        outcome, content = encryption.decrypted(data, self._passwords)
        match outcome:
            case Outcome.OPENED_BY_DEFAULT:
                return Member(file, content)
            case Outcome.OPENED:
                return Member(file, content, (_finding(Reason("file-decrypted"), file),))
            case Outcome.WRONG_PASSWORD:
                return Member(file, None, (_finding(Reason("file-locked"), file),))
            case Outcome.REFUSED:
                return Member(file, None, (_finding(Reason("file-undecryptable"), file),))


def _form(path: str, data: bytes) -> _Form | None:
    """Tell what container a file is; None for any other, also for a workbook (a zip too) and lock files."""
    if left_by_program(path):
        return None
    form = next((form for start, form in _STARTS if data.startswith(start)), None)
    if form is _Form.ZIP:
        return form if zip_files.is_archive(path, data) else None
    if form is None and tar_files.is_tar(data):
        return _Form.TAR
    if form is None and mail_files.is_mail(data):
        return _Form.MAIL
    return form


def _optional(module: str) -> Any:  # noqa: ANN401 - a module
    """Import a reader that needs the extra ``archives``.  Raises ContainerRefusedError without it."""
    try:
        return importlib.import_module(f"kepu_xls.intake.{module}")
    except (ImportError, OSError, TypeError, AttributeError) as error:
        # the last three are how libarchive-c fails where the C library itself is missing
        raise ContainerRefusedError("container-unpack-please") from error


def _guarded(found: Iterator[Found], form: _Form, problems: list[Reason]) -> Iterator[Found]:
    """Pass on what a reader finds until it fails, and say in ``problems`` why it did."""
    try:
        yield from found
    except ContainerRefusedError as refusal:
        problems.append(refusal.reason)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - email, py7zr and the like fail on broken files in every way there is
        problems.append(Reason("container-broken", {"detail": form.value}))


def _inner(outer: InboxFile, name: str, data: bytes, received: datetime) -> InboxFile:
    path = f"{outer.path}{SEPARATOR}{name}"
    return InboxFile(path, hashlib.sha256(data).hexdigest(), len(data), received)


def _received(file: InboxFile, sent: datetime | None) -> datetime:
    """Take a mail's date for when it arrived, unless it lies after, or absurdly before, its file's time."""
    if sent is None or not -_CLOCKS_DIFFER <= file.received - sent <= _LONGEST_UNDERWAY:
        return file.received
    return sent


def _base(path: str) -> str:
    return PurePosixPath(path.rpartition(SEPARATOR)[2]).name


def _finding(reason: Reason, file: InboxFile) -> Finding:
    details: dict[str, Any] = {"name": PurePosixPath(file.path).name, **reason.details}
    return finding(reason.code, Place(file.path), **details)
