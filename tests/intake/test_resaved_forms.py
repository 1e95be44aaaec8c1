"""Forms that LibreOffice opened and saved in another format read to the same entries."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from filled_forms import PERIOD, SHEET, UNIT, VALUES, blank_form, codes, fill, read, saved, values_of

from kepu_xls.model import TiedBy

Convert = Callable[[Path, str, Path], Path]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled")
    book = fill(blank_form(folder / "form.xlsx"))
    sheet = book[SHEET]
    sheet["I9"], sheet["I9"].number_format = 0.5, "0%"
    sheet["I10"], sheet["I10"].number_format = 0.5, "General"
    sheet["L9"] = "=1/0"
    path = folder / "报送.xlsx"
    path.write_bytes(saved(book))
    return path


@pytest.mark.libreoffice
@pytest.mark.parametrize("kind", ["xls", "ods", "xlsx"])
def test_a_resaved_form_reads_to_the_same_entries(
    convert: Convert, filled: Path, kind: str, tmp_path: Path
) -> None:
    path = convert(filled, kind, tmp_path)
    record = read(path.read_bytes(), path.name)
    expected = {task: dict(said) for task, said in VALUES.items()}
    expected["1.2.1"]["percent"] = 50
    assert values_of(record) == expected
    assert record.submission is not None
    assert (record.unit, record.period, record.submission.tied_by) == (UNIT, PERIOD, TiedBy.IDENTITY)
    said = {key: answer.value for key, answer in record.submission.form_answers.items()}
    assert said == {"reporter": "某某", "phone": "13800000000", "report_date": "2019-03-22", "reviewer": None}
    assert record.submission.indicator_values[0].answer.value == 8
    wrong = {(one.code, one.place.cell) for one in record.findings if one.severity == "error"}
    assert wrong == {("percent-open", "I10"), ("cell-error-value", "L9")}
    assert "form-signature-wrong" not in codes(record)
