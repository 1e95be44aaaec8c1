"""One connection to a mail server: opened, logged in, and one letter after another handed over."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterable
from contextlib import suppress

from kepu_xls.errors import SurroundingsError
from kepu_xls.mail.answers import Answer, Wait, daily_limit, wait
from kepu_xls.mail.connecting import unreached
from kepu_xls.mail.letter import Letter
from kepu_xls.mail_settings import MailSettings, Security, SmtpSettings
from kepu_xls.model import Record

_PORTS = {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 25}
_MYSELF = "[127.0.0.1]"
"""What this machine calls itself: names of Windows machines may be Chinese, which smtplib cannot send."""

_OK, _GO_ON, _CLOSING, _TOO_LARGE, _FAILED = 250, 354, 421, 552, 500
_TAKEN = range(250, 260)
"""Answers to a whole letter that accept it; 221, too, begins with 2."""
_NO = range(500, 600)
_NO_LOGIN = (503, 530, 535, 538)


def port(settings: SmtpSettings) -> int:
    """Give the port to connect to: the one configured, else the usual one for the security."""
    return settings.port or _PORTS[settings.security]


class Accepted(Record, frozen=True):
    """The server took a letter; ``refused``: addresses that it will not deliver to, and its words."""

    answer: Answer
    refused: tuple[tuple[str, Answer], ...] = ()


class RefusedError(Exception):
    """The server will never take this letter."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(str(answer))
        self.answer = answer


class LaterError(Exception):
    """The server did not take the letter and asks to come back; ``whole``: it would take no other either."""

    def __init__(self, answer: Answer, *, whole: bool = False) -> None:
        super().__init__(str(answer))
        self.answer = answer
        asked = wait(answer)
        whole = whole or asked.whole or answer.code == _CLOSING
        self.wait = Wait(asked.seconds, asked.code, whole)


class CutError(Exception):
    """The connection broke before the letter was whole at the server: it was not taken."""


class UnknownError(Exception):
    """The letter was handed over whole and no answer came: whether it was taken, nobody knows."""


class Connection:
    """An open connection.  Raises SurroundingsError where it cannot be had, LaterError where not now."""

    def __init__(self, mail: MailSettings, password: str | None, context: ssl.SSLContext) -> None:
        self._password = password
        self._server = _opened(mail, context)
        try:
            _log_in(self._server, mail, password)
        except BaseException:
            self._server.close()
            raise

    def hand_over(
        self, letter: Letter, sender: str, content: bytes, handing_over: Callable[[], None]
    ) -> Accepted:
        """Give one letter to the server; ``handing_over`` is called just before its first byte goes.

        Raises RefusedError, LaterError or CutError where it was not taken, UnknownError where nobody knows,
        and SurroundingsError where the server takes nothing from this sender.
        """
        try:
            self._begin(sender, len(content))
            refused = self._name_recipients(letter)
            self._expect(_GO_ON, *self._server.docmd("DATA"))
            handing_over()
            self._server.send(_dotted(content))
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            raise CutError(str(error)) from error
        try:
            answer = _answer(self._server.getreply())
        except (smtplib.SMTPException, OSError) as error:
            raise UnknownError(str(error)) from error
        if answer.code in _TAKEN:
            return Accepted(answer, refused)
        raise self._not_taken(answer)

    def _not_taken(self, answer: Answer) -> Exception:
        """Say what an answer to the whole letter means that is no acceptance."""
        if answer.temporary:
            return LaterError(answer)
        if daily_limit(answer):
            return SurroundingsError("mail-daily-limit", answer=answer)
        return RefusedError(answer) if answer.code in _NO else UnknownError(str(answer))

    def _begin(self, sender: str, size: int) -> None:
        options = [f"size={size}"] if self._server.has_extn("size") else []
        answer = _answer(self._server.mail(sender, options))
        if answer.temporary:
            raise LaterError(answer, whole=True)
        if answer.code < _FAILED or answer.code == _TOO_LARGE:
            self._expect(_OK, answer.code, answer.text.encode())
        elif daily_limit(answer):
            raise SurroundingsError("mail-daily-limit", answer=answer)
        elif self._password is None and answer.code in _NO_LOGIN:
            raise SurroundingsError("mail-login-missing", answer=answer)
        else:
            raise SurroundingsError("mail-sender-refused", address=sender, answer=answer)

    def _name_recipients(self, letter: Letter) -> tuple[tuple[str, Answer], ...]:
        """Name everybody; some may be refused as long as one of those whom it is written to is not."""
        refused: dict[str, Answer] = {}
        for one in (*letter.to, *letter.cc):
            answer = _answer(self._server.rcpt(one))
            if answer.code == _CLOSING or (answer.temporary and wait(answer).whole):
                raise LaterError(answer)
            if answer.code < 0:
                raise CutError(str(answer))
            if answer.code // 100 != _OK // 100:
                refused[one] = answer
        if all(one in refused for one in letter.to):
            first = next((refused[one] for one in letter.to if refused[one].temporary), refused[letter.to[0]])
            raise LaterError(first) if first.temporary else RefusedError(first)
        return tuple(refused.items())

    @staticmethod
    def _expect(wanted: int, code: int, text: bytes) -> None:
        answer = _answer((code, text))
        if answer.code // 100 == wanted // 100:
            return
        if answer.temporary:
            raise LaterError(answer)
        raise RefusedError(answer) if answer.code >= _FAILED else CutError(str(answer))

    def clear(self) -> bool:
        """Forget a letter that was refused half way; False where the connection is of no more use."""
        try:
            return self._server.rset()[0] == _OK
        except (smtplib.SMTPException, OSError):
            return False

    def leave(self) -> None:
        """End politely; what was taken stays taken, whatever the server says to that."""
        with suppress(smtplib.SMTPException, OSError):
            self._server.quit()
        self._server.close()

    def drop(self) -> None:
        """End at once, without a word."""
        self._server.close()


