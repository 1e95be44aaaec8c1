"""7z archives, by py7zr: imported only where the extra ``archives`` is installed."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any

import py7zr
from py7zr.exceptions import PasswordRequired
from py7zr.io import Py7zIO, WriterFactory

from kepu_xls.intake.unpacking import Allowance, ContainerRefusedError, Found, Reason, RefusedError
from kepu_xls.shown_names import harmless

_AES = b"\x06\xf1\x07\x01"
_MOST_CYCLES = 22  # hashings of a password, as a power of two: 7-Zip takes 19, a hostile file asks for years
_CYCLES = 0x3F


def read_7z(data: bytes, allowance: Allowance, passwords: tuple[str, ...]) -> Iterator[Found]:
    """Give each file inside.  Raises ContainerRefusedError for limits and passwords.

    What py7zr raises for a broken archive passes through.
    """
    if not _is_locked(data):
        yield from _read(data, None, allowance)
        return
    for password in passwords:
        try:
            found = tuple(_read(data, password, allowance))
        except ContainerRefusedError:
            raise
        except Exception:  # noqa: BLE001, S112 - a wrong password makes noise, which fails in every way there is
            continue
        yield from found
        return
    raise ContainerRefusedError("container-locked")


def _is_locked(data: bytes) -> bool:
    """Tell whether there is a password.  Raises ContainerRefusedError where trying one would never end."""
    try:
        with py7zr.SevenZipFile(io.BytesIO(data)) as archive:
            streams = archive.header.main_streams
            coders = (
                [one for folder in streams.unpackinfo.folders for one in folder.coders] if streams else []
            )
    except PasswordRequired as error:  # names are encrypted too
        coders = error.args[0]
    encrypted = [coder for coder in coders if coder["method"] == _AES]
    if any(coder["properties"][0] & _CYCLES > _MOST_CYCLES for coder in encrypted):
        raise ContainerRefusedError("container-locked")
    return bool(encrypted)


def _read(data: bytes, password: str | None, allowance: Allowance) -> Iterator[Found]:
    """Unpack all in one go: in a solid archive each file needs those before it.

    py7zr never writes more than declared, so what is declared is checked first.
    """
    with py7zr.SevenZipFile(io.BytesIO(data), password=password) as archive:
        entries = [entry for entry in archive.list() if not entry.is_directory]
        for _ in entries:
            allowance.admit()
        allowance.foresee(sum(entry.uncompressed for entry in entries))
        wanted = {entry.filename for entry in entries if _refusal(entry) is None}
        sinks = _Sinks()
        damage: Exception | None = None
        try:
            archive.extract(targets=wanted, factory=sinks)
        except Exception as error:  # noqa: BLE001 - told below, after what was read before it
            damage = error
    yield from (Found(harmless(one.filename), refused=why) for one in entries if (why := _refusal(one)))
    yield from sinks.found(allowance)
    if damage:
        raise damage


def _refusal(entry: Any) -> Reason | None:  # noqa: ANN401 - py7zr's FileInfo, which it does not export
    if entry.is_symlink or not entry.is_file:
        return Reason("member-no-file")
    if entry.filename.startswith(("/", "\\")) or ".." in entry.filename.replace("\\", "/").split("/"):
        return Reason("member-outside")  # py7zr refuses the whole archive for one of them
    return None


class _Sink(Py7zIO):
    """Takes in one file as py7zr unpacks it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.content = io.BytesIO()
        self.complete = False

    def write(self, s: bytes | bytearray) -> int:
        return self.content.write(s)

    def read(self, size: int | None = None) -> bytes:
        return self.content.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self.content.seek(offset, whence)

    def flush(self) -> None:
        """Nothing is held back."""

    def size(self) -> int:
        return self.content.getbuffer().nbytes

    def close(self) -> None:
        """Mark the file as whole: py7zr does not call this for one that fails its check."""
        self.complete = True


class _Sinks(WriterFactory):
    """Makes a sink for each file, and remembers them in order."""

    def __init__(self) -> None:
        self._made: list[_Sink] = []

    def create(self, filename: str) -> _Sink:
        """Make the sink for a file."""
        self._made.append(_Sink(filename))
        return self._made[-1]

    def found(self, allowance: Allowance) -> Iterable[Found]:
        """Give what was unpacked, each let go of as it is taken."""
        while self._made:
            sink = self._made.pop(0)
            name = harmless(sink.name)
            if not sink.complete:
                yield Found(name, refused=Reason("member-broken"))
                continue
            try:
                yield Found(name, allowance.gather([sink.content.getvalue()]))
            except ContainerRefusedError:
                raise
            except RefusedError as refusal:
                yield Found(name, refused=refusal.reason)
