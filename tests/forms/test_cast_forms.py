"""Forms are cast from a mould; what openpyxl lays out and saves for the same unit is the measure."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import packages
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from python_calamine import CalamineWorkbook
from restyling import (
    CHANGES,
    sheet_of,
    with_notes_and_links,
    with_other_sheets,
    with_pictures,
    with_texts_around,
)

from kepu_xls import config, forms, identity
from kepu_xls.errors import SurroundingsError
from kepu_xls.forms.saving import saved
from kepu_xls.forms.table import prepare
from kepu_xls.model import Indicator, Role, Task

Content = Callable[..., forms.FormContent]
Restyle = Callable[[Callable[[Workbook], object]], Path]

STORY = "本期组织科技工作者进校园，开展了讲座、展览和实验体验活动，师生反响良好。"


def duties(leads: int, others: int, text: str = "推进科技教育") -> tuple[tuple[Task, Role], ...]:
    roles = [Role.LEAD] * leads + [Role.PARTICIPANT] * others
    return tuple(
        (Task(f"1.1.{index}", "部分", f"（{index}）项目", text * index), role)
        for index, role in enumerate(roles, 1)
    )


def indicators(count: int) -> tuple[Indicator, ...]:
    return tuple(Indicator("1.1.1", f"基地{index}", index / 3, "个") for index in range(count))


def assert_alike(press: forms.Press, template: forms.Template, content: forms.FormContent) -> None:
    cast, laid_out = press.form(content), packages.laid_out(template, content)
    packages.assert_alike(cast, laid_out)


@pytest.fixture(scope="module")
def template(settings: config.Config) -> forms.Template:
    path = Path(__file__).resolve().parents[2] / "templates" / "form.xlsx"
    return forms.load_template(path, settings.fields, settings.form_fields)


@pytest.fixture(scope="module")
def press(template: forms.Template) -> forms.Press:
    return forms.Press(template)


TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "",
            "=1+1",
            " 前后有空格 ",
            "两行\n第二行\r\n",
            "<b>&amp;</b> 100%(number)s",
            "{{单位}}",
            "\U0010ff00\ufffe\x07𝒳",
            STORY * 9,
            STORY * 30,
            "_x0041_",
        ]
    ),
)


@hypothesis_settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    sizes=st.tuples(st.integers(0, 4), st.integers(0, 5), st.integers(0, 3)).filter(
        lambda one: one[0] + one[1]
    ),
    texts=st.tuples(TEXTS, TEXTS, TEXTS, TEXTS, TEXTS),
)
def test_a_form_cast_is_the_form_laid_out_whatever_it_says(
    sizes: tuple[int, int, int],
    texts: tuple[str, ...],
    content: Content,
    press: forms.Press,
    template: forms.Template,
) -> None:
    leads, others, asked = sizes
    unit, task, project, previous, measure = texts
    made = content(
        f"区{unit}局",
        duties=tuple(
            (Task(one.number, one.part, project, task), role) for one, role in duties(leads, others)
        ),
        previous={"1.1.1": previous, "1.1.4": previous * 2},
        indicators=tuple(
            Indicator(one.task, f"基地{measure}", one.target, measure) for one in indicators(asked)
        ),
    )
    assert_alike(press, template, made)


@pytest.mark.parametrize("unit", ["区科协", "区教育局", "区妇联"])
def test_a_form_of_the_plan_cast_is_the_form_laid_out(
    unit: str, content: Content, press: forms.Press, template: forms.Template
) -> None:
    assert_alike(press, template, content(unit))


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_form_cast_from_a_restyled_template_is_the_form_laid_out(
    change: Callable[[Workbook], object], content: Content, restyle: Restyle, settings: config.Config
) -> None:
    template = forms.load_template(restyle(change), settings.fields, settings.form_fields)
    press = forms.Press(template)
    for leads, others, asked in ((1, 0, 0), (0, 1, 0), (0, 7, 0), (2, 2, 2), (9, 4, 1), (1, 3, 5)):
        made = content(
            f"区{leads}科{others}协",
            duties=duties(leads, others, STORY),
            previous={"1.1.1": STORY * 12},
            indicators=indicators(asked),
        )
        assert_alike(press, template, made)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_template_opened_and_saved_is_the_file_read_and_saved_by_openpyxl(
    change: Callable[[Workbook], object], restyle: Restyle, settings: config.Config
) -> None:
    path = restyle(change)
    template = forms.load_template(path, settings.fields, settings.form_fields)
    read, expected, found = load_workbook(path, rich_text=True), BytesIO(), BytesIO()
    for sheet in read.worksheets:
        list(sheet.iter_rows())  # looking at cells makes them; those of the template were looked at
    prepare(sheet_of(read), template.layout, settings.fields)
    read.save(expected)
    with zipfile.ZipFile(found, "w") as archive:
        for name, part in saved(template.open()).items():
            archive.writestr(name, part)
    assert packages.parts(found.getvalue()) == packages.parts(expected.getvalue())


def test_the_same_content_gives_the_same_bytes_whatever_was_cast_before(
    content: Content, press: forms.Press, template: forms.Template
) -> None:
    unlike = content("区科协", previous={"1.1.3": STORY * 20})
    before, _, again = (press.form(one) for one in (content("区科协"), unlike, content("区科协")))
    assert before == again == forms.Press(template).form(content("区科协"))


_PRINT_DIGEST = """
import hashlib, pathlib, sys
import conftest, packages
from kepu_xls import config, forms, identity
settings = config.load(conftest.ROOT / "config.toml")
make = conftest.content.__wrapped__(settings)
template = forms.load_template(pathlib.Path(sys.argv[1]), settings.fields, settings.form_fields)
print(hashlib.sha256(forms.Press(template).form(make("区科协"))).hexdigest())
"""


def test_another_process_gives_the_same_bytes(restyle: Restyle) -> None:
    path = restyle(with_texts_around)
    places = (str(Path(__file__).parent), str(Path(__file__).resolve().parents[2]))
    digests = {
        subprocess.run(
            [sys.executable, "-c", _PRINT_DIGEST, str(path)],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(places)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_another_period_has_forms_of_its_own(
    content: Content, press: forms.Press, template: forms.Template
) -> None:
    press.form(content("区科协"))
    later = content("区科协", period_label="2019年第13周")
    assert_alike(press, template, later)


def test_the_zip_is_plain_and_says_nothing_of_when_it_was_made(content: Content, press: forms.Press) -> None:
    with zipfile.ZipFile(BytesIO(press.form(content("区科协")))) as archive:
        entries = archive.infolist()
        assert archive.testzip() is None
    assert entries[0].filename == "[Content_Types].xml"
    assert len({entry.filename for entry in entries}) == len(entries)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_DEFLATED}


def test_a_form_says_that_it_was_made_for_its_period(content: Content, press: forms.Press) -> None:
    said = load_workbook(BytesIO(press.form(content("区科协")))).properties
    assert f"{said.created:%Y-%m-%d}" == f"{said.modified:%Y-%m-%d}" == "2019-03-18"
    assert said.title == "区科协 2019-W12 进展填报表"


def test_forms_are_written_together_whole_or_not_at_all(
    content: Content, press: forms.Press, tmp_path: Path
) -> None:
    paths = [tmp_path / f"{name}.xlsx" for name in "甲乙丙"]
    press.write({path: content(path.stem, duties=duties(1, 2)) for path in paths})
    before = [path.read_bytes() for path in paths]
    assert before == [press.form(content(path.stem, duties=duties(1, 2))) for path in paths]
    (tmp_path / "~$丙.xlsx").touch()  # open in WPS
    with pytest.raises(SurroundingsError) as caught:
        press.write({path: content(path.stem, duties=duties(2, 2)) for path in paths})
    assert caught.value.finding.code == "file-open-elsewhere"
    assert [path.read_bytes() for path in paths] == before
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [*(path.name for path in paths), "~$丙.xlsx"]
    )


@pytest.mark.libreoffice
def test_libreoffice_reads_a_cast_form_with_pictures_notes_and_shrunk_texts(
    content: Content,
    restyle: Restyle,
    settings: config.Config,
    convert: Callable[[Path, str, Path], Path],
    tmp_path: Path,
) -> None:
    def change(book: Workbook) -> None:
        for one in (with_pictures, with_notes_and_links, with_other_sheets):
            one(book)

    template = forms.load_template(restyle(change), settings.fields, settings.form_fields)
    path = tmp_path / "form.xlsx"
    forms.Press(template).write({path: content("区科协", previous={"1.1.3": STORY * 15})})
    (tmp_path / "saved").mkdir()
    saved = convert(path, "xlsx", tmp_path / "saved")
    for name in (identity.FORM_SHEET, identity.INDICATOR_SHEET, identity.GUIDE_SHEET, "附表"):
        assert texts(saved, name) == texts(path, name)
    before, after = (sheet_of(load_workbook(one)) for one in (path, saved))
    assert len(after._images) == len(before._images) == 3  # type: ignore[attr-defined]  # noqa: SLF001
    assert after["F7"].font.sz == before["F7"].font.sz < 9
    assert [one.comment is None for one in (after["B1"], after["B44"])] == [False, False]


def texts(path: Path, sheet: str) -> list[str]:
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python()
    return [str(value) for row in rows for value in row if value != ""]
