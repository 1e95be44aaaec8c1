"""Deadlines as people write them → the last day that is meant."""

from __future__ import annotations

import calendar
import re
import unicodedata
from datetime import date
from itertools import pairwise

from kepu_xls.model import Record

_TIME = re.compile(r"(?<!\d)\d{1,2}:\d\d(?::\d\d)?")
_BLANK = re.compile(r"\s*([年月日号季度底末前内止起至到.\-/])\s*")
# dates in figures → the same with 年, 月 and 日, so that the rest needs to know one way of writing only
_FIGURES = (
    (re.compile(r"年前([一二三1-3])个?季度"), r"年\1季度"),
    (re.compile(r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?!\d)"), r"\1年\2月\3日"),
    (re.compile(r"(?<!\d)(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?![\d月季])日?"), r"\1年\3月\4日"),
    (re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})(?![\d日季])月?"), r"\1年\2月"),
    (re.compile(r"(?<=[-—–~至到])(\d{1,2})[./](\d{1,2})(?![\d月日季])"), r"\1月\2日"),
    (re.compile(r"(?<!\d)(\d{4}年\d{1,2})(?=(?:底|末|之?以?前)*$)"), r"\1月"),
    (re.compile(r"(?<!\d)(\d{4}年\d{1,2}月\d{1,2})(?=(?:底|末|之?以?前)*$)"), r"\1日"),
    (re.compile(r"([月日])([-—–~至到、])(\d{1,2})(?=(?:底|末|之?以?前)*$)"), r"\1\2\3\1"),
)
_JOIN = r"[-—–―~〜至到、,，;；/和与及一 ]+"
_TOKEN = re.compile(
    rf"""(?<!\d)(?P<year>(?:19|20)\d\d)(?:年度?|(?=$|{_JOIN}|[QqHh]|[上下]半年))
    |(?<!\d)(?P<month>\d{{1,2}})月份?(?P<third>[上中下]旬)?
    |(?<!\d)(?P<day>\d{{1,2}})[日号]
    |[Qq](?P<letter>[1-4])
    |第?(?P<quarter>[一二三四1-4])(?:季度|(?={_JOIN}第?[一二三四1-4]季度))
    |[Hh](?P<half>[12])
    |(?P<side>[上下])半年
    |(?<!\d)(?P<bare>\d{{1,2}})(?={_JOIN}(?:\d{{1,2}}{_JOIN})*\d{{1,2}}[月日号])""",
    re.VERBOSE,
)
_ENDING = re.compile(r"(?:底|末|之前|以前|前|止|起|从|自)+")  # words at a date that leave it the same day
_JOINED = re.compile(rf"(?:{_JOIN})?")
_BEGINS = re.compile(r"(?:底|末|初|份)*(?:起|开始|以来|以后|之后|后|启动)")
_UNCLEAR = re.compile(r"初|中(?!旬)|第?[\dQq]|[春夏秋冬]")
_THIRDS = {"上旬": 10, "中旬": 20, "下旬": 31}


class _Point(Record, frozen=True):
    """A date as far as it is written; ``kind`` names the smallest thing that it says."""

    kind: str
    year: int = 0
    month: int = 0
    day: int = 0


def last_day_meant(text: str) -> date | None:
    """Read ``2020-12-31``, ``2020年12月``, ``2021年7-8月`` or ``2016—2020年``: the last day meant.

    None where there is no date in it, one that no calendar has, from which on something begins (2020年起), or
    several that are not plainly a span or a list in their order (2019年启动，2020年完成).
    """
    text = _written_out(text)
    tokens = list(_TOKEN.finditer(text))
    if not tokens or not _one_expression(text, tokens):
        return None
    try:
        days = [_last_day(point) for point in _points(tokens)]
    except ValueError:
        return None
    return days[-1] if days and days == sorted(days) else None


def _written_out(text: str) -> str:
    """Write all dates with 年, 月 and 日, without blanks in them and without times of day."""
    text = _TIME.sub("", unicodedata.normalize("NFKC", text)).strip()
    text = _BLANK.sub(r"\1", text)
    for pattern, written in _FIGURES:
        text = pattern.sub(written, text)
    return text


def _one_expression(text: str, tokens: list[re.Match[str]]) -> bool:
    """Tell whether only words such as 至 stand between the dates, and no 起, 初 or figure after them."""
    between = (text[one.end() : other.start()] for one, other in pairwise(tokens))
    after = text[tokens[-1].end() :]
    whole = all(_JOINED.fullmatch(_ENDING.sub("", words)) for words in between)
    return whole and not _BEGINS.match(after) and not _UNCLEAR.match(after)


def _points(tokens: list[re.Match[str]]) -> list[_Point]:
    """Put years, months and days together to dates; a later one takes from the one before what it lacks."""
    made: list[_Point] = []
    waiting: list[int] = []  # 7 of 7-8月: what it counts is told by what follows
    adjoins, end = False, -1
    for token in tokens:
        kind = "month" if token.lastgroup == "third" else (token.lastgroup or "")
        adjoins = adjoins if waiting else token.start() == end
        end = token.end()
        if kind == "bare":
            waiting.append(int(token[0]))
            continue
        written = [*map(str, waiting), token[0]]
        waiting.clear()
        points = [_point(kind, one, made[-1] if made else _Point("")) for one in written]
        if made and adjoins:
            made.pop()  # 2020年 and 12月 right after it are one date
        made += points
    return made


def _point(kind: str, written: str, before: _Point) -> _Point:
    """Make a date of one more thing said; raises ValueError where it lacks what it hangs on."""
    if kind == "year":
        return _Point(kind, int(written[:4]))
    if not before.year:
        raise ValueError(written)
    if kind == "month":
        third = next((day for name, day in _THIRDS.items() if name in written), 0)
        month = int(re.sub(r"\D", "", written))
        day = min(third, month_end(before.year, month).day) if third else 0
        return _Point(kind, before.year, month, day)
    if kind == "day":
        if not before.month or before.kind not in ("month", "day"):
            raise ValueError(written)
        return _Point(kind, before.year, before.month, int(re.sub(r"\D", "", written)))
    return _Point(kind, before.year, _last_month(kind, written))


def _last_month(kind: str, written: str) -> int:
    """Give the last month of a quarter or half."""
    if kind == "side":
        return 6 if written[0] == "上" else 12
    number = next(char for char in written if char in "一二三四1234")
    count = "一二三四".find(number) + 1 or int(number)
    return count * (6 if kind == "half" else 3)


def _last_day(point: _Point) -> date:
    if point.kind == "year":
        return date(point.year, 12, 31)
    return date(point.year, point.month, point.day) if point.day else month_end(point.year, point.month)


def month_end(year: int, month: int) -> date:
    """Give the last day of a month.  Raises ValueError for a month that there is not."""
    if not 1 <= month <= 12:  # noqa: PLR2004 - months of a year
        raise ValueError(month)
    return date(year, month, calendar.monthrange(year, month)[1])
