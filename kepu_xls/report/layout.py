"""How much room text takes on paper: widths of Chinese and Latin characters, lines, heights of rows.

Pure; nothing here knows a file format.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, pairwise

import msgspec

from kepu_xls.appearance import OFFICIAL_MARGINS, Margins, ReportSettings
from kepu_xls.model import Record

POINTS_PER_CHARACTER = 6.0
"""Width of one unit of a column's width: a digit of the workbook's default font, ``styles.DEFAULT_FONT``."""
HIGHEST_ROW = 400.0
"""A row is at most 409 points in Excel and WPS; a little less, because both round."""
FILTER_BUTTON = 16.0
"""Points of a head that its filter's button takes; LibreOffice sets the text beside it."""
LONGEST_TEXT = 32_767
"""A cell holds no more characters, as the format counts them: some are two."""
SURELY_WHOLE = LONGEST_TEXT // 2
"""A text of so many characters is never cut."""

_LINE = (
    1.45  # height of a line by the size of its type: Noto CJK, the tallest of the fonts in use, needs as much
)
_SAFETY = 0.25  # of a character's width is not counted on in each line: programs round the widths of columns
_PADDING = 5.0  # above and below the text of a cell, together
_MILLIMETRES = 72 / 25.4
_SLACK_ACROSS, _SLACK_DOWN = 0.985, 0.975  # share of the paper planned for: printers round differently


class Paper(Record, frozen=True):
    """A landscape sheet of paper: XlsxWriter's number for it, its size in millimetres, and its margins."""

    code: int
    width: float
    height: float
    margins: Margins

    @property
    def printable_width(self) -> float:
        """Points between the left and the right margin that a table may fill at full size."""
        return (self.width - self.margins.left - self.margins.right) * _MILLIMETRES * _SLACK_ACROSS

    @property
    def printable_height(self) -> float:
        """Points between the upper and the lower margin that rows may fill at full size."""
        return (self.height - self.margins.top - self.margins.bottom) * _MILLIMETRES * _SLACK_DOWN


PAPERS = {
    "A3": Paper(code=8, width=420, height=297, margins=OFFICIAL_MARGINS["A3"]),
    "A4": Paper(code=9, width=297, height=210, margins=OFFICIAL_MARGINS["A4"]),
}


def paper_of(settings: ReportSettings) -> Paper:
    """Give the paper that is configured, with its margins."""
    return msgspec.structs.replace(PAPERS[settings.paper], margins=settings.page_margins)


def column_points(width: float) -> float:
    """Give the points that text may fill in a column ``width`` characters wide."""
    return width * POINTS_PER_CHARACTER


def column_outer_points(width: float) -> float:
    """Give the points that the column takes on paper: its text, and the padding that XlsxWriter adds."""
    return column_points(width + 5 / 7)


def text_points(text: str, size: float) -> float:
    """Give the length of a text on one line, in type of ``size`` points."""
    return sum(map(_EMS.__getitem__, text)) * size


class _Ems(dict[str, float]):
    """Width of each character by the size of the type, in the widest of the fonts that are configured.

    What East Asia counts as ambiguous (“ ” … —) is wide in Chinese fonts.
    """

    def __missing__(self, character: str) -> float:
        """Work out a width on first sight."""
        width = self[character] = _em(character)
        return width


# Fonts of Windows give every Latin character half of a Chinese one; Noto Serif and Sans CJK, elsewhere, more.
_LATIN = {
    character: width
    for width, characters in (
        (0.5, " !\"'()*,-./:;?I[\\]fijlrstz{|}"),
        (0.56, "$0123456789Jcevy"),
        (0.58, "#+<=>^_agx~"),
        (0.64, "FLSZ`bdkopq"),
        (0.7, "BCEPTXYhnu"),
        (0.78, "&ADGKOQRV"),
        (0.86, "HNUw"),
        (0.98, "%@Mm"),
        (1.06, "W"),
    )
    for character in characters
}


