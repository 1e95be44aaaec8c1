"""The language of rules: what is read, and how what cannot be read is pointed at."""

from __future__ import annotations

import pytest
from builders import SETTINGS
from hypothesis import given
from hypothesis import strategies as st

from kepu_xls.model import Field, FieldType, MergeRule
from kepu_xls.rulebook import Kind, Rule, RuleFault, misread, names_in, read_rule
from kepu_xls.rulebook.grammar import parse
from kepu_xls.rulebook.tree import Fault, Literal, Name, Node, Operation
from kepu_xls.rulebook.understanding import condition, wording
from kepu_xls.rulebook.vocabulary import of_entries, of_tasks

TERMS = of_entries(SETTINGS.fields)


def shape(node: Node) -> str:
    """A tree in brackets, so that what binds tighter can be seen."""
    match node:
        case Literal():
            return repr(node.value)
        case Name():
            return node.name
        case Operation():
            return f"({node.op.value} {' '.join(map(shape, node.operands))})"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("完成率 == 100", "(== 完成率 100.0)"),
        (
            "完成率 > 1 且 完成率 < 9 或 存在问题 为空",
            "(或 (且 (> 完成率 1.0) (< 完成率 9.0)) (为空 存在问题))",
        ),
        (
            "完成率 > 1 and not 完成率 < 9 or 备注 不为空",
            "(或 (且 (> 完成率 1.0) (非 (< 完成率 9.0))) (不为空 备注))",
        ),
        ("非 (存在问题 为空 或 备注 为空)", "(非 (或 (为空 存在问题) (为空 备注)))"),
        ("为空(存在问题) 且 不为空(备注)", "(且 (为空 存在问题) (不为空 备注))"),
        ("完成率 - 上期.完成率 + 1 >= 参与人次", "(>= (+ (- 完成率 上期.完成率) 1.0) 参与人次)"),
        ("完成率 > -5", "(> 完成率 (- 0.0 5.0))"),
        ("字数(本期进展情况) >= 10", "(>= (字数 本期进展情况) 10.0)"),
        ("包含(备注, '停办')", "(包含 备注 '停办')"),
        # no spaces, full-width signs, any quotation marks
        ("存在问题为空且完成率<50.5", "(且 (为空 存在问题) (< 完成率 50.5))"),
        ("（完成率　＞＝　８０）且　进展状态！＝“滞后”", "(且 (>= 完成率 80.0) (!= 进展状态 '滞后'))"),
        (
            "完成率≥80 且 完成率≤90 且 完成率≠85",
            "(且 (且 (>= 完成率 80.0) (<= 完成率 90.0)) (!= 完成率 85.0))",
        ),
        ("进展状态 == ”滞后“ 且 备注 != ‘（无）’", "(且 (== 进展状态 '滞后') (!= 备注 '（无）'))"),
    ],
)
def test_an_expression_is_read_as_it_is_meant(text: str, tree: str) -> None:
    assert shape(parse(text, TERMS)) == tree
    assert condition(text, TERMS)


def test_names_are_labels_without_their_measure_and_a_few_of_our_own() -> None:
    assert {"完成率", "开展活动", "投入经费", "上期.完成率", "单位", "角色", "任务编号", "期次"} <= set(TERMS)
    assert {"期初", "期末", "完成时限"} <= set(TERMS)
    assert "完成率(%)" not in TERMS
    assert "序时进度" not in TERMS
    tasks = of_tasks(SETTINGS.fields)
    assert {"完成率", "序时进度", "剩余天数", "完成时限", "期末"} <= set(tasks)
    assert not {"单位", "角色", "上期.完成率"} & set(tasks)


def test_labels_that_differ_only_in_their_measure_keep_it() -> None:
    fields = tuple(
        Field(key, label, FieldType.DECIMAL) for key, label in (("a", "经费(元)"), ("b", "经费（万元）"))
    )
    assert names_in(condition("经费(元) > 0 且 经费（万元） > 0", of_entries(fields))) == (
        "经费(元)",
        "经费(万元)",
    )


