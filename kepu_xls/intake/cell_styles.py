"""What the cell styles of an .xlsx make of a number: calamine is asked once for each part of styles."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from functools import lru_cache

import python_calamine

from kepu_xls.intake.formats import Styles
from kepu_xls.intake.package import parse_xml
from kepu_xls.model import Record

_DAY = 43_542
_FIRST = b"0"
_KEPT, _MOST_KEPT, _MOST_STYLES = 32, 1 << 18, 2_000
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}">'
    f'<Relationship Id="a" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}">'
    f'<Relationship Id="a" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="b" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="a" sheetId="1" r:id="a"/></sheets></workbook>',
}


class Looks(Record, frozen=True):
    """The cell styles that show a number as a percentage, as a day, or as anything else but a number.

    ``marked``: any of these, as a cell names them, where the first may go without saying; ``plain``: the
    styles' XML is in UTF-8.
    """

    percents: frozenset[bytes] = frozenset()
    days: frozenset[bytes] = frozenset()
    odd: frozenset[bytes] = frozenset()
    marked: frozenset[bytes] = frozenset()
    plain: bool = True


def looks_of(content: bytes) -> Looks:
    """Read them in the part of styles.  Raises as ``parse_xml`` and calamine do; ValueError for too many."""
    return _looks_of(content) if len(content) <= _MOST_KEPT else _looks_of.__wrapped__(content)


@lru_cache(_KEPT)  # most forms of a period have the same styles
def _looks_of(content: bytes) -> Looks:
    styles = Styles()
    plain = parse_xml([content], styles.start, styles.end)
    if len(styles.used) > _MOST_STYLES:
        raise ValueError(len(styles.used))
    shown = _shown(content, len(styles.used))
    percents = frozenset(number.encode() for number in styles.percents())
    days = frozenset(b"%d" % number for number, value in enumerate(shown) if type(value) is date)
    odd = frozenset(b"%d" % number for number, value in enumerate(shown) if type(value) not in (date, float))
    marked = percents | days | odd
    return Looks(percents, days, odd, marked | {b""} if _FIRST in marked else marked, plain)


def _shown(styles: bytes, count: int) -> list[object]:
    """Have calamine read one number in each of the styles."""
    rows = "".join(
        f'<row r="{number + 1}"><c r="A{number + 1}" s="{number}"><v>{_DAY}</v></c></row>'
        for number in range(count)
    )
    sheet = f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, part in (_PARTS | {"xl/worksheets/sheet1.xml": sheet}).items():
            archive.writestr(zipfile.ZipInfo(name), part)
        archive.writestr(zipfile.ZipInfo("xl/styles.xml"), styles)
    stream.seek(0)
    with python_calamine.load_workbook(stream) as book:
        return [value for (value,) in book.get_sheet_by_index(0).to_python()]
