"""Checks: what a careful clerk would look for in a submission, beyond single values.

What is public is imported when first asked for: commands that only look find most of it settled already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kepu_xls.on_demand import importer

if TYPE_CHECKING:
    from kepu_xls.checks.across_periods import check_across_periods as check_across_periods
    from kepu_xls.checks.across_units import check_tasks as check_tasks
    from kepu_xls.checks.across_units import check_texts as check_texts
    from kepu_xls.checks.lights import lights_of as lights_of
    from kepu_xls.checks.phrases import check_phrases as check_phrases
    from kepu_xls.checks.required import check_submission as check_submission
    from kepu_xls.checks.rules import check_rules as check_rules
    from kepu_xls.checks.silence import silent_tasks as silent_tasks
    from kepu_xls.checks.text_sieve import Lookalikes as Lookalikes
    from kepu_xls.checks.text_sieve import TextMarks as TextMarks
    from kepu_xls.checks.text_sieve import TextSieve as TextSieve

_HOMES = {
    "check_across_periods": "across_periods",
    "check_tasks": "across_units",
    "check_texts": "across_units",
    "lights_of": "lights",
    "check_phrases": "phrases",
    "check_submission": "required",
    "check_rules": "rules",
    "silent_tasks": "silence",
    "Lookalikes": "text_sieve",
    "TextMarks": "text_sieve",
    "TextSieve": "text_sieve",
}
__all__ = list(_HOMES)
__getattr__ = importer(__name__, _HOMES)
