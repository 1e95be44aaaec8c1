"""Letters are worded in text files that the clerk may rewrite; a fault is named with file and line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from builders import ROOT

from kepu_xls.errors import InputError
from kepu_xls.mail.wording import Template, Wording, fill, load

SHIPPED = ROOT / "templates" / "mail"


def written(folder: Path, text: str | bytes) -> Path:
    data = text if isinstance(text, bytes) else text.encode()
    (folder / "forms.txt").write_bytes(data)
    return folder


@pytest.mark.parametrize("wording", Wording)
def test_the_shipped_letters_name_unit_period_and_deadline_or_cut_off(wording: Wording) -> None:
    template = load(SHIPPED, wording)
    assert {"{unit}", "{period}"} <= set(re.findall(r"\{\w+\}", template.subject))
    assert "{deadline}" in template.text or "{cutoff}" in template.text
    assert "{organiser}" in template.text
    assert "#" not in template.subject + template.text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_any_editor_of_windows_may_have_saved_it(tmp_path: Path, encoding: str, newline: str) -> None:
    text = newline.join(("# 说明 {不是占位符", "", "主题：请{unit}填报", "", "{unit}：", "　　请填报。", ""))
    template = load(written(tmp_path, text.encode(encoding)), Wording.FORMS)
    assert template == Template("请{unit}填报", "{unit}：\n　　请填报。")


@pytest.mark.parametrize(
    ("text", "code", "where", "said"),
    [
        ("主题：请填报\n\n{unit}：\n{deadlin}前\n", "mail-template-word", "第4行", "{deadlin}"),
        ("主题：请{faults}填报\n\n正文\n", "mail-template-word", "第1行", "{faults}"),
        ("主题：请填报\n{unit：\n", "mail-template-brace", "第2行", "{unit}"),
        ("主题：请填报\nunit}\n", "mail-template-brace", "第2行", "{unit}"),
        ("请填报\n正文\n", "mail-template-subject", "第1行", "主题："),
        ("# 说明\n主题：\n正文\n", "mail-template-subject", "第2行", "主题："),
        ("主题：请填报\n\n", "mail-template-subject", "第1行", "正文"),
        ("", "mail-template-subject", "第1行", "主题："),
        (b"\xff\xff\xff", "mail-template-encoding", "", "UTF-8"),
    ],
)
def test_a_fault_is_named_with_file_and_line(
    tmp_path: Path, text: str | bytes, code: str, where: str, said: str
) -> None:
    with pytest.raises(InputError) as failure:
        load(written(tmp_path, text), Wording.FORMS)
    found = failure.value.finding
    assert (found.code, found.place.file, found.place.cell) == (code, "templates/mail/forms.txt", where)
    assert said in found.message + found.remedy


def test_braces_as_a_chinese_keyboard_types_them_are_braces(tmp_path: Path) -> None:
    template = load(written(tmp_path, "主题：请｛unit｝填报\n{unit｝：\n"), Wording.FORMS)
    assert template == Template("请{unit}填报", "{unit}：")
    with pytest.raises(InputError) as failure:
        load(written(tmp_path, "主题：请填报\n｛单位｝：\n"), Wording.FORMS)
    assert failure.value.finding.code == "mail-template-word"


def test_a_template_that_is_missing_is_fetched_by_init(tmp_path: Path) -> None:
    with pytest.raises(InputError) as failure:
        load(tmp_path, Wording.MEND)
    assert failure.value.finding.code == "template-missing"
    assert "templates/mail/mend.txt" in failure.value.finding.message


def test_what_is_filled_in_is_never_a_template_itself() -> None:
    template = Template("{unit}", "{unit}{deadline}")
    assert fill(template, {"unit": "{deadline}", "deadline": "今天"}) == ("{deadline}", "{deadline}今天\n")


def test_a_line_whose_placeholders_are_all_empty_is_left_out_and_leaves_no_gap() -> None:
    template = Template("x", "一\n\n　　联系人：{contact}\n　　{contact}、{address}\n\n二")
    assert fill(template, {"contact": "", "address": "a"})[1] == "一\n\n　　、a\n\n二\n"
    assert fill(template, {"contact": "", "address": ""})[1] == "一\n\n二\n"
