"""winmail.dat (TNEF), which Outlook sends in place of attachments.

Read here and not by tnefparse: that fails on names in GBK, takes zeros off the end of files, copies the rest
of the file for each attribute, and does not come back from 100 bytes that declare a long list (tried).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from kepu_xls.intake.unpacking import Allowance, ContainerRefusedError, Found, RefusedError
from kepu_xls.model import Record
from kepu_xls.shown_names import decoded, harmless

SIGNATURE = b"\x78\x9f\x3e\x22"
_FIRST = len(SIGNATURE) + 2
_ATTRIBUTE = struct.Struct("<BHHI")  # level, number, type, size; then the data and a checksum
_CHECKSUM = 2
_OF_ATTACHMENT = 2
_BEGINS, _TITLE, _DATA, _PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9005

_OBJECT = 0x3701
_NAMES = (0x3707, 0x3704, 0x3001)  # long name, short name, display name
_UNICODE = 0x1F
_FIXED = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE = {0x0D, 0x1E, _UNICODE, 0x102}
_MANY, _NAMED, _BY_NUMBER = 0x1000, 0x8000, 0
_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")  # marks an attached mail, itself a TNEF


class _Attribute(Record, frozen=True):
    number: int
    data: bytes


def read_winmail(data: bytes, allowance: Allowance) -> Iterator[Found]:
    """Give each attachment.  Raises ContainerRefusedError for limits, and where the file is cut short."""
    pieces: dict[int, bytes] = {}
    damage: ContainerRefusedError | None = None
    try:
        for attribute in _attributes(data):
            if attribute.number == _BEGINS and pieces:
                yield _found(pieces, allowance)
                pieces = {}
            pieces[attribute.number] = attribute.data
    except struct.error:
        damage = ContainerRefusedError("container-broken", detail="winmail.dat")
    if pieces:
        yield _found(pieces, allowance)
    if damage:
        raise damage


def _attributes(data: bytes) -> Iterator[_Attribute]:
    """Go through the attributes of attachments.  Raises struct.error where the file ends too early."""
    place = _FIRST
    while place < len(data) - _CHECKSUM:  # some programs leave a line end behind
        level, number, _, size = _ATTRIBUTE.unpack_from(data, place)
        place += _ATTRIBUTE.size
        if place + size > len(data):
            raise struct.error
        if level == _OF_ATTACHMENT:
            yield _Attribute(number, data[place : place + size])
        place += size + _CHECKSUM


def _found(pieces: dict[int, bytes], allowance: Allowance) -> Found:
    allowance.admit()
    properties = dict(_properties(pieces.get(_PROPERTIES, b"")))
    name = next((_text(*properties[key]) for key in _NAMES if key in properties), "")
    name = harmless(name or decoded(pieces.get(_TITLE, b"").rstrip(b"\0")))
    # where there are both, one is a stand-in
    content = max(
        pieces.get(_DATA, b""), properties.get(_OBJECT, (0, b""))[1].removeprefix(_MESSAGE), key=len
    )
    try:
        return Found(name, allowance.gather([content]))
    except ContainerRefusedError:
        raise
    except RefusedError as refusal:
        return Found(name, refused=refusal.reason)


def _text(kind: int, raw: bytes) -> str:
    text = raw.decode("utf-16-le", errors="replace") if kind == _UNICODE else decoded(raw.rstrip(b"\0"))
    return text.rstrip("\0")


def _properties(data: bytes) -> Iterator[tuple[int, tuple[int, bytes]]]:
    """Give the MAPI texts and objects as number, type and bytes; ends where they stop making sense.

    No count in them is trusted: each step goes forward in the data, which has an end.
    """
    place = 4
    try:
        while place < len(data):
            kind, number = struct.unpack_from("<HH", data, place)
            place = _after_name(data, place + 4) if number & _NAMED else place + 4
            base = kind & ~_MANY
            if kind & _MANY or base in _VARIABLE:
                (count,) = struct.unpack_from("<I", data, place)
                place += 4
            else:
                count = 1
            for _ in range(min(count, len(data))):
                value, place = _value(data, place, base)
                if base in _VARIABLE:
                    yield number, (base, value)
    except struct.error:
        return


def _after_name(data: bytes, place: int) -> int:
    """Step over the name of a named property: a GUID, and a number or a text."""
    (kind, size) = struct.unpack_from("<II", data, place + 16)
    return place + 24 if kind == _BY_NUMBER else place + 24 + _padded(size)


def _value(data: bytes, place: int, kind: int) -> tuple[bytes, int]:
    """Read one value and where the next begins.  Raises struct.error past the end."""
    if kind in _VARIABLE:
        (size,) = struct.unpack_from("<I", data, place)
        place += 4
        step = _padded(size)
    elif kind in _FIXED:
        size = step = _FIXED[kind]
    else:
        raise struct.error
    if place + size > len(data):
        raise struct.error
    return data[place : place + size], place + step


def _padded(size: int) -> int:
    return size + -size % 4