def test_a_label_may_hold_signs_and_words_of_the_language() -> None:
    fields = tuple(
        Field(key, label, FieldType.INTEGER)
        for key, label in (("a", "线上/线下活动"), ("b", "非遗活动"), ("c", "2019年活动"))
    )
    assert names_in(condition("线上/线下活动>1且非遗活动>1且2019年活动>1", of_entries(fields))) == (
        "线上/线下活动",
        "非遗活动",
        "2019年活动",
    )


def test_a_field_whose_values_are_joined_is_text_once_merged() -> None:
    fields = (Field("a", "场次", FieldType.INTEGER, merge=MergeRule.JOIN),)
    assert of_entries(fields)["场次"].kind is Kind.NUMBER
    assert of_tasks(fields)["场次"].kind is Kind.TEXT


FAULTS = [
    ("完成律 == 100", "rule-name-unknown", 1),
    ("完成率 == 100 且 完成率高 == 1", "rule-name-unknown", 14),
    ("上期.完成律 == 100", "rule-name-unknown", 1),
    ("序时进度 > 1", "rule-name-unknown", 1),
    ("__import__('os').system('true') == 1", "rule-function-unknown", 1),
    ("长度(备注) > 1", "rule-function-unknown", 1),
    (f"备注 为空 且{'1' * 60}x", "rule-unexpected", 7),  # and not after trying every way to cut it
    ("完成率 = 100", "rule-single-equals", 5),
    ("完成率 == 100; 备注 为空", "rule-sign-unknown", 11),
    ("完成率 * 2 == 100", "rule-sign-unknown", 5),
    ('进展状态 == "滞后', "rule-quote-open", 9),
    ("完成率 ==", "rule-unfinished", 7),
    ("(完成率 == 100", "rule-unfinished", 12),
    ("完成率 == 100 且", "rule-unfinished", 13),
    ("", "rule-unfinished", 1),
    ("完成率 == 100)", "rule-unexpected", 11),
    ("0 <= 完成率 <= 100", "rule-unexpected", 10),
    ("完成率 100", "rule-unexpected", 5),
    ("包含(备注)", "rule-unexpected", 6),
    ("且 完成率 == 1", "rule-unexpected", 1),
    ("完成率", "rule-not-condition", 1),
    ("完成率 == 100 且 备注", "rule-not-condition", 14),
    ("完成率 + 1", "rule-not-condition", 5),
    ("非 完成率", "rule-not-condition", 3),
    ('完成率 == "100"', "rule-not-comparable", 5),
    ("进展状态 == 100", "rule-not-comparable", 6),
    ("预计完成时间 > 100", "rule-not-comparable", 8),
    ("备注 > 完成率", "rule-not-comparable", 4),
    ('完成率 < ""', "rule-not-comparable", 5),
    ("(完成率 == 1) == (完成率 == 2)", "rule-not-comparable", 12),
    ('进展状态 > "推进中"', "rule-no-order", 6),
    ('进展状态 == "完成了"', "rule-no-choice", 9),
    ('"主办" == 角色', "rule-no-choice", 1),
    ('上期.进展状态 != "完成了"', "rule-no-choice", 12),
    ('预计完成时间 >= "2019年12月"', "rule-no-date", 11),
    ('预计完成时间 >= "2019-02-30"', "rule-no-date", 11),
    ("备注 + 1 == 2", "rule-no-sum", 4),
    ("1 - 预计完成时间 == 2", "rule-no-sum", 3),
    ("预计完成时间 + 期末 == 2", "rule-no-sum", 8),
    ("字数(完成率) > 1", "rule-wrong-kind", 4),
    ("包含(完成率, '1')", "rule-wrong-kind", 4),
    ("为空(完成率 == 1)", "rule-unexpected", 8),
    ("(完成率 == 1) 为空", "rule-no-value", 12),
    ("非 " * 30 + "备注 为空", "rule-too-long", 41),
    ("备注 为空 且 " * 200 + "备注 为空", "rule-too-long", None),
]


