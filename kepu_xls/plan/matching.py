"""Which task of a document is which task of the master: by its text, never by its number alone.

A number stays with its task for good: forms that went out, what was reported and every comparison with an
earlier period know a task by its number.  So an import keeps the number of each task that it knows again,
also where the document numbers it otherwise now (it says so), and a new task gets the number that the
document gives it where that was never used, else the next one free at the end of its project.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence

import msgspec
from rapidfuzz import fuzz

from kepu_xls.messages import finding
from kepu_xls.model import Finding, Plan, Record, Task, number_key

_ALIKE = 90  # rapidfuzz's score from which a reworded task is proposed to be the same
_SAME_NUMBER = 50  # the score that is enough where project and number are the same too
_NUMBER = re.compile(r"[1-9]\d*\.[1-9]\d*\.[1-9]\d*")


class Matched(Record, frozen=True):
    """The document's tasks with the numbers they get, in the order of these.

    ``origins``: for each the index of the master's task that it is, None where it is new; ``renumbered``: the
    number given, by the one that the document writes.
    """

    tasks: tuple[Task, ...]
    origins: tuple[int | None, ...]
    renumbered: dict[str, str]
    findings: tuple[Finding, ...] = ()


def match(existing: Plan, found: Plan, taken: Collection[str] = ()) -> Matched:
    """Match a document's tasks with a master's and number them; ``taken``: numbers that periods have used."""
    old, new = existing.tasks, found.tasks
    origins, findings = _pairs(old, new)
    used = set(taken)
    if any(one is not None for one in origins):  # else it is another plan, with numbers of its own
        used |= {task.number for task in old} | {one.task for one in existing.indicators}
    given = _numbers(old, new, origins, _Register(used))
    for at, (task, number) in enumerate(zip(new, given, strict=True)):
        if task.number != number:
            code = "plan-number-given" if origins[at] is None else "plan-number-kept"
            findings.append(finding(code, task=number, written=task.number))
    tasks = [msgspec.structs.replace(task, number=number) for task, number in zip(new, given, strict=True)]
    order = sorted(range(len(tasks)), key=lambda index: tasks[index].sort_key)
    return Matched(
        tasks=tuple(tasks[index] for index in order),
        origins=tuple(origins[index] for index in order),
        renumbered=dict(zip((task.number for task in new), given, strict=True)),
        findings=tuple(findings),
    )


def with_numbers_given(findings: Iterable[Finding], renumbered: Mapping[str, str]) -> tuple[Finding, ...]:
    """Let what was noticed in the document name each task by the number that it has in the master."""
    told = []
    for one in findings:
        number = renumbered.get(one.task, one.task)
        message = one.message.replace(f"任务 {one.task} ", f"任务 {number} ") if one.task else one.message
        told.append(msgspec.structs.replace(one, task=number, message=message))
    return tuple(told)


def _pairs(old: Sequence[Task], new: Sequence[Task]) -> tuple[list[int | None], list[Finding]]:
    """Pair tasks: the same text first, then one much alike in the same project, each only once."""
    origins: list[int | None] = [None] * len(new)
    for key in (_number_and_text, _project_and_text, _text):
        left: dict[object, list[int]] = {}
        for index in sorted(set(range(len(old))) - set(origins), reverse=True):
            left.setdefault(key(old[index]), []).append(index)
        for at, task in enumerate(new):
            if origins[at] is None and left.get(key(task)):
                origins[at] = left[key(task)].pop()
    found = []
    for at, one in _likenesses(old, new, origins):
        origins[at] = one
        found.append(finding("plan-task-alike", task=old[one].number))
    return origins, found


def _text(task: Task) -> Hashable:
    return normal(task.text)


def _project_and_text(task: Task) -> Hashable:
    return _project(task), normal(task.text)


def _number_and_text(task: Task) -> Hashable:
    return task.number, _project(task), normal(task.text)


def _likenesses(old: Sequence[Task], new: Sequence[Task], origins: list[int | None]) -> list[tuple[int, int]]:
    """Propose pairs of reworded tasks in a project: like no other, or fairly alike under the same number."""
    left = [(one, normal(task.text), task) for one, task in enumerate(old) if one not in origins]
    pairs = [
        (at, one, fuzz.ratio(text, normal(task.text)), before.number == task.number)
        for at, task in enumerate(new)
        for one, text, before in left
        if origins[at] is None and _project(before) == _project(task)
    ]
    alike = [(at, one) for at, one, score, _ in pairs if score >= _ALIKE]
    news, olds = Counter(at for at, _ in alike), Counter(one for _, one in alike)
    proposed = {at: one for at, one in alike if news[at] == olds[one] == 1}
    numbered = {
        at: one
        for at, one, score, same_number in pairs
        if at not in news and one not in olds and same_number and score >= _SAME_NUMBER
    }
    return sorted({**proposed, **numbered}.items())


def normal(text: str) -> str:
    """Give a text as it is compared: without blanks and differences of width."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def _project(task: Task) -> tuple[str, str]:
    return normal(task.part), normal(task.project)


class _Register:
    """The numbers that are in use or were; gives free ones, at each of the three levels."""

    def __init__(self, used: Iterable[str]) -> None:
        self._used = {number_key(number) for number in used if _NUMBER.fullmatch(number)}

    def begins(self, prefix: tuple[int, ...]) -> bool:
        """Tell whether any number in use begins so."""
        return any(number[: len(prefix)] == prefix for number in self._used)

    def next(self, prefix: tuple[int, ...]) -> int:
        """Give what follows the last in use under a prefix."""
        level = len(prefix)
        return max((number[level] for number in self._used if number[:level] == prefix), default=0) + 1

    def add(self, number: tuple[int, ...]) -> None:
        """Put a number in use."""
        self._used.add(number)


def _numbers(
    old: Sequence[Task], new: Sequence[Task], origins: list[int | None], register: _Register
) -> list[str]:
    """Give each task its number: its old one, the document's where that is free, else the next one."""
    given: dict[int, str] = {}
    for at, one in enumerate(origins):
        if one is not None and _NUMBER.fullmatch(old[one].number) and old[one].number not in given.values():
            given[at] = old[one].number
    projects = _known_projects(old, new, given)
    parts = {part: number[:1] for (part, _), number in reversed(projects.items())}
    for at, task in enumerate(new):
        if at in given:
            continue
        key, wanted = _project(task), number_key(task.number)
        if key not in projects:
            part = parts.setdefault(key[0], _free((), wanted[:1], register))
            projects[key] = _free(part, wanted[:2], register)
        number = _free(projects[key], wanted, register)
        register.add(number)
        given[at] = ".".join(map(str, number))
    return [given[at] for at in range(len(new))]


def _known_projects(
    old: Sequence[Task], new: Sequence[Task], given: dict[int, str]
) -> dict[tuple[str, str], tuple[int, ...]]:
    """Give the number of each project that the master knows, by its name, or by tasks of it that stay."""
    named = {_project(task): task.number for task in reversed(old) if _NUMBER.fullmatch(task.number)}
    stayed = {_project(new[at]): number for at, number in reversed(given.items())}
    return {key: number_key(number)[:2] for key, number in {**stayed, **named}.items()} if given else {}


def _free(above: tuple[int, ...], wanted: tuple[int, ...], register: _Register) -> tuple[int, ...]:
    """Take the number that is wanted where it stands under ``above`` and is free, else the next there."""
    if wanted[:-1] == above and not register.begins(wanted):
        return wanted
    return (*above, register.next(above))
