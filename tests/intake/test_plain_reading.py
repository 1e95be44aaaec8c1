"""What is written plainly is read without calamine, and exactly as by calamine; all else is left to it."""

from __future__ import annotations

import gc
import io
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from filled_forms import blank_form, fill, saved
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.workbook import Workbook

from kepu_xls.intake import grid
from kepu_xls.intake.heads import find_heads
from kepu_xls.intake.labels import Words
from kepu_xls.intake.loading import load_if_harmless
from kepu_xls.intake.plain_book import read_plain
from kepu_xls.intake.plain_zip import part_names, unpacked, well_formed
from kepu_xls.intake.sniff import Kind, sniff
from kepu_xls.intake.survey import survey_xlsx
from kepu_xls.limits import Limits

Value = str | float | bool | date | None
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def with_calamine(data: bytes) -> object:
    survey = survey_xlsx(data, Limits())
    return grid.read(data, survey), survey.percents


def cells_of(data: bytes) -> dict[int, dict[int, grid.Raw]]:
    found = read_plain(data)
    assert found is not None
    return found[0][0].cells


# ── a small workbook, part by part ───────────────────────────────────────────────────────────────────

PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="a" '
    f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="a" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="b" Type="{OFFICE}/styles" Target="styles.xml"/>'
    f'<Relationship Id="c" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><workbookPr/><sheets>'
    '<sheet name="表" sheetId="1" r:id="a"/></sheets></workbook>',
    "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="9"/>'
    '<xf numFmtId="14"/><xf numFmtId="46"/></cellXfs></styleSheet>',
    "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>甲</t></si><si><t>乙</t></si></sst>',
    "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>'
    '<row r="2"><c r="B2" t="s"><v>0</v></c><c r="C2" s="1"><v>0.5</v></c></row>'
    '<row r="3" ht="20"/><row r="4"><c r="B4" s="2"><v>43542</v></c>'
    '<c r="D4" t="inlineStr"><is><t>&#19993;&amp;丁</t></is></c></row>'
    '</sheetData><mergeCells count="1"><mergeCell ref="D4:F5"/></mergeCells></worksheet>',
}


def workbook(*changes: tuple[str, str, str], more: dict[str, bytes] | None = None) -> bytes:
    """Pack the small workbook, in each part with something replaced."""
    parts = {name: part.encode() for name, part in PARTS.items()}
    for name, old, new in changes:
        assert old in parts[name].decode()
        parts[name] = parts[name].replace(old.encode(), new.encode())
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in (parts | (more or {})).items():
            archive.writestr(name, part)
    return stream.getvalue()


SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
BOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
HALF = '<c r="C2" s="1"><v>0.5</v></c>'


def test_every_kind_of_plain_cell_is_read() -> None:
    found = read_plain(workbook())
    assert found is not None
    ((sheet,), percents) = found
    assert sheet.cells == {2: {2: "甲", 3: 0.5}, 4: {2: date(2019, 3, 18), 4: "丙&丁"}}
    assert (sheet.name, sheet.hidden, sheet.spans) == ("表", False, {(4, 4): (5, 6)})
    assert percents == {"表": frozenset({(2, 3)})}
    assert found == with_calamine(workbook())


