"""What a template holds beside its cells that openpyxl would drop without a word when it writes a form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from openpyxl.packaging.relationship import get_dependents
from openpyxl.utils import get_column_letter
from openpyxl.xml.functions import fromstring

from kepu_xls.model import Record

_PARTS = {
    "xl/cellimages.xml": "嵌入单元格的图片",
    "xl/richData/richValueRel.xml": "嵌入单元格的图片",
    "xl/featurePropertyBag/featurePropertyBag.xml": "单元格里的复选框",
}
"""Parts of the workbook that are lost; the first is WPS's own."""

_ELEMENTS = {
    "legacyDrawingHF": "页眉或页脚里的图片",
    "picture": "工作表的背景图片",
    "oleObjects": "嵌入的文档（对象）",
    "sparklineGroups": "迷你图",
}
"""Elements of a sheet that are lost."""

_SHAPES = {
    "sp": "文本框或图形",
    "cxnSp": "线条",
    "grpSp": "组合图形",
    "graphicFrame": "智能图形",
    "AlternateContent": "切片器、控件或新式图形",
}
"""Elements of a drawing that are lost; a ``graphicFrame`` may also hold a chart, which is not."""

_CONTROL = "窗体控件（按钮、复选框等）"
# Comments stand in such a drawing, too: they are kept.
_CONTROL_IN_VML = re.compile(rb"""ObjectType\s*=\s*["'](?!Note["'])""")
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart"
_TEXT = "{http://schemas.openxmlformats.org/drawingml/2006/main}t"
_LONGEST_QUOTE = 20


class Loss(Record, frozen=True):
    """What would be lost, on which sheet and at which cell; empty where that cannot be told."""

    what: str
    sheet: str = ""
    cell: str = ""


def losses(data: bytes) -> Iterator[Loss]:
    """Find what would be lost of a workbook that openpyxl was able to load."""
    with ZipFile(BytesIO(data)) as archive:
        names = set(archive.namelist())
        for part, what in _PARTS.items():
            if part in names:
                yield Loss(what)
        for sheet, part in _sheets(archive):
            for what, cell in _on_sheet(archive, names, part):
                yield Loss(what, sheet, cell)


def _sheets(archive: ZipFile) -> Iterator[tuple[str, str]]:
    """Give name and part of each sheet."""
    package = get_dependents(archive, "_rels/.rels")
    book = next(one.target for one in package if _kind(one) == "officeDocument")
    parts = {one.Id: one.target for one in get_dependents(archive, _relations(book))}
    for element in fromstring(archive.read(book)).iter():
        if _name(element) == "sheet":
            key = next(value for name, value in element.items() if name.endswith("}id"))
            yield element.get("name", ""), parts[key]


def _on_sheet(archive: ZipFile, names: set[str], part: str) -> Iterator[tuple[str, str]]:
    written = archive.read(part)
    for element, what in _ELEMENTS.items():
        if re.search(rb"<(\w+:)?%s\b" % element.encode(), written):
            yield what, ""
    relations = _relations(part)
    for one in get_dependents(archive, relations) if relations in names else ():
        if _kind(one) == "drawing":
            yield from _in_drawing(fromstring(archive.read(one.target)))
        elif _kind(one) == "vmlDrawing" and _CONTROL_IN_VML.search(archive.read(one.target)):
            yield _CONTROL, ""


def _in_drawing(drawing: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - an element of lxml or of Python's own
    for anchor in drawing:
        for element in (anchor, *anchor):
            what = _SHAPES.get(_name(element))
            if what is None or element.find(f".//{_CHART}") is not None:
                continue
            text = "".join(one.text or "" for one in element.iter(_TEXT)).strip()
            yield (f"{what}“{text[:_LONGEST_QUOTE]}”" if text else what), _corner(anchor)


def _corner(anchor: Any) -> str:  # noqa: ANN401 - as above
    """Give the cell at the upper left corner of what is anchored."""
    column, row = (anchor.findtext(f"{_DRAWING}from/{_DRAWING}{axis}") for axis in ("col", "row"))
    return f"{get_column_letter(int(column) + 1)}{int(row) + 1}" if column and row else ""


def _name(element: Any) -> str:  # noqa: ANN401 - as above
    """Give an element's name without its name space; comments have none."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _relations(part: str) -> str:
    """Give the part that says what a part refers to."""
    folder, _, name = part.rpartition("/")
    return f"{folder}/_rels/{name}.rels"


def _kind(relation: Any) -> str:  # noqa: ANN401 - openpyxl's Relationship, whose attributes are not typed
    return str(relation.Type).rpartition("/")[2]
