"""A zip written the one way that every reader understands alike → its parts, or None: nothing is guessed."""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache
from typing import NamedTuple

from isal import isal_zlib

_END = struct.Struct("<4s4H2IH")  # the end of a zip's directory
_ENTRY = struct.Struct("<4s2x3H4x3I4H6xI")  # an entry of the directory, but what nobody asks for
_LOCAL = struct.Struct("<4s2x2H16x2H")  # what stands before a part, but what is in its entry too
_HARMLESS_FLAGS = 0x080E  # how hard it was packed, sizes behind the part, names in UTF-8
_STORED, _DEFLATED = 0, 8
_NEWEST = 63  # the last version of the format: zipfile refuses what asks for a later one
_KEPT, _MOST_PACKED, _MOST_KEPT = 128, 1 << 12, 1 << 16


class _Part(NamedTuple):
    """An entry of the directory."""

    name: str
    offset: int
    flags: int
    method: int
    check: int
    packed: int
    size: int


class _Outside(NamedTuple):
    """What a zip looks like from outside.  ``parts``: None where anything is out of the ordinary."""

    well_formed: bool
    parts: tuple[_Part, ...] | None = None


def well_formed(data: bytes) -> bool:
    """Tell whether a zip has one directory at the very end, without comment, that fills the place it says."""
    return _outside(data).well_formed


def part_names(data: bytes) -> tuple[str, ...] | None:
    """Give the names of a well-formed zip's parts, as zipfile does; None where zipfile itself has to tell."""
    parts = _outside(data).parts
    return None if parts is None else tuple([part.name for part in parts])


def unpacked(data: bytes, most: int) -> dict[str, bytes] | None:
    """Unpack the parts of a well-formed zip, in the order in which they lie; size and checksum must be right.

    None where it takes more than ``most`` bytes, names a part twice, or has anything out of the ordinary.
    """
    directory, parts = _outside(data).parts, dict[str, bytes]()
    if directory is None or sum([part.size for part in directory]) > most:
        return None
    before, end = 0, _END.unpack_from(data, len(data) - _END.size)[6]
    for part in directory:
        place = _place(data, part, before, end)
        if place is None:
            return None
        content = _content(data[place : place + part.packed], part)
        if content is None:
            return None
        parts[part.name], before = content, place + part.packed
    return parts if len(parts) == len(directory) else None


_latest: tuple[bytes, _Outside] = (b"", _Outside(well_formed=False))
"""The file that was looked at last: what it is, whether it is whole and what is in it are asked in a row."""


def _outside(data: bytes) -> _Outside:
    """Look at a zip without unpacking it."""
    global _latest  # noqa: PLW0603 - remembering by content would go over every file once more
    known, outside = _latest
    if known is not data:
        outside = _look(data)
        if len(data) <= _MOST_KEPT:
            _latest = data, outside
    return outside


def _look(data: bytes) -> _Outside:
    end = len(data) - _END.size
    if end < 0 or not data.startswith(b"PK\3\4") or data.find(b"PK\5\6") != end:
        return _Outside(well_formed=False)
    _, disk, first_disk, on_disk, count, size, start, comment = _END.unpack_from(data, end)
    if disk or first_disk or comment or on_disk != count:  # zipfile reads what other readers take for a part
        return _Outside(well_formed=False)
    if start + size != end or not data.count(b"PK\1\2", start) == count == data.count(b"PK\1\2"):
        return _Outside(well_formed=False)
    return _Outside(well_formed=True, parts=_directory(data, start, count))


def _directory(data: bytes, place: int, count: int) -> tuple[_Part, ...] | None:
    """Read the directory of a well-formed zip; None where something in it is out of the ordinary."""
    parts = list[_Part]()
    for _ in range(count):
        if place + _ENTRY.size > len(data):
            return None
        signature, needed, flags, method, check, packed, size, named, extra, comment, disk, offset = (
            _ENTRY.unpack_from(data, place)
        )
        name = data[place + _ENTRY.size : place + _ENTRY.size + named].decode("latin-1")
        place += _ENTRY.size + named
        odd = extra or comment or disk or flags & ~_HARMLESS_FLAGS or needed > _NEWEST
        if signature != b"PK\1\2" or odd or not (name.isascii() and name.isprintable()):
            return None
        parts.append(_Part(name, offset, flags, method, check, packed, size))
    return tuple(parts) if place == len(data) - _END.size else None


def _place(data: bytes, part: _Part, before: int, end: int) -> int | None:
    """Tell where a part begins; None where what stands before it is not what the directory says.

    ``before``: where the part in front of it ends; ``end``: where the directory begins.
    """
    place = part.offset + _LOCAL.size
    if part.offset < before or place > end:
        return None
    signature, flags, method, named, extra = _LOCAL.unpack_from(data, part.offset)
    said = (b"PK\3\4", part.flags, part.method, part.name.encode())
    begin = place + named + extra
    if (signature, flags, method, data[place : place + named]) != said or begin + part.packed > end:
        return None
    return int(begin)


def _content(packed: bytes, part: _Part) -> bytes | None:
    """Unpack a part; None where it is not as large as the directory says, or has another checksum."""
    kept = part.packed <= _MOST_PACKED and part.size <= _MOST_KEPT
    unpack = _unpacked if kept else _unpacked.__wrapped__
    return unpack(packed, part.method, part.size, part.check)


@lru_cache(_KEPT)  # theme, styles, relations and guide are the same in most forms
def _unpacked(packed: bytes, method: int, size: int, check: int) -> bytes | None:
    content: bytes | None = packed
    if method == _DEFLATED:
        content = _inflated(packed, size)
    elif method != _STORED:
        return None
    return content if content is not None and (len(content), zlib.crc32(content)) == (size, check) else None


def _inflated(packed: bytes, size: int) -> bytes | None:
    # isal takes half of zlib's time, and a few streams that zlib refuses: size and checksum are the proof
    stream = isal_zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = stream.decompress(packed, size + 1)  # no more than that, whatever it was said to be
    except isal_zlib.error:  # type: ignore[misc]  # its stubs know no class
        return None
    return content if stream.eof and not stream.unused_data else None
