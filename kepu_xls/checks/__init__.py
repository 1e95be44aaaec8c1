"""Checks: what a careful clerk would look for in a submission, beyond single values."""

from __future__ import annotations

from kepu_xls.checks.across_periods import check_across_periods
from kepu_xls.checks.across_units import check_tasks, check_texts
from kepu_xls.checks.lights import lights_of
from kepu_xls.checks.phrases import check_phrases
from kepu_xls.checks.required import check_submission
from kepu_xls.checks.rules import check_rules
from kepu_xls.checks.silence import silent_tasks
from kepu_xls.checks.text_sieve import TextSieve

__all__ = [
    "TextSieve",
    "check_across_periods",
    "check_phrases",
    "check_rules",
    "check_submission",
    "check_tasks",
    "check_texts",
    "lights_of",
    "silent_tasks",
]