def _em(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.east_asian_width(character) in "WFA":
        return 1.0
    return _LATIN.get(character, 0.72 if character.isupper() else 0.6)


_EMS = _Ems()

# What may not be parted: a Latin word; a number; a character with opening marks before, closing marks after.
_WORD = frozenset("→×÷±°·0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz@#$&*+/=<>_'\"|~^`\\-")
_OPENING, _CLOSING = frozenset("“‘（《〈【「『[({"), frozenset("”’）》〉】」』、，。；：？！…—])},.;:?!%％")
_BLANK = frozenset(" \t")
_WIDEST = max(_LATIN.values())
_PIECE = 8
"""What is not parted has no more characters, but in a text in which ``_UNPARTED`` is found."""
_MARKED = re.escape("".join(sorted(_WORD | _OPENING | _CLOSING)))
_UNPARTED = re.compile(f"(?:[{_MARKED}]|(?<=[{re.escape(''.join(sorted(_OPENING)))}]).){{{_PIECE - 1}}}")


def wrap(text: str, width: float, size: float) -> list[str]:
    """Cut a text into the lines that it takes in ``width`` points.

    Joined again they are the text, letter for letter: a line that ends by itself keeps its line feed.
    """
    room = width / size - _SAFETY
    *others, last = text.split("\n")
    lines: list[str] = []
    for paragraph in others:
        lines += _wrapped(paragraph, room)
        lines[-1] += "\n"
    return lines + _wrapped(last, room)


def _wrapped(text: str, room: float) -> list[str]:
    """Cut a paragraph into lines of ``room`` characters' widths."""
    ends = _ends(text, room)
    return [text[start:end] for start, end in pairwise((0, *ends))]


def _ends(text: str, room: float) -> Sequence[int]:
    """Say where each line of a paragraph ends."""
    reached = list(accumulate(map(_EMS.__getitem__, text)))
    if not reached or reached[-1] <= room:
        return (len(text),)
    ends, start, before = [], 0, 0.0
    while reached[-1] - before > room:
        fits = bisect_right(reached, before + room, lo=start)
        start = _end(text, start, fits)
        if start == len(text):
            break
        ends.append(start)
        before = reached[start - 1]
    return (*ends, len(text))


def _end(text: str, start: int, fits: int) -> int:
    """End a line before the last piece that no longer fits, ``fits`` the first character that does not.

    Spaces hang over the end of a line; a piece that has a line to itself and is too long is parted anywhere.
    """
    if text[fits] in _BLANK:
        return next((at for at in range(fits, len(text)) if text[at] not in _BLANK), len(text))
    whole = next((at for at in range(fits, start, -1) if _parts(text, at)), None)
    return max(fits, start + 1) if whole is None else whole


def _parts(text: str, at: int) -> bool:
    """Tell whether a line may end before a character."""
    before, after = text[at - 1], text[at]
    if before in _BLANK:
        return True
    if after in _CLOSING or before in _OPENING:
        return False
    if after not in _WORD:
        return True
    return before not in _WORD and not (before in ".,:" and after.isdecimal())


def sure_to_fit(width: float, size: float) -> int:
    """Give how many characters fit into ``width`` points on one line, whichever they are."""
    return max(0, int(width / size - _SAFETY))


def lines_height(lines: int, size: float) -> float:
    """Give the height of a row with that many lines, in points."""
    return lines * size * _LINE + _PADDING


def lines_within(height: float, size: float) -> int:
    """Give how many lines a row of that height holds; at least one, so that cutting comes to an end."""
    return max(1, int((height - _PADDING) / (size * _LINE)))


@lru_cache(maxsize=4096)  # a task's text stands beside each of its entries
def text_height(text: str, width: float, size: float) -> float:
    """Give the height of a row that shows all of a text in ``width`` points."""
    room = width / size - _SAFETY
    return lines_height(sum(len(_ends(paragraph, room)) for paragraph in text.split("\n")), size)


def surely_within(text: str, room: float, lines: int) -> bool:
    """Tell at once of most texts without line feeds whether they take no more than so many lines.

    ``room`` is what each line surely holds, as ``sure_to_hold`` gives it.  False says nothing.
    """
    return len(text) * _WIDEST <= room * lines and not _UNPARTED.search(text)


def sure_to_hold(width: float, size: float) -> float:
    """Give how many characters' widths a line that is not the last surely takes, however it ends."""
    return width / size - _SAFETY - _PIECE * _WIDEST


def rejoin(lines: Sequence[str]) -> str:
    """Make one cell's text of some of the lines that ``wrap`` gave."""
    return "".join(lines).removesuffix("\n")


def cut(text: str, longest: int = LONGEST_TEXT) -> list[str]:
    """Cut a text into pieces that a cell can hold; joined again they are the text.

    Excel counts UTF-16 units, so a character outside the first plane counts twice.
    """
    if len(text) * 2 <= longest or len(text.encode("utf-16-le")) // 2 <= longest:
        return [text]
    half = longest // 2
    return [text[start : start + half] for start in range(0, len(text), half)]


def stacked(label: str, width: float, size: float) -> str:
    """Break a column's head where it reads best: before a bracket, and a word too wide for it into halves."""
    lines = [part for line in label.split("\n") for part in line.replace("(", "\n(").split("\n") if part]
    return "\n".join(_halved(line, width - _SAFETY * size, size) for line in lines)


def _halved(line: str, width: float, size: float) -> str:
    if text_points(line, size) <= width or text_points(line, size) > width * 2 or line.isascii():
        return line
    middle = -(-len(line) // 2)
    return f"{line[:middle]}\n{line[middle:]}"


def shortened_to(text: str, lines: int, width: float, size: float) -> str:
    """Give a text as it is where it fits into so many lines, else its beginning, showing that it goes on."""
    found = wrap(text, width, size)
    if len(found) <= lines:
        return text
    kept = rejoin(found[:lines])[:-1]
    while kept and len(wrap(kept + "…", width, size)) > lines:
        kept = kept[:-1]
    return kept + "…"


def runs(keys: Sequence[object]) -> list[tuple[int, int]]:
    """Give first and last index of each run of equal neighbours: ``aab`` is ``[(0, 1), (2, 2)]``."""
    starts = [index for index, key in enumerate(keys) if index == 0 or key != keys[index - 1]]
    return [(first, after - 1) for first, after in pairwise([*starts, len(keys)])]
