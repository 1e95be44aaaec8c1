"""Marks of texts: what two rows share is seen in what is kept of them, without the rows."""

from __future__ import annotations

from builders import SETTINGS, entry, open_period
from hypothesis import given
from hypothesis import strategies as st

from kepu_xls.checks import TextMarks, TextSieve
from kepu_xls.model import Entry

TEXT = "3月20日在实验小学举办科技节开幕式，展出学生作品46件，评出一等奖6个"
NEARLY = "3月21日在实验小学举办了科技节开幕式，展出学生作品45件，评出一等奖6个"
OTHER = "走访社区四处，发放防诈骗手册三百份，收集居民意见建议十七条"

texts = st.lists(st.sampled_from((TEXT, NEARLY, OTHER, "短", "")), max_size=6)


def marks(*said: str) -> list[bytes]:
    made = TextMarks(open_period(), SETTINGS.checks)
    return [made.of(row(text)) for text in said]


def row(text: str) -> Entry:
    return entry("区科协", "1.1.1", progress=text, percent=40)


def suspects(*said: str) -> list[str]:
    sieve = TextSieve(len(said))
    for one in marks(*said):
        sieve.see(one)
    for one in marks(*said):
        sieve.see_again(one)
    return [text for text, one in zip(said, marks(*said), strict=True) if sieve.shares(one)]


def test_only_texts_that_may_be_another_s_too_are_suspected() -> None:
    assert suspects(TEXT, OTHER) == []
    assert suspects(TEXT, OTHER, TEXT) == [TEXT, TEXT]
    assert suspects(TEXT, OTHER, NEARLY) == [TEXT, NEARLY]


def test_what_is_too_short_to_be_anybody_s_own_leaves_no_marks() -> None:
    assert marks("举办讲座", "") == [b"", b""]
    assert suspects("举办讲座", "举办讲座") == []


@given(texts)
def test_whatever_stands_twice_is_suspected_in_any_order(said: list[str]) -> None:
    twice = [text for text in said if len(text) > 1 and said.count(text) > 1]
    assert set(twice) <= set(suspects(*said))
    assert sorted(suspects(*said)) == sorted(suspects(*reversed(said)))


def test_a_row_that_is_held_has_the_answers_alone_that_are_looked_at() -> None:
    one = entry("区科协", "1.1.1", progress=TEXT, activities=3, next_steps=None, status="推进中")
    bare = TextMarks(open_period(), SETTINGS.checks).bare(one)
    assert {"progress", "activities"} <= set(bare.answers) <= set(one.answers) - {"status"}
    for key, answer in bare.answers.items():
        assert (answer.value, answer.cell) == (one.answers[key].value, one.answers[key].cell)
