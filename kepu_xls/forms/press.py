"""Writing the forms of many units from one template."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from kepu_xls import workspace
from kepu_xls.forms.content import FormContent
from kepu_xls.forms.mould import Mould
from kepu_xls.forms.template import Template


class Press:
    """Writes forms from one template, and keeps the moulds that they are cast from."""

    def __init__(self, template: Template) -> None:
        self._template, self._moulds = template, list[Mould]()

    def form(self, content: FormContent) -> bytes:
        """Give the form as a workbook.  The same content gives the same bytes."""
        mould = next((one for one in self._moulds if one.fits(content)), None)
        if mould is None:
            mould = Mould(self._template, content)
            self._moulds.append(mould)
        return mould.cast(content)

    def write(self, contents: Mapping[Path, FormContent]) -> None:
        """Write forms to their paths, each whole or not at all.

        They are forced to the disk together: a busy disk, or one on a network, takes hardly longer for
        twenty files than for one.  Raises SurroundingsError where one cannot be written.
        """
        with ExitStack() as stack:
            temporaries = list[Path]()
            for path, content in contents.items():
                temporaries.append(stack.enter_context(workspace.replacing(path, forced=True)))
                temporaries[-1].write_bytes(self.form(content))
            with ThreadPoolExecutor(len(temporaries)) as pool:
                for _ in pool.map(workspace.force, temporaries):
                    pass