@pytest.mark.parametrize(
    "change",
    [
        pytest.param((SHEET, HALF, '<c r="C2"><f>1/2</f><v>0.5</v></c>'), id="a formula"),
        pytest.param((SHEET, HALF, '<c r="C2" t="e"><v>#REF!</v></c>'), id="an error"),
        pytest.param((SHEET, HALF, '<c r="C2" t="b"><v>1</v></c>'), id="a truth value"),
        pytest.param((SHEET, HALF, '<c r="C2" t="str"><v>甲</v></c>'), id="a formula's text"),
        pytest.param((SHEET, HALF, "<c><v>0.5</v></c>"), id="a cell without a place"),
        pytest.param((SHEET, HALF, '<c s="1" r="C2"><v>0.5</v></c>'), id="attributes in another order"),
        pytest.param((SHEET, HALF, "<c r='C2'><v>0.5</v></c>"), id="single quotes"),
        pytest.param((SHEET, HALF, '<c r="B2"><v>0.5</v></c>'), id="a cell twice"),
        pytest.param((SHEET, HALF, '<c r="A2"><v>0.5</v></c>'), id="cells out of order"),
        pytest.param((SHEET, HALF, '<c r="C9"><v>0.5</v></c>'), id="a cell of another row"),
        pytest.param((SHEET, HALF, '<c r="C2"><v>5 </v></c>'), id="a number with a space"),
        pytest.param((SHEET, HALF, '<c r="C2"><v>0x10</v></c>'), id="no number"),
        pytest.param((SHEET, HALF, '<c r="C2" s="3"><v>0.5</v></c>'), id="a duration"),
        pytest.param((SHEET, HALF, '<c r="C2" s="2"><v>43542.5</v></c>'), id="a time of day"),
        pytest.param((SHEET, HALF, '<c r="C2" t="s"><v>2</v></c>'), id="a shared text that is not there"),
        pytest.param((SHEET, HALF, '<c r="C2" t="s"><v>-1</v></c>'), id="a shared text from the end"),
        pytest.param((SHEET, HALF, f"<!-- -->{HALF}"), id="a comment"),
        pytest.param((SHEET, HALF, f"\n{HALF}"), id="something between the cells"),
        pytest.param((SHEET, 'ht="20"', 'ht="20" ht="20"'), id="an attribute twice"),
        pytest.param((SHEET, '<row r="4">', '<row r="2">'), id="a row twice"),
        pytest.param((SHEET, "&amp;", "&unknown;"), id="an unknown entity"),
        pytest.param((SHEET, "&amp;", "&#0;"), id="a character that XML does not have"),
        pytest.param((SHEET, "&amp;", "]]>"), id="an end of nothing"),
        pytest.param((SHEET, "&amp;", "&#57344;"), id="the sign that parts texts here"),
        pytest.param((SHEET, "&amp;", "_x000D_"), id="a sign written in Excel's way"),
        pytest.param((SHEET, "丁<", " <"), id="a space that some readers drop"),
        pytest.param((SHEET, "<t>", "<t><!-- -->"), id="a comment in a text"),
        pytest.param((SHEET, "</worksheet>", "<c r='A1'/></worksheet>"), id="a cell elsewhere"),
        pytest.param((SHEET, "</worksheet>", ""), id="XML cut short"),
        pytest.param((SHEET, "<worksheet", "<!DOCTYPE a><worksheet"), id="a document type"),
        pytest.param((SHEET, '"D4:F5"', '"D4"'), id="a merged cell without an end"),
        pytest.param((STRINGS, "<si><t>乙</t></si>", "<si><r><t>乙</t></r></si>"), id="text in pieces"),
        pytest.param((STRINGS, "<t>乙", "<t> 乙"), id="a shared text that begins with a space"),
        pytest.param((STRINGS, "<t>乙", "<t>&#32;乙"), id="a shared text that begins with a written space"),
        pytest.param((STRINGS, "乙", "\x01"), id="a shared sign that XML does not have"),
        pytest.param((STRINGS, "乙", "\uffff"), id="a shared sign that is no character"),
        pytest.param((STRINGS, "乙", "]]>"), id="a shared end of nothing"),
        pytest.param((STRINGS, "乙", "&unknown;"), id="an unknown entity in a shared text"),
        pytest.param((STRINGS, "乙", "_x000D_"), id="a shared sign written in Excel's way"),
        pytest.param((STRINGS, "乙</t>", "乙</t><t>丙</t>"), id="two shared texts in one"),
        pytest.param((STRINGS, "</si></sst>", "</sst>"), id="shared texts cut short"),
        pytest.param((STRINGS, "<si><t>乙", "<si> <t>乙"), id="something between the shared texts"),
        pytest.param((SHEET, '<row r="4">', '</row><row r="4">'), id="a row that ends twice"),
        pytest.param((SHEET, '<row r="2">', ""), id="cells without a row"),
        pytest.param((SHEET, '<row r="2">', '<c r="A1"/><row r="2">'), id="a blank cell before the rows"),
        pytest.param((BOOK, "<workbookPr/>", '<workbookPr date1904="1"/>'), id="days counted from 1904"),
        pytest.param((BOOK, 'name="表"', 'name="表" state="gone"'), id="an unknown state"),
        pytest.param((RELATIONS, "worksheets/", "../xl/worksheets/"), id="a path that climbs"),
        pytest.param((RELATIONS, "styles.xml", "others.xml"), id="styles elsewhere"),
        pytest.param(("_rels/.rels", "xl/workbook.xml", "xl/other.xml"), id="the workbook elsewhere"),
        pytest.param(("[Content_Types].xml", "sheet.main", "other"), id="no spreadsheet"),
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_calamine(change: tuple[str, str, str]) -> None:
    assert read_plain(workbook(change)) is None


def test_a_cell_far_away_is_left_to_the_limits() -> None:
    far = '<row r="900000"><c r="ZZ900000"><v>1</v></c></row></sheetData>'
    assert read_plain(workbook((SHEET, "</sheetData>", far))) is None


def test_a_sheet_hidden_in_another_part_is_not_plain() -> None:
    assert read_plain(workbook(more={"xl/other.xml": b"<a><sheetData/></a>"})) is None


def _with_wrong_checksum(data: bytes) -> bytes:
    place = data.index(b"PK\1\2") + 16
    return data[:place] + b"\0\0\0\0" + data[place + 4 :]


def _with_a_smaller_size(data: bytes) -> bytes:
    place = data.index(b"PK\1\2") + 24
    return data[:place] + (5).to_bytes(4, "little") + data[place + 4 :]


def _with_another_name(data: bytes) -> bytes:
    return data.replace(b"xl/styles.xml", b"xl/stiles.xml", 1)


@pytest.mark.parametrize("damage", [_with_wrong_checksum, _with_a_smaller_size, _with_another_name])
def test_a_zip_that_contradicts_itself_is_not_plain(damage: Callable[[bytes], bytes]) -> None:
    assert read_plain(damage(workbook())) is None


@pytest.mark.parametrize(
    "place", [4, 6, 8, 20], ids=["its number", "the first", "how much is on it", "a note"]
)
def test_a_part_of_a_zip_on_several_disks_is_not_plain(place: int) -> None:
    data = workbook()
    end = len(data) - 22
    assert well_formed(data)
    damaged = data[: end + place] + b"\1\x0d" + data[end + place + 2 :]
    assert not well_formed(damaged)
    assert load_if_harmless(damaged, Kind.XLSX, Limits()) is None


@pytest.mark.parametrize("size", [4, 21, 22, 40])
def test_the_mere_beginning_of_a_zip_is_broken(size: int) -> None:
    assert not well_formed(workbook()[:size])
    assert sniff("表.xlsx", workbook()[:size]) is Kind.BROKEN


def test_a_directory_that_counts_more_parts_than_it_has_is_not_read_at_all() -> None:
    data = bytearray(workbook())
    place, end = data.index(b"PK\1\2"), len(data) - 22
    data[place + 16 : place + 20] = b"PK\1\2"  # a checksum that looks like one more
    for count in (end + 8, end + 10):
        data[count : count + 2] = (data[count] + 1).to_bytes(2, "little")
    damaged = bytes(data)
    assert well_formed(damaged)
    assert part_names(damaged) is None
    assert sniff("表.xlsx", damaged) is Kind.XLSX  # as zipfile has it: the close look tells of it
    assert read_plain(damaged) is None


DAMAGED_ZIP = workbook()
FIRST_PART_AT = 30 + len("[Content_Types].xml")


@given(st.integers(FIRST_PART_AT, DAMAGED_ZIP.index(b"PK\1\2") - 1), st.integers(1, 255))
def test_a_damaged_byte_gives_the_same_parts_or_none(place: int, bits: int) -> None:
    data = bytearray(DAMAGED_ZIP)
    data[place] ^= bits
    found = unpacked(bytes(data), len(data) * 100)
    if found is not None:
        assert list(found.values()) == list(unpacked(DAMAGED_ZIP, len(data) * 100).values())


def test_names_are_those_that_zipfile_tells() -> None:
    data = workbook()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert part_names(data) == tuple(archive.namelist())
    assert part_names(data[:-1]) is None


def test_what_is_remembered_of_other_forms_changes_nothing() -> None:
    plain, kept = workbook(), workbook((SHEET, "<t>&#19993;", '<t xml:space="preserve"> &#19993;'))
    dropped = workbook((SHEET, "<t>&#19993;", "<t> &#19993;"))
    for _ in range(2):
        assert cells_of(plain)[4][4] == "丙&丁"
        assert cells_of(kept)[4][4] == " 丙&丁"
        assert read_plain(dropped) is None


LONG = "甲" * 1_000_000


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            (SHEET, "<worksheet ", f'<worksheet a="{LONG}" '), id="the tag that a sheet begins with"
        ),
        pytest.param((BOOK, "<workbookPr/>", f'<workbookPr a="{LONG}"/>'), id="the list of sheets"),
        pytest.param(("xl/styles.xml", "<cellXfs>", f"<a>{LONG}</a><cellXfs>"), id="the styles"),
        pytest.param((SHEET, HALF, f'{HALF}<c r="D2" t="inlineStr"><is><t>{LONG}</t></is></c>'), id="a cell"),
    ],
)
def test_what_is_long_is_not_remembered(change: tuple[str, str, str]) -> None:
    """Files of a few KiB can hold megabytes: what is remembered of hundreds would fill the memory."""
    part, old, new = change
    files = [workbook((part, old, new.replace("甲", sign))) for sign in "乙丙丁戊"]
    tracemalloc.start()
    try:
        for data in files:
            found = read_plain(data)
            assert found is not None
            assert find_heads(found[0][0], Words(())) is None
            del found
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < len(LONG)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_shared_texts_that_keep_their_spaces_stand_among_those_that_have_none(number: int) -> None:
    texts = (
        '<si><t xml:space="preserve"> 甲&amp;</t></si>'
        '<si><t xml:space="preserve">\u3000 </t></si>'
        "<si><t>乙&lt;</t></si>"
    )
    data = workbook(
        (STRINGS, "<si><t>甲</t></si><si><t>乙</t></si>", texts), (SHEET, "<v>0</v>", f"<v>{number}</v>")
    )
    assert cells_of(data)[2].get(2) == (" 甲&", None, "乙<")[number]
    assert read_plain(data) == with_calamine(data)


