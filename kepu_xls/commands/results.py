"""What commands give back: frozen results, whose fields are the JSON of the contract."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from kepu_xls.model import FileStatus, Finding, Plan, Record, Scalar, Severity
from kepu_xls.outcome import UnitStatus


class Result(Record, frozen=True):
    """Base of all results."""

    @property
    def needs_person(self) -> bool:
        """Tell whether somebody has to act: exit code 1 instead of 0."""
        return False

    @property
    def exit_code(self) -> int:
        """The command's exit code."""
        return 1 if self.needs_person else 0


class FindingLine(Record, frozen=True):
    """A finding as the contract's JSON has it."""

    code: str
    severity: Severity
    file: str
    sheet: str
    cell: str
    message: str
    remedy: str
    unit: str = ""
    task: str = ""


def lines(findings: Iterable[Finding]) -> tuple[FindingLine, ...]:
    """Flatten findings for the contract's JSON."""
    return tuple(
        FindingLine(
            one.code,
            one.severity,
            one.place.file,
            one.place.sheet,
            one.place.cell,
            one.message,
            one.remedy,
            one.unit,
            one.task,
        )
        for one in findings
    )


class PlanCounts(Record, frozen=True):
    """How large a plan is.  ``lead_links`` and ``participant_links`` count unit–task pairs."""

    parts: int
    projects: int
    tasks: int
    units: int
    lead_links: int
    participant_links: int
    indicators: int


class ChangeLine(Record, frozen=True):
    """One difference between the master that is and the one that would be; ``label``: its kind in Chinese."""

    kind: str
    label: str
    subject: str
    name: str
    field: str
    before: str
    after: str


class ImportResult(Result, frozen=True):
    """``kepu plan import``.

    ``written`` is False where nothing changed or the clerk has still to agree; ``kept`` is where the master
    that was changed is kept, empty where there was none.
    """

    source: str
    master: str
    counts: PlanCounts
    changes: tuple[ChangeLine, ...]
    findings: tuple[FindingLine, ...]
    written: bool
    kept: str = ""

    @property
    def needs_person(self) -> bool:
        """An import that still needs a yes."""
        return bool(self.changes) and not self.written


class InitResult(Result, frozen=True):
    """``kepu init``: where, and what was new there."""

    workspace: str
    made: tuple[str, ...]
    imported: ImportResult | None


class CheckResult(Result, frozen=True):
    """``kepu plan check``."""

    master: str
    counts: PlanCounts
    findings: tuple[FindingLine, ...]

    @property
    def needs_person(self) -> bool:
        """Errors, and warnings too, want the clerk's eye."""
        return any(one.severity is not Severity.INFO for one in self.findings)


class ShowResult(Result, frozen=True):
    """``kepu plan show``."""

    plan: Plan
    counts: PlanCounts


class FormMade(Record, frozen=True):
    """One form: whose, where, and how many tasks it asks about."""

    unit: str
    path: str
    lead: int
    participant: int
    indicators: int


class FormsResult(Result, frozen=True):
    """``kepu forms``.  ``reissued``: the period was open before, the same forms were written again."""

    period: str
    version: int
    deadline: datetime
    folder: str
    forms: tuple[FormMade, ...]
    reissued: bool
    findings: tuple[FindingLine, ...]

    @property
    def needs_person(self) -> bool:
        """An error: tasks for which nobody was given a form."""
        return any(one.severity is Severity.ERROR for one in self.findings)


class FileLine(Record, frozen=True):
    """A file as the contract's JSON has it."""

    path: str
    unit: str
    period: str
    sha256: str
    status: FileStatus
    return_copy: str | None
    findings: tuple[FindingLine, ...]


class UnitLists(Record, frozen=True):
    """Units by how they reported; ``late`` and ``nil`` are among ``reported``."""

    expected: tuple[str, ...]
    reported: tuple[str, ...]
    late: tuple[str, ...]
    nil: tuple[str, ...]
    missing: tuple[str, ...]


