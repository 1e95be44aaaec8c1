"""`kepu fetch` from a real Dovecot: what is taken, as what, and that the mailbox stays as it was."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from driving import ROOT, kepu
from mail_rig.dovecot import PASSWORD, Dovecot
from mail_rig.mailbox import Mailbox
from mail_rig.troubles import HANG
from mail_rig.wire import wire
from mailed import THEN, XLSX, Clerk, arrive, configure, mail

from kepu_xls.mail import passwords


@pytest.fixture
def clerk(tmp_path: Path, imap_server: Dovecot, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Clerk:
    monkeypatch.setenv(passwords.VARIABLE, PASSWORD)
    return Clerk(tmp_path, imap_server, mailbox)


def test_a_form_lies_in_the_inbox_with_the_time_of_its_mail(clerk: Clerk) -> None:
    arrive(clerk.mailbox, mail(("进展填报表.xlsx", XLSX)))
    before = clerk.mailbox.stored()
    result = clerk.fetch()
    path = "邮件/2019-03-21 1015 区科协/进展填报表.xlsx"
    assert clerk.inbox() == {path: XLSX}
    assert (clerk.workspace.inbox / path).stat().st_mtime == THEN.timestamp()
    (file,) = result.files
    assert (file.path, file.units, file.sender, file.subject) == (
        path,
        ("区科协",),
        "kexie@example.com",
        "第12周进展",
    )
    assert (result.seen, result.findings, result.stopped) == (1, (), None)
    assert clerk.mailbox.stored() == before, "the mailbox is only looked at"
    with clerk.session() as session:
        ((key, delivery),) = session.ledger.deliveries().items()
    assert key[0] == path
    assert (delivery.sender, delivery.arrived, delivery.subject) == ("kexie@example.com", THEN, "第12周进展")


def test_nothing_is_fetched_twice(clerk: Clerk) -> None:
    arrive(clerk.mailbox, mail(("a.xlsx", XLSX)))
    clerk.fetch()
    taken = clerk.inbox()
    for path in taken:
        (clerk.workspace.inbox / path).unlink()
    result = clerk.fetch()
    assert (result.seen, result.files, clerk.inbox()) == (0, (), {})


def test_two_thousand_messages(clerk: Clerk) -> None:
    forms = {
        number: mail((f"{number}.xlsx", XLSX), subject=f"第{number}封") for number in range(0, 2000, 200)
    }
    arrive(
        clerk.mailbox,
        (forms.get(number) or mail(subject=f"{number}", sender="x@example.com") for number in range(2000)),
    )
    result = clerk.fetch()
    assert result.seen == 2000
    assert sorted(one.path.rpartition("/")[2] for one in result.files) == sorted(f"{n}.xlsx" for n in forms)
    assert clerk.fetch().seen == 0


def test_killed_in_the_middle_the_next_goes_on(clerk: Clerk) -> None:
    """SIGKILL to the real command while the server lets it wait for the third message."""
    configured(clerk)
    arrive(clerk.mailbox, [mail((f"{number}.xlsx", XLSX), subject=f"第{number}封") for number in range(5)])
    with wire(clerk.server.imap) as one:
        configure(clerk.root, "[mail.imap]", f"port = {one.port}")
        one.fault(r"FETCH 3 .*PEEK\[\]", HANG)
        process = subprocess.Popen(
            [sys.executable, "-m", "kepu_xls", "-C", str(clerk.root), "fetch"], cwd=ROOT
        )
        while not any(b"FETCH 3 (BODY.PEEK[])" in line for line in one.heard):
            with pytest.raises(subprocess.TimeoutExpired):  # it is still at it
                process.wait(timeout=0.05)
        process.kill()
        process.wait()
    assert len(clerk.inbox()) == 2
    configure(clerk.root, "[mail.imap]", f"port = {clerk.server.imap}")
    again = kepu("-C", str(clerk.root), "fetch", "--json")
    assert [one["path"].rpartition("/")[2] for one in again.json["files"]] == ["2.xlsx", "3.xlsx", "4.xlsx"]
    assert len(clerk.inbox()) == 5


def configured(clerk: Clerk) -> None:
    """Write the clerk's configuration down for real commands."""
    shutil.copyfile(ROOT / "config.toml", clerk.root / "config.toml")
    configure(clerk.root, "[mail]", f'address = "{clerk.mailbox.address}"')
    configure(clerk.root, "[mail.imap]", f'host = "{clerk.server.host}"', 'security = "none"')
