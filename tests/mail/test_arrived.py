"""A letter of which nobody knew did arrive, says the clerk: then it counts as sent, and nothing is sent."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from driving import Run, kepu
from mail_rig.smtp import SmtpServer, Stage
from mail_rig.troubles import CUT
from sending import DEADLINE, JIAOYU, KEXIE, PERIOD, TUAN, Office, codes, fates, line, received

from kepu_xls.commands.arrived import arrived
from kepu_xls.commands.mail_results import Fate, MailResult
from kepu_xls.commands.status import status
from kepu_xls.errors import InputError
from kepu_xls.ledger import LetterState
from kepu_xls.mail import passwords
from kepu_xls.mail.letter import LetterKind


@pytest.fixture
def office(laid_out: Path, tmp_path: Path, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setenv(passwords.VARIABLE, smtp.password)
    shutil.copytree(laid_out, tmp_path / "w")
    return Office(tmp_path / "w", smtp)


@pytest.fixture
def doubtful(office: Office, smtp: SmtpServer) -> Office:
    """The first letter, to 区科协, got no answer; the others went."""
    smtp.trouble(Stage.BODY, CUT)
    assert fates(office.send()) == {KEXIE: Fate.UNKNOWN, JIAOYU: Fate.SENT, TUAN: Fate.SENT}
    return office


def say(office: Office, *units: str, kind: LetterKind = LetterKind.FORM, dry_run: bool = False) -> MailResult:
    with office.session(writing=not dry_run) as session:
        return arrived(session, PERIOD, kind, units, dry_run=dry_run)


def in_doubt(office: Office) -> list[str]:
    with office.session(writing=False) as session:
        return [one.unit for one in status(session, PERIOD).findings if one.code == "mail-unknown"]


def test_a_letter_that_arrived_after_all_counts_as_sent_and_is_not_sent_again(
    doubtful: Office, smtp: SmtpServer
) -> None:
    before = received(smtp)
    result = say(doubtful, KEXIE)
    assert (result.exit_code, fates(result)) == (0, {KEXIE: Fate.CONFIRMED})
    assert line(result, KEXIE).to == ("kexie@example.com",)
    again = doubtful.send()
    assert (again.exit_code, set(fates(again).values())) == (0, {Fate.SENT_BEFORE})
    assert "收到" in line(again, KEXIE).answer
    assert received(smtp) == before


def test_a_dry_run_says_what_would_be_kept_and_keeps_nothing(doubtful: Office) -> None:
    result = say(doubtful, KEXIE, dry_run=True)
    assert (result.dry_run, fates(result)) == (True, {KEXIE: Fate.CONFIRMED})
    assert doubtful.send(dry_run=True).letters[0].fate is Fate.UNKNOWN


def test_status_tells_of_a_letter_in_doubt_until_the_clerk_knows(doubtful: Office) -> None:
    assert in_doubt(doubtful) == [KEXIE]
    say(doubtful, KEXIE)
    assert in_doubt(doubtful) == []


def test_status_tells_no_more_of_a_letter_that_was_sent_again(doubtful: Office) -> None:
    doubtful.send(again=(KEXIE,))
    assert in_doubt(doubtful) == []


def test_said_twice_it_is_well(doubtful: Office) -> None:
    say(doubtful, KEXIE)
    result = say(doubtful, KEXIE, JIAOYU)
    assert (result.exit_code, fates(result)) == (0, {KEXIE: Fate.SENT_BEFORE, JIAOYU: Fate.SENT_BEFORE})


def test_what_was_never_sent_cannot_have_arrived(office: Office) -> None:
    result = say(office, KEXIE)
    assert (result.exit_code, fates(result), codes(result)) == (
        1,
        {KEXIE: Fate.HELD},
        ["mail-nothing-doubtful"],
    )
    assert office.rows() == ()


def test_a_letter_that_a_kill_cut_short_may_have_arrived_too(doubtful: Office) -> None:
    with doubtful.session() as session:
        session.ledger.settle_letter(1, LetterState.BEGUN, doubtful.now, "")
    assert fates(say(doubtful, KEXIE)) == {KEXIE: Fate.CONFIRMED}
    assert {one.state for one in doubtful.rows()} == {LetterState.SENT}


def test_a_reminder_in_doubt_is_another_letter_than_the_form(office: Office, smtp: SmtpServer) -> None:
    office.send()
    office.now = DEADLINE - timedelta(hours=2)
    smtp.trouble(Stage.BODY, CUT)
    assert fates(office.remind())[KEXIE] is Fate.UNKNOWN
    assert fates(say(office, KEXIE)) == {KEXIE: Fate.SENT_BEFORE}
    assert in_doubt(office) == [KEXIE]
    assert fates(say(office, KEXIE, kind=LetterKind.REMIND)) == {KEXIE: Fate.CONFIRMED}
    assert fates(office.remind())[KEXIE] is Fate.SENT_BEFORE
    assert in_doubt(office) == []


def test_an_unknown_unit_is_refused(office: Office) -> None:
    with pytest.raises(InputError) as failure:
        say(office, "区气象局")
    assert failure.value.finding.code == "unit-unknown"


def run(office: Office, *arguments: str) -> Run:
    return kepu("-C", str(office.root), *arguments)


@pytest.mark.parametrize("verb", ["send", "remind"])
def test_the_command_line_keeps_it_and_says_what_to_run_on_doubt(doubtful: Office, verb: str) -> None:
    told = run(doubtful, "status")
    assert f"kepu send --period {PERIOD} --arrived {KEXIE}" in told.out
    assert "记为已发" in run(doubtful, "send", "--arrived", KEXIE, "--dry-run").out
    kept = run(doubtful, verb, "--arrived", KEXIE, "--json")
    expected = (0, "confirmed") if verb == "send" else (1, "held")
    assert (kept.code, kept.json["letters"][0]["fate"]) == expected


@pytest.mark.parametrize("other", [("--unit", JIAOYU), ("--again", JIAOYU), ("--drafts",)])
def test_it_stands_alone(doubtful: Office, other: tuple[str, ...]) -> None:
    refused = run(doubtful, "send", "--arrived", KEXIE, *other)
    assert refused.code == 2
    assert "--arrived" in refused.err
    assert doubtful.send(dry_run=True).letters[0].fate is Fate.UNKNOWN
