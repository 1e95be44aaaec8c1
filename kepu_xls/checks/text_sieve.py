"""Which texts of a period may be somebody else's too, told by marks of them that are kept.  Pure."""

from __future__ import annotations

import struct
from sys import intern

import msgspec

from kepu_xls.checks.shared_texts import keys_of
from kepu_xls.checks.wording import normalised, says_nothing
from kepu_xls.config import CheckSettings
from kepu_xls.model import Answer, Entry, FieldType, OpenPeriod

_MOST_BITS = 27
"""Two tables of at most so many bits, 16 MiB each: of half a million texts, few are kept for nothing."""
_ROOM = 128
"""Bits for each row."""
_MARK = 4  # bytes


def telling(entry: Entry, key: str, settings: CheckSettings) -> str:
    """Give a row's text, normalised, if it is long enough to be anybody's own and says something; else ""."""
    plain = _plain(entry, key)
    if len(plain) < settings.shared_length or says_nothing(plain, settings.empty_phrases, settings.fillers):
        return ""
    return plain


def _plain(entry: Entry, key: str) -> str:
    answer = entry.answers.get(key)
    return normalised(str(answer.value or "")) if answer is not None else ""


class TextMarks:
    """What is kept of a period's rows for holding their texts against each other."""

    def __init__(self, opened: OpenPeriod, settings: CheckSettings) -> None:
        self._least = settings.shared_length
        self._texts = [field.key for field in opened.fields if field.key in settings.texts]
        counts = (field.key for field in opened.fields if field.type is FieldType.INTEGER)
        self._needed = frozenset((*self._texts, *counts))

    def of(self, entry: Entry) -> bytes:
        """Give the marks of a row: numbers for a few runs of characters of each text that is long enough."""
        plains = (_plain(entry, field) for field in self._texts)
        found = {key for plain in plains if len(plain) >= self._least for key in keys_of(plain)}
        return struct.pack(f"<{len(found)}I", *found)

    def bare(self, entry: Entry) -> Entry:
        """Give a row with the answers alone that are looked at.

        Many are held: words that come again and again are held once.
        """
        answers = {
            intern(key): Answer(one.value, cell=intern(one.cell), carried=one.carried)
            for key, one in entry.answers.items()
            if key in self._needed and one.value is not None
        }
        names = {"unit": intern(entry.unit), "task": intern(entry.task), "sheet": intern(entry.sheet)}
        return msgspec.structs.replace(entry, answers=answers, **names)


class TextSieve:
    """Is shown the marks of all rows of a period twice, then tells which rows share one with another.

    The first time it notes bits that stand for marks: few marks are left that may have been there twice.  The
    second time it looks at these themselves.
    """

    def __init__(self, rows: int) -> None:
        """``rows``: about how many there are."""
        self._size = 1 << min(_MOST_BITS, max(1, rows * _ROOM).bit_length() + 3)
        self._once, self._again = bytearray(self._size >> 3), bytearray(self._size >> 3)
        self._met, self._shared = set[int](), set[int]()

    def see(self, marks: bytes) -> None:
        """Take note of a row's marks, the first time."""
        once, again, most = self._once, self._again, self._size - 1
        for mark in _each(marks):
            place, bit = (mark & most) >> 3, 1 << (mark & 7)
            if once[place] & bit:
                again[place] |= bit
            else:
                once[place] |= bit

    def see_again(self, marks: bytes) -> None:
        """Look closer at a row's marks, the second time."""
        again, most = self._again, self._size - 1
        for mark in _each(marks):
            if again[(mark & most) >> 3] >> (mark & 7) & 1:
                (self._shared if mark in self._met else self._met).add(mark)

    def shares(self, marks: bytes) -> bool:
        """Tell whether one of a row's marks is another's too: then its texts may be that one's."""
        return not self._shared.isdisjoint(_each(marks))


def _each(marks: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(marks) // _MARK}I", marks)
