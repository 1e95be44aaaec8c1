"""A zip whose directory is lost (cut short on its way): the files are read by their own headers."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from kepu_xls.intake.unpacking import CHUNK, Allowance, ContainerRefusedError, Found, RefusedError
from kepu_xls.model import Record
from kepu_xls.shown_names import decoded, harmless

HEADER_SIZE = 30
_HEADER = struct.Struct("<4s5H3I2H")
_START = b"PK\3\4"
_ENCRYPTED, _SIZE_FOLLOWS = 0x1, 0x8
_STORED, _DEFLATED = 0, 8


class Entry(Record, frozen=True):
    """What a file's own header says of it; ``start`` is where its bytes begin."""

    name: bytes
    flags: int
    method: int
    crc: int
    size: int
    start: int


def entries(data: bytes) -> Iterator[Entry]:
    """List the headers one after the other.  After one of unknown size, the next is searched for."""
    place = data.find(_START)
    while 0 <= place <= len(data) - HEADER_SIZE:
        _, _, flags, method, _, _, crc, size, _, name_size, extra_size = _HEADER.unpack_from(data, place)
        start = place + HEADER_SIZE + name_size + extra_size
        name = data[place + HEADER_SIZE : place + HEADER_SIZE + name_size]
        yield Entry(name, flags, method, crc, size, start)
        place = data.find(_START, start + size)


def read(data: bytes, allowance: Allowance) -> Iterator[Found]:
    """Give each file that can still be read, and name those that cannot."""
    for entry in entries(data):
        name = decoded(entry.name)
        if name.endswith(("/", "\\")):
            continue
        allowance.admit()
        try:
            yield Found(harmless(name), _content(data, entry, allowance))
        except ContainerRefusedError:
            raise
        except RefusedError as refusal:
            yield Found(harmless(name), refused=refusal.reason)


def _content(data: bytes, entry: Entry, allowance: Allowance) -> bytes:
    if entry.flags & _ENCRYPTED or entry.method not in (_STORED, _DEFLATED):
        raise RefusedError("member-method")
    end = len(data) if entry.flags & _SIZE_FOLLOWS else entry.start + entry.size
    if entry.method == _STORED:
        content = allowance.gather([data[entry.start : end]])
    else:
        content = allowance.gather(_inflated(memoryview(data)[entry.start : end]))
    if not entry.flags & _SIZE_FOLLOWS and zlib.crc32(content) != entry.crc:
        raise RefusedError("member-broken")
    return content


def _inflated(packed: memoryview) -> Iterator[bytes]:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    place = 0
    try:
        while not stream.eof:
            rest = stream.unconsumed_tail or packed[place : place + CHUNK]
            if not rest:
                raise RefusedError("member-broken")
            if not stream.unconsumed_tail:
                place += len(rest)
            yield stream.decompress(rest, CHUNK)
    except zlib.error as error:
        raise RefusedError("member-broken") from error
