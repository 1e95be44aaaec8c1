"""``kepu send``: each unit gets its form of the period, as it lies in the outbox."""

from __future__ import annotations

from pathlib import Path

import msgspec

from kepu_xls import forms, messages, workspace
from kepu_xls.commands.chase import moment
from kepu_xls.commands.forms import form_paths
from kepu_xls.commands.letters import Prepared, Writer
from kepu_xls.commands.mail_results import Fate, MailResult
from kepu_xls.commands.mailing import Around, Manner, post
from kepu_xls.commands.results import lines
from kepu_xls.commands.session import Session, period_meant, unit_names
from kepu_xls.errors import InputError
from kepu_xls.identity import Identity
from kepu_xls.mail.letter import Attachment, LetterKind
from kepu_xls.mail.wording import Wording, load
from kepu_xls.model import Finding, OpenPeriod

_STAYED = (Fate.HELD, Fate.SENT_BEFORE)


def send(
    session: Session,
    period: str | None,
    units: tuple[str, ...],
    manner: Manner,
    around: Around,
) -> MailResult:
    """Mail the forms of a period, or write them as drafts.

    ``units``: only to them; those of ``manner.again`` are among them.  A form that is another's, or of an
    earlier issue, is not sent; after the cut-off the result warns.  Raises InputError for a period that is
    not open or has no forms, for a broken template of letters and for an unknown unit.
    """
    opened = period_meant(session, period)
    chosen, manner = addressed(opened, units, manner)
    template = load(session.workspace.mail_templates, Wording.FORMS)
    paths = form_paths(session, opened)
    if not any(paths[unit].is_file() for unit in chosen):
        folder = session.workspace.shown(session.workspace.forms(opened.period))
        raise InputError("mail-no-forms", period=opened.period, folder=folder)
    writer = Writer(session, opened)
    prepared = []
    for unit in chosen:
        found = attachment(session, opened, unit, paths[unit])
        if isinstance(found, Finding):
            prepared.append(Prepared(unit, None, (found,)))
        else:
            prepared.append(writer.write(unit, LetterKind.FORM, template, (found,), {}))
    result = post(session, opened, LetterKind.FORM, tuple(prepared), manner, around)
    if session.now <= opened.cutoff or all(one.fate in _STAYED for one in result.letters):
        return result
    late = messages.finding("mail-after-cutoff", period=opened.period, cutoff=moment(opened.cutoff))
    return msgspec.structs.replace(result, findings=(*lines([late]), *result.findings))


def addressed(opened: OpenPeriod, units: tuple[str, ...], manner: Manner) -> tuple[tuple[str, ...], Manner]:
    """Give the units that are meant, in the plan's order, and the manner with the plan's names for them.

    Raises InputError for an unknown unit and one without tasks.
    """
    again = unit_names(opened.plan, manner.again)
    named = {*unit_names(opened.plan, units), *again}
    expected = opened.expected
    for name in named:
        if name not in expected:
            raise InputError("unit-without-tasks", name=name)
    chosen = tuple(one for one in expected if not named or one in named)
    return chosen, Manner(dry_run=manner.dry_run, drafts=manner.drafts, again=again, part=bool(named))


def attachment(session: Session, opened: OpenPeriod, unit: str, path: Path) -> Attachment | Finding:
    """Take a workbook for a unit, once it has said that it is that unit's own of this issue."""
    wanted = Identity(unit, opened.period, opened.version)
    if not path.is_file():
        return _withheld("mail-form-missing", wanted, path)
    if workspace.open_elsewhere(path) is not None:
        return _withheld("mail-form-open", wanted, path)
    with workspace.failures_explained(path):
        data = path.read_bytes()
    try:
        said = forms.claimed(data, session.ledger.secret)
    except ValueError:
        return _withheld("mail-form-unreadable", wanted, path)
    if said != wanted:
        found = f"{said.unit} {said.period} 第 {said.version} 次发放" if said else "不明"
        return _withheld("mail-form-of-other", wanted, path, found)
    return Attachment(path.name, data)


def _withheld(code: str, wanted: Identity, path: Path, found: str = "") -> Finding:
    """Say why a workbook does not go out."""
    return messages.finding(
        code, unit=wanted.unit, period=wanted.period, version=wanted.version, name=path.name, found=found
    )
