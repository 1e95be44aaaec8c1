"""Writing the parts of a workbook into a zip; those that many workbooks share are compressed once."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence

from kepu_xls.model import Record

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_VERSION, _FLAGS, _DEFLATED = 20, 0, 8
_FIRST_DAY = 1 << 5 | 1
"""1 January 1980, the first day that a zip knows: the same parts are the same bytes, whenever written."""

_SHARED_LEVEL, _LEVEL = 9, 4
"""How hard to compress: what is compressed once, and what is compressed for each workbook."""


class Packed(Record, frozen=True):
    """A part as it stands in a zip: its name, with checksum and sizes, and its compressed bytes."""

    name: bytes
    facts: tuple[int, int, int]
    data: bytes

    def local(self) -> bytes:
        """Give the part with the header before it."""
        head = (_VERSION, _FLAGS, _DEFLATED, 0, _FIRST_DAY, *self.facts, len(self.name), 0)
        return _LOCAL.pack(b"PK\3\4", *head) + self.name + self.data

    def central(self, offset: int) -> bytes:
        """Give the part's line in the list at the end."""
        head = (_VERSION, _VERSION, _FLAGS, _DEFLATED, 0, _FIRST_DAY, *self.facts, len(self.name))
        return _CENTRAL.pack(b"PK\1\2", *head, 0, 0, 0, 0, 0, offset) + self.name


def pack_shared(name: str, data: bytes) -> Packed:
    """Compress a part that many workbooks share."""
    return pack(name, data, _SHARED_LEVEL)


def pack(name: str, data: bytes, level: int = _LEVEL) -> Packed:
    """Compress a part."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(data) + packer.flush()
    return Packed(name.encode("ascii"), (zlib.crc32(data), len(packed), len(data)), packed)


class Package:
    """Workbooks that share some of their parts."""

    def __init__(self, shared: Iterable[Packed]) -> None:
        self._shared = list(shared)
        self._head, self._list = _joined(self._shared, 0)

    def with_parts(self, own: Sequence[Packed]) -> bytes:
        """Give the workbook that has the shared parts and these."""
        parts, entries = _joined(own, len(self._head))
        entries = self._list + entries
        count, offset = len(self._shared) + len(own), len(self._head) + len(parts)
        end = _END.pack(b"PK\5\6", 0, 0, count, count, len(entries), offset, 0)
        return b"".join((self._head, parts, entries, end))


def _joined(parts: Iterable[Packed], offset: int) -> tuple[bytes, bytes]:
    """Give parts one after the other, from an offset on, and their lines in the list."""
    written, entries = bytearray(), bytearray()
    for part in parts:
        entries += part.central(offset + len(written))
        written += part.local()
    return bytes(written), bytes(entries)
