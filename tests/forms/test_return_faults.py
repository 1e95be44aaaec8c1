"""Which question of the form a finding in a unit's own file is about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from kepu_xls import forms, messages
from kepu_xls.forms.faults import Fault, Spot, find_faults
from kepu_xls.model import Answer, Entry, Finding, IndicatorValue, Place, Role, Submission, TiedBy

Content = Callable[..., forms.FormContent]

# the unit's own file: sheet renamed, table further down, columns elsewhere than in a form
ENTRIES = (
    Entry(
        "区科协",
        "1.1.3",
        Role.LEAD,
        {
            "status": Answer(None, "差不多了", "Q12"),
            "percent": Answer(80.0, "80%", "R12"),
            "progress": Answer("办了讲座", "办了讲座", "S12"),
        },
        "我的表",
        12,
    ),
    Entry("区科协", "1.1.1", Role.PARTICIPANT, {"unchanged": Answer("是", "是", "P13")}, "我的表", 13),
    Entry("区科协", "1.1.2", Role.PARTICIPANT, {"progress": Answer("配合", "配合", "S14")}, "我的表", 14),
)
SUBMISSION = Submission(
    "区科协",
    "2019-W12",
    1,
    TiedBy.IDENTITY,
    ENTRIES,
    {"reporter": Answer("某某", "某某", "D40"), "report_date": Answer(None, "3月32日", "O40")},
    (IndicatorValue("区科协", "1.1.3", "互动大屏", Answer(None, "几个", "G5")),),
)


def told(code: str, cell: str = "", sheet: str = "我的表", task: str = "", **details: object) -> Finding:
    words = {"label": "某栏", "raw": "某", "choices": "甲、乙", "example": "3", "role": "牵头"} | details
    return messages.finding(code, Place("来.xls", sheet, cell), unit="区科协", task=task, **words)  # type: ignore[arg-type]


@pytest.fixture
def faults(content: Content) -> Callable[..., tuple[Fault, ...]]:
    def find(*findings: Finding) -> tuple[Fault, ...]:
        made = forms.ReturnContent(content("区科协"), SUBMISSION, findings, datetime(2019, 3, 29, 17))  # noqa: DTZ001 - local
        return find_faults(made)

    return find


Find = Callable[..., tuple[Fault, ...]]


@pytest.mark.parametrize(
    ("finding", "spot", "entered"),
    [
        (told("choice-unknown", "Q12", task="1.1.3"), Spot("1.1.3", "status"), "差不多了"),
        (told("date-impossible", "O40"), Spot(key="report_date"), "3月32日"),
        (
            told("number-unreadable", "G5", "指标", "1.1.3"),
            Spot("1.1.3", indicator="互动大屏"),
            "几个",
        ),
        # nothing was answered at that cell, but it is a row of the form
        (told("task-contradicts-text", "B15", task="1.1.4", other="1.1.5"), Spot("1.1.4"), ""),
        (told("task-missing", task="1.1.5"), Spot("1.1.5"), ""),
        # the same cell on another sheet is another cell
        (told("row-without-task", "Q12", "旧表"), None, ""),
        (told("task-not-of-unit", "B16", task="9.9.9"), None, ""),
    ],
)
def test_a_finding_is_tied_to_the_question_at_its_cell(
    finding: Finding, spot: Spot | None, entered: str, faults: Find
) -> None:
    assert faults(finding) == (Fault(finding, spot, entered),)


def test_what_a_unit_can_do_nothing_about_is_not_told(faults: Find) -> None:
    assert faults(told("form-keys-missing"), told("value-approximate", "R12", task="1.1.3")) == ()
    reminder = told("percent-one", "R12", task="1.1.3")
    assert [(one.spot, one.is_error) for one in faults(reminder)] == [(Spot("1.1.3", "percent"), False)]


def test_a_required_column_that_was_gone_is_asked_for_cell_by_cell(faults: Find) -> None:
    found = faults(told("required-column-missing", label="进展状态"))
    # 1.1.3 answered it, 1.1.1 says 本期无变化
    assert [(one.finding.code, one.spot) for one in found] == [("required-missing", Spot("1.1.2", "status"))]
    assert "进展状态" in found[0].finding.message


def test_a_form_field_whose_label_was_gone_is_asked_for_again(content: Content) -> None:
    form = content("区科协")
    bare = Submission("区科协", "2019-W12", 1, TiedBy.LABELS, ENTRIES)
    lost = (told("form-field-missing", label="填报人"), told("form-field-missing", label="填报日期"))
    found = find_faults(forms.ReturnContent(form, bare, lost, form.deadline))
    assert [(one.finding.code, one.spot) for one in found] == [
        ("form-field-missing", Spot(key="reporter")),
        ("form-field-missing", Spot(key="report_date")),
    ]


def test_an_answer_longer_than_a_cell_is_told_because_the_copy_has_only_its_beginning(
    content: Content,
) -> None:
    fits, long = "长" * 32_767, "长" * 32_766 + "𠀀"  # the last one counts twice in Excel
    entries = tuple(
        Entry("区科协", task, Role.LEAD, {"progress": Answer(text, text, "S12")}, "我的表", 12)
        for task, text in (("1.1.3", fits), ("1.1.6", long))
    )
    sent = Submission("区科协", "2019-W12", 1, TiedBy.IDENTITY, entries, {}, ())
    made = forms.ReturnContent(content("区科协"), sent, (), datetime(2019, 3, 29, 17))  # noqa: DTZ001 - local
    (fault,) = find_faults(made)
    assert (fault.finding.code, fault.spot) == ("return-text-cut", Spot("1.1.6", "progress"))
    assert not fault.is_error


def test_a_cell_merged_over_several_tasks_is_each_ones_own(content: Content) -> None:
    said = Answer("推进中", "推进中", "Q12")
    entries = tuple(
        Entry("区科协", task, Role.LEAD, {"status": said}, "我的表", row)
        for row, task in enumerate(("1.1.3", "1.1.6"), 12)
    )
    sent = Submission("区科协", "2019-W12", 1, TiedBy.IDENTITY, entries)
    found = (told("choice-unknown", "Q12", task="1.1.6"), told("choice-unknown", "Q12"))
    made = forms.ReturnContent(content("区科协"), sent, found, datetime(2019, 3, 29, 17))  # noqa: DTZ001 - local
    assert [one.spot for one in find_faults(made)] == [Spot("1.1.6", "status"), Spot("1.1.3", "status")]
