from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kepu_xls.forms import heights

# In 10.5 pt a column of 20 holds (20 × 5.25 − 4.5) / 10.5 = 9 full-width characters.


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", 1),
        ("科", 1),
        ("科" * 9, 1),
        ("科" * 10, 2),
        ("科" * 9 + "。", 2),  # a full stop does not begin a line: it takes the last character along
        ("第一行\n第二行", 2),
        ("第一行\n\n第三行", 3),
        ("abcdefgh", 1),
        ("科科科科科 abcdefgh", 2),  # a word is not broken
        ("x" * 40, 3),  # unless it is longer than the line
    ],
)
def test_lines_are_counted_as_the_text_wraps(text: str, lines: int) -> None:
    assert heights.line_count(text, 20, 10.5) == lines


def test_larger_fonts_and_narrower_columns_need_more_height() -> None:
    text = "开展科普进校园活动三场，覆盖学生八百六十人。" * 3
    assert heights.height(text, 20, 14) > heights.height(text, 20, 10.5) > heights.height(text, 40, 10.5)


@given(st.text(alphabet="科普活动，。ab1 \n（）", max_size=300), st.floats(3, 60), st.floats(6, 26))
def test_a_text_never_has_fewer_lines_than_its_length_needs(text: str, width: float, size: float) -> None:
    room = (width * 5.25 - 4.5) / size
    ems = sum(1.0 if ord(char) > 0x250 else 0.5 for char in text.replace("\n", "").replace(" ", ""))
    assert heights.line_count(text, width, size) >= int(ems / max(room, 1.0))


@given(st.integers(1, 3000), st.floats(10, 60))
def test_no_row_is_higher_than_a_row_can_be(length: int, width: float) -> None:
    size = heights.fitting_size("科" * length, width, 10.5)
    assert 7 <= size <= 10.5
    assert heights.height("科" * length, width, size) <= 409
