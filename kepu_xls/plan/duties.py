"""Who does what, as one text says it: ``牵头单位：A、B；配合单位：C；完成时限：…`` or ``A牵头，B配合``."""

from __future__ import annotations

import re
from enum import StrEnum

from kepu_xls.model import Record, Role
from kepu_xls.plan.blocks import Cell
from kepu_xls.plan.draft import Duty


class Says(StrEnum):
    """What a label announces."""

    LEAD = "lead"
    PARTICIPANT = "participant"
    RESPONSIBLE = "responsible"
    DEADLINE = "deadline"


_LABELS: dict[Says, str] = {
    Says.LEAD: r"(?:牵头|主办|主责|主要责任|主要负责)(?:责任)?(?:单位|部门|科室)?",
    Says.PARTICIPANT: r"(?:配合|参加|参与|协办|协同|协助|协作)(?:责任)?(?:单位|部门|科室)?",
    Says.RESPONSIBLE: r"(?:责任|承办|落实|实施|负责)(?:单位|部门|主体)",
    Says.DEADLINE: r"(?:计划)?(?:完成|办结|截止)?(?:时限|期限|时间|日期)(?:要求)?",
}
_LABEL = re.compile("|".join(f"(?P<{says.value}>{words})\\s*[:：]" for says, words in _LABELS.items()))
_MENTION = re.compile(
    "|".join(_LABELS[says] + r"(?<=单位|部门|科室|主体)" for says in Says if says != "deadline")
)
_TAIL = re.compile(rf"(?:^|[。；;，,！!？?】）)〕\]\s])\s*({_LABEL.pattern})")
_LEADS = re.compile(r"(?:共同|联合|按职责分工|分别)*(?:牵头负责|负责牵头|牵头|主办|为主|负责)(?:落实|实施)?$")
_JOINS = re.compile(r"(?:按职责分工|积极|分工|共同)*(?:配合|参加|参与|协助|协办)(?:落实|实施)?$")
OPENING, CLOSING = "（([【〔", "）)]】〕"


class Duties(Record, frozen=True):
    """What a text says of a task: who does it, and until when."""

    duties: tuple[Duty, ...] = ()
    deadline: Cell | None = None


def read(cell: Cell, role: Role | None) -> Duties:
    """Read a cell of units; ``role`` is that of its column, for what carries no label of its own."""
    labels = list(_LABEL.finditer(cell.text))
    if not labels:
        return Duties(_clauses(cell, role))
    opening = cell.text[: labels[0].start()].strip(" 　；;，,。\n")
    duties = [*_clauses(Cell(opening, cell.place), role)]
    deadline = None
    for label, following in zip(labels, [*labels[1:], None], strict=True):
        end = following.start() if following else len(cell.text)
        said = Cell(cell.text[label.end() : end].strip(" 　；;，,。\n"), cell.place)
        if label.lastgroup == Says.DEADLINE:
            deadline = said
        elif said.text:
            duties.append(Duty(_role(label.lastgroup), said))
    return Duties(tuple(duties), deadline)


def labelled(text: str) -> bool:
    """Tell whether a text names units by a label: ``责任单位：…``."""
    return any(match.lastgroup != Says.DEADLINE for match in _LABEL.finditer(text))


def starts_with_label(text: str) -> bool:
    """Tell whether a text is nothing but who does it, and until when."""
    return _LABEL.match(text.strip()) is not None


def mentions(text: str) -> str:
    """Give the first word for those who do a task (牵头单位) that a text has, a colon after it or not."""
    found = _MENTION.search(text)
    return found[0] if found else ""


def ends_in_label(text: str) -> bool:
    """Tell whether a text ends in who does something, or until when, so that another label may follow."""
    return bracket(text) is not None or _TAIL.search(text) is not None


class Parted(Record, frozen=True):
    """A text without what it says of who does the task; ``said`` is that, empty where there is nothing."""

    body: str
    said: str = ""


def parted(text: str) -> Parted:
    """Part a task from who does it: in a bracket, or in words that end it (``…。牵头单位：A``)."""
    body, said = text, ""
    if found := bracket(text):
        body, said = text[: found.start] + text[found.end :], found.inner
    ends = (match.start(1) for match in _TAIL.finditer(body))
    at = next((at for at in ends if said or labelled(body[at:])), None)
    if at is not None:
        body, said = body[:at], "；".join(filter(None, (said, body[at:])))
    return Parted(body.strip(" 　；;，,\n"), said)


class Bracket(Record, frozen=True):
    """What stands in a bracket, and where in its text the bracket begins and ends."""

    start: int
    end: int
    inner: str


def bracket(text: str) -> Bracket | None:
    """Find the last bracket of a text that says who does the task; one never closed goes to the end."""
    said = [one for one in _brackets(text) if labelled(one.inner) or _names_lead(one.inner)]
    return said[-1] if said else None


def _brackets(text: str) -> list[Bracket]:
    """Find the outermost brackets of a text, others within them or not (区农业局（区委农办））."""
    found: list[Bracket] = []
    start = depth = 0
    for at, char in enumerate(text):
        if char in OPENING:
            start = at if depth == 0 else start
            depth += 1
        elif char in CLOSING and depth:
            depth -= 1
            if depth == 0:
                found.append(Bracket(start, at + 1, text[start + 1 : at]))
    return [*found, Bracket(start, len(text), text[start + 1 :])] if depth else found


def left_open(text: str) -> bool:
    """Tell whether a text ends within a bracket that says who does the task."""
    last = bracket(text)
    return last is not None and last.end == len(text) and last.end - last.start - 1 == len(last.inner)


def _role(group: str | None) -> Role | None:
    return {Says.LEAD.value: Role.LEAD, Says.PARTICIPANT.value: Role.PARTICIPANT}.get(group or "")


def _names_lead(inner: str) -> bool:
    """Tell whether a bracket such as （区科协牵头，区教育局配合） says who leads."""
    return any(_LEADS.search(clause) and not _LEADS.fullmatch(clause) for clause in _parts(inner))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[，,；;。\n]", text) if part.strip()]


def _clauses(cell: Cell, role: Role | None) -> tuple[Duty, ...]:
    """Read ``A、B牵头，C、D配合``; a text without such words belongs to the column's role as a whole."""
    duties: list[Duty] = []
    waiting: list[str] = []
    for part in _parts(cell.text):
        ending, found = (_LEADS.search(part), Role.LEAD)
        if ending is None:
            ending, found = (_JOINS.search(part), Role.PARTICIPANT)
        waiting.append(part[: ending.start()] if ending else part)
        if ending:
            names = "、".join(name for name in waiting if name)
            duties.append(Duty(found, Cell(names, cell.place)))
            waiting = []
    if not duties:
        return (Duty(role, cell),) if not cell.blank else ()
    if waiting:
        duties.append(Duty(role, Cell("、".join(waiting), cell.place)))
    return tuple(duty for duty in duties if duty.cell.text)
