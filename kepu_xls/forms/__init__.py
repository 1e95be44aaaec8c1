"""Forms: one workbook a unit, made from the template that the clerk may restyle; and its return copy."""

from __future__ import annotations

from kepu_xls import without_numpy  # noqa: F401 - before openpyxl, which all of the following load
from kepu_xls.forms.claimed import claimed
from kepu_xls.forms.content import FormContent
from kepu_xls.forms.faults import ReturnContent
from kepu_xls.forms.press import Press
from kepu_xls.forms.return_copy import fingerprint, made_from, write_return_copy
from kepu_xls.forms.template import Template, load_template

__all__ = [
    "FormContent",
    "Press",
    "ReturnContent",
    "Template",
    "claimed",
    "fingerprint",
    "load_template",
    "made_from",
    "write_return_copy",
]
