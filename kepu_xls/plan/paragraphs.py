"""Paragraphs under numbered headings, ending in who does what → drafts.

``一、…`` ``（一）…`` ``1.…（牵头单位：A、B；配合单位：C；完成时限：2020年12月）``,
or ``1 …`` ``1.1 …`` ``1.1.1 …``
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from kepu_xls.model import Place, Record
from kepu_xls.plan import duties, unread
from kepu_xls.plan.blocks import Block, Cell, Paragraph, flat
from kepu_xls.plan.draft import Draft, Heading
from kepu_xls.plan.headings import Mark, Marked, marked
from kepu_xls.plan.table import Reading

_STOPS = "。；：，、！？”）.;:,!?"
_LONGEST_HEADING = 40
_LONGEST_BREAK = 4
_DEEPEST = 3
_PLAIN_NUMBER = re.compile(r"(\d{1,2})\s+(\D.*)", re.DOTALL)


class _Item(Record, frozen=True):
    """A numbered or styled heading, or a task, that the paragraphs below belong to."""

    depth: int
    marked: Marked
    cell: Cell
    styled: bool = False


class _Levels:
    """How deep the marks of one document stand: 1, 1.1 and 1.1.1 say so themselves where it has all three."""

    def __init__(self, paragraphs: list[Paragraph]) -> None:
        marks = [marked(paragraph.cell.text) for paragraph in paragraphs]
        self._deepest = max((len(one.path) for one in marks), default=0)
        if self._deepest < _DEEPEST and any(one.mark is Mark.PROJECT for one in marks):
            self._deepest = 0  # below （一） and 1. a 1.1 is part of a task

    def item(self, paragraph: Paragraph) -> _Item | None:
        """Read a paragraph as the beginning of an item: by its mark, else by its style (标题 2)."""
        text = marked(paragraph.cell.text)
        styled = paragraph.level > 0
        if self._deepest > 1:
            text = self._plain(paragraph.cell.text) or text
            if text.mark is Mark.TASK:
                return _Item(self._depth(text), text, paragraph.cell, styled)
        if text.mark is not None:
            return _Item(text.mark.depth, text, paragraph.cell, styled)
        return _Item(paragraph.level, text, paragraph.cell, styled) if styled else None

    def _depth(self, text: Marked) -> int:
        """Give the depth of 1, 1.1 or 1.1.1; a long 1. is part of the task above it."""
        if len(text.path) == 1 and not _short(text.text):
            return Mark.SUBTASK.depth
        return Mark.TASK.depth - min(self._deepest, _DEEPEST) + len(text.path)

    @staticmethod
    def _plain(text: str) -> Marked | None:
        """Read ``1 重点人群行动``: a number and a blank are a mark where others are 1.1."""
        match = _PLAIN_NUMBER.fullmatch(text.strip())
        if match is None or not _short(match[2]):
            return None
        return Marked(match[2], Mark.TASK, int(match[1]), (int(match[1]),))


def _short(text: str) -> bool:
    return len(text) <= _LONGEST_HEADING and not text.endswith(("。", "；")) and not duties.mentions(text)


class _Task(Record, frozen=True):
    """Paragraphs that end in who does them; ``outline`` is what they stand under, from the outside in."""

    outline: tuple[_Item, ...]
    body: tuple[Cell, ...]
    said: duties.Duties


def read(blocks: tuple[Block, ...]) -> Reading:
    """Read the tasks of a text without a task table; without any words on who does what, there are none."""
    paragraphs = _mended([one for one in blocks if isinstance(one, Paragraph) and not one.cell.blank])
    tasks = _tasks(paragraphs, _Levels(paragraphs).item)
    direct = Counter(task.outline[-1].cell.place for task in tasks if task.outline)
    claimed = {cell.place for task in tasks for cell in task.body}
    passed = [one.cell for one in paragraphs if one.cell.place not in claimed]
    found = (*unread.in_cells(passed), *unread.in_tables(blocks))
    return Reading(tuple(_draft(task, direct) for task in tasks), found)


def _mended(paragraphs: list[Paragraph]) -> list[Paragraph]:
    """Put what says who does a task on one line, where it is broken over several."""
    mended: list[Paragraph] = []
    joined = 0
    for paragraph in paragraphs:
        between = _between(mended[-1].cell.text, paragraph.cell.text) if mended else None
        if between is None or joined == _LONGEST_BREAK:
            joined = 0
            mended.append(paragraph)
        else:
            joined += 1
            last = mended[-1]
            cell = Cell(f"{last.cell.text.rstrip()}{between}{paragraph.cell.text.strip()}", last.cell.place)
            mended[-1] = Paragraph(cell, level=last.level)
    return mended


def _between(last: str, following: str) -> str | None:
    """Tell what goes between two lines that are one: a bracket still open, label after label; else None."""
    if duties.left_open(last) and marked(following).mark is None:
        return ""
    return "；" if duties.ends_in_label(last) and duties.starts_with_label(following) else None


def _tasks(paragraphs: list[Paragraph], item_of: Callable[[Paragraph], _Item | None]) -> list[_Task]:
    """Gather paragraphs into tasks; sub-items that are not told who does them belong to the item above."""
    tasks: list[_Task] = []
    outline: tuple[_Item, ...] = ()
    unclaimed: list[Cell] = []
    idle: dict[Place, int] = {}  # sub-items of an item for which nobody was named
    for paragraph in paragraphs:
        if (item := item_of(paragraph)) is not None:
            outline = (*(one for one in outline if one.depth < item.depth), item)
            if item.depth > Mark.TASK.depth and len(outline) > 1:
                idle[outline[-2].cell.place] = idle.get(outline[-2].cell.place, 0) + 1
        unclaimed.append(paragraph.cell)
        if (said := _said(paragraph.cell)) is not None:
            while len(outline) > 1 and idle.get(outline[-2].cell.place, 0) > 1:
                idle.pop(outline[-2].cell.place)
                outline = outline[:-1]
            tasks.append(_Task(outline, _body(outline, unclaimed), said))
            unclaimed.clear()
            idle.clear()
    return tasks


def _body(outline: tuple[_Item, ...], unclaimed: list[Cell]) -> tuple[Cell, ...]:
    """Take what belongs to the innermost item, from its own paragraph on where that is not yet claimed."""
    places = [cell.place for cell in unclaimed]
    if outline and outline[-1].cell.place in places:
        return tuple(unclaimed[places.index(outline[-1].cell.place) :])
    if outline or not duties.starts_with_label(_opened(unclaimed[-1].text)):
        return tuple(unclaimed) if outline else (unclaimed[-1],)
    return tuple(unclaimed[-2:])


def _opened(text: str) -> str:
    return text.strip().lstrip(duties.OPENING)


def _said(cell: Cell) -> duties.Duties | None:
    """Read who does it: in a bracket, or after a label (``责任单位：…``), in a line of its own or not."""
    said = duties.parted(cell.text).said
    return duties.read(Cell(said, cell.place), None) if said else None


def _draft(task: _Task, direct: Counter[Place]) -> Draft:
    """Make the draft of a task; the item it begins with is the task itself, or the heading of several."""
    own = task.outline[-1] if task.outline and task.body[0].place == task.outline[-1].cell.place else None
    body = task.body
    if own is not None and _is_heading(own, body[1:], direct):
        own, body = None, body[1:]
    part, project = _headings(task.outline[:-1] if own else task.outline)
    written = _run_on([text for cell in body if (text := duties.parted(cell.text).body)])
    task_text = marked(written) if own else Marked(written)
    return Draft(
        part=part,
        project=project,
        text=task_text.text,
        place=body[0].place,
        ordinal=task_text.ordinal,
        number=".".join(map(str, task_text.path)) if len(task_text.path) == _DEEPEST else "",
        duties=task.said.duties,
        deadline=task.said.deadline,
    )


def _is_heading(item: _Item, below: tuple[Cell, ...], direct: Counter[Place]) -> bool:
    """Tell a heading from a task whose title has its own line.

    It has several tasks, or it is short, a part or project or styled, and a text without a mark follows.
    """
    follows = next((text for cell in below if (text := duties.parted(cell.text).body)), "")
    if not follows:
        return False
    short = _short(item.marked.text)
    outer = item.depth <= Mark.PROJECT.depth or (item.styled and item.marked.mark is not Mark.TASK)
    return direct[item.cell.place] > 1 or (short and outer and marked(follows).mark is None)


def _headings(above: tuple[_Item, ...]) -> tuple[Heading, Heading]:
    """Take the outermost heading as part, the nearest as project; one alone goes by its depth."""
    headings = [Heading(flat(one.marked.text), one.marked.ordinal, one.cell.place) for one in above]
    if not headings:
        return Heading(), Heading()
    if len(headings) == 1:
        return (headings[0], Heading()) if above[0].depth == Mark.PART.depth else (Heading(), headings[0])
    return headings[0], headings[-1]


def _run_on(paragraphs: list[str]) -> str:
    """Put paragraphs on one line; after one that has no stop, such as a title, a blank parts them."""
    line = ""
    for text in map(flat, paragraphs):
        line += f" {text}" if line and line[-1] not in _STOPS else text
    return line
