from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kepu_xls.model import Place, Role
from kepu_xls.plan.blocks import Cell
from kepu_xls.plan.names import Name, Vocabulary, part, segmentations

HERE = Place(file="plan.txt", cell="第9行")


def names(text: str) -> list[str]:
    return [name.whole for name in part(Cell(text, HERE)).names]


def resolved(text: str, *elsewhere: str) -> tuple[list[str], list[str]]:
    """Read a cell beside others: its units, and the codes of what was reported."""
    written = part(Cell(text, HERE))
    others = [name for other in elsewhere for name in part(Cell(other, HERE)).names]
    vocabulary = Vocabulary([*written.names, *others])
    units: list[str] = []
    codes = [finding.code for finding in written.findings]
    for name in written.names:
        found, said = vocabulary.resolve(name, Cell(text, HERE))
        units += found
        codes += [finding.code for finding in said]
        assert all(finding.place == HERE for finding in said)
    return units, codes


@pytest.mark.parametrize(
    "separator", ["、", "，", ",", "；", ";", " / ", "|", "\n", "\n\n", " ", "　", "、\n"]
)
def test_units_are_parted_by_any_usual_separator(separator: str) -> None:
    assert resolved(separator.join(("区教育局", "团区委", "区科协"))) == (
        ["区教育局", "团区委", "区科协"],
        [],
    )


@pytest.mark.parametrize("others", ["等", "等。", "等单位", "等有关部门", "等 "])
def test_a_trailing_others_goes_and_is_told(others: str) -> None:
    written = part(Cell(f"区教育局、区科协{others}", HERE))
    assert [name.whole for name in written.names] == ["区教育局", "区科协"]
    assert written.others


def test_a_doubled_separator_is_repaired_and_reported() -> None:
    assert resolved("区科技局、、区经信局") == (["区科技局", "区经信局"], ["plan-separator-doubled"])


def test_a_separator_at_the_end_is_nothing() -> None:
    assert resolved("区科技局、区经信局、") == (["区科技局", "区经信局"], [])


@pytest.mark.parametrize(
    ("text", "unit", "role", "codes"),
    [
        ("区教育局（负责）", "区教育局", None, ["plan-note-dropped"]),
        ("区教育局(牵头)", "区教育局", Role.LEAD, []),
        ("区教育局（配合）", "区教育局", Role.PARTICIPANT, []),
        ("区农业局（区委农办）", "区农业局（区委农办）", None, []),
        ("区教育局（含各学校、幼儿园）", "区教育局", None, ["plan-note-dropped"]),
    ],
)
def test_a_remark_in_brackets_is_no_part_of_a_name_but_another_name_is(
    text: str, unit: str, role: Role | None, codes: list[str]
) -> None:
    written = part(Cell(text, HERE))
    assert [(name.whole, name.role) for name in written.names] == [(unit, role)]
    assert [finding.code for finding in written.findings] == codes


def test_units_that_are_not_named_are_left_out_and_collective_ones_pointed_at() -> None:
    assert resolved("区科协、有关单位、各街道") == (
        ["区科协", "各街道"],
        ["plan-unit-vague", "plan-unit-collective"],
    )


def test_a_name_run_together_is_cut_by_names_found_elsewhere() -> None:
    assert resolved("区教育局团区委、区科协", "区教育局", "团区委") == (
        ["区教育局", "团区委", "区科协"],
        ["plan-name-cut"],
    )


def test_a_name_that_is_nowhere_else_is_not_cut_but_pointed_at() -> None:
    elsewhere = ("区教育局、区科协", "区司法局")
    assert resolved("区教育局区体育局", *elsewhere) == (["区教育局区体育局"], ["plan-name-uncut"])


def test_a_name_that_can_be_cut_in_two_ways_is_left_whole() -> None:
    elsewhere = ("甲乙丙", "丁戊己庚", "甲乙丙丁", "戊己庚")
    assert resolved("甲乙丙丁戊己庚", *elsewhere) == (["甲乙丙丁戊己庚"], ["plan-name-ambiguous"])


def test_and_between_two_known_names_is_a_separator_but_not_within_one() -> None:
    assert resolved("区教育局和区科协", "区教育局", "区科协")[0] == ["区教育局", "区科协"]
    assert resolved("区文化和旅游局", "区科协") == (["区文化和旅游局"], [])


def test_a_long_name_is_not_taken_for_two() -> None:
    elsewhere = ("区委宣传部", "区委文明办", "区委组织部", "区人社局", "区委党校")
    for name in ("区人力资源和社会保障局", "区委宣传部", "区退役军人事务局", "区政府办公室", "团区委"):
        assert resolved(name, *elsewhere) == ([name], [])


@pytest.mark.parametrize(
    ("text", "elsewhere", "units"),
    [
        ("团 区 委", (), ["团区委"]),
        ("区人力资源\n和社会保障局", (), ["区人力资源和社会保障局"]),
        ("区退役军人\n事务局", ("区退役军人事务局",), ["区退役军人事务局"]),
        ("区人社局\n\n区总工会", (), ["区人社局", "区总工会"]),
    ],
)
def test_a_line_break_parts_names_or_breaks_one(
    text: str, elsewhere: tuple[str, ...], units: list[str]
) -> None:
    assert resolved(text, *elsewhere)[0] == units


units_of_a_document = st.lists(
    st.text("区县市委局会办部甲乙丙丁", min_size=3, max_size=7), min_size=2, max_size=6, unique=True
)


@given(units_of_a_document, st.data())
def test_names_run_together_come_apart_or_are_reported(known: list[str], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(known), min_size=2, max_size=4))
    cell = Cell("".join(chosen), HERE)
    vocabulary = Vocabulary([Name((name,)) for name in (*known, cell.text)])
    units, findings = vocabulary.resolve(Name((cell.text,)), cell)
    assert findings or units == (cell.text,)
    assert "".join(units) == cell.text
    if [finding.code for finding in findings] == ["plan-name-cut"]:
        assert set(units) <= set(known)
        assert segmentations(cell.text, vocabulary.known) == [units]
    else:
        assert [finding.code for finding in findings] in (["plan-name-ambiguous"], ["plan-name-uncut"], [])
    if not findings:
        assert cell.text in known


@given(units_of_a_document)
def test_names_parted_properly_stay_as_they_are_unless_they_hold_each_other(known: list[str]) -> None:
    if any(segmentations(name, set(known) - {name}) for name in known):
        return
    vocabulary = Vocabulary([Name((name,)) for name in known])
    for name in known:
        assert vocabulary.resolve(Name((name,)), Cell(name, HERE))[0] == (name,)
