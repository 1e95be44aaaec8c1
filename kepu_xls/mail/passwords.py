"""The mailbox's password (163, 126: 授权码): from the environment or the keyring, never from a file."""

from __future__ import annotations

import os

from kepu_xls.errors import SurroundingsError

SERVICE = "kepu_xls"
"""The name under which the keyring keeps it; the user there is ``mail.login`` of the configuration."""

VARIABLE = "KEPU_MAIL_PASSWORD"


def known(login: str) -> str | None:
    """Give the password of a login, None where nobody has said it.  The environment goes first.

    A machine without a keyring that works simply knows none.
    """
    said = os.environ.get(VARIABLE)
    if said:
        return said
    import keyring  # noqa: PLC0415 - looks through the system's services when imported
    from keyring.errors import KeyringError  # noqa: PLC0415 - as above

    try:
        return keyring.get_password(SERVICE, login) or None
    except (KeyringError, RuntimeError, OSError):  # RuntimeError and OSError: what broken backends raise
        return None


def keep(login: str, password: str) -> None:
    """Store a password in the keyring.  Raises SurroundingsError where there is none that works."""
    import keyring  # noqa: PLC0415 - as above
    from keyring.errors import KeyringError  # noqa: PLC0415 - as above

    try:
        keyring.set_password(SERVICE, login, password)
    except (KeyringError, RuntimeError, OSError) as error:
        raise SurroundingsError("mail-no-keyring", variable=VARIABLE) from error
