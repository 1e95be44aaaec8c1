"""``kepu void`` and ``kepu restore``: a file that should not count, and one that should after all."""

from __future__ import annotations

from kepu_xls.commands.merge import merge
from kepu_xls.commands.results import MergeResult
from kepu_xls.commands.session import Session, period_meant
from kepu_xls.errors import InputError
from kepu_xls.model import FileRecord, OpenPeriod


def void(session: Session, name: str, why: str, period: str | None = None) -> MergeResult:
    """Let a file count no more, with the reason, and merge anew.

    ``name``: its path in the inbox or the end of it.  Raises InputError where it names no file or several.
    """
    opened = period_meant(session, period)
    session.ledger.void(opened.period, _meant(session, opened, name).file.sha256, why)
    return merge(session, opened.period)


def restore(session: Session, name: str, period: str | None = None) -> MergeResult:
    """Let a file that was voided count again, and merge anew.  Raises as ``void`` does."""
    opened = period_meant(session, period)
    session.ledger.restore(opened.period, _meant(session, opened, name).file.sha256)
    return merge(session, opened.period)


def _meant(session: Session, opened: OpenPeriod, name: str) -> FileRecord:
    records = [one for one in session.ledger.files(opened.period) if one.submission is not None]
    exact = [one for one in records if one.file.path == name]
    found = exact or [one for one in records if one.file.path.endswith(name)]
    if not found:
        raise InputError("void-unknown", period=opened.period, name=name)
    if len({one.file.sha256 for one in found}) > 1:
        names = "、".join(one.file.path for one in found)
        raise InputError("void-several", name=name, count=len(found), names=names)
    return found[0]
