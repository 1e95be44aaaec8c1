"""Where things lie in a workspace, the lock on it, and how files are written: whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import get_ident

from kepu_xls.errors import InputError, SurroundingsError
from kepu_xls.model import Record

CONFIG_NAME = "config.toml"


class Workspace(Record, frozen=True):
    """A folder with a ``config.toml``; every path the program uses is a property of it."""

    root: Path

    @property
    def config(self) -> Path:
        """The configuration."""
        return self.root / CONFIG_NAME

    @property
    def templates(self) -> Path:
        """The folder of the master, the form template and the plan."""
        return self.root / "templates"

    @property
    def master(self) -> Path:
        """The clerk's table of tasks, units and indicators."""
        return self.templates / "master.xlsx"

    @property
    def form_template(self) -> Path:
        """The workbook that forms are made from."""
        return self.templates / "form.xlsx"

    @property
    def mail_templates(self) -> Path:
        """The folder of the letters' templates."""
        return self.templates / "mail"

    @property
    def inbox(self) -> Path:
        """Where filled forms arrive; only read."""
        return self.root / "inbox"

    def has_inbox(self) -> bool:
        """Tell whether there is an inbox.

        Raises SurroundingsError where something else is in its place, as a link to a drive that is away.
        """
        there = self.inbox.is_dir()
        if not there and os.path.lexists(self.inbox):
            raise SurroundingsError("inbox-no-folder", path=self.inbox)
        return there

    @property
    def mailed(self) -> Path:
        """Where files that came by mail are put; below it, the inbox is written by us."""
        return self.inbox / "邮件"

    @property
    def archive(self) -> Path:
        """Where originals are kept by content."""
        return self.root / "archive"

    @property
    def ledger(self) -> Path:
        """The SQLite file."""
        return self.root / "ledger.db"

    @property
    def run_log(self) -> Path:
        """What each step of the weekly job came to."""
        return self.root / "outbox" / "run.log"

    @property
    def moulds(self) -> Path:
        """Where moulds of return copies are kept; they can be made again at any time."""
        return self.root / "outbox" / ".moulds"

    @property
    def lock(self) -> Path:
        """The lock file."""
        return self.root / ".kepu.lock"

    def outbox(self, period: str) -> Path:
        """Give the folder of everything made for a period."""
        return self.root / "outbox" / period

    def forms(self, period: str) -> Path:
        """Give the folder of the forms sent out for a period."""
        return self.outbox(period) / "forms"

    def returns(self, period: str) -> Path:
        """Give the folder of the return copies of a period."""
        return self.outbox(period) / "returns"

    def drafts(self, period: str) -> Path:
        """Give the folder of the letters of a period that are to be sent by hand."""
        return self.outbox(period) / "mail"

    def report(self, period: str) -> Path:
        """Give the path of a period's consolidated workbook."""
        return self.outbox(period) / f"汇总_{period}.xlsx"

    def rolled_up(self, periods: Sequence[str]) -> Path:
        """Give the path of the consolidated workbook of several districts."""
        name = periods[0] if len(periods) == 1 else "多期"
        return self.outbox(name) / f"各地区汇总_{name}.xlsx"

    def brief(self, period: str) -> Path:
        """Give the path of a period's brief."""
        return self.outbox(period) / f"简报_{period}.docx"

    def archived(self, sha256: str, suffix: str) -> Path:
        """Where an original with that content is kept; the suffix of its name only helps people."""
        return self.archive / sha256[:2] / f"{sha256}{suffix.lower()}"

    def original(self, sha256: str) -> Path | None:
        """Find the original with that content, whatever its suffix; None where it is not kept."""
        return next(self.archive.glob(f"{sha256[:2]}/{sha256}*"), None) if sha256 else None

    def kept_master(self, sha256: str) -> Path:
        """Where a master with that content is kept once an import has changed it."""
        return self.archive / f"master-{sha256[:8]}.xlsx"

    def shown(self, path: Path) -> str:
        """Give a path as people read it: relative to the workspace where it lies inside."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)


def find(start: Path, named: Path | None) -> Workspace:
    """Find the workspace: the folder named, else the nearest upward from ``start`` with a config.toml.

    Raises InputError where there is none.
    """
    if named is not None:
        if not (named / CONFIG_NAME).is_file():
            raise InputError("workspace-no-config", folder=named)
        return Workspace(named.resolve())
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / CONFIG_NAME).is_file():
            return Workspace(folder)
    raise InputError("workspace-not-found", folder=start)


def shipped() -> Path:
    """Give the folder with the config.toml and templates that ``kepu init`` lays out.

    In an installed package it travels inside; in a checkout it is the root of the repository.
    """
    inside = Path(__file__).parent / "shipped"
    return inside if inside.is_dir() else inside.parents[1]


_PART = ".part"
"""Marks files that are being written; one that a killed process left is swept away by the next."""


def sweep(workspace: Workspace) -> None:
    """Remove what a killed process left half-written.  Only for who holds the workspace's lock."""
    for folder in (workspace.root / "outbox", workspace.archive, workspace.templates, workspace.mailed):
        for path in folder.rglob(f".*{_PART}.*"):
            with failures_explained(path):
                path.unlink(missing_ok=True)


