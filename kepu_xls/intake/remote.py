"""An inbox that lies elsewhere: any place that fsspec reaches, looked at and read by whoever works there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

import msgspec

from kepu_xls.errors import InputError, SurroundingsError
from kepu_xls.intake.unpacking import RefusedError
from kepu_xls.limits import Limits
from kepu_xls.model import InboxFile, Record
from kepu_xls.shown_names import Distinct, harmless

_MEGABYTE = 1 << 20
_SCHEME = "://"
_PLACEHOLDERS = {".gitkeep", ".gitignore"}
_CHANGED = ("mtime", "LastModified", "last_modified", "updated", "created")
"""What file systems call the time at which a file came."""


class Remote(Record, frozen=True):
    """A file as it is listed: its content is not known yet."""

    file: InboxFile
    source: str


def is_remote(source: str) -> bool:
    """Tell whether a file lies elsewhere."""
    return _SCHEME in source


def listed(url: str) -> tuple[Remote, ...]:
    """List everything below a URL, in order of its path; nothing is read.

    Raises InputError without the extra ``cluster``, SurroundingsError where the place cannot be reached.
    """
    try:
        from fsspec.core import url_to_fs  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise InputError("inbox-needs-fsspec", url=url) from error
    try:
        place, root = url_to_fs(url)
        found: dict[str, dict[str, Any]] = place.find(root, detail=True)
        sources = {path: str(place.unstrip_protocol(path)) for path in found}
    except Exception as error:  # every file system fails in ways of its own
        raise SurroundingsError("inbox-away", url=url, detail=type(error).__name__) from error
    names = Distinct()
    return tuple(
        Remote(
            InboxFile(
                names.name(harmless(path.removeprefix(root).lstrip("/"))),
                "",
                int(info.get("size") or 0),
                _came(info),
            ),
            sources[path],
        )
        for path, info in sorted(found.items())
        if PurePosixPath(path).name not in _PLACEHOLDERS
    )


@contextmanager
def remote_content(source: str, limits: Limits) -> Iterator[bytes]:
    """Give the content of a file that lies elsewhere.  Raises RefusedError where it cannot be had."""
    import fsspec  # noqa: PLC0415 - an extra

    most = limits.file_mb * _MEGABYTE
    try:
        with fsspec.open(source, "rb") as file:
            data = bytes(file.read(most + 1))
    except FileNotFoundError as error:
        raise RefusedError("file-vanished") from error
    except Exception as error:  # as above
        raise RefusedError("file-not-readable", detail=type(error).__name__) from error
    if len(data) > most:
        raise RefusedError("file-too-large", limit=limits.file_mb)
    yield data


def described(remote: Remote, limits: Limits) -> InboxFile:
    """Describe a file that lies elsewhere by its content.  Raises RefusedError as ``remote_content`` does."""
    with remote_content(remote.source, limits) as data:
        digest = hashlib.sha256(data).hexdigest()
        return msgspec.structs.replace(remote.file, sha256=digest, size=len(data))


def _came(info: dict[str, Any]) -> datetime:
    """Give when a file came, in local time without a zone, to the second; long ago where nobody knows."""
    when = next((info[key] for key in _CHANGED if info.get(key)), 0)
    if not isinstance(when, datetime):
        try:
            when = datetime.fromtimestamp(float(when), UTC)
        except (TypeError, ValueError, OverflowError, OSError):
            when = datetime.fromtimestamp(0, UTC)
    return when.astimezone().replace(tzinfo=None, microsecond=0)
