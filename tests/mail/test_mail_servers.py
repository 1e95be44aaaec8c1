"""The mail rig works: what later tests rest on."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from imapclient import IMAPClient
from mail_rig.certificates import Authority, Certificate
from mail_rig.dovecot import Dovecot, dovecot
from mail_rig.letters import CLERK, ONE, note
from mail_rig.mailbox import Mailbox
from mail_rig.postfix import UNKNOWN, Postfix
from mail_rig.smtp import SmtpServer
from mail_rig.troubles import LOSE_ANSWER
from mail_rig.wire import Wire


class TestDovecot:
    def test_a_mailbox_of_a_test_is_empty(self, mailbox: Mailbox) -> None:
        assert mailbox.stored() == []

    def test_two_thousand_messages_come_in_their_order(self, mailbox: Mailbox) -> None:
        mailbox.deliver(note(f"第{number}封") for number in range(2000))
        assert [one.uid for one in mailbox.stored()] == list(range(1, 2001))
        assert note("第1999封").as_bytes().splitlines() == mailbox.messages()[-1].splitlines()

    def test_what_was_touched_shows(self, mailbox: Mailbox) -> None:
        mailbox.deliver([note("甲"), note("乙")])
        before = mailbox.stored()
        with mailbox.imap() as imap:
            imap.select_folder("INBOX")
            imap.fetch([1], ["BODY[]"])  # without PEEK: marks as read
        marked = mailbox.stored()
        assert [one.flags for one in before] == [frozenset(), frozenset()]
        assert [one.flags for one in marked] == [frozenset({"\\Seen"}), frozenset()]
        with mailbox.imap() as imap:
            imap.create_folder("已收")
            imap.select_folder("INBOX")
            imap.move([2], "已收")
        assert [(one.folder, one.uid, one.digest) for one in mailbox.stored()] == [
            ("INBOX", 1, before[0].digest),
            ("已收", 1, before[1].digest),
        ]

    def test_a_message_can_have_come_earlier(self, mailbox: Mailbox) -> None:
        mailbox.deliver(note("旧"), received=datetime(2019, 3, 1, 9, 30, tzinfo=UTC))
        mailbox.deliver(note("新"), received=datetime(2019, 3, 20, 9, 30, tzinfo=UTC))
        with mailbox.imap() as imap:
            imap.select_folder("INBOX", readonly=True)
            assert imap.search(["SINCE", date(2019, 3, 18)]) == [2]

    def test_looking_leaves_no_trace(self, mailbox: Mailbox) -> None:
        mailbox.deliver([note("甲"), note("乙")])
        assert mailbox.stored() == mailbox.stored()
        assert not mailbox.stored()[0].flags

    def test_folders_have_chinese_names(self, mailbox: Mailbox) -> None:
        mailbox.deliver(note(), "科普/回收")
        assert [(one.folder, one.uid) for one in mailbox.stored()] == [("科普/回收", 1)]
        assert len(mailbox.messages("科普/回收")) == 1

    def test_uidvalidity_changes_and_uids_with_it(self, mailbox: Mailbox) -> None:
        mailbox.deliver(note(f"第{number}封") for number in range(3))
        before, contents = mailbox.uidvalidity(), mailbox.messages()
        changed = mailbox.change_uidvalidity(first_uid=100)
        assert mailbox.uidvalidity() == changed != before
        assert [one.uid for one in mailbox.stored()] == [100, 101, 102]
        assert mailbox.messages() == contents
        mailbox.deliver(note("又一封"))
        assert mailbox.stored()[-1].uid == 103

    def test_only_the_password_opens(self, imap_server: Dovecot) -> None:
        with (
            IMAPClient(imap_server.host, imap_server.imap, ssl=False) as imap,
            pytest.raises(IMAPClient.Error, match="Authentication failed"),
        ):
            imap.login(CLERK, "wrong")

    def test_lmtp_delivers(self, imap_server: Dovecot, mailbox: Mailbox) -> None:
        with smtplib.LMTP(imap_server.host, imap_server.lmtp) as connection:
            connection.sendmail(CLERK, [mailbox.address], note().as_bytes())
        assert b"Subject: =?utf-8?b?56ysMTLlkag=?=" in mailbox.messages()[0]


class TestTls:
    @pytest.fixture(params=["wrong", "expired"])
    def bad(self, request: pytest.FixtureRequest, authority: Authority) -> Certificate:
        return getattr(authority, request.param)

    def test_dovecot_is_trusted_by_our_authority(self, imap_server: Dovecot, authority: Authority) -> None:
        with IMAPClient("localhost", imap_server.imaps, ssl_context=authority.trusted()) as imap:
            imap.login(CLERK, imap_server.password)
        with IMAPClient("localhost", imap_server.imap, ssl=False) as imap:
            imap.starttls(authority.trusted())
            imap.login(CLERK, imap_server.password)

    def test_dovecot_is_not_trusted_by_others(self, imap_server: Dovecot) -> None:
        with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer certificate"):
            IMAPClient("localhost", imap_server.imaps, ssl_context=ssl.create_default_context())

    def test_dovecot_with_a_bad_certificate_is_refused(
        self, imap_server: Dovecot, bad: Certificate, authority: Authority
    ) -> None:
        del imap_server  # its fixture skips where Dovecot is missing
        with (
            dovecot(bad) as server,
            pytest.raises(ssl.SSLCertVerificationError, match=r"Hostname mismatch|certificate has expired"),
        ):
            IMAPClient("localhost", server.imaps, ssl_context=authority.trusted())

    def test_smtp_is_trusted_by_our_authority(
        self, serve_smtp: Callable[..., SmtpServer], authority: Authority
    ) -> None:
        server = serve_smtp("tls")
        with smtplib.SMTP_SSL("localhost", server.port, context=authority.trusted()) as connection:
            connection.login(CLERK, server.password)
            connection.send_message(note())
        server = serve_smtp("starttls")
        with smtplib.SMTP("localhost", server.port) as connection:
            connection.starttls(context=authority.trusted())
            connection.login(CLERK, server.password)
            connection.send_message(note())
        assert server.taken[0].encrypted
        assert server.taken[0].login == CLERK

    def test_smtp_with_a_bad_certificate_is_refused(
        self, serve_smtp: Callable[..., SmtpServer], bad: Certificate, authority: Authority
    ) -> None:
        refused = r"Hostname mismatch|certificate has expired"
        with pytest.raises(ssl.SSLCertVerificationError, match=refused):
            smtplib.SMTP_SSL("localhost", serve_smtp("tls", bad).port, context=authority.trusted())
        with (
            smtplib.SMTP("localhost", serve_smtp("starttls", bad).port) as connection,
            pytest.raises(ssl.SSLCertVerificationError, match=refused),
        ):
            connection.starttls(context=authority.trusted())


class TestPostfix:
    """What is sent by real SMTP arrives in a real mailbox."""

    @pytest.fixture(params=["plain", "starttls", "tls"])
    def connection(
        self, request: pytest.FixtureRequest, mail_server: Postfix, authority: Authority
    ) -> Iterator[smtplib.SMTP]:
        context = authority.trusted()
        if request.param == "tls":
            made: smtplib.SMTP = smtplib.SMTP_SSL("localhost", mail_server.tls, context=context)
        else:
            made = smtplib.SMTP("localhost", getattr(mail_server, request.param))
        with made:
            if request.param == "starttls":
                made.starttls(context=context)
            yield made

    def test_what_it_takes_arrives(
        self, connection: smtplib.SMTP, mail_server: Postfix, mailbox: Mailbox
    ) -> None:
        connection.login(CLERK, mail_server.password)
        connection.sendmail(CLERK, [mailbox.address], note().as_bytes())
        (arrived,) = mailbox.wait_for(1)
        assert message_from_bytes(arrived, policy=default)["Subject"] == "第12周"

    def test_nothing_is_taken_without_login(self, connection: smtplib.SMTP, mailbox: Mailbox) -> None:
        with pytest.raises(smtplib.SMTPRecipientsRefused, match="Access denied"):
            connection.sendmail(CLERK, [mailbox.address], note().as_bytes())

    def test_a_wrong_password_is_refused(self, connection: smtplib.SMTP) -> None:
        with pytest.raises(smtplib.SMTPAuthenticationError, match="535"):
            connection.login(CLERK, "wrong")

    def test_an_unknown_address_is_refused_and_the_others_get_theirs(
        self, connection: smtplib.SMTP, mail_server: Postfix, mailbox: Mailbox
    ) -> None:
        connection.login(CLERK, mail_server.password)
        refused = connection.sendmail(CLERK, [UNKNOWN, mailbox.address], note().as_bytes())
        assert {address: code for address, (code, _) in refused.items()} == {UNKNOWN: 550}
        assert len(mailbox.wait_for(1)) == 1

    def test_what_is_too_large_is_refused(self, connection: smtplib.SMTP, mail_server: Postfix) -> None:
        connection.login(CLERK, mail_server.password)
        with pytest.raises(smtplib.SMTPSenderRefused, match="552"):
            connection.sendmail(CLERK, [ONE], b"x" * 10_000_001)

    def test_a_login_is_not_asked_for_in_plain(self, mail_server: Postfix) -> None:
        with smtplib.SMTP("localhost", mail_server.starttls) as connection:
            connection.ehlo()
            assert not connection.has_extn("auth")

    def test_a_message_whose_answer_was_lost_arrives_once(
        self, mail_server: Postfix, mailbox: Mailbox, lay_wire: Callable[..., Wire]
    ) -> None:
        wire = lay_wire(mail_server.plain)
        wire.fault(r"^\.$", LOSE_ANSWER)
        with smtplib.SMTP(wire.host, wire.port) as connection:
            connection.login(CLERK, mail_server.password)
            with pytest.raises(smtplib.SMTPServerDisconnected):
                connection.sendmail(CLERK, [mailbox.address], note().as_bytes())
        assert len(mailbox.wait_for(1)) == 1
