"""``kepu forms``: opens a period and writes one form a unit."""

from __future__ import annotations

import re
from datetime import datetime, time
from pathlib import Path

import msgspec

from kepu_xls import forms, identity, periods, plan
from kepu_xls.commands.consolidation import calendar_findings
from kepu_xls.commands.results import FormMade, FormsResult, lines
from kepu_xls.commands.session import Session, period_before, unit_names
from kepu_xls.errors import InputError
from kepu_xls.model import Entry, OpenPeriod, Plan, Role
from kepu_xls.periods import Period
from kepu_xls.progress import Track, untracked

_GRACE_DAYS = 5
"""A period opened after its own deadline is due this many working days later."""


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
    broken master or template, an unknown unit.
    """
    wanted = _period_wanted(session, period)
    before = session.ledger.periods().get(str(wanted))
    opened = _opened(session, wanted, before, reissue=reissue)
    template = forms.load_template(session.workspace.form_template, opened.fields, opened.form_fields)
    chosen = unit_names(opened.plan, units) or opened.expected
    if before is None or opened.version != before.version:
        session.ledger.open_period(opened)
    previous = previous_progress(session, opened)
    made = tuple(
        _write(session, opened, template, unit, previous) for unit in track(chosen, "生成填报表", len(chosen))
    )
    return FormsResult(
        period=opened.period,
        version=opened.version,
        deadline=opened.deadline,
        folder=str(session.workspace.forms(opened.period)),
        forms=made,
        reissued=before is not None and before.version == opened.version,
        findings=lines(calendar_findings(opened)),
    )


def _period_wanted(session: Session, named: str | None) -> Period:
    if named is not None:
        return periods.parse(named)
    opened = list(session.ledger.periods())
    if opened:
        return periods.parse(opened[-1])
    return periods.period_of(session.config.period.kind, session.now.date())


def _opened(session: Session, wanted: Period, before: OpenPeriod | None, *, reissue: bool) -> OpenPeriod:
    """Give the period as it is open, as it would be opened, or as it would be opened anew."""
    if not session.workspace.master.is_file():
        raise InputError("master-missing", path=session.workspace.shown(session.workspace.master))
    now_planned = plan.read_master(session.workspace.master, session.config.plan.title).plan
    if not now_planned.tasks:
        raise InputError("master-empty", path=session.workspace.shown(session.workspace.master))
    if before is None:
        return _fresh(session, wanted, now_planned)
    changes = _changes(session, before, now_planned)
    if not changes:
        return before
    if not reissue:
        raise InputError("period-changed", period=before.period, changes="；".join(changes))
    return msgspec.structs.replace(
        before,
        version=before.version + 1,
        opened=session.now,
        plan=now_planned,
        fields=session.config.fields,
        form_fields=session.config.form_fields,
    )


def _fresh(session: Session, wanted: Period, now_planned: Plan) -> OpenPeriod:
    settings = session.config.period
    due = periods.deadline(wanted, settings.deadline_days, settings.deadline_time)
    if due <= session.now:
        due = _extended(session.now, settings.deadline_time)
    return OpenPeriod(
        period=str(wanted),
        version=1,
        opened=session.now,
        deadline=due,
        cutoff=periods.cutoff(due, settings.cutoff_days),
        plan=now_planned,
        fields=session.config.fields,
        form_fields=session.config.form_fields,
    )


def _extended(now: datetime, hour: time) -> datetime:
    """Give a deadline for forms that go out after the period's own: one that has passed helps nobody."""
    return datetime.combine(periods.add_working_days(now.date(), _GRACE_DAYS), hour)


_SHOWN_CHANGES = 5


def _changes(session: Session, before: OpenPeriod, now_planned: Plan) -> tuple[str, ...]:
    """Say what changed since the period was opened, contacts and mail addresses apart."""
    changed = [
        f"{one.subject}{one.name} {one.field}".strip()
        for one in plan.compare(_without_contacts(before.plan), _without_contacts(now_planned))
    ]
    asked = {field.key: field for field in (*before.fields, *before.form_fields)}
    asks = {field.key: field for field in (*session.config.fields, *session.config.form_fields)}
    changed += [
        f"栏目{(asks.get(key) or asked[key]).label}"
        for key in dict.fromkeys((*asked, *asks))
        if asked.get(key) != asks.get(key)
    ]
    if not changed and (list(asked) != list(asks)):
        changed.append("栏目次序")
    more = len(changed) - _SHOWN_CHANGES
    return (*changed[:_SHOWN_CHANGES], *((f"等共 {len(changed)} 处",) if more > 0 else ()))


def _without_contacts(one: Plan) -> Plan:
    units = tuple(msgspec.structs.replace(unit, contact="", phone="", emails=()) for unit in one.units)
    return msgspec.structs.replace(one, units=units)


def previous_progress(session: Session, opened: OpenPeriod) -> dict[tuple[str, str], str]:
    """Say each unit's last accepted progress on each of its tasks, by unit and task."""
    before = period_before(session, opened)
    entries = session.ledger.accepted(before.period) if before else ()
    return {(entry.unit, entry.task): _said(entry) for entry in entries}


def _said(entry: Entry) -> str:
    """Put an entry's state and progress into a few words: ``推进中，65%。开展……``."""
    percent = entry.value("percent")
    facts = [str(entry.value("status") or ""), "" if percent is None else f"{percent:g}%"]
    head = "，".join(fact for fact in facts if fact)
    return "。".join(part for part in (head, str(entry.value("progress") or "")) if part)


_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
"""Characters that Windows does not take in file names."""


def _write(
    session: Session,
    opened: OpenPeriod,
    template: forms.Template,
    unit: str,
    previous: dict[tuple[str, str], str],
) -> FormMade:
    content = form_content(session, opened, unit, previous)
    path = _path(session, opened, unit)
    forms.write_form(template, content, path)
    lead = content.count(Role.LEAD)
    return FormMade(unit, str(path), lead, len(content.duties) - lead, len(content.indicators))


def form_content(
    session: Session, opened: OpenPeriod, unit: str, previous: dict[tuple[str, str], str]
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
        previous={task: said for (name, task), said in previous.items() if name == unit},
        fields=opened.fields,
        form_fields=opened.form_fields,
        indicators=opened.plan.indicators_of(unit),
        first_day=period.first_day,
    )


def _path(session: Session, opened: OpenPeriod, unit: str) -> Path:
    name = session.config.forms.file_name.format(unit=unit, period=opened.period)
    return session.workspace.forms(opened.period) / file_name(name)


def file_name(name: str) -> str:
    """Make a file's name one that Windows takes, too."""
    return _FORBIDDEN.sub("_", name)
