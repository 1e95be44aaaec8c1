"""``kepu plan …`` and ``kepu init``: the plan document, the master, and a new workspace."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from kepu_xls import config, plan, workspace
from kepu_xls.commands.results import (
    ChangeLine,
    CheckResult,
    ImportResult,
    InitResult,
    PlanCounts,
    ShowResult,
    lines,
)
from kepu_xls.commands.session import Session, opened
from kepu_xls.errors import InputError
from kepu_xls.model import Finding, Plan
from kepu_xls.workspace import Workspace

Agree = Callable[[tuple[ChangeLine, ...]], bool]
"""Asks whether changes to a master that exists may be made."""


def init(folder: Path, document: Path | None, now: datetime) -> InitResult:
    """Lay out a workspace, its master from ``document`` or else from the plan shipped; overwrites nothing.

    Raises InputError where the document has no plan in it (then nothing is laid out), SurroundingsError
    where the folder cannot be written.
    """
    if document is not None:
        plan.read_document(document, config.load(workspace.shipped() / workspace.CONFIG_NAME).plan.title)
    made = workspace.lay_out(folder)
    target = Workspace(folder.resolve())
    imported = None
    if not target.master.exists():
        with opened(target, now, writing=True) as session:
            imported = import_plan(session, document or target.templates / "plan.txt", lambda _: True)
    return InitResult(str(target.root), made, imported)


def import_plan(session: Session, document: Path, agree: Agree) -> ImportResult:
    """Turn a plan document into the master.

    Where there is a master already, only what changes in it is touched, ``agree`` is asked about that first,
    and the master as it was is kept in the archive; so is one that cannot be opened, before a new one takes
    its place.  Raises InputError where the document, or what is in the master, cannot be understood.
    """
    reading = plan.read_document(document, session.config.plan.title)
    if not session.workspace.master.exists():
        plan.write_master(reading.plan, session.workspace.master)
        return _imported(session, document, reading.plan, reading.findings, written=True)
    try:
        master = plan.read_master(session.workspace.master, session.config.plan.title)
    except InputError as error:
        if error.finding.code != "master-broken":
            raise
        return _replace_broken(session, document, reading, agree)
    return _update(session, document, reading, master, agree)


def _update(
    session: Session, document: Path, reading: plan.PlanReading, master: plan.Master, agree: Agree
) -> ImportResult:
    """Bring a master up to date."""
    opened_periods = session.ledger.periods().values()
    taken = {task.number for period in opened_periods for task in period.plan.tasks}
    updated = plan.update(master.plan, reading, taken)
    found = updated.findings
    changes = tuple(
        ChangeLine(one.kind.value, one.kind.label, one.subject, one.name, one.field, one.before, one.after)
        for one in plan.compare(master.plan, updated.plan)
    )
    if not changes or not agree(changes):
        return _imported(session, document, updated.plan, found, changes, written=False)
    kept = _keep(session.workspace)
    found += plan.rewrite_master(session.workspace.master, master, updated)
    return _imported(session, document, updated.plan, found, changes, written=True, kept=kept)


def _replace_broken(
    session: Session, document: Path, reading: plan.PlanReading, agree: Agree
) -> ImportResult:
    """Put a new master in the place of one that cannot be opened, which is kept."""
    home = session.workspace
    aside = home.shown(home.kept_master(_sha256(home)))
    kind = plan.ChangeKind.CHANGED
    change = ChangeLine(
        kind.value, kind.label, "任务总表", home.master.name, "", "打不开", f"重新建立，原来的留在 {aside}"
    )
    if not agree((change,)):
        return _imported(session, document, reading.plan, reading.findings, (change,), written=False)
    kept = _keep(home)
    plan.write_master(reading.plan, home.master)
    return _imported(session, document, reading.plan, reading.findings, (change,), written=True, kept=kept)


def _sha256(home: Workspace) -> str:
    return hashlib.sha256(home.master.read_bytes()).hexdigest()


def _keep(home: Workspace) -> str:
    """Keep the master as it is in the archive; gives where, as people read it."""
    path = home.kept_master(_sha256(home))
    workspace.write_bytes(path, home.master.read_bytes())
    return home.shown(path)


def _imported(
    session: Session,
    document: Path,
    new: Plan,
    found: tuple[Finding, ...],
    changes: tuple[ChangeLine, ...] = (),
    *,
    written: bool,
    kept: str = "",
) -> ImportResult:
    return ImportResult(
        source=str(document),
        master=str(session.workspace.master),
        counts=counts(new),
        changes=changes,
        findings=lines(found),
        written=written,
        kept=kept,
    )


def check(session: Session) -> CheckResult:
    """Find what is wrong in the master.  Raises InputError where it cannot be read at all."""
    master = _read(session)
    found = plan.check(master, session.now.date())
    return CheckResult(str(session.workspace.master), counts(master.plan), lines(found))


def show(session: Session) -> ShowResult:
    """Give the plan of the master.  Raises InputError where it cannot be read."""
    one = _read(session).plan
    return ShowResult(one, counts(one))


def _read(session: Session) -> plan.Master:
    path = session.workspace.master
    if not path.is_file():
        raise InputError("master-missing", path=session.workspace.shown(path))
    return plan.read_master(path, session.config.plan.title)


def counts(one: Plan) -> PlanCounts:
    """Count what is in a plan, links as they are written: a unit on both sides of a task has two."""
    return PlanCounts(
        parts=len({task.part for task in one.tasks}),
        projects=len({(task.part, task.project) for task in one.tasks}),
        tasks=len(one.tasks),
        units=len(one.units),
        lead_links=sum(len(task.leads) for task in one.tasks),
        participant_links=sum(len(task.participants) for task in one.tasks),
        indicators=len(one.indicators),
    )
