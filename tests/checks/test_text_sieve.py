"""What two rows share is seen in the marks and texts that are kept of them, without the rows."""

from __future__ import annotations

from builders import SETTINGS, entry, open_period
from hypothesis import given
from hypothesis import strategies as st

from kepu_xls.checks import Lookalikes, TextMarks, TextSieve
from kepu_xls.checks.wording import likeness, normalised
from kepu_xls.model import Entry

TEXT = "3月20日在实验小学举办科技节开幕式，展出学生作品46件，评出一等奖6个"
NEARLY = "3月21日在实验小学举办了科技节开幕式，展出学生作品45件，评出一等奖6个"
OTHER = "走访社区四处，发放防诈骗手册三百份，收集居民意见建议十七条"
BY_CHANCE = "科技节开幕式上，区领导为获奖单位授牌，各镇街道代表及媒体记者参加"

LEAST = SETTINGS.checks.alike
MADE = TextMarks(open_period(), SETTINGS.checks)
characters = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF) | st.sampled_from("𠀀𠮷ab12")
texts = st.lists(st.sampled_from((TEXT, NEARLY, OTHER, BY_CHANCE, "短", "")), max_size=6)


def row(text: str, unit: str = "区科协") -> Entry:
    return entry(unit, "1.1.1", progress=text, percent=40)


def suspects(*said: str) -> list[str]:
    """The texts that may be another unit's too, when each unit says one."""
    rows = {f"第{number}局": row(text) for number, text in enumerate(said)}
    sieve = TextSieve(len(rows))
    for one in rows.values():
        sieve.see(MADE.of(one))
    lookalikes = Lookalikes(LEAST)
    for unit, one in rows.items():
        lookalikes.add(unit, one.task, sieve.shared(MADE.of(one)), MADE.texts(one))
    return [str(rows[unit].value("progress")) for unit, _ in lookalikes.rows()]


def alike(*said: str) -> list[str]:
    """As ``suspects``, of texts that share a mark for certain."""
    lookalikes = Lookalikes(LEAST)
    for number, text in enumerate(said):
        lookalikes.add(f"第{number}局", "1.1.1", {7}, MADE.texts(row(text)))
    return [said[int(unit[1:-1])] for unit, _ in lookalikes.rows()]


def test_only_texts_that_may_be_another_s_too_are_suspected() -> None:
    assert suspects(TEXT, OTHER) == []
    assert suspects(TEXT, OTHER, TEXT) == [TEXT, TEXT]
    assert suspects(TEXT, OTHER, NEARLY) == [TEXT, NEARLY]


def test_texts_that_share_a_run_by_chance_are_told_apart_when_held_against_each_other() -> None:
    assert alike(TEXT, BY_CHANCE) == []
    assert alike(TEXT, BY_CHANCE, NEARLY) == [TEXT, NEARLY]


def test_what_a_unit_says_twice_itself_makes_it_no_suspect() -> None:
    lookalikes = Lookalikes(LEAST)
    for task in ("1.1.1", "1.1.2"):
        lookalikes.add("区科协", task, {7}, MADE.texts(row(TEXT)))
    assert list(lookalikes.rows()) == []


def test_where_very_many_share_a_run_all_are_suspected() -> None:
    """Each would have to be held against each."""
    assert len(alike(*[TEXT, BY_CHANCE] * 40)) == 80


def test_what_is_too_short_to_be_anybody_s_own_leaves_nothing() -> None:
    for text in ("举办讲座", ""):
        assert (MADE.of(row(text)), MADE.texts(row(text))) == (b"", b"")
    assert suspects("举办讲座", "举办讲座") == []


@given(texts)
def test_whatever_stands_twice_is_suspected_in_any_order(said: list[str]) -> None:
    twice = [text for text in said if len(text) > 1 and said.count(text) > 1]
    assert set(twice) <= set(suspects(*said))
    assert sorted(suspects(*said)) == sorted(suspects(*reversed(said)))


@given(
    text=st.text(characters, min_size=20, max_size=60),
    changes=st.lists(st.tuples(st.integers(0, 59), st.text(characters, max_size=2)), max_size=7),
)
def test_no_text_as_alike_as_is_asked_is_told_apart(text: str, changes: list[tuple[int, str]]) -> None:
    other = text
    for place, put in changes:
        other = other[:place] + put + other[place + 1 :]
    if likeness(normalised(text), normalised(other), LEAST) and len(other) >= SETTINGS.checks.shared_length:
        assert alike(text, other) == [text, other]


def test_a_row_that_is_held_has_the_answers_alone_that_are_looked_at() -> None:
    one = entry("区科协", "1.1.1", progress=TEXT, activities=3, next_steps=None, status="推进中")
    bare = MADE.bare(one)
    assert {"progress", "activities"} <= set(bare.answers) <= set(one.answers) - {"status"}
    for key, answer in bare.answers.items():
        assert (answer.value, answer.cell) == (one.answers[key].value, one.answers[key].cell)
