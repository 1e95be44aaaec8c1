"""The mailbox's password (163, 126: 授权码): from the environment or the keyring, never from a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from types import ModuleType

from kepu_xls.errors import InputError, SurroundingsError

SERVICE = "kepu_xls"
"""The name under which the keyring keeps it; the user there is ``mail.login`` of the configuration."""

VARIABLE = "KEPU_MAIL_PASSWORD"

_PATIENCE = 10.0
"""Seconds to wait for the keyring's answer: without a desktop some never give one."""
_PATIENCE_TO_KEEP = 60.0
"""Seconds to wait until it has stored something: somebody sits there, and may have to unlock it."""


def known(login: str) -> str | None:
    """Give the password of a login, None where nobody has said it.  The environment goes first.

    A machine without a keyring that works simply knows none.  Raises InputError for what no server can be
    told, SurroundingsError where the keyring does not answer.
    """
    try:
        said = os.environ.get(VARIABLE, "").strip() or _asked(lambda: _in_keyring(login), _PATIENCE)
    except TimeoutError:
        seconds = f"{_PATIENCE:g}"
        raise SurroundingsError("mail-keyring-silent", seconds=seconds, variable=VARIABLE) from None
    if not said:
        return None
    _check(login, said)
    return said


def at_hand(login: str) -> str | None:
    """Give the password of a login, None where none can be had now: not every server wants one.

    Raises InputError for what no server can be told.
    """
    try:
        return known(login)
    except SurroundingsError:
        return None


def keep(login: str, password: str) -> None:
    """Store a password in the keyring.

    Raises InputError for what no server can be told, SurroundingsError where there is no keyring that works.
    """
    _check(login, password)

    def stored() -> str | None:
        _keyring().set_password(SERVICE, login, password)
        return _in_keyring(login)  # the backend that stands for none says nothing, and keeps nothing

    try:
        told = _asked(stored, _PATIENCE_TO_KEEP)
    except TimeoutError:
        told = None
    if told != password:
        raise SurroundingsError("mail-no-keyring", variable=VARIABLE)


def _check(login: str, password: str) -> None:
    """Refuse what SMTP and IMAP cannot say: they take ASCII, and a Chinese keyboard types other letters."""
    if not all(one.isascii() and one.isprintable() for one in (login, password)):
        raise InputError("mail-login-characters", login=login)


def _keyring() -> ModuleType:
    import keyring  # noqa: PLC0415 - looks through the system's services when imported

    return keyring


def _in_keyring(login: str) -> str | None:
    answer: str | None = _keyring().get_password(SERVICE, login)
    return answer


def _asked(question: Callable[[], str | None], patience: float) -> str | None:
    """Ask the keyring something; None where it fails.  Raises TimeoutError where it does not answer."""
    answers: SimpleQueue[str | None] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(question())
        except Exception:  # noqa: BLE001 - backends raise whatever their system does; no keyring is no failure
            answers.put(None)

    Thread(target=ask, daemon=True).start()  # one that never answers does not keep the process alive
    try:
        return answers.get(timeout=patience)
    except Empty:
        raise TimeoutError from None
