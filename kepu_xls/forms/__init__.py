"""Forms: one workbook a unit, made from the template that the clerk may restyle; and its return copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kepu_xls.forms.content import FormContent
from kepu_xls.forms.faults import ReturnContent
from kepu_xls.forms.press import Press
from kepu_xls.forms.return_copy import ReturnPress, made_from
from kepu_xls.on_demand import importer

if TYPE_CHECKING:
    from kepu_xls.forms.claimed import claimed
    from kepu_xls.forms.template import Template, load_template

__all__ = [
    "FormContent",
    "Press",
    "ReturnContent",
    "ReturnPress",
    "Template",
    "claimed",
    "load_template",
    "made_from",
]

_WITH_OPENPYXL = {"Template": "template", "claimed": "claimed", "load_template": "template"}
__getattr__ = importer(__name__, _WITH_OPENPYXL, before="kepu_xls.without_numpy")
"""Return copies are mostly cast without openpyxl."""
