"""Moulds: found among those in memory, else among those kept in a folder, else made."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kepu_xls import __version__, workspace
from kepu_xls.forms.mould import Mould, Pattern
from kepu_xls.forms.shape import Shape

if TYPE_CHECKING:
    from kepu_xls.forms.template import Template  # loads openpyxl, which a kept mould does without

_SUFFIX = ".mould"
_READER = msgspec.msgpack.Decoder(Pattern)


class Moulds:
    """The moulds made from one template.

    A kept one is found by all that it depends on: the program's version and the template's bytes, and what is
    asked with the kinds of rows and flagged sheets (see ``Shape``).  Period, unit and organiser are marks.
    """

    def __init__(self, data: bytes, load: Callable[[], Template], folder: Path | None = None) -> None:
        """Take a template's bytes, how to load it, and the folder to keep moulds in, if they are kept."""
        self._template = hashlib.sha256(__version__.encode() + b"\n" + data).hexdigest()[:16]
        self._load, self._folder, self._moulds = load, folder, list[Mould]()

    def fitting(self, shape: Shape) -> Mould:
        """Give the mould of a shape.

        Raises InputError where it has to be made and the template is broken, SurroundingsError where it
        cannot be kept.
        """
        found = next((one for one in self._moulds if one.shape == shape), None)
        if found is None:
            found = Mould(shape, self._pattern(shape))
            self._moulds.append(found)
        return found

    def keep(self, shape: Shape) -> None:
        """Have the mould of a shape in the folder, made if it is not there.  Raises as ``fitting`` does."""
        if self._folder is not None and not self._path(self._folder, shape).exists():
            self.fitting(shape)

    def _pattern(self, shape: Shape) -> Pattern:
        if self._folder is None:
            return self._made(shape)
        path = self._path(self._folder, shape)
        try:
            return _READER.decode(path.read_bytes())
        except (OSError, msgspec.DecodeError):
            pattern = self._made(shape)
        workspace.write_bytes(path, msgspec.msgpack.encode(pattern))
        for other in self._folder.glob(f"*{_SUFFIX}"):
            if not other.name.startswith(self._template):
                with suppress(OSError):  # another program reads it just now: it goes the next time
                    other.unlink()
        return pattern

    def _path(self, folder: Path, shape: Shape) -> Path:
        digest = hashlib.sha256(repr(shape).encode("utf-8", "backslashreplace"))
        return folder / f"{self._template}-{digest.hexdigest()[:32]}{_SUFFIX}"

    def _made(self, shape: Shape) -> Pattern:
        from kepu_xls import without_numpy  # noqa: F401, PLC0415 - before openpyxl
        from kepu_xls.forms.moulding import make_pattern  # noqa: PLC0415 - loads openpyxl

        return make_pattern(self._load(), shape)
