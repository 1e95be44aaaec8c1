"""Intake: what units sent back → typed entries, with the cell that each came from.

What is public is imported when first asked for: the child process that reads files needs little of it, and
starts often.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kepu_xls.intake.containers import Member as Member
    from kepu_xls.intake.containers import open_containers as open_containers
    from kepu_xls.intake.context import ReadingContext as ReadingContext
    from kepu_xls.intake.inbox import Inbox as Inbox
    from kepu_xls.intake.inbox import collect as collect
    from kepu_xls.intake.inbox import content as content
    from kepu_xls.intake.inbox import refused as refused
    from kepu_xls.intake.reading import read_file as read_file
    from kepu_xls.intake.unpacking import RefusedError as RefusedError

_HOMES = {
    "Member": "containers",
    "open_containers": "containers",
    "ReadingContext": "context",
    "Inbox": "inbox",
    "RefusedError": "unpacking",
    "collect": "inbox",
    "content": "inbox",
    "refused": "inbox",
    "read_file": "reading",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:  # noqa: ANN401 - functions and classes
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
