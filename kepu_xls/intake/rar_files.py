"""RAR archives, by libarchive: imported only where the extra ``archives`` is installed."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

import libarchive
from libarchive import ffi
from libarchive.exception import ArchiveError

from kepu_xls.intake.unpacking import Allowance, ContainerRefusedError, Found, Reason, RefusedError
from kepu_xls.shown_names import harmless

_OLD = b"Rar!\x1a\x07\0"
# libarchive-c does not ask this, and then the noise is given out as if it were the file
_is_encrypted = ffi.ffi("entry_is_data_encrypted", [ffi.c_archive_entry_p], ctypes.c_int)


def read_rar(data: bytes, allowance: Allowance) -> Iterator[Found]:
    """Give each file inside.  Raises ContainerRefusedError for limits, passwords and damage."""
    form = "rar" if data.startswith(_OLD) else "rar5"
    with libarchive.memory_reader(data, form, "none") as archive:
        try:
            for entry in archive:
                if not entry.isdir:
                    allowance.admit()
                    yield _found(entry, allowance)
        except ArchiveError as error:
            raise _refusal(error) from error


def _found(entry: Any, allowance: Allowance) -> Found:  # noqa: ANN401 - libarchive has no types
    name = harmless(entry.pathname or "")
    if not entry.isreg:
        return Found(name, refused=Reason("member-no-file"))
    if _is_encrypted(entry._entry_p):  # noqa: SLF001 - what libarchive itself knows the entry by
        raise ContainerRefusedError("container-locked")
    try:
        return Found(name, allowance.gather(entry.get_blocks()))
    except ContainerRefusedError:
        raise
    except RefusedError as refusal:
        return Found(name, refused=refusal.reason)


def _refusal(error: ArchiveError) -> ContainerRefusedError:
    """Tell a password from damage: libarchive's wording alone does, and it opens no RAR with a password."""
    if "ncrypt" in str(error.msg):
        return ContainerRefusedError("container-locked")
    return ContainerRefusedError("container-broken", detail="rar")
