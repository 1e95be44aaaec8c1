"""Numbers as people write them: 80%, １，２００人次, 约3.5万, 三百二十余, 八成."""

from __future__ import annotations

import re
import unicodedata

from kepu_xls.intake.spoken import CHARACTERS, spoken_number
from kepu_xls.model import Record


class Number(Record, frozen=True):
    """A number as it was written: 3.5万元 is value 35000, measure 元.  ``measure`` of a percentage is ``%``.

    ``scaled``: a 万 or the like stood at its end, so that the bare 3.5万 may mean money.
    """

    value: float
    measure: str = ""
    approximate: bool = False
    scaled: bool = False


class UnclearNumberError(ValueError):
    """The text holds no number, or more than one; ``several`` tells which."""

    def __init__(self, *, several: bool = False) -> None:
        super().__init__()
        self.several = several


_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d*)?|\.\d+"
_SPOKEN = rf"[{CHARACTERS}]+"
_SCALES = {"": 1, "十": 10, "百": 100, "千": 1000, "万": 10_000, "十万": 100_000, "百万": 1_000_000,
           "千万": 10_000_000, "亿": 100_000_000}  # fmt: skip
_BEFORE = (
    r"(?:(?:共|总计|合计|累计|总共|约合|为|计|已|已经|达|达到|达成|完成|开展|组织|举办|活动|参与|参加|投入|经费|率|预计|目前|"
    r"进度|人民币|¥|:)\s*)*"
)
_VAGUE_BEFORE = r"(?:大约|大概|约|近|将近|接近|超过|超|逾|不到|不足|至少|估计|左右|上下|≈|~|>|<|≥|≤)"
_VAGUE_AFTER = r"(?:左右|上下|余|多|以上|以下|来|不到|\+)"
_MEASURE = (
    r"(?P<measure>%|(?:亿|万|千|百)?元|(?:余|多)?(?:人次|人数|人|名|位|场次|场活动|场|次活动|次|个|项|件|份|期|家|户|块|台|套|处|篇|条|"
    r"册|本|张|天|支|所|座|类|批|堂|节|课时|小时|公里|平方米|幅|部|版)?)"
)
_WRITTEN = re.compile(
    rf"(?P<lead>{_BEFORE})(?:(?P<vague>{_VAGUE_BEFORE}){_BEFORE})?(?P<sign>[-+负]?)¥?"
    rf"(?:(?P<digits>{_DIGITS})(?P<scale>十万|百万|千万|[十百千万亿]?)|(?P<spoken>{_SPOKEN}))"
    rf"(?P<after>{_VAGUE_AFTER}?)(?P<late>[万亿]?){_MEASURE}(?P<last>{_VAGUE_AFTER}?)"
)
_ANY_NUMBER = re.compile(rf"(?:{_DIGITS})|[{CHARACTERS}]{{1,}}")
_LARGE = re.compile("[千仟万萬亿]")
_RUN = re.compile(r"[一二两三四五六七八九]{2}")
_TENTHS = re.compile(rf"(?P<lead>{_BEFORE})(?P<vague>{_VAGUE_BEFORE}?)(?P<tens>[一二两三四五六七八九十]|\d)成"
                     rf"(?P<half>[一二三四五六七八九半]?)(?P<after>{_VAGUE_AFTER}?)")  # fmt: skip
_REMARK = re.compile(r"\([^()\d]*\)")
_WHOLE = {"百分百": 100.0, "百分之百": 100.0, "百分之一百": 100.0, "一半": 50.0}


def read_number(text: str) -> Number:
    """Read the one number in a text.

    Raises UnclearNumberError where there is none, more than one, or words that may change what it means.
    """
    if any(sign.isdigit() and not sign.isdecimal() for sign in text):  # ①3 is not 13, and 3² not 32
        raise UnclearNumberError(several=True)
    plain = _plain(text)
    if plain in _WHOLE:
        return Number(_WHOLE[plain], "%", approximate=plain == "一半")
    if match := _TENTHS.fullmatch(plain):
        return _tenths(match)
    spoken_percent = "百分之" in plain
    match = _WRITTEN.fullmatch(plain.replace("百分之", "", 1) if spoken_percent else plain)
    if match is None:
        raise UnclearNumberError(several=len(_ANY_NUMBER.findall(plain)) > 1)
    measure = "%" if spoken_percent else (match["measure"] or "").lstrip("余多")
    measure = measure or ("元" if "¥" in plain else "")
    value, measure = _scaled(match, measure)
    # 三万五 is 3.5万 as well, and 五千 is 5千
    scaled = bool(match["scale"] or match["late"] or _LARGE.search(match["spoken"] or ""))
    approximate = any(match[name] for name in ("vague", "after", "last")) or "余" in plain or "多" in plain
    return Number(-value if match["sign"] in ("-", "负") else value, measure, approximate, scaled)


def _plain(text: str) -> str:
    """Fold width and white space; drop a final stop, and a remark in brackets without figures."""
    folded = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).replace("'", "")
    folded = folded.replace("−", "-").replace("﹣", "-")
    return _REMARK.sub("", folded).rstrip("。.;,、!")


def _tenths(match: re.Match[str]) -> Number:
    tens = float(match["tens"]) if match["tens"].isdecimal() else float(_spoken(match["tens"]))
    half = {"": 0.0, "半": 5.0}.get(match["half"], -1.0)
    if half < 0:
        half = float(_spoken(match["half"]))
    return Number(tens * 10 + half, "%", bool(match["vague"] or match["after"]))


def _scaled(match: re.Match[str], measure: str) -> tuple[float, str]:
    """Multiply by the words for tens and thousands, also where they stand in the measure (万元)."""
    scale = _SCALES[match["scale"] or ""] * _SCALES[match["late"] or ""]
    if measure.endswith("元") and len(measure) > 1:
        scale, measure = scale * _SCALES[measure[0]], "元"
    value = float(match["digits"].replace(",", "")) if match["digits"] else float(_spoken(match["spoken"]))
    return value * scale, measure


def _spoken(text: str) -> float:
    """Read Chinese numerals.  三五 is no number: it means three to five."""
    if _RUN.search(text.partition("点")[0]) and not re.search("[零〇]", text):
        raise UnclearNumberError(several=True)
    value = spoken_number(text)
    if value is None:
        raise UnclearNumberError
    return value
