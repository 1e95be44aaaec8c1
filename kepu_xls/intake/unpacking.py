"""What every reader of containers shares: what it finds inside, how it refuses, and how much may come out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from kepu_xls.limits import Limits
from kepu_xls.model import Record

CHUNK = 1 << 18
_MEGABYTE = 1 << 20
_HARMLESS = 1 << 20  # so little does no harm, however much smaller it was when packed


class Reason(Record, frozen=True):
    """Why something was not opened: a code of the catalogue, and what its text needs."""

    code: str
    details: dict[str, str | int] = msgspec.field(default_factory=dict)


class Found(Record, frozen=True):
    """A file found inside a container.  Either ``data`` or ``refused`` is given.

    ``name`` is harmless to show; ``received`` is when it was sent, where the container knows.
    """

    name: str
    data: bytes | None = None
    refused: Reason | None = None
    received: datetime | None = None


class RefusedError(ValueError):
    """A file inside a container cannot be had; the others can."""

    def __init__(self, code: str, **details: str | int) -> None:
        self.reason: Reason = Reason(code, details)
        super().__init__(code)


class ContainerRefusedError(RefusedError):
    """The container, or what is left of it, cannot be opened."""


class BrokenWorkbookError(ValueError):
    """The workbook cannot be looked at: it must not reach calamine, which some such files kill."""


class LockedWorkbookError(ValueError):
    """The workbook is encrypted with a password."""


class Allowance:
    """What may still come out of one file of the inbox, counted over everything that lies in it.

    Sizes that containers declare are never relied upon: what comes out is counted while it comes.
    """

    def __init__(self, limits: Limits, packed: int) -> None:
        """``packed`` is the size of the file in the inbox."""
        self._limits = limits
        self._packed = packed
        self._unpacked = 0
        self._members = 0

    @property
    def most_members(self) -> int:
        """How many files a container may hold."""
        return self._limits.members

    def admit(self) -> None:
        """Count one more file.  Raises ContainerRefusedError past the limit."""
        self._members += 1
        if self._members > self._limits.members:
            raise ContainerRefusedError("container-many-members", limit=self._limits.members)

    def gather(self, chunks: Iterable[bytes]) -> bytes:
        """Put together what comes in pieces.

        Raises RefusedError where one file is larger than the inbox takes, ContainerRefusedError where all
        that was unpacked together passes a limit.
        """
        whole = bytearray()
        for chunk in chunks:
            self._count(len(chunk))
            whole += chunk
            if len(whole) > self._limits.file_mb * _MEGABYTE:
                raise RefusedError("member-too-large", limit=self._limits.file_mb)
        return bytes(whole)

    def foresee(self, size: int) -> None:
        """Refuse what would pass a limit, before it is unpacked.  Raises ContainerRefusedError."""
        self._check(self._unpacked + size)

    def _count(self, size: int) -> None:
        self._unpacked += size
        self._check(self._unpacked)

    def _check(self, unpacked: int) -> None:
        if unpacked > self._limits.unpacked_mb * _MEGABYTE:
            raise ContainerRefusedError("container-unpacked", limit=self._limits.unpacked_mb)
        if unpacked > max(_HARMLESS, self._limits.ratio * self._packed):
            raise ContainerRefusedError("container-ratio", limit=self._limits.ratio)
