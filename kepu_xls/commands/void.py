"""``kepu void`` and ``kepu restore``: a file that should not count, and one that should after all."""

from __future__ import annotations

from kepu_xls.commands.merge import merge
from kepu_xls.commands.results import MergeResult
from kepu_xls.commands.session import Session, period_meant
from kepu_xls.commands.settling import settle
from kepu_xls.errors import InputError
from kepu_xls.model import FileRecord, OpenPeriod
from kepu_xls.shown_names import SEPARATOR


def void(session: Session, name: str, why: str, period: str | None = None) -> MergeResult:
    """Let a file count no more, with the reason, and merge anew.

    ``name``: its path in the inbox or the end of it.  Raises InputError where it names no file or several.
    """
    if not why.strip():
        raise InputError("void-why")
    opened = period_meant(session, period)
    found = _meant(session, opened, name)
    settle(session, opened)
    counting = set(session.ledger.counting(opened.period))
    one = next((one for one in found if (one.file.path, one.file.sha256) in counting), found[-1])
    session.ledger.void(opened.period, one.file.sha256, why)
    return merge(session, opened.period)


def restore(session: Session, name: str, period: str | None = None) -> MergeResult:
    """Let a file that was voided count again, and merge anew.  Raises as ``void`` does."""
    opened = period_meant(session, period)
    for one in _meant(session, opened, name):
        session.ledger.restore(opened.period, one.file.sha256)
    return merge(session, opened.period)


def _meant(session: Session, opened: OpenPeriod, name: str) -> tuple[FileRecord, ...]:
    """Find the file meant: several only where it was replaced under the same name, the last one last."""
    records = session.ledger.judged(opened.period)
    exact = [one for one in records if one.file.path == name]
    named = exact or [one for one in records if one.file.path.endswith(name)]
    inside = tuple(f"{one.file.path}{SEPARATOR}" for one in named)  # of a container what lies in it is meant
    within = (one for one in records if one.file.path.startswith(inside))
    found = [one for one in (*named, *within) if one.submission is not None]
    if not found:
        code = "void-without-effect" if named else "void-unknown"
        raise InputError(code, period=opened.period, name=name)
    if len({one.file.path for one in found}) > 1:
        names = "、".join(one.file.path for one in found)
        raise InputError("void-several", name=name, count=len(found), names=names)
    return tuple(sorted(found, key=lambda one: one.file.received))
