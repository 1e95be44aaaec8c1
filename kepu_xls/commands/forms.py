"""``kepu forms``: one form a unit, for a period that this opens."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from pathlib import Path

from kepu_xls import forms, identity, periods
from kepu_xls.commands.consolidation import calendar_findings, past
from kepu_xls.commands.results import FormMade, FormsResult, lines
from kepu_xls.commands.session import Session, unit_names
from kepu_xls.digits import in_digits
from kepu_xls.errors import InputError
from kepu_xls.model import Entry, OpenPeriod, Role
from kepu_xls.progress import Track, untracked
from kepu_xls.workspace import failures_explained

_TOGETHER = 20
"""So many forms are held in memory and forced to the disk together."""


def issue(
    session: Session,
    period: str | None = None,
    units: tuple[str, ...] = (),
    *,
    reissue: bool = False,
    track: Track = untracked,
) -> FormsResult:
    """Open a period (the open one, else the current one, where none is named) and write its forms.

    ``units``: only theirs.  A period that is open already gets the same forms again; where plan or fields
    have changed since, that needs ``reissue``, which freezes them anew.  Raises InputError for that, a
    faulty master, a broken template, an unknown unit or one without tasks; then nothing is opened.
    """
    from kepu_xls.commands.opening import opening  # noqa: PLC0415 - reads the master; return copies do not

    found = opening(session, period, reissue=reissue)
    opened = found.opened
    template = forms.load_template(session.workspace.form_template, opened.fields, opened.form_fields)
    chosen = _chosen(opened, units)
    paths = form_paths(session, opened)
    if found.fresh:
        session.ledger.open_period(opened)
    if found.before is not None and not found.again:
        _withdraw(session, found.before, set(paths.values()))
    previous = previous_progress(session, opened)
    press = forms.Press(template, session.workspace.moulds)
    units_left = track(chosen, "生成填报表", len(chosen))
    made = list[FormMade]()
    while batch := tuple(islice(units_left, _TOGETHER)):
        contents = {paths[unit]: form_content(session, opened, unit, previous) for unit in batch}
        press.write(contents)
        press.expect_returns(contents.values())
        made += [_made(content, path) for path, content in contents.items()]
    return FormsResult(
        period=opened.period,
        version=opened.version,
        deadline=opened.deadline,
        folder=str(session.workspace.forms(opened.period)),
        forms=tuple(made),
        reissued=found.again,
        findings=lines((*found.findings, *template.findings, *calendar_findings(opened))),
    )


def _chosen(opened: OpenPeriod, named: tuple[str, ...]) -> tuple[str, ...]:
    """Give the units named, each once, else all that are expected."""
    names, expected = tuple(dict.fromkeys(unit_names(opened.plan, named))), opened.expected
    for name in names:
        if name not in expected:
            raise InputError("unit-without-tasks", name=name)
    return names or expected


def previous_progress(
    session: Session, opened: OpenPeriod, units: Sequence[str] | None = None
) -> dict[str, dict[str, str]]:
    """Say the last accepted progress of some units, or of all, on each of their tasks: by unit, by task."""
    said: dict[str, dict[str, str]] = {}
    for entry in past(session, opened, units).entries:
        said.setdefault(entry.unit, {})[entry.task] = _said(entry)
    return said


def _said(entry: Entry) -> str:
    """Put an entry's state and progress into a few words: ``推进中，65%。开展……``."""
    percent = entry.value("percent")
    facts = [
        str(entry.value("status") or ""),
        f"{in_digits(percent)}%" if isinstance(percent, int | float) else "",
    ]
    head = "，".join(fact for fact in facts if fact)
    return "。".join(part for part in (head, str(entry.value("progress") or "")) if part)


_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
"""Characters that Windows does not take in file names."""
_LONGEST = 60
"""So many characters of a name are kept: 255 bytes is what file systems take, and one may be four bytes."""


def own_paths(folder: Path, pattern: str, units: Iterable[str], period: str) -> dict[str, Path]:
    """Give each unit a workbook of its own in a folder, under a name that Windows takes and not too long.

    ``pattern``: the name, with ``{unit}`` and ``{period}``.  Where the names of two units become one, the
    later one gets a number.
    """
    taken = set[str]()
    paths: dict[str, Path] = {}
    for unit in units:
        name = pattern.format(unit=unit, period=period).removesuffix(".xlsx")
        stem = free = _FORBIDDEN.sub("_", name)[:_LONGEST].rstrip(" .")
        number = 1
        while free.casefold() in taken:
            number += 1
            free = f"{stem}_{number}"
        taken.add(free.casefold())
        paths[unit] = folder / f"{free}.xlsx"
    return paths


def form_paths(session: Session, opened: OpenPeriod) -> dict[str, Path]:
    """Say where the form of every expected unit lies."""
    folder, pattern = session.workspace.forms(opened.period), session.config.forms.file_name
    return own_paths(folder, pattern, opened.expected, opened.period)


def _withdraw(session: Session, before: OpenPeriod, now_made: Collection[Path]) -> None:
    """Remove forms of an earlier issue that nobody is to fill any more."""
    for path in form_paths(session, before).values():
        if path not in now_made:
            with failures_explained(path):
                path.unlink(missing_ok=True)


def _made(content: forms.FormContent, path: Path) -> FormMade:
    lead = content.count(Role.LEAD)
    return FormMade(
        content.identity.unit, str(path), lead, len(content.duties) - lead, len(content.indicators)
    )


def form_content(
    session: Session, opened: OpenPeriod, unit: str, previous: dict[str, dict[str, str]]
) -> forms.FormContent:
    """Give what a unit's form of that period says; ``previous`` as ``previous_progress`` gives it."""
    who = identity.Identity(unit, opened.period, opened.version)
    period = periods.parse(opened.period)
    return forms.FormContent(
        identity=who,
        signature=identity.sign(session.ledger.secret, who),
        plan_title=opened.plan.title,
        period_label=period.label,
        deadline=opened.deadline,
        organiser=session.config.forms.organiser,
        duties=opened.plan.duties_of(unit),
        previous=previous.get(unit, {}),
        fields=opened.fields,
        form_fields=opened.form_fields,
        indicators=opened.plan.indicators_of(unit),
        first_day=period.first_day,
    )
