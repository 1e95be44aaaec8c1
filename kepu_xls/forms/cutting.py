"""A blank form's XML as texts with holes: each hole is a row to be filled, or all rows of a kind."""

from __future__ import annotations

import re

from kepu_xls import identity
from kepu_xls.forms import marks, notes
from kepu_xls.forms.blank import Blank
from kepu_xls.forms.questions import LINKS, MERGED, MERGED_COUNT, flagged_on
from kepu_xls.forms.shape import HEADING
from kepu_xls.forms.slots import SlotRow, slot_row
from kepu_xls.model import Record

HOLE = re.compile("\x01(.*?)\x01")
"""A hole, and its name."""

_IN_XML = (".xml", ".rels", ".vml")
_REFERENCE = re.compile(r"&#(\d{3,});")
_LAST_OF_ASCII = 127
_MERGED = re.compile(r"(?<=<mergeCells )([^>]*>)(.*?)(?=</mergeCells>)", re.DOTALL)
_AREA = re.compile(r'<mergeCell ref="([A-Z]+)(\d+).*?(?:/>|</mergeCell>)')
_ROW = re.compile(r'<row ([^>]*?\br="(\d+)"[^>]*?)(?:/>|>(.*?)</row>)', re.DOTALL)
_MADE = re.compile(r"(<dcterms:(?:created|modified)\b[^>]*>)[^<]*")
_LINKS = re.compile(r"<hyperlinks\b.*?</hyperlinks>", re.DOTALL)
_COUNT = re.compile(r'(?<=<mergeCells count=")\d+')
_FIRST_RULE = re.compile(r'(<conditionalFormatting sqref=")[^"]*(?=")')


class Cut(Record, frozen=True):
    """A blank cut up: ``texts`` by part, ``rows`` by part and hole (number and pattern), and other parts.

    ``notes``: the samples of a note on each sheet that has some.
    """

    texts: dict[str, str]
    rows: dict[str, dict[str, tuple[int, SlotRow]]]
    notes: dict[str, notes.Sample]
    others: dict[str, bytes]


def cut(blank: Blank, noted: tuple[str, ...] | None) -> Cut:
    """Cut a blank up."""
    texts = {name: _text(data) for name, data in blank.parts.items() if name.endswith(_IN_XML)}
    rows: dict[str, dict[str, tuple[int, SlotRow]]] = {}
    for title, name in blank.sheets.items():
        texts[name], rows[name] = _without_rows(texts[name], blank, title)
    samples = {}
    for title in noted or ():
        name = blank.sheets[title]
        texts[name] = _FIRST_RULE.sub(f"\\g<1>\x01{flagged_on(title)}\x01", texts[name], count=1)
        samples[title] = notes.cut(texts, name)
    if noted is not None:
        _cut_list(texts, blank)
    return Cut(texts, rows, samples, {name: data for name, data in blank.parts.items() if name not in texts})


def _cut_list(texts: dict[str, str], blank: Blank) -> None:
    """Put holes into the list of a return copy."""
    name = blank.sheets[identity.RETURN_SHEET]
    heading = next(row for row, kind in blank.kinds[identity.RETURN_SHEET].items() if kind == HEADING)
    text = _COUNT.sub(f"\x01{MERGED_COUNT}\x01", _LINKS.sub(f"\x01{LINKS}\x01", texts[name]))
    texts[name] = re.sub(rf'<mergeCell ref="B{heading}:[^>]*>', f"\x01{MERGED}\x01", text)


def _text(data: bytes) -> str:
    """Give a part's text with its characters as such, and what has no order in a fixed one."""

    def character(reference: re.Match[str]) -> str:
        code = int(reference[1])
        return chr(code) if code > _LAST_OF_ASCII else reference[0]

    text = _REFERENCE.sub(character, data.decode().removeprefix("\ufeff"))
    text = marks.with_days_marked(_MADE.sub(rf"\g<1>{marks.MADE}", text))
    return _MERGED.sub(lambda merged: merged[1] + "".join(_in_order(merged[2])), text)


def _in_order(merged: str) -> list[str]:
    areas = [(int(one[2]), len(one[1]), one[1], one[0]) for one in _AREA.finditer(merged)]
    return [written for *_, written in sorted(areas)]


def _without_rows(text: str, blank: Blank, title: str) -> tuple[str, dict[str, tuple[int, SlotRow]]]:
    """Put holes in place of a sheet's rows that are filled."""
    facts, kinds = blank.rows[title], blank.kinds.get(title, {})
    rows: dict[str, tuple[int, SlotRow]] = {}

    def hole(row: re.Match[str]) -> str:
        number = int(row[2])
        if number not in facts:
            return row[0]
        key = kinds.get(number) or f"row {len(rows)}"
        if key in rows:
            return ""  # one of a kind stands for all
        rows[key] = (number, slot_row(row[1], row[3] or "", facts[number]))
        return f"\x01{key}\x01"

    return _ROW.sub(hole, text), rows
