"""Units held against each other: copied texts, leads that differ, participants ahead, activities told twice.

Pure.  A pair of units is one finding, at the place of the one that comes later: the participant rather than
the lead, then by the plan's order; what a unit took over from the period before always comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from kepu_xls.checks.shared_texts import Shared, Text, keys_of, shared_texts
from kepu_xls.checks.stages import stage_field
from kepu_xls.checks.text_sieve import telling
from kepu_xls.checks.wording import spoken
from kepu_xls.config import CheckSettings
from kepu_xls.messages import finding
from kepu_xls.model import (
    Entry,
    Field,
    FieldType,
    Finding,
    MergeRule,
    OpenPeriod,
    Place,
    Record,
    Role,
    Scalar,
    number_key,
)

_TWICE = "activity-counted-twice"


class _Desk(Record, frozen=True):
    """What the checks go by: the period's questions, which file each unit's rows are in, the measures."""

    opened: OpenPeriod
    files: Mapping[str, str]
    settings: CheckSettings

    def place(self, entry: Entry, key: str) -> Place:
        """Say where a row's answer under a field stands."""
        return Place(self.files.get(entry.unit, ""), entry.sheet, entry.answers[key].cell)

    def finding(
        self, code: str, later: tuple[Entry, str], earlier: tuple[Entry, str], **details: object
    ) -> Finding:
        """Make a finding at a row's answer (row, field key) that names another unit's answer."""
        entry, other = later[0], earlier[0]
        names = {"other": other.unit, "where": self.place(*earlier), **details}
        return finding(code, self.place(*later), unit=entry.unit, task=entry.task, **names)


def check_tasks(
    opened: OpenPeriod, entries: Iterable[Entry], files: Mapping[str, str], settings: CheckSettings
) -> tuple[Finding, ...]:
    """Find where units contradict each other in some tasks, or count the same activity twice.

    ``entries``: all that count of these tasks; ``files``: unit → the file that counts.  What was taken over
    by 本期无变化 is no finding, but what others say now is held against it.
    """
    desk = _Desk(opened, files, settings)
    tasks: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=_precedence(opened)):
        tasks.setdefault(entry.task, []).append(entry)
    counts = _counts(opened)
    pairs = (pair for rows in tasks.values() if len(counts) > 1 for pair in _same_counts(counts, rows))
    return (
        *_counted_twice(desk, pairs, frozenset()),
        *(one for mine in tasks.values() for one in _contradictions(desk, mine)),
    )


def check_texts(
    opened: OpenPeriod,
    entries: Iterable[Entry],
    files: Mapping[str, str],
    settings: CheckSettings,
    told: Iterable[Finding],
) -> tuple[Finding, ...]:
    """Find texts that several units give as their own; ``told``: what ``check_tasks`` found.

    ``entries``: those whose texts may be somebody else's too, as the marks tell, or all.
    """
    desk = _Desk(opened, files, settings)
    rows = sorted(entries, key=_precedence(opened))
    fields = [field for field in opened.fields if field.key in settings.texts]
    shared = [(field, one) for field in fields for one in _shared(desk, field, rows)]
    counted = frozenset((one.unit, one.task) for one in told if one.code == _TWICE)
    pairs = ((one.earlier.entry, one.later.entry) for _, one in shared)
    more = _counted_twice(desk, pairs, counted)
    twice = counted | {(one.unit, one.task) for one in more}
    return (*(_copied(desk, field, one) for field, one in shared if not _joint(one, twice)), *more)


def _counts(opened: OpenPeriod) -> list[Field]:
    return [one for one in opened.fields if one.type is FieldType.INTEGER and one.merge is MergeRule.SUM]


def _joint(shared: Shared, twice: Collection[tuple[str, str]]) -> bool:
    """Tell whether a shared text is already told of as one activity."""
    ends = (shared.earlier.entry, shared.later.entry)
    return ends[0].task == ends[1].task and any((one.unit, one.task) in twice for one in ends)


def _contradictions(desk: _Desk, rows: Sequence[Entry]) -> Iterator[Finding]:
    leads = [entry for entry in rows if entry.role is Role.LEAD]
    yield from _leads_differ(desk, leads)
    yield from _ahead(desk, leads, [entry for entry in rows if entry.role is not Role.LEAD])


def _precedence(opened: OpenPeriod) -> Callable[[Entry], tuple[object, ...]]:
    """Give the order in which rows count as the original: leads, then the plan's order of units."""
    order = {unit.name: number for number, unit in enumerate(opened.plan.units)}
    numbers = {task.number: number_key(task.number) for task in opened.plan.tasks}
    return lambda one: (
        one.role is not Role.LEAD,
        order.get(one.unit, len(order)),
        numbers.get(one.task, ()),
        one.row,
    )


# ── texts ────────────────────────────────────────────────────────────────────────────────────────────


def _shared(desk: _Desk, field: Field, rows: Iterable[Entry]) -> tuple[Shared, ...]:
    """Find what units share under one field; rows in order of precedence."""
    texts = [
        Text(entry, entry.answers[field.key], plain, keys_of(plain))
        for entry in rows
        if (plain := telling(entry, field.key, desk.settings))
    ]
    texts.sort(key=lambda one: not one.answer.carried)
    return shared_texts(texts, desk.settings.alike)


def _copied(desk: _Desk, field: Field, shared: Shared) -> Finding:
    other = shared.earlier.entry
    return desk.finding(
        "text-shared",
        (shared.later.entry, field.key),
        (other, field.key),
        label=field.label,
        likeness=spoken(shared.score),
        other_task=other.task,
    )


