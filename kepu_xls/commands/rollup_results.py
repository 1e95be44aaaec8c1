"""What ``kepu rollup`` gives back."""

from __future__ import annotations

from kepu_xls.commands.results import FindingLine, Result
from kepu_xls.districts import District


class RollupResult(Result, frozen=True):
    """``kepu rollup``: the path written, the districts in it, rows of 明细数据, what could not be taken."""

    report: str
    periods: tuple[str, ...]
    districts: tuple[District, ...]
    rows: int
    findings: tuple[FindingLine, ...]

    @property
    def needs_person(self) -> bool:
        """A workbook that could not be taken, or periods that differ."""
        return bool(self.findings)
