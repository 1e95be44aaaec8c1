"""Numbers spelt out in Chinese numerals: 三百二十, 十五, 一万二, 三点五万, 二〇一九, 壹佰."""

from __future__ import annotations

import re

_WRITTEN = ("零〇", "一壹", "二两贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
_DIGITS = {char: value for value, chars in enumerate(_WRITTEN) for char in chars}
_LONGEST = 64
_SECTIONS = {"": 1, "万": 10_000, "萬": 10_000, "亿": 100_000_000}
CHARACTERS = "".join((*_DIGITS, "十拾百佰千仟万萬亿廿点"))
"""Every character that such a number may have."""

_ONE = f"[{''.join(char for char, value in _DIGITS.items() if value)}]"
_SECTION = re.compile(
    rf"(?:(?P<thousands>{_ONE})[千仟])?(?:[零〇]?(?P<hundreds>{_ONE})[百佰])?"
    rf"(?P<ten>[零〇]?(?P<tens>{_ONE}?)[十拾])?(?:(?P<zero>(?<![十拾])[零〇])?(?P<ones>{_ONE}))?"
)
_WHOLE = re.compile(r"(?:(?P<yi>[^亿]+)亿)?(?:(?P<wan>[^亿万萬]+)[万萬])?(?P<rest>[^亿万萬]*)")
_DECIMAL = re.compile(rf"(?P<whole>[^点]+)点(?P<part>[{''.join(_DIGITS)}]+)(?P<section>[万萬亿]?)")


def spoken_number(text: str) -> float | None:
    """Give the number that a text of these characters says; None where it says none."""
    if len(text) > _LONGEST:  # larger than any number of a program
        return None
    text = text.replace("廿", "二十")
    match = _DECIMAL.fullmatch(text)
    whole = _whole(match["whole"] if match else text)
    if whole is None:
        return None
    if match is None:
        return float(whole)
    part = "".join(str(_DIGITS[char]) for char in match["part"])
    return round(float(f"{whole}.{part}") * _SECTIONS[match["section"]], len(part))


def _whole(text: str) -> int | None:
    """Read a whole number: digit by digit (二〇一九), else in sections of 亿 and 万."""
    if text and all(char in _DIGITS for char in text):
        return int("".join(str(_DIGITS[char]) for char in text))
    parts = _WHOLE.fullmatch(text)
    if parts is None:
        return None
    total, above = 0, 0
    for section, size in ((parts["yi"], 10**8), (parts["wan"], 10**4), (parts["rest"], 1)):
        if section:
            value = _section(section, above, last=size == 1)
            if value is None:
                return None
            total, above = total + value * size, size
    return total


def _section(text: str, above: int, *, last: bool) -> int | None:
    """Read what stands between 亿 and 万 or after them; ``above``: the unit before it, 0 for none.

    A digit at the end that no 零 precedes counts tenths of the unit before it: 三千五 is 3500.  Only at the
    ``last`` can that be told: 三百五万 may be 350万 or 305万.
    """
    match = _SECTION.fullmatch(text)
    if match is None or text[0] in ("十拾" if above else "零〇"):
        return None
    tens = _DIGITS.get(match["tens"] or "", 1) * 10 if match["ten"] else 0
    thousands, hundreds, ones = (
        _DIGITS.get(match[name] or "", 0) for name in ("thousands", "hundreds", "ones")
    )
    unit = 10 if tens else 100 if hundreds else 1000 if thousands else above if last else 0
    tenths = unit // 10 if unit and not match["zero"] else 1
    if ones and tenths > 1 and not last:
        return None
    return thousands * 1000 + hundreds * 100 + tens + ones * tenths
