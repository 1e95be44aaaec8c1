"""How cells look that have to be put right: colour and frame, before the shade of what is missing."""

from __future__ import annotations

from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Border, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.worksheet.worksheet import Worksheet

from kepu_xls.forms import cells, notes

_COLOUR = "FFFFC000"
_FILL = PatternFill("solid", fgColor=_COLOUR, bgColor=_COLOUR)  # a conditional one shows its background
_EDGE = Side(style="medium", color="FFC00000")
_FRAME = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)


def flag(cell: Cell) -> None:
    """Give a cell the look of one that has to be put right."""
    cell.fill, cell.border = _FILL, _FRAME


def flagged_style(cell: Cell) -> int:
    """Give the number of the style that a cell has once it is flagged; the cell stays as it is."""
    return cells.style_once(cell, flag)


def annotate(cell: Cell, text: str, author: str) -> None:
    """Say in a note what is wrong with a cell."""
    cell.comment = Comment(text, author, height=notes.height_of(text), width=notes.WIDTH)


def keep_colour(sheet: Worksheet, flagged: str) -> None:
    """Put the mark of flagged cells before the shade that a form gives to empty required ones.

    Excel goes by a rule's priority, LibreOffice by its place in the file: so all others go behind it in both.
    """
    shades = [(area.sqref, rule) for area in sheet.conditional_formatting for rule in area.rules]
    always = Rule(type="expression", stopIfTrue=True, formula=["TRUE"], dxf=DifferentialStyle(fill=_FILL))
    sheet.conditional_formatting = ConditionalFormattingList()
    sheet.conditional_formatting.add(flagged, always)
    for area, rule in shades:
        rule.priority = 0  # given anew by the list
        sheet.conditional_formatting.add(str(area), rule)
