"""The return copy: a fresh form of a unit with its own answers, what is wrong marked and listed."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

import msgspec

from kepu_xls import __version__, workspace
from kepu_xls.forms import notes
from kepu_xls.forms.faults import ReturnContent
from kepu_xls.forms.filling import shape_of
from kepu_xls.forms.mould import Mould
from kepu_xls.forms.moulds import Moulds
from kepu_xls.forms.package import Packed, pack
from kepu_xls.forms.return_filling import Asked
from kepu_xls.forms.template_file import read_template
from kepu_xls.model import Field

if TYPE_CHECKING:
    from kepu_xls.forms.template import Template  # loads openpyxl

_PROPERTIES = "docProps/core.xml"
_LARGEST = 1 << 16
_MADE_FROM = re.compile(rb">kepu-return ([0-9a-f]{64}) ([0-9a-f]{64})</")
_NO_SEAL = "0" * 64


class ReturnPress:
    """Writes return copies made from one template, with moulds that are kept in a folder.

    The template is loaded only for a mould that is not there yet, and with it openpyxl.
    """

    def __init__(
        self, path: Path, fields: tuple[Field, ...], form_fields: tuple[Field, ...], folder: Path
    ) -> None:
        """Read the template.  Raises InputError where that cannot be read."""
        self._path, self._fields, self._form_fields = path, fields, form_fields
        self._data = read_template(path)
        self._moulds = Moulds(self._data, lambda: self._template, folder)

    @cached_property
    def _template(self) -> Template:
        from kepu_xls.forms.template import template_of  # noqa: PLC0415 - loads openpyxl

        return template_of(self._data, self._path, self._fields, self._form_fields)

    def fingerprint(self, content: ReturnContent) -> str:
        """Tell by one word all that a return copy is made of; another word, another copy.

        Who else has part in its tasks may be thousands, and changes with the issue alone, which is told.
        """
        duties = tuple(
            (msgspec.structs.replace(task, leads=(), participants=()), role)
            for task, role in content.form.duties
        )
        form = msgspec.structs.replace(content.form, duties=duties)
        made_of = repr(msgspec.structs.replace(content, form=form)).encode("utf-8", "backslashreplace")
        return hashlib.sha256(b"\n".join((__version__.encode(), self._data, made_of))).hexdigest()

    def renew(self, content: ReturnContent, path: Path) -> bool:
        """Write the return copy to ``path``, whole or not at all, unless it lies there already.

        It is as good as a form: filled further and sent back, it is read like one.  Tells whether it was
        written.  Raises InputError for a broken template and SurroundingsError where it cannot be written.
        """
        fingerprint = self.fingerprint(content)
        if made_from(path) == fingerprint:
            return False
        workspace.write_bytes(path, self._copy(content, fingerprint))
        return True

    def copy(self, content: ReturnContent) -> bytes:
        """Give the return copy as a workbook.  The same content gives the same bytes."""
        return self._copy(content, self.fingerprint(content))

    def _copy(self, content: ReturnContent, fingerprint: str) -> bytes:
        asked = Asked(content)
        mould = self._moulds.fitting(shape_of(content.form, asked.noted))
        filling, told = asked.filled(mould, f"kepu-return {fingerprint} {_NO_SEAL}")
        texts, styles = mould.texts(filling)
        for sheet, some in told.items():
            notes.weave(texts, mould.pattern.notes[sheet], some)
        return _sealed(mould, texts, styles)


def made_from(path: Path) -> str:
    """Give the fingerprint of a return copy that lies there as it was written.

    Empty where there is none, where it is something else, and where somebody has saved it again since.
    """
    try:
        with ZipFile(path) as archive, archive.open(_PROPERTIES) as file:
            said = _MADE_FROM.search(file.read(_LARGEST))
            seal = _seal((one.filename, one.CRC) for one in archive.infolist())
    except (OSError, BadZipFile, KeyError, zlib.error, RuntimeError, NotImplementedError, EOFError):
        return ""
    return said[1].decode() if said and said[2].decode() == seal else ""


def _seal(checksums: Iterable[tuple[str, int]]) -> str:
    """Tell by one word what is in all parts of a workbook but its properties."""
    parts = sorted(one for one in checksums if one[0] != _PROPERTIES)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _sealed(mould: Mould, texts: dict[str, str], styles: Packed) -> bytes:
    """Give the workbook of these parts, with the seal in its properties."""
    properties = texts.pop(_PROPERTIES)
    own = [*(pack(name, text.encode()) for name, text in texts.items()), styles]
    seal = _seal((one.name.decode(), one.facts[0]) for one in (*mould.pattern.same, *own))
    own.append(pack(_PROPERTIES, properties.replace(_NO_SEAL, seal).encode()))
    return mould.package.with_parts(own)
