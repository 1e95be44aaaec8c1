"""Paragraphs under numbered headings, ending in who does what → drafts.

``一、…`` ``（一）…`` ``1.…（牵头单位：A、B；配合单位：C；完成时限：2020年12月）``
"""

from __future__ import annotations

from kepu_xls.model import Record
from kepu_xls.plan import duties
from kepu_xls.plan.blocks import Block, Cell, Paragraph, flat
from kepu_xls.plan.draft import Draft, Heading
from kepu_xls.plan.headings import Mark, Marked, marked
from kepu_xls.plan.table import Reading


class _Open(Record, frozen=True):
    """A numbered heading or item that the paragraphs below belong to."""

    depth: int
    marked: Marked
    cell: Cell


def read(blocks: tuple[Block, ...]) -> Reading:
    """Read the tasks of a text without a task table; without any bracket that names units, there are none."""
    outline: list[_Open] = []
    body: list[Cell] = []
    drafts: list[Draft] = []
    for block in blocks:
        if not isinstance(block, Paragraph) or block.cell.blank:
            continue
        cell = block.cell
        text = marked(cell.text)
        if text.mark is not None:
            depth = text.mark.depth
            outline = [*(one for one in outline if one.depth < depth), _Open(depth, text, cell)]
            body = []
        body.append(cell)
        if (said := _said(cell)) is not None:
            drafts.append(_draft(outline, body, said))
            body = []
    return Reading(tuple(drafts))


def _said(cell: Cell) -> duties.Duties | None:
    """Read who does it: in a bracket, or in a line of its own that begins with a label (责任单位：…)."""
    if match := duties.bracket(cell.text):
        return duties.read(Cell(match[0][1:-1], cell.place), None)
    if duties.labelled(cell.text) and duties.starts_with_label(cell.text):
        return duties.read(cell, None)
    return None


def _draft(outline: list[_Open], body: list[Cell], said: duties.Duties) -> Draft:
    """Make the draft of the item that is open: its headings above, its paragraphs without the bracket.

    The innermost item with a mark is the task itself, where it began with the paragraphs at hand.
    """
    own = outline[-1] if outline and body[0].place == outline[-1].cell.place else None
    above = outline[:-1] if own else outline
    part, project = _headings(above)
    texts = [_without_duties(cell.text) for cell in body]
    text = (
        marked("\n".join(text for text in texts if text)) if own else Marked("\n".join(filter(None, texts)))
    )
    return Draft(
        part=part,
        project=project,
        text=flat(text.text),
        place=body[0].place,
        ordinal=text.ordinal,
        duties=said.duties,
        deadline=said.deadline,
        mark=text.mark,
    )


def _headings(above: list[_Open]) -> tuple[Heading, Heading]:
    """Take the outermost heading for the part and the nearest for the project; one alone goes by its mark."""
    headings = [Heading(flat(one.marked.text), one.marked.ordinal, one.cell.place) for one in above]
    if not headings:
        return Heading(), Heading()
    if len(headings) == 1:
        is_part = above[0].marked.mark is Mark.PART
        return (headings[0], Heading()) if is_part else (Heading(), headings[0])
    return headings[0], headings[-1]


def _without_duties(text: str) -> str:
    if match := duties.bracket(text):
        text = text[: match.start()] + text[match.end() :]
    elif duties.starts_with_label(text):
        return ""
    return text.strip()