RICH = '<si><r><rPr><b/></rPr><t xml:space="preserve">甲</t></r><r><t xml:space="preserve">乙</t></r></si>'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("</r><r>", "</r></si><si><r>"),
        ("</t></r></si>", "</t></si>"),
        ("<b/>", '<b a="1" a="2"/>'),
        ("<b/>", "<b>"),
        ("<b/></rPr>", "</rPr>"),
        ("甲", "&am<r><rPr><b/></rPr><tp;"),
        ("<r><rPr><b/></rPr><t ", "<r><rPr><b/></rPr></r><t "),
    ],
)
def test_text_that_changes_its_font_is_joined_only_where_it_is_written_rightly(old: str, new: str) -> None:
    whole = workbook((STRINGS, "<si><t>甲</t></si>", RICH))
    assert cells_of(whole)[2][2] == "甲乙"
    assert old in RICH
    found = read_plain(workbook((STRINGS, "<si><t>甲</t></si>", RICH.replace(old, new, 1))))
    if new in ("</rPr>", "</r></si><si><r>"):  # other, but well written
        assert found is not None
    else:
        assert found is None


# ── as programs write ────────────────────────────────────────────────────────────────────────────────


def test_our_own_form_is_read_without_calamine(tmp_path: Path) -> None:
    data = saved(fill(blank_form(tmp_path / "表.xlsx")))
    found = read_plain(data)
    assert found is not None
    assert found == with_calamine(data)


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)
VALUES: st.SearchStrategy[Value] = st.one_of(
    st.none(),
    TEXTS,
    st.integers(-(10**9), 10**9),
    st.floats(-1e6, 1e6),
    st.booleans(),
    st.dates(date(1999, 1, 1), date(2101, 1, 1)),
    st.datetimes(datetime(1999, 1, 1), datetime(2101, 1, 1)),  # noqa: DTZ001 - a cell has no zone
    st.times(),
    st.timedeltas(timedelta(0), timedelta(9)),
)
ROWS = st.lists(st.lists(VALUES, max_size=5), max_size=6)


