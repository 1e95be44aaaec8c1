"""Forms: one workbook a unit, made from the template that the clerk may restyle."""

from __future__ import annotations

from kepu_xls.forms.content import FormContent
from kepu_xls.forms.template import Template, load_template
from kepu_xls.forms.workbook import write_form

__all__ = ["FormContent", "Template", "load_template", "write_form"]
