"""Names of units: parted at separators, and cut where they run together.

What they are cut by is the names found elsewhere in the same document, and nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable

from kepu_xls.messages import finding
from kepu_xls.model import Finding, Record, Role
from kepu_xls.plan.blocks import Cell
from kepu_xls.plan.duties import CLOSING, OPENING

_SEPARATORS = "、，,；;/／|｜。．·•"
_OTHERS = re.compile(r"等+(?:有关|相关|各)?(?:单位|部门|成员单位)*$|(?<=等)\d+个?(?:单位|部门)$")
_VAGUE = re.compile(
    r"(?:其他|其它|各|各有关|各相关|有关|相关|各成员|各责任)*(?:单位|部门|成员单位|责任单位)|同上|待定|待明确"
)
_NOBODY = re.compile(r"[无空]|没有|暂无|[-—–―/\\_*]+")
_COLLECTIVE = re.compile(r"(?:全区|全市|全县|区直|市直|县直)?各")
_NOTE = re.compile(r"\s*[（(\[【]([^（(）)\]】]*)[）)\]】]\s*")
_PLAIN_NOTE = re.compile(r"牵头|负责|主办|主责|配合|参加|参与|协助|协办|主要|具体|包括|含|排名|联系|待定|暂")
_CONNECTORS = ("以及", "和", "及", "与")
_SHORTEST = 3
_COMMON = 2


class Name(Record, frozen=True):
    """One name as written.

    ``pieces`` are its parts by line breaks and blanks, which may part names or break one; ``role`` is what a
    bracket after it says (牵头).
    """

    pieces: tuple[str, ...]
    role: Role | None = None

    @property
    def whole(self) -> str:
        """The name without white space."""
        return "".join(self.pieces)


class Written(Record, frozen=True):
    """What a cell of units says, before names that run together are cut.  ``others``: it ended in 等."""

    names: tuple[Name, ...]
    others: bool = False
    findings: tuple[Finding, ...] = ()


def part(cell: Cell) -> Written:
    """Part a cell at its separators, not those in brackets; brackets and a trailing 等 go, and are told."""
    text, others = _without_others(cell.text.strip())
    found: list[Finding] = []
    names: list[Name] = []
    chunks = _chunks(text)
    if any(not chunk.strip() for chunk in chunks[1:-1]):
        found.append(finding("plan-separator-doubled", cell.place))
    for chunk in chunks:
        name, said = _name(chunk.strip(), cell)
        found += said
        if name is not None:
            names.append(name)
    return Written(tuple(names), others, tuple(found))


def says_nothing(text: str) -> bool:
    """Tell whether a text is a way to write that there is nothing: 无, —, /, or a blank."""
    return not text.strip() or _NOBODY.fullmatch(unicodedata.normalize("NFKC", _tight(text))) is not None


def _without_others(text: str) -> tuple[str, bool]:
    trimmed = text.rstrip("。.；;，,、 　")
    if match := _OTHERS.search(trimmed):
        return trimmed[: match.start()], True
    return trimmed, False


def _chunks(text: str) -> list[str]:
    """Split at separators outside of brackets."""
    chunks, depth = [""], 0
    for char in text:
        depth += (char in OPENING) - (char in CLOSING and depth > 0)
        if char in _SEPARATORS and not depth:
            chunks.append("")
        else:
            chunks[-1] += char
    return chunks


def _name(chunk: str, cell: Cell) -> tuple[Name | None, list[Finding]]:
    said: list[Finding] = []
    role = None
    for match in _NOTE.finditer(chunk):
        note = match[1]
        if _PLAIN_NOTE.search(note) or not note.strip():
            role = role or _role(note)
            chunk = chunk.replace(match[0], "\n")
            if _role(note) is None:
                said.append(finding("plan-note-dropped", cell.place, note=note.strip(), name=_tight(chunk)))
    chunk = chunk.strip(" 　\n\t:：")
    if not chunk or says_nothing(chunk):
        return None, said
    if _VAGUE.fullmatch(_tight(chunk)):
        return None, [*said, finding("plan-unit-vague", cell.place, name=_tight(chunk))]
    if _COLLECTIVE.match(chunk):
        said.append(finding("plan-unit-collective", cell.place, name=_tight(chunk)))
    return Name(tuple(chunk.split()), role), said


def _tight(text: str) -> str:
    return "".join(text.split())


def _role(note: str) -> Role | None:
    if re.search(r"牵头|主办|主责", note):
        return Role.LEAD
    return Role.PARTICIPANT if re.search(r"配合|参加|参与|协助|协办", note) else None


class Vocabulary:
    """The names of one document: which stand alone, and so how to cut those that run together."""

    def __init__(self, names: Iterable[Name]) -> None:
        written = tuple(names)
        self._solid = {name.whole for name in written if len(name.pieces) == 1}
        broken = [name for name in written if len(name.pieces) > 1 and name.whole not in self._solid]
        every = self._solid | {piece for name in broken for piece in self._joined(name)}
        known: set[str] = set()
        for name in sorted(every, key=lambda name: (len(name), name)):
            if not segmentations(name, known):
                known.add(name)
        self.known = frozenset(known)
        self._firsts = _common(name[0] for name in self.known)
        self._lasts = _common(name[-1] for name in self.known)

    def resolve(self, name: Name, cell: Cell) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
        """Give the units that a written name means; one cut, joined or left whole in doubt is a finding."""
        units: list[str] = []
        found: list[Finding] = []
        for one in self._joined(name):
            if one not in name.pieces:
                found.append(finding("plan-name-joined", cell.place, name=one))
            parts, said = self._cut(one, cell)
            units += parts
            found += said
        return tuple(units), tuple(found)

    def _joined(self, name: Name) -> tuple[str, ...]:
        """Tell line breaks between names from those within one, as in 团 区 委 or a name known whole."""
        if len(name.pieces) == 1 or set(name.pieces) <= self._solid:
            return name.pieces
        if name.whole in self._solid:
            return (name.whole,)
        long = all(len(piece) >= _SHORTEST or piece in self._solid for piece in name.pieces)
        goes_on = any(piece.startswith(_CONNECTORS) for piece in name.pieces)
        return name.pieces if long and not goes_on else (name.whole,)

    def _cut(self, name: str, cell: Cell) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
        """Cut a name where there is one way to; else leave it whole, and tell if it looks run together."""
        ways = [] if name in self.known else segmentations(name, self.known)
        if len(ways) > 1:
            written = "；".join("、".join(way) for way in ways)
            return (name,), (finding("plan-name-ambiguous", cell.place, name=name, ways=written),)
        if ways and all(len(unit) >= _SHORTEST for unit in ways[0]):
            written = "、".join(ways[0])
            return ways[0], (finding("plan-name-cut", cell.place, name=name, names=written),)
        if ways or self._looks_run_together(name):
            return (name,), (finding("plan-name-uncut", cell.place, name=name),)
        return (name,), ()

    def _looks_run_together(self, name: str) -> bool:
        """Tell whether a name seems to begin anew within (…局|区…), by how names here begin and end."""
        return any(
            name[at - 1] in self._lasts and name[at] in self._firsts
            for at in range(_SHORTEST, len(name) - _SHORTEST + 1)
        )


def segmentations(name: str, known: Collection[str]) -> list[tuple[str, ...]]:
    """Find ways to cut a name into two or more known ones, 和 or 及 between them or nothing.

    At most two ways are given: more than one is doubt enough.
    """
    ways: dict[int, list[tuple[str, ...]]] = {len(name): [()]}
    lengths = sorted({len(one) for one in known})
    for at in range(len(name) - 1, -1, -1):
        ways[at] = []
        for start in {at, *(at + len(word) for word in _CONNECTORS if at > 0 and name.startswith(word, at))}:
            for end in (start + length for length in lengths if start + length <= len(name)):
                if name[start:end] in known and name[start:end] != name:
                    ways[at] += [(name[start:end], *rest) for rest in ways[end]]
        ways[at] = sorted(set(ways[at]))[:2]
    return ways[0]


def _common(chars: Iterable[str]) -> frozenset[str]:
    return frozenset(char for char, count in Counter(chars).items() if count >= _COMMON)