def unit_lists(statuses: Iterable[UnitStatus]) -> UnitLists:
    """Sort units into the contract's lists."""
    all_units = tuple(statuses)
    return UnitLists(
        expected=tuple(one.unit for one in all_units),
        reported=tuple(one.unit for one in all_units if one.reported),
        late=tuple(one.unit for one in all_units if one.late),
        nil=tuple(one.unit for one in all_units if one.nil),
        missing=tuple(one.unit for one in all_units if not one.reported),
    )


class MergeResult(Result, frozen=True):
    """``kepu merge``.  ``entries``: rows that count; ``new_files``: read now, not known before.

    ``other_periods``: those to which some of what was read now belongs.
    """

    period: str
    report: str
    units: UnitLists
    files: tuple[FileLine, ...]
    entries: int
    new_files: int
    findings: tuple[FindingLine, ...]
    statuses: tuple[UnitStatus, ...]
    strict: bool = False
    other_periods: tuple[str, ...] = ()

    @property
    def needs_person(self) -> bool:
        """A file of the period rejected, a cell in error; with ``--strict`` also a unit missing."""
        wrong = (FileStatus.REJECTED, FileStatus.ACCEPTED_WITH_ERRORS)
        concerned = {self.period, *self.other_periods}
        bad = any(file.status in wrong and file.period in concerned for file in self.files)
        return bad or (self.strict and bool(self.units.missing))


class ReportResult(Result, frozen=True):
    """``kepu report``: the paths written.  ``pdf`` is None where it was not asked for."""

    period: str
    report: str
    pdf: str | None = None


class ChaseText(Record, frozen=True):
    """What to say to one unit, ready to paste."""

    unit: str
    text: str


class Contact(Record, frozen=True):
    """Whom to reach at a unit; what the master does not know is empty."""

    unit: str
    contact: str
    phone: str
    emails: tuple[str, ...]


class Chase(Record, frozen=True):
    """``kepu status --chase``: texts for the group and for each unit that has to act, and contacts."""

    group: str
    units: tuple[ChaseText, ...]
    contacts: tuple[Contact, ...]


class BriefResult(Result, frozen=True):
    """``kepu brief``: the path written."""

    period: str
    brief: str


class StatusResult(Result, frozen=True):
    """``kepu status``: where each unit stands.  ``chase`` is None where it was not asked for."""

    period: str
    deadline: datetime
    units: UnitLists
    statuses: tuple[UnitStatus, ...]
    findings: tuple[FindingLine, ...] = ()
    chase: Chase | None = None


class FindingsResult(Result, frozen=True):
    """``kepu findings``: errors first."""

    period: str
    findings: tuple[FindingLine, ...]


class TaskPeriod(Record, frozen=True):
    """A task in one period: merged ``values`` by field, and how many of its units reported on it."""

    period: str
    reported: int
    expected: int
    values: dict[str, Scalar]


class TaskHistory(Result, frozen=True):
    """``kepu history TASK``, oldest first.  ``labels`` name the fields shown, by key."""

    task: str
    project: str
    text: str
    labels: dict[str, str]
    periods: tuple[TaskPeriod, ...]


class UnitPeriod(Record, frozen=True):
    """A unit in one period, under its name of then; ``percent``: the mean over its tasks."""

    period: str
    status: UnitStatus
    percent: float | None


class UnitHistory(Result, frozen=True):
    """``kepu history UNIT``, oldest first, its predecessors included.

    ``divided_into``: the units that it became, where it was divided; ``parts_of``: divided units of which it
    took over a part, whose periods are not among these.
    """

    unit: str
    divided_into: tuple[str, ...]
    parts_of: tuple[str, ...]
    periods: tuple[UnitPeriod, ...]


class DoctorLine(Record, frozen=True):
    """One thing looked at: what, whether it is well, and what to know."""

    what: str
    good: bool
    detail: str


class DoctorResult(Result, frozen=True):
    """``kepu doctor``."""

    lines: tuple[DoctorLine, ...]

    @property
    def needs_person(self) -> bool:
        """Something is not well."""
        return not all(line.good for line in self.lines)


class DemoResult(Result, frozen=True):
    """``kepu demo``: the folder, and what the merge of the period shown gave."""

    folder: str
    merge: MergeResult
