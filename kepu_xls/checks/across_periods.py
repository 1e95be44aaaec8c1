"""One period held against those before: what falls, shrinks, goes back, is said again.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from kepu_xls.checks.silence import silent_tasks
from kepu_xls.checks.stages import stage_field
from kepu_xls.checks.wording import likeness, normalised, says_nothing, spoken
from kepu_xls.config import CheckSettings
from kepu_xls.messages import finding
from kepu_xls.model import Answer, Entry, Field, FieldType, Finding, OpenPeriod, Place, Record, Scalar

History = Sequence[tuple[OpenPeriod, Sequence[Entry]]]
"""Earlier periods with the entries that counted, newest first, under the units' present names."""

_ROUGHLY = 0.1
"""By which part an approximate number may differ from another before it is less."""
_ROUNDING = 1e-9
_A_HABIT = 4
"""So many totals that shrank in one column are one mistake: the unit gave this period's figures."""


class _Told(Record, frozen=True):
    """What a unit said last on a task, under one field, and when."""

    period: str
    sheet: str
    answer: Answer

    def __str__(self) -> str:
        """``2019-W11 进展填报表 › H8``."""
        place = str(Place(sheet=self.sheet, cell=self.answer.cell)) if self.answer.cell else ""
        return f"{self.period} {place}".rstrip()


class _Row(Record, frozen=True):
    """A row of this period, what its unit said last by field key, and what the checks go by.

    ``stage``: the field whose choices are the stages.
    """

    entry: Entry
    before: dict[str, _Told]
    file: str
    opened: OpenPeriod
    stage: Field | None
    settings: CheckSettings

    def finding(self, code: str, field: Field, **details: object) -> Finding:
        """Make a finding at the row's cell under a field."""
        cell = self.entry.answers[field.key].cell
        place = Place(self.file, self.entry.sheet, cell)
        where = self.before[field.key]
        names = {"label": field.label, "where": where, **details}
        return finding(code, place, unit=self.entry.unit, task=self.entry.task, **names)

    def numbers(self, field: Field) -> dict[str, object]:
        """Give what was told before and what is told now, as they are written."""
        sign = "%" if field.type is FieldType.PERCENT else ""
        old, new = self.before[field.key].answer.value, self.entry.value(field.key)
        return {"old": f"{_written(old)}{sign}", "new": f"{_written(new)}{sign}"}


def check_across_periods(
    opened: OpenPeriod,
    entries: Sequence[Entry],
    history: History,
    files: Mapping[str, str],
    settings: CheckSettings,
) -> tuple[Finding, ...]:
    """Find what contradicts or repeats what the same unit said before, and tasks that fell silent.

    ``files``: unit → the file that counts now.  A value is held against the last one that its unit gave for
    that task and field, in whatever earlier period.  What was taken over by 本期无变化 is no finding.
    """
    stage = stage_field(opened, settings)
    before = _last_told(opened, history)
    rows = [
        _Row(one, before[one.unit, one.task], files.get(one.unit, ""), opened, stage, settings)
        for one in entries
        if (one.unit, one.task) in before
    ]
    fields = [field for field in opened.fields if _has_a_course(field, stage, settings)]
    found = (one for row in rows for one in _against_before(row, fields))
    totals = (
        one
        for field in opened.fields
        if field.key in settings.cumulative
        for one in _shrunk_totals(rows, field)
    )
    return (*found, *totals, *silent_tasks(opened, entries, history, files, settings))


def _last_told(opened: OpenPeriod, history: History) -> dict[tuple[str, str], dict[str, _Told]]:
    """Gather each unit's last answers: (unit, task) → field key → what was said last."""
    told: dict[tuple[str, str], dict[str, _Told]] = {}
    for past, entries in history:
        kept = {one.key for one in opened.fields if _same_question(one, past.field(one.key))}
        for entry in entries:
            mine = told.setdefault((entry.unit, entry.task), {})
            for key, answer in entry.answers.items():
                if key in kept and key not in mine and answer.value is not None:
                    mine[key] = _Told(past.period, entry.sheet, answer)
    return told


