"""``kepu mail …``: the mailbox's password, and whether mail goes out at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from kepu_xls import config
from kepu_xls.commands.mail_results import LoginResult, TestResult
from kepu_xls.errors import InputError, SurroundingsError
from kepu_xls.mail import passwords
from kepu_xls.mail.answers import refusal
from kepu_xls.mail.compose import compose
from kepu_xls.mail.connecting import trusting
from kepu_xls.mail.letter import Letter, LetterKind, Sender
from kepu_xls.mail.smtp import Connection, CutError, LaterError, RefusedError, UnknownError, port
from kepu_xls.mail_settings import MailSettings
from kepu_xls.workspace import Workspace

_SUBJECT = "kepu 测试邮件"
_TEXT = "这是 kepu mail test 发给本单位邮箱的测试邮件。收到它，说明发信设置可以使用。\n"


def login(workspace: Workspace, password: str) -> LoginResult:
    """Store the mailbox's password in the system's keyring.

    Raises InputError where no address is configured or nothing was typed, SurroundingsError without keyring.
    """
    mail = config.load(workspace.config).mail
    if not mail.login:
        raise InputError("mail-no-address")
    if not password:
        raise InputError("mail-no-password")
    passwords.keep(mail.login, password)
    return LoginResult(mail.login)


def test(workspace: Workspace, now: datetime) -> TestResult:
    """Send a letter to oneself.  Raises InputError without settings, SurroundingsError saying what failed."""
    mail = config.load(workspace.config).mail
    if not mail.smtp.host:
        raise InputError("mail-no-server")
    if not mail.address:
        raise InputError("mail-no-address")
    me = Sender(mail.address, mail.name)
    when = f"{now:%Y-%m-%dT%H:%M:%S}"
    letter = Letter("", "test", LetterKind.TEST, (mail.address,), (), _SUBJECT, _TEXT, day=when)
    message = compose(letter, me, sent=now)
    host = mail.smtp.host
    try:
        connection = connector(workspace, mail, passwords.at_hand(mail.login))()
        try:
            accepted = connection.hand_over(letter, mail.address, message, _nothing)
        finally:
            connection.leave()
    except RefusedError as error:
        raise SurroundingsError("mail-test-refused", why=refusal(error.answer).rstrip("。")) from error
    except LaterError as error:
        raise SurroundingsError("mail-server-refused", answer=error.answer) from error
    except (CutError, UnknownError) as error:
        raise SurroundingsError(
            "mail-connection-cut", host=host, port=port(mail.smtp), detail=error
        ) from error
    return TestResult(host, mail.address, str(accepted.answer))


def _nothing() -> None:
    """Note nothing: a test may be sent twice."""


def connector(workspace: Workspace, mail: MailSettings, password: str | None) -> Callable[[], Connection]:
    """Give what opens connections to the server that takes mail, logged in where there is a password.

    Raises InputError for certificates that cannot be read; the connections raise as ``Connection`` does.
    """
    context = trusting(workspace.root, mail.certificates)
    return lambda: Connection(mail, password, context)
