"""Faults of servers and of the wire really happen: tests of sending and fetching rest on that."""

from __future__ import annotations

import signal
import smtplib
import subprocess
import sys
from collections.abc import Callable
from itertools import product

import pytest
from imapclient import IMAPClient
from mail_rig.certificates import Authority
from mail_rig.dovecot import Dovecot
from mail_rig.letters import CLERK, ONE, OTHER, note
from mail_rig.mailbox import Mailbox
from mail_rig.smtp import SmtpServer, Stage
from mail_rig.troubles import CUT, HALVE_ANSWER, HANG, LOSE_ANSWER
from mail_rig.wire import Wire


def send(
    server: SmtpServer, timeout: float = 30, to: tuple[str, ...] = (ONE, OTHER)
) -> dict[str, tuple[int, bytes]]:
    with smtplib.SMTP(server.host, server.port, timeout=timeout) as connection:
        connection.login(CLERK, server.password)
        refused = connection.sendmail(CLERK, to, note().as_bytes())
        connection.noop()
        return refused


class TestSmtpServer:
    def test_it_remembers_what_it_took(self, smtp: SmtpServer) -> None:
        assert send(smtp) == {}
        (taken,) = smtp.taken
        assert (taken.sender, taken.recipients, taken.connection) == (CLERK, (ONE, OTHER), 1)
        assert taken.message["Subject"] == "第12周"
        assert taken.message.get_content().rstrip() == "请填报。"
        assert not taken.encrypted

    def test_it_wants_a_login_and_encryption(self, serve_smtp: Callable[..., SmtpServer]) -> None:
        with smtplib.SMTP("localhost", serve_smtp().port) as connection:
            with pytest.raises(smtplib.SMTPAuthenticationError):
                connection.login(CLERK, "wrong")
            with pytest.raises(smtplib.SMTPSenderRefused, match="530"):
                connection.sendmail(CLERK, [ONE], b"")
        with (
            smtplib.SMTP("localhost", serve_smtp("starttls").port) as connection,
            pytest.raises(smtplib.SMTPSenderRefused, match="STARTTLS"),
        ):
            connection.sendmail(CLERK, [ONE], b"")
        with smtplib.SMTP("localhost", serve_smtp(login=False).port) as connection:
            assert connection.sendmail(CLERK, [ONE], b"") == {}

    @pytest.mark.parametrize(
        ("at", "taken"),
        [(at, 1 if at in {Stage.TAKEN, Stage.ANSWERED} else 0) for at in Stage if at != Stage.STARTTLS],
    )
    @pytest.mark.parametrize(
        ("happens", "said"), [(CUT, r"unexpectedly closed(?!.*timed out)"), (HANG, "timed out")]
    )
    def test_a_connection_is_lost_at_each_stage(
        self, smtp: SmtpServer, at: Stage, taken: int, happens: str, said: str
    ) -> None:
        smtp.trouble(at, happens)
        patience = 1 if happens == HANG else 30
        with pytest.raises(smtplib.SMTPServerDisconnected, match=said):
            send(smtp, patience)
        assert len(smtp.taken) == taken
        assert smtp.heard[-1] is at
        assert send(smtp) == {}
        assert len(smtp.taken) == taken + 1

    @pytest.mark.parametrize(
        ("at", "error"),
        [
            (Stage.CONNECT, smtplib.SMTPConnectError),
            (Stage.MAIL, smtplib.SMTPSenderRefused),
            (Stage.RCPT, smtplib.SMTPRecipientsRefused),
            (Stage.DATA, smtplib.SMTPDataError),
            (Stage.BODY, smtplib.SMTPDataError),
        ],
    )
    @pytest.mark.parametrize("reply", ["421 HL:IFC", "451 4.7.1 MI:SFQ", "554 DT:SPM"])
    def test_a_refusal_at_each_stage_and_then_success(
        self, smtp: SmtpServer, at: Stage, error: type[Exception], reply: str
    ) -> None:
        smtp.trouble(at, reply)
        with pytest.raises(error, match=reply[-6:]):
            send(smtp, to=(ONE,))
        assert smtp.taken == []
        assert send(smtp, to=(ONE,)) == {}

    def test_one_recipient_of_several_is_refused(self, smtp: SmtpServer) -> None:
        smtp.trouble(Stage.RCPT, "550 5.1.1 no such user", address=OTHER, times=None)
        for _ in range(2):
            assert send(smtp) == {OTHER: (550, b"5.1.1 no such user")}
        assert [one.recipients for one in smtp.taken] == [(ONE,), (ONE,)]

    def test_so_many_messages_pass_before(self, smtp: SmtpServer) -> None:
        smtp.trouble(Stage.MAIL, "450 MI:DMC", after=3)
        with smtplib.SMTP(smtp.host, smtp.port) as connection:
            connection.login(CLERK, smtp.password)
            for _ in range(3):
                connection.sendmail(CLERK, [ONE], b"")
            with pytest.raises(smtplib.SMTPSenderRefused, match="DMC"):
                connection.sendmail(CLERK, [ONE], b"")
            connection.sendmail(CLERK, [ONE], b"")
        assert len(smtp.taken) == 4
        assert smtp.connections == 1

    def test_a_client_can_be_killed_while_it_waits_for_its_answer(self, smtp: SmtpServer) -> None:
        smtp.trouble(Stage.TAKEN, HANG)
        script = (
            "import smtplib, sys\n"
            "with smtplib.SMTP(sys.argv[1], int(sys.argv[2])) as connection:\n"
            "    connection.login('me', sys.argv[3])\n"
            "    connection.sendmail('me@example.com', ['one@example.com'], '')\n"
        )
        command = [sys.executable, "-c", script, smtp.host, str(smtp.port), smtp.password]
        with subprocess.Popen(command) as client:
            smtp.heard.wait_for(lambda at: at is Stage.TAKEN)
            client.kill()
        assert client.returncode == -signal.SIGKILL
        assert len(smtp.taken) == 1
        assert send(smtp) == {}

    def test_a_closed_port_refuses(self, closed_port: int) -> None:
        with pytest.raises(ConnectionRefusedError):
            smtplib.SMTP("localhost", closed_port)

    def test_a_wait_in_vain_says_what_came(self, smtp: SmtpServer) -> None:
        send(smtp)
        with pytest.raises(AssertionError, match=r"only.*Stage\.ANSWERED"):
            smtp.heard.wait_for(lambda at: at is Stage.STARTTLS, patience=0)


