"""A zip written the one way that every reader understands alike → its parts, or None: nothing is guessed."""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache
from typing import NamedTuple

_END = struct.Struct("<4s4H2IH")  # the end of a zip's directory
_ENTRY = struct.Struct("<4s6H3I5H2I")  # an entry of the directory
_LOCAL = struct.Struct("<4s5H3I2H")  # what stands before a part
_HARMLESS_FLAGS = 0x080E  # how hard it was packed, sizes behind the part, names in UTF-8
_STORED, _DEFLATED = 0, 8
_NEWEST = 63  # the last version of the format: zipfile refuses what asks for a later one
_KEPT, _MOST_PACKED, _MOST_KEPT, _FILES = 128, 1 << 12, 1 << 16, 8


class _Part(NamedTuple):
    """An entry of the directory."""

    name: str
    offset: int
    flags: int
    method: int
    check: int
    packed: int
    size: int


def well_formed(data: bytes) -> bool:
    """Tell whether a zip has one directory at the very end, without comment, that fills the place it says."""
    end = len(data) - _END.size
    if not data.startswith(b"PK\3\4") or data.find(b"PK\5\6") != end:
        return False
    _, disk, first_disk, on_disk, count, size, start, comment = _END.unpack_from(data, end)
    if disk or first_disk or comment or on_disk != count:  # zipfile reads what other readers take for a part
        return False
    return bool(start + size == end and data.count(b"PK\1\2", start) == count == data.count(b"PK\1\2"))


def part_names(data: bytes) -> tuple[str, ...] | None:
    """Give the names of a well-formed zip's parts, as zipfile does; None where zipfile itself has to tell."""
    parts = _directory(data) if well_formed(data) else None
    return None if parts is None else tuple([part.name for part in parts])


def unpacked(data: bytes, most: int) -> dict[str, bytes] | None:
    """Unpack the parts of a well-formed zip, in the order in which they lie; size and checksum must be right.

    None where it takes more than ``most`` bytes, names a part twice, or has anything out of the ordinary.
    """
    directory, before, parts = _directory(data), 0, dict[str, bytes]()
    if directory is None or sum([part.size for part in directory]) > most:
        return None
    for part in directory:
        content, before = _content(data, part, before)
        if content is None:
            return None
        parts[part.name] = content
    return parts if len(parts) == len(directory) else None


def _directory(data: bytes) -> tuple[_Part, ...] | None:
    """Read the directory of a well-formed zip; None where something in it is out of the ordinary."""
    return _kept_directory(data) if len(data) <= _MOST_KEPT else _kept_directory.__wrapped__(data)


@lru_cache(_FILES)  # what a file is and what is in it are asked one after the other
def _kept_directory(data: bytes) -> tuple[_Part, ...] | None:
    end = len(data) - _END.size
    *_, count, _, start, _ = _END.unpack_from(data, end)
    place, parts = start, list[_Part]()
    for _ in range(count):
        signature, _, needed, flags, method, _, _, check, packed, size, *lengths, _, _, offset = (
            _ENTRY.unpack_from(data, place)
        )
        named, extra, comment, disk = lengths
        name = data[place + _ENTRY.size : place + _ENTRY.size + named].decode("latin-1")
        place += _ENTRY.size + named
        odd = extra or comment or disk or flags & ~_HARMLESS_FLAGS or needed > _NEWEST
        if signature != b"PK\1\2" or odd or not (name.isascii() and name.isprintable()):
            return None
        parts.append(_Part(name, offset, flags, method, check, packed, size))
    return tuple(parts) if place == end else None


def _content(data: bytes, part: _Part, before: int) -> tuple[bytes | None, int]:
    """Give a part and where it ends; None for it where it is not what the directory says.

    ``before``: where the part in front of it ends.
    """
    start = _END.unpack_from(data, len(data) - _END.size)[6]
    if part.offset < before or part.offset + _LOCAL.size > start:
        return None, 0
    signature, _, flags, method, _, _, _, _, _, named, extra = _LOCAL.unpack_from(data, part.offset)
    begin = part.offset + _LOCAL.size + named + extra
    name = data[part.offset + _LOCAL.size : part.offset + _LOCAL.size + named]
    said = (b"PK\3\4", part.flags, part.method, part.name.encode())
    if (signature, flags, method, name) != said or begin + part.packed > start:
        return None, 0
    packed = data[begin : begin + part.packed]
    kept = part.packed <= _MOST_PACKED and part.size <= _MOST_KEPT
    unpack = _unpacked if kept else _unpacked.__wrapped__
    return unpack(packed, part.method, part.size, part.check), begin + part.packed


@lru_cache(_KEPT)  # theme, styles, relations and guide are the same in most forms
def _unpacked(packed: bytes, method: int, size: int, check: int) -> bytes | None:
    content: bytes | None = packed
    if method == _DEFLATED:
        content = _inflated(packed, size)
    elif method != _STORED:
        return None
    return content if content is not None and (len(content), zlib.crc32(content)) == (size, check) else None


def _inflated(packed: bytes, size: int) -> bytes | None:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = stream.decompress(packed, size + 1)  # no more than that, whatever it was said to be
    except zlib.error:
        return None
    return content if stream.eof and not stream.unused_data else None
