"""``kepu plan …`` and ``kepu init``: the plan document, the master, and a new workspace."""

from __future__ import annotations

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
from kepu_xls.model import Plan
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

    Where there is a master already, the clerk's own work in it stays, and ``agree`` is asked about the
    changes first.  Raises InputError where the document, or the master that is there, cannot be understood.
    """
    reading = plan.read_document(document, session.config.plan.title)
    master = session.workspace.master
    new = reading.plan
    changes: tuple[ChangeLine, ...] = ()
    if master.exists():
        old = plan.read_master(master, session.config.plan.title).plan
        new = plan.update(old, reading.plan)
        changes = tuple(
            ChangeLine(one.kind, one.subject, one.name, one.field, one.before, one.after)
            for one in plan.compare(old, new)
        )
    written = not master.exists() or (bool(changes) and agree(changes))
    if written:
        plan.write_master(new, master)
    return ImportResult(
        source=str(document),
        master=str(master),
        counts=counts(new),
        changes=changes,
        findings=lines(reading.findings),
        written=written,
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
