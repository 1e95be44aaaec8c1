"""What lies in the inbox, wherever that is: each file by name and content, and where to read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from kepu_xls import engine, intake
from kepu_xls.commands.session import Session
from kepu_xls.limits import Limits
from kepu_xls.model import FileRecord, InboxFile, Record


class Arrivals(Record, frozen=True):
    """``files`` to read, each with its place in ``sources``; ``refused`` were never opened."""

    files: tuple[InboxFile, ...]
    refused: tuple[FileRecord, ...]
    sources: dict[str, str]


class Looked(Record, frozen=True):
    """A file described by its content, or the record of one that cannot be had."""

    file: InboxFile
    refused: FileRecord | None = None


class Looking(Record, engine.Packing[Looked], frozen=True):
    """The job of looking at files that lie elsewhere; an ``engine.Job``."""

    kind: ClassVar[Any] = Looked
    limits: Limits

    @contextmanager
    def started(self) -> Iterator[Callable[[intake.Remote], Looked]]:
        """Give what looks at a file."""
        yield self._look

    def _look(self, remote: intake.Remote) -> Looked:
        try:
            return Looked(intake.described(remote, self.limits))
        except intake.RefusedError as why:
            return Looked(remote.file, intake.refused(remote.file, why))

    @staticmethod
    def lost(remote: intake.Remote) -> Looked:
        """Refuse a file over which its reader died."""
        return Looked(remote.file, intake.refused(remote.file, intake.RefusedError("file-kills-reader")))


def arrivals(session: Session, team: engine.Team) -> Arrivals:
    """List the inbox of the workspace, or the one that ``[inbox] url`` names.

    Raises SurroundingsError where that cannot be reached.
    """
    limits, url = session.config.limits, session.config.inbox.url
    if not url:
        inbox = intake.collect(session.workspace.inbox, limits)
        return Arrivals(inbox.files, inbox.refused, inbox.sources)
    listed = intake.listed(url)
    looked = tuple(team.map(Looking(limits), listed, team.choose(len(listed))))
    return Arrivals(
        tuple(one.file for one in looked if one.refused is None),
        tuple(one.refused for one in looked if one.refused is not None),
        {one.file.path: one.source for one in listed},
    )
