"""What is filled into a mould to make a return copy: the form, answers in it, what is wrong with them."""

from __future__ import annotations

from kepu_xls.forms import marks, questions
from kepu_xls.forms.answers import shown_answers
from kepu_xls.forms.content import moment
from kepu_xls.forms.faults import Fault, ReturnContent, Spot, find_faults
from kepu_xls.forms.filling import rows_of
from kepu_xls.forms.listing import Line, Listing
from kepu_xls.forms.mould import Filling, Mould, Row
from kepu_xls.forms.notes import Note, text_of
from kepu_xls.forms.places import CellPlace, Questions, Where
from kepu_xls.forms.shape import HEADING, LINE

_Key = tuple[str, int]
"""A row by kind and index; the form's own by an empty kind."""


class Asked:
    """The questions of a return copy, and which of them are at fault."""

    def __init__(self, content: ReturnContent) -> None:
        self._content, self._questions = content, Questions(content.form)
        self._faults = find_faults(content)
        self._flagged: dict[Where, list[Fault]] = {}
        for fault in self._faults:
            where = self._questions.where(fault.spot) if fault.is_error and fault.spot else None
            if where is not None:
                self._flagged.setdefault(where, []).append(fault)

    @property
    def noted(self) -> tuple[str, ...]:
        """Name the sheets on which cells are flagged."""
        sheets = {where.sheet for where in self._flagged}
        return tuple(sheet for sheet in questions.SHEETS if sheet in sheets)

    def filled(self, mould: Mould, fingerprint: str) -> tuple[Filling, dict[str, list[Note]]]:
        """Give what is filled into a mould of its shape, and the notes on each sheet."""
        listed = len(self._faults) + any(not one.is_error for one in self._faults)
        counts = marks.Size.of(self._content.form, listed).counts

        def cell(where: Where) -> CellPlace:
            return CellPlace(where.sheet, *mould.place(where, counts))

        spots = {fault.spot for fault in self._faults if fault.spot is not None}
        places = {spot: cell(where) for spot in spots if (where := self._questions.where(spot))}
        lines = [Line(one, places.get(one.spot) if one.spot else None) for one in self._faults]
        listing = Listing(self._content.form, lines)
        notes: dict[str, list[Note]] = {}
        for where, faults in self._flagged.items():
            notes.setdefault(where.sheet, []).append(Note(cell(where), text_of(faults)))
        flagged = {
            questions.flagged_on(sheet): " ".join(
                one.cell.address for one in sorted(some, key=lambda note: note.cell.order)
            )
            for sheet, some in notes.items()
        }
        rows = self._rows(spots, since_1904=mould.pattern.since_1904)
        whole = self._whole(len(listing.errors), fingerprint)
        (form,) = rows.pop("")
        filling = Filling(
            counts=counts,
            form=Row("", {**form.words, **whole}, form.flagged),
            rows=rows | {LINE: listing.rows, HEADING: []},
            holes=flagged | listing.holes,
        )
        return filling, notes

    def _rows(self, doubted: set[Spot], *, since_1904: bool) -> dict[str, list[Row]]:
        """Give the rows of tasks and indicators with their answers; under an empty kind, the form's own."""
        content = self._content
        form = content.form
        marks_of = questions.marks_of(form.fields, form.form_fields)
        empty: dict[str, str | float] = dict.fromkeys(
            (*marks_of.values(), questions.FIGURE, questions.REMARK), ""
        )
        words = {kind: [{**empty, **one} for one in some] for kind, some in rows_of(form).items()}
        words[""] = [{**empty}]
        for spot, value in shown_answers(content, doubted, since_1904=since_1904).items():
            if where := self._questions.where(spot):
                words[where.kind][where.index][where.mark] = value
        for one in content.submission.indicator_values:
            if where := self._questions.where(Spot(one.task, indicator=one.indicator)):
                words[where.kind][where.index][questions.REMARK] = one.note
        flags: dict[_Key, set[str]] = {}
        for where in self._flagged:
            flags.setdefault((where.kind, where.index), set()).add(where.mark)
        return {
            kind: [Row(kind, one, flags.get((kind, index), frozenset())) for index, one in enumerate(some)]
            for kind, some in words.items()
        }

    def _whole(self, errors: int, fingerprint: str) -> marks.Words:
        """Give what the marks of the whole copy stand for."""
        return {
            **marks.form_words(self._content.form),
            questions.ERRORS: str(errors),
            questions.CUTOFF: moment(self._content.cutoff),
            questions.FINGERPRINT: fingerprint,
        }