def _by_openpyxl(rows: list[list[Value]]) -> bytes:
    book = Workbook()
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            cell = book.worksheets[0].cell(number, column)
            if isinstance(value, str):
                cell.value, cell.data_type = openpyxl.utils.escape.escape(value), "s"
            else:
                cell.value = value
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _by_xlsxwriter(rows: list[list[Value]]) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet, dated = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(number, column, value)
                elif isinstance(value, date | time | timedelta):
                    sheet.write_datetime(number, column, value, dated)
                else:
                    sheet.write(number, column, value)
    return stream.getvalue()


@pytest.mark.parametrize("write", [_by_openpyxl, _by_xlsxwriter])
@given(rows=ROWS)
def test_what_is_read_plainly_is_what_calamine_reads(
    write: Callable[[list[list[Value]]], bytes], rows: list[list[Value]]
) -> None:
    data = write(rows)
    found = read_plain(data)
    assert found is None or repr(found) == repr(with_calamine(data))


@given(
    rows=st.lists(st.lists(st.sampled_from(["推进中", "好的，\n第二行", "3 < 5 & 6", 3.0, 2.5, 0.0, None])))
)
def test_plain_cells_are_plain(rows: list[list[Value]]) -> None:
    assert read_plain(_by_xlsxwriter(rows)) is not None


def test_what_is_not_plain_is_read_all_the_same() -> None:
    data = workbook((SHEET, HALF, '<c r="C2" t="b"><v>1</v></c>'))
    loaded = load_if_harmless(data, Kind.XLSX, Limits())
    assert loaded is not None
    assert loaded.grids[0].cells[2] == {2: "甲", 3: True}  # type: ignore[union-attr]