class TestWire:
    def fetch(self, wire: Wire, mailbox: Mailbox, timeout: float = 30) -> dict[int, bytes]:
        with IMAPClient(wire.host, wire.port, ssl=False, timeout=timeout) as imap:
            imap.login(mailbox.address, mailbox.password)
            imap.select_folder("INBOX", readonly=True)
            return {uid: items[b"BODY[]"] for uid, items in imap.fetch([1, 2], ["BODY.PEEK[]"]).items()}

    @pytest.fixture
    def wire(self, lay_wire: Callable[..., Wire], imap_server: Dovecot, mailbox: Mailbox) -> Wire:
        mailbox.deliver([note("甲"), note("乙")])
        return lay_wire(imap_server.imap)

    def test_it_changes_nothing_by_itself(self, wire: Wire, mailbox: Mailbox) -> None:
        assert list(self.fetch(wire, mailbox).values()) == mailbox.messages()
        assert any(b"UID FETCH" in line for line in wire.heard)

    @pytest.mark.parametrize(
        ("when", "happens"),
        [
            *product([None], [CUT, HANG]),
            *product(["LOGIN", "EXAMINE", "FETCH"], [CUT, HANG, LOSE_ANSWER, HALVE_ANSWER]),
        ],
    )
    def test_a_connection_is_lost_once(
        self, wire: Wire, mailbox: Mailbox, when: str | None, happens: str
    ) -> None:
        wire.fault(when, happens)
        with pytest.raises((IMAPClient.Error, OSError)):  # IMAPClient calls a loss at LOGIN a LoginError
            self.fetch(wire, mailbox, timeout=1 if happens == HANG else 30)
        assert len(self.fetch(wire, mailbox)) == 2
        assert wire.connections == 2

    def test_it_answers_for_the_server(self, wire: Wire, mailbox: Mailbox) -> None:
        wire.fault("FETCH", "{tag} NO [UNAVAILABLE] try later")
        wire.fault(None, "* BYE too many connections", after=1)
        with pytest.raises(IMAPClient.Error, match="try later"):
            self.fetch(wire, mailbox)
        with pytest.raises(IMAPClient.Error, match="too many"):
            self.fetch(wire, mailbox)
        assert len(self.fetch(wire, mailbox)) == 2

    def test_it_cuts_by_the_byte(self, wire: Wire, mailbox: Mailbox) -> None:
        assert self.fetch(wire, mailbox)
        whole, wire.said = wire.said, 0
        wire.cut_after(whole - 200)
        with pytest.raises((IMAPClient.AbortError, OSError)):
            self.fetch(wire, mailbox)
        assert wire.said == whole - 200

    def test_it_cuts_what_is_encrypted(
        self, lay_wire: Callable[..., Wire], imap_server: Dovecot, authority: Authority
    ) -> None:
        wire = lay_wire(imap_server.imaps, reads_lines=False)
        with IMAPClient("localhost", wire.port, ssl_context=authority.trusted()) as imap:
            imap.login(CLERK, imap_server.password)
        whole = wire.said
        for size in (1, 100, whole // 2):
            wire.cut_after(size)
            with pytest.raises((IMAPClient.AbortError, OSError)):
                IMAPClient("localhost", wire.port, ssl_context=authority.trusted()).login(
                    CLERK, imap_server.password
                )

    @pytest.mark.parametrize("tls", [False, True])
    def test_a_folder_opens_only_after_id_as_at_163(
        self,
        lay_wire: Callable[..., Wire],
        imap_server: Dovecot,
        mailbox: Mailbox,
        authority: Authority,
        *,
        tls: bool,
    ) -> None:
        wire = lay_wire(imap_server.imap, tls=tls, wants_id=True)
        context = authority.trusted() if tls else None
        with IMAPClient("localhost", wire.port, ssl=tls, ssl_context=context) as imap:
            imap.login(mailbox.address, mailbox.password)
            for readonly in (True, False):
                with pytest.raises(IMAPClient.Error, match="Unsafe Login"):
                    imap.select_folder("INBOX", readonly=readonly)
            imap.id_({"name": "kepu", "version": "1"})
            assert imap.select_folder("INBOX")[b"EXISTS"] == 0

    def test_a_message_was_taken_but_its_answer_lost(
        self, lay_wire: Callable[..., Wire], smtp: SmtpServer
    ) -> None:
        wire = lay_wire(smtp.port)
        wire.fault(r"^\.$", LOSE_ANSWER)
        with smtplib.SMTP(wire.host, wire.port) as connection:
            connection.login(CLERK, smtp.password)
            with pytest.raises(smtplib.SMTPServerDisconnected):
                connection.sendmail(CLERK, [ONE], note().as_bytes())
        assert len(smtp.taken) == 1

    def test_starttls_passes(
        self, lay_wire: Callable[..., Wire], serve_smtp: Callable[..., SmtpServer], authority: Authority
    ) -> None:
        server = serve_smtp("starttls")
        with smtplib.SMTP("localhost", lay_wire(server.port).port) as connection:
            connection.starttls(context=authority.trusted())
            connection.login(CLERK, server.password)
            connection.send_message(note())
        assert len(server.taken) == 1
