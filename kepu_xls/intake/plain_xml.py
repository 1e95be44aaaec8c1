"""XML that every reader takes alike: well formed, in UTF-8, without a document type; else it is not plain."""

from __future__ import annotations

from functools import lru_cache
from xml.parsers import expat

_SEPARATOR, _SEPARATOR_WRITTEN = "\ue000", b"&#57344;"  # of those that Unicode leaves to everybody
_KEPT, _MOST_KEPT = 128, 1 << 14


class NotPlainError(ValueError):
    """Something is written otherwise."""


def refuse_unless_plain(content: bytes, texts: list[str] | None = None) -> None:
    """Go through XML, and gather its texts.  Raises NotPlainError unless it is well formed and in UTF-8."""
    if b"<!" in content or b"\0" in content[:4]:
        raise NotPlainError
    encodings: list[str | None] = []
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text, parser.buffer_size = True, 1 << 16
    parser.XmlDeclHandler = lambda _version, encoding, _standalone: encodings.append(encoding)
    if texts is not None:
        parser.CharacterDataHandler = texts.append
    try:
        parser.Parse(content, True)  # noqa: FBT003 - expat takes it by position
    except (expat.ExpatError, ValueError, LookupError) as error:  # the last two: an encoding unknown to expat
        raise NotPlainError from error
    if any((encoding or "utf-8").lower() != "utf-8" for encoding in encodings):
        raise NotPlainError


def refuse_unless_plain_before(content: bytes) -> None:
    """Do as ``refuse_unless_plain``, which is remembered of short content."""
    if len(content) <= _MOST_KEPT:
        _refuse_kept(content)
    else:
        refuse_unless_plain(content)


@lru_cache(_KEPT)
def _refuse_kept(content: bytes) -> None:
    refuse_unless_plain(content)


def decoded(texts: list[bytes]) -> list[str]:
    """Decode texts of XML.  Raises NotPlainError where one is none, or readers differ over it."""
    joined = _SEPARATOR_WRITTEN.join(texts)
    if b"\r" in joined or b"_x" in joined:  # line ends and signs written otherwise
        raise NotPlainError
    pieces: list[str] = []
    refuse_unless_plain(b"<r>" + joined + b"</r>", pieces)
    found = "".join(pieces).split(_SEPARATOR) if texts else []
    if len(found) != len(texts):
        raise NotPlainError
    return found
