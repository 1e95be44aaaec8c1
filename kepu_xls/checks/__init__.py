"""Checks: what a careful clerk would look for in a submission, beyond single values."""

from __future__ import annotations

from kepu_xls.checks.required import check_submission

__all__ = ["check_submission"]