@contextmanager
def replacing(path: Path, *, forced: bool = False) -> Iterator[Path]:
    """Write a file whole or not at all: yields a temporary path beside it, which then takes its place.

    ``forced``: the block itself forces what it writes to the disk, as it does for many files together.
    The folder is made where missing.  Raises SurroundingsError where the file is open elsewhere, the disk
    is full or the folder cannot be written; the file that was there is then as it was.
    """
    temporary = path.with_name(f".{path.stem}.{os.getpid()}-{get_ident()}{_PART}{path.suffix}")
    with failures_explained(path):
        if (holder := open_elsewhere(path)) is not None:
            raise SurroundingsError("file-open-elsewhere", path=path, lock=holder.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield temporary
            if not forced:
                force(temporary)
            try:
                temporary.replace(path)
            except PermissionError as error:
                raise SurroundingsError("file-open-elsewhere", path=path, lock="") from error
        finally:
            temporary.unlink(missing_ok=True)


def force(path: Path) -> None:
    """Wait until a file's content is on the disk."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def write_bytes(path: Path, data: bytes) -> None:
    """Write bytes as ``replacing`` does."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def open_elsewhere(path: Path) -> Path | None:
    """Find the lock file that an office program keeps beside a document that is open in it.

    WPS and Excel call it ``~$name``, LibreOffice ``.~lock.name#``.
    """
    for name in (f"~${path.name}", f".~lock.{path.name}#"):
        if (lock := path.with_name(name)).exists():
            return lock
    return None


@contextmanager
def failures_explained(path: Path) -> Iterator[None]:
    """Turn the system's errors inside into a SurroundingsError that names the path and what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise SurroundingsError("disk-full", path=path) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise SurroundingsError("folder-read-only", path=path) from error
        raise SurroundingsError("surroundings-failed", path=path, detail=error.strerror or error) from error


_LETTERS = tuple(f"templates/mail/{name}.txt" for name in ("forms", "remind", "overdue", "mend"))


def lay_out(root: Path) -> tuple[str, ...]:
    """Lay out a workspace: config, templates, empty inbox and outbox; nothing there is overwritten.

    Gives the names of what was new.  The master is not part of it: it is made by an import.
    """
    source, made = shipped(), []
    with failures_explained(root):
        for name in ("inbox", "outbox", "templates"):
            (root / name).mkdir(parents=True, exist_ok=True)
    for name in (CONFIG_NAME, "templates/form.xlsx", "templates/plan.txt", *_LETTERS):
        if not (root / name).exists():
            with replacing(root / name) as temporary:
                shutil.copyfile(source / name, temporary)
            made.append(name)
    return tuple(made)
