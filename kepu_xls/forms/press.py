"""Writing the forms of many units from one template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kepu_xls import workspace
from kepu_xls.forms.content import FormContent
from kepu_xls.forms.filling import form_filling, shape_of
from kepu_xls.forms.moulds import Moulds
from kepu_xls.forms.questions import SHEETS
from kepu_xls.forms.shape import Shape

if TYPE_CHECKING:
    from kepu_xls.forms.template import Template  # loads openpyxl, which return copies do without


class Press:
    """Writes forms from one template, with moulds that are kept in a folder if one is given."""

    def __init__(self, template: Template, folder: Path | None = None) -> None:
        self._moulds = Moulds(template.data, lambda: template, folder)

    def form(self, content: FormContent) -> bytes:
        """Give the form as a workbook.  The same content gives the same bytes."""
        return self._moulds.fitting(shape_of(content)).cast(form_filling(content))

    def expect_returns(self, contents: Iterable[FormContent]) -> None:
        """Keep moulds of these forms' return copies, so that merging need not load openpyxl for them.

        Those for faults on the form sheet, and on that of indicators too: nearly all return copies.
        """
        shapes = list[Shape]()
        for content in contents:
            if (shape := shape_of(content)) not in shapes:
                shapes.append(shape)
        for shape in shapes:
            for noted in (SHEETS, SHEETS[:1]) if shape.has_indicators else (SHEETS[:1],):
                self._moulds.keep(msgspec.structs.replace(shape, noted=noted))

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
