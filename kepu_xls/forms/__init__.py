"""Forms: one workbook a unit, made from the template that the clerk may restyle; and its return copy."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from kepu_xls.forms.content import FormContent
from kepu_xls.forms.faults import ReturnContent
from kepu_xls.forms.press import Press
from kepu_xls.forms.return_copy import ReturnPress, made_from

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


def __getattr__(name: str) -> object:
    """Load what needs openpyxl only when it is asked for: return copies are mostly cast without it."""
    if name not in _WITH_OPENPYXL:
        raise AttributeError(name)
    import_module("kepu_xls.without_numpy")  # before openpyxl
    found = getattr(import_module(f"{__name__}.{_WITH_OPENPYXL[name]}"), name)
    globals()[name] = found  # else the module `claimed`, once loaded, would stand here under its name
    return found
