"""Dovecot in a temporary folder: real IMAP over Maildir, and LMTP and SASL for Postfix."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mail_rig import processes
from mail_rig.certificates import Certificate
from mail_rig.mailbox import Mailbox
from mail_rig.processes import HOST

PASSWORD = "authorisation-code"  # noqa: S105 - opens nothing but these servers

_ACCOUNT = "dovecot"
"""Made by Debian's package. Dovecot gives root no mailbox: root's tests too run it as this user."""

_CONFIGURATION = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
instance_name = {folder}
protocols = imap lmtp
listen = {host}
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_location = maildir:~/Maildir
mail_max_userip_connections = 100
ssl = yes
ssl_cert = <{certificate.file}
ssl_key = <{certificate.key}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
service auth {{
  inet_listener {{
    port = {sasl}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """A running server: host and ports, and the mailbox of any address."""

    folder: Path
    imap: int
    imaps: int
    lmtp: int
    sasl: int
    host: str = HOST
    password: str = PASSWORD

    def mailbox(self, address: str) -> Mailbox:
        """The mailbox of this address, empty when asked for first."""
        return Mailbox(address, self.folder / "mail" / address, self.host, self.imap, self.password)

    def log(self) -> str:
        """What the server wrote."""
        return (self.folder / "dovecot.log").read_text(errors="replace")


def missing() -> str | None:
    """Why Dovecot cannot be started here, None if it can."""
    return None if processes.program("dovecot") else "Dovecot (dovecot-imapd, dovecot-lmtpd) is not installed"


@contextmanager
def dovecot(certificate: Certificate) -> Iterator[Dovecot]:
    """A Dovecot of its own that shows this certificate; any address opens with PASSWORD."""
    with processes.folder_for_servers() as folder:
        own = Certificate(folder / "server.pem", folder / "server.key")
        shutil.copy(certificate.file, own.file)
        shutil.copy(certificate.key, own.key)
        (folder / "mail").mkdir()
        log = folder / "dovecot.log"
        log.touch()
        user = _ACCOUNT if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        _hand_over(folder, user)

        def prepare(imap: int, imaps: int, lmtp: int, sasl: int) -> list[str]:
            ports = {"imap": imap, "imaps": imaps, "lmtp": lmtp, "sasl": sasl}
            names = {
                "folder": folder,
                "host": HOST,
                "password": PASSWORD,
                "user": user,
                "group": _group_of(user),
            }
            configuration = folder / "dovecot.conf"
            configuration.write_text(_CONFIGURATION.format(**ports, **names, certificate=own))
            return [processes.program("dovecot") or "dovecot", "-F", "-c", str(configuration)]

        with processes.running(4, prepare, log, _ACCOUNT) as ports:
            yield Dovecot(folder, *ports)


def _group_of(user: str) -> str:
    return grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name


def _hand_over(folder: Path, user: str) -> None:
    """Everything in the folder belongs to the account that the server runs under."""
    if os.geteuid() == 0:
        for each in (folder, *folder.iterdir()):
            shutil.chown(each, user, _group_of(user))
