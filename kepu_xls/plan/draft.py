"""A task as a document says it, before numbers are given and the names of units are understood."""

from __future__ import annotations

from kepu_xls.model import Place, Record, Role
from kepu_xls.plan.blocks import Cell


class Heading(Record, frozen=True):
    """A part or project: its name without the mark before it, the mark's number, and where it stands."""

    name: str = ""
    ordinal: int | None = None
    place: Place = Place()


class Duty(Record, frozen=True):
    """Names of units as written, and what they do; ``role`` None: responsible, which way is not said."""

    role: Role | None
    cell: Cell


class Draft(Record, frozen=True):
    """One task as written.  ``number`` is set where the document itself writes all three levels."""

    part: Heading
    project: Heading
    text: str
    place: Place
    ordinal: int | None = None
    number: str = ""
    duties: tuple[Duty, ...] = ()
    deadline: Cell | None = None
