"""Intake: what units sent back → typed entries, with the cell that each came from.

What is public is imported when first asked for: the child process that reads files needs little of it, and
starts often.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kepu_xls.on_demand import importer

if TYPE_CHECKING:
    from kepu_xls.intake.containers import Member as Member
    from kepu_xls.intake.containers import open_containers as open_containers
    from kepu_xls.intake.context import ReadingContext as ReadingContext
    from kepu_xls.intake.inbox import Inbox as Inbox
    from kepu_xls.intake.inbox import collect as collect
    from kepu_xls.intake.inbox import content as content
    from kepu_xls.intake.inbox import refused as refused
    from kepu_xls.intake.loading import harm as harm
    from kepu_xls.intake.reading import read_file as read_file
    from kepu_xls.intake.remote import Remote as Remote
    from kepu_xls.intake.remote import described as described
    from kepu_xls.intake.remote import is_remote as is_remote
    from kepu_xls.intake.remote import listed as listed
    from kepu_xls.intake.remote import remote_content as remote_content
    from kepu_xls.intake.unpacking import Reason as Reason
    from kepu_xls.intake.unpacking import RefusedError as RefusedError
    from kepu_xls.intake.whose import contradicting_period as contradicting_period
    from kepu_xls.intake.whose import named_units as named_units

_HOMES = {
    "Member": "containers",
    "open_containers": "containers",
    "ReadingContext": "context",
    "Inbox": "inbox",
    "Reason": "unpacking",
    "RefusedError": "unpacking",
    "Remote": "remote",
    "described": "remote",
    "is_remote": "remote",
    "listed": "remote",
    "remote_content": "remote",
    "collect": "inbox",
    "content": "inbox",
    "refused": "inbox",
    "harm": "loading",
    "read_file": "reading",
    "contradicting_period": "whose",
    "named_units": "whose",
}
__all__ = list(_HOMES)
__getattr__ = importer(__name__, _HOMES)
