"""Postfix in a temporary folder: takes mail by SMTP and hands it to a Dovecot's mailboxes."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mail_rig import processes
from mail_rig.certificates import Certificate
from mail_rig.dovecot import PASSWORD, Dovecot
from mail_rig.processes import HOST

UNKNOWN = "unknown@example.com"
"""The address that it refuses with 550 5.1.1; any other of example.com has a mailbox."""

_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
inet_interfaces = {host}
inet_protocols = ipv4
myhostname = localhost
mydestination =
mynetworks =
alias_maps =
alias_database =
local_recipient_maps =
biff = no
virtual_mailbox_domains = example.com
virtual_mailbox_maps = regexp:{folder}/recipients
virtual_transport = lmtp:inet:{host}:{dovecot.lmtp}
lmtp_host_lookup = native
message_size_limit = {largest}
smtpd_tls_chain_files = {certificate.key}, {certificate.file}
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:{host}:{dovecot.sasl}
smtpd_sasl_auth_enable = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_peername_lookup = no
smtpd_error_sleep_time = 0
"""

_MASTER = """\
{host}:{plain} inet n - n - - smtpd -o smtpd_tls_security_level=none -o smtpd_tls_auth_only=no
{host}:{starttls} inet n - n - - smtpd
{host}:{tls} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
"""


_LONGEST = "3600"
"""Seconds after which it ends by itself: it changes its rights, and so outlives tests that are killed."""


@dataclass(frozen=True)
class Postfix:
    """A running server: its ports without TLS, with STARTTLS (needed for logins), and with TLS at once."""

    folder: Path
    plain: int
    starttls: int
    tls: int
    host: str = HOST
    password: str = PASSWORD

    def log(self) -> str:
        """What the server wrote."""
        return (self.folder / "postfix.log").read_text(errors="replace")


def missing() -> str | None:
    """Why Postfix cannot be started here, None if it can."""
    if processes.program("postfix") is None:
        return "Postfix (postfix) is not installed"
    if os.geteuid() != 0:
        return "Postfix starts for root only"
    return None


@contextmanager
def postfix(dovecot: Dovecot, certificate: Certificate, largest: int = 10_000_000) -> Iterator[Postfix]:
    """A Postfix of its own before this Dovecot; logins are Dovecot's, and needed.

    ``largest``: bytes of the largest message that it takes.
    """
    with processes.folder_for_servers() as folder:
        (folder / "recipients").write_text(f"!/^{UNKNOWN}$/ OK\n")
        (folder / "queue").mkdir()
        (folder / "data").mkdir()
        shutil.chown(folder / "data", "postfix")
        names = {"folder": folder, "host": HOST, "largest": largest}

        def prepare(plain: int, starttls: int, tls: int) -> list[str]:
            ports = {"plain": plain, "starttls": starttls, "tls": tls}
            main = _MAIN.format(**names, dovecot=dovecot, certificate=certificate)
            (folder / "main.cf").write_text(main)
            (folder / "master.cf").write_text(_MASTER.format(host=HOST, **ports))
            make_queues = [processes.program("postfix") or "postfix", "-c", str(folder), "check"]
            subprocess.run(make_queues, check=True, capture_output=True)
            return [processes.program("master") or "master", "-c", str(folder), "-d", "-e", _LONGEST]

        with processes.running(3, prepare, folder / "postfix.log") as ports:
            yield Postfix(folder, *ports)
