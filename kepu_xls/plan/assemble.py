"""Drafts → a plan: numbers given, names of units understood, deadlines read, indicators found."""

from __future__ import annotations

from itertools import chain

from kepu_xls.messages import finding
from kepu_xls.model import Finding, Place, Plan, Record, Role, Task, Unit
from kepu_xls.plan.blocks import Cell, flat
from kepu_xls.plan.dates import last_day_meant
from kepu_xls.plan.draft import Draft
from kepu_xls.plan.indicators import indicators_of
from kepu_xls.plan.names import Vocabulary, Written, part, says_nothing
from kepu_xls.plan.numbering import number


class PlanReading(Record, frozen=True):
    """A plan read from a document, and everything that was repaired or is in doubt, with its place."""

    plan: Plan
    findings: tuple[Finding, ...] = ()


class _Said(Record, frozen=True):
    """A duty parted into names; ``role`` None where the document does not say which."""

    role: Role | None
    cell: Cell
    written: Written


class _Named(Record, frozen=True):
    """One unit of a task with its role, and the cell that says so."""

    unit: str
    role: Role | None
    cell: Cell


def assemble(title: str, drafts: tuple[Draft, ...]) -> PlanReading:
    """Make the plan of these drafts; findings come in the order of the document's tasks."""
    numbers, numbering = number(drafts)
    said = [tuple(_Said(duty.role, duty.cell, part(duty.cell)) for duty in draft.duties) for draft in drafts]
    vocabulary = Vocabulary(name for one in chain(*said) for name in one.written.names)
    found = [*numbering, *_others(tuple(chain(*said))), *_roles_unstated(tuple(chain(*said)))]
    tasks = []
    for task_number, draft, duties in zip(numbers, drafts, said, strict=True):
        task, noticed = _task(task_number, draft, duties, vocabulary)
        tasks.append(task)
        found += noticed
    units = dict.fromkeys(name for task in tasks for name in (*task.leads, *task.participants))
    tasks.sort(key=lambda task: task.sort_key)
    plan = Plan(
        title=title,
        tasks=tuple(tasks),
        units=tuple(Unit(name) for name in units),
        indicators=tuple(chain.from_iterable(indicators_of(task) for task in tasks)),
    )
    found += _alike(tuple(units), said)
    return PlanReading(plan, tuple(dict.fromkeys(found)))


def _task(
    task_number: str, draft: Draft, duties: tuple[_Said, ...], vocabulary: Vocabulary
) -> tuple[Task, list[Finding]]:
    named, found = _named(duties, vocabulary)
    leads, participants, both = _sides(named, task_number)
    until = draft.deadline if draft.deadline and not says_nothing(draft.deadline.text) else None
    deadline = last_day_meant(until.text) if until else None
    if until and deadline is None:
        found.append(finding("plan-deadline-unread", until.place, task=task_number, text=flat(until.text)))
    if not leads:
        found.append(finding("plan-lead-missing", draft.place, task=task_number))
    task = Task(
        number=task_number,
        part=draft.part.name,
        project=draft.project.name or draft.part.name,
        text=draft.text,
        leads=leads,
        participants=participants,
        deadline=deadline,
    )
    return task, [*found, *both]


def _named(duties: tuple[_Said, ...], vocabulary: Vocabulary) -> tuple[list[_Named], list[Finding]]:
    """Give the units of a task as named, run-together names cut."""
    named: list[_Named] = []
    found: list[Finding] = []
    for duty in duties:
        found += duty.written.findings
        for name in duty.written.names:
            units, said = vocabulary.resolve(name, duty.cell)
            named += [_Named(unit, name.role or duty.role, duty.cell) for unit in units]
            found += said
    return named, found


def _sides(named: list[_Named], task: str) -> tuple[tuple[str, ...], tuple[str, ...], list[Finding]]:
    """Part leads from participants.  Without a word about roles, all lead.

    A unit on both sides stays on both, as the document has it; ``Task.role_of`` counts it as lead.
    """
    unsaid = Role.PARTICIPANT if any(one.role is Role.LEAD for one in named) else Role.LEAD
    leads = tuple(dict.fromkeys(one.unit for one in named if (one.role or unsaid) is Role.LEAD))
    others: dict[str, None] = {}
    found: list[Finding] = []
    seen: set[tuple[str, Role]] = set()
    for one in named:
        role = one.role or unsaid
        if (one.unit, role) in seen:
            found.append(finding("plan-unit-twice", one.cell.place, unit=one.unit, task=task))
        elif role is Role.PARTICIPANT:
            others[one.unit] = None
            if one.unit in leads:
                found.append(finding("plan-unit-both-roles", one.cell.place, unit=one.unit, task=task))
        seen.add((one.unit, role))
    return leads, tuple(others), found


def _others(said: tuple[_Said, ...]) -> list[Finding]:
    """Say where lists ended in 等: who else is meant the document does not tell."""
    places = list(dict.fromkeys(one.cell.place for one in said if one.written.others))
    return [finding("plan-others-dropped", place) for place in places]


def _roles_unstated(said: tuple[_Said, ...]) -> list[Finding]:
    """Say once that the document names units without telling leads from participants."""
    roles = [name.role or one.role for one in said for name in one.written.names]
    return [finding("plan-roles-unstated", said[0].cell.place)] if roles and not any(roles) else []


def _alike(units: tuple[str, ...], said: list[tuple[_Said, ...]]) -> list[Finding]:
    """Point at names of which one ends in the other (教育局, 区教育局): perhaps one unit, never merged."""
    found = []
    for short in units:
        if longer := [name for name in units if _contains(name, short)]:
            cells = (
                one.cell for one in chain(*said) if any(name.whole == short for name in one.written.names)
            )
            place = next((cell.place for cell in cells), Place())
            found.append(finding("plan-unit-alike", place, unit=short, other="、".join(longer)))
    return found


def _contains(name: str, short: str) -> bool:
    return name != short and (name.endswith(short) or name.startswith((f"{short}（", f"{short}(")))
