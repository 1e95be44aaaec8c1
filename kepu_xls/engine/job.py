"""What an engine is given to do."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import msgspec

from kepu_xls.errors import SurroundingsError

T = TypeVar("T")

T_contra = TypeVar("T_contra", contravariant=True)
R = TypeVar("R")


class Job(Protocol[T_contra, R]):
    """Work on items, one by one.  A job can be pickled, and so can items: other processes do it too.

    What they give back goes through ``packed`` and ``unpacked``: bytes travel cheaper than objects.
    """

    def started(self) -> AbstractContextManager[Callable[[T_contra], R]]:
        """Get ready to work, once a worker, and give what works on an item."""

    def lost(self, item: T_contra) -> R:
        """Give the result of an item over which its worker died."""

    def packed(self, result: R) -> bytes:
        """Write a result as bytes."""

    def unpacked(self, data: bytes) -> R:
        """Read a result from bytes."""


class Packing(Generic[R]):
    """What a job inherits whose results travel as msgpack; ``kind``: their type."""

    __slots__ = ()
    kind: ClassVar[Any]

    @staticmethod
    def packed(result: R) -> bytes:
        """Write a result as bytes."""
        return msgspec.msgpack.encode(result)

    @classmethod
    def unpacked(cls, data: bytes) -> R:
        """Read a result from bytes."""
        result: R = _decoder(cls.kind)(data)
        return result


@cache
def _decoder(kind: Any) -> Callable[[bytes], Any]:  # noqa: ANN401 - a type of any kind
    return msgspec.msgpack.Decoder(kind).decode


class Calls(Generic[T, R]):
    """The job of calling a function, which has nothing to get ready."""

    def __init__(self, function: Callable[[T], R]) -> None:
        self._function = function

    @contextmanager
    def started(self) -> Iterator[Callable[[T], R]]:
        """Give the function."""
        yield self._function

    def lost(self, item: T) -> R:
        """Raise SurroundingsError: nothing is known that could stand for it."""
        raise SurroundingsError("reader-not-started", detail=str(item))

    def packed(self, result: R) -> bytes:
        """Write a result as bytes."""
        return pickle.dumps(result, pickle.HIGHEST_PROTOCOL)

    def unpacked(self, data: bytes) -> R:
        """Read a result from bytes."""
        result: R = pickle.loads(data)  # noqa: S301 - from our own process
        return result
