"""What the consolidated workbooks of districts say, and what they come to together: frozen, no I/O."""

from __future__ import annotations

from datetime import date, datetime

from kepu_xls.model import Record

Content = str | int | float | date | datetime | None
"""What a cell of a consolidated workbook holds."""

WITHIN = "/"
"""Parts a district from the ones within it, where what is rolled up was rolled up itself: 甲市/乙区."""


class Table(Record, frozen=True):
    """A plain table: its heads, and rows as wide as these."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Content, ...], ...] = ()


class DistrictReport(Record, frozen=True):
    """The consolidated workbook of a district as it was read.

    ``file`` is its name; a table that is not there has no heads.  All tables have ``地区`` as first column
    where the workbook was rolled up itself.
    """

    name: str
    file: str
    detail: Table
    units: Table
    indicators: Table


class District(Record, frozen=True):
    """A district's figures.  Units by how they reported; tasks of which anything was reported.

    ``percent`` is the mean 完成率 of its tasks; ``sums`` are of the fields that add up, in the order of
    ``RolledUp.summed``.  ``rate`` is the share of its units that reported, 0–100.
    """

    name: str
    period: str
    file: str
    expected: int
    reported: int
    nil: int
    late: int
    missing: int
    returned: int
    tasks: int
    finished: int
    lagging: int
    percent: float | None
    indicators: int
    met: int
    sums: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Share of the expected units that reported, as a percentage; of none it is 0."""
        return self.reported / self.expected * 100 if self.expected else 0.0


class TaskAcross(Record, frozen=True):
    """A task that several districts have: how many, the mean 完成率, its highest and lowest, each with whose.

    ``states`` counts districts by the status of the task, in the order of ``RolledUp.states``.
    """

    number: str
    project: str
    text: str
    districts: int
    percent: float | None
    highest: tuple[float, str] | None
    lowest: tuple[float, str] | None
    states: tuple[int, ...]
    sums: tuple[float, ...]


class RolledUp(Record, frozen=True):
    """Everything that the consolidated workbook of several districts shows.

    ``summed`` are the labels of the fields that add up, ``states`` the choices of the status.
    """

    periods: tuple[str, ...]
    made: datetime
    summed: tuple[str, ...]
    states: tuple[str, ...]
    districts: tuple[District, ...]
    tasks: tuple[TaskAcross, ...]
    units: Table
    indicators: Table
    detail: Table
