"""Zip archives, as Windows, WPS, WinRAR and macOS write them: names in GBK or UTF-8, some damaged."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator

from kepu_xls.intake import zip_salvage
from kepu_xls.intake.sniff import DOCUMENT_PARTS, named_as_workbook, zipped_names
from kepu_xls.intake.unpacking import CHUNK, Allowance, ContainerRefusedError, Found, Reason, RefusedError
from kepu_xls.shown_names import decoded, harmless

_MOST_ENTRIES = 65_535  # what a plain zip can hold; an entry takes half a kilobyte of memory
_UTF8, _ENCRYPTED = 0x800, 0x1
_AES = 99
_UNICODE_PATH = 0x7075
_UNIX = 3
# each is how zipfile says that a directory or member cannot be read
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    EOFError,
    ValueError,
    LookupError,
    OverflowError,
)


def is_archive(name: str, data: bytes) -> bool:
    """Tell whether a zip is an archive, and not a workbook or document, which are zips too.

    One named as a workbook must be whole and hold workbooks: what is left of a damaged one is no archive.
    """
    if _entries(data) > _MOST_ENTRIES:
        return True
    try:
        names = zipped_names(data)
    except (*DAMAGE, NotImplementedError):
        names = {decoded(entry.name).lower() for entry in zip_salvage.entries(data)}
        return not (names & DOCUMENT_PARTS or named_as_workbook(name))
    if names & DOCUMENT_PARTS:
        return False
    return not named_as_workbook(name) or any(map(named_as_workbook, names))


def read_zip(data: bytes, allowance: Allowance, passwords: tuple[str, ...]) -> Iterator[Found]:
    """Give each file inside.  Raises ContainerRefusedError for limits, bombs, passwords and damage."""
    if _entries(data) > allowance.most_members * 2:  # directories are entries too
        raise ContainerRefusedError("container-many-members", limit=allowance.most_members)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (*DAMAGE, NotImplementedError):
        yield from zip_salvage.read(data, allowance)
        raise ContainerRefusedError("container-broken", detail="zip") from None
    with archive:
        _refuse_overlaps(archive)
        locked = 0
        keys = _keys(passwords)
        for entry in archive.infolist():
            if entry.is_dir():
                continue
            allowance.admit()
            found = _read(archive, entry, allowance, keys)
            if found is None:
                locked += 1
            else:
                yield found
        if any(map(_beyond_us, archive.infolist())):
            raise ContainerRefusedError("container-cipher")
        if locked:
            raise ContainerRefusedError("container-locked", count=locked)


def _entries(data: bytes) -> int:
    """Count the directory's entries from above, without building it: a million would fill the memory."""
    end = data.rfind(b"PK\5\6")
    size = int.from_bytes(data[end + 12 : end + 16], "little") if end >= 0 else len(data)
    zip64 = data[max(end - 20, 0) : max(end, 0)].startswith(b"PK\6\7")
    start = 0 if zip64 or end < 0 else max(end - size, 0)
    return data.count(b"PK\1\2", start)


def _refuse_overlaps(archive: zipfile.ZipFile) -> None:
    """Refuse files that share bytes: only bombs do."""
    end = -1
    for entry in sorted(archive.infolist(), key=lambda one: one.header_offset):
        if entry.header_offset < end:
            raise ContainerRefusedError("container-overlap")
        end = entry.header_offset + zip_salvage.HEADER_SIZE + entry.compress_size


def _read(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, allowance: Allowance, keys: list[bytes]
) -> Found | None:
    """Read one file; None where no password opens it."""
    name = harmless(_name(entry))
    if _special(entry):
        return Found(name, refused=Reason("member-no-file"))
    try:
        if entry.flag_bits & _ENCRYPTED:
            data = _unlocked(archive, entry, allowance, keys)
            return None if data is None else Found(name, data)
        return Found(name, _inflated(archive, entry, allowance, None))
    except ContainerRefusedError:
        raise
    except RefusedError as refusal:
        return Found(name, refused=refusal.reason)
    except (NotImplementedError, RuntimeError):
        return Found(name, refused=Reason("member-method"))
    except DAMAGE:
        return Found(name, refused=Reason("member-broken"))


def _inflated(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, allowance: Allowance, key: bytes | None
) -> bytes:
    with archive.open(entry, pwd=key) as stream:
        return allowance.gather(iter(lambda: stream.read(CHUNK), b""))


def _unlocked(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, allowance: Allowance, keys: list[bytes]
) -> bytes | None:
    """Try the passwords; the one that fits is tried first on the next file.

    A wrong one passes the first check once in 256 times, and then fails in what comes out.
    """
    if _beyond_us(entry):
        return None
    for key in list(keys):
        try:
            data = _inflated(archive, entry, allowance, key)
        except RefusedError:
            raise
        except (*DAMAGE, RuntimeError):  # RuntimeError: zipfile's word for a wrong password
            continue
        keys.remove(key)
        keys.insert(0, key)
        return data
    return None


def _beyond_us(entry: zipfile.ZipInfo) -> bool:
    """Tell a file that no password opens here: zipfile knows only the old encryption."""
    return bool(entry.flag_bits & _ENCRYPTED) and entry.compress_type == _AES


def _keys(passwords: tuple[str, ...]) -> list[bytes]:
    """Give the passwords as bytes: Chinese ones as both Windows and others write them."""
    return list(
        dict.fromkeys(
            word.encode(encoding, "ignore") for word in passwords for encoding in ("utf-8", "gb18030")
        )
    )


def _special(entry: zipfile.ZipInfo) -> bool:
    """Tell symbolic links, pipes and devices."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    return entry.create_system == _UNIX and kind not in (0, stat.S_IFREG)


def _name(entry: zipfile.ZipInfo) -> str:
    if entry.flag_bits & _UTF8:
        return entry.orig_filename
    raw = entry.orig_filename.encode("cp437", errors="replace")  # how zipfile read it
    return _unicode_path(entry.extra, raw) or decoded(raw)


def _unicode_path(extra: bytes, raw: bytes) -> str:
    """Give the name from Info-ZIP's extra field, which WinRAR writes beside one in the local code page."""
    while len(extra) > 4:  # noqa: PLR2004 - a field's number and size
        number, size = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if number == _UNICODE_PATH and field[1:5] == zlib.crc32(raw).to_bytes(4, "little"):
            return field[5:].decode("utf-8", errors="replace")
    return ""
