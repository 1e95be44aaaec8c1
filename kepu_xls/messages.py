"""The one catalogue of everything that is told to a clerk: findings in the data, and failures.

The texts are data (``messages.toml``): a code, how bad it is, what is wrong, and what to do.  ``{names}``
in a text are filled in from the details given with the code.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from kepu_xls.model import Finding, Place, Record, Severity


class Message(Record, frozen=True):
    """An entry of the catalogue: ``what`` is wrong and what to ``do``, with ``{names}`` to fill in."""

    what: str
    do: str = ""
    severity: Severity = Severity.ERROR


_TABLE = re.compile(r"^\[([a-z0-9-]+)\]$", re.MULTILINE)


class Catalogue(Mapping[str, Message]):
    """The messages by code; each is read when it is first asked for: a command says few of them."""

    def __init__(self, text: str) -> None:
        _, *parts = _TABLE.split(text)
        self._texts = dict(zip(parts[::2], parts[1::2], strict=True))
        self._read: dict[str, Message] = {}

    def __getitem__(self, code: str) -> Message:
        """Give a message.  Raises KeyError for a code that is not there."""
        if code not in self._read:
            entry = tomllib.loads(self._texts[code])
            severity = Severity(entry.get("severity", "error"))
            self._read[code] = Message(what=entry["what"], do=entry.get("do", ""), severity=severity)
        return self._read[code]

    def __iter__(self) -> Iterator[str]:
        """Give the codes, in their order."""
        return iter(self._texts)

    def __len__(self) -> int:
        """Count the codes."""
        return len(self._texts)


@cache
def catalogue() -> Catalogue:
    """Open the catalogue, by code."""
    return Catalogue(Path(__file__).with_name("messages.toml").read_text(encoding="utf-8"))


def fill(text: str, details: dict[str, object]) -> str:
    """Fill the ``{names}`` of a catalogue text; what is filled in is never itself taken for a template.

    Raises KeyError where a name has no detail: a fault of ours, which the tests look for.
    """
    return text.format_map(details)


def sentence(code: str, **details: object) -> str:
    """Say a text of the catalogue, and what to do, as whole sentences.  Raises KeyError like ``finding``."""
    message = catalogue()[code]
    return "".join(f"{fill(text, details)}。" for text in (message.what, message.do) if text)


def finding(
    code: str, place: Place | None = None, *, unit: str = "", task: str = "", **details: object
) -> Finding:
    """Make a finding from the catalogue.

    ``details`` fill the text; ``unit`` and ``task`` say whom it concerns and may be used in the text too.
    Raises KeyError for a code that is not in the catalogue.
    """
    message = catalogue()[code]
    names = {"unit": unit, "task": task, **details}
    return Finding(
        code=code,
        severity=message.severity,
        message=fill(message.what, names),
        remedy=fill(message.do, names),
        place=place or Place(),
        unit=unit,
        task=task,
    )
