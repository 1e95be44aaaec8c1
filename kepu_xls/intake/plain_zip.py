"""A zip written the one way that every reader understands alike → its parts, or None: nothing is guessed."""

from __future__ import annotations

import struct
import zlib

_END = struct.Struct("<4s4H2IH")  # the end of a zip's directory
_ENTRY = struct.Struct("<4s6H3I5H2I")  # an entry of the directory
_LOCAL = struct.Struct("<4s5H3I2H")  # what stands before a part
_HARMLESS_FLAGS = 0x080E  # how hard it was packed, sizes behind the part, names in UTF-8
_STORED, _DEFLATED = 0, 8


def well_formed(data: bytes) -> bool:
    """Tell whether a zip has one directory at the very end, without comment, that fills the place it says."""
    end = len(data) - _END.size
    if not data.startswith(b"PK\3\4") or data.find(b"PK\5\6") != end:
        return False
    *_, count, size, start, _ = _END.unpack_from(data, end)
    return bool(start + size == end and data.count(b"PK\1\2", start) == count == data.count(b"PK\1\2"))


def unpacked(data: bytes, most: int) -> dict[str, bytes] | None:
    """Unpack the parts of a well-formed zip, in the order in which they lie; size and checksum must be right.

    None where it takes more than ``most`` bytes, names a part twice, or has anything out of the ordinary.
    """
    *_, count, _, start, _ = _END.unpack_from(data, len(data) - _END.size)
    place, before, parts = start, 0, dict[str, bytes]()
    for _ in range(count):
        signature, _, _, flags, method, _, _, check, packed, size, *lengths, offset = _ENTRY.unpack_from(
            data, place
        )
        named, extra, comment = lengths[:3]
        name = data[place + _ENTRY.size : place + _ENTRY.size + named]
        place += _ENTRY.size + named
        most -= size
        odd = extra or comment or flags & ~_HARMLESS_FLAGS or not name.isascii() or most < 0
        if signature != b"PK\1\2" or odd or offset < before or offset + _LOCAL.size > start:
            return None
        content, before = _content(data, offset, name, (flags, method, check, packed, size))
        if content is None or before > start:
            return None
        parts[name.decode()] = content
    return parts if len(parts) == count and place == len(data) - _END.size else None


def _content(
    data: bytes, offset: int, name: bytes, said: tuple[int, int, int, int, int]
) -> tuple[bytes | None, int]:
    """Give a part and where it ends; None for it where it is not what the directory says."""
    flags, method, check, packed, size = said
    signature, _, own_flags, own_method, _, _, _, _, _, named, extra = _LOCAL.unpack_from(data, offset)
    begin = offset + _LOCAL.size + named + extra
    own_name = data[offset + _LOCAL.size : offset + _LOCAL.size + named]
    if (signature, own_flags, own_method, own_name) != (b"PK\3\4", flags, method, name):
        return None, 0
    content: bytes | None = data[begin : begin + packed]
    if method == _DEFLATED:
        content = _inflated(data[begin : begin + packed], size)
    elif method != _STORED:
        return None, 0
    if content is None or len(content) != size or zlib.crc32(content) != check:
        return None, 0
    return content, begin + packed


def _inflated(packed: bytes, size: int) -> bytes | None:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = stream.decompress(packed, size + 1)  # no more than that, whatever it was said to be
    except zlib.error:
        return None
    return content if stream.eof and not stream.unused_data else None
