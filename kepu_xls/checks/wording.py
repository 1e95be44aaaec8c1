"""Texts as they compare: without spaces and marks, how alike two are, and which of them say nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain

_MARKS = re.compile(r"[\W_]+")
_USUAL_MARKS = re.compile(r"[\s、。，；：？！（）“”‘’《》—…·,.;:?!()%/_-]+")
_USUAL = re.compile(r"[0-9A-Za-z一-鿿]*")  # Unicode's normal form leaves these as they are
_KEPT = 1 << 13
"""So many texts are remembered with their normal form: checks ask for the same one several times.

More than those of the units that are worked out at a time: then they would be asked for in vain."""
WHOLE = 100.0
"""The likeness of two texts that are the same."""


@lru_cache(maxsize=_KEPT)
def normalised(text: str) -> str:
    """Reduce a text to its characters and digits: width, case, spaces and punctuation do not count."""
    bare = _USUAL_MARKS.sub("", text)
    if _USUAL.fullmatch(bare):
        return bare.casefold()
    return _MARKS.sub("", unicodedata.normalize("NFKC", text)).casefold()


def likeness(one: str, other: str, least: float) -> float:
    """Tell how alike two normalised texts are, in per cent; 0 where that is less than ``least``."""
    from rapidfuzz import fuzz  # noqa: PLC0415 - not every period has texts to compare

    return WHOLE if one == other else float(fuzz.ratio(one, other, score_cutoff=least))


def most_alike(text: str, others: Sequence[str], least: float) -> tuple[int, float] | None:
    """Find the one of some normalised texts most like one: index and likeness; None below ``least``."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - as above

    match = process.extractOne(text, others, scorer=fuzz.ratio, score_cutoff=least)
    return None if match is None else (match[2], match[1])


def spoken(score: float) -> str:
    """Say a likeness: ``完全相同``, or ``文字有 95% 相同``."""
    return "完全相同" if score == WHOLE else f"文字有 {min(int(score), 99)}% 相同"


def says_nothing(text: str, phrases: tuple[str, ...], fillers: tuple[str, ...]) -> bool:
    """Tell whether a normalised text is made of empty phrases and fillers alone, with one phrase at least."""
    words = _by_first_character(phrases, fillers)
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
def _by_first_character(*listed: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    words: dict[str, tuple[str, ...]] = {}
    for word in filter(None, dict.fromkeys(map(normalised, chain(*listed)))):
        words[word[0]] = (*words.get(word[0], ()), word)
    return words
