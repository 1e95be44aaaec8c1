"""Return copies: what a unit has to put right goes back to it, for as long as it has to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from kepu_xls import forms, merge, workspace
from kepu_xls.commands.forms import form_content, own_paths, previous_progress
from kepu_xls.commands.portions import batches
from kepu_xls.commands.session import Session
from kepu_xls.errors import SurroundingsError
from kepu_xls.model import FileRecord, FileStatus, Finding, OpenPeriod
from kepu_xls.progress import Track, untracked

_NAME = "{unit}_{period}_请修改.xlsx"


def renew(
    session: Session,
    opened: OpenPeriod,
    records: tuple[FileRecord, ...],
    findings: Iterable[Finding],
    track: Track = untracked,
) -> tuple[FileRecord, ...]:
    """Write a return copy for each file that counts and has errors, and take away those no longer needed.

    ``records`` are the period's files after ``choose``, ``findings`` what was found beside them.  Gives the
    records, with the path of its copy where one has it.  A copy that would be made of the same again is left
    as it lies; a file that this program did not write, or that somebody saved again, is never taken away.
    Raises InputError for a broken form template and SurroundingsError where a copy cannot be written.
    """
    wrong = [
        one
        for one in merge.counting(records)
        # a unit of which nothing is asked any more, as its period was issued anew, has nothing to mend
        if one.status is FileStatus.ACCEPTED_WITH_ERRORS and opened.plan.duties_of(one.unit)
    ]
    copies = paths_of_copies(session, opened, [one.unit for one in wrong])
    paths = {one.file: copies[one.unit] for one in wrong}
    if wrong:
        template, moulds = session.workspace.form_template, session.workspace.moulds
        press = forms.ReturnPress(template, opened.fields, opened.form_fields, moulds)
        contents = _contents(session, opened, wrong, tuple(findings))
        for content, path in track(zip(contents, paths.values(), strict=True), "生成退回表", len(wrong)):
            press.renew(content, path)
    _clear(session.workspace.returns(opened.period), keep=set(paths.values()))
    return tuple(
        msgspec.structs.replace(one, return_copy=str(paths[one.file])) if one.file in paths else one
        for one in records
    )


def paths_of_copies(session: Session, opened: OpenPeriod, others: Iterable[str] = ()) -> dict[str, Path]:
    """Say where each unit's return copy lies, whichever others have one: the name stays from run to run."""
    units = dict.fromkeys((*opened.expected, *others))
    return own_paths(session.workspace.returns(opened.period), _NAME, units, opened.period)


def _contents(
    session: Session, opened: OpenPeriod, wrong: Iterable[FileRecord], others: tuple[Finding, ...]
) -> Iterator[forms.ReturnContent]:
    """Give what return copies say, a few units' at a time: only now are their entries read."""
    for some in batches(wrong):
        units = [one.unit for one in some]
        previous = previous_progress(session, opened, units)
        said = {one.file: one.submission for one in session.ledger.files(opened.period, units)}
        for record in some:
            submission = said[record.file]
            if submission is None:
                raise ValueError(record.file.path)
            yield forms.ReturnContent(
                form=form_content(session, opened, record.unit, previous),
                submission=submission,
                findings=(
                    *record.findings,
                    *(one for one in others if one.place.file == record.file.path),
                ),
                cutoff=opened.cutoff,
            )


def _clear(folder: Path, keep: set[Path]) -> None:
    """Take away our own copies of units that need none any more."""
    for path in sorted(folder.glob("*.xlsx")):
        if path not in keep and forms.made_from(path):
            if (holder := workspace.open_elsewhere(path)) is not None:
                raise SurroundingsError("file-open-elsewhere", path=path, lock=holder.name)
            with workspace.failures_explained(path):
                path.unlink(missing_ok=True)
