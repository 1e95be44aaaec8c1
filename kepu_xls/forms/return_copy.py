"""The return copy: a fresh form of a unit with its own answers, what is wrong marked and listed.

It is laid out and saved on its own: marks, notes and the list of faults may touch any cell, so that no two
copies have a mould in common.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import msgspec

from kepu_xls import __version__, identity, workspace
from kepu_xls.forms.answers import Places, put_answers
from kepu_xls.forms.checklist import write_checklist
from kepu_xls.forms.faults import ReturnContent, find_faults
from kepu_xls.forms.marking import mark
from kepu_xls.forms.package import Package, pack
from kepu_xls.forms.saving import saved
from kepu_xls.forms.template import Template
from kepu_xls.forms.workbook import make_form, open_on

_PROPERTIES = "docProps/core.xml"
_LARGEST = 1 << 16
_MADE_FROM = re.compile(rb">kepu-return ([0-9a-f]{64}) ([0-9a-f]{64})</")
_NO_SEAL = "0" * 64


def write_return_copy(template: Template, content: ReturnContent, path: Path) -> None:
    """Write the return copy to ``path``, whole or not at all.

    It is as good as a form: filled further and sent back, it is read like one.  Raises SurroundingsError
    where it cannot be written.
    """
    form = make_form(template, content.form)
    places, faults = Places(form), find_faults(content)
    put_answers(places, form, content.submission, {one.spot for one in faults if one.spot is not None})
    mark(places, faults, content.form.organiser)
    write_checklist(form, places, content, faults)
    open_on(form.book, identity.RETURN_SHEET)
    form.book.properties.identifier = f"kepu-return {fingerprint(template, content)} {_NO_SEAL}"
    workspace.write_bytes(path, _sealed(saved(form.book)))


def fingerprint(template: Template, content: ReturnContent) -> str:
    """Tell by one word all that a return copy is made of; another word, another copy.

    Who else has part in its tasks may be thousands, and changes with the issue alone, which is told.
    """
    duties = (
        (msgspec.structs.replace(task, leads=(), participants=()), role) for task, role in content.form.duties
    )
    form = msgspec.structs.replace(content.form, duties=tuple(duties))
    made_of = repr(msgspec.structs.replace(content, form=form)).encode("utf-8", "backslashreplace")
    return hashlib.sha256(b"\n".join((__version__.encode(), template.data, made_of))).hexdigest()


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


def _sealed(parts: dict[str, bytes]) -> bytes:
    """Give the workbook of these parts, with the seal in its properties."""
    properties = parts.pop(_PROPERTIES)
    packed = [pack(name, data) for name, data in parts.items()]
    seal = _seal((one.name.decode(), one.facts[0]) for one in packed)
    packed.append(pack(_PROPERTIES, properties.replace(_NO_SEAL.encode(), seal.encode())))
    return Package(()).with_parts(packed)
