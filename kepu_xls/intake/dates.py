"""Dates as people write them: 2019年3月5日, 2019.3.5, 3月5日, 20190305, 三月五日, an Excel serial."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta

from kepu_xls.model import Record

FIRST_YEAR, LAST_YEAR = 2000, 2100
_EPOCH = date(1899, 12, 30)  # Excel's day 0, as it counts after its 29 February 1900
_FIRST_SERIAL, _LAST_SERIAL = 36526, 73415  # 2000-01-01 … 2100-12-31
_FEWEST_DAYS = 32
_TOO_LONG_AGO = timedelta(days=270)


class WrittenDate(Record, frozen=True):
    """A date as it was written.  ``completed``: the year was not written; ``approximate``: 3月5日前."""

    day: date
    completed: bool = False
    approximate: bool = False


class UnclearDateError(ValueError):
    """The text is no single day.  ``why``: ``vague`` (3月底), ``impossible``, ``range`` or ``unknown``."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


_REST = (
    r"(?:T?\d{1,2}:\d{2}(?::\d{2})?(?:\.0+)?)?(?:\(?(?:星期|周)[一二三四五六日天]\)?)?"
    r"(?P<before>前|之前|以前|左右)?"
)
_FULL = re.compile(
    rf"(?P<year>\d{{4}}|\d{{2}})(?:年|[-./])(?P<month>\d{{1,2}})(?:月|[-./])(?P<day>\d{{1,2}})[日号]?{_REST}"
)
_PACKED = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?P<before>)")
_SERIAL = re.compile(r"\d{5}")
_SHORT = re.compile(rf"(?P<month>\d{{1,2}})(?:月|[-./])(?P<day>\d{{1,2}})[日号]?{_REST}")
_VAGUE = re.compile(
    r"底|末|初|旬|半年|季度|年内|年度|长期|持续|常态|全年|每|待定|至|到|起|—|~|-|下周|本周|下月|本月|明年|今年|前"
)
_VAGUE_WHOLE = re.compile(r"\d{4}年?|\d{4}年\d{1,2}月份?|\d{1,2}月份?|\d{4}[-./]\d{1,2}")
_NUMERAL = {
    "〇": 0,
    "零": 0,
    "○": 0,
    "一": 1,
    "二": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_YEAR_WORDS = re.compile(r"[〇零○一二三四五六七八九]{4}(?=年)")
_DAY_WORDS = re.compile(r"[一二三四五六七八九十]{1,3}(?=[月日号])")


def read_date(text: str, last_day: date) -> WrittenDate:
    """Read a day.  Raises UnclearDateError.

    A year left out is that of the period which ends on ``last_day``, or the next one where the day would lie
    most of a year before it.
    """
    plain = _figures(re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).rstrip("。.;,、"))
    if _SERIAL.fullmatch(plain) and _FIRST_SERIAL <= int(plain) <= _LAST_SERIAL:
        return WrittenDate(of_serial(int(plain)))
    if match := _PACKED.fullmatch(plain) or _FULL.fullmatch(plain):
        year = int(match["year"]) + (FIRST_YEAR if len(match["year"]) == 2 else 0)  # noqa: PLR2004 - 19年
        return WrittenDate(_day(year, match), approximate=bool(match["before"]))
    if match := _SHORT.fullmatch(plain):
        day = _day(last_day.year, match)
        if last_day - day > _TOO_LONG_AGO:
            day = _day(last_day.year + 1, match)
        return WrittenDate(day, completed=True, approximate=bool(match["before"]))
    vague = _VAGUE_WHOLE.fullmatch(plain) or _VAGUE.search(plain)
    raise UnclearDateError("vague" if vague else "unknown")


def of_serial(serial: float) -> date:
    """Give the day of an Excel serial.  Raises UnclearDateError beyond our years."""
    if FIRST_YEAR <= serial < LAST_YEAR + 1:  # 2019, or 2019.3 for a month
        raise UnclearDateError("vague")
    if 1 <= serial < _FEWEST_DAYS:  # 3.2 was typed as 3.2 or as 3.20
        raise UnclearDateError("unknown")
    if not _FIRST_SERIAL <= serial < _LAST_SERIAL + 1:
        raise UnclearDateError("range")
    return _EPOCH + timedelta(days=int(serial))


def checked(day: date) -> date:
    """Give the day back where it lies in our years.  Raises UnclearDateError otherwise."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise UnclearDateError("range")
    return day


def _day(year: int, match: re.Match[str]) -> date:
    try:
        day = date(year, int(match["month"]), int(match["day"]))
    except ValueError as error:
        raise UnclearDateError("impossible") from error
    return checked(day)


def _figures(text: str) -> str:
    """Turn 二〇一九年十二月三十一日 into figures."""
    text = _YEAR_WORDS.sub(lambda match: "".join(str(_NUMERAL[sign]) for sign in match[0]), text)
    return _DAY_WORDS.sub(lambda match: str(_up_to_ninety_nine(match[0])), text)


def _up_to_ninety_nine(words: str) -> int:
    tens, ten, ones = words.partition("十")
    if not ten:
        return int("".join(str(_NUMERAL[sign]) for sign in words))
    return (_NUMERAL.get(tens, 1)) * 10 + _NUMERAL.get(ones, 0)
