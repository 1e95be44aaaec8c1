"""Workbooks compared part by part, whatever their styles are numbered; openpyxl itself is the measure."""

from __future__ import annotations

import re
from io import BytesIO
from xml.etree import ElementTree as ET
from zipfile import ZipFile

from openpyxl.worksheet.cell_range import MultiCellRange
from python_calamine import CalamineWorkbook

from kepu_xls import forms, identity
from kepu_xls.forms import cells
from kepu_xls.forms.workbook import FITTED, Form, make_form, open_on

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def laid_out(template: forms.Template, content: forms.FormContent) -> bytes:
    """The form as openpyxl lays it out and saves it, on its own."""
    form = make_form(template, content)
    fit(form)
    open_on(form.book, identity.FORM_SHEET)
    with BytesIO() as buffer:
        form.book.save(buffer)
        return buffer.getvalue()


def fit(form: Form) -> None:
    """Make all rows high enough for what stands in them by now."""
    for name in FITTED:
        if name in form.book.sheetnames:
            cells.fit_rows(form.book[name], 1, form.book[name].max_row)


def parts(workbook: bytes) -> dict[str, bytes | list[str]]:
    """All parts, by name: XML as lines in which what means the same is the same."""
    with ZipFile(BytesIO(workbook)) as archive:
        assert archive.testzip() is None
        data = {name: archive.read(name) for name in archive.namelist()}
    styles = ET.fromstring(data["xl/styles.xml"])  # noqa: S314 - our own
    looks, shades = _looks(styles), [_flat(one) for one in styles.find(f"{MAIN}dxfs") or ()]
    return {
        name: _lines(name, content, looks, shades) if name.endswith((".xml", ".rels", ".vml")) else content
        for name, content in data.items()
    }


def values(workbook: bytes) -> dict[str, list[list[object]]]:
    """All cells as calamine reads them."""
    book = CalamineWorkbook.from_filelike(BytesIO(workbook))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def _looks(styles: ET.Element) -> list[str]:
    """What each number of a style stands for."""
    formats = {one.get("numFmtId"): one.get("formatCode") for one in styles.iter(f"{MAIN}numFmt")}
    tables = {key: list(styles.find(f"{MAIN}{key}s") or ()) for key in ("font", "fill", "border")}
    looks = []
    for one in styles.find(f"{MAIN}cellXfs") or ():
        own = {key: value for key, value in one.attrib.items() if key not in ("fontId", "fillId", "borderId")}
        own["numFmtId"] = formats.get(own["numFmtId"], own["numFmtId"]) or ""
        used = [tables[key][int(one.get(f"{key}Id", ""))] for key in tables]
        of = [sorted(_flat(child) for child in table) for table in used]
        looks.append(f"{sorted(own.items())} {of} {[_flat(child) for child in one]}")
    return looks


def _flat(element: ET.Element) -> str:
    return ET.canonicalize(ET.tostring(element))


def _lines(name: str, data: bytes, looks: list[str], shades: list[str]) -> list[str]:
    root = ET.fromstring(data)  # noqa: S314 - our own
    if name == "xl/styles.xml":
        for table in ("fonts", "fills", "borders", "cellXfs", "dxfs"):  # compared where they are used
            for found in root.findall(f"{MAIN}{table}"):
                root.remove(found)
    if name == "docProps/core.xml":
        for element in root.iter():
            if element.tag.endswith(("}created", "}modified")):
                element.text = ""
    _one_rule_an_area(root)
    authors = [one.text or "" for one in root.iter(f"{MAIN}author")]
    for element in root.iter():
        if element.tag == f"{MAIN}authors":
            element.clear()
        if element.tag == f"{MAIN}comment":
            element.set("authorId", authors[int(element.get("authorId", ""))])
        _level(element, looks, shades)
    return re.sub(r"(?=<\w)", "\n", _flat(root)).split("\n")


def _one_rule_an_area(root: ET.Element) -> None:
    """Take rules for the same cells apart, which openpyxl writes together wherever they come in its list."""
    areas = root.findall(f"{MAIN}conditionalFormatting")
    pairs = sorted(((one.get("sqref", ""), rule) for one in areas for rule in one), key=_priority)
    place = list(root).index(areas[0]) if areas else 0
    for one in areas:
        root.remove(one)
    for sqref, rule in reversed(pairs):
        apart = ET.Element(f"{MAIN}conditionalFormatting", {"sqref": sqref})
        apart.append(rule)
        root.insert(place, apart)


def _priority(pair: tuple[str, ET.Element]) -> int:
    return int(pair[1].get("priority", "0"))


def _level(element: ET.Element, looks: list[str], shades: list[str]) -> None:
    """Make what means the same the same."""
    if element.tag == f"{MAIN}c":
        if element.get("t") == "n":
            del element.attrib["t"]
        element.set("s", looks[int(element.get("s", "0"))])
    if "dxfId" in element.attrib:
        element.set("dxfId", shades[int(element.get("dxfId", ""))])
    if element.tag == f"{MAIN}row" and "ht" in element.attrib:
        element.set("ht", str(float(element.attrib["ht"])))
    if element.tag == f"{MAIN}t":
        element.attrib.pop("{http://www.w3.org/XML/1998/namespace}space", None)
    if element.tag == f"{MAIN}mergeCells":
        element[:] = sorted(element, key=lambda one: one.get("ref", ""))
    if "sqref" in element.attrib:
        element.set("sqref", str(MultiCellRange(element.attrib["sqref"])))


def assert_alike(cast: bytes, laid_out: bytes) -> None:
    """Hold a workbook that was cast against the one laid out by openpyxl: each part, and what is read."""
    expected, found = parts(laid_out), parts(cast)
    assert found.keys() == expected.keys()
    for name, part in expected.items():
        assert found[name] == part, name
    assert values(cast) == values(laid_out)
