"""The same text from two units, exactly or nearly, found without comparing each with each.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from zlib import crc32

from kepu_xls.checks.wording import WHOLE, most_alike
from kepu_xls.model import Answer, Entry, Record

_GRAM = 4
_KEYS = 4
"""Texts are compared that share one of this many runs of ``_GRAM`` characters, chosen alike in each text."""
_NEIGHBOURS = 60
"""With how many that came before under the same key a text is compared; so the work stays linear."""


class Text(Record, frozen=True):
    """What a row says under one field; ``plain`` is the normalised text, ``keys`` those of its runs."""

    entry: Entry
    answer: Answer
    plain: str
    keys: Sequence[int]


class Shared(Record, frozen=True):
    """Two units' texts that are alike, in per cent; ``later`` is the one that is told of."""

    earlier: Text
    later: Text
    score: float


def shared_texts(texts: Sequence[Text], least: float) -> tuple[Shared, ...]:
    """Find texts that two units share, each once for every unit after the first.

    ``texts`` come in order of precedence: the original before its copies, what was taken over first.  A
    partner in the same task is preferred.  Texts taken over are only ever the earlier.
    """
    same = tuple(_exact(texts))
    told = {(one.later.entry.unit, one.later.plain) for one in same}
    return (*same, *_alike(texts, told, least))


def _exact(texts: Iterable[Text]) -> Iterator[Shared]:
    groups: dict[str, list[Text]] = {}
    for text in texts:
        groups.setdefault(text.plain, []).append(text)
    for group in groups.values():
        by_unit: dict[str, list[Text]] = {}
        for text in group:
            by_unit.setdefault(text.entry.unit, []).append(text)
        by_task: dict[str, Text] = {}
        for mine in by_unit.values():
            own = [text for text in mine if not text.answer.carried]
            if by_task and own:
                yield _nearest(own, by_task, group[0])
            for text in mine:
                by_task.setdefault(text.entry.task, text)


def _nearest(own: Sequence[Text], by_task: dict[str, Text], first: Text) -> Shared:
    """Pair one of a unit's equal texts with an earlier unit's: in the same task, else with the first."""
    later = next((text for text in own if text.entry.task in by_task), own[0])
    return Shared(by_task.get(later.entry.task, first), later, WHOLE)


def _alike(texts: Sequence[Text], told: set[tuple[str, str]], least: float) -> Iterator[Shared]:
    """Go through the texts in order, each held against earlier ones of its task and with a key in common."""
    blocks: dict[object, list[Text]] = {}
    common = _common(texts)
    for text in texts:
        keys = (text.entry.task, *(key for key in text.keys if key in common))
        near = [block[-_NEIGHBOURS:] for key in keys if (block := blocks.get(key))]
        mine = (text.entry.unit, text.plain)
        if mine not in told and not text.answer.carried and _any_alike(text, near, least):
            found = _best(text, near, least)
            if found is not None:
                told.add(mine)
                yield found
        for key in keys:
            blocks.setdefault(key, []).append(text)


def _common(texts: Iterable[Text]) -> set[int]:
    """Give the keys that more than one text has: the others lead nowhere, and are most of all."""
    seen, again = set[int](), set[int]()
    for text in texts:
        again.update(seen.intersection(text.keys))
        seen.update(text.keys)
    return again


def _any_alike(text: Text, blocks: Iterable[Sequence[Text]], least: float) -> bool:
    """Tell at once, for most texts, that nothing in any block comes near, of whatever unit."""
    plains = {one.plain for block in blocks for one in block} - {text.plain}
    return bool(plains) and most_alike(text.plain, tuple(plains), least) is not None


def _best(text: Text, blocks: Iterable[Sequence[Text]], least: float) -> Shared | None:
    """Find the most alike of another unit in the first block that has one."""
    for block in blocks:
        others = [one for one in block if one.plain != text.plain and one.entry.unit != text.entry.unit]
        match = most_alike(text.plain, [one.plain for one in others], least)
        if match is not None:
            return Shared(others[match[0]], text, match[1])
    return None


def keys_of(plain: str) -> list[int]:
    """Choose a few runs of characters by their checksums: texts that are nearly the same choose the same."""
    wide = plain.encode("utf-16-le", "surrogatepass")  # two bytes a character: runs are cut out of it at once
    size = 2 * _GRAM
    runs = [wide[start : start + size] for start in range(0, len(wide) - size + 2, 2)]
    return sorted(set(map(crc32, runs)))[:_KEYS]
