"""``kepu demo``: two weeks of the real plan in a fresh folder, with filled forms that it makes itself."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path

from kepu_xls import demo as theatre
from kepu_xls import periods
from kepu_xls.commands import forms, plan
from kepu_xls.commands.merge import merge
from kepu_xls.commands.results import DemoResult, MergeResult
from kepu_xls.commands.session import opened, period_meant
from kepu_xls.errors import InputError
from kepu_xls.periods import Period
from kepu_xls.progress import Track, untracked
from kepu_xls.workspace import Workspace

SHOWN = periods.parse("2019-W12")
"""The week that the demo shows; the week before it gives it a past."""


def demo(directory: Path | None, *, track: Track = untracked, say: Callable[[str], None]) -> DemoResult:
    """Go the whole way: lay out, import, forms, filled forms, merge; twice, so that there is a last week.

    ``directory`` must be new or empty; without one, a new folder among the temporary ones is taken.  Raises
    InputError where it is not empty.
    """
    folder = directory or Path(tempfile.mkdtemp(prefix="kepu-demo-"))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError("demo-folder-used", folder=folder)
    started = datetime.combine(SHOWN.previous().first_day, time(9))
    imported = plan.init(folder, None, started).imported
    if imported is not None:
        counts = imported.counts
        say(f"导入任务分解表：{counts.tasks} 项任务，{counts.units} 个单位，修补 {len(imported.findings)} 处")
    workspace = Workspace(folder.resolve())
    _week(workspace, SHOWN.previous(), theatre.CALM, track, say)
    result = _week(workspace, SHOWN, theatre.EVENTFUL, track, say)
    return DemoResult(str(workspace.root), result)


def _week(
    workspace: Workspace, period: Period, story: theatre.Story, track: Track, say: Callable[[str], None]
) -> MergeResult:
    """One week: forms on Monday morning, the units fill them, the clerk merges the Monday after."""
    monday = datetime.combine(period.first_day, time(9))
    with opened(workspace, monday, writing=True) as session:
        issued = forms.issue(session, str(period), track=track)
        say(f"{period.label}：生成 {len(issued.forms)} 份填报表")
        folder = workspace.forms(str(period))
        asked = period_meant(session, str(period))
        played = theatre.fill_forms(folder, workspace.inbox / str(period), asked, story)
        say(f"{period.label}：各单位交来 {len(played.files)} 个文件")
    with opened(workspace, monday + timedelta(days=7), writing=True) as session:
        return merge(session, str(period), track=track)
