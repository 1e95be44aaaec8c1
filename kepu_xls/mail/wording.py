"""Subject and text of letters, from templates that the clerk may rewrite in any text editor."""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from kepu_xls.errors import InputError
from kepu_xls.model import Place, Record

_SUBJECT = re.compile(r"\s*主题\s*[:：]\s*(?P<subject>\S.*)")
_REMARK = "#"
_GAP = re.compile(r"\n{3,}")
_BRACES = str.maketrans("｛｝", "{}")  # as a Chinese keyboard types them
_PLACEHOLDER = re.compile(r"\{(?P<word>[^{}]*)\}")

_ALWAYS = frozenset(
    (
        *("unit", "period", "plan", "organiser", "deadline", "cutoff", "tasks", "lead", "participant"),
        *("indicators", "files", "version", "address", "contact"),
    )
)
_CHASING = _ALWAYS | {"missing", "days", "errors", "faults"}


class Wording(StrEnum):
    """The templates, by the names of their files in ``templates/mail``."""

    FORMS = "forms.txt"
    REMIND = "remind.txt"
    OVERDUE = "overdue.txt"
    MEND = "mend.txt"

    @property
    def words(self) -> frozenset[str]:
        """The placeholders that it may use."""
        return _ALWAYS if self is Wording.FORMS else _CHASING


class Template(Record, frozen=True):
    """A letter with its placeholders still in it."""

    subject: str
    text: str


def load(folder: Path, wording: Wording) -> Template:
    """Read and check a template, in whatever encoding an editor of Windows has saved it.

    Raises InputError that names file and line for one that is missing, has no subject, or uses a placeholder
    that nothing fills.
    """
    path = folder / wording.value
    lines = [
        (number, line)
        for number, line in enumerate(_read(path).splitlines(), start=1)
        if not line.startswith(_REMARK)
    ]
    for number, line in lines:
        _check(line, Place(file=f"templates/mail/{wording.value}", cell=f"第{number}行"), wording.words)
    while lines and not lines[0][1].strip():
        del lines[0]
    head = _SUBJECT.fullmatch(lines[0][1]) if lines else None
    text = "\n".join(line.rstrip() for _, line in lines[1:]).strip("\n")
    if head is None or not text:
        place = Place(file=f"templates/mail/{wording.value}", cell=f"第{lines[0][0] if lines else 1}行")
        raise InputError("mail-template-subject", place)
    return Template(head["subject"].strip(), text)


def _read(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError("template-missing", path=f"templates/mail/{path.name}") from error
    marked = data.startswith((BOM_UTF16_LE, BOM_UTF16_BE))  # what Notepad calls Unicode
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding).translate(_BRACES)
        except UnicodeDecodeError:
            continue
    raise InputError("mail-template-encoding", Place(file=f"templates/mail/{path.name}"))


def _check(line: str, place: Place, words: frozenset[str]) -> None:
    known = "、".join(f"{{{word}}}" for word in sorted(words))
    for match in _PLACEHOLDER.finditer(line):
        if match["word"] not in words:
            raise InputError("mail-template-word", place, word=match["word"], known=known)
    if {"{", "}"} & set(_PLACEHOLDER.sub("", line)):
        raise InputError("mail-template-brace", place, known=known)


def fill(template: Template, values: Mapping[str, str]) -> tuple[str, str]:
    """Give subject and text with the placeholders filled; what is filled in is never itself a template.

    A line of the text all of whose placeholders turn out empty is left out.
    """
    kept = (line for line in template.text.split("\n") if not _hollow(line, values))
    text = "\n".join(_filled(line, values).rstrip() for line in kept)
    text = _GAP.sub("\n\n", text)  # where lines were left out
    return _filled(template.subject, values), f"{text}\n"


def _hollow(line: str, values: Mapping[str, str]) -> bool:
    words = [match["word"] for match in _PLACEHOLDER.finditer(line)]
    return bool(words) and not any(values.get(word) for word in words)


def _filled(line: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: values.get(match["word"], ""), line)
