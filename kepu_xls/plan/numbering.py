"""Drafts → their numbers (part.project.task): as the document writes them, by position where it does not."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from itertools import groupby

from kepu_xls.messages import finding
from kepu_xls.model import Finding
from kepu_xls.plan.draft import Draft, Heading

Numbered = tuple[tuple[str, ...], tuple[Finding, ...]]


def number(drafts: tuple[Draft, ...]) -> Numbered:
    """Give every draft its number, in order, and a finding for each that was not as written."""
    written = {draft.number for draft in drafts}
    if drafts and "" not in written and len(written) == len(drafts):
        return tuple(draft.number for draft in drafts), ()
    parts = _groups(drafts, lambda draft: draft.part)
    part_numbers = _ordinals([draft.part.ordinal for draft, *_ in parts])
    numbers: list[str] = []
    found: list[Finding] = []
    projects = [_groups(tuple(part), lambda draft: draft.project) for part in parts]
    project_numbers = _restarting([[group[0].project.ordinal for group in groups] for groups in projects])
    tasks = [group for groups in projects for group in groups]
    ordinals = [[draft.ordinal for draft in group] for group in tasks]
    by_position = _runs_on(ordinals) or not any(ordinal for group in ordinals for ordinal in group)
    if by_position and drafts:
        found.append(finding("plan-numbers-by-position", drafts[0].place, count=len(drafts)))
    prefixes = [
        f"{part}.{project}"
        for part, marks in zip(part_numbers, project_numbers, strict=True)
        for project in marks
    ]
    for prefix, group in zip(prefixes, tasks, strict=True):
        given, said = _tasks(prefix, group, by_position=by_position)
        numbers += given
        found += said
    return tuple(numbers), tuple(found)


def _groups(drafts: tuple[Draft, ...], key: Callable[[Draft], Heading]) -> list[list[Draft]]:
    def identity(draft: Draft) -> Hashable:
        return key(draft).name, key(draft).place

    return [list(group) for _, group in groupby(drafts, key=identity)]


def _ordinals(written: list[int | None]) -> list[int]:
    """Take what is written where it goes on from what was before, else count on."""
    given: list[int] = []
    for ordinal in written:
        last = given[-1] if given else 0
        given.append(ordinal if ordinal is not None and ordinal > last else last + 1)
    return given


def _restarting(groups: list[list[int | None]]) -> list[list[int]]:
    """Count each group by its own marks, or from 1 where the marks run on from one group to the next."""
    if _runs_on(groups):
        return [list(range(1, len(group) + 1)) for group in groups]
    return [_ordinals(group) for group in groups]


def _runs_on(groups: list[list[int | None]]) -> bool:
    """Tell whether marks count on through all groups (1 … 35) and never begin again at 1."""
    firsts = [next((ordinal for ordinal in group if ordinal), None) for group in groups]
    later = [first for first in firsts[1:] if first is not None]
    return bool(later) and 1 not in later and firsts[0] is not None and later == sorted(later)


def _tasks(prefix: str, group: list[Draft], *, by_position: bool) -> tuple[list[str], list[Finding]]:
    """Give the tasks of one project their numbers; missing, repeated and skipped marks are findings."""
    numbers: list[str] = []
    found: list[Finding] = []
    last = 0
    for draft in group:
        given = last + 1
        if not by_position and draft.ordinal is not None and draft.ordinal > last:
            given = draft.ordinal
        name = f"{prefix}.{given}"
        if not by_position:
            found += _noticed(draft, name, given, last)
        numbers.append(name)
        last = given
    return numbers, found


def _noticed(draft: Draft, name: str, given: int, last: int) -> list[Finding]:
    if draft.ordinal is None:
        return [finding("plan-number-missing", draft.place, task=name)]
    if draft.ordinal != given:
        return [finding("plan-number-repeated", draft.place, task=name, written=draft.ordinal)]
    if given > last + 1:
        return [finding("plan-number-skipped", draft.place, task=name, before=last, after=given)]
    return []
