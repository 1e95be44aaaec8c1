"""What is not looked at closely is read as if it had been."""

from __future__ import annotations

from datetime import date

import pytest
from filled_forms import OPENED
from hypothesis import given
from hypothesis import strategies as st

from kepu_xls.intake.asked import KnownCells
from kepu_xls.intake.grid import Raw
from kepu_xls.intake.values import parse, plain_text
from kepu_xls.model import Answer, Field, Place

LAST_DAY = date(2019, 3, 24)
WORDS = (
    *("无", "无。", "暂无变化", "／", "-", "推进中", "已完成", "80%", "约3.5万元", "3月5日", "是"),
    *(
        "√",
        "#REF!",
        "=DISPIMG(1)",
        "DISPIMG(",
        "0",
        "1、组织培训\n2、开展活动",
        " 空 ",
        "没有问题",
        "_x000D_甲",
        "（无）",
        "“空”",
        "“送科技下乡”活动启动",
        "【暂无】",
    ),
    *("甲\u200b乙", "甲\r\n乙"),
)
RAWS: st.SearchStrategy[Raw] = st.one_of(
    st.sampled_from(WORDS), st.text(max_size=40), st.floats(), st.integers(), st.booleans(), st.dates()
)


@pytest.mark.parametrize("field", OPENED.fields, ids=lambda field: field.key)
@given(raws=st.lists(RAWS, max_size=6))
def test_a_cell_that_is_known_says_what_a_close_look_finds(field: Field, raws: list[Raw]) -> None:
    known = KnownCells(field)
    for raw in (*raws, *raws):
        answer, findings = parse(field, raw, Place(cell="A1"), last_day=LAST_DAY)
        found = known.get(raw) or plain_text(field, raw)
        if found is not None:
            assert (Answer(*found, "A1"), findings) == (answer, ())
        known.keep(raw, (answer, findings))


def test_what_the_number_format_decides_is_never_known() -> None:
    (field,) = (one for one in OPENED.fields if one.key == "percent")
    known = KnownCells(field)
    parsed = parse(field, 0.5, Place(cell="A1"), last_day=LAST_DAY, shows_percent=True)
    assert parsed[0].value == 50
    known.keep(0.5, parsed)
    assert known.get(0.5) is None
