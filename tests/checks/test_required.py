"""What has to be filled, and is not."""

from __future__ import annotations

from builders import SETTINGS, open_period

from kepu_xls.checks import check_submission
from kepu_xls.model import Answer, Entry, Role, Severity, Submission, TiedBy

OPENED = open_period()
FORM = {field.key: Answer("某某", "某某", "D9") for field in SETTINGS.form_fields}
COLUMNS = dict(zip((field.key for field in SETTINGS.fields), "GHIJKLMNOPQR", strict=True))


def row(task: str, role: Role, number: int, **said: str) -> Entry:
    answers = {
        key: Answer(said.get(key), said.get(key, ""), f"{column}{number}") for key, column in COLUMNS.items()
    }
    return Entry("区教育局", task, role, answers, "进展填报表", number)


def found(*entries: Entry, form: dict[str, Answer] | None = None) -> list[tuple[str, str, str]]:
    submission = Submission(
        "区教育局", "2019-W12", 1, TiedBy.IDENTITY, entries, FORM if form is None else form
    )
    findings = check_submission(submission, OPENED, "表.xlsx")
    assert all(one.unit == "区教育局" and one.place.file == "表.xlsx" for one in findings)
    return [(one.code, one.task, one.place.cell) for one in findings]


def test_a_lead_has_to_fill_more_than_a_participant() -> None:
    assert found(row("1.1.1", Role.LEAD, 7), row("1.1.2", Role.PARTICIPANT, 8)) == [
        ("required-missing", "1.1.1", "H7"),
        ("required-missing", "1.1.1", "I7"),
        ("required-missing", "1.1.1", "J7"),
        ("required-missing", "1.1.2", "H8"),
    ]


def test_a_row_without_change_needs_nothing_else() -> None:
    assert found(row("1.1.1", Role.LEAD, 7, unchanged="是")) == []


def test_what_is_there_but_unreadable_is_not_missing() -> None:
    entry = row("1.1.2", Role.PARTICIPANT, 8)
    entry.answers["status"] = Answer(None, "差不多了", "H8")
    assert found(entry) == []


def test_a_required_column_that_is_gone_is_told_once() -> None:
    entries = [row("1.1.1", Role.LEAD, number, status="推进中", progress="做了") for number in (7, 8)]
    for entry in entries:
        del entry.answers["percent"]
    assert found(*entries) == [("required-column-missing", "", "")]


def test_missing_form_level_fields_are_warnings_at_their_cell() -> None:
    form = FORM | {"reporter": Answer(None, "", "D9")}
    del form["report_date"]
    entry = row("1.1.1", Role.LEAD, 7, unchanged="是")
    assert found(entry, form=form) == [("form-field-missing", "", "D9"), ("form-field-missing", "", "")]
    submission = Submission("区教育局", "2019-W12", 1, TiedBy.IDENTITY, (entry,), form)
    assert {one.severity for one in check_submission(submission, OPENED, "表.xlsx")} == {Severity.WARNING}
