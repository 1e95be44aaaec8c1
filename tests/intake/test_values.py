"""One cell and what was asked → what it says, for what people type."""

from __future__ import annotations

from datetime import date, time

import cn2an
import msgspec
import pytest
from builders import SETTINGS, at
from hypothesis import given
from hypothesis import strategies as st

from kepu_xls.digits import bounds
from kepu_xls.intake.grid import Formula, Raw
from kepu_xls.intake.spoken import spoken_number
from kepu_xls.intake.values import parse
from kepu_xls.model import Answer, Place, Scalar, Severity

FIELDS = {field.key: field for field in (*SETTINGS.fields, *SETTINGS.form_fields)}
PLACE = Place("表.xlsx", "进展填报表", "I9")
LAST_DAY = date(2019, 3, 24)


def read(key: str, raw: Raw, *, shows_percent: bool | None = None) -> tuple[Answer, list[str]]:
    answer, findings = parse(FIELDS[key], raw, PLACE, last_day=LAST_DAY, shows_percent=shows_percent)
    assert all(one.place == PLACE for one in findings)
    return answer, [one.code for one in findings]


PLAIN: list[tuple[str, Raw, Scalar]] = [
    ("percent", "80%", 80),
    ("percent", "80", 80),
    ("percent", 80.0, 80),
    ("percent", "80.0", 80),
    ("percent", "８０％", 80),
    ("percent", " 80 % ", 80),
    ("percent", "百分之八十", 80),
    ("percent", "百分之八十五点五", 85.5),
    ("percent", "八成", 80),
    ("percent", "八成五", 85),
    ("percent", "八十", 80),
    ("percent", "已完成80%", 80),
    ("percent", "完成80％。", 80),
    ("percent", "0.8%", 0.8),
    ("percent", "百分之百", 100),
    ("percent", 0, 0),
    ("percent", "0", 0),
    ("attendance", "三百二十", 320),
    ("attendance", "两千", 2000),
    ("attendance", "壹佰贰拾", 120),
    ("attendance", "1,200人次", 1200),
    ("attendance", "1，200", 1200),
    ("attendance", "1 200", 1200),
    ("attendance", "１２００", 1200),
    ("attendance", "共1200人次", 1200),
    ("attendance", "3.5万", 35000),
    ("attendance", "3.5万人次", 35000),
    ("attendance", "5百", 500),
    ("attendance", "12.0", 12),
    ("attendance", 12.0, 12),
    ("activities", "2场(线上)", 2),
    ("activities", "三场次", 3),
    ("funds", "12万元", 12),
    ("funds", "12 万元", 12),
    ("funds", "十二万元", 12),
    ("funds", "120000元", 12),
    ("funds", "120,000元", 12),
    ("funds", "￥120000", 12),
    ("funds", "3.5万", 3.5),
    ("funds", "三万五千元", 3.5),
    ("funds", "三万五千", 3.5),
    ("funds", "三万五", 3.5),
    ("funds", "五千", 0.5),
    ("attendance", "五千", 5000),
    ("funds", "一亿二", 12_000),
    ("funds", "1.2亿元", 12000),
    ("funds", "5千元", 0.5),
    ("funds", "0.5", 0.5),
    ("funds", 0.5, 0.5),
    ("expected_date", "2019年3月5日", "2019-03-05"),
    ("expected_date", "2019.3.5", "2019-03-05"),
    ("expected_date", "2019/3/5", "2019-03-05"),
    ("expected_date", "2019-03-05 00:00:00", "2019-03-05"),
    ("expected_date", "２０１９－３－５", "2019-03-05"),
    ("expected_date", "2019年3月5日（星期二）", "2019-03-05"),
    ("expected_date", "19年3月5日", "2019-03-05"),
    ("expected_date", "二〇一九年三月五日", "2019-03-05"),
    ("expected_date", "20190305", "2019-03-05"),
    ("expected_date", 20190305.0, "2019-03-05"),
    ("expected_date", 43529.0, "2019-03-05"),
    ("expected_date", "43529", "2019-03-05"),
    ("expected_date", date(2019, 3, 5), "2019-03-05"),
    ("expected_date", at("2019-03-05 08:30"), "2019-03-05"),
    ("status", "已完成。", "已完成"),
    ("status", "完成", "已完成"),
    ("status", "进行中", "推进中"),
    ("status", " 推 进\n中 ", "推进中"),
    ("status", "已完成（100%）", "已完成"),
    ("unchanged", "√", "是"),
    *[("unchanged", tick, "是") for tick in ("✔", "☑", "对", "V", "v")],
    *[("unchanged", box, None) for box in ("□", "☐")],
    ("unchanged", "无变化", "是"),
    ("unchanged", True, "是"),
    ("unchanged", 1.0, "是"),
    ("phone", 13800000000.0, "13800000000"),
    ("remarks", 0.8, "0.8"),
    ("remarks", True, "是"),
    ("remarks", at("2019-03-05"), "2019-03-05"),
    ("remarks", "=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
    ("remarks", "第一行\r\n第二\x07行\u202e_x000D_", "第一行\n第二行"),
]


@pytest.mark.parametrize(("key", "raw", "value"), PLAIN)
def test_what_people_type_is_read_as_they_mean_it(key: str, raw: Raw, value: Scalar) -> None:
    answer, codes = read(key, raw)
    assert (answer.value, codes, answer.approximate) == (value, [], False)
    assert answer.raw
    assert answer.cell == "I9"


NOTHING = ["无", "/", "／", "—", "——", "-", "N/A", "暂无", "没有。"]


@pytest.mark.parametrize("raw", NOTHING)
@pytest.mark.parametrize("key", ["percent", "attendance", "funds", "expected_date", "remarks", "unchanged"])
def test_a_word_for_nothing_is_no_error_and_is_kept(key: str, raw: str) -> None:
    answer, codes = read(key, raw)
    assert (answer.value, answer.raw, codes) == (None, raw, [])


def test_a_choice_that_everybody_must_make_cannot_be_nothing() -> None:
    assert read("status", "/")[1] == ["choice-unknown"]


@pytest.mark.parametrize("raw", ["否", False, "×", "有变化"])
def test_a_box_that_is_not_ticked_says_nothing(raw: Raw) -> None:
    answer, codes = read("unchanged", raw)
    assert (answer.value, codes) == (None, [])


@pytest.mark.parametrize("raw", [None, "", "  \n", "\u200b"])
@pytest.mark.parametrize("key", ["percent", "remarks", "status", "expected_date"])
def test_a_blank_cell_keeps_its_place(key: str, raw: Raw) -> None:
    answer, codes = read(key, raw)
    assert (answer, codes) == (Answer(None, "", "I9"), [])


APPROXIMATE: list[tuple[str, str, Scalar]] = [
    ("percent", "约80", 80),
    ("percent", "约80%", 80),
    ("percent", "80%左右", 80),
    ("percent", "近八成", 80),
    ("percent", "一半", 50),
    ("attendance", "一百二十余", 120),
    ("attendance", "一百二十余人次", 120),
    ("attendance", "1200多人次", 1200),
    ("attendance", "3万余人", 30000),
    ("attendance", "近500", 500),
    ("attendance", "1200+", 1200),
    ("funds", "约12万", 12),
    ("funds", "3.5万余元", 3.5),
    ("expected_date", "2019年12月31日前", "2019-12-31"),
]


@pytest.mark.parametrize(("key", "raw", "value"), APPROXIMATE)
def test_an_approximation_is_marked_and_told(key: str, raw: str, value: Scalar) -> None:
    answer, codes = read(key, raw)
    assert (answer.value, answer.approximate, codes) == (value, True, ["value-approximate"])


WRONG: list[tuple[str, Raw, str]] = [
    ("percent", "80-90%", "number-several"),
    ("percent", 120.0, "number-out-of-bounds"),
    ("percent", "-5", "number-out-of-bounds"),
    ("percent", "0.8", "percent-open"),
    ("percent", 0.8, "percent-open"),
    ("percent", "12元", "number-wrong-measure"),
    ("percent", "过半", "number-unreadable"),
    ("attendance", "1200.5", "number-not-whole"),
    ("attendance", "三五", "number-several"),
    ("attendance", "十几", "number-unreadable"),
    ("attendance", "1,2", "number-several"),
    ("attendance", "1.2.3", "number-several"),
    ("attendance", "3月5日", "number-several"),
    ("attendance", "线上300、线下200", "number-several"),
    ("attendance", "5%", "number-wrong-measure"),
    ("attendance", "12万元", "number-wrong-measure"),
    ("attendance", -3.0, "number-out-of-bounds"),
    ("attendance", "负三", "number-out-of-bounds"),
    ("attendance", True, "number-unreadable"),
    ("attendance", at("2019-03-05"), "number-is-date"),
    ("attendance", time(3, 5), "number-is-date"),
    ("attendance", 1e300, "number-too-large"),
    ("attendance", float("inf"), "number-too-large"),
    ("attendance", float("nan"), "number-too-large"),
    ("attendance", "#REF!", "cell-error-value"),
    ("attendance", Formula("=SUM(A1:A3)"), "cell-formula-uncomputed"),
    ("remarks", Formula("=A1"), "cell-formula-uncomputed"),
    ("attendance", '=DISPIMG("ID_1",1)', "cell-picture"),
    ("funds", "12万人", "number-wrong-measure"),
    ("expected_date", "2019-02-30", "date-impossible"),
    ("expected_date", "1999-1-1", "date-out-of-range"),
    ("expected_date", "2101-1-1", "date-out-of-range"),
    ("expected_date", date(1900, 1, 3), "date-out-of-range"),
    ("expected_date", 3.2, "date-unreadable"),
    ("expected_date", 12.31, "date-unreadable"),
    ("expected_date", 300.5, "date-out-of-range"),
    ("activities", "200人次", "number-wrong-measure"),
    ("attendance", "3场", "number-wrong-measure"),
    ("activities", "①3", "number-several"),
    ("activities", "3²", "number-several"),
    ("expected_date", "尽快", "date-unreadable"),
    ("expected_date", True, "date-unreadable"),
    ("status", "差不多了", "choice-unknown"),
    ("status", "推进中，80%", "choice-unknown"),
    ("remarks", "#N/A", "cell-error-value"),
]


@pytest.mark.parametrize(("key", "raw", "code"), WRONG)
def test_what_cannot_be_read_is_an_error_that_says_what_to_enter(key: str, raw: Raw, code: str) -> None:
    answer, findings = parse(FIELDS[key], raw, PLACE, last_day=LAST_DAY)
    assert [one.code for one in findings] == [code]
    assert findings[0].severity is Severity.ERROR
    assert findings[0].remedy
    assert answer.value is None
    assert answer.raw


@pytest.mark.parametrize(
    ("key", "raw", "code"),
    [
        ("activities", "共计" * 40 + "很多", "number-unreadable"),
        ("activities", "共" * 30_000 + "很多", "number-unreadable"),
        ("percent", "完成" * 15_000 + "约" + "完成" * 15_000, "number-unreadable"),
        ("activities", "一零" * 200, "number-unreadable"),
        ("activities", "一零" * 3_000, "number-unreadable"),
        ("activities", "1" * 5_000, "number-too-large"),
        ("expected_date", "1" * 5_000, "date-unreadable"),
    ],
)
def test_a_text_however_long_is_answered_at_once(key: str, raw: str, code: str) -> None:
    """Some took longer than the age of the world, or were no text that Python makes a number of."""
    assert [one.code for one in parse(FIELDS[key], raw, PLACE, last_day=LAST_DAY)[1]] == [code]


@pytest.mark.parametrize(
    "raw", ["共计3场", "共3场", "共计约3场", "共计约共计3场", "累计开展活动3场", "预计共3场"]
)
def test_words_before_a_figure_change_nothing(raw: str) -> None:
    assert parse(FIELDS["activities"], raw, PLACE, last_day=LAST_DAY)[0].value == 3


def test_a_wrong_choice_is_answered_with_the_choices() -> None:
    _, findings = parse(FIELDS["status"], "差不多了", PLACE, last_day=LAST_DAY)
    assert all(choice in findings[0].remedy for choice in ("未启动", "推进中", "已完成", "滞后"))


@pytest.mark.parametrize(
    "raw",
    [
        "3月底",
        "2019年12月",
        "12月",
        "3月5日—8日",
        "2019年3月-5月",
        "长期",
        "三月中旬",
        "2020",
        2019.0,
        2019.12,
    ],
)
def test_a_date_that_is_no_day_is_a_warning_and_kept_as_text(raw: str | float) -> None:
    answer, findings = parse(FIELDS["expected_date"], raw, PLACE, last_day=LAST_DAY)
    assert [(one.code, one.severity) for one in findings] == [("date-vague", Severity.WARNING)]
    assert (answer.value, answer.raw) == (None, f"{raw:g}" if isinstance(raw, float) else raw)


@pytest.mark.parametrize(
    ("raw", "last_day", "day"),
    [
        ("3月5日", date(2019, 3, 24), "2019-03-05"),
        ("12月31日", date(2019, 3, 24), "2019-12-31"),
        ("3/5", date(2019, 3, 24), "2019-03-05"),
        ("3.5", date(2019, 3, 24), "2019-03-05"),
        ("1月3日", date(2019, 12, 29), "2020-01-03"),
        ("十二月三十一日", date(2019, 3, 24), "2019-12-31"),
    ],
)
def test_a_year_left_out_is_completed_from_the_period_and_told(raw: str, last_day: date, day: str) -> None:
    answer, findings = parse(FIELDS["expected_date"], raw, PLACE, last_day=last_day)
    assert (answer.value, [one.code for one in findings]) == (day, ["date-year-completed"])


@pytest.mark.parametrize(
    ("raw", "shows_percent", "value", "codes"),
    [
        (0.5, True, 50, []),
        (1.0, True, 100, []),
        (0.57, True, 57, []),
        (0.00001, True, 0.001, []),
        (1.5, True, None, ["number-out-of-bounds"]),
        (1.05, True, None, ["number-out-of-bounds"]),
        (-0.2, True, None, ["number-out-of-bounds"]),
        (1e20, True, None, ["number-too-large"]),
        (1.5, False, 1.5, []),
        (0.5, False, None, ["percent-open"]),
        (0.5, None, None, ["percent-open"]),
        (1.0, False, 1, ["percent-one"]),
        ("1", None, 1, ["percent-one"]),
    ],
)
def test_half_and_one_are_settled_by_the_number_format_or_told(
    raw: Raw,
    shows_percent: bool | None,  # noqa: FBT001 - a column of the table above
    value: Scalar,
    codes: list[str],
) -> None:
    answer, found = read("percent", raw, shows_percent=shows_percent)
    assert (answer.value, found) == (value, codes)


@pytest.mark.parametrize(("raw", "text"), [(0.8, "80%"), (1.0, "100%"), (1.5, "150%"), (0.285, "28.5%")])
def test_a_share_shown_as_a_percentage_is_kept_as_it_shows_and_means_the_same_as_text(
    raw: float, text: str
) -> None:
    answer, codes = read("percent", raw, shows_percent=True)
    again, codes_again = read("percent", answer.raw)
    assert (answer.raw, again.value, codes_again) == (text, answer.value, codes)


def test_large_bounds_are_told_in_all_their_digits() -> None:
    field = msgspec.structs.replace(FIELDS["attendance"], maximum=2_500_000.0)
    (told,) = parse(field, 3_000_000, PLACE, last_day=LAST_DAY)[1]
    assert "0 到 2500000" in told.message
    assert bounds(field) == "0 到 2500000"


def test_a_picture_is_counted_as_evidence() -> None:
    answer, codes = read("evidence", '=DISPIMG("ID_1",1)')
    assert (answer.value, codes) == ("（图片）", ["cell-picture-counted"])


def test_a_text_too_long_for_a_cell_is_kept_whole() -> None:
    answer, codes = read("progress", "进" * 40_000)
    assert (answer.value, codes) == ("进" * 40_000, ["text-too-long"])


@given(
    key=st.sampled_from(sorted(FIELDS)),
    raw=st.text() | st.floats() | st.integers() | st.booleans() | st.datetimes(),
)
def test_reading_never_raises_and_what_it_gives_fits_the_field(key: str, raw: Raw) -> None:
    answer, codes = read(key, raw)
    if answer.value is None:
        return
    match FIELDS[key].type.value:
        case "integer":
            assert isinstance(answer.value, int)
        case "decimal" | "percent":
            assert isinstance(answer.value, float | int)
        case "date":
            assert date.fromisoformat(str(answer.value)).year >= 2000
        case "choice":
            assert answer.value in FIELDS[key].choices
        case _:
            assert isinstance(answer.value, str)
    assert not {"number-unreadable", "date-unreadable", "choice-unknown"} & set(codes)


TYPED = st.text(
    alphabet="0123456789０１.,，%％万千百十亿元人次场约近余多年月日-—/一二三两零点成百分之第 \n", max_size=14
)


@given(key=st.sampled_from(["percent", "attendance", "funds", "expected_date"]), raw=TYPED)
def test_reading_never_raises_for_what_looks_like_figures(key: str, raw: str) -> None:
    answer, _ = read(key, raw)
    assert answer.value is None or FIELDS[key].minimum is None or float(str(answer.value)) >= 0


@given(number=st.integers(0, 99_999_999), style=st.sampled_from(["low", "up"]))
def test_a_number_in_chinese_numerals_reads_as_itself(number: int, style: str) -> None:
    assert read("attendance", cn2an.an2cn(number, style))[0].value == number


@given(
    number=st.integers(0, 10**9),
    before=st.sampled_from(["", "共", "累计"]),
    measure=st.sampled_from(["", "人次", "人", "名"]),
)
def test_a_number_with_separators_and_measure_reads_as_itself(number: int, before: str, measure: str) -> None:
    assert read("attendance", f"{before}{number:,}{measure}")[0].value == number


@given(day=st.dates(date(2000, 1, 1), date(2100, 12, 31)))
def test_a_day_reads_as_itself_in_every_spelling(day: date) -> None:
    y, m, d = day.year, day.month, day.day
    for text in (
        f"{y}-{m:02}-{d:02}",
        f"{y}年{m}月{d}日",
        f"{y}.{m}.{d}",
        f"{y}/{m}/{d}",
        f"{y}{m:02}{d:02}",
        f"{y}年{m}月{d}号",
    ):
        assert read("expected_date", text)[0].value == day.isoformat()
    assert read("expected_date", float((day - date(1899, 12, 30)).days))[0].value == day.isoformat()


@given(text=st.text(alphabet="零〇一二两三五九十百千万亿点廿", min_size=1, max_size=6))
def test_numerals_that_read_at_all_read_as_a_well_known_library_reads_them(text: str) -> None:
    """But for 一亿二 (1.2亿), 三点五万 and 两千零一百, which it does not know; 三点 is no number."""
    try:
        known = float(cn2an.cn2an(text, "smart"))
    except (ValueError, KeyError, IndexError):
        assert set(text) & set("亿点零〇廿") or spoken_number(text) is None
        return
    assert spoken_number(text) in (None, pytest.approx(known))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("十五", 15), ("廿三", 23), ("两百零五", 205), ("三千五", 3500), ("一万二", 12_000),
        ("三点五万", 35_000), ("一亿二", 120_000_000), ("二〇一九", 2019), ("壹佰贰拾", 120),
        ("三十万", 300_000), ("零点五", 0.5),
        ("三点", None), ("十零五", None), ("一亿十", None), ("一亿一万", 100_010_000),
        ("三百五万", None), ("一点五五五九", 1.5559), ("二点三九三九万", 23939), ("十五万", 150_000),
        ("百", None), ("万", None), ("点五", None),
    ],
)  # fmt: skip
def test_numbers_spelt_out(text: str, value: float | None) -> None:
    assert spoken_number(text) == value
