"""The part of shared strings as every program writes it → its texts, all split at once."""

from __future__ import annotations

import re

from kepu_xls.intake.plain_xml import NotPlainError, decoded, refuse_unless_plain_before

_ROOT = re.compile(rb"(?:<\?xml [^<>]*\?>\s*)?<sst(?: [^<>']*)?>")
_ROOT_END = b"</sst>"
_BARE, _SPACED = "<t>", '<t xml:space="preserve">'  # how a text begins; the second keeps the spaces around it
_BEGIN, _END, _TAGS = "<si>", "</t></si>", 4
_KEEPS = "\1"  # stands for the second beginning in a text: XML has no such sign
_SIGNS = b"\t\n" + bytes(range(0x20, 0x100))
# each after a sign of it, for which one looks faster
_WRITTEN_OTHERWISE = (("\ufffe", "\ufffe"), ("\uffff", "\uffff"), ("]", "]]>"), ("_", "_x"))
_FONT = re.compile(rb"(?:<[A-Za-z]+(?: [^<>']*)?/>)*")
_LONGEST_FONT = 1 << 12  # for each tag in it the expression takes memory
_RUN_FONT, _FONT_END, _RUN, _RUN_END = b"<r><rPr>", b"</rPr>", b"<r>", b"</r>"
_SPACED_RUN = _RUN + _SPACED.encode()
_RUNS_BEGIN, _NEXT_RUN, _RUNS_END = b"<si>" + _SPACED_RUN, b"</t></r>" + _SPACED_RUN, b"</t></r></si>"
_TEXT_BEGIN, _TEXT_END = f"{_BEGIN}{_SPACED}".encode(), _END.encode()


def plain_strings(content: bytes) -> list[str]:
    """Read the part of shared strings; one of nothing but spaces is given as empty.

    Raises NotPlainError, also where it is not well formed.
    """
    root = _ROOT.match(content)
    if root is None or not content.endswith(_ROOT_END):
        raise NotPlainError
    refuse_unless_plain_before(root[0] + _ROOT_END)
    body = content[root.end() : -len(_ROOT_END)]
    return _split(_signs(_without_fonts(body) if _RUN in body else body)) if body else []


def _signs(body: bytes) -> str:
    """Decode what holds nothing but signs of XML that all readers take alike."""
    if body.translate(None, _SIGNS):
        raise NotPlainError
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise NotPlainError from error
    if any(sign in text and written in text for sign, written in _WRITTEN_OTHERWISE):
        raise NotPlainError
    return text


def _split(text: str) -> list[str]:
    """Split the texts, and see to it that there is nothing else: each has four tags around it."""
    tags = text.count("<")
    for begin in (_BARE, _SPACED):
        if text.startswith(_BEGIN + begin) and text.endswith(_END):
            texts = _between(text, begin)
            if len(texts) * _TAGS == tags:
                return _resolved(texts, _KEEPS if begin == _SPACED else "")
    marked = text.replace(_SPACED, _BARE + _KEEPS)
    if not (marked.startswith(_BEGIN + _BARE) and marked.endswith(_END)):
        raise NotPlainError
    texts = _between(marked, _BARE)
    if len(texts) * _TAGS != tags:
        raise NotPlainError
    bare = _resolved(["" if text.startswith(_KEEPS) else text for text in texts], "")
    kept = iter(_resolved([text[1:] for text in texts if text.startswith(_KEEPS)], _KEEPS))
    return [next(kept) if text.startswith(_KEEPS) else one for text, one in zip(texts, bare, strict=True)]


def _between(text: str, begin: str) -> list[str]:
    return text[len(_BEGIN + begin) : -len(_END)].split(_END + _BEGIN + begin)


def _resolved(texts: list[str], keeps: str) -> list[str]:
    """Give texts as they are meant, whether they keep their spaces or not.

    Raises NotPlainError where they do not: which ones are lost is each reader's own business.
    """
    written = [place for place, text in enumerate(texts) if "&" in text]
    for place, text in zip(written, decoded([texts[place].encode() for place in written]), strict=True):
        texts[place] = text
    if keeps:
        return ["" if text.isspace() else text for text in texts]
    if list(map(str.strip, texts)) != texts:
        raise NotPlainError
    return texts


def _without_fonts(body: bytes) -> bytes:
    """Join texts that change their font halfway, as LibreOffice does between Chinese and Latin."""
    first, *pieces = body.split(_RUN_FONT)
    parted = [piece.partition(_FONT_END) for piece in pieces]
    fonts = sorted({font for font, _, _ in parted})
    if not all(len(font) <= _LONGEST_FONT and _FONT.fullmatch(font) for font in fonts) or not all(
        end for _, end, _ in parted
    ):
        raise NotPlainError
    refuse_unless_plain_before(b"".join((_RUN, *fonts, _RUN_END)))
    return _joined(_RUN.join([first, *[rest for _, _, rest in parted]]))


def _joined(body: bytes) -> bytes:
    """Make one text of the runs of each."""
    made, *pieces = body.split(_RUNS_BEGIN)
    whole = [made]
    for piece in pieces:
        runs, end, rest = piece.partition(_RUNS_END)
        text = runs.replace(_NEXT_RUN, b"")
        if b"<" in text or not end:
            raise NotPlainError
        whole += _TEXT_BEGIN, text, _TEXT_END, rest
    return b"".join(whole)
