"""The section ``[checks]``: what it names must be asked, and its figures make sense."""

from __future__ import annotations

import pytest
from builders import ROOT, SETTINGS

from kepu_xls import config
from kepu_xls.errors import InputError

SHIPPED = (ROOT / "config.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("there", "instead", "code"),
    [
        ('texts = ["progress"]', 'texts = ["progres"]', "config-check-unknown"),
        ('texts = ["progress"]', 'texts = ["percent"]', "config-check-unknown"),
        ('cumulative = ["activities"', 'cumulative = ["progress"', "config-check-unknown"),
        ('stages = ["未启动"', 'stages = ["没启动"', "config-check-unknown"),
        ("alike = 90 ", "alike = 101 ", "config-wrong-value"),
        ("alike = 90 ", "alike = true ", "config-wrong-type"),
        ("leads_apart = 20", "leads_appart = 20", "config-unknown-key"),
    ],
)
def test_a_section_that_cannot_work_is_refused_at_its_line(there: str, instead: str, code: str) -> None:
    assert there in SHIPPED
    line = SHIPPED[: SHIPPED.index(there)].count("\n") + 1
    with pytest.raises(InputError) as caught:
        config.parse(SHIPPED.replace(there, instead))
    assert (caught.value.finding.code, caught.value.finding.place.cell) == (code, f"第{line}行")


def test_without_the_section_nothing_is_named() -> None:
    start, end = SHIPPED.index("[checks]"), SHIPPED.index("[inbox]")
    settings = config.parse(SHIPPED[:start] + SHIPPED[end:]).checks
    named = (settings.texts, settings.stages, settings.cumulative, settings.empty_phrases)
    assert not any(named)
    assert settings.alike == SETTINGS.checks.alike
