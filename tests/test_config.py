"""config.toml: what is wrong is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from kepu_xls import config
from kepu_xls.errors import InputError

SHIPPED = (Path(__file__).resolve().parents[1] / "config.toml").read_text(encoding="utf-8")


def test_the_shipped_configuration_asks_what_the_contract_names() -> None:
    settings = config.parse(SHIPPED)
    assert [(field.key, field.label, field.type.value) for field in settings.fields] == [
        ("unchanged", "本期无变化", "choice"),
        ("status", "进展状态", "choice"),
        ("percent", "完成率(%)", "percent"),
        ("progress", "本期进展情况", "text"),
        ("activities", "开展活动(场次)", "integer"),
        ("attendance", "参与人次", "integer"),
        ("funds", "投入经费(万元)", "decimal"),
        ("problems", "存在问题", "text"),
        ("next_steps", "下一步计划", "text"),
        ("expected_date", "预计完成时间", "date"),
        ("evidence", "佐证材料", "text"),
        ("remarks", "备注", "text"),
    ]
    assert settings.fields[1].choices == ("未启动", "推进中", "已完成", "滞后")
    assert [(field.key, field.label) for field in settings.form_fields] == [
        ("reporter", "填报人"),
        ("phone", "联系电话"),
        ("reviewer", "审核人"),
        ("report_date", "填报日期"),
    ]


def _line(text: str) -> str:
    """The line of the shipped file that contains a text, as an error names it."""
    return f"第{next(n for n, line in enumerate(SHIPPED.splitlines(), 1) if text in line)}行"


@pytest.mark.parametrize(
    ("shipped", "broken", "code", "said"),
    [
        ('kind = "week"', 'kind = "fortnight"', "config-wrong-value", "kind"),
        ("deadline_days = 0 ", 'deadline_days = "0" ', "config-wrong-type", "整数"),
        ("cutoff_days = 5", "cutof_days = 5", "config-unknown-key", "cutof_days"),
        ('paper = "A3" ', 'paper = "B5" ', "config-wrong-value", "paper"),
        ('hint = "从下拉列表中选一项"', 'hnt = "从下拉列表中选一项"', "config-unknown-key", "hnt"),
        ("[report]", "[raport]", "config-unknown-key", "raport"),
        ('choices = ["是"]', "choices = []", "config-field-choices", "本期无变化"),
        ('key = "reviewer"', 'key = "reporter"', "config-field-twice", "reporter"),
        ('worst_first = ["滞后", ', 'worst_first = ["落后", ', "config-field-accepts", "落后"),
        ("end = 2020-12-31 ", "end = 2010-12-31 ", "config-plan-dates", "结束日期"),
        ('file_name = "{unit}_{period}_', 'file_name = "{period}_', "config-file-name", "file_name"),
        ('file_name = "{unit}_{period}_', 'file_name = "{unit:>9}_', "config-file-name", "file_name"),
        ("cutoff_days = 5 ", "cutoff_days = -5 ", "config-wrong-value", "cutoff_days"),
        ('worst_first = ["滞后", "未启动", ', 'worst_first = ["滞后", ', "config-field-order", "未启动"),
        ('kind = "week" ', "kind = week ", "config-syntax", "line"),
    ],
)
def test_a_fault_is_named_with_its_line(shipped: str, broken: str, code: str, said: str) -> None:
    with pytest.raises(InputError) as failure:
        config.parse(SHIPPED.replace(shipped, broken, 1))
    finding = failure.value.finding
    assert finding.code == code
    assert said in finding.message
    assert finding.place.file == "config.toml"
    if (
        not code.startswith("config-field-") or code == "config-field-twice"
    ):  # these name the field, at its key
        assert finding.place.cell == _line(shipped)


@pytest.mark.parametrize("label", ["项目", "任务编号", "单位", "来源文件", "地区"])
def test_a_field_cannot_take_the_place_of_a_column_that_is_always_there(label: str) -> None:
    with pytest.raises(InputError) as failure:
        config.parse(SHIPPED.replace('label = "备注"', f'label = "{label}"', 1))
    finding = failure.value.finding
    assert (finding.code, finding.place.cell) == ("config-field-twice", _line('key = "remarks"'))
    assert label in finding.message


def test_a_missing_key_is_named_with_its_table() -> None:
    text = SHIPPED.replace('key = "phone"\n', "")
    with pytest.raises(InputError) as failure:
        config.parse(text)
    assert "[[form_fields]] 缺少项目“key”" in failure.value.finding.message


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(SHIPPED.encode("gb18030"))
    with pytest.raises(InputError) as failure:
        config.load(path)
    assert failure.value.finding.code == "config-encoding"


def test_notepads_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(SHIPPED.encode("utf-8-sig"))
    assert config.load(path) == config.parse(SHIPPED)
