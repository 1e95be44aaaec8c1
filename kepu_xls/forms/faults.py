"""From what was found in a unit's file to the questions of its form that are meant.  Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from kepu_xls.forms import texts
from kepu_xls.forms.content import FormContent
from kepu_xls.messages import finding
from kepu_xls.model import Finding, Record, Severity, Submission

_ASKED_AGAIN = ("required-column-missing", "form-field-missing")
"""Findings that name no cell, because there was none in the unit's file; in a fresh form there is one."""


class ReturnContent(Record, frozen=True):
    """What a return copy is made of: the form, what the unit said in it, and what is wrong with that.

    ``cutoff``: when no more is taken.
    """

    form: FormContent
    submission: Submission
    findings: tuple[Finding, ...]
    cutoff: datetime


class Spot(Record, frozen=True):
    """A question of a form, wherever it stands.

    ``task`` and ``key``: a field of a task's row; ``key`` alone: a form-level field; ``task`` and
    ``indicator``: the figure of an indicator; ``task`` alone: the row as a whole.
    """

    task: str = ""
    key: str = ""
    indicator: str = ""


class Fault(Record, frozen=True):
    """A finding, the question that it is about (None: nothing of the form) and what was entered there."""

    finding: Finding
    spot: Spot | None
    entered: str = ""

    @property
    def is_error(self) -> bool:
        """Tell an error, which has to be put right, from a warning."""
        return self.finding.severity is Severity.ERROR


def find_faults(content: ReturnContent) -> tuple[Fault, ...]:
    """Tie findings to the form's questions: all errors, and the warnings that are about one of them.

    An answer longer than a cell can hold is told, too, because the copy has not all of it.
    """
    spots = _Spots(content)
    told = [one for one in content.findings if one.severity is not Severity.INFO]
    without_cell = {one.code for one in told if one.code in _ASKED_AGAIN and not one.place.cell}
    tied = [spots.fault(one) for one in told if one.place.cell or one.code not in without_cell]
    again = [one for one in _asked_again(content) if _code_told(one) in without_cell]
    faults = (*tied, *again, *_cut_short(content))
    return tuple(one for one in faults if one.is_error or one.spot is not None)


def _code_told(fault: Fault) -> str:
    """Give the code that stands for this fault where the unit's file had no cell for it."""
    return _ASKED_AGAIN[0] if fault.spot and fault.spot.task else _ASKED_AGAIN[1]


def _asked_again(content: ReturnContent) -> Iterator[Fault]:
    """Find what is required and had no cell in the unit's file."""
    unit, roles = content.form.identity.unit, {role for _, role in content.form.duties}
    for entry in content.submission.entries:
        for field in content.form.fields:
            if field.required.covers(entry.role) and field.key not in entry.answers and not entry.unchanged:
                told = finding(
                    "required-missing", unit=unit, task=entry.task, label=field.label, role=entry.role.label
                )
                yield Fault(told, Spot(entry.task, field.key))
    for field in content.form.form_fields:
        if field.key not in content.submission.form_answers and any(map(field.required.covers, roles)):
            yield Fault(finding("form-field-missing", unit=unit, label=field.label), Spot(key=field.key))


def _cut_short(content: ReturnContent) -> Iterator[Fault]:
    """Find the texts of which the copy can only hold the beginning."""
    submission, unit = content.submission, content.form.identity.unit
    answers = [(Spot(key=key), answer.raw) for key, answer in submission.form_answers.items()]
    for entry in submission.entries:
        answers += [(Spot(entry.task, key), answer.raw) for key, answer in entry.answers.items()]
    for one in submission.indicator_values:
        spot = Spot(one.task, indicator=one.indicator)
        answers += [(spot, one.answer.raw), (spot, one.note)]
    for spot, raw in answers:
        if not texts.fits(raw):
            told = finding("return-text-cut", unit=unit, task=spot.task, length=len(raw), limit=texts.LONGEST)
            yield Fault(told, spot, raw)


class _Spots:
    """The questions by the cells of the unit's own file."""

    def __init__(self, content: ReturnContent) -> None:
        submission = content.submission
        self._tasks = {task.number for task, _ in content.form.duties}
        self._cells: dict[tuple[str, str], dict[str, tuple[Spot, str]]] = {}
        for entry in submission.entries:
            for key, answer in entry.answers.items():  # a merged cell answers for several tasks
                here = self._cells.setdefault((entry.sheet, answer.cell), {})
                here[entry.task] = (Spot(entry.task, key), answer.raw)
        for sheet in {entry.sheet for entry in submission.entries}:
            for key, answer in submission.form_answers.items():
                self._cells.setdefault((sheet, answer.cell), {"": (Spot(key=key), answer.raw)})
        self._figures = {
            (one.task, one.answer.cell): (Spot(one.task, indicator=one.indicator), one.answer.raw)
            for one in submission.indicator_values
        }

    def fault(self, told: Finding) -> Fault:
        """Tie a finding to the question at its cell, else to its task's row."""
        cell = told.place.cell
        here = self._cells.get((told.place.sheet, cell), {})
        first = next(iter(here.values()), None)
        found = here.get(told.task) or first or self._figures.get((told.task, cell))
        if cell and found:
            return Fault(told, *found)
        return Fault(told, Spot(told.task) if told.task in self._tasks else None)
