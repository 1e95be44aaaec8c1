"""Texts as they compare: without spaces and marks, how alike two are, and which of them say nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz import fuzz, process

_MARKS = re.compile(r"[\W_]+")
WHOLE = 100.0
"""The likeness of two texts that are the same."""


def normalised(text: str) -> str:
    """Reduce a text to its characters and digits: width, case, spaces and punctuation do not count."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", text)).casefold()


def likeness(one: str, other: str, least: float) -> float:
    """Tell how alike two normalised texts are, in per cent; 0 where that is less than ``least``."""
    return WHOLE if one == other else float(fuzz.ratio(one, other, score_cutoff=least))


def most_alike(text: str, others: Sequence[str], least: float) -> tuple[int, float] | None:
    """Find the one of some normalised texts most like one: index and likeness; None below ``least``."""
    match = process.extractOne(text, others, scorer=fuzz.ratio, score_cutoff=least)
    return None if match is None else (match[2], match[1])


def spoken(score: float) -> str:
    """Say a likeness: ``完全相同``, or ``文字有 95% 相同``."""
    return "完全相同" if score == WHOLE else f"文字有 {min(int(score), 99)}% 相同"


def says_nothing(text: str, phrases: tuple[str, ...], fillers: tuple[str, ...]) -> bool:
    """Tell whether a normalised text is made of empty phrases and fillers alone, with one phrase at least."""
    words = _by_first_character((*phrases, *fillers))
    reached, farthest = {0}, 0
    for start in range(len(text)):
        if start in reached:
            ends = (start + len(word) for word in words.get(text[start], ()) if text.startswith(word, start))
            reached.update(ends)
            farthest = max(reached)
        if farthest <= start:
            return False
    return len(text) in reached and any(normalised(phrase) in text for phrase in phrases)


@lru_cache(maxsize=8)
def _by_first_character(listed: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    words: dict[str, tuple[str, ...]] = {}
    for word in filter(None, dict.fromkeys(map(normalised, listed))):
        words[word[0]] = (*words.get(word[0], ()), word)
    return words
