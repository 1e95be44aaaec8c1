"""Who plays what in the demo: parts are given out by a unit's position in the plan, never by its name."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from kepu_xls.model import Record, Scalar


class Part(StrEnum):
    """What becomes of one unit's report, or what a file in the inbox is."""

    PLAIN = "plain"
    MISSING = "missing"  # reports nothing at all
    NIL = "nil"  # 零报告: every row says 本期无变化
    LATE = "late"  # after the deadline, before the cut-off
    TWICE = "twice"  # a first version, and a later one under another name
    FAULTY = "faulty"  # cells that have to go back
    LOOSE = "loose"  # cells typed as people do, which can be read
    COPIED = "copied"  # last period's text pasted again
    MOVED_ROWS = "moved-rows"  # task rows in another order, and a row put between
    RENAMED_SHEET = "renamed-sheet"
    RENAMED_FILE = "renamed-file"  # an arbitrary name, in a subfolder
    REBUILT = "rebuilt"  # values copied into a new workbook, hidden parts lost
    BROKEN_FIRST = "broken-first"  # first a page of the mail program named .xlsx, then the good form
    NOT_A_WORKBOOK = "not-a-workbook"  # that page; only as the part of a file
    LITTER = "litter"  # lock files, Thumbs.db; only as the part of a file


class Story(Record, frozen=True):
    """One period of the demo.

    ``chapter`` counts the periods: figures grow from one to the next.  ``pace``: per cent of the plan's time
    gone by, around which progress is reported.  ``parts`` go to the units from the last backwards (the first
    lead most tasks), to at most three of five; the rest play ``PLAIN``.  ``litter``: whether files that are
    no reports lie about.
    """

    chapter: int
    pace: float
    parts: tuple[Part, ...] = ()
    litter: bool = False


CALM = Story(
    chapter=0,
    pace=64.0,
    parts=(
        *(Part.PLAIN,) * 6,
        Part.MISSING,
        Part.PLAIN,
        Part.MISSING,
        Part.LATE,
    ),
)
"""The period before: nearly everybody reports, and reports well."""

EVENTFUL = Story(
    chapter=1,
    pace=64.5,
    parts=(
        Part.TWICE,
        Part.NIL,
        Part.LATE,
        Part.MISSING,
        Part.FAULTY,
        Part.LOOSE,
        Part.RENAMED_FILE,
        Part.MOVED_ROWS,
        Part.REBUILT,
        Part.RENAMED_SHEET,
        Part.BROKEN_FIRST,
        Part.COPIED,
    ),
    litter=True,
)
"""The period shown: a bit of everything that comes back to a clerk, and mainly good."""


class Oddity(Record, frozen=True):
    """A cell that was filled in on purpose as it should not be: the task, the field's key, what was typed."""

    task: str
    field: str
    typed: Scalar


class Played(Record, frozen=True):
    """A file put into the inbox.  ``unit``: empty for litter; ``final``: the one of its unit that counts."""

    path: Path
    unit: str
    part: Part
    final: bool = True
    oddities: tuple[Oddity, ...] = ()


class Inventory(Record, frozen=True):
    """What was played: the files in order of the units, and the units that sent nothing."""

    files: tuple[Played, ...]
    missing: tuple[str, ...]

    def of(self, part: Part) -> tuple[Played, ...]:
        """Give the files that play a part."""
        return tuple(played for played in self.files if played.part is part)


def cast(story: Story, units: tuple[str, ...]) -> dict[str, Part]:
    """Give each unit its part."""
    special = len(units) * 3 // 5
    parts = dict.fromkeys(units, Part.PLAIN)
    parts.update(zip(tuple(reversed(units))[:special], story.parts, strict=False))
    return parts
