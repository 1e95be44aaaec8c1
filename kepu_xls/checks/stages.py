"""Which field says how far a task is: the one that has the configuration's stages among its choices."""

from __future__ import annotations

from kepu_xls.config import CheckSettings
from kepu_xls.model import Field, OpenPeriod


def stage_field(opened: OpenPeriod, settings: CheckSettings) -> Field | None:
    """Find that field among those that the period asks; None where there is none."""
    stages = set(settings.stages)
    return next((field for field in opened.fields if stages and stages <= set(field.choices)), None)
