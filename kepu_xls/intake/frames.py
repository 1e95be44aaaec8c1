"""What this process and its reading child say to each other: lengths and bytes over pipes."""

from __future__ import annotations

import io
import pickle
from typing import Any, BinaryIO

import msgspec

from kepu_xls.intake.loading import Loaded
from kepu_xls.intake.sniff import Kind
from kepu_xls.intake.unpacking import Reason
from kepu_xls.limits import Limits
from kepu_xls.model import Record

_LENGTH = 8
_MODULES = {"datetime", "kepu_xls.intake.grid", "kepu_xls.intake.loading"}
_BUILT_IN = {"frozenset"}


class Request(Record, frozen=True):
    """What to read; the file's bytes follow."""

    kind: Kind
    limits: Limits


class Reply(Record, frozen=True):
    """What came of it: a refusal, or else the sheets follow.  ``spent``: the child wants to be replaced."""

    refused: Reason | None = None
    spent: bool = False


class EndedError(EOFError):
    """The other side is gone."""


def send(stream: BinaryIO, data: bytes) -> None:
    """Send one frame.  Raises OSError where nobody reads."""
    stream.write(len(data).to_bytes(_LENGTH, "little"))
    stream.write(data)
    stream.flush()


def receive(stream: BinaryIO) -> bytes:
    """Receive one frame.  Raises EndedError at the end."""
    return _exactly(stream, int.from_bytes(_exactly(stream, _LENGTH), "little"))


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EndedError
    return data


def packed(loaded: Loaded) -> bytes:
    """Write sheets as bytes."""
    return pickle.dumps(loaded, pickle.HIGHEST_PROTOCOL)


def unpacked(data: bytes) -> Loaded:
    """Read sheets again.  Raises pickle.UnpicklingError for anything that is none of sheets and values."""
    loaded = _SheetsOnly(io.BytesIO(data)).load()
    if not isinstance(loaded, Loaded):
        raise pickle.UnpicklingError(type(loaded).__name__)
    return loaded


class _SheetsOnly(pickle.Unpickler):
    """What read a hostile file is not believed: only our sheets and plain values come out."""

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - as the base class says
        if (module in _MODULES and "." not in name) or (module == "builtins" and name in _BUILT_IN):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name}")


REQUEST, REPLY = msgspec.msgpack.Decoder(Request), msgspec.msgpack.Decoder(Reply)
encode = msgspec.msgpack.encode
