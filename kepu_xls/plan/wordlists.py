"""Automatic numbers of Word paragraphs: what a person sees before the text is not in the text."""

from __future__ import annotations

import re
from typing import Any

from docx.oxml.ns import qn

_CHINESE = (
    "chineseCounting",
    "chineseCountingThousand",
    "japaneseCounting",
    "taiwaneseCounting",
    "ideographDigital",
)
_CIRCLED = ("decimalEnclosedCircle", "decimalEnclosedCircleChinese")
_DIGITS = "〇一二三四五六七八九"
_LEVELS = 9
_MOST_CIRCLED = 20


class Lists:
    """The numbered lists of one document; counts as paragraphs are passed in their order."""

    def __init__(self, document: Any) -> None:  # noqa: ANN401 - python-docx has no types
        self._styles: dict[str, Any] = {
            style.get(qn("w:styleId")): style for style in document.styles.element.iter(qn("w:style"))
        }
        part = next(
            (rel.target_part for rel in document.part.rels.values() if rel.reltype.endswith("/numbering")),
            None,
        )
        root = getattr(part, "element", None)
        self._abstracts = _by_id(root, "w:abstractNum", "w:abstractNumId")
        self._lists = _by_id(root, "w:num", "w:numId")
        self._counts: dict[str, list[int]] = {}

    def mark_of(self, paragraph: Any) -> str:  # noqa: ANN401 - as above
        """Give the number shown before a paragraph, or nothing; a bullet is nothing."""
        properties = paragraph.find(qn("w:pPr"))
        number, level = self._list_of(properties)
        levels = self._levels(number) if number else {}
        if level not in levels:
            return ""
        counts = self._counts.setdefault(self._abstract(number), [0] * _LEVELS)
        counts[level] += 1 if counts[level] else _start(levels[level])
        counts[level + 1 :] = [0] * (_LEVELS - level - 1)
        pattern = _value(levels[level], "w:lvlText") or ""
        if _value(levels[level], "w:numFmt") in ("bullet", "none"):
            return ""
        return re.sub(r"%([1-9])", lambda match: _shown(levels, counts, int(match[1]) - 1), pattern)

    def level_of(self, paragraph: Any) -> int:  # noqa: ANN401 - as above
        """Give the level of a heading by its style (标题 1, Heading 1), 0 for other paragraphs."""
        properties = paragraph.find(qn("w:pPr"))
        style = self._styles.get(_value(properties, "w:pStyle") or "") if properties is not None else None
        name = (_value(style, "w:name") or "") if style is not None else ""
        match = re.fullmatch(r"(?:heading|标题)\s*([1-9])", name, re.IGNORECASE)
        return int(match[1]) if match else 0

    def _list_of(self, properties: Any) -> tuple[str, int]:  # noqa: ANN401 - as above
        """Find list and level in the paragraph's own properties, else in its style's."""
        if properties is None:
            return "", 0
        own = properties.find(qn("w:numPr"))
        style = self._styles.get(_value(properties, "w:pStyle") or "")
        if own is None and style is not None:
            own = style.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
        if own is None:
            return "", 0
        level = _value(own, "w:ilvl") or "0"
        return _value(own, "w:numId") or "", int(level) if level.isdecimal() and int(level) < _LEVELS else 0

    def _abstract(self, number: str) -> str:
        found = self._lists.get(number)
        return (_value(found, "w:abstractNumId") or "") if found is not None else ""

    def _levels(self, number: str) -> dict[int, Any]:
        abstract = self._abstracts.get(self._abstract(number))
        if abstract is None:
            return {}
        return {int(level.get(qn("w:ilvl")) or 0): level for level in abstract.iter(qn("w:lvl"))}


def _by_id(root: Any, tag: str, key: str) -> dict[str, Any]:  # noqa: ANN401 - as above
    return {} if root is None else {element.get(qn(key)) or "": element for element in root.iter(qn(tag))}


def _value(element: Any, tag: str) -> str | None:  # noqa: ANN401 - as above
    found = element.find(qn(tag))
    return None if found is None else found.get(qn("w:val"))


def _start(level: Any) -> int:  # noqa: ANN401 - as above
    start = _value(level, "w:start") or "1"
    return int(start) if start.isdecimal() else 1


def _shown(levels: dict[int, Any], counts: list[int], level: int) -> str:
    count = counts[level] or 1
    kind = (_value(levels[level], "w:numFmt") if level in levels else None) or "decimal"
    if kind in _CHINESE:
        return _chinese(count)
    if kind in _CIRCLED and count <= _MOST_CIRCLED:
        return chr(ord("①") + count - 1)
    return str(count)


def _chinese(count: int) -> str:
    """Write 1 … 99 as 一 … 九十九."""
    tens, ones = divmod(count, 10)
    if not tens:
        return _DIGITS[ones]
    return (_DIGITS[tens] if 1 < tens < len(_DIGITS) else "") + "十" + (_DIGITS[ones] if ones else "")