def _opened(mail: MailSettings, context: ssl.SSLContext) -> smtplib.SMTP:
    """Connect, encrypted as configured."""
    smtp, at = mail.smtp, port(mail.smtp)
    server: smtplib.SMTP | None = None
    try:
        if smtp.security is Security.TLS:
            server = smtplib.SMTP_SSL(smtp.host, at, _MYSELF, timeout=smtp.timeout, context=context)
        else:
            server = smtplib.SMTP(smtp.host, at, _MYSELF, timeout=smtp.timeout)
        server.ehlo_or_helo_if_needed()
        if smtp.security is Security.STARTTLS:
            _encrypt(server, context, smtp.host, at)
    except BaseException as error:
        if server is not None:
            server.close()
        if isinstance(error, smtplib.SMTPResponseException):
            raise _unwelcome(error) from error
        if isinstance(error, OSError | UnicodeError):  # smtplib's own failures are OSErrors
            raise unreached(error, smtp.host, at) from error
        raise
    return server


def _encrypt(server: smtplib.SMTP, context: ssl.SSLContext, host: str, at: int) -> None:
    """Encrypt a connection that began in the clear; nothing else is ever said on one that cannot be."""
    if not server.has_extn("starttls"):
        raise SurroundingsError("mail-no-starttls", host=host, port=at)
    server.starttls(context=context)
    server.ehlo_or_helo_if_needed()


def _log_in(server: smtplib.SMTP, mail: MailSettings, password: str | None) -> None:
    """Log in where a password is known and the server offers it."""
    if password is None or not server.has_extn("auth"):
        return
    try:
        server.login(mail.login, password)
    except smtplib.SMTPResponseException as error:
        answer = _answer((error.smtp_code, error.smtp_error))
        if answer.temporary:
            raise LaterError(answer, whole=True) from None  # smtplib's chain may hold what was sent
        raise SurroundingsError("mail-login-refused", login=mail.login, answer=answer) from None
    except (smtplib.SMTPServerDisconnected, TimeoutError) as error:
        raise unreached(error, mail.smtp.host, port(mail.smtp)) from None
    except (smtplib.SMTPException, OSError, ValueError) as error:  # of a challenge that is no base64, too
        raise SurroundingsError("mail-login-refused", login=mail.login, answer=type(error).__name__) from None


def _unwelcome(error: smtplib.SMTPResponseException) -> Exception:
    """Say what a refusal before the login means."""
    answer = _answer((error.smtp_code, error.smtp_error))
    if answer.temporary:
        return LaterError(answer, whole=True)
    return SurroundingsError("mail-server-refused", answer=answer)


def _answer(reply: tuple[int, bytes | str]) -> Answer:
    """Read a reply; NetEase's are GBK now and then."""
    code, text = reply
    if isinstance(text, str):
        return Answer(code, text)
    for encoding in ("utf-8", "gb18030"):
        with suppress(UnicodeDecodeError):
            return Answer(code, text.decode(encoding))
    return Answer(code, text.decode("latin-1"))


def _dotted(content: bytes) -> bytes:
    """Give what goes over the wire: lines that begin with a dot get another, and a lone dot ends it."""
    lines: Iterable[bytes] = content.removesuffix(b"\r\n").split(b"\r\n")
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines) + b"\r\n.\r\n"
