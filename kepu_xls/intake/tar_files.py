"""Tar archives and gzip files, alone and one in the other."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kepu_xls.intake.unpacking import CHUNK, Allowance, ContainerRefusedError, Found, Reason, RefusedError
from kepu_xls.shown_names import decoded, harmless

if TYPE_CHECKING:
    import tarfile

_GZIP = b"\x1f\x8b\x08"
_MAGIC = slice(257, 262)
_NAME_FOLLOWS, _EXTRA_FOLLOWS = 0x8, 0x4


def is_tar(data: bytes) -> bool:
    """Tell a tar archive by its mark."""
    return data[_MAGIC] == b"ustar"


def read_tar(data: bytes, allowance: Allowance) -> Iterator[Found]:
    """Give each file inside.  Raises ContainerRefusedError for limits and damage."""
    import tarfile  # noqa: PLC0415 - other files do without

    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:", errors="surrogateescape") as archive:
            for entry in archive:
                if not entry.isdir():
                    allowance.admit()
                    yield _read(archive, entry, allowance)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise ContainerRefusedError("container-broken", detail="tar") from error


def _read(archive: tarfile.TarFile, entry: tarfile.TarInfo, allowance: Allowance) -> Found:
    name = harmless(decoded(entry.name.encode("utf-8", "surrogateescape")))
    if not entry.isreg():
        return Found(name, refused=Reason("member-no-file"))
    stream = archive.extractfile(entry)
    if stream is None:  # never so for a regular file; tarfile's types allow it
        return Found(name, refused=Reason("member-no-file"))
    try:
        with stream:
            return Found(name, allowance.gather(iter(lambda: stream.read(CHUNK), b"")))
    except ContainerRefusedError:
        raise
    except RefusedError as refusal:
        return Found(name, refused=refusal.reason)


def read_gzip(data: bytes, allowance: Allowance, outer_name: str) -> Iterator[Found]:
    """Give the file inside, or each file of the tar inside.  Raises ContainerRefusedError as above."""
    if data.count(_GZIP) > allowance.most_members:  # one after the other, each may be empty
        raise ContainerRefusedError("container-many-members", limit=allowance.most_members)
    import gzip  # noqa: PLC0415 - as above

    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            content = allowance.gather(iter(lambda: stream.read(CHUNK), b""))
    except (OSError, EOFError, zlib.error) as error:
        raise ContainerRefusedError("container-broken", detail="gzip") from error
    if is_tar(content):
        yield from read_tar(content, allowance)
    else:
        allowance.admit()
        yield Found(harmless(_name_inside(data) or _without_suffix(outer_name)), content)


def _name_inside(data: bytes) -> str:
    """Read the name that a gzip header may carry."""
    if data[3] & _EXTRA_FOLLOWS or not data[3] & _NAME_FOLLOWS:
        return ""
    return decoded(data[10:500].split(b"\0")[0])


def _without_suffix(name: str) -> str:
    base = name.rpartition("/")[2]
    return base[: -len(".gz")] if base.lower().endswith(".gz") else base
