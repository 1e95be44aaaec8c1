"""A workbook that is a zip, read part by part: what comes out is counted, for declared sizes lie."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from typing import Self
from xml.parsers import expat

from kepu_xls.intake.unpacking import CHUNK, RefusedError
from kepu_xls.limits import Limits

MEGABYTE = 1 << 20
MOST_PARTS = 10_000
_HARMLESS_SIZE = 16 * MEGABYTE
"""Unpacked, so little does no harm, however much smaller it was when packed."""
_TEXT_BUFFER = 1 << 16

Attributes = dict[str, str]


class ForbiddenXmlError(ValueError):
    """The XML declares a document type: no spreadsheet program writes one, entity bombs need one."""


class Package:
    """A zip of parts, within limits.

    ``plain``: all XML so far is well formed and in UTF-8, which all readers see alike.
    """

    def __init__(self, data: bytes, limits: Limits) -> None:
        """Raise RefusedError for too many or too large parts, and what zipfile raises for a broken zip."""
        # no part without this signature: counted first, because a million of them fill the memory
        parts = data.count(b"PK\1\2")
        if parts > MOST_PARTS:
            raise RefusedError("file-too-many-parts", value=parts, limit=MOST_PARTS)
        self._archive = zipfile.ZipFile(io.BytesIO(data))
        self._packed, self._limits = len(data), limits
        self._unpacked = 0
        self.plain = True
        self._refuse(sum(part.file_size for part in self._archive.infolist()))

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of all parts, in the order of the directory."""
        return tuple(self._archive.namelist())

    def chunks(self, part: str) -> Iterator[bytes]:
        """Unpack a part piece by piece.  Raises RefusedError past a limit, KeyError where there is none."""
        with self._archive.open(part) as stream:
            while chunk := stream.read(CHUNK):
                self._unpacked += len(chunk)
                self._refuse(self._unpacked)
                yield chunk

    def skip(self, part: str) -> None:
        """Unpack a part to nowhere: its size is counted, its checksum checked."""
        for _ in self.chunks(part):
            pass

    def parse(
        self,
        part: str,
        start: Callable[[str, Attributes], None] | None = None,
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        """Go through an XML part; tags come as ``namespace}name``.

        Raises ForbiddenXmlError for a document type, expat.ExpatError for XML that is not well formed.
        """
        plain = parse_xml(self.chunks(part), start, end, text)
        self.plain = self.plain and plain

    def glance(
        self,
        part: str,
        start: Callable[[str, Attributes], None] | None = None,
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        """Go through an XML part that carries no cells: one that is not well formed only makes us wary.

        Excel itself writes such ones (VML with ``<br>``), OpenOffice empty ones.  Raises ForbiddenXmlError,
        and RefusedError past a limit.
        """
        try:
            self.parse(part, start, end, text)
        except (RefusedError, ForbiddenXmlError):
            raise
        except (expat.ExpatError, ValueError, LookupError):  # the last two: an encoding unknown to expat
            self.plain = False

    def close(self) -> None:
        """Let go of the bytes."""
        self._archive.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _refuse(self, size: int) -> None:
        limit = self._limits.unpacked_mb
        if size > limit * MEGABYTE:
            raise RefusedError("file-too-large-unpacked", value=size // MEGABYTE, limit=limit)
        if size > max(_HARMLESS_SIZE, self._limits.ratio * self._packed):
            raise RefusedError(
                "file-too-large-ratio", value=size // max(self._packed, 1), limit=self._limits.ratio
            )


def parse_xml(
    chunks: Iterable[bytes],
    start: Callable[[str, Attributes], None] | None = None,
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> bool:
    """Go through XML and tell whether it is in UTF-8, as every reader takes it.

    Raises ForbiddenXmlError for a document type, expat.ExpatError for XML that is not well formed.
    """
    plain = True

    def declared(_version: str, encoding: str | None, _standalone: int) -> None:
        nonlocal plain
        plain = plain and (encoding or "utf-8").lower() == "utf-8"

    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text, parser.buffer_size = True, _TEXT_BUFFER
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _forbid
    parser.XmlDeclHandler = declared
    for number, chunk in enumerate(chunks):
        plain = plain and (number > 0 or b"\0" not in chunk[:4])
        parser.Parse(chunk, False)  # noqa: FBT003 - expat takes it by position
    parser.Parse(b"", True)  # noqa: FBT003
    return plain


def local(tag: str) -> str:
    """Give a tag's name without its namespace."""
    return tag.rpartition("}")[2]


def _forbid(*_: object) -> None:
    raise ForbiddenXmlError