def _has_a_course(field: Field, stage: Field | None, settings: CheckSettings) -> bool:
    """Tell whether a field is held against its past row by row: percentages, the stage, the texts."""
    return field.type is FieldType.PERCENT or field is stage or field.key in settings.texts


def _same_question(now: Field, then: Field | None) -> bool:
    return then is not None and then.type is now.type


def _against_before(row: _Row, fields: Iterable[Field]) -> Iterator[Finding]:
    for field in fields:
        new = row.entry.answers.get(field.key)
        if field.key not in row.before or new is None or new.value is None or new.carried:
            continue
        if field.type is FieldType.PERCENT:
            if _is_less(row, field):
                yield row.finding("progress-fell", field, **row.numbers(field))
        elif field.key in row.settings.texts:
            if not row.entry.unchanged and not _done(row):
                yield from _repeated(row, field)
        else:
            yield from _went_back(row, field)


def _is_less(row: _Row, field: Field) -> bool:
    """Tell whether a row gives itself less than was told before; approximate numbers need be well below."""
    new, old = row.entry.answers.get(field.key), row.before[field.key].answer
    if new is None or new.carried:
        return False
    if not (isinstance(new.value, int | float) and isinstance(old.value, int | float)):
        return False
    slack = _ROUGHLY * abs(old.value) if new.approximate or old.approximate else _ROUNDING
    return new.value < old.value - slack


def _shrunk_totals(rows: Iterable[_Row], field: Field) -> Iterator[Finding]:
    """Tell of totals that shrank under a field, unit by unit."""
    shrunk: dict[str, list[_Row]] = {}
    for row in rows:
        if field.key in row.before and _is_less(row, field):
            shrunk.setdefault(row.entry.unit, []).append(row)
    for mine in shrunk.values():
        yield from _shrank(mine, field)


def _shrank(rows: Sequence[_Row], field: Field) -> Iterator[Finding]:
    """Tell of a unit's totals cell by cell, but once where it has misread the whole column."""
    if len(rows) < _A_HABIT:
        yield from (row.finding("total-shrank", field, **row.numbers(field)) for row in rows)
        return
    tasks = "、".join(row.entry.task for row in rows)
    yield rows[0].finding(
        "totals-shrank",
        field,
        count=len(rows),
        tasks=tasks,
        first=rows[0].entry.task,
        **rows[0].numbers(field),
    )


def _went_back(row: _Row, field: Field) -> Iterator[Finding]:
    """Tell of a stage before the last one told; from the final stage any other is a way back."""
    new, old = row.entry.value(field.key), row.before[field.key].answer.value
    stages = row.settings.stages
    ranks = {stage: rank for rank, stage in enumerate(stages)}
    after_all = old == stages[-1] and new != old
    if after_all or (old in ranks and new in ranks and ranks[str(new)] < ranks[str(old)]):
        yield row.finding("status-went-back", field, old=old, new=new)


def _done(row: _Row) -> bool:
    """Tell whether the task was done before and still is: there is nothing new to be said of it."""
    if row.stage is None or row.stage.key not in row.before:
        return False
    final = row.settings.stages[-1]
    return row.entry.value(row.stage.key) == final == row.before[row.stage.key].answer.value


def _repeated(row: _Row, field: Field) -> Iterator[Finding]:
    new = normalised(str(row.entry.value(field.key)))
    settings = row.settings
    if len(new) < settings.repeated_length or says_nothing(new, settings.empty_phrases, settings.fillers):
        return
    score = max(likeness(new, old, settings.alike) for old in _wordings(row, field))
    if score:
        yield row.finding("text-repeated", field, likeness=spoken(score))


def _wordings(row: _Row, field: Field) -> tuple[str, str]:
    """Give the last text, and as the form's 上期进展 shows it: after the status and the percentage."""
    text = normalised(str(row.before[field.key].answer.value))
    head = [
        _written(row.before[one.key].answer.value)
        for one in row.opened.fields
        if one.key in row.before and (one is row.stage or one.type is FieldType.PERCENT)
    ]
    return text, normalised("".join(head)) + text


def _written(value: Scalar) -> str:
    return f"{value:.10g}" if isinstance(value, int | float) else str(value)
