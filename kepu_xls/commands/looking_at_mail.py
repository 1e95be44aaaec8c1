"""What ``kepu doctor`` says of mail: the letters' templates, and whether the servers can be reached."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from kepu_xls.commands.mail import connector
from kepu_xls.config import Config
from kepu_xls.errors import SurroundingsError
from kepu_xls.mail import connecting, imap, passwords
from kepu_xls.mail.smtp import LaterError
from kepu_xls.mail.wording import Wording, load
from kepu_xls.workspace import Workspace

Look = tuple[bool, str]
"""Whether it is well, and what to know."""

Asked = Callable[[], str | SurroundingsError | None]
"""Gives the mailbox's password, None where nobody has said it, or why the keyring does not tell."""

_UNKNOWN = "还没有存密码（kepu mail login）"


def asked_once(login: str) -> Asked:
    """Ask for the password where it is first needed, and only once: the keyring may keep us waiting.

    What is given back raises InputError for what no server can be told.
    """

    @cache
    def asked() -> str | SurroundingsError | None:
        try:
            return passwords.known(login)
        except SurroundingsError as silent:
            return silent

    return asked


def _not_tried(password: SurroundingsError | None) -> str:
    """Say why no login was tried."""
    why = _UNKNOWN if password is None else f"{password.finding.message}。{password.finding.remedy}"
    return f"，没有试登录：{why}"


def templates(workspace: Workspace) -> Look:
    """Check every template.  Raises InputError for one with a fault."""
    for wording in Wording:
        load(workspace.mail_templates, wording)
    return True, "可以使用"


def sending(workspace: Workspace, settings: Config, asked: Asked) -> Look:
    """Reach the server that takes mail, and log in where a password is known; nothing is sent.

    Raises InputError and SurroundingsError saying what is wrong.
    """
    mail = settings.mail
    if not mail.smtp.host:
        return True, "没有配置；kepu send 把邮件写成草稿"
    if not mail.address:
        return False, "config.toml 的 [mail] 没有写本单位的邮箱（address）"
    password = asked()
    known = password if isinstance(password, str) else None
    try:
        connector(workspace, mail, known)().leave()
    except LaterError as later:
        raise SurroundingsError("mail-server-refused", answer=later.answer) from later
    told = "，可以登录" if isinstance(password, str) else _not_tried(password)
    return known is not None, f"{mail.smtp.host} 可以连接{told}"


def receiving(workspace: Workspace, settings: Config, asked: Asked) -> Look:
    """Open the folder that replies come to, and leave it as it is.

    Raises InputError and SurroundingsError saying what is wrong.
    """
    mail = settings.mail
    if not mail.imap.host:
        return True, "没有配置；请把收到的表放进 inbox 文件夹"
    password = asked()
    if not isinstance(password, str):
        return False, f"{mail.imap.host}{_not_tried(password)}"
    trusted = connecting.trusting(workspace.root, mail.certificates)
    with imap.opened(mail.imap, mail.login, password, trusted):
        return True, f"{mail.imap.host} 可以连接，可以登录，能打开“{mail.imap.folder}”"
