"""How commands tell of progress without knowing who listens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

T = TypeVar("T")


class Track(Protocol):
    """Passes items through and tells somebody of them: what is done, and how many there will be."""

    def __call__(self, items: Iterable[T], label: str, total: int) -> Iterator[T]:
        """Yield the items as they are."""
        ...


def untracked(items: Iterable[T], label: str, total: int) -> Iterator[T]:  # noqa: ARG001 - nobody listens
    """Pass items through and tell nobody."""
    return iter(items)
