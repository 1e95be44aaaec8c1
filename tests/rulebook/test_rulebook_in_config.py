"""Rules in config.toml: a fault is a configuration error that names file, line and character."""

from __future__ import annotations

from pathlib import Path

import pytest

from kepu_xls import config
from kepu_xls.errors import InputError

SHIPPED = (Path(__file__).resolve().parents[2] / "config.toml").read_text(encoding="utf-8")
RULE = """
[[rules]]
code = "extra"
when = '进展状态 == "滞后"'
expect = '完成率 < 100'
message = "不对"
"""


def line(text: str, part: str) -> str:
    numbers = [number for number, one in enumerate(text.splitlines(), 1) if part in one]
    return f"第{numbers[-1]}行"


@pytest.mark.parametrize(
    ("good", "broken", "code", "said"),
    [
        (
            "'完成率 < 100'",
            "'完成律 < 100'",
            "rule-name-unknown",
            "的 expect 第1个字有不认识的名称“完成律”，是不是“完成率”？",
        ),
        (
            '== "滞后"',
            '== "落后"',
            "rule-no-choice",
            '的 when 第9个字的“落后”不是“进展状态”的选项：进展状态 == ▶"落后"',
        ),
        ("< 100'", '< "100"\'', "rule-not-comparable", "的 expect 第5个字把数与文字相比：完成率 ▶< "),
        ("< 100'", "<'", "rule-unfinished", "的 expect 第6个字还没有写完"),
        ('"不对"', '"不对{完成律}"', "rule-name-unknown", "的 message 第4个字"),
        ('"extra"', '"required-missing"', "rule-code-taken", "required-missing"),
        ('"extra"', '"done-is-100"', "rule-code-taken", "done-is-100"),
        ('"extra"', '"Extra!"', "rule-code", "Extra!"),
        ('message = "不对"', 'severity = "bad"\nmessage = "不对"', "config-wrong-value", "severity"),
        ('message = "不对"', 'mesage = "不对"', "config-unknown-key", "mesage"),
        ("expect = ", "# expect = ", "config-missing-key", "[[rules]] 缺少项目“expect”"),
    ],
)
def test_a_fault_in_a_rule_is_named_with_its_line(good: str, broken: str, code: str, said: str) -> None:
    assert config.parse(SHIPPED + RULE).rules[-1].code == "extra"
    text = SHIPPED + RULE.replace(good, broken)
    with pytest.raises(InputError) as failure:
        config.parse(text)
    finding = failure.value.finding
    assert (finding.code, finding.place.file) == (code, "config.toml")
    assert said in finding.message
    if code != "config-missing-key":  # that has no line but its table's
        assert finding.place.cell == line(text, broken.split("\n", maxsplit=1)[0])
    assert failure.value.exit_code == 2


def test_a_fault_in_a_light_is_named_with_its_line() -> None:
    text = SHIPPED + '\n[[lights]]\ncolour = "红"\nwhen = \'序时进度 > 单位\'\nreason = "…"\n'
    with pytest.raises(InputError) as failure:
        config.parse(text)
    finding = failure.value.finding
    assert finding.code == "rule-name-unknown"
    assert "亮灯规则（红）的 when 第8个字" in finding.message
    assert finding.place.cell == line(text, "序时进度 > 单位")
    assert "序时进度" in finding.remedy


def test_a_colour_that_is_no_light_is_refused() -> None:
    with pytest.raises(InputError) as failure:
        config.parse(SHIPPED + '\n[[lights]]\ncolour = "紫"\nreason = "…"\n')
    assert failure.value.finding.code == "config-wrong-value"