@pytest.mark.parametrize(("text", "code", "place"), FAULTS)
def test_what_cannot_be_meant_is_refused_at_its_place(text: str, code: str, place: int | None) -> None:
    with pytest.raises(Fault) as failure:
        condition(text, TERMS)
    assert failure.value.code == code
    assert place in (None, failure.value.at + 1)


def test_an_unknown_name_is_told_with_the_nearest_known_one() -> None:
    with pytest.raises(Fault) as failure:
        condition("完成律 == 100", TERMS)
    assert "“完成率”" in str(failure.value.details["suggestion"])
    with pytest.raises(Fault) as failure:
        condition("xyz == 100", TERMS)
    assert failure.value.details["suggestion"] == ""


def test_dates_are_compared_and_reckoned_with() -> None:
    for text in (
        '预计完成时间 >= "2019-12-31"',
        "预计完成时间 - 期末 > 30",
        "期末 + 30 < 完成时限",
        '"2019-01-01" < 期初',
    ):
        assert condition(text, TERMS)


def test_a_wording_takes_expressions_in_braces() -> None:
    first, value, last = wording("低{完成率 - 上期.完成率}点", TERMS)
    assert (first, last) == ("低", "点")
    assert not isinstance(value, str)
    assert value.kind is Kind.NUMBER
    assert wording("", TERMS) == ()


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("低{完成律}点", "rule-name-unknown", 3),
        ("低{完成率点", "rule-brace-lone", 2),
        ("低完成率}点", "rule-brace-lone", 5),
        ("低{}点", "rule-unfinished", 3),
        ("低{完成率 > 1}点", "rule-no-value", 3),
    ],
)
def test_a_fault_in_a_wording_is_pointed_at(text: str, code: str, place: int) -> None:
    with pytest.raises(Fault) as failure:
        wording(text, TERMS)
    assert (failure.value.code, failure.value.at + 1) == (code, place)


def test_a_rule_points_at_the_first_field_expected_unless_told_otherwise() -> None:
    rule = Rule("x", '角色 == "牵头" 且 上期.备注 为空 且 完成率 == 1', "…", when="存在问题 不为空")
    assert read_rule(rule, SETTINGS.fields).key == "percent"
    told = Rule("x", "完成率 == 1", "…", cell="开展活动")
    assert read_rule(told, SETTINGS.fields).key == "activities"
    elsewhere = Rule("x", '角色 == "牵头"', "…", when="存在问题 不为空")
    assert read_rule(elsewhere, SETTINGS.fields).key == "problems"
    with pytest.raises(RuleFault) as failure:
        read_rule(Rule("x", "完成率 == 1", "…", cell="上期.备注"), SETTINGS.fields)
    assert failure.value.key == "cell"


def test_a_code_is_used_once_and_never_one_of_the_catalogue() -> None:
    rules = [Rule(code, "完成率 == 1", "…") for code in ("a-1", "a-1")]
    assert misread(rules[:1], (), SETTINGS.fields, ["b"]) is None
    for taken, wrong in (([], rules), (["a-1"], rules[:1])):
        found = misread(wrong, (), SETTINGS.fields, taken)
        assert found is not None
        assert (found.code, found.key, found.index) == ("rule-code-taken", "code", len(wrong) - 1)
    found = misread([Rule("A 1", "完成率 == 1", "…")], (), SETTINGS.fields, [])
    assert found is not None
    assert found.code == "rule-code"


WORDS = st.sampled_from(
    [
        *TERMS,
        "且",
        "或",
        "非",
        "为空",
        "字数",
        "包含",
        "==",
        "<",
        "+",
        "-",
        "(",
        ")",
        ",",
        '"',
        "滞后",
        "1",
        " ",
        "=",
        "\n",
        "{",
        ".",
    ]
)


@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=40).map("".join)))
def test_whatever_is_written_is_understood_or_refused_within_the_text(text: str) -> None:
    at = 0
    try:
        condition(text, TERMS)
    except Fault as fault:
        at = fault.at
    assert 0 <= at <= len(text)
