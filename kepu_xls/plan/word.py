"""Word documents (.docx) → blocks: text as it is seen, with automatic numbers, merged cells as one."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import docx
from docx.oxml.ns import qn

from kepu_xls.model import Place
from kepu_xls.plan.blocks import Block, Cell, Paragraph, Row, Table
from kepu_xls.plan.wordlists import Lists

Element = Any
"""An lxml element; python-docx has no types for them."""

_WIDEST = 200
# what holds paragraphs, rows or runs without being one: content controls, insertions, links
_WRAPPERS = tuple(
    qn(name)
    for name in ("w:sdt", "w:sdtContent", "w:ins", "w:smartTag", "w:hyperlink", "w:moveTo", "w:customXml")
)
_BREAKS = {qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:tab"): " ", qn("w:noBreakHyphen"): "-"}


def blocks_of(data: bytes, file: str) -> tuple[Block, ...]:
    """Read the body of a document, in order.  Raises whatever python-docx raises for a broken one."""
    document = docx.Document(BytesIO(data))
    lists = Lists(document)
    blocks: list[Block] = []
    tables = paragraphs = 0
    for element in _inside(document.element.body, qn("w:p"), qn("w:tbl")):
        if element.tag == qn("w:tbl"):
            tables += 1
            blocks.append(Table(tuple(_rows(element, file, f"表{tables}", lists))))
        else:
            paragraphs += 1
            cell = Cell(_text(element, lists), Place(file=file, cell=f"第{paragraphs}段"))
            if not cell.blank:
                blocks.append(Paragraph(cell, level=lists.level_of(element)))
    return tuple(blocks)


def _inside(element: Element, *tags: str) -> Iterator[Element]:
    """Walk the children of these kinds, also inside content controls and the like."""
    for child in element:
        if child.tag in tags:
            yield child
        elif child.tag in _WRAPPERS:
            yield from _inside(child, *tags)


def _text(paragraph: Element, lists: Lists) -> str:
    text = "".join(_run_text(run) for run in _inside(paragraph, qn("w:r")))
    return lists.mark_of(paragraph) + text if text.strip() else ""


def _run_text(run: Element) -> str:
    return "".join(
        (child.text or "") if child.tag == qn("w:t") else _BREAKS.get(child.tag, "") for child in run
    )


def _rows(table: Element, file: str, name: str, lists: Lists) -> Iterator[Row]:
    """Give the rows of a table by grid column; a cell merged with the one above is the one above."""
    above: dict[int, Cell] = {}
    for number, row in enumerate(_inside(table, qn("w:tr")), 1):
        cells: list[Cell] = []
        _skip(cells, row)
        for element in _inside(row, qn("w:tc")):
            at = len(cells)
            place = Place(file=file, cell=f"{name}第{number}行第{at + 1}列")
            upper = above.get(at) if _goes_on(element) else None
            cell = upper or Cell(_cell_text(element, lists), place)
            cells += [cell] * _span(element)
        above = dict(enumerate(cells))
        yield tuple(cells)


def _skip(cells: list[Cell], row: Element) -> None:
    """Leave room for the grid columns before a row that begins further right."""
    before = row.find(f"{qn('w:trPr')}/{qn('w:gridBefore')}")
    if before is not None:
        cells += [Cell("")] * _count(before)


def _cell_text(element: Element, lists: Lists) -> str:
    lines = []
    for child in _inside(element, qn("w:p"), qn("w:tbl")):
        inner = (child,) if child.tag == qn("w:p") else child.iter(qn("w:p"))
        lines += [_text(paragraph, lists) for paragraph in inner]
    return "\n".join(lines).strip()


def _span(cell: Element) -> int:
    found = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
    return 1 if found is None else _count(found)


def _count(element: Element) -> int:
    """Read a number of columns, within reason: what it says can be any number."""
    written = element.get(qn("w:val")) or "1"
    return min(max(int(written), 1), _WIDEST) if written.isdecimal() else 1


def _goes_on(cell: Element) -> bool:
    """Tell whether a cell goes on the one above (w:vMerge without "restart")."""
    merge = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
    return merge is not None and merge.get(qn("w:val"), "continue") == "continue"
