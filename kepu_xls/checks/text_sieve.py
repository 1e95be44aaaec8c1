"""Which texts of a period may be somebody else's too, told by what is kept of them beside the rows.  Pure.

A mark is the number of a run of characters.  Of texts that share one most do so by chance: they are held
against each other by their normalised texts, without the rows.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from sys import intern

import msgspec

from kepu_xls.checks.shared_texts import keys_of
from kepu_xls.checks.wording import likeness, normalised, says_nothing
from kepu_xls.config import CheckSettings
from kepu_xls.model import Answer, Entry, FieldType, OpenPeriod

_MOST_BITS = 27
"""Two tables of at most so many bits, 16 MiB each: of half a million texts, few are looked at for nothing."""
_ROOM = 256
"""Bits for each row, or more: one mark in a hundred has its bit in common with another by chance."""
_MARK = 4  # bytes
_MOST_COMPARED = 16
"""Of rows that share a mark, so many are held against each other; more are all suspected."""

_decode_texts = msgspec.msgpack.Decoder(tuple[str, ...]).decode


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
        found = {key for plain in self._long(entry) if plain for key in keys_of(plain)}
        return struct.pack(f"<{len(found)}I", *found)

    def texts(self, entry: Entry) -> bytes:
        """Give the texts of a row, normalised, empty where one is too short; nothing where all are."""
        found = self._long(entry)
        return msgspec.msgpack.encode(found) if any(found) else b""

    def _long(self, entry: Entry) -> list[str]:
        plains = [_plain(entry, field) for field in self._texts]
        return [plain if len(plain) >= self._least else "" for plain in plains]

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
    """Is shown the marks of all rows of a period, then tells which ones a row may share with another.

    It notes bits that stand for marks.
    """

    def __init__(self, rows: int) -> None:
        """``rows``: about how many there are."""
        self._size = 1 << min(_MOST_BITS, max(8, rows * _ROOM).bit_length())
        self._once, self._again = bytearray(self._size >> 3), bytearray(self._size >> 3)

    def see(self, marks: bytes) -> None:
        """Take note of a row's marks."""
        once, again, most = self._once, self._again, self._size - 1
        for mark in _each(marks):
            place, bit = (mark & most) >> 3, 1 << (mark & 7)
            if once[place] & bit:
                again[place] |= bit
            else:
                once[place] |= bit

    def shared(self, marks: bytes) -> tuple[int, ...]:
        """Give those of a row's marks that may be another's too."""
        again, most = self._again, self._size - 1
        return tuple([mark for mark in _each(marks) if again[(mark & most) >> 3] >> (mark & 7) & 1])


class Lookalikes:
    """Is shown the rows that share marks, then tells those whose texts are ``least`` per cent alike."""

    def __init__(self, least: float) -> None:
        self._least = least
        self._rows: list[tuple[str, str, bytes]] = []
        self._sharing: dict[int, list[int]] = {}

    def add(self, unit: str, task: str, shared: Iterable[int], texts: bytes) -> None:
        """Take note of a row, the marks that it shares, and its normalised texts."""
        for mark in shared:
            self._sharing.setdefault(mark, []).append(len(self._rows))
        self._rows.append((intern(unit), intern(task), texts))

    def rows(self) -> Iterator[tuple[str, str]]:
        """Give unit and task of each row with a text that may be another unit's, in the order of adding.

        Where very many share a mark, it is all of them.
        """
        found = set[int]()
        for places in self._sharing.values():
            found.update(places if len(places) > _MOST_COMPARED else self._alike(places, found))
        return (self._rows[place][:2] for place in sorted(found))

    def _alike(self, places: Sequence[int], found: set[int]) -> Iterator[int]:
        for one, other in combinations(places, 2):
            if not (one in found and other in found) and self._are_alike(one, other):
                yield from (one, other)

    def _are_alike(self, one: int, other: int) -> bool:
        """Tell whether two units say nearly the same under one field."""
        (unit, _, texts), (other_unit, _, other_texts) = self._rows[one], self._rows[other]
        return unit != other_unit and any(
            mine and theirs and likeness(mine, theirs, self._least)
            for mine, theirs in zip(_decode_texts(texts), _decode_texts(other_texts), strict=True)
        )


def _each(marks: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(marks) // _MARK}I", marks)
