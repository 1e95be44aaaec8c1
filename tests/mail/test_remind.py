"""`kepu remind`: who has still to act is reminded, on the days configured, once a day."""

from __future__ import annotations

import shutil
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from builders import at
from hypothesis import given, settings
from hypothesis import strategies as st
from mail_rig.smtp import SmtpServer, Stage
from mail_rig.troubles import CUT
from sending import DEADLINE, JIAOYU, KEXIE, PERIOD, TUAN, Office, codes, fates, lay_out, line
from small_workspace import GOOD, fill

from kepu_xls import forms, periods
from kepu_xls.commands.mail_results import Fate
from kepu_xls.commands.merge import merge
from kepu_xls.commands.remind import reminding_days

THURSDAY, FRIDAY = at("2019-03-21 09:00"), at("2019-03-22 09:00")
AFTER, LATER = at("2019-03-25 09:00"), at("2019-03-27 09:00")


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """团区委 has reported well, 区教育局 with an error, 区科协 not at all."""
    root = tmp_path_factory.mktemp("laid") / "w"
    lay_out(root)
    office = Office(root)
    office.workspace.inbox.mkdir()
    for unit, answers in ((TUAN, {}), (JIAOYU, {"percent": "很多"})):
        target = office.workspace.inbox / f"{unit}.xlsx"
        fill(office.form(unit), target, {**GOOD, **answers})
        stamp(target, at("2019-03-20 10:00"))
    office.now = at("2019-03-20 11:00")
    with office.session() as session:
        merge(session, PERIOD)
    return root


def stamp(path: Path, when: datetime) -> None:
    import os  # noqa: PLC0415 - here only

    os.utime(path, (when.timestamp(), when.timestamp()))


