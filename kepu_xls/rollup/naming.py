"""Which district a consolidated workbook is of, from where it lies.  Pure."""

from __future__ import annotations

import re
from pathlib import PurePath

from kepu_xls import periods
from kepu_xls.errors import InputError

_SAID_OF_ALL = re.compile(r"[（(]\d+[）)]|汇总表?|副本|台账|\s|[-_—－()（）]|\d+$")
_FOLDERS_OF_OURS = {"outbox", "archive", "inbox", ""}


def district_name(path: PurePath) -> str:
    """Tell a district's name by the name of the file, else by the nearest folder that says one.

    ``汇总_2019-W12.xlsx`` says none, nor do ``outbox`` and ``2019-W12``.  Empty where nothing says one.
    """
    names = [path.stem, *reversed(path.parent.parts)]
    for name in names:
        if name in _FOLDERS_OF_OURS or name == path.anchor:
            continue
        rest = " ".join(word for word in re.split(r"[_\s]+", name) if not _is_period(word))
        rest = _SAID_OF_ALL.sub("", rest)
        if rest:
            return rest
    return ""


def _is_period(word: str) -> bool:
    try:
        periods.parse(word)
    except InputError:
        return False
    return True
