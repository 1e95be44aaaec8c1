"""Return copies are cast from moulds; what openpyxl lays out and saves for the same is the measure."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime
from io import BytesIO
from itertools import count
from pathlib import Path
from random import Random
from zipfile import ZipFile

import by_openpyxl
import msgspec
import packages
import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment
from openpyxl.utils.datetime import CALENDAR_MAC_1904, MAC_EPOCH, WINDOWS_EPOCH, to_excel
from restyling import CHANGES, sheet_of

from kepu_xls import config, forms, identity
from kepu_xls.errors import InputError
from kepu_xls.forms.texts import serial, storable
from kepu_xls.model import (
    Answer,
    Entry,
    Field,
    FieldType,
    Finding,
    Indicator,
    IndicatorValue,
    Place,
    Required,
    Role,
    Scalar,
    Severity,
    Submission,
    Task,
    TiedBy,
)

Content = Callable[..., forms.FormContent]
Restyle = Callable[[Callable[[Workbook], object]], Path]

STORY = "会同各街道开展科技节，覆盖全部学校，师生反响良好。"
TEXTS = (
    "", "已开展", " 前后有空格 ", "两行\n第二行\r\n", "<b>&amp;</b> 100%(text)s", "=1+1", "#N/A", "{{单位}}",
    "\x02\x01", "\ud800", "\U0010f000\U0010ff10\ufffe\x07𝒳", "_x0041_", STORY * 9, STORY * 60, "100%",
    "-99997",
)  # fmt: skip
VALUES: dict[FieldType, tuple[Scalar, ...]] = {
    FieldType.INTEGER: (None, 0, 7, -3, 35_000, 10**18),
    FieldType.DECIMAL: (None, 0.1, 3.5, 1 / 3, 1e-7, 12_345_678.25),
    FieldType.PERCENT: (None, 0, 72.5, 100, 1 / 3),
    FieldType.DATE: (None, "1900-01-15", "1900-03-01", "2019-02-28", "9999-12-31"),
}


def chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - nothing secret, and the same each time


class Unit:
    """What some unit said in its form, and what is wrong with it: anything at all."""

    def __init__(self, form: forms.FormContent, seed: int) -> None:
        self.form, self.chance, self._cells = form, chance(seed), (f"M{row}" for row in count(1))

    def returned(self, faults: int) -> forms.ReturnContent:
        form, by = self.form, self.chance
        entries = tuple(
            Entry(form.identity.unit, task.number, role, dict(self._answers(form.fields)), "我的表", row)
            for row, (task, role) in enumerate(form.duties)
            if by.random() < 0.8
        )
        figures = tuple(
            IndicatorValue(
                form.identity.unit, one.task, one.name, self._answer(FieldType.DECIMAL), by.choice(TEXTS)
            )
            for one in (*form.indicators, Indicator("9.9", "表上没有", 1.0, "个"))
        )
        said = Submission(
            form.identity.unit,
            form.identity.period,
            1,
            TiedBy.LABELS,
            (
                *entries,
                Entry("", "9.9.9", Role.LEAD, {"status": Answer("推进中", "推进中", "Z1")}, "我的表", 99),
            ),
            dict(self._answers(form.form_fields)),
            figures,
        )
        findings = tuple(self._finding(said) for _ in range(faults))
        return forms.ReturnContent(form, said, findings, datetime(2019, 3, 29, 17))  # noqa: DTZ001 - local

    def _answers(self, fields: tuple[Field, ...]) -> Iterator[tuple[str, Answer]]:
        for field in fields:
            if self.chance.random() < 0.7:
                yield field.key, self._answer(field.type)

    def _answer(self, kind: FieldType) -> Answer:
        by = self.chance
        raw = by.choice(TEXTS)
        text = raw if by.random() < 0.8 else None
        value = by.choice(VALUES[kind]) if kind in VALUES else text
        return Answer(value, raw, next(self._cells), by.random() < 0.1, by.random() < 0.1)

    def _finding(self, said: Submission) -> Finding:
        """Something about an answer, a figure, a row, or nothing that the form asks."""
        by = self.chance
        places = [
            ("我的表", answer.cell, one.task) for one in said.entries for answer in one.answers.values()
        ]
        places += [("我的表", answer.cell, "") for answer in said.form_answers.values()]
        places += [("指标", one.answer.cell, one.task) for one in said.indicator_values]
        places += [("我的表", "", one.task) for one in said.entries] + [("", "", ""), ("别处", "C3", "")]
        sheet, cell, task = by.choice(places)
        return Finding(
            code="choice-unknown",
            severity=by.choice((Severity.ERROR, Severity.ERROR, Severity.WARNING, Severity.INFO)),
            message=by.choice(TEXTS[1:]),
            remedy=by.choice(TEXTS[1:]),
            place=Place("来.xls", sheet, cell),
            task=task,
        )


def duties(leads: int, others: int, text: str = "推进科技教育") -> tuple[tuple[Task, Role], ...]:
    roles = [Role.LEAD] * leads + [Role.PARTICIPANT] * others
    return tuple(
        (Task(f"1.1.{index}", "部分", f"（{index}）项目", text * index), role)
        for index, role in enumerate(roles, 1)
    )


def indicators(number: int) -> tuple[Indicator, ...]:
    return tuple(Indicator(f"1.1.{index}", f"基地{index}", index / 3, "个") for index in range(number))


class Castings:
    """Return copies of one template, ours beside those of openpyxl."""

    def __init__(
        self, path: Path, fields: tuple[Field, ...], form_fields: tuple[Field, ...], folder: Path
    ) -> None:
        self.press = forms.ReturnPress(path, fields, form_fields, folder)
        self._template = forms.load_template(path, fields, form_fields)

    def assert_alike(self, content: forms.ReturnContent) -> None:
        cast = self.press.copy(content)
        identifier = load_workbook(BytesIO(cast)).properties.identifier
        laid_out = by_openpyxl.laid_out(self._template, content, str(identifier))
        packages.assert_alike(cast, laid_out)


@pytest.fixture(scope="module")
def castings(settings: config.Config, tmp_path_factory: pytest.TempPathFactory) -> Castings:
    path = Path(__file__).resolve().parents[2] / "templates" / "form.xlsx"
    return Castings(path, settings.fields, settings.form_fields, tmp_path_factory.mktemp("moulds"))


@hypothesis_settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@example(sizes=(0, 1, 2), faults=2, seed=1)  # the flagged cell is all of a shade's area
@given(
    sizes=st.tuples(st.integers(0, 4), st.integers(0, 5), st.integers(0, 3)).filter(
        lambda one: one[0] + one[1]
    ),
    faults=st.integers(0, 12),
    seed=st.integers(0, 2**32),
)
def test_a_copy_cast_is_the_copy_laid_out_whatever_was_said_and_found(
    sizes: tuple[int, int, int], faults: int, seed: int, content: Content, castings: Castings
) -> None:
    by = chance(seed)
    leads, others, asked = sizes
    form = content(
        f"区{storable(by.choice(TEXTS))[:99]}局",
        duties=duties(leads, others),
        previous={"1.1.1": by.choice(TEXTS)},
        indicators=indicators(asked),
        period_label=by.choice(("2019年第12周", "2031年7月")),
        first_day=by.choice((date(2019, 3, 18), date(2031, 7, 1))),
        organiser=by.choice(("区科协", "甲&乙<丙>")),
    )
    castings.assert_alike(Unit(form, seed).returned(faults))


@pytest.mark.parametrize("unit", ["区科协", "区教育局", "区妇联"])
@pytest.mark.parametrize("faults", [0, 1, 60])
def test_a_copy_of_the_plans_form_is_the_copy_laid_out(
    unit: str, faults: int, content: Content, castings: Castings
) -> None:
    castings.assert_alike(Unit(content(unit), faults).returned(faults))


SIZES = ((1, 0, 0), (0, 7, 0), (2, 2, 2), (3, 4, 1))


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_copy_cast_from_a_restyled_template_is_the_copy_laid_out(
    change: Callable[[Workbook], object],
    content: Content,
    restyle: Restyle,
    settings: config.Config,
    tmp_path: Path,
) -> None:
    castings = Castings(restyle(change), settings.fields, settings.form_fields, tmp_path)
    for number, (leads, others, asked) in enumerate(SIZES):
        form = content("区科协", duties=duties(leads, others, STORY), indicators=indicators(asked))
        castings.assert_alike(Unit(form, number).returned(3 * number))


def with_notes_where_units_fill(book: Workbook) -> None:
    """Put notes on header, model rows and inputs: ours take the place of those that are hit."""
    sheet = sheet_of(book)
    for row in sheet.iter_rows(min_row=5, max_row=9):
        for cell in row:
            if isinstance(cell.value, str) and "{{" in cell.value:
                cell.comment = Comment(f"请填{cell.coordinate}", "科协")


def since_1904(book: Workbook) -> None:
    book.epoch = CALENDAR_MAC_1904


def with_models_in_small_print(book: Workbook) -> None:
    for row in sheet_of(book).iter_rows(min_row=6, max_row=7):
        for cell in row:
            cell.alignment = Alignment(wrap_text=False, shrink_to_fit=True)
            cell.number_format = "0.00"


@pytest.mark.parametrize("change", [with_notes_where_units_fill, since_1904, with_models_in_small_print])
def test_a_copy_cast_goes_along_with_notes_epochs_and_formats_of_the_template(
    change: Callable[[Workbook], object],
    content: Content,
    restyle: Restyle,
    settings: config.Config,
    tmp_path: Path,
) -> None:
    castings = Castings(restyle(change), settings.fields, settings.form_fields, tmp_path)
    for number, (leads, others, asked) in enumerate(SIZES):
        form = content("区科协", duties=duties(leads, others), indicators=indicators(asked))
        castings.assert_alike(Unit(form, number).returned(12))


def test_a_copy_that_asks_for_other_fields_is_the_copy_laid_out(
    content: Content, settings: config.Config, shipped: Path, tmp_path: Path
) -> None:
    kinds = (FieldType.DATE, FieldType.DECIMAL, FieldType.PERCENT, FieldType.INTEGER, FieldType.TEXT)
    fields = (
        *settings.fields[1:3],
        *(Field(f"own{index}", f"自设栏目{index}", kind) for index, kind in enumerate(kinds)),
        Field("grade", "等次", FieldType.CHOICE, Required.LEAD, choices=("优", "良")),
    )
    form_fields = (
        *settings.form_fields,
        Field("total", "合计金额", FieldType.DECIMAL, Required.ALL, minimum=0),
        Field("seen", "审核日期", FieldType.DATE, hint="填到日"),
    )
    castings = Castings(shipped, fields, form_fields, tmp_path)
    for number, (leads, others, asked) in enumerate(SIZES):
        form = content(
            "区科协",
            duties=duties(leads, others),
            indicators=indicators(asked),
            fields=fields,
            form_fields=form_fields,
        )
        castings.assert_alike(Unit(form, number).returned(9))


def test_several_faults_of_a_cell_are_in_one_note_and_faults_of_rows_and_figures_in_theirs(
    content: Content, castings: Castings
) -> None:
    form = content("区科协", duties=duties(2, 2), indicators=indicators(2))
    said = Unit(form, 4).returned(0)
    cell = next(iter(said.submission.entries[0].answers.values())).cell
    figure = said.submission.indicator_values[1].answer.cell

    def wrong(place: Place, task: str, what: str) -> Finding:
        return Finding("choice-unknown", Severity.ERROR, what, "请改正", place, task=task)

    findings = (
        wrong(Place("来.xls", "我的表", cell), "1.1.1", "第一处"),
        wrong(Place("来.xls", "指标", figure), "1.1.1", "指标"),
        wrong(Place("来.xls", "我的表", cell), "1.1.1", "第二处"),
        wrong(Place("来.xls"), "1.1.4", "整行"),
    )
    made = msgspec.structs.replace(said, findings=findings)
    castings.assert_alike(made)
    book = load_workbook(BytesIO(castings.press.copy(made)))
    notes = [cell.comment.text for sheet in book for row in sheet.iter_rows() for cell in row if cell.comment]
    assert sorted(note.split("。")[0] for note in notes) == ["指标", "整行", "第一处"]
    assert any("第一处" in note and "第二处" in note for note in notes)


def test_a_text_longer_than_a_cell_is_cut_and_told(content: Content, castings: Castings) -> None:
    form = content("区科协", duties=duties(1, 1), indicators=())
    said = Unit(form, 5).returned(0)
    longest = Answer("长" * 40_000, "长" * 40_000, "M99")
    entry = msgspec.structs.replace(said.submission.entries[0], answers={"progress": longest})
    submission = msgspec.structs.replace(said.submission, entries=(entry,))
    made = msgspec.structs.replace(said, submission=submission)
    castings.assert_alike(made)
    list_of_faults = load_workbook(BytesIO(castings.press.copy(made)))[identity.RETURN_SHEET]
    assert any("40000" in str(cell.value) for row in list_of_faults.iter_rows() for cell in row)


@given(st.dates())
def test_days_are_numbers_as_openpyxl_counts_them(day: date) -> None:
    assert serial(day) == to_excel(day, WINDOWS_EPOCH)
    assert serial(day, since_1904=True) == to_excel(day, MAC_EPOCH)


@given(st.text(st.characters(exclude_categories=())))
def test_what_is_storable_is_what_openpyxl_stores(text: str) -> None:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415 - the measure

    expected = re.sub("[\ud800-\udfff\ufffe\uffff]", "", ILLEGAL_CHARACTERS_RE.sub("", text))
    assert storable(text) == expected


# ── moulds that are kept ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "moulds"


@pytest.fixture
def wrong(content: Content) -> forms.ReturnContent:
    return Unit(content("区科协"), 1).returned(8)


def press(path: Path, content: forms.ReturnContent, folder: Path) -> forms.ReturnPress:
    return forms.ReturnPress(path, content.form.fields, content.form.form_fields, folder)


_COPY = """
import pathlib, pickle, sys
from kepu_xls import forms
path, folder, content = sys.argv[1:]
content = pickle.loads(pathlib.Path(content).read_bytes())
press = forms.ReturnPress(
    pathlib.Path(path), content.form.fields, content.form.form_fields, pathlib.Path(folder)
)
sys.stdout.buffer.write(press.copy(content))
assert "openpyxl" not in sys.modules
"""


def test_a_mould_that_was_kept_casts_the_same_without_openpyxl(
    wrong: forms.ReturnContent, shipped: Path, folder: Path, tmp_path: Path
) -> None:
    first = press(shipped, wrong, folder).copy(wrong)
    (tmp_path / "content").write_bytes(pickle.dumps(wrong))
    root = str(Path(__file__).resolve().parents[2])
    again = subprocess.run(
        [sys.executable, "-c", _COPY, str(shipped), str(folder), str(tmp_path / "content")],
        env=os.environ | {"PYTHONPATH": root},
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    assert again == first


def test_a_kept_mould_serves_all_units_periods_and_organisers(
    content: Content, wrong: forms.ReturnContent, shipped: Path, folder: Path
) -> None:
    press(shipped, wrong, folder).copy(wrong)
    kept = sorted(folder.iterdir())
    other = content(
        "区教育局", period_label="2020年1月", first_day=date(2020, 1, 1), organiser="别处", plan_title="另"
    )
    other = msgspec.structs.replace(other, deadline=datetime(2020, 2, 1, 9), indicators=indicators(1))  # noqa: DTZ001 - local
    made = Unit(other, 1).returned(8)
    press(shipped, made, folder).copy(made)
    assert sorted(folder.iterdir()) == kept


@pytest.mark.parametrize("damage", [b"", b"\x80", b"not a mould"])
def test_a_kept_mould_that_is_damaged_is_made_again(
    damage: bytes, wrong: forms.ReturnContent, shipped: Path, folder: Path
) -> None:
    first = press(shipped, wrong, folder).copy(wrong)
    (kept,) = folder.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(damage)
    assert press(shipped, wrong, folder).copy(wrong) == first
    assert kept.read_bytes() == whole


def test_another_template_has_moulds_of_its_own_and_the_old_ones_go(
    wrong: forms.ReturnContent, shipped: Path, restyle: Restyle, folder: Path
) -> None:
    press(shipped, wrong, folder).copy(wrong)
    before = set(folder.iterdir())

    def change(book: Workbook) -> None:
        sheet_of(book)["B1"] = "另一个标题"

    changed = press(restyle(change), wrong, folder).copy(wrong)
    assert sheet_of(load_workbook(BytesIO(changed)))["B1"].value == "另一个标题"
    assert set(folder.iterdir()).isdisjoint(before)


def test_other_fields_have_moulds_of_their_own(
    content: Content, wrong: forms.ReturnContent, shipped: Path, folder: Path
) -> None:
    press(shipped, wrong, folder).copy(wrong)
    fewer = wrong.form.fields[:-1]
    made = Unit(content("区科协", fields=fewer), 1).returned(8)
    keys = {
        cell.value for cell in sheet_of(load_workbook(BytesIO(press(shipped, made, folder).copy(made))))[5]
    }
    assert wrong.form.fields[-1].key not in keys
    assert {field.key for field in fewer} <= keys
    assert len(list(folder.iterdir())) == 2


def test_a_broken_template_is_told_where_a_mould_has_to_be_made(
    wrong: forms.ReturnContent, folder: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "form.xlsx"
    broken.write_bytes(b"no workbook")
    with pytest.raises(InputError) as caught:
        press(broken, wrong, folder).renew(wrong, tmp_path / "copy.xlsx")
    assert caught.value.finding.code == "template-unreadable"
    with pytest.raises(InputError) as caught:
        press(tmp_path / "none.xlsx", wrong, folder)
    assert caught.value.finding.code == "template-missing"
    assert not (tmp_path / "copy.xlsx").exists()


def test_a_copy_is_written_again_only_where_it_would_be_another(
    content: Content, wrong: forms.ReturnContent, shipped: Path, folder: Path, tmp_path: Path
) -> None:
    path, ours = tmp_path / "copy.xlsx", press(shipped, wrong, folder)
    other = Unit(content("区科协"), 2).returned(8)
    assert [ours.renew(one, path) for one in (wrong, wrong, other, other, wrong)] == [
        True,
        False,
        True,
        False,
        True,
    ]
    with ZipFile(path) as archive:
        assert archive.testzip() is None
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert load_workbook(path).sheetnames[:2] == [identity.RETURN_SHEET, identity.FORM_SHEET]


def test_moulds_of_return_copies_are_kept_when_forms_are_made(
    content: Content, wrong: forms.ReturnContent, shipped: Path, folder: Path
) -> None:
    made = [content("区科协"), content("区妇联"), content("区妇联")]
    template = forms.load_template(shipped, made[0].fields, made[0].form_fields)
    forms.Press(template, folder).expect_returns(made)
    kept = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert len(kept) == 3  # faults on one sheet, on both; and the form that has only one
    press(shipped, wrong, folder).copy(wrong)
    forms.Press(template, folder).expect_returns(made)
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == kept