# ── the same activity ────────────────────────────────────────────────────────────────────────────────


def _counted_twice(
    desk: _Desk, pairs: Iterable[tuple[Entry, Entry]], told: Collection[tuple[str, str]]
) -> tuple[Finding, ...]:
    """Find participants that report the same activities as a lead of the task, once for each.

    All counts are the same, or one of them is and the texts are alike.
    """
    counts = _counts(desk.opened)
    found: dict[tuple[str, str], Finding] = {}
    for pair in pairs:
        lead, share = sorted(pair, key=lambda one: one.role is not Role.LEAD)
        here = (share.unit, share.task)
        if lead.task == share.task and lead.role is not share.role and here not in found and here not in told:
            twice = _twice(desk, counts, lead, share)
            found |= {} if twice is None else {here: twice}
    return tuple(found.values())


def _same_counts(counts: Sequence[Field], rows: Sequence[Entry]) -> Iterator[tuple[Entry, Entry]]:
    """Pair a task's participants with the lead that reports the same number, above 0, under every count."""
    leads: dict[tuple[Scalar, ...], Entry] = {}
    for entry in rows:
        numbers = tuple(entry.value(field.key) for field in counts)
        if not all(isinstance(number, int | float) and number > 0 for number in numbers):
            continue
        if entry.role is Role.LEAD:
            leads.setdefault(numbers, entry)
        elif numbers in leads:
            yield leads[numbers], entry


def _twice(desk: _Desk, counts: Iterable[Field], lead: Entry, share: Entry) -> Finding | None:
    """Tell of a pair's equal counts, at the participant's unless those were taken over."""
    keys = [one for one in counts if lead.value(one.key) and lead.value(one.key) == share.value(one.key)]
    for later, other in ((share, lead), (lead, share)):
        own = [field for field in keys if not later.answers[field.key].carried]
        if own:
            numbers = "、".join(f"“{field.label}”的 {later.value(field.key)}" for field in own)
            key = own[0].key
            names = {"numbers": numbers, "role": other.role.label}
            return desk.finding(_TWICE, (later, key), (other, key), **names)
    return None


# ── how far a task is ────────────────────────────────────────────────────────────────────────────────


def _leads_differ(desk: _Desk, leads: Sequence[Entry]) -> Iterator[Finding]:
    """Tell of leads of one task in another stage than the first, else too many points from another."""
    stage = stage_field(desk.opened, desk.settings)
    apart: set[str] = set()
    if stage is not None:
        told = _by_origin(leads, stage)
        for entry in told[1:]:
            if entry.value(stage.key) != told[0].value(stage.key):
                apart.add(entry.unit)
                yield from _differ(desk, stage, entry, told[0])
    for field in desk.opened.fields:
        if field.type is FieldType.PERCENT:
            agreeing = [entry for entry in _by_origin(leads, field) if entry.unit not in apart]
            yield from _far_apart(desk, field, agreeing)


def _by_origin(rows: Iterable[Entry], field: Field) -> list[Entry]:
    """Give the rows that answer a field, those that took the answer over first."""
    told = [entry for entry in rows if entry.value(field.key) is not None]
    return sorted(told, key=lambda one: not one.answers[field.key].carried)


def _far_apart(desk: _Desk, field: Field, leads: Sequence[Entry]) -> Iterator[Finding]:
    """Tell of each lead that is too far from one before it: the lowest or the highest is the farthest."""
    if not leads:
        return
    lowest = highest = (_number(leads[0], field), 0)
    for place, entry in enumerate(leads[1:], start=1):
        here = _number(entry, field)
        far, first = max((abs(number - here), -place) for number, place in (lowest, highest))
        if far > desk.settings.leads_apart:
            yield from _differ(desk, field, entry, leads[-first])
        lowest = min(lowest, (here, place))
        highest = max(highest, (here, place), key=lambda one: (one[0], -one[1]))


def _number(entry: Entry, field: Field) -> float:
    value = entry.value(field.key)
    return float(value) if isinstance(value, int | float) else 0.0


def _differ(desk: _Desk, field: Field, later: Entry, other: Entry) -> Iterator[Finding]:
    if not later.answers[field.key].carried:
        key, names = field.key, {"old": _said(other, field), "new": _said(later, field)}
        yield desk.finding("leads-differ", (later, key), (other, key), label=field.label, **names)


def _ahead(desk: _Desk, leads: Sequence[Entry], others: Iterable[Entry]) -> Iterator[Finding]:
    """Tell of participants under way in a task that every lead calls not begun."""
    stage = stage_field(desk.opened, desk.settings)
    told = [entry for entry in leads if stage is not None and entry.value(stage.key) is not None]
    if stage is None or not told or any(one.value(stage.key) != desk.settings.stages[0] for one in told):
        return
    for entry in others:
        field = next((one for one in desk.opened.fields if _under_way(desk, entry, one, stage)), None)
        if field is not None:
            names = {"old": desk.settings.stages[0], "new": _said(entry, field), "label": field.label}
            yield desk.finding("participant-ahead", (entry, field.key), (told[0], stage.key), **names)


def _under_way(desk: _Desk, entry: Entry, field: Field, stage: Field) -> bool:
    """Tell whether a row says itself, under this field, that the task has begun."""
    answer = entry.answers.get(field.key)
    if answer is None or answer.carried:
        return False
    if field == stage:
        return answer.value in desk.settings.stages[1:]
    return field.type is FieldType.PERCENT and _number(entry, field) > 0


def _said(entry: Entry, field: Field) -> str:
    value = entry.value(field.key)
    return f"{value:.10g}%" if isinstance(value, int | float) else str(value)
