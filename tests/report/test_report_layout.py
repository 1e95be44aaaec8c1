"""How text is measured and parted: nothing is lost, and nothing is higher than a row or a page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kepu_xls.appearance import TypeSizes
from kepu_xls.report import layout, pages
from kepu_xls.report.pages import Piece
from kepu_xls.report.widths import Need, shared

texts = st.text(st.sampled_from("区教育局，。“”（）《科普》abcW 12.5%\n、；A_-"), max_size=400)
PAGE = 500.0
BODY_SIZE = TypeSizes().body


@given(texts, st.floats(15, 400))
def test_lines_put_together_are_the_text(text: str, width: float) -> None:
    assert "".join(layout.wrap(text, width, 10.5)) == text


@given(texts, st.floats(30, 400), st.integers(1, 12))
def test_what_surely_is_within_some_lines_is_within_them(text: str, width: float, lines: int) -> None:
    plain = text.replace("\n", "")
    if layout.surely_within(plain, layout.sure_to_hold(width, 10.5), lines):
        assert len(layout.wrap(plain, width, 10.5)) <= lines


def test_an_ordinary_sentence_is_known_to_be_within_its_lines_without_measuring() -> None:
    sentence = "向团区委报送科学调查体验情况，附区融媒体中心照片6张。"
    assert layout.surely_within(sentence, layout.sure_to_hold(400, 10.5), 2)
    assert not layout.surely_within(sentence * 3, layout.sure_to_hold(400, 10.5), 2)
    assert not layout.surely_within("A" * 20, layout.sure_to_hold(400, 10.5), 2)


@given(texts, st.floats(30, 400))
def test_no_line_is_longer_than_its_column(text: str, width: float) -> None:
    for line in layout.wrap(text, width, 10.5):
        assert layout.text_points(line.rstrip(), 10.5) <= width


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", 1),
        ("区教育局", 1),
        ("一\n二\n三", 3),
        ("字" * 20, 2),
        ("字" * 10 + "。", 2),  # a full stop does not begin a line
        ("字" * 8 + "Python", 2),  # a word is not parted
        ("x" * 100, 6),  # unless it is longer than a line
    ],
)
def test_lines_are_counted_as_people_set_them(text: str, lines: int) -> None:
    ten_characters = 10 * 10.5 + 10.5 / 4 + 0.1  # a quarter of a character is left for rounding
    assert len(layout.wrap(text, ten_characters, 10.5)) == lines


@pytest.mark.parametrize("text", ["", "短", "长" * 40_000, "😀" * 20_000])
def test_a_text_too_long_for_a_cell_is_cut_without_loss(text: str) -> None:
    pieces = layout.cut(text)
    assert "".join(pieces) == text
    assert all(len(piece.encode("utf-16-le")) // 2 <= layout.LONGEST_TEXT for piece in pieces)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [([], []), (["a"], [(0, 0)]), (["a", "a", "b"], [(0, 1), (2, 2)]), ("aba", [(0, 0), (1, 1), (2, 2)])],
)
def test_runs_of_equal_neighbours(keys: list[str], expected: list[tuple[int, int]]) -> None:
    assert layout.runs(keys) == expected


long_texts = st.integers(1, 300).map(lambda count: tuple(f"第{number}行，" for number in range(count)))
pieces_of_a_table = st.lists(
    st.one_of(
        st.floats(15, 190).map(lambda height: Piece(height=height)),
        st.tuples(st.floats(15, 120), long_texts).map(lambda both: Piece(height=both[0], lines={3: both[1]})),
        st.just(Piece(height=20, heading=True)),
    ),
    max_size=12,
)


@given(pieces_of_a_table, st.floats(100, PAGE))
def test_paging_loses_no_line_and_no_page_or_row_overflows(pieces: list[Piece], first: float) -> None:
    parts = pages.paginate(pieces, PAGE, first)
    for index, piece in enumerate(pieces):
        said = "".join(part.texts.get(3, "") for part in parts if part.piece == index)
        assert said == "".join(piece.lines.get(3, ()))
    for number in range(parts[-1].page + 1 if parts else 0):
        used = sum(sum(part.heights) for part in parts if part.page == number)
        assert used <= (PAGE if number else max(first, PAGE / 2)) + 1
    assert all(height <= layout.HIGHEST_ROW for part in parts for height in part.heights)


def test_a_heading_is_never_the_last_on_a_page() -> None:
    pieces = [Piece(height=400), Piece(height=20, heading=True), Piece(height=150)]
    assert [part.page for part in pages.paginate(pieces, PAGE, PAGE)] == [0, 1, 1]


def test_a_low_piece_is_not_parted_and_a_higher_one_fills_the_page() -> None:
    low = Piece(height=50, lines={0: ("行",) * 6})
    high = Piece(height=50, lines={0: ("行",) * 60})
    assert low.full_height < PAGE / 5 < high.full_height
    assert [part.page for part in pages.paginate([Piece(height=420), low], PAGE, PAGE)] == [0, 1]
    assert [part.page for part in pages.paginate([Piece(height=300), high], PAGE, PAGE)] == [0, 0, 1, 2]


def test_a_project_begins_only_where_a_good_part_of_the_page_is_left() -> None:
    def follows(*, first: bool) -> int:
        piece = Piece(height=50, lines={0: ("行",) * 30}, first=first)
        return pages.paginate([Piece(height=370), piece], PAGE, PAGE)[1].page

    assert (follows(first=False), follows(first=True)) == (0, 1)


def test_overleaf_at_least_four_lines_go_on_and_what_is_said_again_has_room() -> None:
    piece = Piece(height=50, overleaf=90, lines={0: ("行",) * 30})
    here, rest = piece.parted(layout.lines_height(28, BODY_SIZE))
    assert (len(here.lines[0]), len(rest.lines[0])) == (26, 4)
    assert rest.full_height == 90


@pytest.mark.parametrize(
    ("heights", "after", "turn"),
    [
        ([100] * 5, 0, None),  # one page
        ([100] * 10, 0, None),  # the last page is full
        ([100] * 6, 0, 4),  # one row would stand on it by itself
        ([100] * 5, 60, 3),  # a block below takes rows with it
        ([100] * 3, 100, None),
        ([400] * 3, 0, None),
    ],
)
def test_the_last_page_of_a_table_to_be_filtered_is_not_nearly_empty(
    heights: list[float], after: float, turn: int | None
) -> None:
    assert pages.last_turn(heights, PAGE, PAGE, after) == turn


def test_the_last_page_of_a_table_to_be_read_is_not_nearly_empty() -> None:
    pieces = [Piece(height=62)] * 9
    used = [sum(part.page == number for part in pages.paginate(pieces, PAGE, PAGE)) for number in (0, 1)]
    better = [sum(part.page == number for part in pages.balanced(pieces, PAGE, PAGE)) for number in (0, 1)]
    assert (used, better) == ([8, 1], [6, 3])


def test_long_numbers_and_configured_widths_are_kept_and_room_goes_to_the_longest_texts() -> None:
    needs = [
        Need(least=5, most=10, size=10, texts=("123456.78",), flexible=False),
        Need(least=8, most=90, size=10, texts=("短",), flexible=True),
        Need(least=8, most=90, size=10, texts=("长" * 300,), flexible=True),
        Need(least=20, most=20, size=10, texts=("长" * 300,), flexible=False),
    ]
    number, short, long, fixed = shared(needs, 600)
    assert layout.column_points(number) > layout.text_points("123456.78", 10)
    assert (short, fixed) == (8, 20)
    assert long > 4 * short
    assert sum(map(layout.column_outer_points, (number, short, long, fixed))) <= 600


@given(st.lists(st.text("字x \n", max_size=60), min_size=1, max_size=8), st.floats(100, 900))
def test_columns_never_take_more_than_the_room_or_what_they_need_at_least(
    texts: list[str], room: float
) -> None:
    needs = [Need(least=8, most=90, size=10, texts=(text,), flexible=True) for text in texts]
    widths = shared(needs, room)
    least = sum(layout.column_outer_points(8) for _ in texts)
    assert sum(map(layout.column_outer_points, widths)) <= max(room, least) + 1


@pytest.mark.parametrize(
    ("label", "width", "shown"),
    [
        ("完成率(%)", 60, "完成率\n(%)"),
        ("参与人次", 30, "参与\n人次"),
        ("参与人次", 60, "参与人次"),
        ("任务\n编号", 60, "任务\n编号"),
    ],
)
def test_a_head_breaks_where_it_reads_best(label: str, width: float, shown: str) -> None:
    assert layout.stacked(label, width, 10) == shown


@given(texts, st.integers(1, 5), st.floats(40, 200))
def test_a_text_shortened_to_some_lines_takes_no_more(text: str, lines: int, width: float) -> None:
    short = layout.shortened_to(text, lines, width, 10)
    assert len(layout.wrap(short, width, 10)) <= lines
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))


@given(long_texts)
def test_in_a_table_to_be_filtered_a_high_text_runs_on_over_rows(lines: tuple[str, ...]) -> None:
    parts = list(pages.unpaged([Piece(height=30, lines={2: lines})]))
    assert "".join(part.texts[2] for part in parts) == "".join(lines)
    assert all(len(part.heights) == 1 and part.heights[0] <= layout.HIGHEST_ROW for part in parts)
    assert [part.continued for part in parts] == [False] + [True] * (len(parts) - 1)


def test_lines_that_fit_a_height_take_no_more_than_it() -> None:
    for height in (100.0, 250.0, layout.HIGHEST_ROW):
        assert layout.lines_height(layout.lines_within(height, BODY_SIZE), BODY_SIZE) <= height


def test_a_page_ends_with_the_end_of_a_paragraph_where_one_is_near() -> None:
    lines = ("甲局：做了\n", *("乙局：做了很多，",) * 5, "完。")
    here, rest = Piece(height=20, lines={0: lines}).parted(layout.lines_height(4, BODY_SIZE))
    assert here.lines[0] == lines[:1]
    assert rest.lines[0] == lines[1:]


def test_the_rows_of_a_group_are_together_as_high_as_its_name_and_else_as_low_as_they_are() -> None:
    pieces = [Piece(height=20, label=130, first=index in (0, 2)) for index in range(4)]
    pieces += [Piece(height=100, label=130, first=index == 0) for index in range(2)]
    heights = [sum(part.heights) for part in pages.paginate(pieces, PAGE, PAGE)]
    assert heights == [65, 65, 65, 65, 100, 100]


def test_a_group_parted_by_the_page_has_room_for_its_name_on_both() -> None:
    pieces = [Piece(height=300), *(Piece(height=60, label=150, first=index == 0) for index in range(4))]
    parts = pages.paginate(pieces, PAGE, PAGE)
    assert [part.page for part in parts] == [0, 0, 0, 0, 1]
    assert sum(sum(part.heights) for part in parts[1:4]) == 180
    assert sum(parts[4].heights) == 150


@pytest.mark.parametrize("text", ["12.5", "3,942", "108→204", "2019-W12"])
def test_a_number_is_never_parted(text: str) -> None:
    for width in range(60, 110):
        assert any(text in line for line in layout.wrap(f"参与{text}人次", float(width), 10))
