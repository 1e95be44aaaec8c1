"""Merging: which file of a unit counts, one row a task, and where each unit stands.  Pure."""

from __future__ import annotations

from kepu_xls.merge.choosing import choose, counting
from kepu_xls.merge.standing import unit_statuses
from kepu_xls.merge.tasks import UNCHANGED, carry_over, leads_or_all, merge_tasks, merged

__all__ = [
    "UNCHANGED",
    "carry_over",
    "choose",
    "counting",
    "leads_or_all",
    "merge_tasks",
    "merged",
    "unit_statuses",
]
