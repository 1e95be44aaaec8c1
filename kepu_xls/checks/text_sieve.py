"""Which texts of a period may be somebody else's too, told without holding them all.  Pure."""

from __future__ import annotations

from collections.abc import Collection
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


def telling(entry: Entry, key: str, settings: CheckSettings) -> str:
    """Give a row's text, normalised, if it is long enough to be anybody's own and says something; else ""."""
    plain = _plain(entry, key)
    if len(plain) < settings.shared_length or says_nothing(plain, settings.empty_phrases, settings.fillers):
        return ""
    return plain


def _plain(entry: Entry, key: str) -> str:
    answer = entry.answers.get(key)
    return normalised(str(answer.value or "")) if answer is not None else ""


class TextSieve:
    """Sees all rows of a period once, then tells which of them ``check_texts`` has to look at.

    Kept are rows in whose text a run of characters stands that stands in another row's as well (a few are
    looked at, chosen alike in each text), and all rows of tasks that are not ``crowded``.
    """

    def __init__(
        self, opened: OpenPeriod, settings: CheckSettings, crowded: Collection[str], rows: int
    ) -> None:
        """``rows``: about how many there are."""
        self._settings, self._crowded = settings, crowded
        self._texts = [field.key for field in opened.fields if field.key in settings.texts]
        counts = (field.key for field in opened.fields if field.type is FieldType.INTEGER)
        self._needed = frozenset((*self._texts, *counts))
        self._size = 1 << min(_MOST_BITS, max(1, rows * _ROOM).bit_length() + 3)
        self._once, self._again = bytearray(self._size >> 3), bytearray(self._size >> 3)

    def see(self, entry: Entry) -> None:
        """Take note of a row's texts."""
        for place, bit in self._places(entry):
            if self._once[place] & bit:
                self._again[place] |= bit
            self._once[place] |= bit

    def kept(self, entry: Entry) -> Entry | None:
        """Give a row, with the answers that are looked at, if its texts may be another's too."""
        if entry.task in self._crowded and not any(
            self._again[place] & bit for place, bit in self._places(entry)
        ):
            return None
        # many are held: words that come again and again are held once
        answers = {
            intern(key): Answer(one.value, cell=intern(one.cell), carried=one.carried)
            for key, one in entry.answers.items()
            if key in self._needed and one.value is not None
        }
        names = {"unit": intern(entry.unit), "task": intern(entry.task), "sheet": intern(entry.sheet)}
        return msgspec.structs.replace(entry, answers=answers, **names)

    def _places(self, entry: Entry) -> list[tuple[int, int]]:
        """Give the bits that stand for a row's texts, where they are long enough."""
        plains = (_plain(entry, field) for field in self._texts)
        least = self._settings.shared_length
        found = {key & self._size - 1 for plain in plains if len(plain) >= least for key in keys_of(plain)}
        return [(key >> 3, 1 << (key & 7)) for key in found]
