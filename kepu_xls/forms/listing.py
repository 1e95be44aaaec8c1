"""What the list of a return copy says: a line for each fault, errors first, with the way to its cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter

from kepu_xls import identity
from kepu_xls.forms import marks, questions
from kepu_xls.forms.content import FormContent
from kepu_xls.forms.faults import Fault
from kepu_xls.forms.mould import Row
from kepu_xls.forms.places import CellPlace
from kepu_xls.forms.shape import HEADING, LINE
from kepu_xls.model import Record

FIRST_ROW = 6
"""The row below the header."""

_AREAS_ABOVE = 4
"""Merged areas above the header: the title and three lines of text."""
_LAST_LETTER = "I"
_LONGEST_QUOTE = 80
_REMINDERS = "提醒：下列各处请顺便核对；确实没有问题的，可以不改。"
_LOST = "（原表{place}，没有带进本表）"
_FOOT, _ROW = "表尾", "整行"


class Line(Record, frozen=True):
    """A line of the list: the fault, and its cell in the return copy, None where it has none."""

    fault: Fault
    cell: CellPlace | None

    @property
    def order(self) -> tuple[bool, tuple[str, int, int]]:
        """Order as in the form; what has no cell comes last."""
        return (True, ("", 0, 0)) if self.cell is None else (False, self.cell.order)


class Listing:
    """The list of one return copy."""

    def __init__(self, form: FormContent, lines: Iterable[Line]) -> None:
        self._labels = {field.key: field.label for field in (*form.fields, *form.form_fields)}
        lines = sorted(lines, key=attrgetter("order"))
        self.errors = [line for line in lines if line.fault.is_error]
        self._reminders = [line for line in lines if not line.fault.is_error]

    @property
    def rows(self) -> list[Row]:
        """Give the rows below the header."""
        rows = self._block(self.errors)
        if self._reminders:
            rows.append(Row(HEADING, {questions.REMINDERS: _REMINDERS}))
            rows += self._block(self._reminders)
        return rows

    @property
    def holes(self) -> dict[str, str]:
        """Give what else there is in the sheet's XML: links, and the merged cells of the heading."""
        heading = FIRST_ROW + len(self.errors)
        numbered = (*enumerate(self.errors, FIRST_ROW), *enumerate(self._reminders, heading + 1))
        links = "".join(
            f'<hyperlink ref="C{row}" location="\'{line.cell.sheet}\'!{line.cell.address}"/>'
            for row, line in numbered
            if line.cell is not None
        )
        merged = f'<mergeCell ref="B{heading}:{_LAST_LETTER}{heading}"/>' if self._reminders else ""
        return {
            questions.LINKS: f"<hyperlinks>{links}</hyperlinks>" if links else "",
            questions.MERGED: merged,
            questions.MERGED_COUNT: str(_AREAS_ABOVE + bool(merged)),
        }

    def _block(self, lines: Sequence[Line]) -> list[Row]:
        """Give the rows of some lines, numbered from 1."""
        flagged = frozenset((questions.ADDRESS,))
        return [
            Row(LINE, self._words(number, line), frozenset() if line.cell is None else flagged)
            for number, line in enumerate(lines, 1)
        ]

    def _words(self, number: int, line: Line) -> marks.Words:
        told, spot = line.fault.finding, line.fault.spot
        task, label = told.task, ""
        if spot is not None:
            task = spot.task or _FOOT
            label = self._labels.get(spot.key) or spot.indicator or _ROW
        return {
            str(marks.RUNNING): number,
            questions.ADDRESS: _address(line.cell),
            questions.ABOUT: task,
            questions.LABEL: label,
            questions.ENTERED: _entered(line),
            questions.MESSAGE: told.message,
            questions.REMEDY: told.remedy,
        }


def _entered(line: Line) -> str:
    """Quote what was entered, cut short: the whole stands in the cell."""
    if line.cell is None:
        place = line.fault.finding.place
        where = " › ".join(part for part in (place.sheet, place.cell) if part)
        return _LOST.format(place=f" {where} " if where else "")
    text = line.fault.entered
    return text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 1]}…"


def _address(cell: CellPlace | None) -> str:
    if cell is None:
        return "—"
    sheet = "" if cell.sheet == identity.FORM_SHEET else f"{cell.sheet} "
    return f"{sheet}{cell.address}"
