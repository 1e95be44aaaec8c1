"""Marking the cells of a return copy that have to be put right: colour, frame, and a note that says why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Border, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.worksheet.worksheet import Worksheet

from kepu_xls.forms import cells, heights
from kepu_xls.forms.answers import Places
from kepu_xls.forms.faults import Fault, Spot

_COLOUR = "FFFFC000"
_FILL = PatternFill("solid", fgColor=_COLOUR, bgColor=_COLOUR)  # a conditional one shows its background
_EDGE = Side(style="medium", color="FFC00000")
_FRAME = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)

_NOTE_WIDTH, _NOTE_LINE, _NOTE_MARGIN = 280, 18, 16  # pixels
_NOTE_CHARACTERS, _NOTE_SIZE = 38.0, 10.0


def mark(places: Places, faults: Iterable[Fault], author: str) -> None:
    """Mark the cell of each error; one cell with several errors has them all in one note."""
    by_spot: dict[Spot, list[Fault]] = {}
    for fault in faults:
        if fault.is_error and fault.spot is not None:
            by_spot.setdefault(fault.spot, []).append(fault)
    marked: dict[str, list[Cell]] = {}
    for spot, group in by_spot.items():
        if (cell := places.cell(spot)) is not None:
            cell.fill, cell.border = _FILL, _FRAME
            cell.comment = _note(group, author)
            marked.setdefault(cell.parent.title, []).append(cell)
    for some in marked.values():
        _keep_colour(cast(Worksheet, some[0].parent), some)


def _note(faults: Iterable[Fault], author: str) -> Comment:
    lines = [f"{one.finding.message}。\n→ {one.finding.remedy}" for one in faults]
    text = cells.storable("\n".join(lines))
    high = heights.line_count(text, _NOTE_CHARACTERS, _NOTE_SIZE) * _NOTE_LINE + _NOTE_MARGIN
    return Comment(text, author, height=high, width=_NOTE_WIDTH)


def _keep_colour(sheet: Worksheet, marked: Iterable[Cell]) -> None:
    """Put the mark before the shade that a form gives to empty required cells.

    Excel goes by a rule's priority, LibreOffice by its place in the file: so all others go behind it in both.
    """
    shades = [(area.sqref, rule) for area in sheet.conditional_formatting for rule in area.rules]
    always = Rule(type="expression", stopIfTrue=True, formula=["TRUE"], dxf=DifferentialStyle(fill=_FILL))
    sheet.conditional_formatting = ConditionalFormattingList()
    sheet.conditional_formatting.add(" ".join(cell.coordinate for cell in marked), always)
    for area, rule in shades:
        rule.priority = 0  # given anew by the list
        sheet.conditional_formatting.add(str(area), rule)
