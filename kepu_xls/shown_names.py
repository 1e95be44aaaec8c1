"""Names of files as others wrote them → names that can be read and do no harm: nothing is opened by them."""

from __future__ import annotations

import re
import unicodedata

SEPARATOR = "::"
"""Parts the name of a container from that of what lies in it."""

_LONGEST = 120
_UNNAMED = "未命名"
_FIRST_CJK = "\u2e80"
_DRIVE = re.compile(r"^[A-Za-z]:(?=/)")


def decoded(raw: bytes) -> str:
    """Read a name of unknown encoding: UTF-8 where that gives Chinese or plain ASCII, else GB18030.

    Short GBK names can be valid UTF-8 by accident, but then mean Greek or Cyrillic letters.
    """
    if raw.isascii():
        return raw.decode("ascii")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace")
    if any(letter >= _FIRST_CJK for letter in text):
        return text
    try:
        return raw.decode("gb18030")
    except UnicodeDecodeError:
        return text


def harmless(path: str) -> str:
    """Show a path inside a container: no step upwards or to a drive, nothing that steers a terminal.

    What is replaced becomes ``_``; a path of which nothing remains is called 未命名.
    """
    steps = _DRIVE.sub("", path.replace("\\", "/")).split("/")
    kept = [_clean(step) for step in steps if step.strip() not in ("", ".", "..")]
    shown = "/".join(kept) or _UNNAMED
    return shown if len(shown) <= _LONGEST else _shortened(shown)


def _clean(step: str) -> str:
    """Replace what cannot be seen (control characters, RTL override, surrogates) and what parts paths."""
    return "".join(map(_visible, step.strip()))


def _visible(letter: str) -> str:
    if unicodedata.category(letter) == "Zs":  # a space of any width
        return " "
    return letter if letter.isprintable() and letter not in ':"\ufffd' else "_"


def _shortened(path: str) -> str:
    """Cut the front: the end says what kind of file it is."""
    return "…" + path[1 - _LONGEST :]


class Distinct:
    """Gives each name once: the second file of a name is shown as ``name(2).xlsx``."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def name(self, wanted: str) -> str:
        """Give the name, numbered where it was given before."""
        folder, slash, base = wanted.rpartition("/")
        stem, dot, suffix = base.rpartition(".") if "." in base[1:] else (base, "", "")
        shown, number = wanted, 1
        while shown in self._seen:
            number += 1
            shown = f"{folder}{slash}{stem}({number}){dot}{suffix}"
        self._seen.add(shown)
        return shown
