"""The ``{{words}}`` in the template's cells, and what may stand between the braces."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from openpyxl.cell.rich_text import CellRichText, TextBlock

from kepu_xls.model import Required, Role

TEXT_WORDS = ("单位", "期次", "计划", "截止时间", "任务数", "牵头数", "接收单位")
"""Words that stand anywhere inside a text; ``FormContent.texts`` gives what they become."""

MODEL_WORDS = {"牵头": Role.LEAD, "参加": Role.PARTICIPANT}
"""Words that mark the model rows, whose look the task rows take."""

REQUIRED_WORDS = {"必填": Required.ALL, "牵头必填": Required.LEAD, "参加必填": Required.PARTICIPANT}
"""Words of legend cells: the cell's fill becomes that of the headers of the fields so required."""

MISSING_WORD = "待填"
"""Word of the legend cell whose fill shades required cells that are still empty."""

LEGEND = {"必填": "必填", "牵头必填": "牵头任务必填", "参加必填": "参加任务必填", MISSING_WORD: "必填未填"}
"""What the legend cells say in a form."""

_PLACEHOLDER = re.compile(r"[{｛]{2}\s*([^{}｛｝]*?)\s*[}｝]{2}")
_BRACES = re.compile(r"[{｛]{2}|[}｝]{2}")

Text = str | CellRichText


def words(text: str) -> list[str]:
    """List the words in double braces; braces without a partner give the text itself, which is no word."""
    found = _PLACEHOLDER.findall(text)
    if _BRACES.search(_PLACEHOLDER.sub("", text)):
        found.append(text.strip())
    return found


def whole(value: object) -> str:
    """Give the word where the cell holds one placeholder and nothing else, otherwise an empty string."""
    match = _PLACEHOLDER.fullmatch(str(value).strip()) if isinstance(value, Text) else None
    return match[1] if match else ""


def bare(text: str) -> str:
    """Take spaces, a colon and braces away, full width or not: what is left is the label that was meant."""
    return "".join(unicodedata.normalize("NFKC", text).split()).strip("{}:")


def fill(text: Text, known: dict[str, str]) -> Text:
    """Put what is known in place of its placeholders; the fonts inside a rich text stay."""

    def plain(part: str) -> str:
        return _PLACEHOLDER.sub(lambda match: known.get(match[1], match[0]), part)

    if isinstance(text, str):
        return plain(text)
    filled = CellRichText([_with_text(part, plain) for part in text])
    # A placeholder that the clerk's fonts cut in two can only be filled as plain text.
    return plain(str(text)) if words(str(filled)) else filled


def _with_text(part: str | TextBlock, change: Callable[[str], str]) -> str | TextBlock:
    return change(part) if isinstance(part, str) else TextBlock(part.font, change(part.text))
