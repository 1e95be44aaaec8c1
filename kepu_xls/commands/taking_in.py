"""Inbox → archive → ledger: what is new is read by the engine chosen, and kept a few files at a time."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path

import msgspec

from kepu_xls import __version__, engine
from kepu_xls.commands.arrivals import arrivals
from kepu_xls.commands.portions import batches
from kepu_xls.commands.reading import Item, Learnt, Reading, keep_original
from kepu_xls.commands.senders import SentBy, senders
from kepu_xls.commands.session import Session
from kepu_xls.model import InboxFile, OpenPeriod
from kepu_xls.packed import PackedRecord
from kepu_xls.progress import Track
from kepu_xls.shown_names import SEPARATOR
from kepu_xls.workspace import failures_explained, force

_A_SECOND = timedelta(seconds=1)
_WORTH_PROCESSES = 300
"""Below this many originals, others are not asked to help (docs/performance.md)."""
_FORCED_AT_ONCE = 8
"""A disk that is asked to keep one file after the other takes ten times as long."""


def take_in(
    session: Session, opened: OpenPeriod, team: engine.Team, track: Track, tell: Callable[[str], None]
) -> int:
    """Take in what was never read, or was read against something that has changed since; count the files.

    ``tell`` is told which engine reads, and how fast.  Raises SurroundingsError where an original cannot be
    kept; what was read before that stays in the ledger.
    """
    inbox = arrivals(session, team)
    session.ledger.lay_out((*inbox.files, *(record.file for record in inbox.refused)))
    reading = Reading(
        workspace=session.workspace,
        periods=session.ledger.periods(),
        secret=session.ledger.secret,
        current=opened.period,
        limits=session.config.limits,
        passwords=session.config.inbox.passwords,
        senders=senders(session, opened),
    )
    taking = _Taking(session, reading.senders)
    new = _in_order(session, taking.unread(inbox.files))
    asked = [one.path for one in new] + [one.file.path for one in inbox.refused]
    filed = session.ledger.periods_filed(asked) if asked else {}
    refused = (PackedRecord.of(reading.checked(one, filed[one.file.path])) for one in inbox.refused)
    taking.keep((Learnt(tuple(refused)),))
    items = tuple(Item(file, inbox.sources[file.path], filed[file.path]) for file in new)
    chosen = team.choose(len(items))
    reading = msgspec.structs.replace(reading, hands_back=chosen.name == "dask")
    if items:
        _read(taking.keep, reading, items, (team, chosen), track, tell)
    again = _from_archive(session)
    if again:
        reading = msgspec.structs.replace(reading, hands_back=False)
        keep = partial(taking.keep, here=False)
        _read(keep, reading, again, (team, team.choose_here(len(again), _WORTH_PROCESSES)), track, tell)
    return len(items) + len(again)


def _from_archive(session: Session) -> tuple[Item, ...]:
    """Give what was read against an earlier issue of its period and lies in the inbox no more.

    Its original is read instead, by somebody who sees the archive.
    """
    issues = [_issue(one) for one in session.ledger.periods().values()]
    gone = session.ledger.outdated(issues)
    filed = session.ledger.periods_filed(one.path for one in gone) if gone else {}
    originals = ((file, session.workspace.original(file.sha256)) for file in gone)
    return tuple(
        Item(file, str(original), filed[file.path]) for file, original in originals if original is not None
    )


def _issue(one: OpenPeriod) -> str:
    return f"{one.period}:{one.version}"


def _read(
    keep: Callable[[Iterable[Learnt]], None],
    reading: Reading,
    items: tuple[Item, ...],
    by: tuple[engine.Team, engine.Chosen],
    track: Track,
    tell: Callable[[str], None],
) -> None:
    """Read files, keep what was learnt of them some at a time, and let go of it."""
    team, chosen = by
    tell(f"读取 {len(items)} 个文件，方式 {chosen}")
    began, learnt = time.perf_counter(), team.map(reading, items, chosen)
    try:
        for some in batches(track(learnt, "读取", len(items))):
            keep(some)
    finally:
        learnt.close()
    seconds = time.perf_counter() - began
    tell(f"读取用了 {seconds:.1f} 秒，每秒 {len(items) / seconds:.0f} 个文件")


class _Taking:
    """Knows what files are read against, and keeps what is learnt of them."""

    def __init__(self, session: Session, sent_by: SentBy) -> None:
        self._ledger, self._sent_by, self._disk = session.ledger, sent_by, ThreadPoolExecutor(_FORCED_AT_ONCE)
        self._everything, self._each = _bases(session)

    def unread(self, present: Iterable[InboxFile]) -> tuple[InboxFile, ...]:
        """Keep the files that were never read, were read against something else, or were put back."""
        known, tied = self._ledger.bases(), set(self._each.values())
        back = self._ledger.put_back()  # what lies in such a container is known once it is opened

        def up_to_date(file: InboxFile) -> bool:
            key = file.path, file.sha256
            basis = known.get(key, "")
            return key not in back and (basis in tied or basis == self._untied(file.path))

        return tuple(file for file in present if not up_to_date(file))

    def keep(self, learnt: Iterable[Learnt], *, here: bool = True) -> None:
        """Keep what was learnt of some files, all or none, once their originals are safe.

        ``here``: they lie in the inbox, and are not read from the archive.
        """
        some = tuple(learnt)
        for one in some:
            if one.data is not None:
                keep_original(Path(one.original), one.data)
        for _ in self._disk.map(_force, (Path(one.original) for one in some if one.original)):
            pass
        records = [record for one in some for record in one.records]
        if here:
            self._ledger.count_again((one.file.path, one.file.sha256) for one in records)
        self._ledger.keep((record, self._basis(record)) for record in records)

    def _basis(self, record: PackedRecord) -> str:
        return self._each[record.period] if record.read else self._untied(record.file.path)

    def _untied(self, path: str) -> str:
        """Say what a file tied to no period is read against: its mail's sender can tell whose it is."""
        return " ".join((self._everything, *self._sent_by.get(path.partition(SEPARATOR)[0], ())))


def _force(path: Path) -> None:
    with failures_explained(path):
        force(path)


def _bases(session: Session) -> tuple[str, dict[str, str]]:
    """Say what files are read against: everything together, and each period by itself.

    A file tied to a period depends on that period alone; any other could mean something else once more
    periods are open, limits are wider, or another password is known.
    """
    opened = session.ledger.periods().values()
    each = {one.period: f"{__version__} {_issue(one)}" for one in opened}
    everything = (*each.values(), repr(session.config.limits), *session.config.inbox.passwords)
    return hashlib.sha256("\n".join(everything).encode()).hexdigest(), each


def _in_order(session: Session, files: tuple[InboxFile, ...]) -> tuple[InboxFile, ...]:
    """See to it that what replaced a file under its name came after it, whatever time it bears."""
    replaced = session.ledger.replaced()
    return tuple(
        # later than what it replaced, which may bear this very second, or a time to come
        msgspec.structs.replace(file, received=max(session.now, replaced[file.path] + _A_SECOND))
        if file.path in replaced and file.received <= replaced[file.path]
        else file
        for file in files
    )