@pytest.fixture
def office(laid_out: Path, tmp_path: Path, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setenv("KEPU_MAIL_PASSWORD", smtp.password)
    shutil.copytree(laid_out, tmp_path / "w")
    return Office(tmp_path / "w", smtp, now=THURSDAY)


def test_who_has_not_reported_and_who_has_to_mend_is_reminded_and_nobody_else(office: Office) -> None:
    result = office.remind()
    assert fates(result) == {JIAOYU: Fate.SENT, KEXIE: Fate.SENT}
    by_to = {taken.recipients[0]: taken.message for taken in office.server.taken}
    missing = by_to["kexie@example.com"]
    assert missing["Subject"].startswith("提醒：")
    text = missing.get_body(("plain",)).get_content()
    assert "3项任务还没有填报" in text.replace(" ", "")
    assert "3月22日（星期五）17:00" in text
    assert not list(missing.iter_attachments())
    mend = by_to["jiaoyu@example.com"]
    assert "请修改" in mend["Subject"]
    (copy,) = mend.iter_attachments()
    path = office.workspace.returns(PERIOD) / f"{JIAOYU}_{PERIOD}_请修改.xlsx"
    assert copy.get_filename() == path.name
    assert copy.get_content() == path.read_bytes()
    said = mend.get_body(("plain",)).get_content()
    assert "“完成率(%)”填的“很多”不是数字" in said
    assert "有2处需要修改" in said


def test_after_the_deadline_the_letter_says_how_late_it_is(office: Office) -> None:
    office.now = LATER
    assert fates(office.remind())[KEXIE] is Fate.SENT
    message = next(one.message for one in office.server.taken if one.recipients[0].startswith("kexie"))
    assert message["Subject"].startswith("催报：")
    assert "已超过3个工作日" in message.get_body(("plain",)).get_content()


def test_nobody_is_reminded_twice_on_one_day_and_again_on_the_next_one_configured(office: Office) -> None:
    office.remind()
    office.now = at("2019-03-21 16:00")
    assert set(fates(office.remind()).values()) == {Fate.SENT_BEFORE}
    assert len(office.server.taken) == 2
    assert fates(office.remind(again=(KEXIE,))) == {KEXIE: Fate.SENT}
    office.now = FRIDAY
    assert set(fates(office.remind()).values()) == {Fate.SENT}
    ids = [one.message["Message-ID"] for one in office.server.taken]
    assert len(set(ids)) == len(ids) == 5


def test_a_reminder_of_which_nobody_knows_is_not_sent_again_that_day(office: Office) -> None:
    office.server.trouble(Stage.TAKEN, CUT)
    first = office.remind(KEXIE)
    assert fates(first) == {KEXIE: Fate.UNKNOWN}
    assert f"kepu remind --period {PERIOD} --again {KEXIE}" in first.findings[0].remedy
    assert fates(office.remind(KEXIE)) == {KEXIE: Fate.UNKNOWN}
    assert len(office.server.taken) == 1
    office.now = FRIDAY
    assert fates(office.remind(KEXIE)) == {KEXIE: Fate.SENT}


def test_a_sent_form_is_no_reminder(office: Office) -> None:
    office.send(KEXIE)
    assert fates(office.remind(KEXIE)) == {KEXIE: Fate.SENT}


@pytest.mark.parametrize(
    ("now", "code", "said"),
    [
        (at("2019-03-18 09:00"), "remind-not-today", "2019-03-21"),
        (at("2019-03-23 09:00"), "remind-not-today", "2019-03-25"),
        (at("2019-03-26 09:00"), "remind-not-today", "2019-03-27"),
        (at("2019-03-28 09:00"), "remind-no-more-days", "没有要催的日子"),
        (at("2019-03-29 17:01"), "remind-closed", "停止收取"),
    ],
)
def test_on_another_day_nobody_is_and_it_says_when(
    office: Office, now: datetime, code: str, said: str
) -> None:
    office.now = now
    result = office.remind()
    assert codes(result) == [code]
    assert said in result.findings[0].message
    assert result.letters == ()
    assert result.exit_code == 0
    assert office.server.connections == 0


def test_where_all_have_reported_nobody_is_reminded(office: Office) -> None:
    for unit in (KEXIE, JIAOYU):
        target = office.workspace.inbox / f"{unit}再报.xlsx"
        fill(office.form(unit), target, dict(GOOD))
        stamp(target, at("2019-03-20 15:00"))
    with office.session() as session:
        merge(session, PERIOD)
    assert codes(office.remind()) == ["remind-nobody"]


def test_a_file_that_was_refused_is_told_why_without_a_return_copy(office: Office) -> None:
    target = office.workspace.inbox / f"{KEXIE}.xlsx"
    fill(office.form(KEXIE), target, {})
    stamp(target, at("2019-03-20 15:00"))
    with office.session() as session:
        merge(session, PERIOD)
    assert fates(office.remind(KEXIE)) == {KEXIE: Fate.SENT}
    message = office.server.taken[0].message
    assert "填报表是空的" in message.get_body(("plain",)).get_content()
    assert "附件“" not in message.get_body(("plain",)).get_content()
    assert not list(message.iter_attachments())


def test_a_return_copy_that_is_missing_or_anothers_costs_that_reminder(office: Office) -> None:
    path = office.workspace.returns(PERIOD) / f"{JIAOYU}_{PERIOD}_请修改.xlsx"
    path.unlink()
    result = office.remind()
    assert fates(result) == {JIAOYU: Fate.HELD, KEXIE: Fate.SENT}
    assert codes(result) == ["mail-return-missing"]
    assert "kepu merge" in result.findings[0].remedy
    shutil.copyfile(office.form(TUAN), path)
    assert codes(office.remind()) == ["mail-form-of-other"]


def test_drafts_of_reminders_lie_beside_those_of_forms(office: Office) -> None:
    office.send(drafts=True)
    result = office.remind(drafts=True)
    assert fates(result) == {JIAOYU: Fate.DRAFT, KEXIE: Fate.DRAFT}
    folder = office.workspace.drafts(PERIOD)
    message = message_from_bytes((folder / f"{KEXIE}_催报.eml").read_bytes(), policy=default)
    assert message["X-Unsent"] == "1"
    assert (folder / f"{KEXIE}_催报.txt").exists()
    assert (folder / f"{KEXIE}.eml").exists()
    assert office.rows() == ()


def test_a_dry_run_shows_who_would_be_reminded_and_touches_nothing(office: Office) -> None:
    before = office.workspace.ledger.read_bytes()
    result = office.remind(dry_run=True)
    assert fates(result) == {JIAOYU: Fate.PLANNED, KEXIE: Fate.PLANNED}
    assert line(result, JIAOYU).attachments == (f"{JIAOYU}_{PERIOD}_请修改.xlsx",)
    assert office.server.connections == 0
    assert office.workspace.ledger.read_bytes() == before


def test_a_return_copy_says_of_which_unit_it_is(office: Office) -> None:
    path = office.workspace.returns(PERIOD) / f"{JIAOYU}_{PERIOD}_请修改.xlsx"
    with office.session(writing=False) as session:
        said = forms.claimed(path.read_bytes(), session.ledger.secret)
    assert said is not None
    assert (said.unit, said.period, said.version) == (JIAOYU, PERIOD, 1)


@settings(deadline=None)
@given(st.lists(st.integers(-30, 30), max_size=6))
def test_days_of_reminding_are_working_days_in_order_and_none_after_the_cut_off(days: list[int]) -> None:
    from builders import open_period  # noqa: PLC0415 - here only

    opened = open_period()
    found = reminding_days(opened, days)
    assert list(found) == sorted(set(found))
    assert all(periods.is_working_day(day) and day <= opened.cutoff.date() for day in found)
    assert (DEADLINE.date() in found) == (0 in days)
