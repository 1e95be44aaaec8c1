"""Which district a consolidated workbook is of, from where it lies.  Pure."""

from __future__ import annotations

import re
from pathlib import PurePath

from kepu_xls import periods
from kepu_xls.errors import InputError

_SAID_OF_ALL = re.compile(r"[（(]\d+[）)]|汇总表?|副本|台账|\s|[-_—－()（）]|\d+$")
_OF_NOBODY = {"下载", "桌面", "文档", "我的文档", "文件", "新建文件夹", "邮件"}
_CHINESE = re.compile("[\u4e00-\u9fff]")


def district_name(path: PurePath) -> str:
    """Tell a district's name by the name of the file, else by the nearest folder that says one in Chinese.

    ``汇总_2019-W12.xlsx`` says none, nor do ``outbox`` and ``下载``.  Empty where nothing says one.
    """
    own = _said(path.stem)
    if own:
        return own
    folders = (_said(folder.name) for folder in path.parents if folder.name not in _OF_NOBODY)
    return next((name for name in folders if _CHINESE.search(name)), "")


def _said(name: str) -> str:
    """Leave out of a name what is said of every consolidated workbook: its kind, its period, copies."""
    rest = " ".join(word for word in re.split(r"[_\s]+", name) if not _is_period(word))
    return _SAID_OF_ALL.sub("", rest)


def _is_period(word: str) -> bool:
    try:
        periods.parse(word)
    except InputError:
        return False
    return True
