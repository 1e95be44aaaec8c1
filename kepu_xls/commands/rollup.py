"""``kepu rollup``: the consolidated workbooks of districts → the city's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from kepu_xls import engine, intake, report, rollup
from kepu_xls.commands.results import lines
from kepu_xls.commands.rollup_results import RollupResult
from kepu_xls.commands.session import Session
from kepu_xls.config import Config
from kepu_xls.districts import DistrictReport
from kepu_xls.errors import InputError
from kepu_xls.limits import Limits
from kepu_xls.messages import finding
from kepu_xls.model import Finding, Place, Record
from kepu_xls.progress import Track, untracked


class Named(Record, frozen=True):
    """A consolidated workbook and whose it is."""

    district: str
    path: Path


def roll_up(
    session: Session, reports: tuple[str, ...], target: Path | None = None, track: Track = untracked
) -> RollupResult:
    """Write the consolidated workbook of several districts to ``target``, else into the outbox.

    ``reports``: files, folders with such files in them, or ``district=file``.  One that cannot be read costs
    itself.  Raises InputError where two are of one district, or none can be read.
    """
    named = tuple(_named(reports))
    _check_names(named)
    items = [(one.district, str(one.path)) for one in named]
    limits = session.config.limits
    # a consolidated workbook may be as full as its size allows; a form may not
    read = engine.map(
        Reading(msgspec.structs.replace(limits, filled_cells=limits.cells)),
        items,
        engine.choose("processes", len(items)),
    )
    results = tuple(track(read, "读取各地区的汇总表", len(items)))
    taken = tuple(one for one in results if isinstance(one, DistrictReport))
    findings = [one for one in results if isinstance(one, Finding)]
    if not taken:
        raise InputError("rollup-nothing", findings[0].place if findings else None)
    findings += [one for report_of in taken for one in _columns_missing(report_of, session.config)]
    combined = rollup.roll_up(taken, session.config.fields, session.now)
    if len(combined.periods) > 1:
        findings.append(finding("rollup-periods-differ", Place(), periods="、".join(combined.periods)))
    path = target or session.workspace.rolled_up(combined.periods)
    report.write_rolled_up(combined, session.config.report, path)
    return RollupResult(
        str(path), combined.periods, combined.districts, len(combined.detail.rows), lines(findings)
    )


def _named(reports: Iterable[str]) -> Iterator[Named]:
    """Find the workbooks meant, and tell whose each is."""
    for one in reports:
        district, equals, name = one.partition("=")
        if equals and district and not Path(one).exists():
            yield Named(district, Path(name))
            continue
        path = Path(one)
        files = sorted(_workbooks(path)) if path.is_dir() else [path]
        if not files:
            raise InputError("rollup-folder-empty", Place(file=one))
        for file in files:
            yield Named(rollup.district_name(file.resolve()), file)


def _workbooks(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*.xlsx") if not path.name.startswith(("~$", ".")))


def _check_names(named: Iterable[Named]) -> None:
    """Refuse files of no known district, and two of one."""
    seen: dict[str, Path] = {}
    for one in named:
        place = Place(file=str(one.path))
        if not one.path.is_file():
            raise InputError("rollup-not-there", place)
        if not one.district:
            raise InputError("rollup-no-name", place)
        if one.district in seen:
            raise InputError("rollup-name-twice", place, name=one.district, other=seen[one.district])
        seen[one.district] = one.path


def _columns_missing(found: DistrictReport, config: Config) -> Iterator[Finding]:
    """Tell where a district did not ask what is compared, or calls it otherwise."""
    for field in config.fields:
        if field.key in ("status", "percent") and field.label not in found.detail.heads:
            yield finding(
                "rollup-column-missing", Place(file=found.file, sheet="明细数据"), label=field.label
            )


class Reading(engine.Calls[tuple[str, str], DistrictReport | Finding]):
    """The job of reading consolidated workbooks; what kills its reader is told as a finding."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(partial(_read, limits=limits))

    def lost(self, item: tuple[str, str]) -> Finding:
        """Tell of a workbook over which its worker died."""
        return _refused(Place(file=item[1]), intake.Reason("file-broken-inside", {"detail": ""}))


def _read(item: tuple[str, str], limits: Limits) -> DistrictReport | Finding:
    """Read one workbook; what is wrong with it costs it alone."""
    district, path = item
    place = Place(file=path)
    try:
        with intake.content(path, limits) as data:
            if why := intake.harm(data, limits):
                return _refused(place, why)
            return rollup.read_report(data, district, Path(path).name)
    except intake.RefusedError as why:
        return _refused(place, why.reason)
    except rollup.NoReportError:
        return finding("rollup-no-report", place)
    except BaseException as error:
        # calamine's own, and a Rust panic, which is no Exception; what is not the file's is raised
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        return _refused(place, intake.Reason("file-broken-inside", {"detail": type(error).__name__}))


def _refused(place: Place, why: intake.Reason) -> Finding:
    details: dict[str, Any] = {"name": Path(place.file).name, **why.details}
    return finding("rollup-refused", place, reason=finding(why.code, place, **details).message)
